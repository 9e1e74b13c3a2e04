//! The built-in rules, run against their tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use forcelint::rule::{
    BUILT_IN, Example, ExampleFix, MALFORMED, Rule, RuleSet, Severity, compile, compile_tests,
};
use forcelint::rule_docs::STORIES;
use forcelint::rule_tests::{Mismatch, run, run_all};
use forcelint::rule_tests::{TestedRule, tested_rules};
use jiff::civil::Date;

const TODAY: Date = jiff::civil::date(2026, 11, 28);

/// All built-in rules with their tests.
fn rules() -> Vec<Arc<Rule>> {
    BUILT_IN
        .iter()
        .map(|built_in| {
            let rule = compile(built_in.id, built_in.toml()).and_then(|mut rule| {
                rule.examples = compile_tests(built_in.id, built_in.tests_toml())?;
                Ok(rule)
            });
            match rule {
                Ok(rule) => Arc::new(rule),
                Err(error) => panic!("{:?}", miette::Report::new(error)),
            }
        })
        .collect()
}

#[test]
fn rules_pass_their_tests() {
    let rules = rules();
    let failures = run_all(&rules, TODAY);
    let mut text = String::new();
    for ((rule, built_in), failures) in rules.iter().zip(BUILT_IN).zip(&failures) {
        if !failures.is_empty() {
            let tested = TestedRule {
                path: &format!("{}.test.toml", rule.id),
                text: built_in.tests_toml(),
                rule,
                failures,
            };
            write!(text, "{}", tested_rules(&[tested], false)).unwrap();
        }
    }
    assert!(text.is_empty(), "{text}");
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

/// `url` is only optional in users' rules.
#[test]
fn rules_have_a_url() {
    for rule in rules() {
        assert!(rule.url.starts_with("https://"), "{}", rule.id);
    }
}

#[test]
fn rules_have_passing_and_failing_tests() {
    // A rule that forbids a file has no test with a file that complies.
    let forbids_the_file = |toml: &str| {
        let requires = |what: &str| toml.matches(&format!("\nrequire = {what}")).count();
        requires("{ field = \".\", exists = false }") == requires("")
    };
    let rules = rules();
    let rules = rules.iter().zip(BUILT_IN);
    for (rule, built_in) in rules.filter(|(rule, _)| !rule.checks.is_empty()) {
        let complies = |example: &Example| example.expect.is_empty() && !example.not_checked;
        assert!(
            rule.examples.iter().any(complies) || forbids_the_file(built_in.toml()),
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

/// Verifies that the test runner detects wrong expectations.
#[test]
fn wrong_expectation_fails() {
    let rules = rules();
    let rule = rules
        .iter()
        .find(|rule| rule.id == "pkce-required")
        .unwrap();
    let rule_set = Arc::new(RuleSet::alone(Arc::clone(rule)));
    let valid = rule
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
    assert!(run(&rule_set, &rule.id, valid, TODAY).is_empty());
    let mutations: [fn(&mut Example); 9] = [
        |example| example.expect.clear(),
        |example| example.expect.push(example.expect[0].clone()),
        |example| example.expect[0].line += 1,
        |example| example.expect[0].severity = example.expect[0].severity.lowered(),
        |example| example.expect[0].fix = Some(ExampleFix::Safe),
        |example| example.expect[0].evidence = Some(Vec::new()),
        |example| example.not_checked = true,
        |example| example.fixed = None,
        |example| example.fixed.as_mut().unwrap().push('\n'),
    ];
    for (at, mutate) in mutations.iter().enumerate() {
        let mut invalid = valid.clone();
        mutate(&mut invalid);
        assert!(
            !run(&rule_set, &rule.id, &invalid, TODAY).is_empty(),
            "the wrong expectation {at} passed"
        );
    }
}

/// A malformed file could contain anything, so it does not lower the severity.
#[test]
fn malformed_related_file_does_not_lower_the_severity() {
    let rules = rules();
    let rule = rules
        .iter()
        .find(|rule| rule.id == "pkce-required")
        .unwrap();
    let rule_set = Arc::new(RuleSet::alone(Arc::clone(rule)));
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
    assert!(run(&rule_set, &rule.id, &example, TODAY).is_empty());
    let mut truncated = example.with[0].clone();
    truncated.component.push_str("_cut_off");
    truncated.xml.truncate(truncated.xml.len() / 2);
    example.with.push(truncated);
    let severity = run(&rule_set, &rule.id, &example, TODAY)
        .iter()
        .find_map(|mismatch| match mismatch {
            Mismatch::Findings { found, .. } => Some(found[0].expectation.severity),
            _ => None,
        });
    assert_ne!(severity.unwrap(), Severity::Info);
}

/// Path and text of each rule file in `rules/`, without test files.
fn rule_files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    let is_rule = |path: &std::path::PathBuf| {
        let path = path.to_str().unwrap().replace('\\', "/");
        let is_story = path.contains("/stories/");
        path.ends_with(".toml") && !path.ends_with(".test.toml") && !is_story
    };
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (
            path.strip_prefix(folder).unwrap().display().to_string(),
            text,
        )
    };
    paths.filter(is_rule).map(read).collect()
}

#[test]
fn attack_stories_are_about_rules_that_exist() {
    let mut ids = BTreeSet::new();
    for story in STORIES.iter() {
        assert!(ids.insert(&story.id), "{} twice", story.id);
        let steps = story.step.len();
        assert!((2..=steps).contains(&story.min_steps), "{}", story.id);
        for evidence in story.step.iter().flat_map(|step| &step.findings) {
            let rule = BUILT_IN.iter().find(|rule| rule.id == evidence.rule);
            let rule = rule.unwrap_or_else(|| panic!("{}: {}", story.id, evidence.rule));
            if let Some(metadata) = &evidence.metadata {
                assert!(rule.checked_types.contains(&&**metadata), "{metadata}");
            }
        }
        for step in &story.step {
            assert!(!step.text.ends_with('.'), "{}: {}", story.id, step.text);
        }
    }
}

#[test]
fn titles_have_at_most_eight_words_and_no_markup() {
    for rule in rules() {
        let words = rule.title.split_whitespace().count();
        assert!(words <= 8, "{}: {words} words", rule.id);
        assert!(!rule.title.contains(['*', '`']), "{}", rule.id);
    }
}

#[test]
fn rule_files_have_at_most_150_lines_of_120_columns() {
    for (path, text) in rule_files() {
        for (at, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            assert!(columns <= 120, "{path}:{}: {columns} columns", at + 1);
        }
        let lines = text.lines().count();
        assert!(lines <= 150, "{path}: {lines} lines");
    }
}

#[test]
fn rule_files_do_not_share_six_lines() {
    const LINES: usize = 6;
    let files = rule_files();
    let mut seen: std::collections::HashMap<Vec<&str>, &str> = std::collections::HashMap::new();
    for (path, text) in &files {
        let lines = text.lines().map(str::trim);
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        for window in lines.windows(LINES) {
            let first = *seen.entry(window.to_vec()).or_insert(path);
            assert_eq!(first, path, "the same in both:\n{}", window.join("\n"));
        }
    }
}

/// The permissions that rules read in conditions.
const POWERFUL: [&str; 8] = [
    "AuthorApex",
    "CustomizeApplication",
    "ExternalClientAppAdmin",
    "ManageInternalUsers",
    "ManageRemoteAccess",
    "ManageUsers",
    "ModifyAllData",
    "ViewAllData",
];

/// A permission that is listed as disabled grants nothing, and does not change what others mean.
#[test]
fn disabled_permissions_grant_nothing() {
    let (mut disabled, mut added) = (0, 0);
    for rule in rules().iter() {
        let rule_set = Arc::new(RuleSet::alone(Arc::clone(rule)));
        for example in &rule.examples {
            let name = example.metadata.as_str();
            if !["Profile", "PermissionSet", "MutingPermissionSet"].contains(&name) {
                continue;
            }
            if !example.expect.is_empty() && example.xml.contains("<userPermissions>") {
                let mut without = example.clone();
                without.xml = without
                    .xml
                    .replace("<enabled>true<", "<enabled>false<")
                    .replace("<!-- error -->", "");
                let has_others = without.xml.contains("loginIpRanges");
                if without.xml != example.xml && !has_others {
                    without.expect.clear();
                    without.fixed = None;
                    disabled += 1;
                    let failures = run(&rule_set, &rule.id, &without, TODAY);
                    assert!(
                        failures.is_empty(),
                        "{}: {}: {failures:#?}",
                        rule.id,
                        example.name
                    );
                }
            }
            let end = format!("</{name}>");
            let Some(at) = example.xml.rfind(&end).filter(|_| example.fixed.is_none()) else {
                continue;
            };
            let mut with = example.clone();
            for permission in POWERFUL {
                if !example.xml.contains(&format!("<name>{permission}<")) {
                    with.xml.insert_str(
                        at,
                        &format!(
                            "<userPermissions><enabled>false</enabled><name>{permission}</name></userPermissions>"
                        ),
                    );
                }
            }
            added += 1;
            let failures = run(&rule_set, &rule.id, &with, TODAY);
            assert!(
                failures.is_empty(),
                "{}: {}: {failures:#?}",
                rule.id,
                example.name
            );
        }
    }
    assert!(disabled > 40 && added > 100, "{disabled} {added}");
}
