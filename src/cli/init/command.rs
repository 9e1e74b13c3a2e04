//! `forcelint init`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::code_analyzer::{AnalyzerFiles, ESLINT_CONFIG, ESLINT_ENTRY, HEADER, analyzer_config};
use super::summary::{FileOutcome, SetupFile, SetupResult, setup_summary};
use super::surroundings::{Present, Surroundings};
use super::templates::{
    BASELINE_LINE, PRE_COMMIT_CONFIG, config_text, github_workflow, gitlab_job, pre_commit_entry,
};
use crate::cli::arguments::InitArgs;
use crate::cli::clock::today;
use crate::cli::load_config::{LoadedConfig, load_config};
use crate::cli::terminal::{print, say};
use crate::config::{
    BASELINE_FILE, Baseline, CONFIG_FILE, CliOverrides, Config, ExitStatus, Settings,
};
use crate::finding::Report;
use crate::fix::{WriteError, Writer};
use crate::output::{ReportView, relative, summary_of_errors};
use crate::project::{PROJECT_FILE, Project, Projects, Targets, absolute, bounded, slashed};
use crate::rule::RuleSet;
use crate::run::{Options, Workspace, run_once};
use crate::text::sanitize;

/// Why the project was not set up.
#[derive(Debug, Error, Diagnostic)]
enum InitError {
    #[error("`{folder}` {reason}")]
    #[diagnostic(code("usage"))]
    Folder {
        folder: String,
        reason: &'static str,
    },
    #[error("`{0}` is not in a Salesforce project")]
    #[diagnostic(
        code("usage"),
        help(
            "it has no sfdx-project.json at or above it, and no supported metadata below it. Run \
             `forcelint init FOLDER` with the project's folder, or use `--force` to set up this one"
        )
    )]
    NoProject(String),
}

pub(crate) fn init(arguments: &InitArgs) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let folder = folder(arguments, &working_directory)?;
    let project = Projects::default().around(&folder, &folder);
    let shown = |path: &Path| relative(&working_directory, path);
    if let Some(error) = &project.broken {
        return Err(error.clone().with_display_path(&shown(&error.file)).into());
    }
    let around = Surroundings::of(&project);
    let first = FirstRun::new(arguments, &project, &around, &working_directory)?;
    let has_file = project.root.join(PROJECT_FILE).is_file();
    let is_known = has_file || first.report.tally.files_checked > 0 || !first.projects.is_empty();
    if !is_known && !first.report.has_errors() && !arguments.force {
        return Err(InitError::NoProject(sanitize(&shown(&folder)).into_owned()).into());
    }
    say(&summary_of_errors(
        ReportView::new(&first.report),
        &working_directory,
        true,
    ));
    let top = around.top.as_deref().unwrap_or(&project.root);
    let setup = Setup {
        arguments,
        project: &project,
        around: &around,
        first: &first,
        writer: Writer::new(&[top.to_path_buf()], &[]),
    };
    let files = setup.set_up();
    let has_failed = files
        .iter()
        .any(|it| matches!(it.outcome, FileOutcome::Failed(_)));
    let result = SetupResult {
        project: &project,
        around: &around,
        arguments,
        report: &first.report,
        projects: &first.projects,
        files: &files,
        has_baseline: setup.has_baseline(),
        check: check_status(&setup, &working_directory)?,
        working_directory: &working_directory,
    };
    print(setup_summary(&result).as_bytes())?;
    for setup in &files {
        if let FileOutcome::Failed(reason) = &setup.outcome {
            let file = sanitize(&shown(&setup.file)).into_owned();
            say(&format!("error: {file} {}\n", sanitize(reason)));
        }
    }
    Ok(if has_failed || first.report.has_errors() {
        ExitStatus::Failure
    } else {
        ExitStatus::Clean
    })
}

/// The named folder, or the working directory.
pub(crate) fn folder(arguments: &InitArgs, working_directory: &Path) -> miette::Result<PathBuf> {
    let Some(named) = &arguments.folder else {
        return Ok(working_directory.to_path_buf());
    };
    let folder = absolute(named).into_diagnostic()?;
    let reason = match fs::metadata(&folder) {
        Ok(metadata) if metadata.is_dir() => return Ok(folder),
        Ok(_) => "is not a folder",
        Err(_) => "does not exist or cannot be read",
    };
    let folder = sanitize(&slashed(named)).into_owned();
    Err(InitError::Folder { folder, reason }.into())
}

/// The exit status of `forcelint check` after the setup, at the latest after the user adds the printed lines.
fn check_status(setup: &Setup<'_>, working_directory: &Path) -> miette::Result<ExitStatus> {
    let shown = |path: &Path| relative(working_directory, path);
    let LoadedConfig {
        mut config,
        own_rules,
    } = load_config(setup.project, None, working_directory)?;
    let overrides = CliOverrides {
        baseline: setup
            .has_baseline()
            .then(|| Some(setup.first.baseline.clone())),
        ..CliOverrides::default()
    };
    let settings = Settings::new(&overrides, &config);
    let rules = RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
    let options = Options {
        allow_empty: false,
        ..Options::on(today())
    };
    let mut workspace = Workspace::new(&Arc::new(rules), options);
    workspace.projects.excludes = config.take_excludes();
    let policy = settings.policy(config, today(), shown)?;
    workspace.options.detail.keeps_unreported = policy.needs_unreported();
    let root = &setup.project.root;
    let targets = Targets::resolve(&[], root, &workspace.projects).into_diagnostic()?;
    let mut report = run_once(&workspace, &targets);
    policy.suppress(&mut report);
    policy.apply(&mut report);
    Ok(policy.exit_status(&report))
}

/// The findings of the project before the setup.
struct FirstRun {
    report: Report,
    /// Folders with an `sfdx-project.json`.
    projects: Vec<PathBuf>,
    /// The path of the baseline, which may not exist yet.
    baseline: PathBuf,
    /// The config names it, or will after it is written.
    is_named: bool,
    /// A new config will be written.
    writes_config: bool,
}

impl FirstRun {
    fn new(
        arguments: &InitArgs,
        project: &Arc<Project>,
        around: &Surroundings,
        working_directory: &Path,
    ) -> miette::Result<Self> {
        let writes_config = around.config.is_none() || arguments.force;
        let LoadedConfig {
            mut config,
            own_rules,
        } = if writes_config {
            // A file that will be overwritten need not be valid.
            LoadedConfig {
                config: Config::default(),
                own_rules: Vec::new(),
            }
        } else {
            load_config(project, None, working_directory)?
        };
        let mut settings = Settings::new(&CliOverrides::default(), &config);
        let configured_file = settings.baseline.value.take();
        let is_named = writes_config || configured_file.is_some();
        let baseline = configured_file.unwrap_or_else(|| project.root.join(BASELINE_FILE));
        // The findings to record must not be suppressed.
        let is_recorded = arguments.baseline && arguments.force;
        if is_named && !is_recorded && baseline.exists() {
            settings.baseline.value = Some(baseline.clone());
        }
        let rules =
            RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
        let excludes = config.take_excludes();
        let today = today();
        let policy = settings.policy(config, today, |path| relative(working_directory, path))?;
        let policy = policy.for_baseline();
        let mut workspace = Workspace::new(&Arc::new(rules), Options::on(today));
        workspace.projects.excludes = excludes;
        let targets =
            Targets::resolve(&[], &project.root, &workspace.projects).into_diagnostic()?;
        let mut report = run_once(&workspace, &targets);
        policy.suppress(&mut report);
        policy.apply(&mut report);
        Ok(Self {
            report,
            projects: workspace.projects.folders().into_iter().collect(),
            baseline,
            is_named,
            writes_config,
        })
    }
}

/// The setup of a project.
struct Setup<'a> {
    arguments: &'a InitArgs,
    project: &'a Project,
    around: &'a Surroundings,
    first: &'a FirstRun,
    writer: Writer,
}

impl Setup<'_> {
    fn set_up(&self) -> Vec<SetupFile> {
        // It is written before the config that names it.
        let baseline = self.arguments.baseline.then(|| self.baseline());
        let mut files = vec![self.config()];
        files.extend(baseline);
        for (is_asked, entry) in [
            (self.arguments.pre_commit, self.pre_commit()),
            (self.arguments.github, self.github()),
            (self.arguments.gitlab, self.gitlab()),
        ] {
            if !is_asked {
                continue;
            }
            let mut made = SetupFile {
                outcome: FileOutcome::Unchanged,
                file: entry.file,
            };
            made.outcome = match entry.present {
                _ if self.around.top.is_none() => FileOutcome::Failed(
                    "was not written: it belongs in the root of a git repository, and this folder is not in \
                     one; run `git init` first"
                        .to_owned(),
                ),
                Present::Entry(file) if entry.is_shared || *file != made.file => {
                    made.file.clone_from(file);
                    FileOutcome::Unchanged
                }
                Present::Others if entry.is_shared => FileOutcome::ToAdd {
                    place: entry.place,
                    lines: entry.lines,
                },
                _ => self.write(&made.file, &entry.text),
            };
            files.push(made);
        }
        if self.arguments.code_analyzer {
            files.extend(self.code_analyzer());
        }
        files
    }

    /// The files of Code Analyzer and ESLint, which are in the project's folder.
    fn code_analyzer(&self) -> [SetupFile; 2] {
        let AnalyzerFiles {
            analyzer,
            analyzer_present,
            eslint,
            eslint_present,
            ..
        } = AnalyzerFiles::of(&self.project.root);
        let eslint_outcome = match eslint_present {
            Present::Nothing => self.write(&eslint, ESLINT_CONFIG),
            Present::Entry(_) => FileOutcome::Unchanged,
            Present::Others => FileOutcome::ToAdd {
                place: "the import at the top, the configuration to the list",
                lines: ESLINT_ENTRY.to_owned(),
            },
        };
        let name = eslint.file_name().unwrap_or_default().to_string_lossy();
        let text = analyzer_config(&name);
        let is_own = bounded::read(&analyzer).is_ok_and(|old| old.starts_with(HEADER.as_bytes()));
        let analyzer_outcome = match analyzer_present {
            Present::Nothing => self.write(&analyzer, &text),
            Present::Entry(_) if is_own && self.arguments.force => self.write(&analyzer, &text),
            Present::Entry(_) => FileOutcome::Unchanged,
            Present::Others => FileOutcome::ToAdd {
                place: "below the same keys",
                lines: text.replace(HEADER, ""),
            },
        };
        [
            SetupFile {
                file: eslint,
                outcome: eslint_outcome,
            },
            SetupFile {
                file: analyzer,
                outcome: analyzer_outcome,
            },
        ]
    }

    /// Whether a baseline suppresses the existing findings, at the latest after the user adds the printed
    /// lines.
    fn has_baseline(&self) -> bool {
        (self.first.is_named || self.arguments.baseline) && self.first.baseline.exists()
    }

    fn baseline(&self) -> SetupFile {
        let file = self.first.baseline.clone();
        let outcome = if !self.first.is_named && self.is_config_above() {
            let folder = self.around.config.as_deref().and_then(Path::parent);
            let folder = slashed(folder.unwrap_or(&self.project.root));
            FileOutcome::Failed(format!(
                "was not written: the config in {folder} applies to other projects too; set up a baseline for \
                 all of them with `forcelint init --baseline {folder}`"
            ))
        } else if file.exists() && !self.arguments.force {
            FileOutcome::Unchanged
        } else if self.first.report.has_errors() {
            FileOutcome::Failed(
                "was not written: some files could not be read, and their findings would be missing \
                 from it"
                    .to_owned(),
            )
        } else {
            let (_, text) = Baseline::of(&self.first.report, None);
            self.write(&file, &text)
        };
        SetupFile { file, outcome }
    }

    fn is_config_above(&self) -> bool {
        let config = self.around.config.as_deref().and_then(Path::parent);
        config.is_some_and(|folder| folder != self.project.root)
    }

    fn config(&self) -> SetupFile {
        if self.first.writes_config {
            let file = self.project.root.join(CONFIG_FILE);
            let text = config_text(self.has_baseline(), today());
            let outcome = self.write(&file, &text);
            return SetupFile { file, outcome };
        }
        let own = || self.project.root.join(CONFIG_FILE);
        let lacks_baseline =
            self.arguments.baseline && !self.first.is_named && self.first.baseline.exists();
        let outcome = if lacks_baseline && !self.is_config_above() {
            FileOutcome::ToAdd {
                place: "at the top",
                lines: format!("{BASELINE_LINE}\n"),
            }
        } else {
            FileOutcome::Unchanged
        };
        let file = self.around.config.clone().unwrap_or_else(own);
        SetupFile { file, outcome }
    }

    fn pre_commit(&self) -> Entry<'_> {
        Entry {
            file: self.at_top(".pre-commit-config.yaml"),
            present: &self.around.pre_commit,
            is_shared: true,
            place: "below `repos:`",
            lines: pre_commit_entry().to_owned(),
            text: PRE_COMMIT_CONFIG.to_owned(),
        }
    }

    fn github(&self) -> Entry<'_> {
        let below = self.below_top();
        Entry {
            file: self.at_top(".github/workflows/forcelint.yml"),
            present: &self.around.github,
            is_shared: false,
            place: "",
            lines: String::new(),
            text: github_workflow(below.as_deref(), self.has_baseline()),
        }
    }

    fn gitlab(&self) -> Entry<'_> {
        let text = gitlab_job(self.below_top().as_deref());
        Entry {
            file: self.at_top(".gitlab-ci.yml"),
            present: &self.around.gitlab,
            is_shared: true,
            place: "at the end",
            lines: text.clone(),
            text,
        }
    }

    fn at_top(&self, file: &str) -> PathBuf {
        let top = self.around.top.as_ref();
        top.unwrap_or(&self.project.root).join(file)
    }

    /// The project's folder in the repository, if it is not the root.
    fn below_top(&self) -> Option<String> {
        let below = self.project.root.strip_prefix(self.around.top.as_ref()?);
        below.ok().map(slashed).filter(|below| !below.is_empty())
    }

    /// Creates a file, or with --force overwrites it.
    fn write(&self, file: &Path, text: &str) -> FileOutcome {
        let result = if self.arguments.force && file.exists() {
            let old = fs::read(file).map_err(WriteError::Io);
            old.and_then(|old| self.writer.write(file, &old, text.as_bytes()))
        } else {
            self.writer.create(file, text.as_bytes())
        };
        match result {
            Ok(()) => FileOutcome::Written,
            Err(WriteError::Exists) => FileOutcome::Unchanged,
            Err(WriteError::LeavesTargets) => FileOutcome::Failed(
                "was not written: its path follows a link out of the repository".to_owned(),
            ),
            Err(WriteError::ReadOnly) => FileOutcome::Failed("is read-only".to_owned()),
            Err(error) => FileOutcome::Failed(error.to_string()),
        }
    }
}

/// The configuration for pre-commit or a CI system.
struct Entry<'a> {
    file: PathBuf,
    present: &'a Present,
    /// Other tools may have entries in the file, so it is never overwritten.
    is_shared: bool,
    /// Where in the file the entry belongs, in words.
    place: &'static str,
    /// The lines of the entry.
    lines: String,
    /// The whole file.
    text: String,
}
