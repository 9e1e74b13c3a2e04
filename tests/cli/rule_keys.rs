//! A misspelled key in any table of a rule file, of its tests and of shared conditions is an error at
//! the key, with a "did you mean" suggestion.

use regex::Regex;

use crate::support::Sandbox;

/// A rule with every table of the language, nested as deep as they can be.
const RULE: &str = r#"
id = "own"
title = "Own"
severity = "low"
cvss = [1.0, 2.0]
cwe = [287]
tags = ["ours"]
covers = ["appexchange-pkce"]
url = "https://wiki.acme.example/own"
references = ["https://wiki.acme.example/more"]
help = "Fix it."
setup = ["Setup > App Manager"]
exceptions = "Never."
notes = "None."
include_forceignored = false
secret = false
fallback = false

[control]
name = "Control"
url = "https://wiki.acme.example/control"
recommended = "a"
overview = "a"
risk = "a"
threat = "a"
impact = "a"
higher_risk_when = "a"
lower_risk_when = "a"
business = "a"
remediation = "a"
guidance = "a"

[condition.labeled]
field = "/label"
exists = true
because = "it has a label"

[condition.related]
related = { metadata = "ExtlClntAppOauthSettings", by = "label", absent = "complies", all = [
    { field = "commaSeparatedOauthScopes", contains = "Api", split = "," },
] }

[[check]]
metadata = "ConnectedApp"
each = "oauthConfig"
when = { all = [
    { any = [{ component = "Example" }, { condition = "labeled" }] },
    { field = "callbackUrl", start_tag = { name = "apex:page", attribute = "action" } },
    { field = "certificate", certificate = { expires_after = 30, rsa_bits_at_least = 2048, strong_hash = true } },
    { not = { some = { each = "scopes", field = ".", in = ["Full"], every = true } } },
    { project = { metadata = "ConnectedApp", field = "label", except = "z", label = "here" } },
] }
require = { field = "isPkceRequired", is = true, absent = "default" }
since = "59.0"
severity = "high"
message = "`{component}` is wrong"
because = "it is"
fix = { set = "isPkceRequired", to = "true", and = [{ set = "isAdminApproved", to = "true" }, { remove = "callbackUrl" }], rollout = "Wait." }

[[check.risk]]
when = { not = { all_ipv4 = { each = "/ipRanges", start = "start", end = "end" } } }
severity = "low"
message = "`{component}` is worse"
because = "it is"
rollout = false

[[check.risk]]
when = { field = "/oauthPolicy/refreshTokenPolicy", matches = "x" }
because = "it is"
fix = { remove = "isPkceRequired" }

[[check.mitigation]]
when = { field = "/sessionPolicy/sessionTimeout", at_least = 1, at_most = 2 }
because = "it is short"

[[check.mitigation]]
when = { condition = "related" }
because = "it is related"

[[check.mitigation]]
when = { none = { metadata = "PermissionSet", from = { field = "callbackUrl", split = "lines", capture = "(a)" }, each = "flowAccesses", to = { field = "flow" } } }
because = "it is not related"

[[check.mitigation]]
when = { count = { metadata = "PermissionSet", from = "callbackUrl", to = { capture = "(a)" }, at_least = 1, at_most = 2 } }
because = "some are related"

[[check]]
metadata = "ConnectedApp"
require = { field = "label", matches = "^A" }
message = "Wrong"
fix = { replace = "^B", with = "A" }

[[check]]
metadata = "ConnectedApp"
require = { schema = "values" }
message = "Wrong"
fix = { repair = true }
"#;

const TESTS: &str = r#"
[[test]]
name = "one"
metadata = "ConnectedApp"
component = "Example"
xml = "<ConnectedApp/>"
with = [{ metadata = "ConnectedApp", component = "Other", directory = "force-app", xml = "<ConnectedApp/>" }]
project = "{}"
forceignore = ""
expect = [{ line = 1, severity = "low", fix = "none", evidence = [] }]
not_checked = false
fixed = "<ConnectedApp/>"
"#;

const SHARED: &str = r#"
[labeled]
because = "it has a label"
all = [{ field = "label", exists = true }, { not = { some = { each = "ipRanges", field = "start", is = "1" } } }]

[patterns]
team = "^team-"

[types]
apps = ["ConnectedApp"]
"#;

/// The keys that an author can choose.
const FREE: [&str; 2] = ["team", "apps"];

/// Misspells each key of `text`, which is the file at `path`, and expects an error at the key.
/// Returns the number of keys.
fn check_keys(text: &str, path: &str, others: &[(&str, &str)]) -> usize {
    let sandbox = Sandbox::new();
    for (other, text) in others {
        sandbox.write(other, text);
    }
    let key = Regex::new(r"(?m)(?:^|[{,] )([a-z_0-9]+) = ").unwrap();
    let tests = |text: &str| {
        sandbox.write(path, text);
        sandbox.forcelint(["rules", "test", "rules"]).run().stderr
    };
    assert_eq!(tests(text), "", "the text without a misspelling is valid");
    let keys = key.captures_iter(text).map(|found| found.get(1).unwrap());
    let keys = keys.filter(|key| !FREE.contains(&key.as_str()));
    let mut count = 0;
    for key in keys {
        let name = key.as_str();
        let wrong = format!("{name}s");
        let misspelled = format!("{}{wrong}{}", &text[..key.start()], &text[key.end()..]);
        let errors = tests(&misspelled);
        let line = text[..key.start()].matches('\n').count() + 1;
        let column = key.start() - text[..key.start()].rfind('\n').unwrap();
        for expected in [
            format!("unknown key `{wrong}`"),
            format!("{path}:{line}:{column}"),
            format!("did you mean `{name}`?"),
        ] {
            assert!(errors.contains(&expected), "{expected} is not in {errors}");
        }
        count += 1;
    }
    count
}

#[test]
fn misspelled_keys_of_a_rule_are_errors() {
    let rule = format!("{RULE}{TESTS}");
    assert!(check_keys(&rule, "rules/own.toml", &[]) > 100);
}

#[test]
fn misspelled_keys_of_separate_tests_are_errors() {
    let rule = [("rules/own.toml", RULE)];
    assert!(check_keys(TESTS, "rules/own.test.toml", &rule) > 15);
}

#[test]
fn misspelled_keys_of_shared_conditions_are_errors() {
    let rule = [("rules/own.toml", RULE)];
    assert!(check_keys(SHARED, "rules/conditions/mine.toml", &rule) > 5);
}
