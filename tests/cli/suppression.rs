//! Suppressed findings: exceptions, comments in metadata and the baseline.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Outcome, Sandbox, app, project_with};

/// November 22, 2026, UTC.
const TODAY: &str = "1795305600";

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--select=pkce-required"].iter().chain(arguments);
    sandbox
        .with_every_rule(all)
        .env("SOURCE_DATE_EPOCH", TODAY)
        .run()
}

/// A config with an exception from `pkce-required`.
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
fn exception_names_a_component_or_a_path() {
    let sandbox = project_with(&["A", "old/B", "old/deep/C", "D%20E"]);
    for (keys, reported) in [
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
        assert_eq!(names(&outcome.json()), reported, "{keys}");
        let suppressed = 4 - reported.len();
        let text = format!(
            "suppressed: {suppressed} by exceptions (accepted); list them with --show-suppressed"
        );
        assert!(outcome.stderr.contains(&text), "{}", outcome.stderr);
        assert_eq!(
            outcome.json()["summary"]["suppressed"]["exception"],
            suppressed
        );
        assert_eq!(outcome.code, Some(i32::from(!reported.is_empty())));
    }
}

#[test]
fn exception_applies_through_its_last_day() {
    let sandbox = project_with(&["A"]);
    let check_until = |day: &str| {
        let keys = format!("component = \"ConnectedApp:A\"\nexpires = {day}");
        sandbox.write("forcelint.toml", exception(&keys));
        check(&sandbox, &[])
    };
    assert!(!check_until("2026-11-22").expect(0).stderr.contains("note:"));
    let outcome = check_until("2026-11-21").expect(1);
    assert!(outcome.stderr.contains(
        "note: the exception from `pkce-required` for `ConnectedApp:A` (forcelint.toml:1) \
         expired on 2026-11-21: it no longer applies"
    ));
}

#[test]
fn unused_exceptions_are_noted_after_a_complete_run() {
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
fn expired_exception_is_noted_correctly_with_a_baseline() {
    let sandbox = project_with(&["A"]);
    sandbox.with_every_rule(["baseline"]).run().expect(0);
    let keys = "component = \"ConnectedApp:A\"\nexpires = 2020-01-01";
    sandbox.write("forcelint.toml", exception(keys));
    let outcome = check(&sandbox, &["--baseline=forcelint-baseline.json"]).expect(0);
    let note = "expired on 2020-01-01: it no longer applies";
    assert!(outcome.stderr.contains(note), "{outcome:?}");
    let repeated = "reported again";
    assert!(!outcome.stderr.contains(repeated), "{outcome:?}");
}

#[test]
fn repeated_exceptions_are_noted() {
    let sandbox = project_with(&["A"]);
    let repeated = |first: &str, second: &str| {
        let about = |keys: &str| exception(&format!("component = \"ConnectedApp:A\"\n{keys}"));
        sandbox.write("forcelint.toml", about(first) + &about(second));
        let run = sandbox.with_every_rule(["check", "--fail-on=never"]);
        let outcome = run.run().expect(0);
        outcome
            .stderr
            .contains("is never used, because the one in line 1 applies")
    };
    assert!(repeated("", ""));
    assert!(repeated("", "expires = 2999-01-01"));
    assert!(!repeated("expires = 2999-01-01", ""));
    assert!(!repeated("expires = 2020-01-01", ""));
}

#[test]
fn exception_with_a_tag_is_explained() {
    let sandbox = project_with(&["A"]);
    let config = exception("component = \"ConnectedApp:A\"");
    sandbox.write("forcelint.toml", config.replace("pkce-required", "pkce"));
    let outcome = check(&sandbox, &[]).expect(2);
    assert!(
        outcome.stderr.contains("`pkce` is a tag, not a rule"),
        "{outcome:?}"
    );
}

#[test]
fn malformed_metadata_cannot_be_suppressed() {
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
fn comment_applies_to_the_next_element() {
    let sandbox = project_with(&[]);
    let comment = "<!-- forcelint-ignore pkce-required: a test app -->";
    for text in [
        with_comment(comment),
        with_comment("<!--forcelint-ignore pkce-required , hsts:a test app-->"),
        with_comment("<!-- forcelint-ignore\n  pkce-required: a\n  test app -->"),
        with_comment(comment).replace('\n', "\r\n"),
        with_comment(comment).replace('\n', ""),
        with_comment(&format!("{comment} <!-- another -->")),
        format!("\u{feff}{}", with_comment(comment)),
        // Before the root element, it applies to the whole file.
        app("https://a.example").replace("<ConnectedApp", &format!("{comment}\n<ConnectedApp")),
        app("https://a.example").replace("?>\n", &format!("?>{comment}\n")),
    ] {
        sandbox.write("force-app/A.connectedApp", &text);
        let outcome = check(&sandbox, &["--format=json", "--show-suppressed"]).expect(0);
        let json = outcome.json();
        let suppressed = &json["findings"][0]["suppressed"];
        assert_eq!(suppressed["kind"], "inline", "{text}");
        assert!(suppressed["reason"].as_str().unwrap().starts_with('a'));
        assert!(outcome.stderr.contains("suppressed: 1 by comments"));
    }
}

#[test]
fn comment_without_effect_is_noted() {
    let sandbox = project_with(&[]);
    let mut text = String::new();
    for comment in [
        "<!-- forcelint-ignore pkce-required -->",
        "<!-- forcelint-ignore pkce-required:   -->",
        // The placeholders of editors and of the documentation.
        "<!-- forcelint-ignore pkce-required: REASON -->",
        "<!-- forcelint-ignore pkce-required: reason -->",
        "<!-- forcelint-ignore -->",
        "<!-- forcelint-ignore: why -->",
        "<!-- forcelint-ignore pkce-requird: why -->",
        "<!-- forcelint-ignore pkce-required, \u{1b}[2J: why -->",
        "<!-- forcelint-ignore malformed-metadata: why -->",
        // For another rule, misspelled, not at the start, in CDATA.
        "<!-- forcelint-ignore hsts: why -->",
        "<!-- forcelint-ignored pkce-required: why -->",
        "<!-- see forcelint-ignore pkce-required: why -->",
        "<description><![CDATA[<!-- forcelint-ignore pkce-required: why -->]]></description>",
        // At another element.
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
fn many_comments_are_fast_and_notes_are_limited() {
    let sandbox = project_with(&[]);
    let comments = "<!-- forcelint-ignore pkce-required -->".repeat(100_000);
    sandbox.write("force-app/A.connectedApp", with_comment(&comments));
    let outcome = check(&sandbox, &[]).expect(1);
    let notes = outcome.stderr.lines().filter(|it| it.starts_with("note:"));
    assert_eq!(notes.count(), 11);
}

#[test]
fn suppressed_findings_are_in_every_format() {
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
        let arguments = [
            "--baseline=forcelint-baseline.json",
            "--show-suppressed",
            &format,
        ];
        let outcome = check(&sandbox, &arguments).expect(1);
        let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
        for line in lines.filter(|line| line.to_lowercase().contains("suppressed")) {
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
fn suppressed_findings_are_not_fixed() {
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
