//! Runs the tests of rules, the `[[test]]` tables.
//!
//! Each test is written to a temporary folder as an SFDX project, and checked with its rule like any other
//! project.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::Deserialize;
use tempfile::TempDir;
use toml::Spanned;

use crate::finding::{Finding, Report};
use crate::project::{
    FORCEIGNORE, MetadataType, PROJECT_FILE, SourceFile, Targets, canonical, project_files, slashed,
};
use crate::rule::{Example, ExampleFix, Expectation, MALFORMED, Rule, RuleSet};
use crate::run::{Indexes, Monitor, Options, Workspace, fix_text, run as run_project};

/// A failed test.
#[derive(Debug)]
pub struct Failure {
    /// The index of the test in the rule.
    pub example: usize,
    /// At least one.
    pub mismatches: Vec<Mismatch>,
}

/// A difference between what a test expects and what the rule does.
#[derive(Debug)]
pub enum Mismatch {
    /// The test itself is invalid, for this reason.
    InvalidTest(String),
    /// The findings differ.
    Findings {
        expected: Vec<Expectation>,
        found: Vec<Found>,
    },
    /// The test expects that the rule cannot check the file, but it could.
    Checked,
    /// The rule could not check the file, for these reasons, but the test does not expect that.
    NotChecked(Vec<String>),
    /// The file differs after the fix.
    Fixed {
        /// The test has `fixed`. Without it, the file should not change.
        is_given: bool,
        expected: String,
        found: String,
        /// The help of a finding without a fix, which says why.
        no_fix: Option<String>,
    },
    /// The fix was not applied, for this reason.
    RejectedFix(String),
}

/// A finding, as a test could expect it.
#[derive(Debug)]
pub struct Found {
    /// The expectation with all keys.
    pub expectation: Expectation,
    pub message: String,
    /// Related locations: file, line, message.
    pub related: Vec<(String, usize, String)>,
    /// What to do, and why there is no fix.
    pub help: String,
}

/// Runs all tests of the rules on all cores. Returns the failures of each rule, in the order of its tests.
pub fn run_all(rules: &[Arc<Rule>], today: Date) -> Vec<Vec<Failure>> {
    let sets: Vec<Arc<RuleSet>> = rules
        .iter()
        .map(|rule| Arc::new(RuleSet::alone(Arc::clone(rule))))
        .collect();
    let examples: Vec<(usize, usize)> = rules
        .iter()
        .enumerate()
        .flat_map(|(at, rule)| (0..rule.examples.len()).map(move |example| (at, example)))
        .collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    // Each thread has a loop instead of a task per test. A thread that waits for a check takes another
    // task, so that tests would pile up on its stack.
    rayon::broadcast(|_| {
        while let Some(&(at, example)) = examples.get(next.fetch_add(1, Ordering::Relaxed)) {
            let rule = &rules[at];
            let mismatches = run(&sets[at], &rule.id, &rule.examples[example], today);
            if !mismatches.is_empty() {
                let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.push((
                    at,
                    Failure {
                        example,
                        mismatches,
                    },
                ));
            }
        }
    });
    let mut failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    failures.sort_unstable_by_key(|(at, failure)| (*at, failure.example));
    let mut by_rule: Vec<Vec<Failure>> = rules.iter().map(|_| Vec::new()).collect();
    for (at, failure) in failures {
        by_rule[at].push(failure);
    }
    by_rule
}

/// Runs a test of the rule `id`, the only one in `rules`. Returns nothing if the test passes.
pub fn run(rules: &Arc<RuleSet>, id: &str, example: &Example, today: Date) -> Vec<Mismatch> {
    match lint(rules, example, today) {
        Ok(linted) => linted.mismatches(id, example),
        Err(reason) => vec![Mismatch::InvalidTest(reason)],
    }
}

/// A checked test project.
struct Linted {
    workspace: Workspace,
    indexes: RefCell<Indexes>,
    file: SourceFile,
    report: Report,
    /// Deletes the folder when dropped.
    _root: TempDir,
}

fn lint(rules: &Arc<RuleSet>, example: &Example, today: Date) -> Result<Linted, String> {
    if let Some(reason) = invalid_keys(example) {
        return Err(reason.to_owned());
    }
    let on_disk = |error: io::Error| format!("cannot write a temporary project: {error}");
    let folder = TempDir::new().map_err(on_disk)?;
    // On some systems, the path of the temporary folder contains a link.
    let root = canonical(folder.path()).map_err(on_disk)?;
    let path = write(&root, example)?;
    let options = Options {
        jobs: 1,
        ..Options::on(today)
    };
    let workspace = Workspace::new(rules, options);
    let mut indexes = Indexes::default();
    let project = workspace.projects.around(&root, &root);
    let targets = Targets::resolve(std::slice::from_ref(&root), &root, &workspace.projects)
        .map_err(on_disk)?;
    let file = match example.is_of_project() {
        true => project_files(&workspace.projects, &targets.folders).pop(),
        false => SourceFile::new(path, project),
    };
    let file = file.ok_or_else(|| {
        format!(
            "forcelint does not check files of metadata type `{}`",
            example.metadata
        )
    })?;
    let report = run_project(&workspace, &targets, &mut indexes, &Monitor::default());
    Ok(Linted {
        workspace,
        indexes: RefCell::new(indexes),
        file,
        report,
        _root: folder,
    })
}

impl Linted {
    fn mismatches(&self, id: &str, example: &Example) -> Vec<Mismatch> {
        let (mut mismatches, is_checked) = self.errors(id);
        if !is_checked {
            return mismatches;
        }
        let found: Vec<Found> = self
            .report
            .findings
            .iter()
            .filter(|finding| finding.rule == id && finding.file.path == self.file.path)
            .map(|finding| Found::new(finding))
            .collect();
        let expected = match example.expectations() {
            Ok(expected) => expected,
            Err(reason) => return vec![Mismatch::InvalidTest(reason)],
        };
        let all_match = found.len() == expected.len()
            && found
                .iter()
                .zip(&expected)
                .all(|(found, expectation)| found.matches(expectation));
        // No rule fixes the project.
        let is_fixable = !example.is_of_project();
        let fixed = is_fixable
            .then(|| self.fixed(id, example, &found))
            .flatten();
        if !all_match {
            mismatches.push(Mismatch::Findings { expected, found });
        }
        let reasons: Vec<String> = self
            .report
            .not_checked
            .iter()
            // The component of a settings file has another name than the test, so this uses the file's.
            .filter(|it| it.rule == id && it.component == self.file.component)
            .map(|it| it.reason.to_string())
            .collect();
        match (example.not_checked, reasons.is_empty()) {
            (true, true) => mismatches.push(Mismatch::Checked),
            (false, false) => mismatches.push(Mismatch::NotChecked(reasons)),
            _ => {}
        }
        mismatches.extend(fixed);
        mismatches
    }

    /// The errors of the test project, and whether the checked file is well-formed.
    fn errors(&self, id: &str) -> (Vec<Mismatch>, bool) {
        let mut is_checked = true;
        let malformed = self
            .report
            .findings
            .iter()
            .filter(|finding| finding.rule == MALFORMED && id != MALFORMED)
            .inspect(|finding| is_checked &= finding.file.path != self.file.path)
            .map(|finding| {
                let location = &finding.location;
                let (path, line) = (&location.path, location.start.line);
                format!("{path}:{line}: {}", finding.message())
            });
        // A test may be about an invalid `sfdx-project.json`, so these do not end it.
        let errors = self
            .report
            .errors
            .iter()
            .map(|error| format!("{}: {}", error.path, error.message));
        let errors = malformed.chain(errors).map(Mismatch::InvalidTest).collect();
        (errors, is_checked)
    }

    /// Compares the file after `--fix=all` with the expected text.
    fn fixed(&self, id: &str, example: &Example, findings: &[Found]) -> Option<Mismatch> {
        let is_selected = |finding: &Finding| finding.rule == id && finding.fix.is_some();
        let found = if findings.is_empty() {
            // A run does not fix a file that it skips.
            example.xml.clone()
        } else {
            let fixed = fix_text(
                &self.workspace,
                &mut self.indexes.borrow_mut(),
                &self.file,
                example.xml.as_bytes(),
                is_selected,
            );
            if let Some(refused) = fixed.refused.first() {
                return Some(Mismatch::RejectedFix(refused.to_string()));
            }
            String::from_utf8_lossy(&fixed.text).into_owned()
        };
        let expected = example.fixed.as_ref().unwrap_or(&example.xml);
        (found != *expected).then(|| Mismatch::Fixed {
            is_given: example.fixed.is_some(),
            expected: expected.clone(),
            found,
            no_fix: findings
                .iter()
                .find(|found| found.expectation.fix == Some(ExampleFix::None))
                .map(|found| found.help.clone()),
        })
    }
}

impl Found {
    fn new(finding: &Finding) -> Self {
        let evidence = finding
            .related
            .iter()
            .map(|related| &related.location)
            .filter(|location| location.path == finding.location.path)
            .map(|location| location.start.line)
            .collect();
        let related = finding.related.iter().map(|related| {
            let location = &related.location;
            (
                location.path.to_string(),
                location.start.line,
                related.message.clone(),
            )
        });
        Self {
            expectation: Expectation {
                line: finding.location.start.line,
                severity: finding.severity,
                fix: Some(match &finding.fix {
                    None => ExampleFix::None,
                    Some(fix) if fix.applicability.rollout().is_none() => ExampleFix::Safe,
                    Some(_) => ExampleFix::Rollout,
                }),
                evidence: Some(evidence),
            },
            message: finding.message(),
            related: related.collect(),
            help: finding.help.to_string(),
        }
    }

    /// The expectation with only the optional keys that `other` has.
    pub fn with_keys_of(&self, other: &Expectation) -> Expectation {
        let mut expectation = self.expectation.clone();
        if other.fix.is_none() {
            expectation.fix = None;
        }
        if other.evidence.is_none() {
            expectation.evidence = None;
        }
        expectation
    }

    /// Whether the finding is the expected one.
    pub fn matches(&self, expectation: &Expectation) -> bool {
        self.with_keys_of(expectation) == *expectation
    }
}

/// What is wrong with the keys of a test.
fn invalid_keys(example: &Example) -> Option<&'static str> {
    let has_text = !example.xml.is_empty() || example.fixed.is_some();
    match example.is_of_project() {
        true if has_text => {
            Some("a test of the project has no `xml` and no `fixed`; use `project` and `with`")
        }
        false if example.xml.is_empty() => Some("missing key `xml`: the text of the checked file"),
        _ => None,
    }
}

/// Writes a test as an SFDX project in source format. Returns the path of the checked file.
fn write(root: &Path, example: &Example) -> Result<PathBuf, String> {
    let save = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", slashed(path)))
    };
    // Marks the folder as a repository, so that ignore files outside it do not apply.
    fs::create_dir(root.join(".git")).map_err(|error| error.to_string())?;
    save(&root.join(PROJECT_FILE), example.project_text())?;
    if let Some(text) = &example.forceignore {
        save(&root.join(FORCEIGNORE), text)?;
    }
    let own = match example.is_of_project() {
        true => root.join(PROJECT_FILE),
        false => file_path(
            root,
            "force-app",
            &example.metadata,
            &example.component,
            example.suffix.as_deref(),
        )?,
    };
    let mut files = Vec::new();
    if example.is_of_project() {
        fs::create_dir_all(root.join("force-app")).map_err(|error| error.to_string())?;
    } else {
        files.push((own.clone(), &example.xml));
    }
    for file in &example.with {
        let path = file_path(root, &file.directory, &file.metadata, &file.component, None)?;
        files.push((path, &file.xml));
    }
    for (path, xml) in files {
        if path.exists() {
            let name = slashed(path.strip_prefix(root).unwrap_or(&path));
            return Err(format!(
                "two files have the path `{name}`; change the `component` of one"
            ));
        }
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create {}: {error}", slashed(folder)))?;
        save(&path, xml)?;
    }
    Ok(own)
}

fn file_path(
    root: &Path,
    directory: &str,
    metadata: &str,
    component: &str,
    suffix: Option<&str>,
) -> Result<PathBuf, String> {
    let metadata_type = MetadataType::named(metadata)
        .ok_or_else(|| format!("unknown metadata type `{metadata}`"))?;
    let below = Path::new(directory).join("main").join("default");
    let name = match suffix {
        Some(suffix) => metadata_type.file_name_with_suffix(component, suffix),
        None => metadata_type.file_name(component),
    };
    let path = below.join(name);
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !is_inside {
        return Err(format!(
            "the path of component `{component}` in `{directory}` is outside the project"
        ));
    }
    Ok(root.join(path))
}

/// The line of the name of each `[[test]]`, in the order of the file.
pub(super) fn lines(text: &str) -> Vec<usize> {
    #[derive(Deserialize)]
    struct TestFile {
        #[serde(default)]
        test: Vec<Test>,
    }
    #[derive(Deserialize)]
    struct Test {
        name: Spanned<String>,
    }
    // The file has been compiled before, so it is valid.
    let file = toml::from_str::<TestFile>(text);
    let tests = file.map_or_else(|_| Vec::new(), |file| file.test);
    tests
        .iter()
        .map(|test| text[..test.name.span().start].matches('\n').count() + 1)
        .collect()
}
