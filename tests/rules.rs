//! The built-in rules, held against the `[[test]]` tables that stand in their own files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use forcelint::lint::{Edit, Finding, Linter, Report};
use forcelint::project::{MetadataType, PROJECT_FILE, Targets, classify};
use forcelint::rule::{
    BUILT_IN, Example, ExampleFix, Expectation, MALFORMED, Rule, RuleSet, Selection, compile,
};
use similar::TextDiff;
use tempfile::TempDir;

const PROJECT: &str = r#"{
    "packageDirectories": [{ "path": "force-app", "default": true }],
    "sourceApiVersion": "66.0"
}
"#;

/// Every built-in rule, its regular expressions looked at too.
fn rules() -> Vec<Rule> {
    BUILT_IN
        .iter()
        .map(|built_in| match compile(built_in.id, built_in.toml) {
            Ok(rule) => rule,
            Err(error) => panic!("{:?}", miette::Report::new(error)),
        })
        .collect()
}

#[test]
fn every_rule_does_what_its_examples_say() {
    let mut failures = Vec::new();
    let mut count = 0;
    for rule in rules() {
        let rule_set = only(&rule.id);
        for example in &rule.examples {
            count += 1;
            if let Err(problem) = run(&rule_set, &rule.id, example) {
                failures.push(format!("{}: {}\n{problem}", rule.id, example.name));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} examples fail:\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn ids_are_unique_and_in_kebab_case() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "two rules share an id");
    assert!(ids.contains(MALFORMED));
    for id in ids {
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(id.split('-').all(is_word), "`{id}` is not kebab-case");
    }
}

#[test]
fn every_rule_shows_what_complies_and_what_does_not() {
    for rule in rules().iter().filter(|rule| !rule.checks.is_empty()) {
        let complies = |example: &Example| example.expect.is_empty() && !example.not_judged;
        assert!(
            rule.examples.iter().any(complies),
            "{} has no example that complies",
            rule.id
        );
        assert!(
            rule.examples
                .iter()
                .any(|example| !example.expect.is_empty()),
            "{} has no example that violates it",
            rule.id
        );
        let names: BTreeSet<&str> = rule.examples.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(
            names.len(),
            rule.examples.len(),
            "two examples of {} share a name",
            rule.id
        );
    }
}

/// Were the runner blind, every example would pass.
#[test]
fn a_wrong_expectation_fails() {
    let rules = rules();
    let rule = rules
        .iter()
        .find(|rule| rule.id == "pkce-required")
        .unwrap();
    let rule_set = only(&rule.id);
    let right = rule
        .examples
        .iter()
        .find(|example| {
            example.fixed.is_some()
                && example.expect[0].fix == Some(ExampleFix::Rollout)
                && example.expect[0]
                    .evidence
                    .as_ref()
                    .is_some_and(|lines| !lines.is_empty())
        })
        .unwrap();
    run(&rule_set, &rule.id, right).unwrap();
    let spoil: [fn(&mut Example); 9] = [
        |example| example.expect.clear(),
        |example| example.expect.push(example.expect[0].clone()),
        |example| example.expect[0].line += 1,
        |example| example.expect[0].severity = example.expect[0].severity.lowered(),
        |example| example.expect[0].fix = Some(ExampleFix::Safe),
        |example| example.expect[0].evidence = Some(Vec::new()),
        |example| example.not_judged = true,
        |example| example.fixed = None,
        |example| example.fixed.as_mut().unwrap().push('\n'),
    ];
    for (at, spoil) in spoil.iter().enumerate() {
        let mut wrong = right.clone();
        spoil(&mut wrong);
        assert!(
            run(&rule_set, &rule.id, &wrong).is_err(),
            "the wrong expectation {at} is not noticed"
        );
    }
}

/// A file that cannot be parsed might have said anything, so it never lowers a severity.
#[test]
fn an_unreadable_partner_does_not_lower_the_severity() {
    let rules = rules();
    let rule = rules
        .iter()
        .find(|rule| rule.id == "pkce-required")
        .unwrap();
    let rule_set = only(&rule.id);
    let mut example = rule
        .examples
        .iter()
        .find(|example| {
            example.metadata == "ExtlClntAppGlobalOauthSettings"
                && example.with.len() == 1
                && example.with[0].metadata == "ExtlClntAppConfigurablePolicies"
                && example.expect[0].severity.name() == "info"
        })
        .unwrap()
        .clone();
    run(&rule_set, &rule.id, &example).unwrap();
    let mut cut_off = example.with[0].clone();
    cut_off.component.push_str("_cut_off");
    cut_off.xml.truncate(cut_off.xml.len() / 2);
    example.with.push(cut_off);
    let root = write(&example).unwrap();
    let report = lint(&rule_set, root.path());
    assert_ne!(report.findings[0].severity.name(), "info");
}

/// A rule set of this rule alone, beside the one that is always on.
fn only(id: &str) -> RuleSet {
    RuleSet::select(&Selection {
        select: vec![id.to_owned()],
        ignore: Vec::new(),
    })
    .unwrap()
}

/// Runs an example of the rule `id`; the error tells what is not as it should be.
fn run(rules: &RuleSet, id: &str, example: &Example) -> Result<(), String> {
    let root = write(example)?;
    let path = file_path(
        root.path(),
        "force-app",
        &example.metadata,
        &example.component,
    )?;
    let report = lint(rules, root.path());
    let mut problem = String::new();
    let malformed = report
        .findings
        .iter()
        .filter(|finding| finding.rule == MALFORMED && id != MALFORMED)
        .map(|finding| format!("{}: {}", finding.location.path, finding.message));
    for trouble in malformed.chain(report.errors.iter().map(|error| error.message.clone())) {
        say(&mut problem, "  the example itself is broken: ", &trouble);
    }
    let found: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.rule == id && finding.file.path == path)
        .collect();
    compare_findings(&found, &example.expect, &mut problem);
    // By the file's name, since settings are not called what the example is.
    let own = path.file_name().and_then(classify);
    let reasons: Vec<&str> = report
        .not_judged
        .iter()
        .filter(|it| {
            let component = (it.component.metadata_type, it.component.name.as_bytes());
            it.rule == id && Some(component) == own
        })
        .map(|it| it.reason.as_str())
        .collect();
    if example.not_judged == reasons.is_empty() {
        let seen = format!("{} as not judged, but: {reasons:?}", example.not_judged);
        say(&mut problem, "  expected ", &seen);
    }
    let edits = found
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| fix.edits.iter());
    let fixed = apply(&example.xml, edits);
    let expected = example.fixed.as_ref().unwrap_or(&example.xml);
    if fixed != *expected {
        let diff = TextDiff::from_lines(expected, &fixed);
        let diff = diff
            .unified_diff()
            .header("expected after fixing", "got")
            .to_string();
        say(&mut problem, "", &diff);
    }
    fs::write(&path, &fixed).map_err(|error| error.to_string())?;
    let left = lint(rules, root.path());
    for finding in left.findings.iter().filter(|it| it.file.path == path) {
        if finding.fix.is_some() {
            say(&mut problem, "  left after fixing: ", &finding.message);
        }
    }
    if problem.is_empty() {
        Ok(())
    } else {
        Err(problem)
    }
}

fn say(problem: &mut String, what: &str, which: &str) {
    writeln!(problem, "{what}{which}").unwrap();
}

fn compare_findings(found: &[&Finding], expected: &[Expectation], problem: &mut String) {
    let agree = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(finding, expectation)| agrees(finding, expectation));
    if agree {
        return;
    }
    say(problem, "  expected:", "");
    for expectation in expected {
        say(problem, "    ", &format!("{expectation:?}"));
    }
    say(problem, "  got:", "");
    for finding in found {
        say(problem, "    ", &format!("{:?}", seen(finding)));
        say(problem, "      ", &finding.message);
        for related in &finding.related {
            let location = &related.location;
            let place = format!("{}:{} ", location.path, location.start.line);
            say(problem, "      ", &(place + &related.message));
        }
        if finding.fix.is_none() {
            say(problem, "      ", &finding.help);
        }
    }
}

fn agrees(finding: &Finding, expectation: &Expectation) -> bool {
    let mut seen = seen(finding);
    // What the example does not tell is as it should be.
    if expectation.fix.is_none() {
        seen.fix = None;
    }
    if expectation.evidence.is_none() {
        seen.evidence = None;
    }
    seen == *expectation
}

fn seen(finding: &Finding) -> Expectation {
    Expectation {
        line: finding.location.start.line,
        severity: finding.severity,
        fix: Some(match &finding.fix {
            None => ExampleFix::None,
            Some(fix) if fix.rollout.is_none() => ExampleFix::Safe,
            Some(_) => ExampleFix::Rollout,
        }),
        evidence: Some(
            finding
                .related
                .iter()
                .map(|related| &related.location)
                .filter(|location| location.path == finding.location.path)
                .map(|location| location.start.line)
                .collect(),
        ),
    }
}

/// The text after the edits, done from the back so that none moves another.
fn apply<'e>(text: &str, edits: impl Iterator<Item = &'e Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.collect();
    edits.sort_by_key(|edit| edit.start.offset);
    let mut fixed = text.to_owned();
    for edit in edits.iter().rev() {
        fixed.replace_range(edit.start.offset..edit.end.offset, &edit.text);
    }
    fixed
}

fn lint(rules: &RuleSet, root: &Path) -> Report {
    let linter = Linter::new(rules, 1);
    let targets = Targets::resolve(&[root.to_path_buf()], root, &linter.projects).unwrap();
    linter.run(&targets)
}

/// Writes the example as an SFDX project in source format.
fn write(example: &Example) -> Result<TempDir, String> {
    let root = TempDir::new().map_err(|error| error.to_string())?;
    let own = (
        "force-app",
        &example.metadata,
        &example.component,
        &example.xml,
    );
    let others = example.with.iter().map(|file| {
        let directory = file.directory.as_str();
        (directory, &file.metadata, &file.component, &file.xml)
    });
    let project = example.project.as_deref().unwrap_or(PROJECT);
    fs::write(root.path().join(PROJECT_FILE), project).map_err(|error| error.to_string())?;
    for (directory, metadata, component, xml) in std::iter::once(own).chain(others) {
        let path = file_path(root.path(), directory, metadata, component)?;
        if path.exists() {
            return Err(format!("  two files are {}\n", path.display()));
        }
        let folder = path.parent().unwrap_or(root.path());
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        fs::write(&path, xml).map_err(|error| error.to_string())?;
    }
    Ok(root)
}

fn file_path(
    root: &Path,
    directory: &str,
    metadata: &str,
    component: &str,
) -> Result<PathBuf, String> {
    let metadata_type = MetadataType::named(metadata)
        .ok_or_else(|| format!("  there is no metadata type {metadata}\n"))?;
    let file_name = metadata_type.file_name(component);
    Ok(root
        .join(directory)
        .join("main")
        .join("default")
        .join(file_name))
}
