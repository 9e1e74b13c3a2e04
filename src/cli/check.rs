//! `forcelint check`.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::{CheckArgs, Output};
use super::changed_files::{note_unstaged, text_to_fix, use_changes};
use super::load_config::{Configured, configured, decisive_project};
use super::output_file::write_file;
use super::progress::Progress;
use super::show_error::show_error;
use super::source_url::source_url;
use super::terminal::{Stream, print, say, style};
use crate::config::{ExitStatus, Extent, Policy, Settings, Typed, Untouched};
use crate::finding::Detail;
use crate::finding::{Finding, Report, RunError};
use crate::fix::{Level, Writer, patch};
use crate::output::{
    Context, Format, ReportView, RunInfo, relative, render, rollout_checklist, summary,
    summary_of_errors,
};
use crate::project::{
    Project, Projects, SourceFile, Targets, Unusable, absolute, expand_argument_files, slashed,
};
use crate::rule::RuleSet;
use crate::run::{Indexes, Monitor, Options, Workspace, fix_text, run};
use crate::text::inert;
use crate::text::inert_lines;
use crate::xml::MAX_FILE_BYTES;

/// A combination of arguments that means nothing.
#[derive(Debug, Error, Diagnostic)]
enum UsageError {
    #[error("--diff prints a patch and no report")]
    #[diagnostic(code("usage"), help("leave --format out, or run once without --diff"))]
    DiffAndFormat,
    #[error("only one report can go to stdout")]
    #[diagnostic(
        code("usage"),
        help("give all but one of them a file: --format=sarif=report.sarif")
    )]
    TwoOnStdout,
    #[error("two reports go to `{}`", inert(.0))]
    #[diagnostic(code("usage"))]
    SameFile(String),
    #[error("`{}` {}", inert(&.0.argument), .0.reason)]
    #[diagnostic(code("usage"))]
    ArgumentFile(Unusable),
    #[error("`{}` cannot be written: {}", inert(file), inert(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: io::Error },
}

pub(crate) fn check(arguments: &CheckArgs) -> miette::Result<ExitStatus> {
    let started = Instant::now();
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    if arguments.diff && !arguments.format.is_empty() {
        return Err(UsageError::DiffAndFormat.into());
    }
    let outputs = outputs(&arguments.format)?;
    let paths = expand_argument_files(&arguments.paths).map_err(UsageError::ArgumentFile)?;
    let mut projects = Projects::default();
    let project = first_project(arguments, &paths, &working_directory, &projects)?;
    let named = arguments.config.as_deref().map(absolute).transpose();
    let named = named.into_diagnostic()?;
    let Configured { mut config, own } =
        configured(&project, named.as_deref(), &working_directory)?;
    let settings = Settings::new(&typed(arguments)?, &config);
    let rules = RuleSet::select_with(&settings.selection(&config), &own).into_diagnostic()?;
    let rules = Arc::new(rules);
    // The process ends when this is over, and the system takes all of its memory at once: giving
    // back a hundred rules piece by piece was a twentieth of a run over one file.
    std::mem::forget(Arc::clone(&rules));
    let shown = |path: &Path| relative(&working_directory, path);
    if arguments.show_config {
        print(settings.show(&config, shown).as_bytes())?;
        return Ok(ExitStatus::Clean);
    }
    projects.excludes = config.take_excludes();
    let extent = Extent::of(&config, &project);
    let policy = settings.policy(config, shown)?;
    let mut run = ManuallyDrop::new(Run {
        extent,
        arguments,
        policy,
        outputs,
        working_directory,
        workspace: workspace(arguments, &rules, projects),
        indexes: Indexes::default(),
        monitor: Monitor::default(),
        rules: &rules,
        targets: Targets::default(),
        started,
    });
    match &arguments.stdin_filename {
        Some(file) => run.take_stdin(file)?,
        None => run.resolve(&paths)?,
    }
    if arguments.diff {
        run.diff()
    } else if arguments.stdin_filename.is_some() && arguments.fix.is_some() {
        run.fix_stdin()
    } else {
        run.lint()
    }
}

/// The project whose config holds for this run.
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

/// What the command line says about what counts.
fn typed(arguments: &CheckArgs) -> miette::Result<Typed> {
    let baseline = arguments.baseline.as_deref().map(absolute).transpose();
    let baseline = baseline.into_diagnostic()?.map(Some);
    Ok(Typed {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        min_severity: arguments.min_severity,
        fail_on: arguments.fail_on.map(|fail_on| fail_on.0),
        baseline: if arguments.no_baseline {
            Some(None)
        } else {
            baseline
        },
    })
}

fn workspace(arguments: &CheckArgs, rules: &Arc<RuleSet>, projects: Projects) -> Workspace {
    let options = Options {
        jobs: usize::from(arguments.jobs),
        force_exclude: arguments.force_exclude,
        ..Options::default()
    };
    let mut workspace = Workspace::new(rules, options);
    workspace.projects = projects;
    workspace
}

/// Where the reports go: the format of stdout is guessed when nothing is said.
fn outputs(formats: &[Output]) -> Result<Vec<Output>, UsageError> {
    if formats.is_empty() {
        let format = if Stream::Stdout.is_terminal() {
            Format::Pretty
        } else {
            Format::Concise
        };
        return Ok(vec![Output { format, file: None }]);
    }
    for (at, output) in formats.iter().enumerate() {
        let place = |output: &Output| output.file.as_deref().map(absolute).transpose().ok();
        if formats[..at]
            .iter()
            .any(|other| place(other) == place(output))
        {
            return Err(match &output.file {
                None => UsageError::TwoOnStdout,
                Some(file) => UsageError::SameFile(file.display().to_string()),
            });
        }
    }
    Ok(formats.to_vec())
}

/// Whether a finding is to be fixed: what is not reported is not changed either, nor is what is
/// suppressed.
fn wanted<'p>(
    policy: &'p Policy,
    report: &Report,
    level: Level,
) -> impl Fn(&Finding) -> bool + use<'p> {
    let untouched = Untouched::of(report);
    move |finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| level.includes(fix)) && policy.lets_fix(finding, &untouched)
    }
}

/// One run of `check`.
struct Run<'r> {
    arguments: &'r CheckArgs,
    extent: Extent,
    policy: Policy,
    outputs: Vec<Output>,
    working_directory: PathBuf,
    workspace: Workspace,
    indexes: Indexes,
    monitor: Monitor,
    rules: &'r RuleSet,
    targets: Targets,
    started: Instant,
}

impl Run<'_> {
    fn resolve(&mut self, paths: &[PathBuf]) -> miette::Result<()> {
        let only_from_files = paths.is_empty() && !self.arguments.paths.is_empty();
        if !only_from_files {
            self.targets =
                Targets::resolve(paths, &self.working_directory, &self.workspace.projects)
                    .into_diagnostic()?;
        }
        use_changes(self.arguments, &mut self.workspace, &mut self.targets)
    }

    fn take_stdin(&mut self, file: &Path) -> miette::Result<()> {
        let path = absolute(file).into_diagnostic()?;
        let mut text = Vec::new();
        io::stdin()
            // One byte more than is read of a file tells that it is too large.
            .take(MAX_FILE_BYTES as u64 + 1)
            .read_to_end(&mut text)
            .into_diagnostic()?;
        self.workspace.sources.overlay.set(path.clone(), text);
        self.targets.files.push(path);
        Ok(())
    }

    fn level(&self) -> Option<Level> {
        self.arguments.fix.map(Level::from)
    }

    /// Lints, fixes if that is asked for, and reports what is left.
    fn lint(&mut self) -> miette::Result<ExitStatus> {
        self.workspace.options.detail = self.detail();
        let visible = Stream::Stderr.is_terminal() && !self.arguments.quiet;
        let mut report = {
            let _progress = Progress::start(visible, Arc::clone(&self.monitor.files_seen));
            self.run_linter()
        };
        let mut checklist = String::new();
        if let Some(level) = self.level() {
            let (fixed, mut errors) = self.write_fixes(&report, level);
            if !fixed.is_empty() {
                // What a mended file says may matter to others.
                report = self.run_linter();
            }
            report.fixed = fixed.len();
            report.errors.append(&mut errors);
            report.errors.sort_unstable();
            report.notes.extend(note_unstaged(self.arguments, &fixed));
            checklist = rollout_checklist(&fixed);
        }
        self.finish(report, &checklist, Stream::Stdout)
    }

    fn writer(&self) -> Writer {
        Writer::new(&self.targets.folders, &self.targets.files)
    }

    /// Writes the fixes of the findings that are reported, file by file.
    fn write_fixes(&mut self, report: &Report, level: Level) -> (Vec<Finding>, Vec<RunError>) {
        let writer = self.writer();
        let mut fixed = Vec::new();
        let mut errors = Vec::new();
        let files: Vec<&SourceFile> = self.fixable_files(report, level).collect();
        let wanted = wanted(&self.policy, report, level);
        for file in files {
            let result = text_to_fix(&self.workspace.sources, file).and_then(|old| {
                let new = fix_text(&self.workspace, &mut self.indexes, file, &old, &wanted)
                    .map_err(|error| error.to_string())?;
                if new.text != old {
                    writer
                        .write(&file.path, &old, &new.text)
                        .map_err(|error| error.to_string())?;
                }
                Ok(new.fixed)
            });
            match result {
                Ok(mut findings) => fixed.append(&mut findings),
                Err(message) => errors.push(RunError {
                    path: file.report_path(),
                    message,
                }),
            }
        }
        (fixed, errors)
    }

    /// Lints, and puts aside what does not count.
    fn run_linter(&mut self) -> Report {
        let mut report = run(
            &self.workspace,
            &self.targets,
            &mut self.indexes,
            &self.monitor,
        );
        if self.level().is_none() {
            self.indexes.clear();
        }
        self.policy.suppress(&mut report);
        report.shows_suppressed = self.arguments.show_suppressed;
        report
    }

    /// Files with a finding that is to be fixed, by path.
    fn fixable_files<'f>(
        &self,
        report: &'f Report,
        level: Level,
    ) -> impl Iterator<Item = &'f SourceFile> + use<'f> {
        let wanted = wanted(&self.policy, report, level);
        let mut files: BTreeMap<&Path, &SourceFile> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| wanted(finding)) {
            files.insert(&finding.file.path, &finding.file);
        }
        files.into_values()
    }

    /// Prints the patch of what `--fix` would write.
    fn diff(&mut self) -> miette::Result<ExitStatus> {
        let level = self.level().unwrap_or(Level::Safe);
        let mut report = self.run_linter();
        let writer = self.writer();
        let mut patched = HashSet::new();
        let mut text = String::new();
        let mut notes = Vec::new();
        for file in self
            .fixable_files(&report, level)
            .cloned()
            .collect::<Vec<_>>()
        {
            let result = self.patch_path(&writer, &file).and_then(|path| {
                let old = text_to_fix(&self.workspace.sources, &file)?;
                let wanted = wanted(&self.policy, &report, level);
                let new = fix_text(&self.workspace, &mut self.indexes, &file, &old, wanted)
                    .map_err(|error| error.to_string())?;
                Ok((path, old, new.text))
            });
            let (path, old, new) = match result {
                // A link and the file that it leads to.
                Ok((path, ..)) if !patched.insert(path.clone()) => continue,
                Ok(result) => result,
                Err(message) => {
                    report.errors.push(RunError {
                        path: file.report_path(),
                        message,
                    });
                    continue;
                }
            };
            // A file with a fix was parsed, so both texts are UTF-8.
            let patch = patch(
                &path,
                &String::from_utf8_lossy(&old),
                &String::from_utf8_lossy(&new),
            );
            if patch.shows_secret {
                notes.push(format!(
                    "the patch of {path} holds a secret next to the change; do not pass it on"
                ));
            }
            text.push_str(&patch.text);
        }
        if Stream::Stdout.is_terminal() {
            // Nobody applies what is shown, and context may hold what a terminal acts on.
            print(inert_lines(&text).as_bytes())?;
        } else {
            print(text.as_bytes())?;
        }
        report.notes.extend(notes);
        self.policy.apply(&mut report);
        self.say_summary(&report, "");
        Ok(match (report.has_errors(), text.is_empty()) {
            (true, _) => ExitStatus::Failure,
            (false, false) => ExitStatus::Findings,
            (false, true) => ExitStatus::Clean,
        })
    }

    /// What the patch of a file calls it: the name of what `--fix` would write, since `git apply`
    /// follows no link.
    fn patch_path(&self, writer: &Writer, file: &SourceFile) -> Result<String, String> {
        let path = if self.arguments.stdin_filename.is_some() {
            pathdiff::diff_paths(&file.path, &self.working_directory)
        } else {
            let place = writer
                .resolve(&file.path)
                .map_err(|error| error.to_string())?;
            let here = fs::canonicalize(&self.working_directory);
            let here = here.as_ref().unwrap_or(&self.working_directory);
            pathdiff::diff_paths(&place, here)
        };
        let path = path.unwrap_or_else(|| file.path.clone());
        match path.to_str() {
            // One such path, and `git apply` takes nothing of the patch.
            Some(_) if path.starts_with("..") || path.is_absolute() => Err(
                "is not below the working directory, so `git apply` could not patch it from here; \
                 run forcelint in a folder above it"
                    .to_owned(),
            ),
            Some(_) => Ok(slashed(&path)),
            None => Err("has a name that is not UTF-8, so no patch can name it".to_owned()),
        }
    }

    /// Prints stdin fixed, and what is left on stderr.
    fn fix_stdin(&mut self) -> miette::Result<ExitStatus> {
        let level = self.level().unwrap_or(Level::Safe);
        self.workspace.options.detail = self.detail();
        let mut report = self.run_linter();
        let path = self.targets.files[0].clone();
        let mut text = self.workspace.sources.read(&path).into_diagnostic()?;
        let file = self.fixable_files(&report, level).next().cloned();
        let mut checklist = String::new();
        if let Some(file) = file {
            let wanted = wanted(&self.policy, &report, level);
            match fix_text(&self.workspace, &mut self.indexes, &file, &text, wanted) {
                Ok(fixed) => {
                    text = fixed.text;
                    self.workspace.sources.overlay.set(path, text.clone());
                    report = self.run_linter();
                    report.fixed = fixed.fixed.len();
                    checklist = rollout_checklist(&fixed.fixed);
                }
                Err(error) => report.errors.push(RunError {
                    path: file.report_path(),
                    message: error.to_string(),
                }),
            }
        }
        print(&text)?;
        self.finish(report, &checklist, Stream::Stderr)
    }

    /// What the reports need of the findings.
    fn detail(&self) -> Detail {
        let details = self.outputs.iter().map(|output| output.format.detail());
        let all = Detail {
            least_severity: Some(self.policy.least_reported()),
            ..Detail::default()
        };
        details.fold(all, |all, one| Detail {
            excerpts: all.excerpts || one.excerpts,
            line_hashes: all.line_hashes || one.line_hashes,
            posture: all.posture || one.posture,
            ..all
        })
    }

    /// Writes the reports and the summary.
    fn finish(
        &self,
        mut report: Report,
        checklist: &str,
        stream: Stream,
    ) -> miette::Result<ExitStatus> {
        let whole = self.is_whole(&report);
        let notes = self.policy.notes(&report, self.rules, whole);
        report.notes.extend(notes);
        self.policy.apply(&mut report);
        let mut unwritten = None;
        for output in &self.outputs {
            // One that cannot be written keeps none of the others from being so.
            if let Err(error) = self.write_report(&report, output, stream) {
                unwritten.get_or_insert(error);
            }
        }
        let status = self.policy.exit_status(&report);
        self.say_summary(&report, checklist);
        unwritten.map_or(Ok(status), Err)
    }

    /// Whether the run saw all that exceptions and the baseline can be about.
    fn is_whole(&self, report: &Report) -> bool {
        self.arguments.stdin_filename.is_none()
            && report.compared.is_empty()
            && self.arguments.select.is_empty()
            && self.arguments.ignore.is_empty()
            && !report.has_errors()
            && self.extent.is_within(&self.targets.folders)
    }

    /// What a run has to say to people, on stderr.
    fn say_summary(&self, report: &Report, checklist: &str) {
        if self.is_silent(report) {
            return;
        }
        self.show_broken_projects(report);
        say(&summary_of_errors(report, self.arguments.quiet));
        if !self.arguments.quiet {
            let took = self.started.elapsed();
            say(&summary(report, self.level(), took));
            say(checklist);
        }
    }

    /// People see the file's path as they can open it from here.
    fn show_broken_projects(&self, report: &Report) {
        for error in &report.broken_projects {
            let path = relative(&self.working_directory, &error.file);
            show_error(&miette::Report::new(error.clone().shown_as(&path)));
        }
    }

    /// pre-commit hands over files that are none of our business: nothing is said about them.
    fn is_silent(&self, report: &Report) -> bool {
        self.targets.folders.is_empty()
            && report.tally.files_checked == 0
            && !report.has_errors()
            && report.notes.is_empty()
    }

    fn write_report(&self, report: &Report, output: &Output, stream: Stream) -> miette::Result<()> {
        let mut style = style(stream);
        if output.file.is_some() {
            style.color = false;
            style.unicode = true;
        }
        let run = RunInfo {
            status: self.policy.exit_status(report),
            fail_on: self.policy.fail_on,
            expired_exceptions: self.policy.expired_exceptions(report),
            source_url: source_url(),
        };
        let context = Context {
            report: ReportView::new(report),
            rules: self.rules,
            run: &run,
            style: &style,
            working_directory: &self.working_directory,
        };
        let text = render(output.format, &context);
        match &output.file {
            Some(file) => write_file(file, text.as_bytes()).map_err(|error| {
                UsageError::Output {
                    file: file.display().to_string(),
                    error,
                }
                .into()
            }),
            None if stream == Stream::Stdout => print(text.as_bytes()),
            None => {
                say(&text);
                Ok(())
            }
        }
    }
}
