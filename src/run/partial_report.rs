//! The results of some of the files of a run.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;

use crate::finding::{
    FileReport, Finding, MoreFindings, NotChecked, NotShown, Posture, Report, RunError, Tally,
    add_fingerprints, sort_findings,
};
use crate::project::{
    ComponentFiles, MetadataType, PROJECT_FILE, SkipReason, SourceFile, Targets, TypeSet, slashed,
};
use crate::text::sanitize;

use super::clean_pieces::CleanPieces;
use super::kept_file::{Deferred, KeptFile};
use super::workspace::Workspace;

/// The memory for files that are checked again, in bytes. The others are read and parsed again. The first file is kept
/// whatever its size, so that a large one alone is parsed once.
const MAX_KEPT_BYTES: usize = 4 << 20;

/// The results of some of the files of a run, in no particular order. Threads merge theirs.
#[derive(Default)]
pub(super) struct PartialReport {
    pub findings: Vec<Box<Finding>>,
    pub more: Vec<MoreFindings>,
    pub not_shown: NotShown,
    pub not_checked: Vec<NotChecked>,
    pub errors: Vec<RunError>,
    pub notes: Vec<String>,
    /// Files that can be a part of a component with several files.
    pub decomposable: Vec<SourceFile>,
    pub clean_pieces: Vec<CleanPieces>,
    /// Components that are checked after the index of their scope has been built.
    pub deferred: Vec<Deferred>,
    /// The memory of the files that are kept for them, in bytes.
    pub kept_bytes: usize,
    /// Files that conditions can read.
    pub indexable: Vec<SourceFile>,
    pub components: HashMap<MetadataType, u64>,
    pub files_checked: u64,
    /// Checked files that an ignore file excludes.
    pub ignored: BTreeMap<SkipReason, u64>,
    pub posture: Posture,
}

impl PartialReport {
    /// Defers a component. Its file is kept if there is memory for it.
    pub(super) fn defer(&mut self, component: ComponentFiles, kept: Option<KeptFile>) {
        let is_first = self.kept_bytes == 0;
        let kept = kept.filter(|kept| is_first || self.kept_bytes + kept.size() <= MAX_KEPT_BYTES);
        self.kept_bytes += kept.as_ref().map_or(0, KeptFile::size);
        self.deferred.push(Deferred { component, kept });
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.more.extend(other.more);
        self.not_shown.absorb(other.not_shown);
        self.not_checked.extend(other.not_checked);
        self.errors.extend(other.errors);
        self.notes.extend(other.notes);
        self.decomposable.extend(other.decomposable);
        self.clean_pieces.extend(other.clean_pieces);
        let is_first = self.kept_bytes == 0;
        self.kept_bytes += other.kept_bytes;
        if !is_first && self.kept_bytes > MAX_KEPT_BYTES {
            self.kept_bytes -= other.kept_bytes;
            let deferred = other.deferred.into_iter();
            self.deferred.extend(deferred.map(|it| it.component.into()));
        } else {
            self.deferred.extend(other.deferred);
        }
        self.indexable.extend(other.indexable);
        self.files_checked += other.files_checked;
        self.posture.absorb(other.posture);
        for (by, count) in other.ignored {
            *self.ignored.entry(by).or_default() += count;
        }
        for (metadata_type, count) in other.components {
            *self.components.entry(metadata_type).or_default() += count;
        }
    }

    pub(super) fn absorb_file(&mut self, report: FileReport) {
        let findings = report.findings.into_iter();
        self.findings.extend(findings.map(Box::new));
        self.more.extend(report.more);
        self.not_shown.absorb(report.not_shown);
        self.not_checked.extend(report.not_checked);
        self.posture.absorb(report.posture);
        self.notes.extend(report.notes);
    }

    /// Counts a file that was checked.
    pub(super) fn count(&mut self, file: &SourceFile) {
        self.count_files([file].into_iter());
        let metadata_type = file.component.metadata_type;
        *self.components.entry(metadata_type).or_default() += 1;
    }

    /// Counts a component with several files. Those that are also components are counted as such.
    pub(super) fn count_decomposed(&mut self, component: &ComponentFiles, checked: TypeSet) {
        let metadata_type = component.file.component.metadata_type;
        *self.components.entry(metadata_type).or_default() += 1;
        let is_counted = |file: &&SourceFile| {
            file.is_component()
                && file.piece().is_some()
                && checked.contains(file.component.metadata_type)
        };
        let files = component.files().filter(|file| !is_counted(file));
        self.count_files(files);
    }

    fn count_files<'f>(&mut self, files: impl Iterator<Item = &'f SourceFile>) {
        for file in files {
            self.files_checked += 1;
            if let Some(by) = file.ignored_by() {
                *self.ignored.entry(by).or_default() += 1;
            }
        }
    }

    /// Adds a note for a file that was deleted after the walk found it, and an error for any other
    /// file that cannot be read.
    pub(super) fn unreadable(&mut self, file: &SourceFile, error: &io::Error, is_named: bool) {
        let path = file.report_path();
        if error.kind() == io::ErrorKind::NotFound && !is_named {
            self.notes
                .push(format!("{path} was deleted while forcelint was running"));
        } else {
            self.errors.push(unreadable(file, error));
        }
    }

    /// The report, with everything in order and with fingerprints.
    pub(super) fn finish(
        mut self,
        workspace: &Workspace,
        mut tally: Tally,
        targets: &Targets,
    ) -> Report {
        sort_findings(&mut self.findings);
        add_fingerprints(&mut self.findings);
        self.more.sort_by_cached_key(MoreFindings::sort_key);
        self.not_checked.sort_by_cached_key(|it| {
            let reason = it.reason.to_string();
            (
                it.rule.clone(),
                it.component.clone(),
                it.path.clone(),
                reason,
            )
        });
        self.not_checked.dedup();
        if !targets.folders.is_empty() {
            self.errors.extend(unsupported_suffixes(workspace));
        }
        self.errors.sort();
        self.errors.dedup();
        self.notes.extend(targets.notes.iter().cloned());
        self.notes.extend(workspace.projects.notes());
        self.notes.sort();
        self.notes.dedup();
        tally.files_checked = self.files_checked;
        tally.ignored = self.ignored;
        for (metadata_type, count) in self.components {
            // Files with a misspelled suffix have another `MetadataType` with the same name.
            *tally.components.entry(metadata_type.name()).or_default() += count;
        }
        let skipped = std::mem::take(&mut tally.skipped_paths).into_iter();
        let skipped = skipped.map(|it| {
            (
                workspace.projects.report_path(&it.path, &targets.folders),
                it.reason,
            )
        });
        let mut skipped_files: Vec<_> = skipped.collect();
        skipped_files.sort();
        if workspace.options.detail.posture {
            self.posture.finish(&workspace.projects);
        }
        Report {
            findings: self.findings,
            more: self.more,
            suppressed: Vec::new(),
            not_shown: self.not_shown,
            shows_suppressed: false,
            not_checked: self.not_checked,
            errors: self.errors,
            unusable: targets.unusable.clone(),
            compared: workspace
                .changes()
                .map_or_else(Vec::new, |it| it.compared.clone()),
            broken_projects: workspace.projects.errors(),
            notes: self.notes,
            root: workspace
                .projects
                .report_root()
                .map_or_else(String::new, slashed),
            skipped_files,
            tally,
            fixed: Vec::new(),
            posture: self.posture,
        }
    }
}

/// The error about a file that cannot be read.
pub(super) fn unreadable(file: &SourceFile, error: &io::Error) -> RunError {
    RunError {
        path: file.report_path(),
        message: format!("cannot be read: {error}"),
    }
}

/// The errors about suffixes of metadata that a walk does not find.
fn unsupported_suffixes(workspace: &Workspace) -> Vec<RunError> {
    let rules = &workspace.rules;
    let types = rules.checked_types().union(rules.read_types());
    let mut errors = Vec::new();
    for project in workspace.projects.used() {
        for custom in project.custom_suffixes() {
            if types.contains(custom.metadata_type) {
                errors.push(RunError {
                    path: project.report_path(&project.root.join(PROJECT_FILE)),
                    message: format!(
                        "gives {} the suffix `{}` in `registryCustomizations`: forcelint does not check such files",
                        custom.metadata_type.name(),
                        sanitize(&custom.suffix),
                    ),
                });
            }
        }
    }
    errors
}

/// The errors about folders that cannot be read.
pub(super) fn folder_errors(
    workspace: &Workspace,
    unreadable: &[(PathBuf, String)],
    folders: &[PathBuf],
) -> Vec<RunError> {
    let to_error = |(path, reason): &(PathBuf, String)| RunError {
        path: workspace.projects.report_path(path, folders),
        message: reason.clone(),
    };
    unreadable.iter().map(to_error).collect()
}
