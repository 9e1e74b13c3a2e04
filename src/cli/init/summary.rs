//! What `forcelint init` says: what it found, what it did, and what to do next.
//!
//! In: the [`State`] of a project that has been set up. Out: text for stdout, whose commands can be
//! run as they are, in their order.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::surroundings::{Present, Surroundings};
use super::templates::{DOCS, RELEASE, shell_word};
use crate::cli::arguments::InitArgs;
use crate::finding::Report;
use crate::output::{by_severity, relative};
use crate::project::{PROJECT_FILE, Project, slashed};
use crate::rule::MALFORMED;
use crate::text::{inert, inert_lines};

/// What was to be made of a file.
pub(crate) struct Done {
    pub file: PathBuf,
    pub outcome: Outcome,
}

/// What became of it.
pub(crate) enum Outcome {
    Written,
    /// It has what is needed.
    IsThere,
    /// Others have written it, and these lines of ours belong into it.
    ToAdd {
        place: &'static str,
        lines: String,
    },
    /// Why not, as a sentence without its subject.
    Failed(String),
}

/// A project that has been set up, as far as that went.
pub(crate) struct State<'a> {
    pub project: &'a Project,
    pub around: &'a Surroundings,
    pub arguments: &'a InitArgs,
    pub report: &'a Report,
    /// Folders with an `sfdx-project.json`.
    pub projects: &'a [PathBuf],
    /// The config first.
    pub done: &'a [Done],
    /// Findings that were there before are hidden, or will be.
    pub has_baseline: bool,
    pub working_directory: &'a Path,
}

/// All of it.
pub(crate) fn told(state: &State<'_>) -> String {
    let mut text = found(state);
    text.push('\n');
    for done in state.done {
        let file = inert(&state.shown(&done.file)).into_owned();
        let _ = match &done.outcome {
            Outcome::Written => writeln!(text, "written: {file}"),
            Outcome::IsThere => writeln!(text, "is there: {file}"),
            Outcome::ToAdd { place, lines } => {
                let lines = lines.trim_end();
                writeln!(
                    text,
                    "to add to {file}, {place}:\n\n{}\n",
                    indented(lines, 4)
                )
            }
            // On stderr.
            Outcome::Failed(_) => Ok(()),
        };
    }
    if state
        .done
        .iter()
        .all(|it| matches!(it.outcome, Outcome::IsThere))
    {
        text.push_str("nothing to do\n");
    }
    text.push_str("\nnext:\n");
    for step in steps(state) {
        let _ = writeln!(text, "- {}", step.what);
        for command in &step.commands {
            let _ = writeln!(text, "    {command}");
        }
    }
    text
}

/// What forcelint looked at.
pub(crate) fn found(state: &State<'_>) -> String {
    let project = state.project;
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
        let directories = inert(&directories.join(", ")).into_owned();
        let file = inert(&state.shown(&file)).into_owned();
        format!("project: {file}, {version}, package directories: {directories}\n")
    } else if state.projects.is_empty() {
        let folder = inert(&state.shown(&project.root)).into_owned();
        format!(
            "project: none; no {PROJECT_FILE} at or above {folder}, which is looked at as a whole\n"
        )
    } else {
        let shown = state.projects.iter().take(LISTED);
        let mut names: Vec<String> = shown
            .map(|it| inert(&state.shown(it)).into_owned())
            .collect();
        let more = state.projects.len().saturating_sub(LISTED);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        format!(
            "projects: {} ({})\n",
            state.projects.len(),
            names.join(", ")
        )
    };
    let types = &state.report.tally.components;
    let _ = match types.values().sum::<u64>() {
        0 => writeln!(
            text,
            "looked at: no component of a type that the rules know"
        ),
        count => writeln!(
            text,
            "looked at: {count} component{} of {} type{}",
            if count == 1 { "" } else { "s" },
            types.len(),
            if types.len() == 1 { "" } else { "s" }
        ),
    };
    let hidden = match state.report.suppressed.len() {
        0 => String::new(),
        count => format!(" ({count} that do not count left out)"),
    };
    let _ = writeln!(text, "found: {}{hidden}", by_severity(state.report));
    text
}

/// Projects, or broken files, that are named.
const LISTED: usize = 5;

/// Something to do.
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

fn steps(state: &State<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if !state.working_directory.starts_with(&state.project.root) {
        let folder = shell_word(&inert(&state.shown(&state.project.root)));
        steps.push(step("Go to the project:", &[&format!("cd {folder}")]));
    }
    steps.extend(about_findings(state));
    let is_written = |name: &str| {
        let mut written = state.written();
        written.any(|file| file.ends_with(name))
    };
    if is_written(".pre-commit-config.yaml") {
        let what = "Once in every clone, with pre-commit installed:";
        steps.push(step(what, &["pre-commit install"]));
    }
    let has_gitlab = |done: &Done| {
        let is_new = matches!(done.outcome, Outcome::Written | Outcome::ToAdd { .. });
        is_new && done.file.ends_with(".gitlab-ci.yml")
    };
    if state.done.iter().any(has_gitlab) {
        steps.push(step(
            &format!(
                "Write the checksum of the release into FORCELINT_SHA256 of .gitlab-ci.yml; it is in \
                 {RELEASE}/SHA256SUMS"
            ),
            &[],
        ));
    }
    if state.around.husky == Present::Others {
        let what = "A check before each commit, by husky: as a line of .husky/pre-commit";
        steps.push(step(what, &["forcelint check --staged"]));
    }
    steps.extend(flags_left(state));
    if !state.around.other_ci.is_empty() {
        let names = state.around.other_ci.join(" and ");
        steps.push(step(&format!("The lines for {names}: {DOCS}/ci.md"), &[]));
    }
    steps.extend(to_commit(state));
    steps
}

fn about_findings(state: &State<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let findings = &state.report.findings;
    let broken = findings.iter().filter(|it| it.rule == MALFORMED);
    let broken: Vec<&str> = broken.map(|it| it.location.path.as_str()).collect();
    if !broken.is_empty() {
        let mut named = broken[..broken.len().min(LISTED)].join(", ");
        let more = broken.len().saturating_sub(LISTED);
        if more > 0 {
            named.push_str(&format!(" and {more} more"));
        }
        let named = inert(&named).into_owned();
        steps.push(step(
            &format!(
                "Mend what cannot be parsed, or leave it out by `exclude` in forcelint.toml; no \
                 baseline hides it: {named}"
            ),
            &[],
        ));
    }
    let when = match (&state.done[0].outcome, broken.len()) {
        (Outcome::ToAdd { .. }, _) => "With the line above in forcelint.toml the",
        (_, 0) => "The",
        _ => "Then the",
    };
    if state.has_baseline || findings.is_empty() {
        let what = format!("{when} check passes, and fails on the first new finding:");
        steps.push(step(&what, &["forcelint check"]));
    } else {
        steps.push(step(
            "See what counts:",
            &["forcelint check --format pretty"],
        ));
        let command = match &state.done[0].outcome {
            // It is as it was written, so nothing is lost.
            Outcome::Written => "forcelint init --baseline --force",
            _ => "forcelint init --baseline",
        };
        let what = "So that only new findings count, record these:";
        steps.push(step(what, &[command]));
    }
    if !findings.is_empty() || !state.report.suppressed.is_empty() {
        steps.push(step(
            "A page for people who look rather than read:",
            &["forcelint check --show-suppressed --format html=forcelint-report.html"],
        ));
    }
    steps
}

/// What else `init` can do here.
fn flags_left(state: &State<'_>) -> Option<Step> {
    state.around.top.as_ref()?;
    let (around, asked) = (state.around, state.arguments);
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
    Some(step(
        "A check before each commit, or of each pull request:",
        &[&command],
    ))
}

fn to_commit(state: &State<'_>) -> Option<Step> {
    let files: Vec<String> = state
        .written()
        .map(|file| {
            let from = if state.working_directory.starts_with(&state.project.root) {
                state.working_directory
            } else {
                &state.project.root
            };
            shell_word(&inert(&relative(from, file)))
        })
        .collect();
    if files.is_empty() || state.around.top.is_none() {
        return None;
    }
    let add = format!("git add {}", files.join(" "));
    let commit = "git commit -m \"Check the login security with forcelint\"";
    Some(step("Keep it:", &[&add, commit]))
}

impl State<'_> {
    fn shown(&self, path: &Path) -> String {
        match relative(self.working_directory, path) {
            here if here.is_empty() => ".".to_owned(),
            path => path,
        }
    }

    fn written(&self) -> impl Iterator<Item = &Path> {
        let written = self
            .done
            .iter()
            .filter(|it| matches!(it.outcome, Outcome::Written));
        written.map(|it| it.file.as_path())
    }
}

pub(crate) fn indented(lines: &str, by: usize) -> String {
    let lines = inert_lines(lines);
    let lines = lines.lines().map(|line| match line {
        "" => String::new(),
        line => format!("{:by$}{line}", ""),
    });
    lines.collect::<Vec<_>>().join("\n")
}
