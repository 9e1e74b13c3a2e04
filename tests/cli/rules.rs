//! `rules test`, and rules that users bring by `forcelint.toml`.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, project_with};

/// A rule file in parts, so that a test can exchange one.
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

/// The rule with `old` replaced by `new`, which must be there.
fn rule_with(old: &str, new: &str) -> String {
    let rule = rule();
    assert!(rule.contains(old), "{old}");
    rule.replace(old, new)
}

fn test(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["rules", "test"].iter().chain(arguments);
    sandbox.forcelint(all).run()
}

/// The outcome of testing this one rule file.
fn test_one(text: &str) -> Outcome {
    let sandbox = Sandbox::new();
    sandbox.write("rule.toml", text);
    test(&sandbox, &["rule.toml"])
}

#[test]
fn what_passes_is_a_line() {
    let outcome = test_one(&rule()).expect(0);
    assert_eq!(outcome.stderr, "");
    assert_eq!(
        outcome.stdout,
        "ok    team-contact  2 tests\n2 passed, 0 failed\n"
    );
}

#[test]
fn the_built_in_rules_pass() {
    let outcome = test(&Sandbox::new(), &[]).expect(0);
    let last = outcome.stdout.lines().last().unwrap();
    assert!(last.ends_with(" passed, 0 failed"), "{last}");
    assert!(outcome.stdout.contains("ok    pkce-required "));
}

#[test]
fn what_fails_says_what_to_write() {
    let expect = "expect = [{ line = 1, severity = \"low\" }]";
    let fixed = &TESTS[TESTS.find("fixed = ").unwrap()..TESTS.rfind("[[test]]").unwrap()];
    let wrong = [
        // The finding differs.
        rule_with(expect, "expect = [{ line = 3, severity = \"high\" }]"),
        // The fixed text differs.
        rule_with(fixed, &fixed.replace("crm", "CRM")),
        // Nothing is expected.
        rule_with(expect, "").replace(fixed, ""),
        // Too much is; what it tells is what is compared.
        rule_with(
            expect,
            "not_checked = true\n\
             expect = [{ line = 1, severity = \"low\", fix = \"none\" }, { line = 1, severity = \"low\" }]",
        ),
        // The fix is not what the rule requires.
        rule_with("to = \"crm\"", "to = \"CRM\""),
        // Nothing is found.
        rule_with("field = \"contactEmail\"", "field = \"label\"")
            .replace("is = \"crm\"", "is = \"Example\""),
    ];
    let text = wrong.map(|text| test_one(&text).expect(1).stdout);
    assert_snapshot!(text.join("════\n"));
}

/// The rule with one test, whose app names `jo`, and these further keys.
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
fn what_cannot_be_told_can_be_expected() {
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
    let expected = format!("not_checked = true\n{project}");
    test_one(&rule_about_jo(&expected)).expect(0);
}

#[test]
fn an_example_has_its_own_ignore_files() {
    let ignored = "forceignore = '''\n**/*.connectedApp-meta.xml\n'''\n";
    test_one(&rule_about_jo(ignored)).expect(0);
    // Those around the temporary folder are none of its business.
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
fn a_broken_example_is_no_broken_rule() {
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

/// A folder gives all of its rules; what is no rule keeps none of the others from being tested.
#[test]
fn a_folder_with_all_kinds_of_files() {
    let sandbox = Sandbox::new();
    sandbox.write("rules/good.toml", rule());
    sandbox.write(
        "rules/deeper/untested.toml",
        format!("{HEAD}{CHECK}").replace("team-contact", "untested"),
    );
    sandbox.write("rules/misspelt.toml", rule_with("tags", "tag"));
    sandbox.write(
        "rules/escape.toml",
        rule_with("somebody else", "\\u001b[31m"),
    );
    sandbox.write("rules/latin.toml", b"id = \"\xE9\"");
    // None of these is a rule.
    sandbox.write("rules/forcelint.toml", "rule-paths = []");
    sandbox.write("rules/other.toml", "[package]\nname = \"x\"");
    sandbox.write("rules/read.me", "id = 1");
    sandbox.write("rules/.hidden/rule.toml", "id = 1");
    let outcome = test(&sandbox, &["rules", "rules/good.toml", "missing.toml"]).expect(2);
    assert_snapshot!(outcome.whole());
    // What is named is meant as a rule, and a folder for the rules in it.
    sandbox.write("empty/other.toml", "[package]");
    let outcome = test(&sandbox, &["empty", "rules/good.toml"]).expect(2);
    assert!(outcome.stderr.contains("`empty` contains no rule files"));
    test(&sandbox, &["rules/other.toml"]).expect(2);
}

#[test]
fn line_ends_of_windows_change_nothing() {
    test_one(&rule().replace('\n', "\r\n")).expect(0);
    test_one(&format!("\u{feff}{}", rule())).expect(0);
}

/// A project whose config names the folder of one rule.
fn project_with_rule() -> Sandbox {
    let sandbox = project_with(&["A"]);
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    sandbox.write("lint-rules/team-contact.toml", rule());
    sandbox
}

/// The rules of the findings.
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
fn a_users_rule_is_a_rule_like_ours() {
    let sandbox = project_with_rule();
    let found = |arguments: &[&str]| rules_found(&sandbox, "", arguments);
    let every = found(&[]);
    assert!(every.contains(&"team-contact".to_owned()), "{every:?}");
    assert_eq!(
        found(&["--select", "ours,pkce"]),
        ["team-contact", "pkce-required"]
    );
    assert_eq!(found(&["--select", "ours"]), ["team-contact"]);
    let mut others = every.clone();
    others.retain(|rule| rule != "team-contact");
    assert_eq!(found(&["--ignore", "team-contact"]), others);
    assert_eq!(
        rules_found(&sandbox, "force-app", &["A.connectedApp"]),
        every
    );
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

/// The config is that of the first path's project, and may stand at the top of the repository.
/// Their fingerprints count them, so another order would give one the name of another.
#[test]
fn what_checks_say_of_one_element_stays_in_their_order() {
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
    for of_one in severities.chunks(4) {
        assert_eq!(of_one, ["high", "low", "critical", "medium"]);
    }
}

#[test]
fn the_config_of_the_first_path_holds() {
    let sandbox = Sandbox::new();
    sandbox.make_repository("repo");
    sandbox.write("repo/forcelint.toml", "rule-paths = [\"rules/one.toml\"]");
    sandbox.write("repo/rules/one.toml", rule());
    // Beyond the repository nothing counts.
    sandbox.write("forcelint.toml", "nonsense");
    for project in ["repo/crm", "repo/own", "other"] {
        let file = format!("{project}/sfdx-project.json");
        sandbox.write(file, r#"{ "packageDirectories": [{ "path": "app" }] }"#);
        sandbox.write_app(format!("{project}/app/A.connectedApp"));
    }
    // The nearest counts alone.
    sandbox.write("repo/own/forcelint.toml", "");
    // The rule of the config is one more than ours.
    let found = |folder: &str, paths: &[&str]| {
        let rules = rules_found(&sandbox, folder, paths);
        let is_of_interest = |rule: &&String| ["team-contact", "pkce-required"].contains(&&***rule);
        rules.iter().filter(is_of_interest).count()
    };
    assert_eq!(found("repo/crm", &[]), 2);
    assert_eq!(found("repo/own", &[]), 1);
    assert_eq!(found("other", &[]), 1);
    assert_eq!(found("other", &["../repo/crm"]), 2);
    assert_eq!(found("repo", &["crm", "own"]), 4);
    assert_eq!(found("repo", &["own", "crm"]), 2);
}

#[test]
fn a_config_or_rule_that_cannot_be_used_ends_the_run() {
    let sandbox = project_with_rule();
    let mut text = String::new();
    let mut complain = || {
        let outcome = sandbox.forcelint(["check"]).run().expect(2);
        assert_eq!(outcome.stdout, "");
        text.push_str(&outcome.stderr);
        text.push_str("════\n");
        sandbox.forcelint(["rules", "list"]).run().expect(2);
        sandbox
            .forcelint(["explain", "team-contact"])
            .run()
            .expect(2);
        // One that is built in does not need the config.
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
    complain();
    for config in [
        "rule-path = [\"lint-rules\"]",
        "rule-paths = \"lint-rules\"",
        "rule-paths = [\"lint-rules\", \"../elsewhere\"]",
        "rule-paths = [\"missing\"]",
        "rule-paths = [",
    ] {
        sandbox.write("forcelint.toml", config);
        complain();
    }
    assert_snapshot!(text);
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_project() {
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
    // Inside it may lead anywhere.
    std::fs::remove_file(sandbox.path("rules/link.toml")).unwrap();
    sandbox.write("real.toml", rule());
    symlink(sandbox.path("real.toml"), sandbox.path("rules/link.toml")).unwrap();
    config("rules").expect(1);
    // The config itself may not be one either.
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
fn the_list_can_be_narrowed() {
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
        let all = ["rules", "list"].iter().chain(&wrong);
        let outcome = sandbox.forcelint(all).run().expect(2);
        assert!(outcome.stderr.contains(right), "{}", outcome.stderr);
    }
}

#[test]
fn the_list_tells_what_the_config_makes_of_a_rule() {
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
    let told = |id: &str| {
        let mut rules = json.as_array().unwrap().iter();
        let rule = rules.find(|rule| rule["id"] == id).unwrap();
        (rule["severity"].to_string(), rule["on"].as_bool().unwrap())
    };
    assert_eq!(told("pkce-required"), ("\"medium\"".to_owned(), true));
    assert!(!told("team-contact").1);
    assert!(!told("unknown-field").1);
    assert!(told("malformed-metadata").1);
    let table = list(&[]).expect(0).stdout;
    let (on, off) = table.split_once("disabled by forcelint.toml").unwrap();
    assert!(on.contains("pkce-required") && !on.contains("team-contact"));
    assert!(off.contains("team-contact") && off.contains("unknown-field"));
    // What holds without a config is the same list.
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    assert!(!list(&[]).expect(0).stdout.contains("disabled by"));
}

#[test]
fn the_schema_is_json() {
    let schema = Sandbox::new().forcelint(["rules", "schema"]).run();
    assert!(schema.expect(0).json().is_object());
}
