//! The Markdown of a hover: the findings at an offset, each with its control, and the field there with
//! its kind, default, first API version, and the rules that read it.
//!
//! It quotes no value of the file except in the message of a finding, where secrets are masked.

use std::fmt::Write as _;
use std::ops::Range;

use super::completion::{Inside, XmlCursor, xml_cursor};
use super::document::Document;
use super::open_project::OpenProject;
use super::schema_lookup::{element_of_piece, field_summary, structure_at};
use crate::finding::Finding;
use crate::output::{code, prose, rule_prose};
use crate::project::{MetadataType, SourceFile};
use crate::rule::{Mention, Rule};
use crate::rule_docs::control_heading;
use crate::schema::{Field, Kind, Structure};

/// The most enumeration values that are listed.
const MAX_VALUES: usize = 60;

/// The Markdown for an offset, and the bytes that it is about.
pub(super) fn hover_text(
    document: &Document,
    file: &SourceFile,
    project: &OpenProject,
    at: usize,
) -> Option<(String, Range<usize>)> {
    let text = document.text.as_str();
    let cursor = xml_cursor(text, at);
    let field = field_at(&cursor, text, file.component.metadata_type);
    let mut parts: Vec<String> = Vec::new();
    let mut range = None;
    let findings = document.results.findings.iter();
    for finding in findings.filter(|it| covers(it, at)) {
        if let Some(rule) = project.loaded.rules.find(&finding.rule) {
            parts.push(about_finding(finding, rule));
            let location = &finding.location;
            range.get_or_insert(location.start.offset..location.end.offset);
        }
    }
    if let Some((structure, field, path)) = field {
        parts.push(about_field(structure, field, &path, file, project));
        if let Inside::Name(name) | Inside::EndName(name) = &cursor.inside {
            range = Some(name.clone());
        }
    }
    let range = range.unwrap_or(at..at);
    (!parts.is_empty()).then(|| (parts.join("\n\n---\n\n"), range))
}

fn covers(finding: &Finding, at: usize) -> bool {
    let location = &finding.location;
    (location.start.offset..=location.end.offset).contains(&at)
}

/// The field at a cursor: that of the start tag there, else that of the innermost open element. With it
/// the structure that has it, and its path below the root.
fn field_at<'t>(
    cursor: &XmlCursor<'t>,
    text: &'t str,
    metadata_type: MetadataType,
) -> Option<(Structure, Field, Vec<&'t str>)> {
    let mut path = cursor.path.clone();
    match &cursor.inside {
        Inside::Name(name) => path.push(text[name.clone()].rsplit(':').next()?),
        Inside::EndName(_) => {}
        // Between elements there is no field.
        Inside::Content(content) => {
            if text[content.clone()].trim().is_empty() {
                return None;
            }
        }
        Inside::Elsewhere => return None,
    }
    let (name, above) = path.split_last()?;
    let structure = structure_at(above, metadata_type)?;
    let field = structure.field(name)?;
    // In a component, the root of a piece is an element below that of the whole.
    path[0] = element_of_piece(path[0], metadata_type).unwrap_or_default();
    path.retain(|name| !name.is_empty());
    Some((structure, field, path))
}

fn about_field(
    structure: Structure,
    field: Field,
    path: &[&str],
    file: &SourceFile,
    project: &OpenProject,
) -> String {
    let mut text = format!("**`{}`** in `{}`\n\n", field.name, structure.name());
    let _ = writeln!(text, "{}", field_summary(field).join(" · "));
    if let Kind::Enumeration(values) = field.kind {
        let all = values.values();
        let more = all.len().saturating_sub(MAX_VALUES);
        let listed: Vec<String> = all.take(MAX_VALUES).map(|it| format!("`{it}`")).collect();
        let _ = write!(text, "\n{}", listed.join(", "));
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        text.push('\n');
    }
    let rules = project.loaded.rules.rules();
    let mentioned = rules.filter_map(|rule| {
        let mention = rule.mention(file.component.metadata_type, path)?;
        Some((mention, rule))
    });
    let mut mentioned: Vec<(Mention, &Rule)> = mentioned.collect();
    mentioned.sort_by_key(|(mention, _)| std::cmp::Reverse(*mention));
    for (mention, rule) in mentioned {
        let how = match mention {
            Mention::Requires => "checked by",
            Mention::Asks => "evidence for",
        };
        let _ = write!(
            text,
            "\n- {how} {}: {}",
            link(rule),
            rule_prose(&rule.title)
        );
    }
    text
}

fn link(rule: &Rule) -> String {
    match rule.url.as_str() {
        "" => code(&rule.id),
        url => format!("[{}]({url})", code(&rule.id)),
    }
}

fn about_finding(finding: &Finding, rule: &Rule) -> String {
    let mut text = format!(
        "**{}** · {} · {}\n\n{}\n",
        rule_prose(&rule.title),
        finding.severity,
        link(rule),
        prose(&finding.message)
    );
    let control = &rule.control;
    if !control.is_empty() {
        let name = match control.url.as_str() {
            "" => rule_prose(&control.name),
            url => format!("[{}]({url})", rule_prose(&control.name)),
        };
        let _ = writeln!(text, "\n{}: {name}", control_heading(rule));
        for (heading, part) in control.parts() {
            let _ = writeln!(text, "\n**{heading}.** {}", rule_prose(part));
        }
    }
    let _ = writeln!(text, "\n{}", rule_prose(&finding.help));
    if let Some(rollout) = finding
        .fix
        .as_ref()
        .and_then(|fix| fix.applicability.rollout())
    {
        let _ = writeln!(
            text,
            "\n**Before you apply the fix.** {}",
            rule_prose(rollout)
        );
    }
    text
}
