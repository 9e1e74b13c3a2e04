//! What holds for a run: the command line, else the config, else the default.
//!
//! In: what was typed and the [`Config`]. Out: [`Settings`], each value with where it came from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::baseline::{Baseline, BaselineError};
use super::config::{Config, Lined};
use super::exceptions::Subject;
use super::policy::Policy;
use crate::rule::{Selection, Severity};
use crate::text::inert;

/// What was typed.
#[derive(Debug, Default, Clone)]
pub struct Typed {
    /// `--select`.
    pub select: Vec<String>,
    /// `--ignore`.
    pub ignore: Vec<String>,
    /// `--min-severity`.
    pub min_severity: Option<Severity>,
    /// `--fail-on`; the inner one is none for `never`.
    pub fail_on: Option<Option<Severity>>,
    /// `--baseline`, absolute; the inner one is none for `--no-baseline`.
    pub baseline: Option<Option<PathBuf>>,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// This line of the config.
    Config(usize),
    /// The command line.
    CommandLine,
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T: Clone> Set<T> {
    fn of(typed: Option<T>, config: Option<&Lined<T>>, default: T) -> Self {
        let (value, origin) = match (typed, config) {
            (Some(value), _) => (value, Origin::CommandLine),
            (None, Some(lined)) => (lined.value.clone(), Origin::Config(lined.line)),
            (None, None) => (default, Origin::Default),
        };
        Self { value, origin }
    }
}

/// What holds for a run.
#[derive(Debug)]
pub struct Settings {
    /// Rules and tags of which alone something is wanted; all when empty.
    pub select: Set<Vec<String>>,
    /// Rules and tags of which nothing is.
    pub ignore: Set<Vec<String>>,
    /// What is reported.
    pub min_severity: Set<Severity>,
    /// What fails the run.
    pub fail_on: Set<Option<Severity>>,
    /// What was there before.
    pub baseline: Set<Option<PathBuf>>,
}

impl Settings {
    /// What holds when this was typed.
    pub fn new(typed: &Typed, config: &Config) -> Self {
        let list = |typed: &[String]| Some(typed.to_vec()).filter(|list| !list.is_empty());
        let baseline = config.baseline.as_ref().map(|it| Lined {
            value: Some(it.value.clone()),
            line: it.line,
        });
        Self {
            select: Set::of(list(&typed.select), config.select.as_ref(), Vec::new()),
            ignore: Set::of(list(&typed.ignore), config.ignore.as_ref(), Vec::new()),
            min_severity: Set::of(
                typed.min_severity,
                config.min_severity.as_ref(),
                Severity::Low,
            ),
            fail_on: Set::of(typed.fail_on, config.fail_on.as_ref(), Some(Severity::Low)),
            baseline: Set::of(typed.baseline.clone(), baseline.as_ref(), None),
        }
    }

    /// The rules that are on. A rule whose id was typed is, whatever the config says.
    pub fn selection(&self, config: &Config) -> Selection {
        let is_typed = |set: &Set<Vec<String>>| set.origin == Origin::CommandLine;
        let rules = config.rules.iter();
        let mut weighed = Vec::new();
        let mut off = Vec::new();
        for (id, level) in rules {
            match level.value {
                Some(severity) => weighed.push((id.clone(), severity)),
                None => off.push(id.clone()),
            }
        }
        let mut ignore = Vec::new();
        if is_typed(&self.ignore) {
            ignore.extend_from_slice(&self.ignore.value);
        } else {
            off.extend_from_slice(&self.ignore.value);
        }
        if !is_typed(&self.select) {
            ignore.append(&mut off);
        }
        Selection {
            select: self.select.value.clone(),
            ignore,
            off,
            weighed,
        }
    }

    /// What decides which findings count.
    ///
    /// # Errors
    /// When the baseline cannot be used.
    pub fn policy(
        &self,
        config: Config,
        shown: impl Fn(&Path) -> String,
    ) -> Result<Policy, BaselineError> {
        let baseline = self.baseline.value.as_ref();
        let baseline = baseline.map(|file| Baseline::read(file, &shown(file)));
        Ok(Policy {
            min_severity: self.min_severity.value,
            fail_on: self.fail_on.value,
            exceptions: config.exceptions,
            config: config.shown,
            baseline: baseline.transpose()?,
        })
    }

    /// All of it as a config that says the same, each value with where it came from.
    pub fn show(&self, config: &Config, shown: impl Fn(&Path) -> String) -> String {
        let mut text = match config.shown.as_str() {
            "" => "# no forcelint.toml\n".to_owned(),
            file => format!("# {file}\n"),
        };
        let from = |origin: Origin| match origin {
            Origin::Default => "default".to_owned(),
            Origin::CommandLine => "command line".to_owned(),
            Origin::Config(line) => format!("{}:{line}", config.shown),
        };
        let mut say = |key: &str, value: String, origin: Origin| {
            let _ = writeln!(text, "{key} = {value} # {}", from(origin));
        };
        let lined = |it: &Option<Lined<Vec<String>>>| {
            let set = Set::of(None, it.as_ref(), Vec::new());
            (list(&set.value), set.origin)
        };
        let severity = |it: Option<Severity>| quoted(it.map_or("never", Severity::name));
        say("select", list(&self.select.value), self.select.origin);
        say("ignore", list(&self.ignore.value), self.ignore.origin);
        let (exclude, origin) = lined(&config.exclude);
        say("exclude", exclude, origin);
        let (rule_paths, origin) = lined(&config.rule_paths);
        say("rule-paths", rule_paths, origin);
        let min_severity = &self.min_severity;
        say(
            "min-severity",
            severity(Some(min_severity.value)),
            min_severity.origin,
        );
        say("fail-on", severity(self.fail_on.value), self.fail_on.origin);
        match &self.baseline.value {
            Some(file) => say("baseline", quoted(&shown(file)), self.baseline.origin),
            None => say("# baseline", "none".to_owned(), self.baseline.origin),
        }
        if !config.rules.is_empty() {
            let _ = writeln!(text, "\n[rules]");
        }
        for (id, level) in &config.rules {
            let level_name = quoted(level.value.map_or("off", Severity::name));
            let origin = from(Origin::Config(level.line));
            let _ = writeln!(text, "{} = {level_name} # {origin}", inert(id));
        }
        for exception in &config.exceptions {
            let origin = from(Origin::Config(exception.line));
            let is_over = if exception.is_expired() {
                ", expired"
            } else {
                ""
            };
            let _ = writeln!(text, "\n[[exception]] # {origin}{is_over}");
            let mut say = |key: &str, value: &str| {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            };
            say("rule", &exception.rule);
            match &exception.subject {
                Subject::Component(name) => say("component", name),
                Subject::Path { glob, .. } => say("path", glob),
            }
            say("reason", &exception.reason);
            if let Some(owner) = &exception.owner {
                say("owner", owner);
            }
            if let Some(expires) = exception.expires {
                let _ = writeln!(text, "expires = {expires}");
            }
        }
        text
    }
}

/// A text as TOML has it, on one line.
fn quoted(text: &str) -> String {
    // A JSON string is one of TOML too.
    let quoted = serde_json::Value::from(text).to_string();
    inert(&quoted).into_owned()
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}
