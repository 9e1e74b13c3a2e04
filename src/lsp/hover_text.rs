//! The Markdown of a hover: what to do about the findings at an offset, why, and the field there with
//! its kind, default, first API version, and the rules that read it. The page of the rule has the rest.
//!
//! It quotes no value of the file except in the message of a finding, where secrets are masked.

use std::ops::Range;

use super::completion::{Inside, XmlCursor, xml_cursor};
use super::document::Document;
use super::hover_paragraphs::{Paragraphs, first_sentences};
use super::open_project::OpenProject;
use super::schema_lookup::{element_of_piece, field_summary, structure_at};
use crate::finding::Finding;
use crate::output::{code, page_address, prose, rule_prose};
use crate::project::{MetadataType, SourceFile};
use crate::rule::{Mention, Rule, RuleSet};
use crate::schema::{Field, Kind, Structure};

/// The most words about what to do, so that there is room for the reason.
const MAX_REMEDY: usize = 50;

/// The most words about the reason, so that there is room for the field.
const MAX_REASON: usize = 20;

/// The most rules that are listed for a field.
const MAX_RULES: usize = 3;

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
    let mut paragraphs = Paragraphs::default();
    let mut findings: Vec<&Finding> = document.results.findings.iter().map(Box::as_ref).collect();
    findings.retain(|it| covers(it, at));
    findings.sort_by_key(|it| std::cmp::Reverse(it.severity));
    add_findings(&findings, &project.loaded.rules, &mut paragraphs);
    let mut range = findings.first().map(|finding| {
        let location = &finding.location;
        location.start.offset..location.end.offset
    });
    if let Some((structure, field, path)) = field {
        add_field(structure, field, &mut paragraphs);
        if findings.is_empty() {
            add_rules(&path, file, project, &mut paragraphs);
            add_values(field, &mut paragraphs);
        }
        if let Inside::Name(name) | Inside::EndName(name) = &cursor.inside {
            range = Some(name.clone());
        }
    }
    let range = range.unwrap_or(at..at);
    Some((paragraphs.into_markdown()?, range))
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

/// What to do about the most severe finding and why, and then what to do about the others.
fn add_findings(findings: &[&Finding], rules: &RuleSet, paragraphs: &mut Paragraphs) {
    let Some((first, others)) = findings.split_first() else {
        return;
    };
    let remedy = first_sentences(&first.help, MAX_REMEDY);
    paragraphs.add(rule_prose(&remedy), 0);
    let why = format!(
        "**{}** ({}): {}",
        first.severity,
        link(&first.rule, rules),
        prose(first_sentences(&first.headline, MAX_REASON))
    );
    paragraphs.add(why, 0);
    let fix = first.fix.as_ref();
    if let Some(rollout) = fix.and_then(|fix| fix.applicability.rollout()) {
        let instructions = rule_prose(first_sentences(rollout, MAX_REMEDY));
        paragraphs.add(format!("Rollout: {instructions}"), 0);
    }
    for (at, other) in others.iter().enumerate() {
        let remedy = first_sentences(&other.help, MAX_REMEDY);
        let more = format!("{} ({})", rule_prose(&remedy), link(&other.rule, rules));
        // The last paragraph can be the number of the others.
        if !paragraphs.add(more, 3) {
            paragraphs.add(format!("{} more findings here", others.len() - at), 0);
            break;
        }
    }
}

fn add_field(structure: Structure, field: Field, paragraphs: &mut Paragraphs) {
    let facts = field_summary(field).join(" · ");
    let name = format!("**`{}`** in `{}`", field.name, structure.name());
    paragraphs.add(format!("{name}: {facts}"), 0);
}

/// The rules that read the field at `path`.
fn add_rules(path: &[&str], file: &SourceFile, project: &OpenProject, paragraphs: &mut Paragraphs) {
    let rules = &project.loaded.rules;
    let mentioned = rules.rules().filter_map(|rule| {
        let mention = rule.mention(file.component.metadata_type, path)?;
        Some((mention, rule))
    });
    let mut mentioned: Vec<(Mention, &Rule)> = mentioned.collect();
    mentioned.sort_by_key(|(mention, _)| std::cmp::Reverse(*mention));
    let mut lines: Vec<String> = Vec::new();
    for (mention, rule) in mentioned.iter().take(MAX_RULES) {
        let how = match mention {
            Mention::Requires => "checked by",
            Mention::Asks => "evidence for",
        };
        let title = rule_prose(&rule.title);
        lines.push(format!("- {how} {}: {title}", link(&rule.id, rules)));
    }
    if mentioned.len() > MAX_RULES {
        lines.push(format!("- and {} more rules", mentioned.len() - MAX_RULES));
    }
    if !lines.is_empty() {
        paragraphs.add(lines.join("\n"), 0);
    }
}

/// The values of an enumeration that fit.
fn add_values(field: Field, paragraphs: &mut Paragraphs) {
    let Kind::Enumeration(values) = field.kind else {
        return;
    };
    let all: Vec<String> = values.values().map(|it| format!("`{it}`")).collect();
    // Three words are for the number of the others.
    let listed = all.len().min(paragraphs.room().saturating_sub(3));
    let mut text = all[..listed].join(", ");
    if listed < all.len() {
        text.push_str(&format!(" and {} more", all.len() - listed));
    }
    paragraphs.add(text, 0);
}

/// The id of a rule, as a link to its page.
fn link(rule: &str, rules: &RuleSet) -> String {
    match page_address(rules, rule) {
        None => code(rule),
        Some(url) => format!("[{}]({url})", code(rule)),
    }
}
