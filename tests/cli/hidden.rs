//! Findings that do not count: exceptions and comments, and what is said of those that fail.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Outcome, Sandbox, app, project_with};

/// 22 November 2026, UTC.
const TODAY: &str = "1795305600";

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--select=pkce-required"].iter().chain(arguments);
    sandbox
        .with_every_rule(all)
        .env("SOURCE_DATE_EPOCH", TODAY)
        .run()
}

/// A config with this exception to the rule.
fn exception(keys: &str) -> String {
    format!("[[exception]]\nrule = \"pkce-required\"\nreason = \"known\"\n{keys}\n")
}

fn with_comment(comment: &str) -> String {
    let app = app("https://portal.acme.example/callback");
    app.replace(
        "    <oauthConfig>",
        &format!("    {comment}\n    <oauthConfig>"),
    )
}

fn names(json: &Value) -> Vec<&str> {
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|it| it["component"]["name"].as_str().unwrap())
        .collect()
}

#[test]
fn an_exception_is_about_a_component_or_a_path() {
    let sandbox = project_with(&["A", "old/B", "old/deep/C", "D%20E"]);
    for (keys, left) in [
        ("component = \"ConnectedApp:A\"", &["D E", "B", "C"][..]),
        ("component = \"ConnectedApp:D E\"", &["A", "B", "C"]),
        ("path = \"force-app/old\"", &["A", "D E"]),
        (
            "path = \"force-app/old/*.connectedApp\"",
            &["A", "D E", "C"],
        ),
        ("path = \"**\"", &[]),
    ] {
        sandbox.write("forcelint.toml", exception(keys));
        let outcome = check(&sandbox, &["--format=json"]);
        assert_eq!(names(&outcome.json()), left, "{keys}");
        let hidden = 4 - left.len();
        let text = format!("suppressed: {hidden} by exceptions (list them with --show-suppressed)");
        assert!(outcome.stderr.contains(&text), "{}", outcome.stderr);
        assert_eq!(outcome.json()["summary"]["suppressed"]["exception"], hidden);
        assert_eq!(outcome.code, Some(i32::from(!left.is_empty())));
    }
}

#[test]
fn an_exception_ends_with_its_last_day() {
    let sandbox = project_with(&["A"]);
    let until = |day: &str| {
        let keys = format!("component = \"ConnectedApp:A\"\nexpires = {day}");
        sandbox.write("forcelint.toml", exception(&keys));
        check(&sandbox, &[])
    };
    assert!(!until("2026-11-22").expect(0).stderr.contains("note:"));
    let outcome = until("2026-11-21").expect(1);
    assert!(outcome.stderr.contains(
        "note: the exception from `pkce-required` for `ConnectedApp:A` (forcelint.toml:1) \
         expired on 2026-11-21: its findings are reported again"
    ));
}

#[test]
fn exceptions_about_nothing_are_named_after_a_whole_run() {
    let sandbox = project_with(&["Legacy_ERP"]);
    sandbox.write(
        "forcelint.toml",
        [
            exception("component = \"ConnectedApp:Legcy_ERP\""),
            exception("path = \"elsewhere\""),
            exception("path = \"elsewhere\"\nexpires = 2020-01-01"),
        ]
        .concat(),
    );
    let run = |arguments: &[&str]| {
        let all = ["check", "--fail-on=never"].iter().chain(arguments);
        let outcome = sandbox.with_every_rule(all).run().expect(0);
        let notes = outcome.stderr.lines().filter(|it| it.starts_with("note:"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_snapshot!(run(&[]).join("\n"));
    assert_eq!(run(&["force-app"]).len(), 3);
    assert_eq!(run(&["."]).len(), 3);
    let none: [String; 0] = [];
    assert_eq!(run(&["force-app/Legacy_ERP.connectedApp"]), none);
    assert_eq!(run(&["--select=pkce-required"]), none);
}

#[test]
fn what_cannot_be_judged_always_counts() {
    let sandbox = project_with(&[]);
    let broken = "<?xml version=\"1.0\"?>\n<!-- forcelint-ignore malformed-metadata: no -->\n<x";
    sandbox.write("force-app/A.connectedApp", broken);
    check(&sandbox, &[]).expect(1);
    let recorded = sandbox.with_every_rule(["baseline"]).run().expect(0);
    assert!(
        recorded
            .stderr
            .contains("not recorded: 1 `malformed-metadata`")
    );
    check(&sandbox, &["--baseline=forcelint-baseline.json"]).expect(1);
}

#[test]
fn a_comment_covers_the_element_behind_it() {
    let sandbox = project_with(&[]);
    let good = "<!-- forcelint-ignore pkce-required: a test app -->";
    for text in [
        with_comment(good),
        with_comment("<!--forcelint-ignore pkce-required , hsts:a test app-->"),
        with_comment("<!-- forcelint-ignore\n  pkce-required: a\n  test app -->"),
        with_comment(good).replace('\n', "\r\n"),
        with_comment(good).replace('\n', ""),
        with_comment(&format!("{good} <!-- another -->")),
        format!("\u{feff}{}", with_comment(good)),
        // At the top it covers the file.
        app("https://a.example").replace("<ConnectedApp", &format!("{good}\n<ConnectedApp")),
        app("https://a.example").replace("?>\n", &format!("?>{good}\n")),
    ] {
        sandbox.write("force-app/A.connectedApp", &text);
        let outcome = check(&sandbox, &["--format=json", "--show-suppressed"]).expect(0);
        let json = outcome.json();
        let hidden = &json["findings"][0]["suppressed"];
        assert_eq!(hidden["kind"], "inline", "{text}");
        assert!(hidden["reason"].as_str().unwrap().starts_with('a'));
        assert!(outcome.stderr.contains("suppressed: 1 by comments"));
    }
}

#[test]
fn a_comment_that_covers_nothing_says_so() {
    let sandbox = project_with(&[]);
    let mut text = String::new();
    for comment in [
        "<!-- forcelint-ignore pkce-required -->",
        "<!-- forcelint-ignore pkce-required:   -->",
        "<!-- forcelint-ignore -->",
        "<!-- forcelint-ignore: why -->",
        "<!-- forcelint-ignore pkce-requird: why -->",
        "<!-- forcelint-ignore pkce-required, \u{1b}[2J: why -->",
        "<!-- forcelint-ignore malformed-metadata: why -->",
        // Another rule; no wish at all; text.
        "<!-- forcelint-ignore hsts: why -->",
        "<!-- forcelint-ignored pkce-required: why -->",
        "<!-- see forcelint-ignore pkce-required: why -->",
        "<description><![CDATA[<!-- forcelint-ignore pkce-required: why -->]]></description>",
        // Another element.
        "<!-- forcelint-ignore pkce-required: why --><contactEmail>a</contactEmail>",
        "<contactEmail>a</contactEmail> <!-- forcelint-ignore pkce-required: why -->",
    ] {
        sandbox.write(
            "force-app/A.connectedApp",
            with_comment(comment)
                .replace("[2J", "")
                .replace('\u{1b}', "x"),
        );
        let outcome = check(&sandbox, &[]).expect(1);
        let notes = outcome.stderr.lines().filter(|it| it.starts_with("note:"));
        let notes: Vec<&str> = notes.collect();
        text.push_str(&format!("{comment:?}\n  {}\n", notes.join("\n  ")));
    }
    let inside = app("https://a.example").replace(
        "    </oauthConfig>",
        "    <!-- forcelint-ignore pkce-required: why --></oauthConfig>",
    );
    sandbox.write("force-app/A.connectedApp", inside);
    text.push_str(&check(&sandbox, &[]).expect(1).stderr);
    assert_snapshot!(text);
}

#[test]
fn thousands_of_comments_take_no_time() {
    let sandbox = project_with(&[]);
    let comments = "<!-- forcelint-ignore pkce-required -->".repeat(100_000);
    sandbox.write("force-app/A.connectedApp", with_comment(&comments));
    let outcome = check(&sandbox, &[]).expect(1);
    let notes = outcome.stderr.lines().filter(|it| it.starts_with("note:"));
    assert_eq!(notes.count(), 11);
}

#[test]
fn what_is_hidden_shows_in_every_format() {
    let sandbox = project_with(&["A", "B", "D"]);
    sandbox.write(
        "force-app/C.connectedApp",
        with_comment("<!-- forcelint-ignore pkce-required: a test -->"),
    );
    sandbox.write(
        "forcelint.toml",
        exception(
            "component = \"ConnectedApp:B\"\nexpires = 2027-03-31\nowner = \"integration team\"",
        ),
    );
    let baseline = ["baseline"];
    sandbox.with_every_rule(baseline).run().expect(0);
    sandbox.write_app("force-app/E.connectedApp");
    let mut text = String::new();
    for format in ["concise", "pretty"] {
        let format = format!("--format={format}");
        let shown = [
            "--baseline=forcelint-baseline.json",
            "--show-suppressed",
            &format,
        ];
        let outcome = check(&sandbox, &shown).expect(1);
        let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
        for line in lines.filter(|line| line.to_lowercase().contains("hidden")) {
            text.push_str(&format!("{line}\n"));
        }
    }
    assert_snapshot!(text);
    let with = |more: &[&str]| {
        let all = [&["--baseline=forcelint-baseline.json"], more].concat();
        check(&sandbox, &all).expect(1).json()
    };
    let json = with(&["--format=json"]);
    assert_eq!(names(&json), ["E"]);
    let json = with(&["--format=json", "--show-suppressed"]);
    assert_eq!(names(&json), ["A", "B", "C", "D", "E"]);
    assert_eq!(
        json["findings"][1]["suppressed"],
        serde_json::json!({ "kind": "exception", "reason": "known", "expires": "2027-03-31",
            "owner": "integration team" })
    );
    assert_eq!(json["findings"][0]["suppressed"]["kind"], "baseline");
    assert_eq!(json["findings"][4]["suppressed"], Value::Null);
    assert_eq!(
        json["summary"]["suppressed"],
        serde_json::json!({ "exception": 1, "inline": 1, "baseline": 2 })
    );
    let results = |sarif: &Value| sarif["runs"][0]["results"].as_array().unwrap().clone();
    let sarif = with(&["--format=sarif"]);
    assert_eq!(results(&sarif).len(), 1);
    assert_eq!(results(&sarif)[0]["suppressions"], Value::Null);
    let sarif = with(&["--format=sarif", "--show-suppressed"]);
    let kinds: Vec<_> = results(&sarif)
        .iter()
        .map(|result| result["suppressions"][0]["kind"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["external", "external", "inSource", "external"]
            .map(Value::from)
            .into_iter()
            .chain([Value::Null])
            .collect::<Vec<_>>()
    );
    assert_eq!(results(&sarif)[4]["suppressions"], serde_json::json!([]));
}

#[test]
fn what_is_hidden_is_not_fixed() {
    let sandbox = project_with(&["A", "B", "D"]);
    sandbox.write(
        "force-app/C.connectedApp",
        with_comment("<!-- forcelint-ignore pkce-required: a test -->"),
    );
    sandbox.write(
        "forcelint.toml",
        exception("component = \"ConnectedApp:B\""),
    );
    sandbox.with_every_rule(["baseline"]).run().expect(0);
    sandbox.write_app("force-app/E.connectedApp");
    let baseline = "--baseline=forcelint-baseline.json";
    let patch = check(&sandbox, &[baseline, "--fix=all", "--diff"])
        .expect(1)
        .stdout;
    assert_eq!(patch.matches("+++ ").count(), 1, "{patch}");
    check(&sandbox, &[baseline, "--fix=all"]).expect(0);
    for (name, fixed) in [
        ("A", false),
        ("B", false),
        ("C", false),
        ("D", false),
        ("E", true),
    ] {
        let file = sandbox.path(&format!("force-app/{name}.connectedApp"));
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.contains("isPkceRequired"), fixed, "{name}");
    }
    let stdin = "--stdin-filename=force-app/A.connectedApp";
    let text = app("https://portal.acme.example/callback");
    let run = [
        "check",
        "--select=pkce-required",
        baseline,
        "--fix=all",
        stdin,
    ];
    let outcome = sandbox
        .with_every_rule(run)
        .stdin(text.clone())
        .run()
        .expect(0);
    assert_eq!(outcome.stdout, text);
}
