//! The effective settings of a run: from the command line, else from the config, else the defaults.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::baseline::{Baseline, BaselineError};
use super::config::{Config, ConfigValue};
use super::exceptions::{Exception, Subject};
use super::policy::Policy;
use crate::rule::{Selection, Severity};
use crate::text::sanitize;

/// The default of `--min-severity` and `--fail-on`.
pub(super) const DEFAULT_SEVERITY: Severity = Severity::Low;

/// Settings of the command line, which take precedence over those of the config.
#[derive(Debug, Default, Clone)]
pub struct CliOverrides {
    /// `--select`.
    pub select: Vec<String>,
    /// `--ignore`.
    pub ignore: Vec<String>,
    /// `--min-severity`.
    pub min_severity: Option<Severity>,
    /// `--fail-on`. The inner value is `None` for `never`.
    pub fail_on: Option<Option<Severity>>,
    /// `--fail-on-unchecked`.
    pub fail_on_unchecked: Option<bool>,
    /// `--baseline`, as an absolute path. The inner value is `None` for `--no-baseline`.
    pub baseline: Option<Option<PathBuf>>,
}

/// Where a value is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// In this line of the config.
    Config(usize),
    CommandLine,
}

/// A value and where it is set.
#[derive(Debug, Clone)]
pub struct Sourced<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T: Clone> Sourced<T> {
    fn of(cli: Option<T>, config: Option<&ConfigValue<T>>, default: T) -> Self {
        let (value, origin) = match (cli, config) {
            (Some(value), _) => (value, Origin::CommandLine),
            (None, Some(config)) => (config.value.clone(), Origin::Config(config.line)),
            (None, None) => (default, Origin::Default),
        };
        Self { value, origin }
    }
}

/// The effective settings of a run.
#[derive(Debug)]
pub struct Settings {
    /// Rules and tags to check. All if empty.
    pub select: Sourced<Vec<String>>,
    /// Rules and tags to ignore.
    pub ignore: Sourced<Vec<String>>,
    /// The lowest severity to report.
    pub min_severity: Sourced<Severity>,
    /// The lowest severity that fails the run, or `None` for never.
    pub fail_on: Sourced<Option<Severity>>,
    /// Whether a rule that cannot be checked fails the run.
    pub fail_on_unchecked: Sourced<bool>,
    pub baseline: Sourced<Option<PathBuf>>,
}

impl Settings {
    pub fn new(cli: &CliOverrides, config: &Config) -> Self {
        let list = |names: &[String]| Some(names.to_vec()).filter(|list| !list.is_empty());
        let baseline = config.baseline.as_ref().map(|it| ConfigValue {
            value: Some(it.value.clone()),
            line: it.line,
        });
        let fail_on = Sourced::of(cli.fail_on, config.fail_on.as_ref(), Some(DEFAULT_SEVERITY));
        // By default, what fails the run is shown.
        let lowest = fail_on
            .value
            .map_or(DEFAULT_SEVERITY, |it| it.min(DEFAULT_SEVERITY));
        Self {
            select: Sourced::of(list(&cli.select), config.select.as_ref(), Vec::new()),
            ignore: Sourced::of(list(&cli.ignore), config.ignore.as_ref(), Vec::new()),
            min_severity: Sourced::of(cli.min_severity, config.min_severity.as_ref(), lowest),
            fail_on,
            fail_on_unchecked: Sourced::of(
                cli.fail_on_unchecked,
                config.fail_on_unchecked.as_ref(),
                false,
            ),
            baseline: Sourced::of(cli.baseline.clone(), baseline.as_ref(), None),
        }
    }

    /// The enabled rules. The command line can enable a rule that the config turns off.
    pub fn selection(&self, config: &Config) -> Selection {
        let is_from_cli = |set: &Sourced<Vec<String>>| set.origin == Origin::CommandLine;
        let rules = config.rules.iter();
        let mut severity_overrides = Vec::new();
        let mut off = Vec::new();
        for (id, level) in rules {
            match level.value {
                Some(severity) => severity_overrides.push((id.clone(), severity)),
                None => off.push(id.clone()),
            }
        }
        let mut ignore = Vec::new();
        if is_from_cli(&self.ignore) {
            ignore.extend_from_slice(&self.ignore.value);
        } else {
            off.extend_from_slice(&self.ignore.value);
        }
        if !is_from_cli(&self.select) {
            ignore.append(&mut off);
        }
        Selection {
            select: self.select.value.clone(),
            ignore,
            off,
            severity_overrides,
        }
    }

    /// The policy of the run, with its baseline.
    ///
    /// # Errors
    /// If the baseline cannot be used.
    pub fn policy(
        &self,
        config: Config,
        today: Date,
        display_path: impl Fn(&Path) -> String,
    ) -> Result<Policy, BaselineError> {
        let baseline = self.baseline.value.as_ref();
        let baseline = baseline.map(|file| Baseline::read(file, &display_path(file)));
        Ok(Policy {
            min_severity: self.min_severity.value,
            fail_on: self.fail_on.value,
            fail_on_unchecked: self.fail_on_unchecked.value,
            exceptions: config.exceptions.into(),
            today,
            config: config.display_path,
            baseline: baseline.transpose()?,
        })
    }

    /// The settings as a config file, with the source of each value in a comment.
    pub fn show(
        &self,
        config: &Config,
        today: Date,
        display_path: impl Fn(&Path) -> String,
    ) -> String {
        let file = config.file.as_deref().map(&display_path);
        let file = file.as_deref().unwrap_or_default();
        let file = &*sanitize(file);
        let mut text = match file {
            "" => "# no forcelint.toml\n".to_owned(),
            file => format!("# {file}\n"),
        };
        let from = |origin: Origin| match origin {
            Origin::Default => "default".to_owned(),
            Origin::CommandLine => "command line".to_owned(),
            Origin::Config(line) => format!("{file}:{line}"),
        };
        let mut line = |key: &str, value: String, origin: Origin| {
            let _ = writeln!(text, "{key} = {value} # {}", from(origin));
        };
        let of_config = |it: &Option<ConfigValue<Vec<String>>>| {
            let set = Sourced::of(None, it.as_ref(), Vec::new());
            (list(&set.value), set.origin)
        };
        let severity = |it: Option<Severity>| quoted(it.map_or("never", Severity::name));
        line("select", list(&self.select.value), self.select.origin);
        line("ignore", list(&self.ignore.value), self.ignore.origin);
        let (exclude, origin) = of_config(&config.exclude);
        line("exclude", exclude, origin);
        let (rule_paths, origin) = of_config(&config.rule_paths);
        line("rule-paths", rule_paths, origin);
        let min_severity = &self.min_severity;
        line(
            "min-severity",
            severity(Some(min_severity.value)),
            min_severity.origin,
        );
        line("fail-on", severity(self.fail_on.value), self.fail_on.origin);
        let unchecked = &self.fail_on_unchecked;
        line(
            "fail-on-unchecked",
            unchecked.value.to_string(),
            unchecked.origin,
        );
        match &self.baseline.value {
            Some(file) => {
                let file = quoted(&display_path(file));
                line("baseline", file, self.baseline.origin);
            }
            None => line("# baseline", "none".to_owned(), self.baseline.origin),
        }
        if !config.rules.is_empty() {
            let _ = writeln!(text, "\n[rules]");
        }
        for (id, level) in &config.rules {
            let level_name = quoted(level.value.map_or("off", Severity::name));
            let origin = from(Origin::Config(level.line));
            let _ = writeln!(text, "{} = {level_name} # {origin}", sanitize(id));
        }
        for exception in &config.exceptions {
            let origin = from(Origin::Config(exception.line));
            show_exception(exception, &origin, today, &mut text);
        }
        text
    }
}

fn show_exception(exception: &Exception, origin: &str, today: Date, text: &mut String) {
    let expired = if exception.is_expired(today) {
        ", expired"
    } else {
        ""
    };
    let _ = writeln!(text, "\n[[exception]] # {origin}{expired}");
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{key} = {}", quoted(value));
    };
    line("rule", &exception.rule);
    match &exception.subject {
        Subject::Component(name) => line("component", name),
        Subject::Path { glob, .. } => line("path", glob),
    }
    line("reason", &exception.reason);
    if let Some(owner) = &exception.owner {
        line("owner", owner);
    }
    if let Some(expires) = exception.expires {
        let _ = writeln!(text, "expires = {expires}");
    }
}

/// A text as a TOML string on one line.
fn quoted(text: &str) -> String {
    // A JSON string is also a TOML string.
    let quoted = serde_json::Value::from(text).to_string();
    sanitize(&quoted).into_owned()
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}
