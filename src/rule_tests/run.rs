//! Rules held against their own examples, the `[[test]]` tables.
//!
//! In: compiled rules. Out: for each of them the examples of which it says something else than
//! they expect, as plain data. Each example is written as an SFDX project into a folder of its own
//! and linted there as any project is, with the one rule alone.

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
use crate::project::{FORCEIGNORE, MetadataType, PROJECT_FILE, SourceFile, Targets};
use crate::rule::{Example, ExampleFix, Expectation, MALFORMED, Rule, RuleSet};
use crate::run::{Indexes, Monitor, Options, Workspace, fix_text, run as run_project};

/// The project of an example that does not bring its own.
const PROJECT: &str = r#"{
    "packageDirectories": [{ "path": "force-app", "default": true }],
    "sourceApiVersion": "66.0"
}
"#;

/// An example that a rule fails.
#[derive(Debug)]
pub struct Failure {
    /// Its place among the examples of the rule.
    pub example: usize,
    /// What is not as it should be; never empty.
    pub mismatches: Vec<Mismatch>,
}

/// Something that an example expects otherwise.
#[derive(Debug)]
pub enum Mismatch {
    /// The example says nothing about the rule, because of this.
    Broken(String),
    /// The findings differ.
    Findings {
        /// What `expect` says.
        expected: Vec<Expectation>,
        /// What there is.
        found: Vec<Found>,
    },
    /// `not_checked` is expected, but everything could be told.
    Judged,
    /// Something could not be told, for these reasons, and that is not expected.
    NotChecked(Vec<String>),
    /// The text after fixing differs.
    Fixed {
        /// `fixed` is not given, so that the text should have stayed as it is.
        is_given: bool,
        /// The expected text.
        expected: String,
        /// What there is.
        found: String,
        /// Why no fix is offered for a finding, or else what to do about it.
        no_fix: Option<String>,
    },
    /// The fix was not applied, because of this.
    Unsound(String),
}

/// A finding as an example sees it.
#[derive(Debug)]
pub struct Found {
    /// What an example would write to expect it, with everything that can be written.
    pub expectation: Expectation,
    /// Its message.
    pub message: String,
    /// Places that are shown beside: file, line, message.
    pub related: Vec<(String, usize, String)>,
    /// Why no fix is offered, or else what to do.
    pub help: String,
}

/// Runs every example of the rules on all cores. The failures come in the order of the rules, and
/// for each in that of its examples.
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
    // One loop a thread instead of one task an example: a thread that waits for the linter takes
    // up another task meanwhile, and examples would pile up on its stack.
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

/// Runs an example of the rule `id`, which is alone in `rules`. Nothing comes out when it is as
/// expected.
pub fn run(rules: &Arc<RuleSet>, id: &str, example: &Example, today: Date) -> Vec<Mismatch> {
    match lint(rules, example, today) {
        Ok(linted) => linted.mismatches(id, example),
        Err(reason) => vec![Mismatch::Broken(reason)],
    }
}

/// An example, linted.
struct Linted {
    workspace: Workspace,
    indexes: RefCell<Indexes>,
    file: SourceFile,
    report: Report,
    /// Deletes the folder in the end.
    _root: TempDir,
}

fn lint(rules: &Arc<RuleSet>, example: &Example, today: Date) -> Result<Linted, String> {
    let on_disk = |error: io::Error| format!("it cannot be written to disk: {error}");
    let folder = TempDir::new().map_err(on_disk)?;
    // Some systems have a link in the path of their temporary folder.
    let root = folder.path().canonicalize().map_err(on_disk)?;
    let path = write(&root, example)?;
    let options = Options {
        jobs: 1,
        ..Options::on(today)
    };
    let workspace = Workspace::new(rules, options);
    let mut indexes = Indexes::default();
    let project = workspace.projects.around(&root, &root);
    let file = SourceFile::new(path, project)
        .ok_or_else(|| format!("no file belongs to the type {}", example.metadata))?;
    let targets = Targets::resolve(std::slice::from_ref(&root), &root, &workspace.projects)
        .map_err(on_disk)?;
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
        let (mut mismatches, is_judged) = self.broken(id);
        if !is_judged {
            return mismatches;
        }
        let found: Vec<Found> = self
            .report
            .findings
            .iter()
            .filter(|finding| finding.rule == id && finding.file.path == self.file.path)
            .map(Found::new)
            .collect();
        let expected = match example.expectations() {
            Ok(expected) => expected,
            Err(reason) => return vec![Mismatch::Broken(reason)],
        };
        let agree = found.len() == expected.len()
            && found
                .iter()
                .zip(&expected)
                .all(|(found, expectation)| found.agrees(expectation));
        let fixed = self.fixed(id, example, &found);
        if !agree {
            mismatches.push(Mismatch::Findings { expected, found });
        }
        let reasons: Vec<String> = self
            .report
            .not_checked
            .iter()
            // Settings are not called what the example is, so this asks the file.
            .filter(|it| it.rule == id && it.component == self.file.component)
            .map(|it| it.reason.to_string())
            .collect();
        match (example.not_checked, reasons.is_empty()) {
            (true, true) => mismatches.push(Mismatch::Judged),
            (false, false) => mismatches.push(Mismatch::NotChecked(reasons)),
            _ => {}
        }
        mismatches.extend(fixed);
        mismatches
    }

    /// What keeps the example from saying anything about the rule, and whether its own file could
    /// be judged.
    fn broken(&self, id: &str) -> (Vec<Mismatch>, bool) {
        let mut is_judged = true;
        let malformed = self
            .report
            .findings
            .iter()
            .filter(|finding| finding.rule == MALFORMED && id != MALFORMED)
            .inspect(|finding| is_judged &= finding.file.path != self.file.path)
            .map(|finding| {
                let place = &finding.location;
                format!("{}:{}: {}", place.path, place.start.line, finding.message)
            });
        // A broken `sfdx-project.json` may be what the example is about.
        let errors = self
            .report
            .errors
            .iter()
            .map(|error| format!("{}: {}", error.path, error.message));
        let broken = malformed.chain(errors).map(Mismatch::Broken).collect();
        (broken, is_judged)
    }

    /// Holds what `--fix=all` makes of the file against what is expected.
    fn fixed(&self, id: &str, example: &Example, findings: &[Found]) -> Option<Mismatch> {
        let is_selected = |finding: &Finding| finding.rule == id && finding.fix.is_some();
        let found = if findings.is_empty() {
            // A file that is left out is not fixed either, though it could be.
            example.xml.clone()
        } else {
            match fix_text(
                &self.workspace,
                &mut self.indexes.borrow_mut(),
                &self.file,
                example.xml.as_bytes(),
                is_selected,
            ) {
                Ok(fixed) => String::from_utf8_lossy(&fixed.text).into_owned(),
                Err(error) => return Some(Mismatch::Unsound(error.to_string())),
            }
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
                location.path.clone(),
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
            message: finding.message.clone(),
            related: related.collect(),
            help: finding.help.clone(),
        }
    }

    /// The expectation with only what `like` tells: what an example leaves out is as it should be.
    pub fn told_like(&self, like: &Expectation) -> Expectation {
        let mut told = self.expectation.clone();
        if like.fix.is_none() {
            told.fix = None;
        }
        if like.evidence.is_none() {
            told.evidence = None;
        }
        told
    }

    /// Whether it is what the example expects.
    pub fn agrees(&self, expectation: &Expectation) -> bool {
        self.told_like(expectation) == *expectation
    }
}

/// Writes the example as an SFDX project in source format; the path is that of its own file.
fn write(root: &Path, example: &Example) -> Result<PathBuf, String> {
    let save = |path: &Path, text: &str| {
        fs::write(path, text)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))
    };
    // A repository of its own: ignore files around the temporary folder are none of its business.
    fs::create_dir(root.join(".git")).map_err(|error| error.to_string())?;
    let project = example.project.as_deref().unwrap_or(PROJECT);
    save(&root.join(PROJECT_FILE), project)?;
    if let Some(text) = &example.forceignore {
        save(&root.join(FORCEIGNORE), text)?;
    }
    let own = file_path(root, "force-app", &example.metadata, &example.component)?;
    let mut files = vec![(own.clone(), &example.xml)];
    for file in &example.with {
        let path = file_path(root, &file.directory, &file.metadata, &file.component)?;
        files.push((path, &file.xml));
    }
    for (path, xml) in files {
        if path.exists() {
            let name = path.strip_prefix(root).unwrap_or(&path).display();
            return Err(format!(
                "two of its files are {name}; give one another `component`"
            ));
        }
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        save(&path, xml)?;
    }
    Ok(own)
}

fn file_path(
    root: &Path,
    directory: &str,
    metadata: &str,
    component: &str,
) -> Result<PathBuf, String> {
    let metadata_type = MetadataType::named(metadata)
        .ok_or_else(|| format!("forcelint knows no metadata type `{metadata}`"))?;
    let below = Path::new(directory).join("main").join("default");
    let path = below.join(metadata_type.file_name(component));
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !is_inside {
        return Err(format!(
            "`{directory}` and `{component}` do not stay in the project"
        ));
    }
    Ok(root.join(path))
}

/// The line on which each `[[test]]` of a rule file has its name, in their order.
pub(super) fn lines(text: &str) -> Vec<usize> {
    #[derive(Deserialize)]
    struct Places {
        #[serde(default)]
        test: Vec<Place>,
    }
    #[derive(Deserialize)]
    struct Place {
        name: Spanned<String>,
    }
    // A rule that compiled has these; were it otherwise, there would be no lines to tell.
    let places = toml::from_str::<Places>(text).map_or_else(|_| Vec::new(), |places| places.test);
    places
        .iter()
        .map(|place| text[..place.name.span().start].matches('\n').count() + 1)
        .collect()
}
