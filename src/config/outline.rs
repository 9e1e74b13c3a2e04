//! Compares two versions of a config: whether one finds more than the other.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::config::Config;
use super::exceptions::Exception;
use super::settings::{CliOverrides, Settings};
use crate::project::{PathGlobs, SourceFile};
use crate::rule::Severity;

/// What decides which findings of the checked files are reported.
#[derive(Debug)]
pub(crate) struct Outline {
    select: Option<Vec<String>>,
    ignore: Vec<String>,
    rule_paths: Vec<PathBuf>,
    min_severity: Severity,
    fail_on: Option<Severity>,
    baseline: Option<PathBuf>,
    rules: BTreeMap<String, Option<Severity>>,
    exceptions: Vec<Exception>,
    /// As in the config.
    pub(crate) exclude: Vec<String>,
    pub(crate) excludes: PathGlobs,
}

impl Outline {
    pub(crate) fn of(config: &Config, cli: &CliOverrides) -> Self {
        let settings = Settings::new(cli, config);
        Self {
            select: config.select.as_ref().map(|it| it.value.clone()),
            ignore: config
                .ignore
                .as_ref()
                .map_or_else(Vec::new, |it| it.value.clone()),
            rule_paths: config.own_rule_paths().to_vec(),
            min_severity: settings.min_severity.value,
            fail_on: settings.fail_on.value,
            baseline: config.baseline.as_ref().map(|it| it.value.clone()),
            rules: config
                .rules
                .iter()
                .map(|(id, it)| (id.clone(), it.value))
                .collect(),
            exceptions: config.exceptions.clone(),
            exclude: config
                .exclude
                .as_ref()
                .map_or_else(Vec::new, |it| it.value.clone()),
            excludes: config.excludes().clone(),
        }
    }

    /// The files and folders with custom rules.
    pub(crate) fn rule_paths(&self) -> &[PathBuf] {
        &self.rule_paths
    }

    /// The key whose change can make findings appear in files that were checked before, if there is one.
    pub(crate) fn key_that_finds_more(&self, former: &Self) -> Option<&'static str> {
        let has_all = |all: &[String], some: &[String]| some.iter().all(|it| all.contains(it));
        let selects_more = match (&former.select, &self.select) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(former), Some(select)) => !has_all(former, select),
        };
        let fails_more = match (former.fail_on, self.fail_on) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(former), Some(now)) => now < former,
        };
        let has_baseline = |path: &PathBuf| self.baseline.as_ref() == Some(path);
        [
            ("select", selects_more),
            ("ignore", !has_all(&self.ignore, &former.ignore)),
            (
                "rule-paths",
                !self
                    .rule_paths
                    .iter()
                    .all(|it| former.rule_paths.contains(it)),
            ),
            ("min-severity", self.min_severity < former.min_severity),
            ("fail-on", fails_more),
            ("baseline", !former.baseline.iter().all(has_baseline)),
            ("rules", self.raises_rules(former)),
            ("exception", !self.has_exceptions_of(former)),
        ]
        .into_iter()
        .find_map(|(key, finds_more)| finds_more.then_some(key))
    }

    /// Whether a rule may have a higher severity than before, or is no longer off.
    fn raises_rules(&self, former: &Self) -> bool {
        let ids = self.rules.keys().chain(former.rules.keys());
        let mut levels = ids.map(|id| (former.rules.get(id), self.rules.get(id)));
        // Without an entry, the severity depends on the evidence.
        levels.any(|levels| match levels {
            (_, Some(None)) => false,
            (None, Some(Some(Severity::Info))) => false,
            (Some(former), Some(now)) => former.is_none() || now > former,
            (one, other) => one != other,
        })
    }

    /// Whether each exception of the former config still applies, at least as long as then.
    fn has_exceptions_of(&self, former: &Self) -> bool {
        let key = |it: &Exception| (it.rule.clone(), it.subject.name().to_owned());
        let now: HashMap<_, Option<Date>> = self
            .exceptions
            .iter()
            .map(|it| (key(it), it.expires))
            .collect();
        former.exceptions.iter().all(|it| {
            now.get(&key(it))
                .is_some_and(|now| match (now, it.expires) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(now), Some(until)) => *now >= until,
                })
        })
    }

    /// Whether an exception covers a file only at its former path or name.
    pub(crate) fn loses_exception(&self, from: &SourceFile, to: &SourceFile) -> bool {
        let mut exceptions = self.exceptions.iter();
        exceptions.any(|it| it.covers(from) && !it.covers(to))
    }
}

/// Whether a changed file among the custom rules can make findings appear.
pub(crate) fn is_decisive_rule_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".toml") && !name.ends_with(".test.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let config = Config::parse(folder, folder, text, "forcelint.toml").unwrap();
        Outline::of(&config, &CliOverrides::default())
    }

    #[test]
    fn keys_that_find_more() {
        let exception = "[[exception]]\nrule = \"pkce-required\"\npath = \"a\"\nreason = \"x\"\n";
        for (less, more, key) in [
            ("select = ['pkce']", "", "select"),
            ("select = ['pkce']", "select = ['pkce', 'oauth']", "select"),
            ("ignore = ['pkce']", "ignore = []", "ignore"),
            ("min-severity = 'high'", "", "min-severity"),
            ("fail-on = 'never'", "fail-on = 'high'", "fail-on"),
            ("fail-on = 'medium'", "", "fail-on"),
            ("baseline = 'b.json'", "", "baseline"),
            ("rules.pkce-required = 'off'", "", "rules"),
            (
                "rules.pkce-required = 'off'",
                "rules.pkce-required = 'low'",
                "rules",
            ),
            (
                "rules.pkce-required = 'low'",
                "rules.pkce-required = 'high'",
                "rules",
            ),
            (exception, "", "exception"),
            (
                exception,
                &format!("{exception}expires = 2030-01-01"),
                "exception",
            ),
        ] {
            let (less, more) = (outline(less), outline(more));
            assert_eq!(more.key_that_finds_more(&less), Some(key));
            assert_eq!(less.key_that_finds_more(&more), None, "{key}");
            assert_eq!(more.key_that_finds_more(&more), None);
        }
        let raised = outline("rules.pkce-required = 'high'");
        assert_eq!(raised.key_that_finds_more(&outline("")), Some("rules"));
        assert_eq!(outline("").key_that_finds_more(&raised), Some("rules"));
    }
}
