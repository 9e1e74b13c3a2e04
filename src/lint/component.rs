//! Checks a decomposed component as one document.

use std::io;
use std::path::Path;

use super::file::{FileOptions, Linted, lint_document};
use super::findings::malformed;
use super::timings::Phase;
use crate::engine::{ComponentIndex, Composition, MalformedFile, Subject, compose_files};
use crate::finding::{Detail, FileReport, NotChecked, Outcome, UnknownReason};
use crate::project::{ComponentFiles, SourceFile};
use crate::rule::RuleSet;

/// Checks a decomposed component. `texts` are the bytes of its files, without those that cannot be read, which
/// are `unread`.
pub(crate) fn lint_component(
    rules: &RuleSet,
    component: &ComponentFiles,
    texts: &[(SourceFile, Vec<u8>)],
    unread: &[SourceFile],
    index: Option<&ComponentIndex>,
    options: FileOptions,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Linted {
    let timer = options.timer;
    let (composition, broken) = timer.time(Phase::Parse, || compose_files(component, texts));
    let unknown = broken.iter().map(|it| &it.file).chain(unread).next();
    let options = FileOptions {
        root_is_partial: unknown.is_some() || component.is_partial(),
        detail: Detail {
            // A rule with any finding is checked, also if reports do not need the finding.
            keeps_unreported: options.detail.keeps_unreported || unknown.is_some(),
            ..options.detail
        },
        ..options
    };
    let mut report = FileReport::default();
    if !composition.files.is_empty() {
        let checked = lint_composition(rules, component, &composition, index, options, read);
        match checked {
            Linted::Done(checked) => report = *checked,
            Linted::NeedsIndex => return Linted::NeedsIndex,
        }
    }
    if let Some(unknown) = unknown {
        mark_incomplete(rules, component, unknown, options, &mut report);
    }
    add_malformed(rules, &broken, options, &mut report);
    Linted::Done(Box::new(report))
}

fn lint_composition(
    rules: &RuleSet,
    component: &ComponentFiles,
    composition: &Composition,
    index: Option<&ComponentIndex>,
    options: FileOptions,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Linted {
    let subject = Subject {
        document: composition.deployed(),
        replaced: &composition.replaced,
        file: &component.file,
        is_piece: false,
    };
    let document = composition.document();
    lint_document(
        rules,
        subject,
        document,
        &composition.files,
        index,
        options,
        read,
    )
}

/// A part of the component is unknown, so no rule passes: a rule without a finding in `report` is not checked.
pub(crate) fn mark_incomplete(
    rules: &RuleSet,
    component: &ComponentFiles,
    unknown: &SourceFile,
    options: FileOptions,
    report: &mut FileReport,
) {
    report.not_checked.clear();
    if options.only_by_changed {
        return;
    }
    let file = &component.file;
    for (rule, _) in rules.checks(file.component.metadata_type) {
        let has_finding = report.findings.iter().any(|it| it.rule == rule.id);
        let is_known = report.not_checked.iter().any(|it| it.rule == rule.id);
        if has_finding || is_known || (file.is_forceignored() && !rule.include_forceignored) {
            continue;
        }
        if options.detail.posture {
            let metadata_type = file.component.metadata_type;
            report
                .posture
                .set(&rule.id, metadata_type, Outcome::NotChecked);
        }
        report.not_checked.push(NotChecked {
            rule: rule.id.clone(),
            component: file.component.clone(),
            path: file.report_path(),
            reason: UnknownReason::ComponentIncomplete {
                path: unknown.report_path(),
            },
        });
    }
}

fn add_malformed(
    rules: &RuleSet,
    broken: &[MalformedFile<'_>],
    options: FileOptions,
    report: &mut FileReport,
) {
    for it in broken {
        // Of a component that is not deployed or not changed, only the other results are reported.
        if options.only_by_changed || it.file.is_forceignored() {
            continue;
        }
        let rule = rules.malformed();
        let finding = malformed(rule, &it.file, it.bytes, &it.reason, options.detail);
        if options.detail.posture {
            let metadata_type = it.file.component.metadata_type;
            report.posture.set(&rule.id, metadata_type, Outcome::Fail);
        }
        report.findings.push(finding);
    }
}
