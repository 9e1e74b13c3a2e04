//! `forcelint baseline`.

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
use crate::git::tracked_files;
use crate::output::{ReportView, relative, summary_of_errors};
use crate::project::{Project, Projects, Targets, absolute, expand_argument_files};
use crate::rule::{MALFORMED, RuleSet};
use crate::run::{Options, Workspace, run_once};
use crate::text::sanitize;

/// Why the baseline was not written.
#[derive(Debug, Error, Diagnostic)]
enum BaselineError {
    #[error("did not write `{0}`: some files could not be read")]
    #[diagnostic(
        code("baseline"),
        help(
            "their findings would be missing from the baseline; fix the errors listed before this one first"
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
    // The old baseline does not apply: its findings that still exist are recorded again.
    let today = today();
    let policy = settings.policy(config, today, shown)?.for_baseline();
    let mut workspace = Workspace::new(&Arc::new(rules), Options::on(today));
    workspace.projects = projects;
    workspace.options.detail.lowest_severity = Some(policy.min_severity);
    let targets =
        Targets::resolve(&paths, &working_directory, &workspace.projects).into_diagnostic()?;
    let mut report = run_once(&workspace, &targets);
    policy.suppress(&mut report);
    policy.apply(&mut report);
    let file_shown = sanitize(&shown(&file)).into_owned();
    say(&summary_of_errors(ReportView::new(&report), false));
    if report.has_errors() {
        let errors = report.broken_projects.into_iter();
        show_errors(errors.map(miette::Report::new));
        return Err(BaselineError::Incomplete(file_shown).into());
    }
    let (new, text) = Baseline::of(&report);
    let old = Baseline::read(&file, &file_shown).ok();
    write_file(&file, text.as_bytes()).map_err(|error| BaselineError::Output {
        file: file_shown.clone(),
        error,
    })?;
    say(&recorded(&file_shown, &new, old.as_ref()));
    if configured_file.is_none_or(|configured| configured != file) {
        say(&format!(
            "to use it: `forcelint check --baseline {file_shown}`, or `baseline` in forcelint.toml\n"
        ));
    }
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
        let real = file.canonicalize().ok()?;
        Some(real.starts_with(project.root.canonicalize().ok()?))
    };
    if is_link && stays() != Some(true) {
        return Err(BaselineError::Leaves(BASELINE_FILE.to_owned()).into());
    }
    Ok(file)
}

fn recorded(file: &str, new: &Baseline, old: Option<&Baseline>) -> String {
    let count = new.len();
    let noun = if count == 1 { "finding" } else { "findings" };
    let change = old.map_or(String::new(), |old| {
        let (added, removed) = (new.without(old), old.without(new));
        format!(" ({added} added, {removed} removed)")
    });
    format!("recorded: {count} {noun} in {file}{change}\n")
}
