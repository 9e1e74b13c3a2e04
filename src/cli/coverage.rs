//! `forcelint coverage`.

use std::fs;
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
use crate::config::{
    CliOverrides, ExitStatus, HEALTH_CHECK_PAGE, HealthCheck, HealthCheckError, Settings,
    read_health_check,
};
use crate::finding::Report;
use crate::git::tracked_files;
use crate::output::{
    Context, ReportView, RunInfo, relative, render_coverage, summary, summary_of_errors,
};
use crate::project::{Projects, Targets, absolute, expand_argument_files, slashed};
use crate::rule::{RuleSet, Severity};
use crate::rule_docs::{ControlList, ControlSource, PublishedControl};
use crate::run::{Options, Workspace, run_once};
use crate::text::sanitize;

/// Why there is no coverage report.
#[derive(Debug, Error, Diagnostic)]
enum CoverageError {
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: std::io::Error },
    #[error("cannot read `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("usage"))]
    Input { file: String, error: std::io::Error },
    #[error("`{}` {error}", sanitize(file))]
    #[diagnostic(
        code("usage"),
        help("in Setup, export the baseline: Health Check > Baseline Controls > Export Baseline")
    )]
    HealthCheck {
        file: String,
        error: HealthCheckError,
    },
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
        mut own_rules,
    } = load_config(&project, named.as_deref(), &working_directory)?;
    let health_check = arguments.health_check.as_deref();
    let health_check = health_check
        .map(read_baseline_of_health_check)
        .transpose()?;
    let settings_of_baseline = health_check.iter().flat_map(|it| &it.settings);
    own_rules.extend(settings_of_baseline.filter_map(|it| it.rule.clone()));
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
    let mut workspace = Workspace::of(&rules, Options::on(today), projects);
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
    let controls = health_check.as_ref().map(controls_of_health_check);
    write(
        arguments,
        &report,
        controls.as_ref(),
        &rules,
        &info,
        &working_directory,
    )?;
    show_errors(report.broken_projects.iter().map(|error| {
        let path = relative(&working_directory, &error.file);
        error.clone().with_display_path(&path).into()
    }));
    let view = ReportView::new(&report);
    say(&summary_of_errors(view, &working_directory, false));
    let width = known_width(Stream::Stderr);
    say(&summary(view, &info, None, false, started.elapsed(), width));
    Ok(status)
}

fn read_baseline_of_health_check(path: &Path) -> Result<HealthCheck, CoverageError> {
    let file = slashed(path);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Err(CoverageError::Input { file, error }),
    };
    read_health_check(&text).map_err(|error| CoverageError::HealthCheck { file, error })
}

/// The settings of the baseline as controls.
fn controls_of_health_check(baseline: &HealthCheck) -> ControlList {
    let settings = baseline.settings.iter();
    let controls = settings.map(|setting| PublishedControl {
        id: setting.control_id(),
        source: "health-check".to_owned(),
        name: format!("{}: {}", setting.name, setting.compliant),
        app: None,
        url: None,
        cvss: None,
        partly: None,
        reason: match setting.rule {
            Some(_) => None,
            None => Some(
                "The setting is unknown to forcelint, or is not a field of the security settings."
                    .to_owned(),
            ),
        },
    });
    ControlList {
        control: controls.collect(),
        source: vec![ControlSource {
            id: "health-check".to_owned(),
            name: format!("Health Check baseline: {}", baseline.name),
            url: HEALTH_CHECK_PAGE.to_owned(),
            about: String::new(),
        }],
    }
}

/// Writes the report to the file of `--output`, or to stdout.
fn write(
    arguments: &CoverageArgs,
    report: &Report,
    controls: Option<&ControlList>,
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
    let text = render_coverage(arguments.format, &context, controls);
    let Some(file) = &arguments.output else {
        return print_requested(text.as_bytes());
    };
    write_file(file, text.as_bytes()).map_err(|error| {
        let file = slashed(file);
        CoverageError::Output { file, error }.into()
    })
}
