//! A project of which something is open: the rules that hold for its files, and what of them counts.
//!
//! In: a folder, the open texts, what the user set. Out: an [`OpenProject`] that judges files as
//! `forcelint check --force-exclude` does. A `forcelint.toml` that cannot be used is told, and until
//! it is mended the last one that could be used holds; without one all built-in rules are on and
//! nothing is excepted, so that a mistake never hides a finding that nobody had hidden before.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::documents::Judged;
use super::problems::{Place, Problem, problems};
use crate::config::{Baseline, CliOverrides, Config, OwnRulesError, Policy, Settings};
use crate::finding::Report;
use crate::lsp::client;
use crate::project::{MetadataType, Overlay, PathGlobs, Project, Projects, SourceFile};
use crate::rule::{RuleSet, Selection, Severity};
use crate::run::{Indexes, Options, Workspace, check_file};

/// What a config makes of the rules.
#[derive(Clone)]
pub(super) struct Usable {
    /// The rules that are on.
    pub rules: Arc<RuleSet>,
    /// What counts.
    pub policy: Arc<Policy>,
    excludes: PathGlobs,
    /// The same as they are written.
    excluded: Vec<String>,
}

/// A project whose files are judged.
pub(super) struct OpenProject {
    /// The project.
    pub project: Arc<Project>,
    /// What its config makes of the rules.
    pub usable: Usable,
    /// What its files are checked with.
    pub workspace: Workspace,
    pub indexes: RefCell<Indexes>,
    /// Its config, whether it can be used or not.
    pub config: Option<PathBuf>,
    /// Where users' rules are, absolute.
    pub rule_paths: Vec<PathBuf>,
    /// What is wrong with its own files.
    pub problems: Vec<Problem>,
    /// The config cannot be used.
    pub is_broken: bool,
}

impl OpenProject {
    /// Opens the project of the files in `folder`. Where its config cannot be used, what `former`
    /// made of it holds.
    pub(super) fn open(
        folder: &Path,
        overlay: &Overlay,
        settings: &client::Settings,
        today: Date,
        former: Option<&Usable>,
    ) -> Self {
        let mut projects = Projects::default();
        let project = projects.around(folder, folder);
        let config = match &settings.config_path {
            Some(file) => Some(file.clone()),
            None => Config::place(&project, overlay),
        };
        let mut found = Vec::new();
        let file = config.as_deref().unwrap_or(&project.root);
        let mut rule_paths = Vec::new();
        let used = Usable::read(
            &project,
            overlay,
            settings,
            today,
            &mut found,
            &mut rule_paths,
        );
        let (usable, is_broken) = match used {
            Ok(usable) => (usable, false),
            Err(error) => {
                found.extend(problems(&error, file));
                let former = former.cloned();
                (
                    former.unwrap_or_else(|| Usable::without(settings, today)),
                    true,
                )
            }
        };
        if let Some(broken) = &project.broken {
            let shown = broken.clone().shown_as(&broken.file.to_string_lossy());
            found.extend(problems(&shown, &broken.file));
        }
        projects.excludes = usable.excludes.clone();
        let options = Options {
            force_exclude: true,
            ..Options::on(today)
        };
        let mut workspace = Workspace::new(&usable.rules, options);
        workspace.projects = projects;
        workspace.sources.overlay = overlay.clone();
        Self {
            project,
            usable,
            workspace,
            indexes: RefCell::default(),
            config,
            rule_paths,
            problems: found,
            is_broken,
        }
    }

    /// Opens it anew, after its config or rules changed and nothing else did. What is known of its
    /// files is kept if the new rules ask no more of them: to find it out takes a walk.
    pub(super) fn reopen(
        self,
        overlay: &Overlay,
        settings: &client::Settings,
        today: Date,
    ) -> Self {
        let mut opened = Self::open(
            &self.project.root,
            overlay,
            settings,
            today,
            Some(&self.usable),
        );
        let read = |usable: &Usable| usable.rules.read_types();
        let asks_the_same = read(&opened.usable) == read(&self.usable);
        if asks_the_same && opened.usable.excluded == self.usable.excluded {
            let mut indexes = self.indexes.into_inner();
            indexes.keep_usable(&opened.usable.rules, &self.usable.rules);
            opened.indexes = RefCell::new(indexes);
            opened.workspace.take_over(self.workspace);
            opened.project = self.project;
        }
        opened
    }

    /// The file at a path, if rules judge it and nothing excludes it.
    pub(super) fn source_file(&self, path: &Path) -> Option<SourceFile> {
        let file = self.workspace.source_file(path)?;
        let judged = self.usable.rules.judged_types();
        Some(file).filter(|file| judged.contains(file.component.metadata_type))
    }

    /// Whether findings in files of the type may depend on other files.
    pub(super) fn asks_others(&self, metadata_type: MetadataType) -> bool {
        self.usable.rules.asking_types().contains(metadata_type)
    }

    /// Judges a file.
    pub(super) fn judge(&self, file: &SourceFile) -> Judged {
        let mut report = check_file(&self.workspace, &mut self.indexes.borrow_mut(), file);
        self.usable.policy.suppress(&mut report);
        self.usable.policy.apply(&mut report);
        Judged::of(report)
    }
}

impl Judged {
    /// What a report tells of the one file that it is about.
    pub(super) fn of(report: Report) -> Self {
        let errors = report.errors.iter();
        Self {
            errors: errors
                .map(|error| format!("{}: {}", error.path, error.message))
                .collect(),
            findings: report.findings,
            suppressed: report.suppressed,
            not_checked: report.not_checked,
            notes: report.notes,
        }
    }
}

impl Usable {
    fn read(
        project: &Project,
        overlay: &Overlay,
        settings: &client::Settings,
        today: Date,
        found: &mut Vec<Problem>,
        rule_paths: &mut Vec<PathBuf>,
    ) -> Result<Self, OwnRulesError> {
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        let config = match &settings.config_path {
            Some(file) => Config::at(file, project, overlay, shown),
            None => Config::of(project, overlay, shown),
        };
        let mut config = config.map_err(|error| OwnRulesError::Config(Box::new(error)))?;
        let folder = config.folder.clone().unwrap_or_default();
        let named = config.rule_paths.iter().flat_map(|it| &it.value);
        rule_paths.extend(named.map(|path| folder.join(path)));
        let own = config.own_rules(shown)?;
        let own: Vec<_> = own.into_iter().map(|loaded| loaded.rule).collect();
        let overrides = CliOverrides {
            min_severity: settings.min_severity,
            // What is shown is what was asked for, whatever fails a run.
            fail_on: settings.min_severity.map(Some),
            ..CliOverrides::default()
        };
        let mut holding = Settings::new(&overrides, &config);
        let rules = RuleSet::select_with(&holding.selection(&config), &own);
        // Every name in the config has been looked up.
        let rules = rules.unwrap_or_else(|_| built_in());
        let excludes = config.take_excludes();
        let excluded = config
            .exclude
            .as_ref()
            .map_or_else(Vec::new, |it| it.value.clone());
        let baseline = holding.baseline.value.take();
        let file = config.file.clone();
        let mut policy = match holding.policy(config, today, shown) {
            Ok(policy) => policy,
            // Without a baseline nothing can be wrong.
            Err(_) => bare_policy(settings, today),
        };
        if let Some(path) = baseline {
            match Baseline::read(&path, &shown(&path)) {
                Ok(baseline) => policy.baseline = Some(baseline),
                // Nothing is hidden by one that cannot be read.
                Err(error) => found.extend(problems(&error, &path)),
            }
        }
        let expired = policy.exceptions.iter().filter(|it| it.is_expired(today));
        found.extend(file.iter().flat_map(|file| {
            expired.clone().map(|exception| Problem {
                file: file.clone(),
                place: Some(line(exception.line)),
                message: format!(
                    "this exception for `{}` has expired, so that it does nothing",
                    exception.rule
                ),
                is_mild: true,
            })
        }));
        Ok(Self {
            rules: Arc::new(rules),
            policy: Arc::new(policy),
            excludes,
            excluded,
        })
    }

    /// What holds without a config.
    fn without(settings: &client::Settings, today: Date) -> Self {
        Self {
            rules: Arc::new(built_in()),
            policy: Arc::new(bare_policy(settings, today)),
            excludes: PathGlobs::default(),
            excluded: Vec::new(),
        }
    }
}

fn built_in() -> RuleSet {
    RuleSet::select(&Selection::default())
        // It names nothing that could be missing.
        .expect("all rules can be selected")
}

fn bare_policy(settings: &client::Settings, today: Date) -> Policy {
    let least = settings.min_severity.unwrap_or(Severity::Low);
    Policy {
        min_severity: least,
        fail_on: Some(least),
        exceptions: Vec::new(),
        today,
        config: String::new(),
        baseline: None,
    }
}

/// A whole line, counted from 1.
fn line(line: usize) -> [Place; 2] {
    let line = line.saturating_sub(1);
    [0, usize::MAX].map(|column| Place { line, column })
}
