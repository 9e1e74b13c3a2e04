//! Checks a component with several files.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::partial_report::unreadable;
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{Detail, FileReport, Finding, Location, MoreFindings, RunError};
use crate::git::Changes;
use crate::lint::{FileOptions, Linted, Phase, lint_component};
use crate::project::{ComponentFiles, SourceFile, group};
use crate::rule::Severity;

/// Checks a decomposed component. `edited` is the text of one of its files. Of the options, those about changes
/// are set for the component.
pub(super) fn lint_decomposed(
    workspace: &Workspace,
    component: &ComponentFiles,
    edited: Option<(&SourceFile, &[u8])>,
    index: Option<&ComponentIndex>,
    options: FileOptions,
    errors: &mut Vec<RunError>,
) -> Linted {
    let read = |path: &Path| match edited {
        Some((file, text)) if file.path == path => Ok(text.to_vec()),
        _ => workspace.sources.read(path),
    };
    let timer = workspace.options.timer;
    let current = timer.time(Phase::Read, || Texts::read(Cow::Borrowed(component), &read));
    errors.extend(
        current
            .unread
            .iter()
            .map(|(file, error)| unreadable(file, error)),
    );
    let changes = workspace.changes();
    let options = FileOptions {
        only_by_changed: !is_changed(workspace, component),
        is_renamed: changes
            .is_some_and(|changes| component.files().any(|it| changes.is_renamed(&it.path))),
        ..options
    };
    match changes {
        Some(changes) if !options.only_by_changed => {
            lint_changed(workspace, changes, &current, index, options)
        }
        _ => current.lint(workspace, index, options),
    }
}

/// Whether a file of the component is changed, or the run is about all files. With another name, a file has become
/// a part of another component.
pub(super) fn is_changed(workspace: &Workspace, component: &ComponentFiles) -> bool {
    let is_changed = |changes: &Changes| {
        let is_moved = |path: &Path| component.is_decomposed() && changes.is_renamed(path);
        let mut paths = component.files().map(|file| file.path.as_path());
        !component.deleted.is_empty() || paths.any(|it| changes.has(it) || is_moved(it))
    };
    workspace.changes().is_none_or(is_changed)
}

/// Checks a changed component, without the findings in unchanged files that were there before the change.
fn lint_changed(
    workspace: &Workspace,
    changes: &Changes,
    current: &Texts<'_>,
    index: Option<&ComponentIndex>,
    options: FileOptions,
) -> Linted {
    // All findings are compared, and counted only then.
    let all = FileOptions {
        limit: usize::MAX,
        detail: Detail {
            keeps_unreported: true,
            ..options.detail
        },
        ..options
    };
    let Linted::Done(report) = current.lint(workspace, index, all) else {
        return Linted::NeedsIndex;
    };
    match only_new(workspace, changes, current, *report, index, all) {
        Linted::Done(mut report) => {
            list_at_most(options.limit, &mut report);
            Linted::Done(report)
        }
        Linted::NeedsIndex => Linted::NeedsIndex,
    }
}

/// Counts the findings of a rule beyond the limit instead of listing them.
fn list_at_most(limit: usize, report: &mut FileReport) {
    let mut counts: HashMap<(String, bool), usize> = HashMap::new();
    let mut more: HashMap<(String, Severity, bool), MoreFindings> = HashMap::new();
    report.findings.retain(|finding| {
        let is_suppressed = finding.suppressed.is_some();
        let count = counts
            .entry((finding.rule.clone(), is_suppressed))
            .or_default();
        *count += 1;
        if *count > limit {
            let key = (finding.rule.clone(), finding.severity, is_suppressed);
            let more = more.entry(key).or_insert_with(|| MoreFindings {
                rule: finding.rule.clone(),
                severity: finding.severity,
                file: (*finding.file).clone(),
                location: Location {
                    excerpt: None,
                    ..finding.location.clone()
                },
                count: 0,
                suppressed: finding.suppressed.as_deref().cloned(),
            });
            more.count += 1;
        }
        *count <= limit
    });
    report.more.extend(more.into_values());
}

/// Removes the findings in unchanged files that were there before the change.
fn only_new(
    workspace: &Workspace,
    changes: &Changes,
    current: &Texts<'_>,
    mut report: FileReport,
    index: Option<&ComponentIndex>,
    options: FileOptions,
) -> Linted {
    let is_in_changed = |finding: &Finding| changes.has(&finding.file.path);
    if report.findings.iter().all(is_in_changed) {
        return Linted::Done(Box::new(report));
    }
    let former = Texts::former(&current.component, changes, &|path| {
        workspace.sources.read(path)
    });
    let former = former.map(|former| former.lint(workspace, index, options));
    let by_other_files = FileOptions {
        only_by_changed: true,
        ..options
    };
    let by_other_files = current.lint(workspace, index, by_other_files);
    let (former, by_other_files) = match (former, by_other_files) {
        (Some(Linted::NeedsIndex), _) | (_, Linted::NeedsIndex) => return Linted::NeedsIndex,
        (None, by_other_files) => (FileReport::default(), by_other_files.done()),
        (Some(former), by_other_files) => (former.done(), by_other_files.done()),
    };
    let mut known = counted(&former);
    let by_other_files = counted(&by_other_files);
    report.findings.retain(|finding| {
        let identity = identity(finding);
        let is_known = known.get_mut(&identity).is_some_and(|count| {
            let is_known = *count > 0;
            *count = count.saturating_sub(1);
            is_known
        });
        is_in_changed(finding) || !is_known || by_other_files.contains_key(&identity)
    });
    Linted::Done(Box::new(report))
}

type Identity = (String, Severity, String, String);

fn identity(finding: &Finding) -> Identity {
    let Finding {
        rule,
        severity,
        element,
        ..
    } = finding;
    (rule.clone(), *severity, element.clone(), finding.message())
}

fn counted(report: &FileReport) -> HashMap<Identity, usize> {
    let mut counts = HashMap::new();
    for finding in &report.findings {
        *counts.entry(identity(finding)).or_default() += 1;
    }
    counts
}

/// The bytes of a component's files.
struct Texts<'c> {
    component: Cow<'c, ComponentFiles>,
    texts: Vec<(SourceFile, Vec<u8>)>,
    unread: Vec<(SourceFile, io::Error)>,
}

impl<'c> Texts<'c> {
    fn read(
        component: Cow<'c, ComponentFiles>,
        read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Self {
        let (mut texts, mut unread) = (Vec::new(), Vec::new());
        for file in component.files() {
            match read(&file.path) {
                Ok(bytes) => texts.push((file.clone(), bytes)),
                Err(error) => unread.push((file.clone(), error)),
            }
        }
        Self {
            component,
            texts,
            unread,
        }
    }

    /// The component before the change. `None` if it is new.
    fn former(
        component: &ComponentFiles,
        changes: &Changes,
        read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Option<Self> {
        let files = component.files().chain(&component.deleted);
        let files = files.filter(|file| !changes.is_newly_checked(&file.path));
        let files = files.cloned().collect();
        // With another main file, the name of the component may differ.
        let (_, component) = group(files).pop()?;
        let read_former = |path: &Path| changes.former_text(path).unwrap_or_else(|| read(path));
        Some(Self::read(Cow::Owned(component), &read_former))
    }

    fn lint(
        &self,
        workspace: &Workspace,
        index: Option<&ComponentIndex>,
        options: FileOptions,
    ) -> Linted {
        let unread: Vec<SourceFile> = self.unread.iter().map(|(file, _)| file.clone()).collect();
        lint_component(
            &workspace.rules,
            &self.component,
            &self.texts,
            &unread,
            index,
            options,
            &|path| workspace.sources.read(path),
        )
    }
}
