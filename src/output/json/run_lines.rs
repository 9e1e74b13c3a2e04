//! The first and the last of the JSON lines: what was checked, and the results as numbers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::v1::{
    Counts, JsonCommandLine, JsonDisabledRule, JsonLoweredRule, JsonNotShown, JsonWeakerSetting,
    SuppressedCounts, Tool, by_reason, command_line, counts, disabled_rules, lowered_rules,
    not_shown, suppressed_counts, tool, weaker_settings,
};
use crate::finding::DatedException;
use crate::output::context::Context;
use crate::output::control_results::{ControlStatus, SourceResults, published_results};
use crate::output::evidence::{CheckedRepository, Evidence, NameSource};
use crate::text::ScannedText;

/// What was checked, and how.
#[derive(Serialize, JsonSchema)]
pub(super) struct RunLine<'a> {
    /// The program that wrote the report.
    tool: Tool,
    /// The server that has the repository; null if git does not know it.
    host: Option<ScannedText<'a>>,
    /// What the name of the repository comes from; null if it has no name.
    named_by: Option<NameSource>,
    /// The names of the projects, in alphabetical order.
    projects: Vec<ScannedText<'a>>,
    /// The checked files and folders, relative to `root`.
    paths: Vec<ScannedText<'a>>,
    /// Options that change what is checked, such as `--since main`.
    options: Vec<ScannedText<'a>>,
    /// The rules and tags that the command line selects and ignores.
    command_line: JsonCommandLine<'a>,
    /// The state of the checked git repositories: that of `root` and of submodules.
    git: Vec<JsonGit<'a>>,
    /// Rules that the config turns off.
    disabled_rules: Vec<JsonDisabledRule<'a>>,
    /// Rules whose severity the config lowers.
    lowered_rules: Vec<JsonLoweredRule<'a>>,
    /// Settings that are weaker than their defaults.
    weaker_settings: Vec<JsonWeakerSetting>,
}

#[derive(Serialize, JsonSchema)]
struct JsonGit<'a> {
    /// The folder, relative to `root`; empty for `root` itself.
    path: ScannedText<'a>,
    /// The commit that is checked out; null before the first one.
    commit: Option<&'a str>,
    /// When it was committed, in UTC.
    committed: Option<&'a str>,
    /// The branch; null if it is unknown.
    branch: Option<ScannedText<'a>>,
    /// Number of files that differ from the commit.
    changed: usize,
    /// Number of files among the checked ones that git does not track.
    untracked: usize,
    /// Why git could not report the state; null if it could.
    problem: Option<ScannedText<'a>>,
}

/// The results of a run as numbers.
#[derive(Serialize, JsonSchema)]
pub(super) struct LineSummary<'a> {
    /// The program that wrote the report.
    tool: Tool,
    /// Files of any kind that the run saw.
    files_seen: u64,
    /// Files that were read and checked.
    files_checked: u64,
    /// Components by metadata type.
    components: &'a BTreeMap<&'static str, u64>,
    /// Skipped files and folders, by reason.
    skipped: BTreeMap<&'static str, u64>,
    /// Reported findings, by severity.
    findings: Counts,
    /// Suppressed findings, by kind of suppression.
    suppressed: SuppressedCounts,
    /// Findings below `--min-severity`.
    not_shown: JsonNotShown<'a>,
    /// Number of rules that could not be checked for a component.
    not_checked: usize,
    /// What to retrieve from the org to check these, as `--metadata` of the Salesforce CLI takes it.
    to_retrieve: BTreeSet<String>,
    /// Number of things that could not be done.
    errors: usize,
    /// Whether the run covers the whole project: not only some paths, some rules or changed files, and without
    /// errors.
    whole: bool,
    /// What the files were compared with, if the run was about changed files.
    compared: Vec<ScannedText<'a>>,
    /// The results of the published controls, by publisher. Controls that source does not show are not listed.
    controls: Vec<JsonControls<'a>>,
    /// The exceptions of the config that have an expiry date.
    exceptions: Vec<JsonException<'a>>,
    /// The exit status of the run.
    exit_status: u8,
}

/// The ids of a publisher's controls, by result. Only those in `passed` are met.
#[derive(Serialize, JsonSchema)]
struct JsonControls<'a> {
    /// The publisher, such as `Salesforce Security Health Review`.
    authority: &'a str,
    /// A rule has a finding, suppressed or not.
    failed: Vec<&'a str>,
    /// A rule could not be checked for a component, or is off.
    not_checked: Vec<&'a str>,
    /// Each component that the control is about passes.
    passed: Vec<&'a str>,
    /// As `passed`, but source does not show all of the control.
    passed_in_part: Vec<&'a str>,
    /// A file of org settings does not have the setting. A deploy does not change it.
    not_set: Vec<&'a str>,
    /// The checked files have no component that the control is about.
    nothing_to_check: Vec<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct JsonException<'a> {
    /// The rule's id.
    rule: &'a str,
    /// `Type:Name` of a component, or a glob.
    subject: ScannedText<'a>,
    /// The reason.
    reason: ScannedText<'a>,
    /// The owner.
    owner: Option<ScannedText<'a>>,
    /// The last day on which it applies, as `YYYY-MM-DD`.
    expires: &'a str,
    /// Whether it had expired on the day of the run.
    expired: bool,
}

pub(super) fn run_line<'a>(context: &Context<'a>) -> RunLine<'a> {
    let relaxations = &context.run.relaxations;
    let evidence = context.run.evidence.as_ref();
    let texts = |of: fn(&Evidence) -> &[String]| -> Vec<ScannedText<'a>> {
        let texts = evidence.map(of).unwrap_or_default();
        texts.iter().map(ScannedText::from).collect()
    };
    let paths = texts(|it| &it.paths);
    let host = evidence.and_then(|it| it.repository.host.as_ref());
    let repositories = evidence.map(|it| it.repositories.as_slice());
    RunLine {
        tool: tool(),
        host: host.map(ScannedText::from),
        named_by: evidence.map(|it| it.repository.source),
        projects: context.report.projects(),
        paths: paths.into_iter().map(named_root).collect(),
        options: texts(|it| &it.options),
        command_line: command_line(context),
        git: repositories
            .unwrap_or_default()
            .iter()
            .map(git_state)
            .collect(),
        disabled_rules: disabled_rules(relaxations),
        lowered_rules: lowered_rules(relaxations),
        weaker_settings: weaker_settings(relaxations),
    }
}

/// The root itself has an empty path.
fn named_root(path: ScannedText<'_>) -> ScannedText<'_> {
    if path.is_empty() { ".".into() } else { path }
}

fn git_state(repository: &CheckedRepository) -> JsonGit<'_> {
    JsonGit {
        path: (&repository.path).into(),
        // As other text, it would be masked, because it looks like a token.
        commit: repository
            .commit
            .as_deref()
            .filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())),
        committed: repository.committed.as_deref(),
        branch: repository.branch.as_ref().map(ScannedText::from),
        changed: repository.changed,
        untracked: repository.untracked,
        problem: repository.problem.as_ref().map(ScannedText::from),
    }
}

/// The numbers of not checked rules and errors are those of their lines.
pub(super) fn line_summary<'a>(
    context: &Context<'a>,
    not_checked: usize,
    errors: usize,
) -> LineSummary<'a> {
    let report = context.report;
    let tally = report.tally();
    LineSummary {
        tool: tool(),
        files_seen: tally.files_seen,
        files_checked: tally.files_checked,
        components: &tally.components,
        skipped: by_reason(&tally.skipped),
        findings: counts(report),
        suppressed: suppressed_counts(report),
        not_shown: not_shown(report.not_shown()),
        not_checked,
        to_retrieve: report.to_retrieve(),
        errors,
        whole: context.run.is_whole,
        compared: report.compared().collect(),
        controls: published_results(context).iter().map(controls).collect(),
        exceptions: context.run.dated_exceptions.iter().map(exception).collect(),
        exit_status: context.run.status.code(),
    }
}

fn controls<'a>(source: &SourceResults<'a>) -> JsonControls<'a> {
    let with = |status| {
        let results = source.results.iter().filter(|it| it.status == status);
        results.map(|it| it.control.id.as_str()).collect()
    };
    JsonControls {
        authority: source.name,
        failed: with(ControlStatus::Failed),
        not_checked: with(ControlStatus::NotChecked),
        passed: with(ControlStatus::Passed),
        passed_in_part: with(ControlStatus::PassedInPart),
        not_set: with(ControlStatus::NotSet),
        nothing_to_check: with(ControlStatus::NothingToCheck),
    }
}

fn exception(exception: &DatedException) -> JsonException<'_> {
    JsonException {
        rule: &exception.rule,
        subject: (&exception.subject).into(),
        reason: (&exception.reason).into(),
        owner: exception.owner.as_ref().map(ScannedText::from),
        expires: &exception.expires,
        expired: exception.is_expired,
    }
}
