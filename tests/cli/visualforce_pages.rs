//! Visualforce pages: the `.page` file beside the metadata is the field `content`.

use std::fs;

use serde_json::Value;

use crate::repository::Repository;
use crate::support::{Outcome, Sandbox, findings};
use crate::zip_writer::zip_of;

/// The pages in both formats.
const SOURCE_FORMAT: &str = "force-app/main/default/pages";
const METADATA_FORMAT: &str = "src/pages";
const PAGE: &str = "force-app/pages/Orders.page";
const META: &str = "force-app/pages/Orders.page-meta.xml";

fn meta(token: bool) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ApexPage xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <apiVersion>62.0</apiVersion>
    <confirmationTokenRequired>{token}</confirmationTokenRequired>
    <label>Example</label>
</ApexPage>
"
    )
}

/// A project with pages in a folder.
fn pages_in(folder: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    sandbox.write(
        "src/package.xml",
        "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>62.0</version></Package>",
    );
    let action = "<apex:page action=\"{!archive}\">\n</apex:page>\n";
    let latin1 = b"<apex:page title=\"\xe9\" action=\"{!archive}\"/>";
    let utf16: Vec<u8> = action.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [&b"\xff\xfe"[..], &utf16].concat();
    for (name, content, token) in [
        ("Action", action.as_bytes(), false),
        ("Token", action.as_bytes(), true),
        ("No_Action", b"<apex:page/>", false),
        ("Empty", b"", false),
        ("Hidden", b"(hidden)", false),
        ("Latin1", latin1, false),
        ("Utf16", &with_mark, false),
    ] {
        sandbox.write(format!("{folder}/{name}.page"), content);
        sandbox.write(format!("{folder}/{name}.page-meta.xml"), meta(token));
    }
    sandbox.write(format!("{folder}/No_Text.page-meta.xml"), meta(false));
    sandbox.write(format!("{folder}/Token_Only.page-meta.xml"), meta(true));
    sandbox.write(format!("{folder}/No_Metadata.page"), action);
    sandbox
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let fixed = [
        "check",
        "--select=page-csrf-token,malformed-metadata",
        "--min-severity=info",
        "--format=json",
    ];
    let all = fixed.iter().chain(arguments);
    sandbox.forcelint(all).run()
}

/// The path and the line of each finding.
fn places(report: &Value) -> Vec<String> {
    let found = report["findings"].as_array().unwrap().iter();
    let places = found.map(|it| {
        let path = it["path"].as_str().unwrap();
        format!("{path}:{}", it["span"]["start"]["line"])
    });
    places.collect()
}

/// The component of each result that is not checked, and the reason.
fn not_checked(report: &Value) -> Vec<String> {
    let list = report["summary"]["not_checked"].as_array().unwrap();
    let lines = list.iter().map(|it| {
        let name = it["component"]["name"].as_str().unwrap();
        format!("{name}: {}", it["reason"].as_str().unwrap())
    });
    lines.collect()
}

#[test]
fn only_pages_with_an_action_are_reported() {
    for (folder, target) in [(SOURCE_FORMAT, "force-app"), (METADATA_FORMAT, "src")] {
        let sandbox = pages_in(folder);
        let report = check(&sandbox, &[target]).expect(0).json();
        assert_eq!(
            places(&report),
            [format!("{folder}/Action.page-meta.xml:4")]
        );
        let unreadable = "`content` is not markup whose first tag forcelint can read";
        let expected = [
            "Empty: `content` is empty, not markup whose first tag forcelint can read",
            &format!("Hidden: {unreadable}"),
            &format!("Latin1: {unreadable}"),
            "No_Metadata: `confirmationTokenRequired` is missing or empty",
            "No_Text: `content` is missing or empty",
            &format!("Utf16: {unreadable}"),
        ];
        assert_eq!(not_checked(&report), expected);
        assert_eq!(report["errors"], Value::Array(Vec::new()));
    }
}

#[test]
fn each_of_the_two_files_is_enough_to_name_the_page() {
    let sandbox = pages_in(SOURCE_FORMAT);
    for file in ["Action.page", "Action.page-meta.xml"] {
        let path = format!("{SOURCE_FORMAT}/{file}");
        let report = check(&sandbox, &[&path]).json();
        let expected = format!("{SOURCE_FORMAT}/Action.page-meta.xml:4");
        assert_eq!(places(&report), [expected]);
    }
    // The text of the page is only in the editor.
    let arguments = [
        "check",
        "--select=page-csrf-token",
        "--min-severity=info",
        "--format=json",
        "--stdin-filename=force-app/main/default/pages/No_Action.page",
        "-",
    ];
    let outcome = sandbox.forcelint(arguments);
    let report = outcome.stdin("<apex:page action='{!archive}'/>").run();
    assert_eq!(
        places(&report.json()),
        [format!("{SOURCE_FORMAT}/No_Action.page-meta.xml:4")]
    );
}

#[test]
fn pages_in_a_zip_are_checked() {
    let sandbox = pages_in(METADATA_FORMAT);
    let folder = sandbox.path("src");
    sandbox.write("org.zip", zip_of(&folder, &folder));
    let in_zip = check(&sandbox, &["org.zip"]).json();
    let in_folder = check(&sandbox, &["src"]).json();
    assert_eq!(findings(&in_zip).len(), 1);
    assert_eq!(not_checked(&in_zip), not_checked(&in_folder));
}

#[test]
fn a_changed_page_is_checked_with_its_metadata() {
    let repository = Repository::new();
    let check = |arguments: &[&str]| {
        let fixed = ["--select=page-csrf-token", "--min-severity=info"];
        let outcome = repository.check([&fixed[..], arguments].concat().as_slice());
        places(&outcome.run().json())
    };
    repository.write(PAGE, "<apex:page/>");
    repository.write(META, meta(false));
    repository.commit();
    assert_eq!(check(&["--since=HEAD"]), [""; 0]);
    repository.write(PAGE, "<apex:page action='{!archive}'/>");
    assert_eq!(check(&["--since=HEAD"]), [format!("{META}:4")]);
    assert_eq!(check(&["--staged"]), [""; 0]);
    repository.git(["add", "--all"]);
    assert_eq!(check(&["--staged"]), [format!("{META}:4")]);
    repository.commit();
    // The finding in the unchanged metadata is not new.
    repository.write(PAGE, "<apex:page action='{!archive}'>Text</apex:page>");
    assert_eq!(check(&["--since=HEAD"]), [""; 0]);
    // Without the page, its metadata is still checked.
    fs::remove_file(repository.sandbox.path(PAGE)).unwrap();
    let arguments = ["--select=page-csrf-token", "--since=HEAD"];
    let report = repository.check(arguments).run().json();
    assert_eq!(
        not_checked(&report),
        ["Orders: `content` is missing or empty"]
    );
}

#[test]
fn the_tag_of_a_long_page_is_found() {
    let sandbox = pages_in(SOURCE_FORMAT);
    let long = "-".repeat(2 * 1024 * 1024);
    for text in [
        format!("<!--{long}--><apex:page action='a'/>"),
        format!("<apex:page title='{long}' action='a'/>"),
        format!("<apex:page action='a'>{long}</apex:page>"),
    ] {
        sandbox.write(format!("{SOURCE_FORMAT}/No_Action.page"), text);
        let path = format!("{SOURCE_FORMAT}/No_Action.page");
        assert_eq!(places(&check(&sandbox, &[&path]).json()).len(), 1);
    }
}

#[test]
fn the_text_of_a_page_is_never_shown() {
    let sandbox = pages_in(SOURCE_FORMAT);
    let rule = r#"
id = "page-text"
title = "Page has a text"
severity = "high"
tags = ["ours"]
help = "Change the text."

[[check]]
metadata = "ApexPage"
require = { field = "content", except = "archive" }
message = "`{component}` archives: {content}"

[[check.risk]]
when = { field = "content", contains = "apex" }
because = "It is a page"

[[check]]
metadata = "ApexPage"
require = { field = "content", start_tag = { name = "apex:page", attribute = "lang" } }
message = "`{component}` has no language"
"#;
    sandbox.write("rules/page-text.toml", rule);
    sandbox.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
    let path = format!("{SOURCE_FORMAT}/Action.page");
    let checked = |format: &str| {
        let arguments = ["check", "--select=page-text", "--format", format, &path];
        sandbox.forcelint(arguments).run().expect(1)
    };
    for format in [
        "pretty", "concise", "json", "sarif", "html", "markdown", "junit", "github", "agent",
    ] {
        let outcome = checked(format);
        assert!(!outcome.stdout.contains("{!archive}"), "{format}");
        assert!(!outcome.stderr.contains("{!archive}"), "{format}");
    }
    let shown = checked("concise").stdout;
    assert!(shown.contains("`content` is `(not shown)`"), "{shown}");
    let breach = "the first tag in `content` does not have the attribute `lang`";
    assert!(shown.contains(breach), "{shown}");
}

#[test]
fn the_text_of_a_page_is_not_a_setting() {
    let sandbox = pages_in("left/pages");
    let changed = "<apex:page action=\"{!archive}\">Text</apex:page>";
    for name in ["Action", "Token"] {
        sandbox.write(format!("right/pages/{name}.page"), changed);
        sandbox.write(format!("right/pages/{name}.page-meta.xml"), meta(false));
        sandbox.write(
            format!("left/pages/{name}.page"),
            "<apex:page action=\"{!archive}\"/>",
        );
    }
    let arguments = ["compare", "left", "right", "--format=json"];
    let report = sandbox.forcelint(arguments).run().json();
    let settings = report["settings"].as_array().unwrap().iter();
    let settings: Vec<_> = settings.map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(settings, ["confirmationTokenRequired"]);
}
