//! The formats for CI systems: `github`, `gitlab`, `junit` and `markdown`.
//!
//! If a system parses a report in its own way, the test parses the report in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use insta::assert_snapshot;
use roxmltree::{Document, Node};
use serde_json::{Value, json};

use crate::support::{Outcome, Sandbox, app, indented};

/// Runs only one rule, so that other rules may change.
fn check(sandbox: &Sandbox, format: &str, arguments: &[&str]) -> Outcome {
    let format = format!("--format={format}");
    let all = ["check", "--select=pkce-required", &format];
    sandbox.forcelint(all.iter().chain(arguments)).run()
}

fn sample() -> Sandbox {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.make_repository("sample");
    sandbox
}

/// A project with `count` apps. Every third app is a public client.
fn many(count: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("sfdx-project.json", "{}");
    for number in 0..count {
        let callback = if number % 3 == 0 {
            "myapp://x"
        } else {
            "https://portal.acme.example/callback"
        };
        sandbox.write(format!("App_{number:04}.connectedApp"), app(callback));
    }
    sandbox
}

/// Possible file names that could be interpreted as markup or commands.
const HOSTILE: [&str; 12] = [
    "a|b",
    "a, line=1::x",
    "__x__ **y** `z`",
    "@octocat",
    "#1 !2 GH-3",
    "www.evil.example",
    "a@evil.example",
    "%23%23vso[task.complete]",
    "<script>alert(1)<%2Fscript>",
    "![x](https%3A%2F%2Fevil.example%2Fx.png)",
    "%3A%3Aerror%3A%3Ax",
    "$a$ {b} &lt; ]]>",
];

fn hostile() -> Sandbox {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    sandbox.make_repository("bad-input");
    // Windows has no such names.
    let is_valid = |name: &str| {
        cfg!(unix)
            || !name.contains(['<', '>', ':', '"', '|', '?', '*', '\\'])
                && !name.contains(char::is_control)
    };
    for name in HOSTILE.into_iter().filter(|name| is_valid(name)) {
        sandbox.write(
            format!("bad-input/hostile/force-app/{name}.connectedApp-meta.xml"),
            app("https://portal.acme.example/callback"),
        );
    }
    sandbox
}

/// A command as GitHub's runner parses it.
#[derive(Debug, PartialEq)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// The runner's syntax: optional blanks, `::`, the name, a blank, properties separated by commas
/// and each split at its first `=`, `::`, and the text.
fn command(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let known = ["error", "warning", "notice", "group", "endgroup"];
    assert!(known.contains(&name), "an unknown command: {line}");
    let properties = properties.trim().split(',').filter(|it| !it.is_empty());
    let properties = properties.map(|property| {
        let (key, value) = property.split_once('=').unwrap();
        let value = value.replace("%0D", "\r").replace("%0A", "\n");
        let value = value.replace("%3A", ":").replace("%2C", ",");
        (key.to_owned(), value.replace("%25", "%"))
    });
    let data = data.replace("%0D", "\r").replace("%0A", "\n");
    Some(Command {
        name: name.to_owned(),
        properties: properties.collect(),
        data: data.replace("%25", "%"),
    })
}

fn annotations(stdout: &str) -> Vec<Command> {
    let commands = stdout.lines().filter_map(command);
    commands
        .filter(|command| !command.name.ends_with("group"))
        .collect()
}

#[test]
fn sample_as_github() {
    let outcome = check(&sample(), "github", &["sample"]).expect(1);
    assert_snapshot!(outcome.stdout);
}

/// The runner decodes the same values that the JSON report has, for any file name.
#[test]
fn github_runner_decodes_the_values() {
    let sandbox = hostile();
    let report = check(&sandbox, "json", &["bad-input"]).json();
    let mut reported: BTreeSet<_> = BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        reported.insert((
            text(&finding["path"]),
            finding["span"]["start"]["line"].to_string(),
            format!(
                "{} ({})",
                text(&finding["rule"]),
                text(&finding["severity"])
            ),
        ));
    }
    let stdout = check(&sandbox, "github", &["bad-input"]).stdout;
    let mut annotations = annotations(&stdout);
    // Those of the run have no file.
    annotations.retain(|command| command.properties.contains_key("file"));
    let read: BTreeSet<_> = annotations
        .iter()
        .map(|command| {
            let property = |key: &str| command.properties[key].clone();
            (property("file"), property("line"), property("title"))
        })
        .collect();
    let sanitized = |path: &str| path.replace("##vso[", "##vso\u{FF3B}");
    let reported = reported
        .into_iter()
        .map(|(path, line, title)| (sanitized(&path), line, title));
    assert_eq!(read, reported.collect());
    for command in &annotations {
        let allowed = ["file", "line", "endLine", "col", "endColumn", "title"];
        for key in command.properties.keys() {
            assert!(allowed.contains(&key.as_str()), "{command:?}");
        }
        assert!(command.data.contains("PKCE"), "{command:?}");
    }
    // The old syntax of a command may be anywhere in a line.
    assert!(!stdout.contains("##["), "{stdout}");
    assert!(!stdout.contains("##vso["), "{stdout}");
    // Each line is a command or plain text, and groups are closed.
    assert_eq!(
        stdout.matches("::group::").count(),
        stdout.matches("::endgroup::").count()
    );
}

/// GitHub shows ten annotations of each kind, so those with the highest severity come first.
#[test]
fn github_sorts_by_severity_and_reports_its_limit() {
    let sandbox = many(40);
    let outcome = check(&sandbox, "github", &["."]).expect(1);
    let commands = annotations(&outcome.stdout);
    assert_eq!(commands.len(), 40);
    let titles: Vec<&str> = commands
        .iter()
        .map(|command| &*command.properties["title"])
        .collect();
    let mut sorted = titles.clone();
    // `critical` sorts before `high`.
    sorted.sort_unstable();
    assert_eq!(titles, sorted);
    let last = outcome.stdout.lines().last().unwrap();
    assert!(
        last.starts_with(
            "GitHub shows 10 annotations of each kind per step: 30 more errors are only in this log."
        ),
        "{last}"
    );
    // With ten annotations, all are shown.
    let outcome = check(&many(10), "github", &["."]).expect(1);
    assert!(outcome.stdout.ends_with("::endgroup::\n"), "{outcome:?}");
    // Without findings, there is no output.
    let sandbox = Sandbox::with(&["sample"]);
    let outcome = check(&sandbox, "github", &["sample/config", "--allow-empty"]).expect(0);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn sample_as_gitlab() {
    let report = check(&sample(), "gitlab", &["sample"]).expect(1).json();
    assert_snapshot!(indented(&report));
}

#[test]
fn gitlab_follows_its_schema() {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/schemas/gitlab-code-quality.json"
    );
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = Sandbox::with(&["sample", "gates", "bad-input", "metadata-format"]);
    for project in ["one", "two"] {
        // The same component twice in one report.
        sandbox.write(format!("twice/{project}/sfdx-project.json"), "{}");
        sandbox.write_app(format!("twice/{project}/App.connectedApp"));
    }
    for arguments in [
        &["sample", "--min-severity=info"][..],
        &["gates", "metadata-format"],
        &["bad-input", "gone", "gone", "away"],
        &["twice"],
        &["sample/config"],
    ] {
        let report = check(&sandbox, "gitlab", arguments).json();
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{arguments:?}");
        // Issues with the same fingerprint are reported once.
        let all = report.as_array().unwrap();
        let fingerprints: BTreeSet<_> = all.iter().map(|it| it["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), all.len(), "{arguments:?}");
        let json = check(&sandbox, "json", arguments).json();
        let count = |key: &str| json[key].as_array().unwrap().len();
        assert!(all.len() >= count("findings"), "{arguments:?}");
    }
    assert!(!validator.is_valid(&json!([{ "description": "x" }])));
}

#[test]
fn sample_as_junit() {
    let outcome = check(&sample(), "junit", &["sample"]).expect(1);
    assert_snapshot!(outcome.stdout);
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

/// Properties that CI systems need and the schema does not require. Another test validates reports
/// against the schema.
#[test]
fn junit_has_what_ci_systems_need() {
    let sandbox = hostile();
    sandbox.write("two/a/sfdx-project.json", "{}");
    sandbox.write_app("two/a/App.connectedApp");
    sandbox.write("two/b/sfdx-project.json", "{}");
    sandbox.write_app("two/b/App.connectedApp");
    for arguments in [
        &["bad-input"][..],
        &["two"],
        &["two", "gone"],
        &["bad-input/hostile/gone"],
    ] {
        let stdout = check(&sandbox, "junit", arguments).stdout;
        let document = Document::parse(&stdout).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let number = |node: Node<'_, '_>, name: &str| -> usize {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let mut names = BTreeSet::new();
        let mut totals = [0; 3];
        for suite in elements(root) {
            let cases: Vec<_> = elements(suite).collect();
            assert_eq!(number(suite, "tests"), cases.len());
            let with = |name: &str| {
                let has = |case: &&Node<'_, '_>| elements(**case).any(|it| it.has_tag_name(name));
                cases.iter().filter(has).count()
            };
            for (attribute, element) in [
                ("failures", "failure"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ] {
                assert_eq!(number(suite, attribute), with(element));
            }
            totals[0] += cases.len();
            totals[1] += with("failure");
            totals[2] += with("error");
            for case in cases {
                // Jenkins shows one failure per test case and recognizes a test case by these two
                // names.
                assert!(elements(case).count() <= 1);
                let name = case.attribute("name").unwrap();
                let class = case.attribute("classname").unwrap();
                assert!(names.insert((class, name)), "{name} twice");
            }
        }
        let attributes = ["tests", "failures", "errors"];
        assert_eq!(attributes.map(|name| number(root, name)), totals);
        assert!(totals[0] > 0);
    }
}

/// A test case has the same name in every build, also if the finding moves.
#[test]
fn junit_names_do_not_depend_on_lines() {
    let sandbox = Sandbox::new();
    let names = |text: &str| {
        sandbox.write("App.connectedApp", text);
        let stdout = check(&sandbox, "junit", &["."]).expect(1).stdout;
        let document = Document::parse(&stdout).unwrap();
        let cases = document
            .descendants()
            .filter(|it| it.has_tag_name("testcase"));
        let names: Vec<String> = cases
            .map(|case| case.attribute("name").unwrap().to_owned())
            .collect();
        names
    };
    let text = app("https://portal.acme.example/callback");
    assert_eq!(
        names(&text),
        names(&text.replace("<oauthConfig>", "\n\n<oauthConfig>"))
    );
}

/// Neither an error nor a run without files is a passed test.
#[test]
fn junit_reports_errors_and_runs_without_files() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write("empty/sfdx-project.json", "{}");
    let stdout = check(&sandbox, "junit", &["empty", "--allow-empty"])
        .expect(0)
        .stdout;
    assert_snapshot!(stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="forcelint" tests="1" failures="0" errors="0">
      <testsuite name="forcelint" tests="1" failures="0" errors="0" skipped="1">
        <testcase name="all files were read" classname="forcelint">
          <skipped message="nothing was checked: no supported metadata found"/>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    let stdout = check(&sandbox, "junit", &["empty", "gone"])
        .expect(2)
        .stdout;
    assert!(
        stdout.contains(r#"<testcase name="gone" classname="forcelint">"#),
        "{stdout}"
    );
    assert!(
        stdout.contains(r#"<error message="does not exist"/>"#),
        "{stdout}"
    );
}

#[test]
fn sample_as_markdown() {
    let outcome = check(&sample(), "markdown", &["sample"]).expect(1);
    assert_snapshot!(outcome.stdout);
}

#[cfg(unix)]
#[test]
fn hostile_names_as_markdown() {
    let sandbox = hostile();
    let outcome = check(&sandbox, "markdown", &["bad-input", "gone\u{1b}|@x"]).expect(2);
    assert_snapshot!(outcome.stdout);
}

/// GitHub rejects a comment that is too long.
#[test]
fn markdown_is_truncated_with_a_note() {
    for (count, note) in [
        (20, None),
        (1_000, Some("in this table**, because a comment on GitHub")),
    ] {
        let sandbox = many(count);
        let stdout = check(&sandbox, "markdown", &["."]).expect(1).stdout;
        assert!(stdout.len() <= 65_536, "{}", stdout.len());
        let is_truncated = stdout.contains("not shown");
        assert_eq!(is_truncated, note.is_some(), "{stdout}");
        if let Some(sentence) = note {
            assert!(stdout.len() > 50_000, "{}", stdout.len());
            assert!(stdout.contains(sentence));
            assert!(stdout.contains("not shown here."));
            // No finding of a higher severity comes after one of a lower severity.
            let (head, _) = stdout.split_once("not shown in this table").unwrap();
            let first_high = head.find("\n| high |").unwrap_or(head.len());
            assert!(!head[first_high..].contains("\n| critical |"));
        }
        let opened = stdout.matches("<details>").count();
        assert_eq!(opened, stdout.matches("</details>").count());
        // The numbers include findings that are not shown.
        assert!(
            stdout.contains(&format!("{} critical", count.div_ceil(3))),
            "{stdout}"
        );
    }
}

#[test]
fn markdown_title_has_the_result() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write("empty/sfdx-project.json", "{}");
    let title = |arguments: &[&str]| {
        let stdout = check(&sandbox, "markdown", arguments).stdout;
        stdout.lines().next().unwrap().to_owned()
    };
    let found = "2 critical, 5 high, 4 medium, 1 low";
    assert_eq!(
        title(&["sample"]),
        format!("## ❌ forcelint: {found}; 1 rule not checked")
    );
    assert_eq!(
        title(&["sample", "gone"]),
        format!("## ⚠️ forcelint could not check everything: {found}; 1 rule not checked")
    );
    assert_eq!(
        title(&["sample", "--fail-on=never"]),
        format!("## ⚠️ forcelint: {found}; 1 rule not checked")
    );
    let text = app("https://portal.acme.example/callback");
    let flag = "<isPkceRequired>true</isPkceRequired></oauthConfig>";
    sandbox.write("Clean.connectedApp", text.replace("</oauthConfig>", flag));
    assert_eq!(
        title(&["Clean.connectedApp"]),
        "## ✅ forcelint: no findings"
    );
    assert_eq!(
        title(&["empty", "--allow-empty"]),
        "## ⚪ forcelint: nothing was checked"
    );
}

/// A safe fix is shown as a diff. One that needs a rollout or has a secret is not.
#[test]
fn markdown_shows_safe_fixes_as_diffs() {
    let sandbox = Sandbox::with(&["sample"]);
    let markdown = |arguments: &[&str]| check(&sandbox, "markdown", arguments).stdout;
    let app = "sample/force-app/main/default/connectedApps/CI_Pipeline_JWT.connectedApp-meta.xml";
    let shown = markdown(&[app]);
    let diff = "  ```diff\n\
                \x20 -        <isPkceRequired>false</isPkceRequired>\n\
                \x20 +        <isPkceRequired>true</isPkceRequired>\n\
                \x20 ```\n";
    assert!(shown.contains(diff), "{shown}");
    let text = fs::read_to_string(sandbox.path(app)).unwrap();
    // A missing field.
    let line = "        <isPkceRequired>false</isPkceRequired>\n";
    assert!(text.contains(line));
    sandbox.write(app, text.replace(line, ""));
    let shown = markdown(&[app]);
    let diff = "  ```diff\n  +        <isPkceRequired>true</isPkceRequired>\n  ```\n";
    assert!(shown.contains(diff), "{shown}");
    // A secret in the line that changes.
    let secret = "3MVG9".to_owned() + &"xY7k2Lq9Rt".repeat(6);
    let inline = format!(
        "<consumerSecret>{secret}</consumerSecret><isPkceRequired>false</isPkceRequired>\n"
    );
    sandbox.write(app, text.replace(line, &inline));
    let shown = markdown(&[app]);
    assert!(
        !shown.contains("```diff") && !shown.contains(&secret),
        "{shown}"
    );
    // A finding whose fix needs a rollout.
    let app = "sample/force-app/main/default/connectedApps/Legacy_ERP.connectedApp-meta.xml";
    assert!(!markdown(&[app]).contains("```diff"));
}

/// What is new comes first, in a few screens. The rest is folded.
#[test]
fn markdown_is_short_before_the_fold() {
    let sandbox = many(1_000);
    let stdout = check(&sandbox, "markdown", &["."]).expect(1).stdout;
    let (before, folded) = stdout.split_once("<details>").unwrap();
    assert!(before.lines().count() < 60, "{before}");
    assert!(before.contains("### Worst first"), "{before}");
    assert!(
        folded.contains("<summary>All 1000 findings</summary>"),
        "{folded}"
    );
}

/// On the page of a CI job, relative links are broken.
#[test]
fn markdown_links_to_the_commit_in_ci() {
    let sandbox = sample();
    let run = |variables: &[(&str, &str)]| {
        let arguments = [
            "check",
            "sample",
            "--select=pkce-required",
            "--format=markdown",
        ];
        let mut check = sandbox.forcelint(arguments);
        for (name, value) in variables {
            check = check.env(name, value);
        }
        check.run().expect(1).stdout
    };
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/org"),
        ("GITHUB_SHA", "0123abc"),
    ];
    let path = "force-app/main/default/connectedApps/Legacy_ERP.connectedApp-meta.xml#L14)";
    assert!(run(&github).contains(&format!(
        "](https://github.com/acme/org/blob/0123abc/{path}"
    )));
    let gitlab = [
        ("GITLAB_CI", "true"),
        ("CI_PROJECT_URL", "https://gitlab.com/acme/org"),
        ("CI_COMMIT_SHA", "0123abc"),
    ];
    assert!(run(&gitlab).contains(&format!(
        "](https://gitlab.com/acme/org/-/blob/0123abc/{path}"
    )));
    // With unexpected values, links are relative.
    let mut unexpected = github;
    for repository in ["acme/org)<script>", "", "a b"] {
        unexpected[2].1 = repository;
        assert!(run(&unexpected).contains(&format!("]({path}")));
    }
}

#[test]
fn unknown_format_lists_the_formats() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .forcelint(["check", "--format=junti"])
        .run()
        .expect(2);
    let formats = "expected pretty, concise, json, jsonl, agent, sarif, github, gitlab, junit, markdown or html";
    assert!(outcome.stderr.contains(formats), "{outcome:?}");
}
