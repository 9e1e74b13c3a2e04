//! Errors in a rule file: all of them at once, each with its location.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox};

/// A rule with each kind of error that the parser of rule files reports.
const RULE_WITH_ERRORS: &str = r#"id = "Own Rule"
title = "Own"
severity = "hihg"
tag = ["ours"]
url = "https://wiki.acme.example/own"
help = "Fix it."

[[check]]
metadata = "ConectedApp"
require = { field = "label", is = "x" }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
each = "oauthConfg"
require = { field = "isPkceRequired", is = true }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
when = { condition = "publik" }
require = { field = "oauthConfig/isPkceRequird", is = true }
message = "`{labl}` is wrong"
fix = { set = "oauthConfig/isPkceRequired" }

[[check]]
metadata = "ConnectedApp"
requir = { field = "label", is = "x" }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { field = "oauthPolicy/ipRelaxation", is = "ENFORCED" }
message = "Wrong"
since = "latest"

[[check]]
metadata = "ConnectedApp"
require = { field = "contactEmail", matches = "(" }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { field = "contactEmail", exists = true, contains = "@" }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { field = "oauthConfig/certificate", certificate = { strong_hash = false } }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { field = "description", start_tag = { name = "<apex:page>", attribute = "action" } }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { all = [{ field = "label", split = ";", contains = "@" }], any = [] }
message = "Wrong"
"#;

fn test(text: &str) -> Outcome {
    let sandbox = Sandbox::new();
    sandbox.write("own.toml", text);
    let outcome = sandbox
        .forcelint(["rules", "test", "own.toml"])
        .env("COLUMNS", "80")
        .run();
    outcome.expect(2)
}

#[test]
fn all_errors_have_a_location() {
    assert_snapshot!(test(RULE_WITH_ERRORS).stderr);
}

const RULE: &str = r#"id = "own"
title = "Own"
severity = "low"
url = "https://wiki.acme.example/own"
help = "Fix it."

[[check]]
metadata = "ConnectedApp"
require = { field = "label", is = "x" }
message = "Wrong"
"#;

/// A misspelled key is not also reported as missing.
#[test]
fn wrong_types_show_what_to_write() {
    let rule = r#"id = "own"
title = 3
severity = ["low"]
tags = "ours"
cwe = ["319"]
cvss = "5.0"
help = "Fix it."
secret = "true"
control = "Control"
condition = ["x"]

[check]
metadata = 1
require = "isPkceRequired"
message = "Wrong"
"#;
    let check = r#"id = "own"
title = "Own"
severity = "low"
help = "Fix it."

[[check]]
metadata = "ConnectedApp"
require = { all = { field = "label" }, certificate = true, expires = "x", in = "x", after = 1 }
message = "Wrong"
fix = "isPkceRequired"

[check.risk]
when = { condition = "x" }
"#;
    assert_snapshot!([test(rule).stderr, test(check).stderr].concat());
}

#[test]
fn misspelled_key_is_one_error() {
    let text = RULE.replace("require =", "requir =");
    assert_snapshot!(test(&text).stderr);
}

/// The paths of `all_ipv4` are checked like others, and `start` and `end` begin at the range.
#[test]
fn paths_of_ip_ranges_have_a_location() {
    let ranges = |each: &str, start: &str| {
        format!(
            "{{ not = {{ all_ipv4 = {{ each = \"{each}\", start = \"{start}\", end = \"end\" }} }} }}"
        )
    };
    for (each, start, expected) in [
        ("ipRange", "start", Some("did you mean `ipRanges`?")),
        ("ipRanges", "strt", Some("did you mean `start`?")),
        ("ipRanges", "start", None),
    ] {
        let text = requiring(&ranges(each, start));
        let sandbox = Sandbox::new();
        sandbox.write("own.toml", text);
        let outcome = sandbox.forcelint(["rules", "test", "own.toml"]).run();
        let stderr = &outcome.stderr;
        match expected {
            Some(expected) => assert!(stderr.contains(expected), "{stderr}"),
            None => assert!(!stderr.contains("own.toml:"), "{stderr}"),
        }
    }
}

/// A rule whose only requirement is `condition`.
fn requiring(condition: &str) -> String {
    RULE.replace(r#"{ field = "label", is = "x" }"#, condition)
}

/// The paths of both sides are checked against their types, like those in the condition.
#[test]
fn joins_have_a_location() {
    let joins = [
        r#"{ related = { metadata = "ExtlClntAppOauthSettings", by = "externalClientApp" } }"#,
        r#"{ related = { metadata = "Flow", by = "start/object" } }"#,
        r#"{ related = { metadata = "Flow", by = "label", from = "label" } }"#,
        r#"{ related = { metadata = "Flow", field = "status", is = "Draft" } }"#,
        r#"{ related = { metadata = "Flow", from = "oauthConfig/callbckUrl", field = "stats", is = "Draft" } }"#,
        r#"{ related = { metadata = "Profile", each = "flowAcesses", to = "flow" } }"#,
        r#"{ related = { metadata = "Profile", each = "flowAccesses", to = "flw", field = "enabld", is = true } }"#,
        r#"{ related = { metadata = "Profile", to = "flowAccesses" } }"#,
        r#"{ none = { metadata = "Profil", from = "label" } }"#,
        r#"{ none = { metadata = "WaveTemplateBundle", from = "label" } }"#,
        r#"{ none = { metadata = "Profile", from = { field = "label", capture = "[a-z]+" } } }"#,
        r#"{ none = { metadata = "Profile", from = { field = "label", capture = "(" } } }"#,
        r#"{ none = { metadata = "Profile", from = { field = "label", captur = "(a)" } } }"#,
        r#"{ none = { metadata = "Profile", from = { split = "," } } }"#,
        r#"{ none = { metadata = "Profile", each = "flowAccesses" } }"#,
        r#"{ none = { metadata = "Profile", from = 1 } }"#,
        r#"{ project = { metadata = "Profile", to = "flowAccesses/flow" } }"#,
        r#"{ count = { each = "ipRanges" } }"#,
        r#"{ count = { at_least = 1 } }"#,
        r#"{ count = { each = "ipRanges", at_least = 1.5 } }"#,
        r#"{ count = { each = "ipRanges", at_most = 1, field = "strt", exists = true } }"#,
        r#"{ field = "label", exists = true, from = "label" }"#,
        r#"{ all = [], each = "ipRanges" }"#,
    ];
    let errors = joins.map(|join| format!("{join}\n{}", test(&requiring(join)).stderr));
    assert_snapshot!(errors.join("════\n"));
}

/// A syntax error has a location even on the last line.
#[test]
fn syntax_error_at_the_end() {
    let ends = [
        "[[test]]\nname = \"x",
        "[[test]\n",
        "fix = { set = \"label\", to = \"x\"",
        "fix =",
    ];
    let errors = ends.map(|end| test(&format!("{RULE}{end}")).stderr);
    assert_snapshot!(errors.join("════\n"));
}

/// A rule file may come with a repository that the user does not trust. Conditions that refer to
/// each other must neither overflow the stack nor run forever.
#[test]
fn references_between_conditions_are_limited() {
    let rule = |links: usize, link: &dyn Fn(usize) -> String| {
        let mut text = String::from(
            "id = \"own\"\ntitle = \"Own\"\nseverity = \"low\"\nurl = \"https://wiki.acme.example/own\"\nhelp = \"Fix it.\"\n",
        );
        for at in 0..links {
            text.push_str(&format!("[condition.c{at}]\n{}\n", link(at)));
        }
        text.push_str(&format!(
            "[condition.c{links}]\nfield = \"label\"\nexists = true\n[[check]]\nmetadata = \"ConnectedApp\"\nrequire = {{ condition = \"c0\" }}\nmessage = \"Wrong\"\n"
        ));
        text
    };
    let chain = |at: usize| format!("condition = \"c{}\"", at + 1);
    let twice = |at: usize| {
        format!(
            "all = [{{ condition = \"c{0}\" }}, {{ condition = \"c{0}\" }}]",
            at + 1
        )
    };
    let sandbox = Sandbox::new();
    sandbox.write("own.toml", rule(31, &chain));
    sandbox
        .forcelint(["rules", "test", "own.toml"])
        .run()
        .expect(0);
    for (text, reason) in [
        (rule(5_000, &chain), "at most 32 levels deep"),
        (rule(40, &twice), "more than 20000 conditions"),
        (rule(20, &twice), "more than 20000 conditions"),
    ] {
        let errors = test(&text).stderr;
        let errors = errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(errors.contains(reason), "{errors}");
    }
}

#[test]
fn types_without_files() {
    for name in ["WaveTemplateBundle", "CustomLabel", "MatchingRule"] {
        let sandbox = Sandbox::new();
        let rule = format!(
            "id = \"never\"\ntitle = \"Never\"\nseverity = \"low\"\ntags = [\"ours\"]\nhelp = \"Fix it.\"\n\n\
             [[check]]\nmetadata = \"{name}\"\nrequire = {{ field = \".\", exists = false }}\nmessage = \"Wrong\"\n"
        );
        sandbox.write("never.toml", rule);
        let outcome = sandbox
            .forcelint(["rules", "test", "never.toml"])
            .run()
            .expect(2);
        let expected = format!("no file has the metadata type `{name}`");
        assert!(outcome.stderr.contains(&expected), "{}", outcome.stderr);
    }
}
