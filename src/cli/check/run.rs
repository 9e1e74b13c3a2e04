//! One run of `check`: what it checks, and its report.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use miette::IntoDiagnostic as _;

use super::fixer::Fixer;
use crate::cli::arguments::{CheckArgs, Output};
use crate::cli::changed_files::use_changes;
use crate::cli::former_config::ConfigSources;
use crate::config::{ConfigScope, Policy};
use crate::finding::{Relaxations, Report};
use crate::fix::{Level, Writer};
use crate::lint::Phase;
use crate::project::{SourceFile, Targets, absolute};
use crate::rule::RuleSet;
use crate::run::{Indexes, Monitor, Workspace, fixable_files, run};
use crate::xml::MAX_FILE_BYTES;

/// One run of `check`.
pub(super) struct Run<'r> {
    pub(super) arguments: &'r CheckArgs,
    pub(super) config_scope: ConfigScope,
    pub(super) relaxations: Relaxations,
    /// The settings as a config file, with paths relative to the repository.
    pub(super) effective_settings: String,
    pub(super) config_sources: ConfigSources,
    pub(super) policy: Policy,
    pub(super) outputs: Vec<Output>,
    pub(super) working_directory: PathBuf,
    pub(super) workspace: Workspace,
    pub(super) indexes: Indexes,
    pub(super) fixer: Fixer,
    pub(super) monitor: Monitor,
    pub(super) rules: &'r RuleSet,
    pub(super) targets: Targets,
    pub(super) started: Instant,
}

impl Run<'_> {
    pub(super) fn resolve(&mut self, paths: &[PathBuf]) -> miette::Result<()> {
        let only_from_files = paths.is_empty() && !self.arguments.paths.is_empty();
        if !only_from_files {
            self.targets =
                Targets::resolve(paths, &self.working_directory, &self.workspace.projects)
                    .into_diagnostic()?;
        }
        let targets = self.targets.folders.iter().chain(&self.targets.files);
        let targets: Vec<&Path> = targets.map(PathBuf::as_path).collect();
        let projects = &self.workspace.projects;
        match &self.targets.project {
            Some(project) => projects.set_report_root(&[&project.root]),
            None => projects.set_report_root(&targets),
        }
        let config = &self.config_sources;
        use_changes(
            self.arguments,
            &mut self.workspace,
            &mut self.targets,
            config,
        )
    }

    pub(super) fn take_stdin(&mut self, file: &Path) -> miette::Result<()> {
        let path = absolute(file).into_diagnostic()?;
        let mut text = Vec::new();
        io::stdin()
            // One byte more than the limit for files shows that it is too large.
            .take(MAX_FILE_BYTES as u64 + 1)
            .read_to_end(&mut text)
            .into_diagnostic()?;
        self.workspace.projects.set_report_root(&[&path]);
        self.workspace.sources.overlay.set(path.clone(), text);
        self.targets.files.push(path);
        Ok(())
    }

    pub(super) fn level(&self) -> Option<Level> {
        self.arguments.fix.map(Level::from)
    }

    pub(super) fn writer(&self) -> Writer {
        // Links can lead to other files of the repository.
        let bases = self.workspace.projects.bases();
        let folders: Vec<PathBuf> = self.targets.folders.iter().cloned().chain(bases).collect();
        Writer::new(&folders, &self.targets.files)
    }

    /// Checks the targets and suppresses findings.
    pub(super) fn run_checks(&mut self) -> Report {
        let mut report = run(
            &self.workspace,
            &self.targets,
            &mut self.indexes,
            &self.monitor,
        );
        if self.level().is_none() {
            self.indexes.clear();
        }
        let timer = self.workspace.options.timer;
        timer.time(Phase::Report, || self.policy.suppress(&mut report));
        report.shows_suppressed = self.arguments.show_suppressed;
        report
    }

    /// The files with findings to fix, by path. Other files of a component than the named ones are not fixed.
    pub(super) fn fixable_files<'f>(
        &self,
        report: &'f Report,
        level: Level,
    ) -> impl Iterator<Item = &'f SourceFile> + use<'f> {
        fixable_files(&self.policy, report, level, &self.targets)
    }
}
