//! What the settings of a run turn off or lower.

use super::config::Config;
use super::settings::{DEFAULT_SEVERITY, Origin, Settings, Sourced};
use crate::finding::{
    DisabledBy, DisabledRule, LoweredRule, Relaxations, SettingSource, ThresholdSetting,
    WeakerSetting,
};
use crate::rule::{RuleSet, Severity};

impl Settings {
    /// What these settings turn off or lower. `rules` are the enabled rules.
    pub fn relaxations(&self, config: &Config, rules: &RuleSet) -> Relaxations {
        let of_command_line = |list: &Sourced<Vec<String>>| match list.origin {
            Origin::CommandLine => list.value.clone(),
            Origin::Default | Origin::Config(_) => Vec::new(),
        };
        Relaxations {
            // Reports do not depend on the working directory, so they show only the name.
            config: config
                .file
                .as_ref()
                .and_then(|file| file.file_name())
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            disabled_rules: self.disabled_rules(config, rules),
            lowered_rules: lowered_rules(config, rules),
            weaker_settings: self.weaker_settings(),
            select: of_command_line(&self.select),
            ignore: of_command_line(&self.ignore),
        }
    }

    /// The rules that the config turns off. Those that only the command line turns off are the choice
    /// of the user who runs the program.
    fn disabled_rules(&self, config: &Config, rules: &RuleSet) -> Vec<DisabledRule> {
        let disabled = rules.disabled().filter_map(|(id, names)| {
            let is_named = |list: &[String]| list.iter().any(|it| names.contains(&it.as_str()));
            let selected = self.select.value.is_empty() || is_named(&self.select.value);
            let off = config.rules.get(id).filter(|level| level.value.is_none());
            let (by, line) = match (self.select.origin, self.ignore.origin, off) {
                (Origin::Config(line), ..) if !selected => (DisabledBy::Select, line),
                _ if !selected => return None,
                (.., Some(level)) => (DisabledBy::Rules, level.line),
                (_, Origin::Config(line), None) if is_named(&self.ignore.value) => {
                    (DisabledBy::Ignore, line)
                }
                _ => return None,
            };
            Some(DisabledRule {
                rule: id.to_owned(),
                by,
                line,
            })
        });
        disabled.collect()
    }

    fn weaker_settings(&self) -> Vec<WeakerSetting> {
        let mut weaker = Vec::new();
        let name = |value: Option<Severity>| value.map_or("never", Severity::name);
        let mut add = |setting, value: Option<Severity>, origin| {
            let source = match origin {
                Origin::Default => return,
                Origin::Config(_) => SettingSource::Config,
                Origin::CommandLine => SettingSource::CommandLine,
            };
            if value.is_none_or(|value| value > DEFAULT_SEVERITY) {
                weaker.push(WeakerSetting {
                    setting,
                    value: name(value),
                    default: DEFAULT_SEVERITY.name(),
                    source,
                });
            }
        };
        let fail_on = &self.fail_on;
        add(ThresholdSetting::FailOn, fail_on.value, fail_on.origin);
        let min_severity = &self.min_severity;
        add(
            ThresholdSetting::MinSeverity,
            Some(min_severity.value),
            min_severity.origin,
        );
        weaker
    }
}

/// The enabled rules whose findings the config gives a severity below their highest.
fn lowered_rules(config: &Config, rules: &RuleSet) -> Vec<LoweredRule> {
    let lowered = config.rules.iter().filter_map(|(id, level)| {
        let severity = level.value?;
        let highest = rules.find(id)?.highest_severity();
        (severity < highest).then(|| LoweredRule {
            rule: id.clone(),
            severity,
            highest,
            line: level.line,
        })
    });
    lowered.collect()
}
