//! What the renderers of a comparison get, in words that they share.

use std::collections::BTreeMap;

use crate::finding::{ChangedSetting, Comparison, SettingValue, Side};
use crate::text::ScannedText;

/// A comparison, and what is known about its run.
pub(crate) struct ComparisonReport<'a> {
    pub comparison: &'a Comparison,
    /// As the user wrote it.
    pub left: &'a str,
    /// As the user wrote it.
    pub right: &'a str,
    /// Whether the right side fails the run.
    pub is_worse: bool,
}

impl<'a> ComparisonReport<'a> {
    pub(super) fn side(&self, side: Side) -> ScannedText<'a> {
        ScannedText::from(match side {
            Side::Left => self.left,
            Side::Right => self.right,
        })
    }

    /// The changed settings by component, as `Type:Name`.
    pub(super) fn settings(&self) -> Vec<(ScannedText<'static>, Vec<&'a ChangedSetting>)> {
        let mut by_component: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for setting in &self.comparison.settings {
            let component = setting.component.to_string();
            by_component.entry(component).or_default().push(setting);
        }
        let all = by_component.into_iter();
        all.map(|(component, settings)| (component.into(), settings))
            .collect()
    }

    /// The result in one line.
    pub(super) fn summary(&self) -> String {
        let it = self.comparison;
        let result = match self.is_worse {
            true => "worse",
            false => "not worse",
        };
        let others = [
            (it.changed.len(), "with another severity"),
            (it.gone.len(), "gone"),
            (it.no_longer_checked.len(), "no longer checked"),
            (it.unchanged, "unchanged"),
        ];
        let others = others.iter().filter(|(count, _)| *count > 0);
        let others: String = others
            .map(|(count, what)| format!(", {count} {what}"))
            .collect();
        format!(
            "{result}: {}{others}; {}",
            counted(it.new.len(), "new finding"),
            counted(it.settings.len(), "changed setting")
        )
    }
}

/// The values of one side.
pub(super) fn values(values: &[SettingValue]) -> ScannedText<'static> {
    let shown: Vec<&str> = values.iter().map(|it| it.shown.as_str()).collect();
    match shown.is_empty() {
        true => "not set".into(),
        false => shown.join(", ").into(),
    }
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
