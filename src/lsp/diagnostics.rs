//! Findings as diagnostics.
//!
//! In: what was found in a document. Out: what the editor draws. The four levels that editors have
//! are fewer than ours, so the message begins with the severity.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use serde_json::json;

use super::client::Capabilities;
use super::documents::{Document, Documents};
use super::positions::{Encoding, Text};
use crate::finding::{Finding, Location, Related};
use crate::lsp::uri;
use crate::rule::{RuleSet, Severity};
use crate::text::Position;

/// What is drawn in a document.
pub(super) fn diagnostics(
    document: &Document,
    documents: &Documents,
    rules: &RuleSet,
    can: &Capabilities,
) -> Vec<lsp::Diagnostic> {
    let judged = &document.judged;
    let findings = judged.findings.iter();
    let mut drawn: Vec<lsp::Diagnostic> = findings
        .map(|finding| of_finding(finding, Some(&document.text), documents, rules, can))
        .collect();
    drawn.extend(judged.not_checked.iter().map(|it| {
        let message = format!("`{}` could not be judged: {}", it.rule, it.reason);
        let mut diagnostic = remark(lsp::DiagnosticSeverity::Hint, message);
        diagnostic.range = document.text.range(root(document), can.encoding);
        diagnostic.code = Some(it.rule.clone().into());
        diagnostic
    }));
    drawn.extend(judged.notes.iter().map(|note| {
        let (place, message) = place_of_note(note);
        let mut diagnostic = remark(lsp::DiagnosticSeverity::Warning, message.to_owned());
        let offset = document.text.offset(place, Encoding::Utf8);
        diagnostic.range = document.text.range(offset..offset, can.encoding);
        diagnostic
    }));
    drawn.extend(judged.errors.iter().map(|error| {
        let message = format!("forcelint could not look at everything: {error}");
        remark(lsp::DiagnosticSeverity::Error, message)
    }));
    drawn
}

/// A finding; in a file that is not open without its text.
pub(super) fn of_finding(
    finding: &Finding,
    text: Option<&Text>,
    documents: &Documents,
    rules: &RuleSet,
    can: &Capabilities,
) -> lsp::Diagnostic {
    let rule = rules.find(&finding.rule);
    let href = rule.map(|rule| rule.url.clone());
    let href = href.filter(|url| can.code_description && !url.is_empty());
    let related = finding.related.iter().filter(|_| can.related_information);
    let related: Vec<_> = related
        .map(|related| of_related(related, finding, text, documents, can.encoding))
        .collect();
    lsp::Diagnostic {
        range: range(&finding.location, text, can.encoding),
        severity: Some(level(finding.severity)),
        code: Some(finding.rule.clone().into()),
        code_description: href.map(|href| lsp::CodeDescription { href: href.into() }),
        source: Some("forcelint".to_owned()),
        message: format!(
            "{}: {}\n{}",
            finding.severity, finding.message, finding.help
        )
        .into(),
        tags: None,
        related_information: (!related.is_empty()).then_some(related),
        data: Some(json!({
            "severity": finding.severity.name(),
            "fingerprint": finding.fingerprint,
        })),
    }
}

fn of_related(
    related: &Related,
    finding: &Finding,
    text: Option<&Text>,
    documents: &Documents,
    encoding: Encoding,
) -> lsp::DiagnosticRelatedInformation {
    let path = place_on_disk(finding, &related.location);
    let is_here = path == finding.file.path;
    let open = documents.at(&path);
    let text = match is_here {
        true => text,
        false => open.map(|document| &document.text),
    };
    lsp::DiagnosticRelatedInformation {
        location: lsp::Location {
            uri: open.map_or_else(|| uri::of_path(&path), |document| document.uri.clone()),
            range: range(&related.location, text, encoding),
        },
        message: related.message.clone(),
    }
}

/// The absolute path of a place that a finding names.
fn place_on_disk(finding: &Finding, location: &Location) -> PathBuf {
    if location.path == finding.location.path {
        return finding.file.path.clone();
    }
    let project = &finding.file.project;
    let base = project.git_root.as_ref().unwrap_or(&project.root);
    base.join(Path::new(&location.path))
}

fn range(location: &Location, text: Option<&Text>, encoding: Encoding) -> lsp::Range {
    match text {
        Some(text) => text.range(location.start.offset..location.end.offset, encoding),
        None => lsp::Range {
            start: position(location.start, encoding),
            end: position(location.end, encoding),
        },
    }
}

/// A place in a file that is not open. Editors that open it will show no byte order mark.
fn position(position: Position, encoding: Encoding) -> lsp::Position {
    let column = match encoding {
        Encoding::Utf8 => position.utf8_column,
        Encoding::Utf16 => position.utf16_column,
    };
    lsp::Position {
        line: position.line.saturating_sub(1) as u32,
        character: column.saturating_sub(1) as u32,
    }
}

fn level(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Critical | Severity::High => lsp::DiagnosticSeverity::Error,
        Severity::Medium => lsp::DiagnosticSeverity::Warning,
        Severity::Low => lsp::DiagnosticSeverity::Information,
        Severity::Info => lsp::DiagnosticSeverity::Hint,
    }
}

/// Something at the top of a file.
pub(super) fn remark(severity: lsp::DiagnosticSeverity, message: String) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range: lsp::Range::default(),
        severity: Some(severity),
        code: None,
        code_description: None,
        source: Some("forcelint".to_owned()),
        message: message.into(),
        tags: None,
        related_information: None,
        data: None,
    }
}

/// The first tag that is no declaration, so that what is said of a whole file has a place.
fn root(document: &Document) -> std::ops::Range<usize> {
    let text = document.text.as_str();
    let starts = text.match_indices('<').map(|(at, _)| at);
    let root = starts.into_iter().find(|at| {
        let next = text[at + 1..].chars().next();
        next.is_some_and(char::is_alphabetic)
    });
    match root {
        Some(at) => {
            at..text[at..]
                .find(['>', '\n'])
                .map_or(text.len(), |end| at + end + 1)
        }
        None => 0..0,
    }
}

/// Notes about comments say where these stand: `path:line:column: this …`.
fn place_of_note(note: &str) -> (lsp::Position, &str) {
    let parts: Vec<&str> = note.splitn(4, ':').collect();
    let number = |at: usize| parts.get(at)?.parse::<u32>().ok();
    match (number(1), number(2), parts.get(3)) {
        (Some(line), Some(_), Some(message)) => {
            let line = line.saturating_sub(1);
            (lsp::Position { line, character: 0 }, message.trim_start())
        }
        _ => (lsp::Position::default(), note),
    }
}
