//! Everything that a run depends on, except for what it is asked to check.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use rayon::ThreadPool;

use super::options::Options;
use super::source_reader::SourceReader;
use super::threads::Threads;
use crate::finding::{SkipReason, Tally};
use crate::git::Changes;
use crate::project::{
    Deployment, Projects, SourceFile, classify_at, is_excluded, is_out_of_repository,
};
use crate::rule::RuleSet;

/// Everything that a run depends on, except for what it is asked to check.
pub struct Workspace {
    pub rules: Arc<RuleSet>,
    pub options: Options,
    /// The projects of the files.
    pub projects: Projects,
    pub sources: SourceReader,
    pub(super) threads: Threads,
}

/// How others follow and stop a run.
#[derive(Debug, Default, Clone)]
pub struct Monitor {
    /// Files that the walk has found so far.
    pub files_seen: Arc<AtomicU64>,
    /// Once it is true, files are skipped: the report is no longer needed.
    pub stop: Arc<AtomicBool>,
}

impl Workspace {
    /// A workspace on the disk, without changes.
    pub fn new(rules: &Arc<RuleSet>, options: Options) -> Self {
        Self {
            rules: Arc::clone(rules),
            options,
            projects: Projects::default(),
            sources: SourceReader::default(),
            threads: Threads::default(),
        }
    }

    /// Takes over what another workspace has learned about projects and its threads.
    pub(crate) fn take_over(&mut self, former: Self) {
        self.projects = former.projects;
        self.threads = former.threads;
    }

    pub(super) fn pool(&self) -> &ThreadPool {
        self.threads.pool(self.options.jobs)
    }

    pub(super) fn changes(&self) -> Option<&Changes> {
        self.sources.changes.as_deref()
    }

    /// Whether all findings of a file count: it changed, or the run is about all files.
    pub(super) fn is_changed(&self, file: &SourceFile) -> bool {
        self.changes().is_none_or(|changes| changes.has(&file.path))
    }

    /// The file at a path, as a walk of its project finds it; `None` if the walk skips it.
    pub fn source_file(&self, path: &Path) -> Option<SourceFile> {
        self.named_file(path.to_path_buf(), true, &mut Tally::default())
    }

    /// The files that were named and are metadata.
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

    /// The file at a path that was named, if it is metadata and, where excludes apply, not
    /// excluded.
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
        if !excludes_apply {
            return Some(file);
        }
        if self.projects.excludes.has(&path, false) {
            *tally.skipped.entry(SkipReason::Exclude).or_default() += 1;
            return None;
        }
        if is_excluded(&path, &project, false) {
            *tally.skipped.entry(SkipReason::Excluded).or_default() += 1;
            let even_forceignored = self.rules.types_checked_when_forceignored();
            if is_out_of_repository(&path, &project, false)
                || !even_forceignored.contains(file.component.metadata_type)
            {
                return None;
            }
            file.deployment = Deployment::Forceignored;
        }
        Some(file)
    }
}
