//! `forcelint baseline`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::BaselineArgs;
use super::clock::today;
use super::load_config::{LoadedConfig, decisive_project, load_config};
use super::output_file::write_file;
use super::show_error::show_errors;
use super::terminal::say;
use crate::config::{BASELINE_FILE, Baseline, CliOverrides, ExitStatus, Settings};
use crate::finding::{Finding, Report};
use crate::git::tracked_files;
use crate::output::{ReportView, relative, summary_of_errors};
use crate::project::{
    Project, Projects, Targets, absolute, canonical, expand_argument_files, slashed,
};
use crate::rule::{MALFORMED, RuleSet, Severity};
use crate::run::{Options, Workspace, run_once};
use crate::text::{counted, sanitize, shell_word};

/// Why the baseline was not written.
#[derive(Debug, Error, Diagnostic)]
enum BaselineError {
    #[error("did not write `{0}`: not everything could be checked")]
    #[diagnostic(
        code("baseline"),
        help(
            "findings would be missing from the baseline; fix the errors listed before this one first"
        )
    )]
    Incomplete(String),
    #[error("`{}` is a link to a file outside the project", sanitize(.0))]
    #[diagnostic(code("baseline"), help("name the file with `--output FILE`"))]
    Leaves(String),
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: std::io::Error },
    #[error("`{}` {reason}", sanitize(argument))]
    #[diagnostic(code("usage"))]
    ArgumentFile { argument: String, reason: String },
}

pub(crate) fn baseline(arguments: &BaselineArgs) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let paths = expand_argument_files(&arguments.paths).map_err(|unusable| {
        BaselineError::ArgumentFile {
            argument: unusable.argument,
            reason: unusable.reason,
        }
    })?;
    let mut projects = Projects::new(Some(tracked_files));
    let first = paths.first().map(|path| absolute(path)).transpose();
    let first: Vec<PathBuf> = first.into_diagnostic()?.into_iter().collect();
    let project = decisive_project(&first, &working_directory, &projects);
    let named = arguments.config.as_deref().map(absolute).transpose();
    let named = named.into_diagnostic()?;
    let LoadedConfig {
        mut config,
        own_rules,
    } = load_config(&project, named.as_deref(), &working_directory)?;
    let shown = |path: &Path| relative(&working_directory, path);
    let mut settings = Settings::new(&CliOverrides::default(), &config);
    let configured_file = settings.baseline.value.take();
    let file = output(arguments, configured_file.clone(), &project)?;
    let rules = RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
    projects.excludes = config.take_excludes();
    let today = today();
    let mut policy = settings.policy(config, today, shown)?.for_baseline();
    let display_path = sanitize(&shown(&file)).into_owned();
    // What the old baseline suppresses shows what is new.
    let old = match Baseline::read(&file, &display_path) {
        Ok(old) => Some(old),
        Err(error) if arguments.prune => return Err(error.into()),
        Err(_) => None,
    };
    policy.baseline.clone_from(&old);
    let options = Options {
        allow_empty: false,
        ..Options::on(today)
    };
    let mut workspace = Workspace::of(&Arc::new(rules), options, projects);
    workspace.options.detail.lowest_severity = Some(policy.min_severity);
    // As in runs that use the baseline, so that reports list the same findings.
    workspace.options.detail.keeps_unreported = true;
    let targets =
        Targets::resolve(&paths, &working_directory, &workspace.projects).into_diagnostic()?;
    let mut report = run_once(&workspace, &targets);
    policy.suppress(&mut report);
    policy.apply(&mut report);
    say(&summary_of_errors(
        ReportView::new(&report),
        &working_directory,
        false,
    ));
    if report.has_errors() {
        let errors = report.broken_projects.into_iter();
        show_errors(errors.map(miette::Report::new));
        return Err(BaselineError::Incomplete(display_path).into());
    }
    let status = record(arguments, &report, old.as_ref(), &file, &display_path)?;
    if !arguments.check && configured_file.is_none_or(|configured| configured != file) {
        let named = arguments.paths.iter().map(|path| slashed(path));
        let words = [shown(&file)].into_iter().chain(named);
        let words: Vec<String> = words.map(|it| shell_word(&it)).collect();
        let command = sanitize(&words.join(" ")).into_owned();
        say(&format!(
            "to use it: `forcelint check --baseline {command}`, or `baseline` in forcelint.toml\n"
        ));
    }
    Ok(status)
}

/// Writes the baseline of a report or, with `--check`, compares it with the `old` one, which the report does not
/// show as new.
fn record(
    arguments: &BaselineArgs,
    report: &Report,
    old: Option<&Baseline>,
    file: &Path,
    display_path: &str,
) -> miette::Result<ExitStatus> {
    let growth = Growth::of(report);
    let (new, text) = Baseline::of(report, old.filter(|_| arguments.prune));
    let removed = old.map(|old| old.gone(new.fingerprints(), old.unlisted_in(report)));
    if arguments.check {
        say(&compared(
            display_path,
            removed.unwrap_or_default(),
            &growth,
        ));
        return Ok(match growth.count() {
            0 => ExitStatus::Clean,
            _ => ExitStatus::Findings,
        });
    }
    write_file(file, text.as_bytes()).map_err(|error| BaselineError::Output {
        file: display_path.to_owned(),
        error,
    })?;
    let is_pruned = arguments.prune;
    say(&recorded(
        display_path,
        new.len(),
        removed,
        &growth,
        is_pruned,
    ));
    let malformed = report.findings.iter().filter(|it| it.rule == MALFORMED);
    match malformed.count() {
        0 => {}
        count => say(&format!(
            "not recorded: {count} `{MALFORMED}`, which a baseline cannot suppress\n"
        )),
    }
    Ok(ExitStatus::Clean)
}

/// The path of the baseline. A default path stays in the project.
fn output(
    arguments: &BaselineArgs,
    configured: Option<PathBuf>,
    project: &Project,
) -> miette::Result<PathBuf> {
    if let Some(file) = &arguments.output {
        return absolute(file).into_diagnostic();
    }
    if let Some(file) = configured {
        return Ok(file);
    }
    let file = project.root.join(BASELINE_FILE);
    let is_link = file.symlink_metadata().is_ok_and(|it| it.is_symlink());
    let stays = || {
        let real = canonical(&file).ok()?;
        Some(real.starts_with(canonical(&project.root).ok()?))
    };
    if is_link && stays() != Some(true) {
        return Err(BaselineError::Leaves(BASELINE_FILE.to_owned()).into());
    }
    Ok(file)
}

/// How many findings are named.
const NAMED: usize = 10;

/// The findings that the existing baseline does not suppress.
struct Growth<'r> {
    /// The highest severity first.
    findings: Vec<&'r Finding>,
    /// How many a report does not list, by severity.
    unlisted: BTreeMap<Severity, usize>,
}

impl<'r> Growth<'r> {
    fn of(report: &'r Report) -> Self {
        let findings = report.findings.iter().map(Box::as_ref);
        let mut findings: Vec<&Finding> = findings.filter(|it| it.rule != MALFORMED).collect();
        findings.sort_by_key(|finding| Reverse(finding.severity));
        let mut unlisted = BTreeMap::new();
        for more in report.more.iter().filter(|it| it.suppressed.is_none()) {
            *unlisted.entry(more.severity).or_default() += more.count;
        }
        Self { findings, unlisted }
    }

    fn count(&self) -> usize {
        self.findings.len() + self.unlisted.values().sum::<usize>()
    }

    /// The numbers by severity and the first findings, one per line.
    fn text(&self, label: &str) -> String {
        if self.count() == 0 {
            return String::new();
        }
        let mut counts = self.unlisted.clone();
        for finding in &self.findings {
            *counts.entry(finding.severity).or_default() += 1;
        }
        let counts = counts.iter().rev();
        let counts: Vec<String> = counts
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        let mut text = format!("{label}: {}\n", counts.join(", "));
        for finding in self.findings.iter().take(NAMED) {
            let line = format!(
                "{}[{}] {} ({}:{})",
                finding.severity,
                finding.rule,
                finding.component(),
                finding.location.path,
                finding.location.start.line
            );
            text.push_str(&format!("  {}\n", sanitize(&line)));
        }
        let more = self.count() - self.findings.len().min(NAMED);
        if more > 0 {
            text.push_str(&format!("  and {more} more\n"));
        }
        text
    }
}

/// What a run has recorded. `removed` findings were in an older baseline, if there was one.
fn recorded(
    file: &str,
    count: usize,
    removed: Option<usize>,
    growth: &Growth<'_>,
    is_pruned: bool,
) -> String {
    let added = if is_pruned { 0 } else { growth.count() };
    let change = removed.map_or(String::new(), |removed| {
        format!(" ({added} added, {removed} removed)")
    });
    let label = if is_pruned {
        "not recorded (--prune)"
    } else {
        "added"
    };
    format!(
        "recorded: {} in {file}{change}\n{}",
        counted(count, "finding"),
        growth.text(label)
    )
}

/// What a run would have recorded.
fn compared(file: &str, removed: usize, growth: &Growth<'_>) -> String {
    let mut text = match growth.count() {
        0 => format!("{file} would not grow\n"),
        count => format!("{file} would grow by {}\n", counted(count, "finding")),
    };
    text.push_str(&growth.text("not in it"));
    if removed > 0 {
        text.push_str(&format!(
            "no longer found: {}; remove them with `forcelint baseline --prune`\n",
            counted(removed, "finding")
        ));
    }
    text
}
