//! `forcelint coverage`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::CoverageArgs;
use super::clock::today;
use super::load_config::{LoadedConfig, decisive_project, load_config};
use super::output_file::write_file;
use super::show_error::show_errors;
use super::terminal::{Stream, known_width, print_requested, say, style};
use crate::config::{CliOverrides, ExitStatus, Settings};
use crate::finding::Report;
use crate::git::tracked_files;
use crate::output::{
    Context, ReportView, RunInfo, relative, render_coverage, summary, summary_of_errors,
};
use crate::project::{Projects, Targets, absolute, expand_argument_files};
use crate::rule::{RuleSet, Severity};
use crate::run::{Options, Workspace, run_once};
use crate::text::sanitize;

/// Why there is no coverage report.
#[derive(Debug, Error, Diagnostic)]
enum CoverageError {
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: std::io::Error },
    #[error("`{}` {reason}", sanitize(argument))]
    #[diagnostic(code("usage"))]
    ArgumentFile { argument: String, reason: String },
}

pub(crate) fn coverage(arguments: &CoverageArgs) -> miette::Result<ExitStatus> {
    let started = Instant::now();
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let paths = expand_argument_files(&arguments.paths).map_err(|unusable| {
        CoverageError::ArgumentFile {
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
    // A control fails because of any finding, whatever the reports of `check` show.
    let overrides = CliOverrides {
        min_severity: Some(Severity::Info),
        ..CliOverrides::default()
    };
    let settings = Settings::new(&overrides, &config);
    let rules = RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
    let rules = Arc::new(rules);
    projects.excludes = config.take_excludes();
    let relaxations = settings.relaxations(&config, &rules);
    let today = today();
    let shown = |path: &Path| relative(&working_directory, path);
    let policy = settings.policy(config, today, shown)?;
    let mut workspace = Workspace::new(&rules, Options::on(today));
    workspace.projects = projects;
    workspace.options.detail.lowest_severity = Some(policy.min_severity);
    workspace.options.detail.posture = true;
    let targets =
        Targets::resolve(&paths, &working_directory, &workspace.projects).into_diagnostic()?;
    let mut report = run_once(&workspace, &targets);
    policy.suppress(&mut report);
    policy.apply(&mut report);
    let status = match report.has_errors() {
        true => ExitStatus::Failure,
        false => ExitStatus::Clean,
    };
    let info = RunInfo {
        fail_on: None,
        min_severity: policy.min_severity,
        relaxations,
        expired_exceptions: policy.expired_exceptions(&report),
        ..RunInfo::new(status)
    };
    write(arguments, &report, &rules, &info, &working_directory)?;
    show_errors(report.broken_projects.iter().map(|error| {
        let path = relative(&working_directory, &error.file);
        error.clone().with_display_path(&path).into()
    }));
    let view = ReportView::new(&report);
    say(&summary_of_errors(view, false));
    let width = known_width(Stream::Stderr);
    say(&summary(view, &info, None, false, started.elapsed(), width));
    Ok(status)
}

/// Writes the report to the file of `--output`, or to stdout.
fn write(
    arguments: &CoverageArgs,
    report: &Report,
    rules: &RuleSet,
    info: &RunInfo,
    working_directory: &Path,
) -> miette::Result<()> {
    let mut style = style(Stream::Stdout);
    style.color &= arguments.output.is_none();
    let context = Context {
        report: ReportView::new(report),
        rules,
        run: info,
        style: &style,
        working_directory,
    };
    let text = render_coverage(arguments.format, &context);
    let Some(file) = &arguments.output else {
        return print_requested(text.as_bytes());
    };
    write_file(file, text.as_bytes()).map_err(|error| {
        let file = file.display().to_string();
        CoverageError::Output { file, error }.into()
    })
}
