//! `rules test` and custom rules from `rule-paths` in `forcelint.toml`.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, project_with};

/// A rule file in parts, so that tests can replace one of them.
const HEAD: &str = r#"id = "team-contact"
title = "Connected app without the team's address"
severity = "low"
tags = ["ours"]
url = "https://wiki.acme.example/connected-apps"
help = "Set `contactEmail` to the address of the team that owns the app."
"#;
const CHECK: &str = r#"
[[check]]
metadata = "ConnectedApp"
require = { field = "contactEmail", is = "crm", absent = "violates" }
message = "`{component}` names somebody else"
fix = { set = "contactEmail", to = "crm" }
"#;
const TESTS: &str = r#"
[[test]]
name = "nobody's address"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Example</label>
</ConnectedApp>
'''
expect = [{ line = 1, severity = "low" }]
fixed = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>crm</contactEmail>
    <label>Example</label>
</ConnectedApp>
'''

[[test]]
name = "the team's"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>crm</contactEmail>
    <label>Example</label>
</ConnectedApp>
'''
"#;

fn rule() -> String {
    format!("{HEAD}{CHECK}{TESTS}")
}

/// The rule with `old`, which it must contain, replaced by `new`.
fn rule_with(old: &str, new: &str) -> String {
    let rule = rule();
    assert!(rule.contains(old), "{old}");
    rule.replace(old, new)
}

fn test(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["rules", "test"].iter().chain(arguments);
    sandbox.forcelint(all).run()
}

fn test_one(text: &str) -> Outcome {
    let sandbox = Sandbox::new();
    sandbox.write("rule.toml", text);
    test(&sandbox, &["rule.toml"])
}

#[test]
fn passed_tests_are_one_line_per_rule() {
    let outcome = test_one(&rule()).expect(0);
    assert_eq!(outcome.stderr, "");
    assert_eq!(
        outcome.stdout,
        "ok    team-contact  2 tests\n2 passed, 0 failed\n"
    );
}

#[test]
fn built_in_rules_pass() {
    let outcome = test(&Sandbox::new(), &[]).expect(0);
    let last = outcome.stdout.lines().last().unwrap();
    assert!(last.ends_with(" passed, 0 failed"), "{last}");
    assert!(outcome.stdout.contains("ok    pkce-required "));
}

#[test]
fn failed_tests_show_the_expected_text() {
    let expect = "expect = [{ line = 1, severity = \"low\" }]";
    let fixed = &TESTS[TESTS.find("fixed = ").unwrap()..TESTS.rfind("[[test]]").unwrap()];
    let wrong = [
        // The finding differs.
        rule_with(expect, "expect = [{ line = 3, severity = \"high\" }]"),
        // The fixed text differs.
        rule_with(fixed, &fixed.replace("crm", "CRM")),
        // Nothing is expected.
        rule_with(expect, "").replace(fixed, ""),
        // Too much is expected. Only the keys that an entry has are compared.
        rule_with(
            expect,
            "not_checked = true\n\
             expect = [{ line = 1, severity = \"low\", fix = \"none\" }, { line = 1, severity = \"low\" }]",
        ),
        // The fix does not satisfy the rule.
        rule_with("to = \"crm\"", "to = \"CRM\""),
        // Nothing is found.
        rule_with("field = \"contactEmail\"", "field = \"label\"")
            .replace("is = \"crm\"", "is = \"Example\""),
    ];
    let text = wrong.map(|text| test_one(&text).expect(1).stdout);
    assert_snapshot!(text.join("════\n"));
}

/// The rule with one test of an app whose contact is `jo`, with more keys.
fn rule_about_jo(keys: &str) -> String {
    let test = r#"
[[test]]
name = "jo"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>jo</contactEmail>
</ConnectedApp>
'''
"#;
    format!("{HEAD}{CHECK}{test}{keys}")
}

#[test]
fn not_checked_can_be_expected() {
    let project = r#"project = '''
{
    "packageDirectories": [{ "path": "force-app" }],
    "replacements": [
        { "filename": "force-app/main/default/Example.connectedApp-meta.xml",
          "stringToReplace": "jo", "replaceWithEnv": "CONTACT" }
    ]
}
'''
"#;
    assert_snapshot!(test_one(&rule_about_jo(project)).expect(1).stdout);
    let not_checked = format!("not_checked = true\n{project}");
    test_one(&rule_about_jo(&not_checked)).expect(0);
}

#[test]
fn test_has_separate_ignore_files() {
    let ignored = "forceignore = '''\n**/*.connectedApp-meta.xml\n'''\n";
    test_one(&rule_about_jo(ignored)).expect(0);
    // Ignore files around the temporary folder do not apply.
    let sandbox = Sandbox::new();
    sandbox.make_repository("tmp");
    sandbox.write("tmp/.gitignore", "*.xml\n");
    sandbox.write("rule.toml", rule());
    let temporary = sandbox.path("tmp");
    let run = sandbox.forcelint(["rules", "test", "rule.toml"]);
    let run = run.env("TMPDIR", temporary.to_str().unwrap()).run();
    run.expect(0);
}

#[test]
fn invalid_test_fails_without_an_error_in_the_rule() {
    let broken = [
        rule_with("</ConnectedApp>\n'''\nexpect", "'''\nexpect"),
        rule_about_jo("project = '{}'\ncomponent = \"../Example\"\n"),
        rule_with(
            "name = \"the team's\"",
            "name = \"twice\"\nwith = [{ metadata = \"ConnectedApp\", xml = \"\" }]",
        ),
    ];
    let text: Vec<String> = broken
        .iter()
        .map(|text| test_one(text).expect(1).stdout)
        .collect();
    assert_snapshot!(text.join("════\n"));
}

/// All rules in a folder are tested. Invalid files do not stop the tests of the others.
#[test]
fn folder_with_valid_and_invalid_files() {
    let sandbox = Sandbox::new();
    sandbox.write("rules/good.toml", rule());
    sandbox.write(
        "rules/deeper/untested.toml",
        format!("{HEAD}{CHECK}").replace("team-contact", "untested"),
    );
    sandbox.write("rules/misspelled.toml", rule_with("tags", "tag"));
    sandbox.write(
        "rules/escape.toml",
        rule_with("somebody else", "\\u001b[31m"),
    );
    sandbox.write("rules/latin.toml", b"id = \"\xE9\"");
    // These files are not rules.
    sandbox.write("rules/forcelint.toml", "rule-paths = []");
    sandbox.write("rules/other.toml", "[package]\nname = \"x\"");
    sandbox.write("rules/read.me", "id = 1");
    sandbox.write("rules/.hidden/rule.toml", "id = 1");
    let outcome = test(&sandbox, &["rules", "rules/good.toml", "missing.toml"]).expect(2);
    assert_snapshot!(outcome.whole());
    // A named file must be a rule, and a named folder must contain one.
    sandbox.write("empty/other.toml", "[package]");
    let outcome = test(&sandbox, &["empty", "rules/good.toml"]).expect(2);
    assert!(outcome.stderr.contains("`empty` contains no rule files"));
    test(&sandbox, &["rules/other.toml"]).expect(2);
}

#[test]
fn crlf_and_bom_are_accepted() {
    test_one(&rule().replace('\n', "\r\n")).expect(0);
    test_one(&format!("\u{feff}{}", rule())).expect(0);
}

/// A project whose config has a folder with one rule.
fn project_with_rule() -> Sandbox {
    let sandbox = project_with(&["A"]);
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    sandbox.write("lint-rules/team-contact.toml", rule());
    sandbox
}

/// The rule of each finding.
fn rules_found(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = ["check", "--format=json"].iter().chain(arguments);
    let run = sandbox.with_every_rule(all).in_folder(folder).run();
    let json = run.json();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn custom_rule_works_like_a_built_in_rule() {
    let sandbox = project_with_rule();
    let found = |arguments: &[&str]| rules_found(&sandbox, "", arguments);
    let all = found(&[]);
    assert!(all.contains(&"team-contact".to_owned()), "{all:?}");
    assert_eq!(
        found(&["--select", "ours,pkce"]),
        ["team-contact", "pkce-required"]
    );
    assert_eq!(found(&["--select", "ours"]), ["team-contact"]);
    let mut others = all.clone();
    others.retain(|rule| rule != "team-contact");
    assert_eq!(found(&["--ignore", "team-contact"]), others);
    assert_eq!(rules_found(&sandbox, "force-app", &["A.connectedApp"]), all);
    let app = std::fs::read(sandbox.path("force-app/A.connectedApp")).unwrap();
    let stdin = [
        "check",
        "--stdin-filename=force-app/A.connectedApp",
        "--fix",
        "--select=ours",
    ];
    let fixed = sandbox.forcelint(stdin).stdin(app).run().expect(0).stdout;
    assert!(fixed.contains("<contactEmail>crm</contactEmail>"));
    let list = ["rules", "list", "--select=ours", "--format=json"];
    let listed = sandbox.forcelint(list).run().expect(0).json();
    assert_eq!(listed[0]["id"], "team-contact");
    for name in ["team-contact", "lint-rules/team-contact.toml"] {
        let text = sandbox.forcelint(["explain", name]).run().expect(0).stdout;
        assert!(text.contains("the team's address"), "{text}");
    }
    let sarif = ["check", "--format=sarif"];
    let sarif = sandbox.with_every_rule(sarif).run().expect(1).json();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "team-contact"));
}

/// Fingerprints number findings of one element, so a different order would change them.
#[test]
fn findings_of_one_element_keep_the_order_of_checks() {
    let names: Vec<String> = (0..60).map(|number| format!("App{number}")).collect();
    let sandbox = project_with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let check = |severity: &str, words: &str| {
        let check = CHECK.replace("names somebody else", words);
        check.replace(
            "\nfix = ",
            &format!("\nseverity = \"{severity}\"\n# fix = "),
        )
    };
    let checks = [
        check("high", "z"),
        check("low", "z"),
        check("critical", "a"),
        check("medium", "z"),
    ];
    let rule = format!("{HEAD}{}{TESTS}", checks.concat());
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    sandbox.write("lint-rules/team-contact.toml", rule);
    let arguments = ["check", "--format=json", "--select=team-contact"];
    let run = sandbox.with_every_rule(arguments).run();
    let json = run.json();
    let findings = json["findings"].as_array().unwrap();
    let severities: Vec<_> = findings
        .iter()
        .map(|it| it["severity"].as_str().unwrap())
        .collect();
    assert_eq!(severities.len(), 4 * names.len());
    for severities_of_app in severities.chunks(4) {
        assert_eq!(severities_of_app, ["high", "low", "critical", "medium"]);
    }
}

#[test]
fn config_of_the_first_path_applies() {
    let sandbox = Sandbox::new();
    sandbox.make_repository("repo");
    sandbox.write("repo/forcelint.toml", "rule-paths = [\"rules/one.toml\"]");
    sandbox.write("repo/rules/one.toml", rule());
    // A config above the repository is not used.
    sandbox.write("forcelint.toml", "nonsense");
    for project in ["repo/crm", "repo/own", "other"] {
        let file = format!("{project}/sfdx-project.json");
        sandbox.write(file, r#"{ "packageDirectories": [{ "path": "app" }] }"#);
        sandbox.write_app(format!("{project}/app/A.connectedApp"));
    }
    // Only the nearest config applies.
    sandbox.write("repo/own/forcelint.toml", "");
    // The config adds one rule to the built-in ones.
    let found = |folder: &str, paths: &[&str]| {
        let rules = rules_found(&sandbox, folder, paths);
        let is_counted = |rule: &&String| ["team-contact", "pkce-required"].contains(&&***rule);
        rules.iter().filter(is_counted).count()
    };
    assert_eq!(found("repo/crm", &[]), 2);
    assert_eq!(found("repo/own", &[]), 1);
    assert_eq!(found("other", &[]), 1);
    assert_eq!(found("other", &["../repo/crm"]), 2);
    assert_eq!(found("repo", &["crm", "own"]), 4);
    assert_eq!(found("repo", &["own", "crm"]), 2);
}

#[test]
fn invalid_config_or_rule_ends_the_run() {
    let sandbox = project_with_rule();
    let mut text = String::new();
    let mut append_error = || {
        let outcome = sandbox.forcelint(["check"]).run().expect(2);
        assert_eq!(outcome.stdout, "");
        text.push_str(&outcome.stderr);
        text.push_str("════\n");
        sandbox.forcelint(["rules", "list"]).run().expect(2);
        sandbox
            .forcelint(["explain", "team-contact"])
            .run()
            .expect(2);
        // A built-in rule does not need the config.
        sandbox
            .forcelint(["explain", "pkce-required"])
            .run()
            .expect(0);
    };
    sandbox.write("lint-rules/a.toml", rule());
    sandbox.write(
        "lint-rules/b.toml",
        rule_with("team-contact", "pkce-required"),
    );
    sandbox.write(
        "lint-rules/c.toml",
        rule_with("ConnectedApp", "ConectedApp"),
    );
    append_error();
    for config in [
        "rule-path = [\"lint-rules\"]",
        "rule-paths = \"lint-rules\"",
        "rule-paths = [\"lint-rules\", \"../elsewhere\"]",
        "rule-paths = [\"missing\"]",
        "rule-paths = [",
    ] {
        sandbox.write("forcelint.toml", config);
        append_error();
    }
    assert_snapshot!(text);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_errors() {
    use std::os::unix::fs::symlink;

    let outside = Sandbox::new();
    outside.write("rules/team-contact.toml", rule());
    let sandbox = project_with(&["A"]);
    let config = |path: &str| {
        let text = format!("rule-paths = [\"{path}\"]");
        sandbox.write("forcelint.toml", text);
        sandbox.forcelint(["check"]).run()
    };
    symlink(outside.path("rules"), sandbox.path("folder")).unwrap();
    symlink(
        outside.path("rules/team-contact.toml"),
        sandbox.path("link.toml"),
    )
    .unwrap();
    std::fs::create_dir(sandbox.path("rules")).unwrap();
    symlink(
        outside.path("rules/team-contact.toml"),
        sandbox.path("rules/link.toml"),
    )
    .unwrap();
    for path in ["folder", "folder/team-contact.toml", "link.toml", "rules"] {
        let outcome = config(path).expect(2);
        assert!(
            outcome.stderr.contains("is a link to"),
            "{path}: {}",
            outcome.stderr
        );
    }
    // A link to a file in the project is allowed.
    std::fs::remove_file(sandbox.path("rules/link.toml")).unwrap();
    sandbox.write("real.toml", rule());
    symlink(sandbox.path("real.toml"), sandbox.path("rules/link.toml")).unwrap();
    config("rules").expect(1);
    // The config must not be a link out of the project either.
    std::fs::remove_file(sandbox.path("forcelint.toml")).unwrap();
    outside.write("forcelint.toml", "secret");
    symlink(
        outside.path("forcelint.toml"),
        sandbox.path("forcelint.toml"),
    )
    .unwrap();
    let outcome = sandbox.forcelint(["check"]).run().expect(2);
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}

#[test]
fn list_can_be_filtered() {
    let sandbox = Sandbox::new();
    let ids = |arguments: &[&str]| -> Vec<String> {
        let all = ["rules", "list", "--format=json"].iter().chain(arguments);
        let json = sandbox.forcelint(all).run().expect(0).json();
        let rules = json.as_array().unwrap().iter();
        rules
            .map(|rule| rule["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&["--select", "pkce-required"]), ["pkce-required"]);
    assert!(ids(&["--metadata", "ConnectedApp"]).contains(&"pkce-required".to_owned()));
    assert!(!ids(&["--metadata", "OauthOidcSettings"]).contains(&"pkce-required".to_owned()));
    assert!(ids(&["--severity", "high"]).contains(&"malformed-metadata".to_owned()));
    assert!(!ids(&["--severity", "high"]).contains(&"pkce-required".to_owned()));
    for (wrong, right) in [
        (["--select", "oaut"], "did you mean `oauth`"),
        (["--metadata", "ConectedApp"], "ConnectedApp"),
        (["--severity", "hihg"], "'high'"),
    ] {
        let list = ["rules", "list"].iter().chain(&wrong);
        let outcome = sandbox.forcelint(list).run().expect(2);
        assert!(outcome.stderr.contains(right), "{}", outcome.stderr);
    }
}

#[test]
fn list_shows_severity_and_state_from_the_config() {
    let sandbox = project_with_rule();
    sandbox.write(
        "forcelint.toml",
        "rule-paths = [\"lint-rules\"]\nselect = [\"oauth\", \"team-contact\"]\n\
         [rules]\npkce-required = \"medium\"\nteam-contact = \"off\"\n",
    );
    let list = |arguments: &[&str]| {
        let all = ["rules", "list"];
        sandbox.forcelint(all.iter().chain(arguments)).run()
    };
    let json = list(&["--format=json"]).expect(0).json();
    let rule = |id: &str| {
        let mut rules = json.as_array().unwrap().iter();
        let rule = rules.find(|it| it["id"] == id).unwrap();
        (rule["severity"].to_string(), rule["on"].as_bool().unwrap())
    };
    assert_eq!(rule("pkce-required"), ("\"medium\"".to_owned(), true));
    assert!(!rule("team-contact").1);
    assert!(!rule("unknown-field").1);
    assert!(rule("malformed-metadata").1);
    let table = list(&["--format=table"]).expect(0).stdout;
    let (on, off) = table.split_once("disabled by forcelint.toml").unwrap();
    assert!(on.contains("pkce-required") && !on.contains("team-contact"));
    assert!(off.contains("team-contact") && off.contains("unknown-field"));
    // Without `select`, all rules are on.
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let table = list(&["--format=table"]).expect(0).stdout;
    assert!(!table.contains("disabled by"));
}

#[test]
fn schema_is_json() {
    let schema = Sandbox::new().forcelint(["rules", "schema"]).run();
    assert!(schema.expect(0).json().is_object());
}

#[test]
fn url_is_optional_in_every_format() {
    let sandbox = project_with(&[]);
    let url = "url = \"https://wiki.acme.example/connected-apps\"\n";
    sandbox.write("rules/team-contact.toml", rule_with(url, ""));
    sandbox.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
    sandbox.write_app("force-app/A.connectedApp-meta.xml");
    let formats = [
        "pretty", "concise", "json", "jsonl", "agent", "sarif", "github", "gitlab", "junit",
        "markdown", "html",
    ];
    for format in formats {
        let arguments = ["check", "--select=team-contact", "--format", format];
        let report = sandbox.forcelint(arguments).run().expect(1).stdout;
        assert!(report.contains("team-contact"), "{format}: {report}");
        // A link without an address.
        for empty in [
            "]()",
            "<>\\n",
            "href=\"\"",
            " · Reference",
            "helpUri\":\"\"",
        ] {
            assert!(!report.contains(empty), "{format}: {empty} in {report}");
        }
    }
    let page = sandbox.forcelint(["explain", "team-contact"]).run();
    let page = page.expect(0).stdout;
    assert!(!page.contains("References"), "{page}");
    let page = sandbox.forcelint(["explain", "team-contact", "--format=markdown"]);
    let page = page.run().expect(0).stdout;
    assert!(!page.contains("References"), "{page}");
}
