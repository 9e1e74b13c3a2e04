//! What a report does not show or does not check, in words that every format uses: findings that are
//! suppressed or below `--min-severity`, files that were skipped or did not change, and what the settings
//! turn off or lower.
//!
//! Texts have code between backticks, as messages do.

use std::collections::BTreeMap;

use super::context::{MadeIn, RunInfo};
use super::suppression::{suppressed_counts, suppressed_critical};
use super::view::ReportView;
use crate::finding::{NotShown, Relaxations, SettingSource};
use crate::project::SkipReason;
use crate::text::ScannedText;

/// How many rules or findings a notice names; the rest is counted.
const NAMED: usize = 10;

/// The label of the notice about skipped files.
pub(super) const SKIPPED: &str = "skipped";

/// The label of the notice about suppressed findings.
pub(super) const SUPPRESSED: &str = "suppressed";

/// The label of the notice about suppressed critical findings.
const SUPPRESSED_CRITICAL: &str = "suppressed critical findings";

/// The label of the notice about `--since` and `--staged`.
const COMPARED: &str = "compared";

/// The label of the notice about `--audit`.
const AUDIT: &str = "audit";

/// The label of the notice about `--select` and `--ignore`.
const LIMITED: &str = "rules limited by";

/// Something that a report does not show or does not check.
pub(super) struct Notice {
    /// A short name, always the same for the same kind.
    pub(super) label: &'static str,
    /// The counts, and what causes them.
    pub(super) text: ScannedText<'static>,
    /// Details, one line each.
    pub(super) items: Vec<ScannedText<'static>>,
}

impl Notice {
    fn new(label: &'static str, text: String) -> Self {
        Self {
            label,
            text: text.into(),
            items: Vec::new(),
        }
    }

    /// Whether it is about options of this run, which its user chose.
    pub(super) fn is_own_choice(&self) -> bool {
        matches!(self.label, AUDIT | COMPARED | LIMITED)
    }

    /// The text with its details.
    pub(super) fn whole(&self) -> ScannedText<'static> {
        let mut parts = vec![self.text.clone()];
        for (at, item) in self.items.iter().enumerate() {
            parts.push(if at == 0 { ": " } else { "; " }.into());
            parts.push(item.clone());
        }
        ScannedText::concat(&parts)
    }
}

/// Everything that the report does not show or does not check because of settings.
pub(super) fn notices(report: ReportView<'_>, run: &RunInfo) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(report.compared().map(|sentence| Notice {
        label: COMPARED,
        text: sentence.map(str::to_owned),
        items: Vec::new(),
    }));
    if run.is_audit {
        notices.push(Notice::new(AUDIT, audit(report)));
    }
    let skipped = by_reason(&report.tally().skipped, skipped_nouns);
    if !skipped.is_empty() {
        notices.push(Notice::new(SKIPPED, skipped));
    }
    notices.extend(not_shown(report.not_shown(), run));
    let suppressed = suppressed_counts(report);
    if !suppressed.is_empty() {
        notices.push(Notice::new(SUPPRESSED, suppressed));
    }
    let critical = suppressed_critical(report);
    if !critical.is_empty() {
        notices.push(Notice::new(SUPPRESSED_CRITICAL, critical));
    }
    notices.extend(relaxed(&run.relaxations));
    notices
}

/// What an audit does not apply, and how many files it checks although they are ignored.
fn audit(report: ReportView<'_>) -> String {
    let mut text =
        "config, baseline, comments and ignore files of the repository do not apply".to_owned();
    let ignored = by_reason(&report.tally().ignored, |_| FILES);
    if !ignored.is_empty() {
        text.push_str(&format!("; checked although they are ignored: {ignored}"));
    }
    text
}

/// What may be skipped for a reason. forcelint does not enter an excluded folder, so that it counts as one.
fn skipped_nouns(reason: SkipReason) -> [&'static str; 2] {
    match reason {
        SkipReason::Exclude | SkipReason::Gitignore => ["file or folder", "files or folders"],
        SkipReason::Forceignore | SkipReason::NotRegular => FILES,
    }
}

const FILES: [&str; 2] = ["file", "files"];

/// Numbers by reason; empty if there are none.
fn by_reason(
    counts: &BTreeMap<SkipReason, u64>,
    nouns: impl Fn(SkipReason) -> [&'static str; 2],
) -> String {
    let counts = counts.iter().map(|(reason, count)| {
        let noun = nouns(*reason)[usize::from(*count != 1)];
        format!("{count} {noun} ({})", reason.source())
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// The findings below `--min-severity`, and how to show them.
fn not_shown(not_shown: &NotShown, run: &RunInfo) -> Option<Notice> {
    let min_severity = run.min_severity;
    let lowest = not_shown.lowest_failing.or(not_shown.lowest())?;
    let counts = not_shown.by_severity.iter().rev();
    let counts: Vec<String> = counts
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let failing = match not_shown.failing {
        0 => String::new(),
        1 => "; 1 of them fails the run".to_owned(),
        failing => format!("; {failing} of them fail the run"),
    };
    let counts = counts.join(", ");
    let text = match run.made_in {
        MadeIn::Program => format!(
            "{counts} below `--min-severity {min_severity}`{failing} (show them with `--min-severity {lowest}`)"
        ),
        MadeIn::Page { .. } => format!("{counts} below the severity {min_severity}{failing}"),
    };
    let mut notice = Notice::new("not shown", text);
    for it in not_shown.decided_elsewhere.iter().take(NAMED) {
        notice.items.push(
            format!(
                "`{}` of {} is {}, because of {} in another package directory",
                it.rule,
                it.component,
                it.severity,
                it.paths.join(" and ")
            )
            .into(),
        );
    }
    let more = not_shown.decided_elsewhere.len().saturating_sub(NAMED);
    if more > 0 {
        let text = format!("{more} more because of files in other package directories");
        notice.items.push(text.into());
    }
    Some(notice)
}

/// What the settings turn off or lower.
fn relaxed(relaxations: &Relaxations) -> Vec<Notice> {
    let config = &relaxations.config;
    let mut notices = Vec::new();
    let disabled = &relaxations.disabled_rules;
    if !disabled.is_empty() {
        let names = disabled.iter().map(|it| format!("`{}`", it.rule));
        let text = format!("{} by {config} ({})", disabled.len(), named(names));
        notices.push(Notice::new("rules off", text));
    }
    let lowered = &relaxations.lowered_rules;
    if !lowered.is_empty() {
        let names = lowered
            .iter()
            .map(|it| format!("`{}` from {} to {}", it.rule, it.highest, it.severity));
        let text = format!("{} by {config} ({})", lowered.len(), named(names));
        notices.push(Notice::new("rules lowered", text));
    }
    let weaker = relaxations.weaker_settings.iter().map(|it| {
        let source = match it.source {
            SettingSource::Config => config.as_str(),
            SettingSource::CommandLine => "the command line",
        };
        format!(
            "`{}` is `{}` by {source} (default: `{}`)",
            it.setting.name(),
            it.value,
            it.default
        )
    });
    let weaker: Vec<String> = weaker.collect();
    if !weaker.is_empty() {
        notices.push(Notice::new("weaker settings", weaker.join(", ")));
    }
    let options = [
        ("--select", &relaxations.select),
        ("--ignore", &relaxations.ignore),
    ];
    let options = options.iter().filter(|(_, names)| !names.is_empty());
    let options: Vec<String> = options
        .map(|(option, names)| format!("`{option} {}`", names.join(",")))
        .collect();
    if !options.is_empty() {
        notices.push(Notice::new(LIMITED, options.join(", ")));
    }
    notices
}

/// The first names, and how many there are beyond.
fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
