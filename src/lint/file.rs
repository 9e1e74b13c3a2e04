//! Checks one file: parses its bytes, and runs the rules and inline comments.

use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::findings::{findings, malformed};
use super::inline_comments::InlineComments;
use super::posture;
use crate::engine::{
    Cache, CheckOptions, ComponentIndex, Context, FileText, Subject, check, parse,
};
use crate::finding::{Detail, FileReport, NotChecked, UnknownReason};
use crate::project::SourceFile;
use crate::rule::RuleSet;
use crate::xml::{Document, Tree};

/// How a file is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileOptions {
    /// What reports need.
    pub detail: Detail,
    /// The file is not changed. Only findings that changed files affect are reported.
    pub only_by_changed: bool,
    /// The file is renamed but its content is not changed.
    pub is_renamed: bool,
    /// A file of a decomposed component is missing or cannot be read.
    pub root_is_partial: bool,
    /// The document is one piece of a component, and the others are checked separately.
    pub is_separate: bool,
    /// The day on which the file is checked.
    pub today: Date,
}

/// The result of checking a file.
#[derive(Debug)]
pub(crate) enum Linted {
    Done(FileReport),
    /// A condition reads other files. The file must be checked again with their index.
    NeedsIndex,
}

impl Linted {
    /// The report of a file that was checked with an index.
    pub(crate) fn done(self) -> FileReport {
        match self {
            Self::Done(report) => report,
            // This is only returned without an index.
            Self::NeedsIndex => FileReport::default(),
        }
    }
}

/// Checks `bytes` as the content of `file`. `tree` is reused memory. `read` returns the bytes of
/// another file, for evidence in it.
pub(crate) fn lint_file(
    rules: &RuleSet,
    file: &SourceFile,
    bytes: &[u8],
    tree: &mut Tree,
    index: Option<&ComponentIndex>,
    options: FileOptions,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Linted {
    match parse(bytes, file, tree) {
        Ok(source) => {
            let replaced = file.replaced(source);
            let subject = Subject {
                document: Document::new(source, tree),
                replaced: &replaced,
                file,
            };
            lint_document(rules, subject, &[], index, options, read)
        }
        // The file was malformed before, because it is not changed.
        Err(_) if options.only_by_changed => Linted::Done(FileReport::default()),
        Err(_) if file.is_forceignored() => Linted::Done(malformed_forceignored(rules, file)),
        Err(reason) => Linted::Done(FileReport {
            findings: vec![malformed(
                rules.malformed(),
                file,
                bytes,
                &reason,
                options.detail,
            )],
            posture: match options.detail.posture {
                true => posture::of_malformed(rules, file),
                false => Default::default(),
            },
            ..FileReport::default()
        }),
    }
}

/// The report of a malformed file that is not deployed: it has no finding, but rules that include such
/// files cannot be checked.
fn malformed_forceignored(rules: &RuleSet, file: &SourceFile) -> FileReport {
    let rules = rules.checks(file.component.metadata_type);
    let rules = rules.filter(|(rule, _)| rule.include_forceignored);
    FileReport {
        not_checked: rules
            .map(|(rule, _)| NotChecked {
                rule: rule.id.clone(),
                component: file.component.clone(),
                reason: UnknownReason::MalformedForceignored,
            })
            .collect(),
        ..FileReport::default()
    }
}

/// Checks a document. `files` are the files of a decomposed component.
pub(super) fn lint_document(
    rules: &RuleSet,
    subject: Subject<'_>,
    files: &[FileText],
    index: Option<&ComponentIndex>,
    options: FileOptions,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Linted {
    let cache = Cache::default();
    let file = subject.file;
    let context = Context {
        subject,
        index,
        component: None,
        is_renamed: options.is_renamed,
        today: options.today,
        cache: Some(&cache),
    };
    let check_options = CheckOptions {
        only_by_changed: options.only_by_changed,
        notes_applied: options.detail.posture,
        root_is_partial: options.root_is_partial,
        only_elements: options.is_separate,
    };
    let checked = check(rules, context, check_options);
    if checked.needs_index {
        return Linted::NeedsIndex;
    }
    let posture = match options.detail.posture {
        true => posture::of_checked(&checked, subject),
        false => Default::default(),
    };
    let mut findings = findings(&checked.diagnostics, context, files, options.detail, read);
    let mut notes = Vec::new();
    if !findings.is_empty() {
        let comments = InlineComments::find(subject.document, file, files, rules);
        for (finding, diagnostic) in findings.iter_mut().zip(&checked.diagnostics) {
            let at = diagnostic.failure.span.start as usize;
            finding.suppressed = comments.suppression(&finding.rule, at);
        }
        notes = comments.notes;
    }
    let not_checked = checked.not_checked.into_iter();
    Linted::Done(FileReport {
        findings,
        not_checked: not_checked
            .map(|(rule, reason)| NotChecked {
                rule: rule.to_owned(),
                component: file.component.clone(),
                reason,
            })
            .collect(),
        posture,
        notes,
    })
}
