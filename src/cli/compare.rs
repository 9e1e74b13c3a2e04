//! `forcelint compare`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, IntoDiagnostic as _};
use thiserror::Error;

use super::arguments::CompareArgs;
use super::clock::today;
use super::load_config::{LoadedConfig, decisive_project, load_config};
use super::output_file::write_file;
use super::terminal::{Stream, known_width, print_requested, say};
use crate::config::{CliOverrides, Config, ExitStatus, Policy, Settings};
use crate::finding::{Comparison, Report, SecuritySettings};
use crate::git::{open_revision, tracked_files};
use crate::output::{ComparisonReport, relative, render_comparison};
use crate::project::{Projects, Targets, absolute, git_root, slashed};
use crate::rule::RuleSet;
use crate::run::{Options, Workspace, run_once, security_settings};
use crate::text::sanitize;

/// Why two states cannot be compared.
#[derive(Debug, Error, Diagnostic)]
enum CompareError {
    #[error("`{}` is neither a folder, a zip nor a git revision", sanitize(.0))]
    #[diagnostic(
        code("usage"),
        help("a revision needs a git repository around the working directory")
    )]
    Unknown(String),
    #[error("`{}` is a file", sanitize(.0))]
    #[diagnostic(code("usage"), help("compare folders, zips or git revisions"))]
    File(String),
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: std::io::Error },
}

pub(crate) fn compare(arguments: &CompareArgs) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let setup = Setup::of(arguments, &working_directory)?;
    let left = check_side(&setup, &arguments.left)?;
    let right = check_side(&setup, &arguments.right)?;
    let comparison = Comparison::of(left, right);
    let is_worse = comparison.is_worse(setup.policy.fail_on);
    let sides = [arguments.left.as_str(), arguments.right.as_str()];
    let report = ComparisonReport::new(&comparison, sides, is_worse);
    for (side, path, message) in report.errors() {
        let (path, message) = (path.one_line(), message.one_line());
        say(&format!("error: {}: {path} {message}\n", side.name()));
    }
    let is_printed = arguments.output.is_none();
    let width = known_width(Stream::Stdout).filter(|_| is_printed);
    let text = render_comparison(arguments.format, &report, width);
    match &arguments.output {
        None => print_requested(text.as_bytes())?,
        Some(file) => write_file(file, text.as_bytes()).map_err(|error| CompareError::Output {
            file: slashed(file),
            error,
        })?,
    }
    Ok(match (comparison.errors.is_empty(), is_worse) {
        (false, _) => ExitStatus::Failure,
        (true, true) => ExitStatus::Findings,
        (true, false) => ExitStatus::Clean,
    })
}

/// What both sides are checked with: the config of the working directory.
struct Setup {
    working_directory: PathBuf,
    rules: Arc<RuleSet>,
    policy: Policy,
    config: Option<PathBuf>,
}

impl Setup {
    fn of(arguments: &CompareArgs, working_directory: &Path) -> miette::Result<Self> {
        let named = arguments.config.as_deref().map(absolute).transpose();
        let named = named.into_diagnostic()?;
        let LoadedConfig { config, own_rules } = load(working_directory, named.as_deref())?;
        let overrides = CliOverrides {
            select: arguments.select.clone(),
            min_severity: arguments.min_severity,
            fail_on: arguments.fail_on.map(|fail_on| fail_on.0),
            // Both sides have all findings.
            baseline: Some(None),
            ..CliOverrides::default()
        };
        let settings = Settings::new(&overrides, &config);
        let rules = RuleSet::select_with(&settings.selection(&config), &own_rules);
        let shown = |path: &Path| relative(working_directory, path);
        Ok(Self {
            working_directory: working_directory.to_path_buf(),
            rules: Arc::new(rules.into_diagnostic()?),
            policy: settings.policy(config, today(), shown)?,
            config: named,
        })
    }
}

fn load(working_directory: &Path, named: Option<&Path>) -> miette::Result<LoadedConfig> {
    let project = decisive_project(&[], working_directory, &Projects::default());
    Ok(load_config(&project, named, working_directory)?)
}

/// The findings and the settings of a side.
fn check_side(setup: &Setup, side: &str) -> miette::Result<(Report, SecuritySettings)> {
    let mut projects = Projects::new(Some(tracked_files));
    let mut config: Config = load(&setup.working_directory, setup.config.as_deref())?.config;
    projects.excludes = config.take_excludes();
    let path = absolute(Path::new(side)).into_diagnostic()?;
    let targets = match path.metadata() {
        Ok(metadata) if metadata.is_file() && !crate::project::is_zip(&path) => {
            return Err(CompareError::File(side.to_owned()).into());
        }
        Ok(_) => {
            Targets::resolve(&[path], &setup.working_directory, &projects).into_diagnostic()?
        }
        Err(_) => revision(setup, side, &projects)?,
    };
    if let Some(folder) = targets.folders.first() {
        projects.use_report_root(folder);
    }
    let options = Options {
        allow_empty: false,
        ..Options::on(today())
    };
    let mut workspace = Workspace::of(&setup.rules, options, projects);
    workspace.options.detail.lowest_severity = Some(setup.policy.min_severity);
    let mut report = run_once(&workspace, &targets);
    setup.policy.suppress(&mut report);
    setup.policy.apply(&mut report);
    report.more.retain(|more| more.suppressed.is_none());
    let settings = security_settings(&workspace, &targets);
    Ok((report, settings))
}

/// The folder of a revision: `REV` is the working directory, `REV:PATH` a folder from the top of the repository.
fn revision(setup: &Setup, side: &str, projects: &Projects) -> miette::Result<Targets> {
    let unknown = || CompareError::Unknown(side.to_owned());
    let root = git_root(&setup.working_directory).ok_or_else(unknown)?;
    let (name, path) = match side.split_once(':') {
        Some((name, path)) => (name, Some(path)),
        None => (side, None),
    };
    let folder = match path {
        None => setup.working_directory.clone(),
        Some(path) if path.starts_with("./") => {
            absolute(&setup.working_directory.join(path)).into_diagnostic()?
        }
        Some(path) => absolute(&root.join(path)).into_diagnostic()?,
    };
    if name.is_empty() || !folder.starts_with(&root) {
        return Err(unknown().into());
    }
    projects.packed().set(vec![open_revision(&root, name)?]);
    Ok(Targets {
        folders_are_named: true,
        folders: vec![folder],
        ..Targets::default()
    })
}
