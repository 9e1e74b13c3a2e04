//! The rules, policy and excludes of an open project, read from its config.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::config_problems::{Problem, TextPosition, problems};
use super::settings;
use crate::config::{Baseline, CliOverrides, Config, Exceptions, OwnRulesError, Policy, Settings};
use crate::project::{Overlay, PathGlobs, Project};
use crate::rule::{RuleSet, Selection, Severity};

/// The rules, policy and excludes of a project.
#[derive(Clone)]
pub(super) struct LoadedConfig {
    /// The enabled rules.
    pub rules: Arc<RuleSet>,
    /// Severities, exceptions and baseline.
    pub policy: Arc<Policy>,
    pub excludes: PathGlobs,
    /// The excludes as they are written.
    pub excluded: Vec<String>,
}

impl LoadedConfig {
    /// Reads the config of a project. Warnings, and errors in its baseline, are added to `found`, and
    /// the absolute paths of its rules to `rule_paths`.
    ///
    /// # Errors
    /// The config or a rule is invalid.
    pub(super) fn read(
        project: &Project,
        overlay: &Overlay,
        settings: &settings::Settings,
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
            // The editor's own setting decides, not what fails a run.
            fail_on: settings.min_severity.map(Some),
            ..CliOverrides::default()
        };
        let mut effective = Settings::new(&overrides, &config);
        let rules = RuleSet::select_with(&effective.selection(&config), &own);
        // The config's rule names were verified when it was read.
        let rules = rules.unwrap_or_else(|_| built_in());
        let excludes = config.take_excludes();
        let excluded = config
            .exclude
            .as_ref()
            .map_or_else(Vec::new, |it| it.value.clone());
        let baseline = effective.baseline.value.take();
        let file = config.file.clone();
        let mut policy = match effective.policy(config, today, shown) {
            Ok(policy) => policy,
            // Unreachable without a baseline, which was taken out.
            Err(_) => bare_policy(settings, today),
        };
        if let Some(path) = baseline {
            match Baseline::read(&path, &shown(&path)) {
                Ok(baseline) => policy.baseline = Some(baseline),
                // An unreadable baseline suppresses nothing.
                Err(error) => found.extend(problems(&error, &path)),
            }
        }
        let expired = policy.exceptions.iter().filter(|it| it.is_expired(today));
        found.extend(file.iter().flat_map(|file| {
            expired.clone().map(|exception| Problem {
                file: file.clone(),
                range: Some(whole_line(exception.line)),
                message: format!(
                    "this exception for `{}` has expired and no longer applies",
                    exception.rule
                ),
                is_warning: true,
            })
        }));
        Ok(Self {
            rules: Arc::new(rules),
            policy: Arc::new(policy),
            excludes,
            excluded,
        })
    }

    /// All built-in rules, without exceptions or excludes.
    pub(super) fn built_in(settings: &settings::Settings, today: Date) -> Self {
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
        // The default selection names no rule or tag that could be unknown.
        .expect("the default selection is valid")
}

fn bare_policy(settings: &settings::Settings, today: Date) -> Policy {
    let least = settings.min_severity.unwrap_or(Severity::Low);
    Policy {
        min_severity: least,
        fail_on: Some(least),
        fail_on_unchecked: false,
        exceptions: Exceptions::default(),
        today,
        config: String::new(),
        baseline: None,
    }
}

/// The start and end of a line, counted from 1.
fn whole_line(line: usize) -> [TextPosition; 2] {
    let line = line.saturating_sub(1);
    [0, usize::MAX].map(|column| TextPosition { line, column })
}
