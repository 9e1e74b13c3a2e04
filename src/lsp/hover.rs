//! What is told about a place.
//!
//! In: a document and an offset. Out: Markdown about the findings there, with the control behind
//! them, and about the field: what it holds, since when, what its absence means, which rules look
//! at it. No value out of the file is repeated but in what a finding says, where secrets are masked.

use std::fmt::Write as _;
use std::ops::Range;

use super::documents::Document;
use super::open_project::OpenProject;
use super::xml_place::{Inside, XmlPlace, xml_place};
use crate::finding::Finding;
use crate::output::{code, prose};
use crate::project::{MetadataType, SourceFile};
use crate::rule::{Mention, Rule};
use crate::schema::{Field, Kind, Structure};

/// More values than anybody reads.
const MAX_VALUES: usize = 60;

/// Markdown about a place, and the bytes that it is about.
pub(super) fn hover(
    document: &Document,
    file: &SourceFile,
    project: &OpenProject,
    at: usize,
) -> Option<(String, Range<usize>)> {
    let text = document.text.as_str();
    let place = xml_place(text, at);
    let field = field_at(&place, text, file.component.metadata_type);
    let mut parts: Vec<String> = Vec::new();
    let mut range = None;
    let findings = document.judged.findings.iter();
    for finding in findings.filter(|it| covers(it, at)) {
        if let Some(rule) = project.usable.rules.find(&finding.rule) {
            parts.push(about_finding(finding, rule));
            let place = &finding.location;
            range.get_or_insert(place.start.offset..place.end.offset);
        }
    }
    if let Some((structure, field, path)) = field {
        parts.push(about_field(structure, field, &path, file, project));
        if let Inside::Name(name) | Inside::EndName(name) = &place.inside {
            range = Some(name.clone());
        }
    }
    let range = range.unwrap_or(at..at);
    (!parts.is_empty()).then(|| (parts.join("\n\n---\n\n"), range))
}

fn covers(finding: &Finding, at: usize) -> bool {
    let place = &finding.location;
    (place.start.offset..=place.end.offset).contains(&at)
}

/// The field at a place: of a start tag its own, else that of the innermost open element. With it
/// the structure that has it, and its path from below the root.
fn field_at<'t>(
    place: &XmlPlace<'t>,
    text: &'t str,
    metadata_type: MetadataType,
) -> Option<(Structure, Field, Vec<&'t str>)> {
    let mut path = place.path.clone();
    match &place.inside {
        Inside::Name(name) => path.push(text[name.clone()].rsplit(':').next()?),
        Inside::EndName(_) => {}
        // Between elements there is nothing to tell.
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
    Some((structure, field, path[1..].to_vec()))
}

/// The structure of the innermost of some open elements, from the root.
pub(super) fn structure_at(path: &[&str], metadata_type: MetadataType) -> Option<Structure> {
    let (root, below) = path.split_first()?;
    if !metadata_type.accepts_root(root) {
        return None;
    }
    let top = metadata_type.structure(root)?;
    below
        .iter()
        .try_fold(top, |structure, name| match structure.field(name)?.kind {
            Kind::Structure(inner) => Some(inner),
            _ => None,
        })
}

/// What a field holds, in words.
pub(super) fn kind_in_words(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Date => "a date".to_owned(),
        Kind::Enumeration(values) => format!("one of `{}`", values.name()),
        Kind::Structure(inner) => format!("a `{}`", inner.name()),
        Kind::Unknown => "anything".to_owned(),
    }
}

/// What the schema knows of a field, in short.
pub(super) fn facts_of(field: Field) -> Vec<String> {
    let mut facts = vec![kind_in_words(field.kind)];
    match field.default {
        Some(default) => facts.push(format!("missing means `{default}`")),
        None if field.required => facts.push("required".to_owned()),
        None => {}
    }
    if let Some(since) = field.since {
        facts.push(format!("since API version {since}"));
    }
    if field.repeats {
        facts.push("may stand several times".to_owned());
    }
    if field.removed {
        facts.push("in old files alone: Salesforce no longer has it".to_owned());
    }
    facts
}

fn about_field(
    structure: Structure,
    field: Field,
    path: &[&str],
    file: &SourceFile,
    project: &OpenProject,
) -> String {
    let mut text = format!("**`{}`** in `{}`\n\n", field.name, structure.name());
    let _ = writeln!(text, "{}", facts_of(field).join(" · "));
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
    let rules = project.usable.rules.rules();
    let mentioned = rules.filter_map(|rule| {
        let mention = rule.mention(file.component.metadata_type, path)?;
        Some((mention, rule))
    });
    let mut mentioned: Vec<(Mention, &Rule)> = mentioned.collect();
    mentioned.sort_by_key(|(mention, _)| std::cmp::Reverse(*mention));
    for (mention, rule) in mentioned {
        let how = match mention {
            Mention::Requires => "watched by",
            Mention::Asks => "evidence for",
        };
        let _ = write!(text, "\n- {how} {}: {}", link(rule), prose(&rule.title));
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
        prose(&rule.title),
        finding.severity,
        link(rule),
        prose(&finding.message)
    );
    let control = &rule.control;
    if !control.is_empty() {
        let name = match control.url.as_str() {
            "" => prose(&control.name),
            url => format!("[{}]({url})", prose(&control.name)),
        };
        let _ = writeln!(text, "\n{name}");
        for (heading, part) in control.parts() {
            let _ = writeln!(text, "\n**{heading}.** {}", prose(part));
        }
    }
    let _ = writeln!(text, "\n{}", prose(&finding.help));
    if let Some(rollout) = finding
        .fix
        .as_ref()
        .and_then(|fix| fix.applicability.rollout())
    {
        let _ = writeln!(text, "\n**Before that.** {}", prose(rollout));
    }
    text
}
