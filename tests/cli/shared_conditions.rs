//! Tests in a separate file, marked lines, and conditions that several rules share.

use crate::support::{Outcome, Sandbox, project_with};

const RULE: &str = r#"id = "team-contact"
title = "Connected app without the team's address"
severity = "low"
url = "https://wiki.acme.example/connected-apps"
help = "Set `contactEmail` to the address of the team that owns the app."

[[check]]
metadata = "ConnectedApp"
when = { condition = "ours/managed" }
require = { field = "contactEmail", matches = "@ours/team", absent = "violates" }
message = "`{component}` has another contact"
"#;
const CONDITIONS: &str = r#"[managed]
all = [{ condition = "labeled" }, { not = { field = "description", exists = true } }]

[labeled]
field = "label"
exists = true

[patterns]
team = '^team-'
"#;
const TESTS: &str = r#"[[test]]
name = "another contact"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>me</contactEmail> <!-- error -->
    <label>Example</label>
</ConnectedApp>
'''
expect = [{ severity = "low" }]

[[test]]
name = "the team"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>team-a</contactEmail>
    <label>Example</label>
</ConnectedApp>
'''
"#;

fn sandbox(rule: &str, conditions: &str, tests: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("rules/team-contact.toml", rule);
    sandbox.write("rules/team-contact.test.toml", tests);
    sandbox.write("rules/conditions/ours.toml", conditions);
    sandbox
}

/// A message without the frame and line breaks of the terminal output.
fn unwrapped(text: &str) -> String {
    text.replace('│', "").split_whitespace().collect()
}

fn test(sandbox: &Sandbox, path: &str) -> Outcome {
    sandbox.forcelint(["rules", "test", path]).run()
}

#[test]
fn tests_and_conditions_are_found_for_a_folder_and_for_a_rule() {
    let sandbox = sandbox(RULE, CONDITIONS, TESTS);
    for path in ["rules", "rules/team-contact.toml"] {
        let outcome = test(&sandbox, path).expect(0);
        assert!(
            outcome.stdout.contains("2 passed, 0 failed"),
            "{}",
            outcome.stdout
        );
    }
}

#[test]
fn check_uses_shared_conditions() {
    let sandbox = project_with(&[]);
    sandbox.write(
        "force-app/A.connectedApp",
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">
<contactEmail>me</contactEmail>
<label>A</label>
</ConnectedApp>
",
    );
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    sandbox.write("lint-rules/team-contact.toml", RULE);
    sandbox.write("lint-rules/conditions/ours.toml", CONDITIONS);
    let select = ["check", "--select", "team-contact", "--format", "concise"];
    let outcome = sandbox.forcelint(select).run();
    assert!(
        outcome.stdout.contains("[team-contact]"),
        "{}",
        outcome.whole()
    );
    sandbox.write(
        "lint-rules/conditions/ours.toml",
        CONDITIONS.replace("^team-", "me"),
    );
    let outcome = sandbox.forcelint(select).run();
    assert!(
        !outcome.stdout.contains("[team-contact]"),
        "{}",
        outcome.whole()
    );
}

#[test]
fn errors_in_conditions_have_a_location() {
    // In the file of the condition, if the error does not depend on the rule.
    let wrong_name = CONDITIONS.replace("\"labeled\"", "\"labelled\"");
    let outcome = test(&sandbox(RULE, &wrong_name, TESTS), "rules").expect(2);
    assert!(
        outcome.stderr.contains("did you mean `ours/labeled`?"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("conditions/ours.toml"),
        "{}",
        outcome.stderr
    );
    // In the rule, if the error depends on the metadata type.
    let other_field = CONDITIONS.replace("\"label\"", "\"lable\"");
    let outcome = test(&sandbox(RULE, &other_field, TESTS), "rules").expect(2);
    let message =
        "`ours/labeled` (rules/conditions/ours.toml:5): `ConnectedApp` has no field `lable`";
    assert!(
        unwrapped(&outcome.stderr).contains(&unwrapped(message)),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("team-contact.toml"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn unknown_names_and_cycles_are_errors() {
    for (rule, conditions, message) in [
        (
            RULE.replace("ours/managed", "ours/manged"),
            CONDITIONS.to_owned(),
            "did you mean `ours/managed`?",
        ),
        (
            RULE.replace("@ours/team", "@ours/tem"),
            CONDITIONS.to_owned(),
            "did you mean `@ours/team`?",
        ),
        (
            RULE.to_owned(),
            CONDITIONS.replace(
                "field = \"label\"\nexists = true",
                "condition = \"managed\"",
            ),
            "refers to itself",
        ),
        (
            RULE.to_owned(),
            CONDITIONS.replace("[labeled]", "[labeled"),
            "unclosed table",
        ),
    ] {
        let outcome = test(&sandbox(&rule, &conditions, TESTS), "rules").expect(2);
        assert!(
            unwrapped(&outcome.stderr).contains(&unwrapped(message)),
            "{message}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn misplaced_and_missing_markers_fail_the_test() {
    let moved = TESTS.replace(" <!-- error -->", "").replace(
        "<label>Example</label>",
        "<label>Example</label> <!-- error -->",
    );
    let outcome = test(&sandbox(RULE, CONDITIONS, &moved), "rules");
    assert_eq!(outcome.code, Some(1), "{}", outcome.whole());
    let without = TESTS.replace(" <!-- error -->", "");
    let outcome = test(&sandbox(RULE, CONDITIONS, &without), "rules").expect(1);
    assert!(outcome.stdout.contains("(0) differs"), "{}", outcome.stdout);
}

#[test]
fn tests_in_two_files_and_tests_without_a_rule_are_errors() {
    let both = format!("{RULE}\n{TESTS}");
    let outcome = test(&sandbox(&both, CONDITIONS, TESTS), "rules").expect(2);
    assert!(
        outcome
            .stderr
            .contains("move all tests to one of the two files"),
        "{}",
        outcome.stderr
    );
    let without_rule = sandbox(RULE, CONDITIONS, TESTS);
    without_rule.write("rules/other.test.toml", TESTS);
    let outcome = test(&without_rule, "rules").expect(2);
    assert!(
        outcome.stderr.contains("the tests of `other.toml`"),
        "{}",
        outcome.stderr
    );
}
