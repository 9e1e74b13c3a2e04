//! `forcelint.toml`: its settings, options that override them, and errors in it.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, project_with};

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--format=json"].iter().chain(arguments);
    sandbox.with_every_rule(all).run()
}

/// The rule and severity of each finding.
fn found(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let json = check(sandbox, arguments).json();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            format!("{} {}", text("rule"), text("severity"))
        })
        .collect()
}

#[test]
fn config_changes_severities_and_turns_rules_off() {
    let sandbox = project_with(&["A"]);
    sandbox.write(
        "forcelint.toml",
        "select = [\"pkce\"]\n[rules]\npkce-required = \"medium\"\n",
    );
    assert_eq!(found(&sandbox, &[]), ["pkce-required medium"]);
    check(&sandbox, &[]).expect(1);
    check(&sandbox, &["--fail-on=high"]).expect(0);
    // All formats use the severity of the config.
    let sarif = sandbox
        .with_every_rule(["check", "--format=sarif"])
        .run()
        .json();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "pkce-required");
    assert_eq!(run["results"][0]["level"], "warning");
    let index = run["results"][0]["ruleIndex"].as_u64().unwrap() as usize;
    let rule = &run["tool"]["driver"]["rules"][index];
    assert_eq!(rule["properties"]["security-severity"], "5.5");
    sandbox.write(
        "forcelint.toml",
        "select = [\"pkce\"]\n[rules]\npkce-required = \"off\"\n",
    );
    assert!(found(&sandbox, &[]).is_empty());
    // `--select` with a rule's id turns the rule on.
    assert_eq!(
        found(&sandbox, &["--select=pkce-required"]),
        ["pkce-required high"]
    );
    // `--select` with a tag does not.
    assert!(found(&sandbox, &["--select=pkce"]).is_empty());
}

#[test]
fn options_override_the_config() {
    let sandbox = project_with(&["A"]);
    sandbox.write(
        "forcelint.toml",
        "select = [\"saml\"]\nmin-severity = \"critical\"\nfail-on = \"never\"\n",
    );
    check(&sandbox, &[]).expect(0);
    check(&sandbox, &["--select=pkce"]).expect(0);
    check(&sandbox, &["--select=pkce", "--fail-on=low"]).expect(1);
    sandbox.write(
        "forcelint.toml",
        "select = [\"pkce\"]\nignore = [\"pkce-required\"]\n",
    );
    check(&sandbox, &[]).expect(0);
    check(&sandbox, &["--ignore=saml"]).expect(1);
    check(&sandbox, &["--select=pkce-required"]).expect(1);
    check(
        &sandbox,
        &["--select=pkce-required", "--ignore=pkce-required"],
    )
    .expect(2);
}

#[test]
fn excluded_files_are_skipped() {
    let sandbox = project_with(&["A", "test/B", "test/deep/C"]);
    sandbox.write("force-app/test/D.connectedApp", "<broken");
    sandbox.write(
        "forcelint.toml",
        "select = [\"pkce\"]\nexclude = [\"test\"]\n",
    );
    let outcome = check(&sandbox, &[]).expect(1);
    assert_eq!(outcome.findings(), ["force-app/A.connectedApp high"]);
    assert_eq!(outcome.json()["summary"]["skipped"]["exclude"], 1);
    assert!(outcome.stderr.contains("(`exclude` in forcelint.toml)"));
    // Files in an excluded folder are checked if an argument names them, unless `--force-exclude`
    // is given.
    let named = ["force-app/test/B.connectedApp", "force-app/test/deep"];
    assert_eq!(check(&sandbox, &named).findings().len(), 2);
    let forced = [&named[..], &["--force-exclude"]].concat();
    check(&sandbox, &forced).expect(0);
    // pre-commit expects no output.
    let silent = ["check", "--force-exclude", named[0]];
    assert_eq!(sandbox.with_every_rule(silent).run().expect(0).stderr, "");
}

#[test]
fn config_option_names_another_file() {
    let sandbox = project_with(&["A", "legacy/B"]);
    sandbox.write("forcelint.toml", "nonsense");
    sandbox.write(
        "ci/strict.toml",
        "select = [\"pkce\"]\nexclude = [\"force-app/legacy\"]\n",
    );
    let outcome = check(&sandbox, &["--config=ci/strict.toml"]).expect(1);
    assert_eq!(outcome.findings(), ["force-app/A.connectedApp high"]);
    let outcome = check(&sandbox, &["--config=ci/none.toml"]).expect(2);
    assert!(outcome.stderr.contains("`ci/none.toml` does not exist"));
}

#[test]
fn show_config_names_the_source_of_each_value() {
    let sandbox = project_with(&["A"]);
    sandbox.write(
        "forcelint.toml",
        r#"ignore = ["saml"]
exclude = ["te\u001bst"]
fail-on = "never"

[rules]
hsts = "off"
pkce-required = "high"

[[exception]]
rule = "pkce-required"
component = "ConnectedApp:A"
reason = "a \"good\" one"
expires = 2020-01-01
"#,
    );
    let show = ["check", "--show-config", "--select=pkce"];
    let outcome = sandbox.with_every_rule(show).run().expect(0);
    assert_eq!(outcome.stderr, "");
    assert_snapshot!(outcome.stdout);
    // The output is a valid config.
    outcome.stdout.parse::<toml::Table>().unwrap();
    let sandbox = project_with(&[]);
    let outcome = sandbox.with_every_rule(["check", "--show-config"]).run();
    assert_snapshot!(outcome.expect(0).stdout);
}

#[test]
fn all_errors_have_a_location() {
    let sandbox = project_with(&["A"]);
    let mut text = String::new();
    for config in [
        // Unknown keys and invalid values.
        r#"selct = ["pkce"]
min-severity = "hihg"
fail-on = 3
exclude = ["a{b", "../x", "!x"]
baseline = "../elsewhere.json"

[rules]
pkce-required = "of"

[[exception]]
rule = "pkce-required"
component = "ConnectedApp:A"

[[exception]]
rule = "pkce-required"
reason = "  "
component = "ConectedApp:A"
path = "force-app"

[[exception]]
rule = "pkce-required"
reason = "neither"

[[exception]]
rule = "pkce-required"
reason = "which?"
component = "A"
expires = "2027-03-31"
until = 2027-03-31

[[exception]]
rule = "pkce-required"
reason = "when?"
path = "force-app"
expires = 2027-03-31T10:00:00Z
"#,
        "[[exception]]\nexpires = 2027-02-30\n",
        // Unknown rules and tags.
        r#"select = ["pkse", "malformed-metadata"]
ignore = ["malformed-metadata"]

[rules]
pkce-requird = "low"
malformed-metadata = "off"

[[exception]]
rule = "pkce"
component = "ConnectedApp:A"
reason = "a tag is not a rule"

[[exception]]
rule = "malformed-metadata"
path = "force-app"
reason = "never"
"#,
    ] {
        sandbox.write("forcelint.toml", config);
        let outcome = sandbox.with_every_rule(["check"]).run().expect(2);
        assert_eq!(outcome.stdout, "");
        text.push_str(&outcome.stderr);
        text.push_str("════\n");
        sandbox
            .with_every_rule(["check", "--show-config"])
            .run()
            .expect(2);
        sandbox.with_every_rule(["baseline"]).run().expect(2);
    }
    assert_snapshot!(text);
}

/// The problems of a config and how to fix them, without the lines of the file.
fn problems_of(config: &str) -> String {
    let sandbox = project_with(&["A"]);
    sandbox.write("forcelint.toml", config);
    let check = sandbox.with_every_rule(["check"]).env("COLUMNS", "160");
    let outcome = check.run().expect(2);
    let lines = outcome.stderr.lines();
    let problems: Vec<&str> = lines
        .filter(|line| line.starts_with("  × ") || line.starts_with("  help:"))
        .collect();
    problems.join("\n")
}

#[test]
fn wrong_types_show_what_to_write() {
    let text = [
        "rules = [\"pkce-required\"]",
        "[rules]\npkce-required = true\n\"a b\" = 1",
        "fail-on = [\"high\"]\nfail-on-unchecked = \"true\"\nbaseline = true",
        "select = [1]\nignore = \"pkce\"\nexclude = { a = 1 }",
        "[exception]\nrule = \"pkce-required\"\nreason = \"x\"",
        "exception = [\"x\"]",
        "[[exception]]\nrule = \"pkce-required\"\nreason = [\"x\"]\nexpires = \"2027-03-31\"",
    ]
    .map(|config| format!("{config}\n{}\n════\n", problems_of(config)));
    assert_snapshot!(text.concat());
}

#[test]
fn texts_of_the_config_are_sanitized() {
    let sandbox = project_with(&["A"]);
    for config in [
        "select = [\"\\u001b[2J::error::x\"]",
        "\"\\u001b[2J\" = 1",
        "exclude = [\"\\u001b[2J{\"]",
        "select = [\"pkce\"]\n[[exception]]\nrule = \"pkce-required\"\nreason = \"\\u001b[2J\\n::error::x\"\n\
         owner = \"\\u001b[2J\"\ncomponent = \"ConnectedApp:A\"",
    ] {
        sandbox.write("forcelint.toml", config);
        for format in ["pretty", "concise", "json", "sarif"] {
            let format = format!("--format={format}");
            let run = ["check", "--show-suppressed", &format];
            let whole = sandbox.with_every_rule(run).run().whole();
            assert!(!whole.contains('\u{1b}'), "{whole}");
            assert!(!whole.lines().any(|it| it.starts_with("::")), "{whole}");
        }
    }
}

#[test]
fn schema_has_all_keys() {
    let outcome = Sandbox::new().with_every_rule(["config", "schema"]).run();
    let schema = outcome.expect(0).json();
    let properties = schema["properties"].as_object().unwrap();
    let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "baseline",
            "exception",
            "exclude",
            "fail-on",
            "fail-on-unchecked",
            "ignore",
            "min-severity",
            "rule-paths",
            "rules",
            "select"
        ]
    );
}
