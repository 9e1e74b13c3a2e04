//! The output of `forcelint init`: what it found, what it did, and the next steps. The commands in it can
//! be run verbatim, in this order.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::code_analyzer::AnalyzerFiles;
use super::surroundings::{Present, Surroundings};
use super::templates::{DOCS, RELEASE};
use crate::cli::arguments::InitArgs;
use crate::config::ExitStatus;
use crate::finding::Report;
use crate::output::{ReportView, by_severity, relative};
use crate::project::{PROJECT_FILE, Project, slashed};
use crate::rule::MALFORMED;
use crate::text::{sanitize, sanitize_lines, shell_word};

/// A file that `init` sets up.
pub(crate) struct SetupFile {
    pub file: PathBuf,
    pub outcome: FileOutcome,
}

/// What `init` did with a file.
pub(crate) enum FileOutcome {
    Written,
    /// It already has what is needed.
    Unchanged,
    /// The user has to add these lines to an existing file.
    ToAdd {
        place: &'static str,
        lines: String,
    },
    /// The reason, which continues a sentence that begins with the file's name.
    Failed(String),
}

/// The result of setting up a project, complete or not.
pub(crate) struct SetupResult<'a> {
    pub project: &'a Project,
    pub around: &'a Surroundings,
    pub arguments: &'a InitArgs,
    pub report: &'a Report,
    /// Folders with an `sfdx-project.json`.
    pub projects: &'a [PathBuf],
    /// The config first.
    pub files: &'a [SetupFile],
    /// A baseline suppresses the existing findings, or will.
    pub has_baseline: bool,
    /// The exit status of the check after the setup.
    pub check: ExitStatus,
    pub working_directory: &'a Path,
}

/// The whole text.
pub(crate) fn setup_summary(result: &SetupResult<'_>) -> String {
    let mut text = found(result);
    text.push('\n');
    for setup in result.files {
        let file = sanitize(&result.shown(&setup.file)).into_owned();
        let _ = match &setup.outcome {
            FileOutcome::Written => writeln!(text, "written: {file}"),
            FileOutcome::Unchanged => writeln!(text, "unchanged: {file}"),
            FileOutcome::ToAdd { place, lines } => {
                let lines = lines.trim_end();
                writeln!(text, "add to {file}, {place}:\n\n{}\n", indented(lines, 4))
            }
            // It is printed on stderr.
            FileOutcome::Failed(_) => Ok(()),
        };
    }
    if result
        .files
        .iter()
        .all(|it| matches!(it.outcome, FileOutcome::Unchanged))
    {
        text.push_str("nothing to do\n");
    }
    text.push_str("\nnext:\n");
    for step in steps(result) {
        let _ = writeln!(text, "- {}", step.what);
        for command in &step.commands {
            let _ = writeln!(text, "    {command}");
        }
    }
    text
}

/// What forcelint found in the project.
pub(crate) fn found(result: &SetupResult<'_>) -> String {
    let project = result.project;
    let file = project.root.join(PROJECT_FILE);
    let mut text = if file.is_file() {
        let directories: Vec<String> = project
            .package_directories()
            .iter()
            .map(|it| slashed(it.strip_prefix(&project.root).unwrap_or(it)))
            .collect();
        let version = match project.source_api_version() {
            Some(version) => format!("API version {version}"),
            None => "no sourceApiVersion".to_owned(),
        };
        let directories = sanitize(&directories.join(", ")).into_owned();
        let file = sanitize(&result.shown(&file)).into_owned();
        format!("project: {file}, {version}, package directories: {directories}\n")
    } else if result.projects.is_empty() {
        let folder = sanitize(&result.shown(&project.root)).into_owned();
        format!("project: no {PROJECT_FILE} at or above {folder}, so the whole folder is checked\n")
    } else {
        let shown = result.projects.iter().take(LISTED);
        let mut names: Vec<String> = shown
            .map(|it| sanitize(&result.shown(it)).into_owned())
            .collect();
        let more = result.projects.len().saturating_sub(LISTED);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        format!(
            "projects: {} ({})\n",
            result.projects.len(),
            names.join(", ")
        )
    };
    let types = &result.report.tally.components;
    let _ = match types.values().sum::<u64>() {
        0 => writeln!(text, "checked: no component of a supported type"),
        count => writeln!(
            text,
            "checked: {count} component{} of {} type{}",
            if count == 1 { "" } else { "s" },
            types.len(),
            if types.len() == 1 { "" } else { "s" }
        ),
    };
    let suppressed = match result.report.suppressed.len() {
        0 => String::new(),
        count => format!(" ({count} suppressed)"),
    };
    let _ = writeln!(
        text,
        "found: {}{suppressed}",
        by_severity(ReportView::new(result.report))
    );
    text
}

/// How many projects or malformed files are named.
const LISTED: usize = 5;

/// A next step.
struct Step {
    what: String,
    commands: Vec<String>,
}

fn step(what: &str, commands: &[&str]) -> Step {
    Step {
        what: what.to_owned(),
        commands: commands.iter().map(|&it| it.to_owned()).collect(),
    }
}

fn steps(result: &SetupResult<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if !result.working_directory.starts_with(&result.project.root) {
        let folder = shell_word(&sanitize(&result.shown(&result.project.root)));
        steps.push(step(
            "Go to the project's folder:",
            &[&format!("cd {folder}")],
        ));
    }
    steps.extend(about_findings(result));
    let is_written = |name: &str| {
        let mut written = result.written();
        written.any(|file| file.ends_with(name))
    };
    if is_written(".pre-commit-config.yaml") {
        let what = "In every clone, with pre-commit installed:";
        steps.push(step(what, &["pre-commit install"]));
    }
    let has_gitlab = |file: &SetupFile| {
        let is_new = matches!(
            file.outcome,
            FileOutcome::Written | FileOutcome::ToAdd { .. }
        );
        is_new && file.file.ends_with(".gitlab-ci.yml")
    };
    if result.files.iter().any(has_gitlab) {
        steps.push(step(
            &format!(
                "Set FORCELINT_SHA256 in .gitlab-ci.yml to the checksum of the release, from \
                 {RELEASE}/SHA256SUMS"
            ),
            &[],
        ));
    }
    steps.extend(about_code_analyzer(result));
    if result.around.husky == Present::Others {
        let what = "To check before each commit with husky, add this line to .husky/pre-commit:";
        steps.push(step(what, &["forcelint check --staged"]));
    }
    steps.extend(options_left(result));
    if !result.around.other_ci.is_empty() {
        let names = result.around.other_ci.join(" and ");
        steps.push(step(&format!("To set up {names}, see {DOCS}/ci.md"), &[]));
    }
    steps.extend(to_commit(result));
    steps
}

/// How to install the ESLint plugin and run Code Analyzer.
fn about_code_analyzer(result: &SetupResult<'_>) -> Vec<Step> {
    if !result.arguments.code_analyzer {
        return Vec::new();
    }
    let mut steps = vec![
        step(
            "Install the ESLint plugin, which includes forcelint:",
            &["npm install --save-dev eslint-plugin-forcelint"],
        ),
        step(
            "Run Code Analyzer with the rules of forcelint:",
            &["sf code-analyzer run --rule-selector forcelint"],
        ),
    ];
    let files = AnalyzerFiles::of(&result.project.root);
    if let Some(legacy) = files.legacy {
        let eslint = sanitize(&result.shown(&files.eslint)).into_owned();
        let analyzer = sanitize(&result.shown(&files.analyzer)).into_owned();
        steps.push(step(
            &format!(
                "{legacy} is a configuration of ESLint 8, which cannot run forcelint. So {analyzer} names {eslint} \
                 instead, and Code Analyzer does not apply {legacy}. To use both, migrate it with the command \
                 below, add the lines of {eslint} to the new file, and name that file in {analyzer}:"
            ),
            &[&format!("npx @eslint/migrate-config {legacy}")],
        ));
    }
    steps
}

fn about_findings(result: &SetupResult<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let findings = &result.report.findings;
    let broken = findings.iter().filter(|it| it.rule == MALFORMED);
    let broken: Vec<&str> = broken.map(|it| &*it.location.path).collect();
    if !broken.is_empty() {
        let mut named = broken[..broken.len().min(LISTED)].join(", ");
        let more = broken.len().saturating_sub(LISTED);
        if more > 0 {
            named.push_str(&format!(" and {more} more"));
        }
        let named = sanitize(&named).into_owned();
        steps.push(step(
            &format!(
                "Fix the malformed files, or exclude them with `exclude` in forcelint.toml (a baseline \
                 cannot suppress them): {named}"
            ),
            &[],
        ));
    }
    let is_suppressed = result.has_baseline || findings.is_empty();
    let has_errors = result.report.has_errors();
    if result.check == ExitStatus::Clean && is_suppressed {
        let when = match &result.files[0].outcome {
            FileOutcome::ToAdd { .. } => "After you add the line to forcelint.toml, the",
            _ => "The",
        };
        let what = format!("{when} check passes until there is a new finding:");
        steps.push(step(&what, &["forcelint check"]));
    } else if has_errors {
        let what = "Fix the errors above: until then, the check fails with exit status 2:";
        steps.push(step(what, &["forcelint check"]));
    } else if result.check == ExitStatus::Failure {
        let what =
            "The check fails with exit status 2, because there is nothing to check yet; see:";
        steps.push(step(what, &["forcelint check"]));
    } else if is_suppressed {
        let what = match broken.is_empty() {
            true => "The check still fails; see the reason:",
            false => "Until then, the check fails:",
        };
        steps.push(step(what, &["forcelint check --format pretty"]));
    } else {
        steps.push(step(
            "See the findings:",
            &["forcelint check --format pretty"],
        ));
        let command = match &result.files[0].outcome {
            // This run wrote it, so overwriting it loses nothing.
            FileOutcome::Written => "forcelint init --baseline --force",
            _ => "forcelint init --baseline",
        };
        let what = "To report only new findings, record the current ones:";
        steps.push(step(what, &[command]));
    }
    if !findings.is_empty() || !result.report.suppressed.is_empty() {
        steps.push(step(
            "Write an HTML report to share:",
            &["forcelint check --show-suppressed --format html=forcelint-report.html"],
        ));
    }
    steps
}

/// The options of `init` that fit the project.
fn options_left(result: &SetupResult<'_>) -> Option<Step> {
    result.around.top.as_ref()?;
    let (around, asked) = (result.around, result.arguments);
    let lacks = |present: &Present| !matches!(present, Present::Entry(_));
    let mut flags = Vec::new();
    let has_hooks = around.husky == Present::Nothing || around.pre_commit != Present::Nothing;
    if lacks(&around.pre_commit) && !asked.pre_commit && has_hooks {
        flags.push("--pre-commit");
    }
    let is_on_gitlab = around.gitlab != Present::Nothing;
    let is_elsewhere = is_on_gitlab || !around.other_ci.is_empty();
    let is_on_github = around.github != Present::Nothing || !is_elsewhere;
    if is_on_github && lacks(&around.github) && !asked.github && !asked.gitlab {
        flags.push("--github");
    }
    if is_on_gitlab && lacks(&around.gitlab) && !asked.gitlab {
        flags.push("--gitlab");
    }
    if flags.is_empty() {
        return None;
    }
    let command = format!("forcelint init {}", flags.join(" "));
    Some(step("To check each commit or pull request:", &[&command]))
}

fn to_commit(result: &SetupResult<'_>) -> Option<Step> {
    let files: Vec<String> = result
        .written()
        .map(|file| {
            let from = if result.working_directory.starts_with(&result.project.root) {
                result.working_directory
            } else {
                &result.project.root
            };
            shell_word(&sanitize(&relative(from, file)))
        })
        .collect();
    if files.is_empty() || result.around.top.is_none() {
        return None;
    }
    let add = format!("git add {}", files.join(" "));
    let commit = "git commit -m \"Check Salesforce login security with forcelint\"";
    Some(step("Commit the files:", &[&add, commit]))
}

impl SetupResult<'_> {
    fn shown(&self, path: &Path) -> String {
        match relative(self.working_directory, path) {
            here if here.is_empty() => ".".to_owned(),
            path => path,
        }
    }

    fn written(&self) -> impl Iterator<Item = &Path> {
        let written = self
            .files
            .iter()
            .filter(|it| matches!(it.outcome, FileOutcome::Written));
        written.map(|it| it.file.as_path())
    }
}

pub(crate) fn indented(lines: &str, by: usize) -> String {
    let lines = sanitize_lines(lines);
    let lines = lines.lines().map(|line| match line {
        "" => String::new(),
        line => format!("{:by$}{line}", ""),
    });
    lines.collect::<Vec<_>>().join("\n")
}
