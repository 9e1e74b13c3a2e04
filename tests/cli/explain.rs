//! `explain` and `rules list`.

use insta::assert_snapshot;

use crate::support::{Sandbox, indented};

fn explain(arguments: &[&str], columns: &str) -> String {
    let sandbox = Sandbox::new();
    let arguments = ["explain"].iter().chain(arguments);
    let outcome = sandbox
        .forcelint(arguments)
        .env("COLUMNS", columns)
        .run()
        .expect(0);
    assert_eq!(outcome.stderr, "");
    outcome.stdout
}

#[test]
fn a_rule_at_80_columns() {
    assert_snapshot!(explain(&["pkce-required"], "80"));
}

#[test]
fn a_rule_at_60_columns() {
    let text = explain(&["pkce-required"], "60");
    for line in text.lines().filter(|line| !line.contains("://")) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    assert_snapshot!(text);
}

#[test]
fn a_rule_as_markdown() {
    let text = explain(&["pkce-required", "--format=markdown"], "60");
    assert_eq!(
        text,
        explain(&["pkce-required", "--format=markdown"], "120")
    );
    assert_snapshot!(text);
}

#[test]
fn a_rule_as_json() {
    let text = explain(&["pkce-required", "--format", "json"], "60");
    assert_snapshot!(indented(&serde_json::from_str(&text).unwrap()));
}

/// Nothing in them may be missing or run together because a rule has fewer parts.
#[test]
fn the_other_rules() {
    let ids = [
        "malformed-metadata",
        "pkce-not-in-source",
        "pkce-required-org-wide",
    ];
    assert_snapshot!(ids.map(|id| explain(&[id], "80")).join("\n────\n"));
}

#[test]
fn a_rule_that_is_not_known() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .forcelint(["explain", "pkce-require"])
        .run()
        .expect(2);
    assert_eq!(outcome.stdout, "");
    assert!(
        outcome.stderr.contains("did you mean `pkce-required`?"),
        "{}",
        outcome.stderr
    );
    // A tag is no rule.
    sandbox.forcelint(["explain", "oauth"]).run().expect(2);
}

#[test]
fn the_rules_as_a_table() {
    let sandbox = Sandbox::new();
    let list = |columns| {
        let list = sandbox.forcelint(["rules", "list"]).env("COLUMNS", columns);
        list.run().expect(0).stdout
    };
    assert_snapshot!(format!("{}\n────\n{}", list("80"), list("60")));
}

#[test]
fn the_rules_as_json() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .forcelint(["rules", "list", "--format=json"])
        .run()
        .expect(0);
    assert_snapshot!(indented(&outcome.json()));
}
