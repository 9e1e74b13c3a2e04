//! A project with open documents. It checks a file as `forcelint check --force-exclude` does.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::config_problems::{Problem, problems};
use super::document::FileResults;
use super::loaded_config::LoadedConfig;
use super::settings::Settings;
use crate::config::Config;
use crate::finding::Report;
use crate::git::tracked_files;
use crate::project::{Bounds, Overlay, Project, Projects, SourceFile};
use crate::run::{Indexes, Options, Workspace, check_file, check_file_alone};

/// A project with open documents.
pub(super) struct OpenProject {
    pub project: Arc<Project>,
    pub loaded: LoadedConfig,
    pub workspace: Workspace,
    /// What is known about other files. Checking a file adds to it.
    pub indexes: RefCell<Indexes>,
    /// Its config, valid or not.
    pub config: Option<PathBuf>,
    /// Absolute paths of the users' rules.
    pub rule_paths: Vec<PathBuf>,
    /// Errors and warnings in its config, rules, baseline and `sfdx-project.json`.
    pub problems: Vec<Problem>,
    /// The config is invalid.
    pub is_broken: bool,
}

impl OpenProject {
    /// Opens the project of the files in `folder`. If its config is invalid, `previous` applies; if there
    /// was none, all built-in rules without exceptions, so that an error never hides a finding. Links do
    /// not lead out of the folder of the workspace.
    pub(super) fn open(
        folder: &Path,
        workspace_folders: &[PathBuf],
        overlay: &Overlay,
        settings: &Settings,
        today: Date,
        previous: Option<&LoadedConfig>,
    ) -> Self {
        let mut projects = Projects::new(Some(tracked_files));
        let workspace = workspace_folders.iter().filter(|it| folder.starts_with(it));
        if let Some(workspace) = workspace.max_by_key(|it| it.as_os_str().len()) {
            projects.bounds = Bounds::Folder(workspace.clone());
        }
        let project = projects.around(folder, folder);
        let config = match &settings.config_path {
            Some(file) => Some(file.clone()),
            None => Config::find(&project, overlay),
        };
        let mut found = Vec::new();
        let file = config.as_deref().unwrap_or(&project.root);
        let mut rule_paths = Vec::new();
        let loaded = LoadedConfig::read(
            &project,
            overlay,
            settings,
            today,
            &mut found,
            &mut rule_paths,
        );
        let (loaded, is_broken) = match loaded {
            Ok(loaded) => (loaded, false),
            Err(error) => {
                found.extend(problems(&error, file));
                let previous = previous.cloned();
                let loaded = previous.unwrap_or_else(|| LoadedConfig::built_in(settings, today));
                (loaded, true)
            }
        };
        if let Some(broken) = &project.broken {
            let shown = broken
                .clone()
                .with_display_path(&broken.file.to_string_lossy());
            found.extend(problems(&shown, &broken.file));
        }
        projects.excludes = loaded.excludes.clone();
        let options = Options {
            force_exclude: true,
            ..Options::on(today)
        };
        let mut workspace = Workspace::new(&loaded.rules, options);
        workspace.projects = projects;
        workspace.sources.overlay = overlay.clone();
        Self {
            project,
            loaded,
            workspace,
            indexes: RefCell::default(),
            config,
            rule_paths,
            problems: found,
            is_broken,
        }
    }

    /// Opens the project again after only its config or rules changed. The index of its files is kept if
    /// the new rules read the same metadata types, because building it takes a walk.
    pub(super) fn reload_rules(
        self,
        workspace_folders: &[PathBuf],
        overlay: &Overlay,
        settings: &Settings,
        today: Date,
    ) -> Self {
        let mut opened = Self::open(
            &self.project.root,
            workspace_folders,
            overlay,
            settings,
            today,
            Some(&self.loaded),
        );
        let read = |loaded: &LoadedConfig| loaded.rules.read_types();
        let reads_the_same = read(&opened.loaded) == read(&self.loaded);
        if reads_the_same && opened.loaded.excluded == self.loaded.excluded {
            let mut indexes = self.indexes.into_inner();
            indexes.keep_usable(&opened.loaded.rules, &self.loaded.rules);
            opened.indexes = RefCell::new(indexes);
            opened.workspace.take_over(self.workspace);
            opened.project = self.project;
        }
        opened
    }

    /// The file at a path, if rules check it and nothing excludes it.
    pub(super) fn source_file(&self, path: &Path) -> Option<SourceFile> {
        let file = self.workspace.source_file(path)?;
        let checked = self.loaded.rules.checked_types();
        let is_checked = checked.contains(file.component.metadata_type);
        Some(file).filter(|file| is_checked || self.is_part(file))
    }

    /// Whether findings in a file may depend on other files.
    pub(super) fn reads_others(&self, file: &SourceFile) -> bool {
        let reading_others = self.loaded.rules.types_reading_others();
        reading_others.contains(file.component.metadata_type) || self.is_part(file)
    }

    /// Whether a file can be a part of a component with several files.
    fn is_part(&self, file: &SourceFile) -> bool {
        let rules = &self.loaded.rules;
        rules.may_be_part_of(rules.checked_types(), file)
    }

    /// Findings in a file that do not depend on others, if some of these have to be read first.
    pub(super) fn check_alone(&self, file: &SourceFile) -> Option<FileResults> {
        let report = check_file_alone(&self.workspace, &self.indexes.borrow(), file)?;
        Some(self.results(report))
    }

    /// Checks a file.
    pub(super) fn check(&self, file: &SourceFile) -> FileResults {
        self.results(check_file(
            &self.workspace,
            &mut self.indexes.borrow_mut(),
            file,
        ))
    }

    fn results(&self, mut report: Report) -> FileResults {
        self.loaded.policy.suppress(&mut report);
        self.loaded.policy.apply(&mut report);
        FileResults::new(report)
    }
}
