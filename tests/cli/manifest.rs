//! `forcelint manifest`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Sandbox;

/// The members of each type in a manifest.
fn members(text: &str, name: &str) -> Vec<String> {
    let of_type = text
        .split("</types>")
        .find(|it| it.contains(&format!("<name>{name}</name>")));
    let members = of_type.unwrap_or_default().split("<members>").skip(1);
    members
        .map(|it| it.split("</members>").next().unwrap().to_owned())
        .collect()
}

#[test]
fn manifest_has_every_type_that_rules_check() {
    let sandbox = Sandbox::new();
    let text = sandbox.forcelint(["manifest"]).run().expect(0).stdout;
    let rules = sandbox
        .forcelint(["rules", "list", "--format=json"])
        .run()
        .expect(0)
        .json();
    for rule in rules.as_array().unwrap() {
        for name in rule["metadata"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
        {
            let settings = name.strip_suffix("Settings").map(str::to_owned);
            let is_settings = settings.is_some_and(|it| members(&text, "Settings").contains(&it));
            // `*` means all folders for this type, and not their components.
            let is_named = name == "Dashboard" && text.contains("<!-- Not included: Dashboard. ");
            let is_there = is_settings || is_named || !members(&text, name).is_empty();
            assert!(is_there || name.starts_with('*'), "{name}: {text}");
        }
    }
    assert_eq!(members(&text, "Dashboard"), [""; 0]);
}

/// `*` does not bring standard objects.
#[test]
fn standard_objects_are_those_that_rules_name() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/guest/external-sharing-model.toml");
    let rule = fs::read_to_string(file).unwrap();
    let (_, names) = rule.split_once("component = '(?i)^(").unwrap();
    let names = names.split_once(")$'").unwrap().0.split('|');
    let mut expected = vec!["*"];
    expected.extend(names);
    let text = Sandbox::new()
        .forcelint(["manifest"])
        .run()
        .expect(0)
        .stdout;
    assert_eq!(members(&text, "CustomObject"), expected);
}

#[test]
fn manifest_depends_on_the_rules_and_the_project() {
    let sandbox = Sandbox::new();
    sandbox.write("sfdx-project.json", "{ \"sourceApiVersion\": \"62.0\" }");
    let run = |arguments: &[&str]| {
        sandbox
            .forcelint(["manifest"].iter().chain(arguments))
            .run()
    };
    // The rule also reads two settings types, for the severity.
    let text = run(&["--select=pkce-required"]).expect(0).stdout;
    assert_eq!(members(&text, "ConnectedApp"), ["*"]);
    assert_eq!(members(&text, "Settings"), ["OauthOidc", "Security"]);
    assert!(members(&text, "Profile").is_empty());
    assert!(text.contains("<version>62.0</version>"), "{text}");
    let newer = run(&["--select=hsts", "--api-version=66", "--output=package.xml"]).expect(0);
    assert_eq!(newer.stdout, "");
    let text = fs::read_to_string(sandbox.path("package.xml")).unwrap();
    assert!(text.contains("<version>66.0</version>"), "{text}");
    sandbox.write("forcelint.toml", "select = [\"remote-site-http\"]\n");
    let text = run(&[]).expect(0).stdout;
    assert_eq!(members(&text, "RemoteSiteSetting"), ["*"]);
    assert!(members(&text, "ConnectedApp").is_empty());
    let error = run(&["--api-version=new"]).expect(2).stderr;
    assert!(error.contains("`new` is not an API version"), "{error}");
}
