//! Everything that a run depends on, except for its targets.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::options::Options;
use super::source_reader::SourceReader;
use super::threads::{Pool, Threads};
use crate::finding::Tally;
use crate::git::{Changes, tracked_files};
use crate::project::{
    Deployment, Fate, Projects, SkipReason, Skipped, SourceFile, classify_at, fate_of,
};
use crate::rule::RuleSet;

/// Everything that a run depends on, except for its targets.
pub struct Workspace {
    pub rules: Arc<RuleSet>,
    pub options: Options,
    pub projects: Projects,
    pub sources: SourceReader,
    pub(super) threads: Threads,
}

/// The progress of a run, and a way to stop it.
#[derive(Debug, Default, Clone)]
pub struct Monitor {
    /// The number of files that the walk has found so far.
    pub files_seen: Arc<AtomicU64>,
    /// If it is set to true, the remaining files are skipped and the report is not complete.
    pub stop: Arc<AtomicBool>,
}

impl Workspace {
    /// A workspace of the files on disk.
    pub fn new(rules: &Arc<RuleSet>, options: Options) -> Self {
        Self::of(rules, options, Projects::new(Some(tracked_files)))
    }

    /// A workspace of the files in these projects, on disk or in a zip.
    pub(crate) fn of(rules: &Arc<RuleSet>, options: Options, projects: Projects) -> Self {
        Self {
            rules: Arc::clone(rules),
            options,
            sources: SourceReader {
                packed: projects.packed().clone(),
                ..SourceReader::default()
            },
            projects,
            threads: Threads::default(),
        }
    }

    /// Reuses the projects and threads of another workspace.
    pub(crate) fn take_over(&mut self, former: Self) {
        self.projects = former.projects;
        self.threads = former.threads;
    }

    pub(super) fn pool(&self) -> &Pool {
        self.threads.pool(self.options.jobs)
    }

    /// Calls `tasks` in a thread of the run, so that they can use all of them.
    pub(crate) fn in_pool<T: Send>(&self, tasks: impl FnOnce() -> T + Send) -> T {
        self.pool().install(tasks)
    }

    pub(super) fn changes(&self) -> Option<&Changes> {
        self.sources.changes.as_deref()
    }

    /// Whether all findings of a file are reported: it is changed, or the run is about all files.
    pub(super) fn is_changed(&self, file: &SourceFile) -> bool {
        self.changes().is_none_or(|changes| changes.has(&file.path))
    }

    /// The file at a path, as a walk of its project finds it. `None` if the walk skips it.
    pub fn source_file(&self, path: &Path) -> Option<SourceFile> {
        self.named_file(path.to_path_buf(), true, &mut Tally::default())
    }

    /// The named files that are metadata.
    pub(super) fn named_files(
        &self,
        paths: impl Iterator<Item = PathBuf>,
        tally: &mut Tally,
    ) -> Vec<SourceFile> {
        let mut named = Vec::new();
        for path in paths {
            tally.files_seen += 1;
            named.extend(self.named_file(path, self.options.force_exclude, tally));
        }
        named
    }

    /// The named file at a path, if it is metadata and, if excludes apply, is not excluded.
    fn named_file(
        &self,
        path: PathBuf,
        excludes_apply: bool,
        tally: &mut Tally,
    ) -> Option<SourceFile> {
        classify_at(&path)?;
        let folder = path.parent()?;
        let project = self.projects.around(folder, folder);
        let mut file = SourceFile::new(path.clone(), Arc::clone(&project))?;
        let is_audit = self.projects.is_audit;
        if !excludes_apply && !is_audit {
            return Some(file);
        }
        let fate = fate_of(&path, &project, &self.projects);
        if let Some(reason) = fate.skip_reason().filter(|_| is_audit) {
            if reason.is_ignore_file() {
                file.deployment = Deployment::Ignored(reason);
            }
            return Some(file);
        }
        let mut skip = |reason| {
            *tally.skipped.entry(reason).or_default() += 1;
            if self.options.detail.skipped {
                let path = path.clone();
                tally.skipped_paths.push(Skipped { path, reason });
            }
        };
        match fate {
            Fate::Deployed => {}
            Fate::Skipped(reason) => {
                skip(reason);
                return None;
            }
            Fate::Forceignored => {
                skip(SkipReason::Forceignore);
                let include_forceignored = self.rules.types_checked_when_forceignored();
                if !include_forceignored.contains(file.component.metadata_type) {
                    return None;
                }
                file.deployment = Deployment::Forceignored;
            }
        }
        Some(file)
    }
}
