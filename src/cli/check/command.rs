//! From the arguments of `check` to its run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use miette::IntoDiagnostic as _;

use super::fixer::Fixer;
use super::outputs::outputs;
use super::run::Run;
use super::usage_error::UsageError;
use crate::cli::arguments::{CheckArgs, Output};
use crate::cli::clock::{since_start, today};
use crate::cli::former_config::ConfigSources;
use crate::cli::load_config::{LoadedConfig, decisive_project, load_config};
use crate::cli::terminal::print;
use crate::config::{CliOverrides, ConfigScope, ExitStatus, Settings};
use crate::git::tracked_files;
use crate::lint::{Phase, Timer};
use crate::output::{Format, relative};
use crate::project::{
    Bounds, Project, Projects, Targets, absolute, canonical, expand_argument_files, slashed,
};
use crate::rule::{RuleSet, Severity};
use crate::run::{Indexes, Monitor, Options, Workspace};

pub(crate) fn check(arguments: &CheckArgs) -> miette::Result<ExitStatus> {
    let started = Instant::now();
    let today = today();
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    reject_mistakes(arguments)?;
    let outputs = outputs(&arguments.format, arguments.quiet)?;
    reject_statistics_for_programs(arguments, &outputs)?;
    let paths = requested_paths(arguments, &working_directory)?;
    let mut projects = Projects::new(Some(tracked_files));
    let project = first_project(arguments, &paths, &working_directory, &projects)?;
    let named = arguments.config.as_deref().map(absolute).transpose();
    let named = named.into_diagnostic()?;
    let LoadedConfig {
        mut config,
        own_rules,
    } = match (arguments.audit, &named) {
        (true, None) => LoadedConfig::default(),
        _ => load_config(&project, named.as_deref(), &working_directory)?,
    };
    let cli = cli_overrides(arguments)?;
    let settings = Settings::new(&cli, &config);
    let rules = RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
    let rules = Arc::new(rules);
    let fixer = Fixer::new(arguments, &config, &own_rules, &rules)?;
    let shown = |path: &Path| relative(&working_directory, path);
    if arguments.show_config {
        print(settings.show(&config, today, shown).as_bytes())?;
        return Ok(ExitStatus::Clean);
    }
    reject_empty_selection(&rules)?;
    let shows_settings = outputs.iter().any(|it| it.format.shows_evidence());
    let effective_settings = shows_settings.then(|| {
        let from_base = |path: &Path| relative(project.own_base(), path);
        settings.show(&config, today, from_base)
    });
    let baseline = settings.baseline.value.clone();
    if arguments.audit {
        let files = named.iter().chain(&baseline);
        refuse_audited(files, &paths, &projects)?;
        projects.is_audit = true;
    }
    let config_sources = ConfigSources::new(&config, cli, &project, named.as_deref(), baseline);
    projects.excludes = config.take_excludes();
    if arguments.allow_outside {
        projects.bounds = Bounds::Anywhere;
    }
    let config_scope = ConfigScope::of(&config, &project);
    let relaxations = settings.relaxations(&config, &rules);
    let policy = settings.policy(config, today, shown)?;
    let mut run = Run {
        config_scope,
        relaxations,
        effective_settings: effective_settings.unwrap_or_default(),
        config_sources,
        arguments,
        policy,
        outputs,
        working_directory,
        workspace: workspace(arguments, &rules, projects, today),
        indexes: Indexes::for_fixes(arguments.fix.is_some()),
        fixer,
        monitor: Monitor::default(),
        rules: &rules,
        targets: Targets::default(),
        started,
    };
    match &arguments.stdin_filename {
        Some(file) => run.take_stdin(file)?,
        None => run.resolve(&paths)?,
    }
    let timer = run.workspace.options.timer;
    timer.add(Phase::Start, started.elapsed());
    if arguments.diff {
        run.diff()
    } else if arguments.stdin_filename.is_some() && arguments.fix.is_some() {
        run.fix_stdin()
    } else {
        run.check()
    }
}

/// `--statistics` replaces a list for people.
fn reject_statistics_for_programs(
    arguments: &CheckArgs,
    outputs: &[Output],
) -> Result<(), UsageError> {
    let is_for_people = |format| matches!(format, Format::Pretty | Format::Concise);
    let stdout = outputs.iter().find(|output| output.file.is_none());
    if arguments.statistics && !stdout.is_some_and(|output| is_for_people(output.format)) {
        return Err(UsageError::StatisticsAndFormat);
    }
    Ok(())
}

/// Without this, the summary would blame the metadata.
fn reject_empty_selection(rules: &RuleSet) -> Result<(), UsageError> {
    match rules.is_empty() {
        true => Err(UsageError::NoRules),
        false => Ok(()),
    }
}

/// The paths to check. With `--stdin-filename`, `-` is not a path.
fn requested_paths(
    arguments: &CheckArgs,
    working_directory: &Path,
) -> Result<Vec<PathBuf>, UsageError> {
    let named = match arguments.stdin_filename {
        Some(_) => &[],
        None => arguments.paths.as_slice(),
    };
    let mut paths = expand_argument_files(named).map_err(UsageError::ArgumentFile)?;
    if arguments.audit && arguments.paths.is_empty() {
        paths.push(working_directory.to_path_buf());
    }
    Ok(paths)
}

/// Arguments that exclude each other, and those that are valid paths but are not meant as such.
fn reject_mistakes(arguments: &CheckArgs) -> Result<(), UsageError> {
    if arguments.diff && !arguments.format.is_empty() {
        return Err(UsageError::DiffAndFormat);
    }
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-" && !path.exists();
    match (
        &arguments.stdin_filename,
        arguments.paths.iter().any(is_stdin),
    ) {
        (None, true) => return Err(UsageError::StdinWithoutName),
        (Some(_), _) if !arguments.paths.iter().all(is_stdin) => {
            return Err(UsageError::StdinAndPaths);
        }
        _ => {}
    }
    let is_level = |level: &&str| {
        let path = Path::new(level);
        arguments.paths.iter().any(|it| it == path) && !path.exists()
    };
    match ["all", "safe"].into_iter().find(is_level) {
        Some(level) if arguments.fix.is_some() => Err(UsageError::FixLevelAsPath(level)),
        _ => Ok(()),
    }
}

/// The project whose config applies to the run.
fn first_project(
    arguments: &CheckArgs,
    paths: &[PathBuf],
    working_directory: &Path,
    projects: &Projects,
) -> miette::Result<Arc<Project>> {
    let named = arguments.stdin_filename.as_ref().or(paths.first());
    let first = named.map(|path| absolute(path)).transpose();
    let first: Vec<PathBuf> = first.into_diagnostic()?.into_iter().collect();
    Ok(decisive_project(&first, working_directory, projects))
}

/// Refuses a config or a baseline in an audited repository.
fn refuse_audited<'f>(
    files: impl Iterator<Item = &'f PathBuf>,
    paths: &[PathBuf],
    projects: &Projects,
) -> miette::Result<()> {
    let mut audited = Vec::new();
    for path in paths {
        let path = absolute(path).into_diagnostic()?;
        let folder = path.parent().filter(|_| !path.is_dir()).unwrap_or(&path);
        audited.push(projects.around(folder, folder).own_base().to_path_buf());
        audited.push(path);
    }
    let is_in = |file: &Path, folder: &PathBuf| {
        canonical(folder).is_ok_and(|folder| canonical(file).is_ok_and(|it| it.starts_with(folder)))
    };
    for file in files {
        let has_file = |folder: &PathBuf| file.starts_with(folder) || is_in(file, folder);
        if audited.iter().any(has_file) {
            return Err(UsageError::Audited(slashed(file)).into());
        }
    }
    Ok(())
}

/// The settings of the command line, which override the config.
fn cli_overrides(arguments: &CheckArgs) -> miette::Result<CliOverrides> {
    let baseline = arguments.baseline.as_deref().map(absolute).transpose();
    let baseline = baseline.into_diagnostic()?.map(Some);
    Ok(CliOverrides {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        min_severity: arguments
            .min_severity
            .or(arguments.audit.then_some(Severity::Info)),
        fail_on: arguments.fail_on.map(|fail_on| fail_on.0),
        fail_on_unchecked: (arguments.fail_on_unchecked || arguments.audit).then_some(true),
        baseline: if arguments.no_baseline {
            Some(None)
        } else {
            baseline
        },
    })
}

fn workspace(
    arguments: &CheckArgs,
    rules: &Arc<RuleSet>,
    projects: Projects,
    today: Date,
) -> Workspace {
    let options = Options {
        timer: match arguments.timings {
            true => Timer::running(since_start),
            false => Timer::default(),
        },
        jobs: usize::from(arguments.jobs),
        force_exclude: arguments.force_exclude,
        allow_empty: arguments.allow_empty,
        ..Options::on(today)
    };
    Workspace::of(rules, options, projects)
}
