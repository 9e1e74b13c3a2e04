//! Converts diagnostics to findings.
//!
//! Diagnostics refer to the text by byte spans. Findings own everything that a report needs, so that
//! the text can be dropped.

use std::io;
use std::path::Path;

use super::locations::Locations;
use crate::engine::{Context, Diagnostic, FileText, Found, Subject};
use crate::finding::{Applicability, Detail, Edit, Finding, Fix, Location, Related, RelatedKind};
use crate::fix::{Change, plan};
use crate::project::SourceFile;
use crate::rule::{MessagePart, Recipe, Rule, Severity};
use crate::text::display_value;
use crate::xml::{Malformed, Span};

/// The finding about a malformed file.
pub(super) fn malformed(
    rule: &Rule,
    file: &SourceFile,
    bytes: &[u8],
    malformed: &Malformed,
    detail: Detail,
) -> Finding {
    // In a file with another encoding, the part before the first invalid byte can be shown.
    let readable = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut locations = Locations::new(file, readable, detail);
    if bytes.contains(&0) {
        // Secrets are not recognized in UTF-16.
        locations.mask_all();
    }
    let headline = format!(
        "`{}` cannot be checked: {}",
        file.component.name, malformed.reason
    );
    let related = malformed.related.iter().map(|(span, label)| Related {
        kind: RelatedKind::Cause,
        message: label.clone(),
        location: locations.location(*span),
    });
    Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        message: format!("{headline}."),
        headline,
        label: malformed.reason.clone(),
        reasons: Vec::new(),
        help: rule.help.clone(),
        file: file.clone(),
        location: locations.location(malformed.span),
        related: related.collect(),
        fix: None,
        element: String::new(),
        fingerprint: String::new(),
        line_hash: locations.line_hash(malformed.span),
        suppressed: None,
        order: 0,
    }
}

/// The findings in one document. `files` are the files of a decomposed component. `read` returns the bytes of
/// another file, for evidence in it.
pub(super) fn findings(
    diagnostics: &[Diagnostic<'_>],
    context: Context<'_>,
    files: &[FileText],
    detail: Detail,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Vec<Finding> {
    if diagnostics.is_empty() {
        return Vec::new();
    }
    let is_reported = |severity: Severity| detail.lowest_severity.is_none_or(|it| severity >= it);
    let detail = Detail {
        excerpts: detail.excerpts && diagnostics.iter().any(|it| is_reported(it.severity)),
        ..detail
    };
    let subject = context.subject;
    let source = subject.document.source();
    let mut locations = Locations::of_files(files, subject.file, source, detail);
    locations.mask_found(diagnostics, subject);
    diagnostics
        .iter()
        .enumerate()
        .map(|(order, diagnostic)| Finding {
            order,
            ..finding(diagnostic, context, &locations, &read)
        })
        .collect()
}

fn finding(
    diagnostic: &Diagnostic<'_>,
    context: Context<'_>,
    locations: &Locations<'_>,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Finding {
    let failure = &diagnostic.failure;
    let rule = diagnostic.rule;
    let headline = headline(diagnostic, context.subject);
    let (fix, help) = match diagnostic.recipe {
        None => (None, rule.help.clone()),
        Some(recipe) => match plan(diagnostic, recipe, context.subject) {
            Ok(changes) => {
                let fix = fix(recipe, diagnostic.is_safe, &changes, locations);
                (Some(fix), rule.help.clone())
            }
            Err(reason) => (None, format!("{} No automatic fix: {reason}", rule.help)),
        },
    };
    Finding {
        rule: rule.id.clone(),
        severity: diagnostic.severity,
        message: message(&headline, diagnostic),
        headline,
        label: failure.label.clone(),
        reasons: diagnostic.reasons.clone(),
        help,
        file: locations.file(failure.span).clone(),
        location: locations.location(failure.span),
        related: related(diagnostic, context, locations, read),
        fix,
        element: failure.element.clone(),
        fingerprint: String::new(),
        line_hash: locations.line_hash(failure.span),
        suppressed: None,
        order: 0,
    }
}

fn message(headline: &str, diagnostic: &Diagnostic<'_>) -> String {
    let label = &diagnostic.failure.label;
    let mut message = match label.is_empty() {
        true => format!("{headline}."),
        false => format!("{headline}: {label}."),
    };
    for reason in &diagnostic.reasons {
        message.push(' ');
        message.push_str(reason);
        message.push('.');
    }
    message
}

fn related(
    diagnostic: &Diagnostic<'_>,
    context: Context<'_>,
    locations: &Locations<'_>,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Vec<Related> {
    let also = diagnostic.failure.also.iter();
    let mut related: Vec<Related> = also
        .map(|(span, label)| Related {
            kind: RelatedKind::Cause,
            message: label.clone(),
            location: locations.location(*span),
        })
        .collect();
    // Evidence is grouped by file, so that each file is read once.
    for of_file in diagnostic
        .evidence
        .chunk_by(|one, other| one.component == other.component)
    {
        let mut add = |location: &dyn Fn(Span) -> Location| {
            related.extend(of_file.iter().map(|evidence| Related {
                kind: RelatedKind::Evidence,
                message: evidence.label.clone().unwrap_or_default(),
                location: location(evidence.span),
            }));
        };
        match (of_file[0].component, context.index) {
            (Some(position), Some(index)) => {
                let component = index.component(position);
                let text = component.text(&read);
                let (files, file) = (&component.files, &component.file);
                let locations = Locations::of_files(files, file, &text, locations.detail);
                add(&|span| locations.location(component.span_in(span, &text)));
            }
            _ => add(&|span| locations.location(span)),
        }
    }
    related
}

/// The rule's message with values of the file in place of its placeholders.
fn headline(diagnostic: &Diagnostic<'_>, subject: Subject<'_>) -> String {
    let mut text = String::new();
    for part in diagnostic.message.parts() {
        match part {
            MessagePart::Text(part) => text.push_str(part),
            MessagePart::Component => text.push_str(&subject.file.component.name),
            MessagePart::Field(path) => match subject.find(path, diagnostic.context) {
                Found::Elements(elements) => {
                    let value = subject.document.value(elements[0]);
                    text.push_str(&display_value(path.last(), value.text()));
                }
                Found::Missing(_) => text.push_str("nothing"),
                Found::Unknown => text.push('…'),
            },
        }
    }
    text
}

fn fix(recipe: &Recipe, is_safe: bool, changes: &[Change], locations: &Locations<'_>) -> Fix {
    let edits = changes.iter().map(|(span, text)| {
        let (start, end) = locations.positions(*span);
        let text = text.clone();
        Edit { start, end, text }
    });
    let applicability = match &recipe.rollout {
        Some(instructions) if !is_safe => Applicability::NeedsRollout {
            instructions: instructions.clone(),
        },
        _ => Applicability::Safe,
    };
    Fix {
        title: recipe.title(),
        applicability,
        edits: edits.collect(),
    }
}
