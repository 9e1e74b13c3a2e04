//! Checks one file: parses its bytes, and runs the rules and inline comments.

use std::cell::OnceCell;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::findings::{findings, malformed};
use super::inline_comments::InlineComments;
use super::posture;
use super::timings::{Phase, Timer};
use crate::engine::{
    Cache, CheckOptions, Checked, ComponentIndex, Context, FileText, Subject, check, parse,
};
use crate::finding::{Detail, FileReport, NotChecked, NotShown, SuppressionKind, UnknownReason};
use crate::project::{Replaced, SourceFile};
use crate::rule::RuleSet;
use crate::xml::{self, Document, Tree};

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
    /// Inline comments suppress findings.
    pub comments_apply: bool,
    /// Without the index of other files, return the findings that do not depend on it.
    pub allows_partial: bool,
    /// The day on which the file is checked.
    pub today: Date,
    /// The most findings of one rule. The others are counted.
    pub limit: usize,
    pub timer: Timer,
}

/// The result of checking a file.
#[derive(Debug)]
pub(crate) enum Linted {
    Done(Box<FileReport>),
    /// A condition reads other files. The file must be checked again with their index.
    NeedsIndex,
}

impl Linted {
    /// The report of a file that was checked with an index.
    pub(crate) fn done(self) -> FileReport {
        match self {
            Self::Done(report) => *report,
            Self::NeedsIndex => unreachable!("it is only returned without an index"),
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
    let timer = options.timer;
    match timer.time(Phase::Parse, || parse(bytes, file, tree)) {
        Ok(source) => {
            let document = Document::new(source, tree);
            lint_parsed(rules, file, document, index, options, read)
        }
        // The file was malformed before, because it is not changed.
        Err(_) if options.only_by_changed => Linted::Done(Box::default()),
        Err(_) if file.is_forceignored() => {
            Linted::Done(Box::new(malformed_forceignored(rules, file)))
        }
        Err(reason) => Linted::Done(Box::new(FileReport {
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
        })),
    }
}

/// Checks `document` as the content of `file`.
pub(crate) fn lint_parsed(
    rules: &RuleSet,
    file: &SourceFile,
    document: Document<'_>,
    index: Option<&ComponentIndex>,
    options: FileOptions,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Linted {
    let replaced = file.replaced(document.source());
    let mut tree = Tree::default();
    let subject = Subject {
        document: deployed(&replaced, &mut tree).unwrap_or(document),
        replaced: &replaced,
        file,
        is_piece: false,
    };
    lint_document(rules, subject, document, &[], index, options, read)
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
                path: file.report_path(),
                reason: UnknownReason::MalformedForceignored,
            })
            .collect(),
        ..FileReport::default()
    }
}

/// The document that is deployed, if it differs from the file. `tree` is its memory.
fn deployed<'d>(replaced: &'d Replaced, tree: &'d mut Tree) -> Option<Document<'d>> {
    let text = replaced.text()?;
    // The text was parsed before, so this does not fail.
    xml::parse(text, tree).ok()?;
    Some(Document::new(text, tree))
}

/// Checks `subject`, which is what is deployed of `document`: that of a file, or of the `files` of a decomposed
/// component.
pub(super) fn lint_document(
    rules: &RuleSet,
    subject: Subject<'_>,
    document: Document<'_>,
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
    // They are searched for when there is a finding.
    let comments = OnceCell::new();
    let find_comments =
        || InlineComments::find(document, file, files, rules, options.comments_apply);
    let comments = || comments.get_or_init(find_comments);
    let lowest_severity = options.detail.lowest_severity;
    let check_options = CheckOptions {
        only_by_changed: options.only_by_changed,
        notes_applied: options.detail.posture,
        root_is_partial: options.root_is_partial,
        limit: options.limit,
        lowest_severity: lowest_severity.filter(|_| !options.detail.keeps_unreported),
        is_suppressed: &|rule, span| {
            let span = subject.replaced.source_span(span);
            comments().covers(&rule.id, span.start as usize)
        },
    };
    let timer = options.timer;
    let mut checked = timer.time(Phase::Rules, || check(rules, context, check_options));
    if !checked.keep_certain(options.allows_partial) {
        return Linted::NeedsIndex;
    }
    let posture = options.detail.posture;
    let posture = posture.then(|| posture::of_checked(&checked, subject));
    let not_shown = not_shown(&checked, file);
    let source = document.source();
    let (mut findings, mut more) = timer.time(Phase::Findings, || {
        findings(
            &checked,
            source,
            context,
            files,
            options.detail,
            timer,
            read,
        )
    });
    let mut notes = Vec::new();
    if !findings.is_empty() {
        let comments = comments();
        let start = |span| subject.replaced.source_span(span).start as usize;
        for (finding, diagnostic) in findings.iter_mut().zip(&checked.diagnostics) {
            let at = start(diagnostic.failure.span);
            let suppression = comments.suppression(&finding.rule, at);
            finding.suppressed = suppression.map(Box::new);
        }
        for (more, diagnostics) in more.iter_mut().zip(&checked.more) {
            more.suppressed = comments.suppression(&more.rule, start(diagnostics.first));
        }
        notes = comments.notes.clone();
    }
    Linted::Done(Box::new(FileReport {
        findings,
        more,
        not_shown,
        not_checked: not_checked(checked, file),
        posture: posture.unwrap_or_default(),
        notes,
    }))
}

fn not_checked(checked: Checked<'_>, file: &SourceFile) -> Vec<NotChecked> {
    let reasons = checked.not_checked.into_iter();
    reasons
        .map(|(rule, reason)| NotChecked {
            rule: rule.to_owned(),
            component: file.component.clone(),
            path: file.report_path(),
            reason,
        })
        .collect()
}

/// Counts the findings below the lowest severity that reports need.
fn not_shown(checked: &Checked<'_>, file: &SourceFile) -> NotShown {
    let mut not_shown = NotShown::default();
    for below in &checked.below {
        let kind = below.is_suppressed.then_some(SuppressionKind::Inline);
        not_shown.count(below.severity, kind, below.count);
        if !below.is_suppressed {
            let rule = &below.rule.id;
            for paths in &below.elsewhere {
                not_shown.add_decided_elsewhere(rule, &file.component, below.severity, paths);
            }
        }
    }
    not_shown
}
