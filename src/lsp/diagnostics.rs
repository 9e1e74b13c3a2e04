//! Results as diagnostics.
//!
//! The protocol has fewer levels than forcelint has severities, so each message begins with the
//! severity.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use serde_json::json;

use super::client_capabilities::Capabilities;
use super::document::{Document, Documents};
use super::document_text::{DocumentText, PositionEncoding};
use crate::finding::{Finding, Location, Related};
use crate::lsp::uri;
use crate::output::page_address;
use crate::rule::{RuleSet, Severity};
use crate::text::{Position, mask, plain_message, plain_rule_text};

/// All diagnostics of a document.
pub(super) fn diagnostics(
    document: &Document,
    documents: &Documents,
    rules: &RuleSet,
    capabilities: &Capabilities,
) -> Vec<lsp::Diagnostic> {
    let results = &document.results;
    let findings = results.findings.iter();
    let mut diagnostics: Vec<lsp::Diagnostic> = findings
        .map(|finding| {
            finding_diagnostic(
                finding,
                Some(&document.text),
                documents,
                rules,
                capabilities,
            )
        })
        .collect();
    diagnostics.extend(results.not_checked.iter().map(|it| {
        let message = format!("`{}` was not checked: {}", it.rule, it.reason);
        let mut diagnostic = file_diagnostic(lsp::DiagnosticSeverity::Hint, message);
        diagnostic.range = document
            .text
            .range(root_tag(document), capabilities.encoding);
        diagnostic.code = Some(it.rule.clone().into());
        diagnostic
    }));
    diagnostics.extend(results.notes.iter().map(|note| {
        let (position, message) = note_position(note);
        let mut diagnostic = file_diagnostic(lsp::DiagnosticSeverity::Warning, message.to_owned());
        let offset = document.text.offset(position, PositionEncoding::Utf8);
        diagnostic.range = document.text.range(offset..offset, capabilities.encoding);
        diagnostic
    }));
    diagnostics.extend(results.errors.iter().map(|error| {
        let message = format!("forcelint could not read everything: {error}");
        file_diagnostic(lsp::DiagnosticSeverity::Error, message)
    }));
    diagnostics
}

/// The diagnostic of a finding. `text` is the text of an open document.
pub(super) fn finding_diagnostic(
    finding: &Finding,
    text: Option<&DocumentText>,
    documents: &Documents,
    rules: &RuleSet,
    capabilities: &Capabilities,
) -> lsp::Diagnostic {
    let href = page_address(rules, &finding.rule).filter(|_| capabilities.code_description);
    let related = finding
        .related
        .iter()
        .filter(|_| capabilities.related_information);
    let related: Vec<_> = related
        .map(|related| {
            related_information(related, finding, text, documents, capabilities.encoding)
        })
        .collect();
    lsp::Diagnostic {
        range: range(&finding.location, text, capabilities.encoding),
        severity: Some(level(finding.severity)),
        code: Some(finding.rule.clone().into()),
        code_description: href.map(|href| lsp::CodeDescription { href: href.into() }),
        source: Some("forcelint".to_owned()),
        message: format!(
            "{}: {}\n{}",
            finding.severity,
            plain_message(&finding.message().into()).one_line(),
            plain_rule_text(&(&*finding.help).into()).one_line()
        )
        .into(),
        tags: None,
        related_information: (!related.is_empty()).then_some(related),
        data: Some(json!({
            "severity": finding.severity.name(),
            "fingerprint": finding.fingerprint,
            "fix": finding.fix.as_ref().map(|fix| fix.applicability.name()),
        })),
    }
}

fn related_information(
    related: &Related,
    finding: &Finding,
    text: Option<&DocumentText>,
    documents: &Documents,
    encoding: PositionEncoding,
) -> lsp::DiagnosticRelatedInformation {
    let path = path_on_disk(finding, &related.location);
    let is_here = path == finding.file.path;
    let open = documents.at_path(&path);
    let text = match is_here {
        true => text,
        false => open.map(|document| &document.text),
    };
    lsp::DiagnosticRelatedInformation {
        location: lsp::Location {
            uri: open.map_or_else(|| uri::of_path(&path), |document| document.uri.clone()),
            range: range(&related.location, text, encoding),
        },
        message: plain_message(&(&related.message).into())
            .one_line()
            .into_owned(),
    }
}

/// The absolute path of a location of a finding.
fn path_on_disk(finding: &Finding, location: &Location) -> PathBuf {
    if location.path == finding.location.path {
        return finding.file.path.clone();
    }
    finding.file.project.base().join(Path::new(&*location.path))
}

fn range(
    location: &Location,
    text: Option<&DocumentText>,
    encoding: PositionEncoding,
) -> lsp::Range {
    match text {
        Some(text) => text.range(location.start.offset..location.end.offset, encoding),
        None => lsp::Range {
            start: position(location.start, encoding),
            end: position(location.end, encoding),
        },
    }
}

/// A position in a file that is not open. Columns do not count a byte order mark, which editors do not
/// show.
fn position(position: Position, encoding: PositionEncoding) -> lsp::Position {
    let column = match encoding {
        PositionEncoding::Utf8 => position.utf8_column,
        PositionEncoding::Utf16 => position.utf16_column,
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

/// A diagnostic at the top of a file.
pub(super) fn file_diagnostic(
    severity: lsp::DiagnosticSeverity,
    message: String,
) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range: lsp::Range::default(),
        severity: Some(severity),
        code: None,
        code_description: None,
        source: Some("forcelint".to_owned()),
        message: mask(&message).into_owned().into(),
        tags: None,
        related_information: None,
        data: None,
    }
}

/// The bytes of the root's start tag, for diagnostics about a whole file.
fn root_tag(document: &Document) -> std::ops::Range<usize> {
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

/// Notes about comments begin with their location: `path:line:column: this …`.
fn note_position(note: &str) -> (lsp::Position, &str) {
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
