//! `replacements` in `sfdx-project.json`: which files they match, and what the CLI deploys.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Outcome, Sandbox};

const PATH: &str = "force-app/main/default/connectedApps/Portal.connectedApp-meta.xml";

/// A project with one app and these replacements.
fn project(flag: &str, replacements: &Value) -> Sandbox {
    let sandbox = Sandbox::new();
    let project = json!({
        "packageDirectories": [{ "path": "force-app" }],
        "sourceApiVersion": "63.0",
        "replacements": replacements,
    });
    sandbox.write("sfdx-project.json", project.to_string());
    let app = format!(
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <label>Portal</label>\n    <oauthConfig>\n        \
         <callbackUrl>https://portal.acme.example/cb</callbackUrl>\n        \
         <isPkceRequired>{flag}</isPkceRequired>\n    </oauthConfig>\n</ConnectedApp>\n"
    );
    sandbox.write(PATH, app);
    sandbox
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let always = ["check", "--format=json", "--select=pkce-required"];
    sandbox.forcelint(always.iter().chain(arguments)).run()
}

/// `pass`, `finding`, `finding and fix` or `not checked`.
fn answer(flag: &str, replacement: &Value, files: &[(&str, &str)]) -> &'static str {
    let sandbox = project(flag, &json!([replacement]));
    for (path, text) in files {
        sandbox.write(path, text);
    }
    let report = check(&sandbox, &[]).json();
    let not_checked = &report["summary"]["not_checked"];
    match (report["findings"].get(0), not_checked.get(0)) {
        (Some(finding), None) if finding["fix"].is_null() => "finding",
        (Some(_), None) => "finding and fix",
        (None, Some(_)) => "not checked",
        (None, None) => "pass",
        (Some(_), Some(_)) => panic!("both: {report}"),
    }
}

fn with(key: &str, value: &str) -> Value {
    let mut entry = json!({
        "stringToReplace": "<isPkceRequired>false</isPkceRequired>",
        "replaceWithEnv": "PKCE",
    });
    entry[key] = json!(value);
    entry
}

#[test]
fn files_match_as_in_the_cli() {
    for (key, value, expected) in [
        ("filename", PATH, "not checked"),
        ("filename", "Portal.connectedApp-meta.xml", "not checked"),
        ("filename", "", "not checked"),
        ("filename", &format!("./{PATH}"), "finding and fix"),
        ("filename", &PATH.to_uppercase(), "finding and fix"),
        ("filename", &PATH.replace('/', "\\"), "finding and fix"),
        ("glob", "force-app/**/*.xml", "not checked"),
        ("glob", "/force-app/**", "not checked"),
        ("glob", "**/{profiles,connectedApps}/*", "not checked"),
        ("glob", "**/!(profiles)/*.xml", "not checked"),
        ("glob", "**/+([a-zA-Z])/[!x]ortal*", "not checked"),
        ("glob", "./force-app/**/*.xml", "finding and fix"),
        ("glob", "**/!(connectedApps)/*.xml", "finding and fix"),
        ("glob", "default/!(connectedApps)/*.xml", "finding and fix"),
        ("glob", "force-app", "finding and fix"),
        ("glob", "**/*.XML", "finding and fix"),
        // forcelint cannot interpret this glob, so it may match.
        ("glob", "**/[[:alpha:]]*", "not checked"),
    ] {
        let actual = answer("false", &with(key, value), &[]);
        assert_eq!(actual, expected, "{key}: {value}");
    }
}

#[test]
fn expressions_match_as_in_javascript() {
    for (regex, expected) in [
        (
            "(?<=<isPkceRequired>)false(?=</isPkceRequired>)",
            "not checked",
        ),
        ("<(\\w+)>false</\\1>", "not checked"),
        ("ispkcerequired>false", "finding and fix"),
        ("false\\z", "finding and fix"),
        ("[[:alpha:]]+Pkce", "finding and fix"),
        ("<oauthConfig>.*</oauthConfig>", "finding and fix"),
        // Not supported, invalid, and too slow: they may match.
        ("(?i:false)", "not checked"),
        ("(", "not checked"),
        ("(?:(?:[^!]*)*)*!", "not checked"),
    ] {
        let entry = json!({ "filename": PATH, "regexToReplace": regex, "replaceWithEnv": "PKCE" });
        assert_eq!(answer("false", &entry, &[]), expected, "{regex}");
    }
}

#[test]
fn a_text_from_a_file_is_checked() {
    let entry = |file: &str| json!({ "filename": PATH, "stringToReplace": "__PKCE__", "replaceWithFile": file });
    let answer = |text: &str| answer("__PKCE__", &entry("pkce.txt"), &[("pkce.txt", text)]);
    assert_eq!(answer(" true\n"), "pass");
    assert_eq!(answer("false"), "finding");
    // The deploy fails.
    assert_eq!(answer(" \n"), "not checked");
    assert_eq!(answer("</isPkceRequired>"), "not checked");
    assert_eq!(answer(&"x".repeat(1024 * 1024 + 1)), "not checked");
    for missing in [
        "missing.txt",
        "force-app",
        "../outside.txt",
        "/etc/hostname",
    ] {
        let actual = self::answer("__PKCE__", &entry(missing), &[]);
        assert_eq!(actual, "not checked", "{missing}");
    }
}

#[test]
fn new_text_can_contain_groups_and_elements() {
    let files = [("pkce.txt", "$1true$2</oauthConfig>$<end>")];
    let entry = json!({
        "filename": PATH,
        "regexToReplace": "(<isPkceRequired>)\\w+(</isPkceRequired>)\\s*</oauthConfig>(?<end>\\s*)",
        "replaceWithFile": "pkce.txt",
    });
    assert_eq!(answer("false", &entry, &files), "pass");
    let mut conditional = entry.clone();
    conditional["replaceWhenEnv"] = json!([{ "env": "STAGE", "value": "prod" }]);
    assert_eq!(answer("false", &conditional, &files), "not checked");
    conditional["replaceWhenEnv"] = json!([]);
    assert_eq!(answer("false", &conditional, &files), "pass");
}

#[test]
fn replacements_apply_one_after_the_other() {
    let sandbox = project(
        "__A__",
        &json!([
            { "filename": PATH, "stringToReplace": "__A__", "replaceWithFile": "a.txt" },
            { "filename": PATH, "stringToReplace": "__B__", "replaceWithFile": "b.txt" },
        ]),
    );
    sandbox.write("a.txt", "__B__");
    sandbox.write("b.txt", "true");
    assert!(check(&sandbox, &[]).expect(0).findings().is_empty());
    sandbox.write("b.txt", "false");
    assert_eq!(check(&sandbox, &[]).expect(1).findings().len(), 1);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_repository_are_not_read() {
    let entry =
        json!([{ "filename": PATH, "stringToReplace": "__PKCE__", "replaceWithFile": "pkce.txt" }]);
    let sandbox = project("__PKCE__", &entry);
    let outside = Sandbox::new();
    outside.write("pkce.txt", "true");
    std::os::unix::fs::symlink(outside.path("pkce.txt"), sandbox.path("pkce.txt")).unwrap();
    let report = check(&sandbox, &[]).json();
    assert_eq!(
        report["summary"]["not_checked"].as_array().unwrap().len(),
        1
    );
}

/// The text of the file is a secret. Only its effect is reported, at the text that it replaces.
#[test]
fn the_new_text_is_never_printed() {
    let secret = "s3cr3t-Value";
    let entries = json!([
        { "filename": PATH, "stringToReplace": "__PKCE__", "replaceWithFile": "secret.txt" },
        { "filename": PATH, "stringToReplace": "<label>Portal</label>", "replaceWithFile": "element.txt" },
    ]);
    let sandbox = project("__PKCE__", &entries);
    sandbox.write("secret.txt", secret);
    sandbox.write("element.txt", format!("<{secret}>x</{secret}>"));
    for format in [
        "pretty", "concise", "json", "jsonl", "agent", "sarif", "github", "gitlab", "junit",
        "markdown", "html",
    ] {
        let arguments = ["check", "--min-severity=info", "--diff", "--fix=all"];
        let arguments = arguments
            .iter()
            .take(if format == "pretty" { 4 } else { 2 });
        let format = format!("--format={format}");
        let all = arguments.copied().chain([format.as_str()]);
        let output = sandbox.forcelint(all).run().whole();
        assert!(!output.contains(secret), "{format}: {output}");
    }
    let report = sandbox.forcelint(["check", "--format=json"]).run().json();
    let finding = report["findings"].as_array().unwrap().iter();
    let mut finding = finding.filter(|it| it["rule"] == "pkce-required");
    let finding = finding.next().unwrap();
    assert_eq!(finding["span"]["start"]["line"], 5);
    assert!(finding["fix"].is_null());
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.contains("`isPkceRequired` is `(replaced)`"),
        "{message}"
    );
}

/// A fix must not write a text that a replacement changes.
#[test]
fn no_fix_inserts_a_text_that_is_replaced() {
    let entry = json!({ "filename": PATH, "stringToReplace": "true", "replaceWithEnv": "PKCE" });
    assert_eq!(answer("false", &entry, &[]), "finding");
}

/// Each fix is checked with all replacements over the whole file, so both numbers together are limited.
#[test]
fn too_many_fixes_and_replacements() {
    let replacements: Vec<Value> = (0..200)
        .map(|at| json!({ "stringToReplace": format!("absent{at}"), "replaceWithEnv": "X", "filename": PATH }))
        .collect();
    let sandbox = project("false", &json!(replacements));
    let padding = format!("<!--{}-->", "x".repeat(150_000));
    let own = fs::read_to_string(sandbox.root.join(PATH)).unwrap();
    let (start, rest) = own.split_once("<oauthConfig>").unwrap();
    let (config, end) = rest.split_once("</oauthConfig>").unwrap();
    let configs = format!("<oauthConfig>{config}</oauthConfig>").repeat(5);
    sandbox.write(PATH, format!("{start}{configs}{padding}{end}"));
    let report = check(&sandbox, &[]).json();
    let fixes: Vec<bool> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["fix"].is_object())
        .collect();
    assert_eq!(fixes, [true, true, false, false, false], "{report}");
    let help = report["findings"][4]["help"].as_str().unwrap();
    assert!(help.contains("too many fixes and `replacements`"), "{help}");
}

#[test]
fn too_many_replacements_for_a_large_file() {
    let replacements: Vec<Value> = (0..400)
        .map(|at| json!({ "stringToReplace": format!("absent{at}"), "replaceWithEnv": "X", "filename": PATH }))
        .collect();
    let sandbox = project("true", &json!(replacements));
    let own = fs::read_to_string(sandbox.root.join(PATH)).unwrap();
    let padding = format!("<!--{}--></oauthConfig>", "x".repeat(1_000_000));
    sandbox.write(PATH, own.replace("</oauthConfig>", &padding));
    let report = check(&sandbox, &[]).json();
    assert_eq!(
        report["summary"]["not_checked"].as_array().unwrap().len(),
        1
    );
}
