//! `report merge`: the reports of many repositories as one.

use std::fs;

use serde_json::{Value, json};

use crate::repository::git_command;
use crate::support::{Outcome, Sandbox};

const PROJECT: &str = r#"{ "name": "crm", "packageDirectories": [{ "path": "force-app" }] }"#;

/// Checks a project with the PKCE rules and writes `<name>.jsonl` beside it.
fn check(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> Outcome {
    let format = format!("--format=jsonl={name}.jsonl");
    let all = ["check", name, "--quiet", &format];
    sandbox.forcelint(all.iter().chain(arguments)).run()
}

/// The same with all rules.
fn check_all(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> Outcome {
    let format = format!("--format=jsonl={name}.jsonl");
    let all = ["check", name, "--quiet", &format];
    sandbox.with_every_rule(all.iter().chain(arguments)).run()
}

fn merge(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["report", "merge"];
    sandbox.forcelint(all.iter().chain(arguments)).run()
}

fn merged(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let format = ["--format=json"];
    merge(sandbox, &[arguments, &format].concat()).json()
}

/// The result of each repository, in the order of the report.
fn results(report: &Value) -> Vec<(&str, &str)> {
    let repositories = report["repositories"].as_array().unwrap().iter();
    repositories
        .map(|it| (it["name"].as_str().unwrap(), it["result"].as_str().unwrap()))
        .collect()
}

/// The remote site of a project without findings.
const SITE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<RemoteSiteSetting xmlns="http://soap.sforce.com/2006/04/metadata">
    <disableProtocolSecurity>false</disableProtocolSecurity>
    <isActive>true</isActive>
    <url>https://portal.acme.example</url>
</RemoteSiteSetting>
"#;

pub fn write_clean(sandbox: &Sandbox, name: &str) {
    sandbox.write(format!("{name}/sfdx-project.json"), PROJECT);
    sandbox.write(format!("{name}/force-app/Portal.remoteSite-meta.xml"), SITE);
}

/// The reports of a project with findings, one with accepted findings, and one without findings.
fn three() -> Sandbox {
    let sandbox = Sandbox::with(&["sample", "adopted"]);
    write_clean(&sandbox, "clean");
    check(&sandbox, "sample", &[]).expect(1);
    check(&sandbox, "adopted", &[]).expect(1);
    check_all(&sandbox, "clean", &[]).expect(0);
    sandbox
}

const FILES: [&str; 3] = ["sample.jsonl", "adopted.jsonl", "clean.jsonl"];

#[test]
fn repositories_are_listed_with_the_worst_first() {
    let sandbox = three();
    let outcome = merge(&sandbox, &FILES).expect(0);
    insta::assert_snapshot!(outcome.stdout);
    assert_eq!(outcome.stderr, "");
    let markdown = merge(&sandbox, &[&FILES[..], &["--format=markdown"]].concat());
    insta::assert_snapshot!(markdown.expect(0).stdout);
    let csv = merge(&sandbox, &[&FILES[..], &["--format=csv"]].concat());
    insta::assert_snapshot!(csv.expect(0).stdout);
}

#[test]
fn json_follows_its_schema() {
    let schema = include_str!("../../docs/merged-report.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let sandbox = three();
    let report = merged(&sandbox, &FILES);
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|it| it.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(report["complete"], true);
    assert_eq!(
        results(&report),
        [
            ("sample", "fails"),
            ("adopted", "fails"),
            ("clean", "passes")
        ]
    );
    // The numbers are those of the single reports.
    let single = |name: &str| {
        let outcome = sandbox.forcelint(["check", name, "--format=json"]).run();
        outcome.json()["summary"].clone()
    };
    for (at, name) in ["sample", "adopted", "clean"].into_iter().enumerate() {
        let (one, summary) = (&report["repositories"][at], single(name));
        assert_eq!(one["findings"], summary["findings"], "{name}");
        assert_eq!(one["baseline"], summary["suppressed"]["baseline"], "{name}");
    }
    let exceptions = report["exceptions"].as_array().unwrap();
    let dates: Vec<_> = exceptions
        .iter()
        .map(|it| (&it["expires"], &it["expired"]))
        .collect();
    assert_eq!(
        dates,
        [
            (&json!("2026-06-30"), &json!(true)),
            (&json!("2099-03-31"), &json!(false))
        ]
    );
    assert!(!validator.is_valid(&json!({ "version": 1, "repositories": [] })));
}

/// `cat *.jsonl` is a report as well, and so is a folder.
#[test]
fn files_can_be_joined_and_in_folders() {
    let sandbox = three();
    let separate = merged(&sandbox, &FILES);
    let lines = FILES.map(|it| fs::read_to_string(sandbox.path(it)).unwrap());
    sandbox.write("joined/all.jsonl", lines.concat());
    sandbox.write("joined/other.txt", "not a report");
    sandbox.write("list.txt", "joined/all.jsonl\n");
    for argument in ["joined", "joined/all.jsonl", "@list.txt"] {
        let mut joined = merged(&sandbox, &[argument]);
        for (at, repository) in joined["repositories"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            repository["file"] = separate["repositories"][at]["file"].clone();
        }
        assert_eq!(joined, separate, "{argument}");
    }
}

#[test]
fn a_truncated_report_is_an_error_and_the_rest_is_merged() {
    let sandbox = three();
    let whole = fs::read_to_string(sandbox.path("sample.jsonl")).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let without_end = lines[..lines.len() - 1].concat();
    let without_finding = [&lines[..1], &lines[2..]].concat().concat();
    let half = &whole[..whole.len() / 2];
    for (text, expected) in [
        (
            without_end.as_str(),
            "is truncated: the run of `sample` has no summary",
        ),
        (half, "is not a line of `forcelint check --format jsonl`"),
        (
            &without_finding,
            "other numbers of findings in the summary of `sample`",
        ),
        (&lines[1..].concat(), "line 1 belongs to no run"),
        ("", "is empty: the run wrote no report"),
        ("<html>", "line 1 is not a line of"),
        (
            r#"{"version":2,"kind":"run"}"#,
            "has version 2 of the format",
        ),
    ] {
        sandbox.write("sample.jsonl", text);
        let arguments = [&FILES[..], &["--format=json"]].concat();
        let outcome = merge(&sandbox, &arguments).expect(2);
        assert!(
            outcome.stderr.contains("error: sample.jsonl "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains(expected),
            "{expected}: {}",
            outcome.stderr
        );
        let report = outcome.json();
        assert_eq!(report["complete"], false);
        let results = results(&report);
        let (rest, damaged) = results.split_at(results.len() - 2);
        assert_eq!(damaged, [("adopted", "fails"), ("clean", "passes")]);
        // The repository is listed if its name is known.
        let is_named = text.contains("\"kind\":\"run\"") && !text.contains("\"version\":2");
        assert_eq!(
            rest,
            if is_named {
                &[("sample", "incomplete")][..]
            } else {
                &[]
            },
            "{expected}"
        );
    }
    // In the middle of joined reports, the lines of one run are not added to another.
    let others = ["adopted.jsonl", "clean.jsonl"];
    let others = others.map(|it| fs::read_to_string(sandbox.path(it)).unwrap());
    sandbox.write("all.jsonl", [half, &others[0], &others[1]].concat());
    let report = merged(&sandbox, &["all.jsonl"]);
    assert_eq!(
        results(&report),
        [("sample", "incomplete"), ("clean", "passes")]
    );
    sandbox.write(
        "all.jsonl",
        [without_end.as_str(), &others[0], &others[1]].concat(),
    );
    let report = merged(&sandbox, &["all.jsonl"]);
    assert_eq!(
        results(&report),
        [
            ("sample", "incomplete"),
            ("adopted", "fails"),
            ("clean", "passes")
        ]
    );
}

#[test]
fn missing_files_and_folders_without_reports_are_errors() {
    let sandbox = three();
    sandbox.write("empty/note.txt", "");
    let outcome = merge(&sandbox, &["clean.jsonl", "gone.jsonl", "empty"]).expect(2);
    assert!(
        outcome
            .stderr
            .contains("error: empty has no file named `*.jsonl`"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("error: gone.jsonl cannot be read"),
        "{}",
        outcome.stderr
    );
    merge(&sandbox, &[]).expect(2);
    let two = merge(&sandbox, &["clean.jsonl", "--format=csv", "--format=json"]).expect(2);
    assert!(
        two.stderr.contains("only one report can go to stdout"),
        "{}",
        two.stderr
    );
}

#[test]
fn a_repository_with_errors_is_incomplete() {
    let sandbox = three();
    sandbox.write("clean/force-app/Broken.connectedApp-meta.xml/x", "");
    sandbox.write("clean/sfdx-project.json", "{");
    check_all(&sandbox, "clean", &[]).expect(2);
    let outcome = merge(
        &sandbox,
        &["clean.jsonl", "adopted.jsonl", "--format=html=page.html"],
    )
    .expect(2);
    assert_eq!(outcome.stderr, "");
    assert!(
        outcome.stdout.contains("Not fully checked\n  clean: "),
        "{}",
        outcome.stdout
    );
    let page = fs::read_to_string(sandbox.path("page.html")).unwrap();
    assert!(page.contains("<p class=\"word\">Incomplete</p>"), "{page}");
    assert!(
        page.contains("These repositories could not be fully checked"),
        "{page}"
    );
    let report = merged(&sandbox, &["clean.jsonl", "adopted.jsonl"]);
    assert_eq!(
        results(&report),
        [("clean", "incomplete"), ("adopted", "fails")]
    );
    assert_eq!(report["repositories"][0]["controls"]["passed"], 0);
}

#[test]
fn a_run_over_a_part_is_not_a_pass() {
    let sandbox = three();
    write_clean(&sandbox, "clean");
    let site = "clean/force-app/Portal.remoteSite-meta.xml";
    for arguments in [
        &["clean", "--ignore=pkce-required"][..],
        &["clean", "--select=remote-site-http"],
        &[site],
    ] {
        let all = ["check", "--quiet", "--format=jsonl=clean.jsonl"];
        sandbox
            .with_every_rule(all.iter().chain(arguments))
            .run()
            .expect(0);
        let report = merged(&sandbox, &["clean.jsonl"]);
        let repository = &report["repositories"][0];
        assert_ne!(repository["result"], "passes", "{repository}");
        assert_eq!(repository["controls"]["passed"], 0, "{repository}");
        assert_ne!(repository["notes"], json!([]), "{repository}");
    }
}

/// So that a reader sees that its report was merged.
#[test]
fn a_project_without_findings_or_files_is_listed() {
    let sandbox = three();
    sandbox.write("empty/sfdx-project.json", PROJECT);
    sandbox.write("empty/force-app/README.md", "");
    check_all(&sandbox, "empty", &["--allow-empty"]).expect(0);
    let files = ["clean.jsonl", "empty.jsonl"];
    let report = merged(&sandbox, &files);
    assert_eq!(
        results(&report),
        [("empty", "partly-checked"), ("clean", "passes")]
    );
    for format in ["pretty", "markdown", "html", "csv"] {
        let format = format!("--format={format}");
        let outcome = merge(&sandbox, &[&files[..], &[&format]].concat());
        let report = outcome.expect(0).stdout;
        let names = ["clean", "empty"].map(|name| report.matches(name).count());
        assert!(names.iter().all(|it| *it > 0), "{format}: {report}");
    }
}

#[test]
fn a_repository_is_merged_once() {
    let sandbox = three();
    fs::copy(sandbox.path("clean.jsonl"), sandbox.path("copy.jsonl")).unwrap();
    let outcome = merge(&sandbox, &["clean.jsonl", "copy.jsonl", "--format=json"]).expect(2);
    let expected = "error: copy.jsonl has the same repository and project as `clean.jsonl`: `clean`. It is not merged.";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    assert_eq!(results(&outcome.json()), [("clean", "passes")]);
    check_all(&sandbox, "clean", &["--repository=acme/other"]).expect(0);
    let report = merged(&sandbox, &["clean.jsonl", "copy.jsonl"]);
    assert_eq!(
        results(&report),
        [("acme/other", "passes"), ("clean", "passes")]
    );
    assert_eq!(report["complete"], true);
}

/// A run that never fails has findings all the same, and numbers in a report can be of any size.
#[test]
fn findings_decide_the_result() {
    let sandbox = three();
    let clean = fs::read_to_string(sandbox.path("clean.jsonl")).unwrap();
    let (first, last) = clean.split_once('\n').unwrap();
    let root = first.split_once("\"kind\"").unwrap().0;
    for (severity, count, result) in [
        ("info", "1", "passes"),
        ("low", "1", "fails"),
        ("critical", "18446744073709551615", "fails"),
    ] {
        let more =
            format!("{root}\"kind\":\"more\",\"severity\":\"{severity}\",\"count\":{count}}}");
        // The first numbers by severity in the summary are those of the findings.
        let (zero, number) = (
            format!("\"{severity}\":0"),
            format!("\"{severity}\":{count}"),
        );
        let last = last.replacen(&zero, &number, 1);
        sandbox.write("clean.jsonl", format!("{first}\n{more}\n{last}"));
        let report = merged(&sandbox, &["clean.jsonl"]);
        assert_eq!(results(&report), [("clean", result)], "{severity}");
    }
}

fn run_line(sandbox: &Sandbox, name: &str) -> Value {
    let text = fs::read_to_string(sandbox.path(&format!("{name}.jsonl"))).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    serde_json::from_str(text.lines().next().unwrap()).unwrap()
}

/// The name of the repository, its server, and what the name comes from.
fn identity(run: &Value) -> Value {
    json!([run["repository"], run["host"], run["named_by"]])
}

#[test]
fn a_repository_has_the_name_of_its_remote() {
    let sandbox = Sandbox::new();
    write_clean(&sandbox, "clone");
    let git = |arguments: &[&str]| {
        let output = git_command(&sandbox.path("clone"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    check_all(&sandbox, "clone", &[]).expect(0);
    let named = run_line(&sandbox, "clone");
    assert_eq!(identity(&named), json!(["clone", null, "folder"]));
    let in_ci = |variables: &[(&str, &str)]| {
        let arguments = ["check", "clone", "--quiet", "--format=jsonl=clone.jsonl"];
        let mut run = sandbox.with_every_rule(arguments);
        for (name, value) in variables {
            run = run.env(name, value);
        }
        run.run().expect(0);
        identity(&run_line(&sandbox, "clone"))
    };
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/here"),
    ];
    let by_variable = json!(["acme/here", null, "ci-variable"]);
    assert_eq!(in_ci(&variables), by_variable);
    git(&[
        "remote",
        "add",
        "origin",
        "https://ci:hunter2@github.com/acme/crm.git?key=hunter2",
    ]);
    let by_remote = json!(["acme/crm", "github.com", "remote"]);
    // A job can check clones of other repositories.
    assert_eq!(in_ci(&variables), by_remote);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message=project"]);
    check_all(&sandbox, "clone", &[]).expect(0);
    let state = &run_line(&sandbox, "clone")["git"][0];
    assert_eq!(
        (&state["branch"], &state["changed"]),
        (&json!("main"), &json!(0))
    );
    assert_eq!(state["commit"].as_str().unwrap().len(), 40);
}

/// Sets every number in a line to the largest one.
fn maximize(value: &mut Value) {
    match value {
        Value::Number(number) => *number = u64::MAX.into(),
        Value::Array(values) => values.iter_mut().for_each(maximize),
        Value::Object(values) => {
            let numbers = values.iter_mut();
            let numbers =
                numbers.filter(|(key, _)| !["version", "exit_status"].contains(&key.as_str()));
            numbers.for_each(|(_, value)| maximize(value));
        }
        _ => {}
    }
}

#[test]
fn numbers_of_reports_can_be_of_any_size() {
    let sandbox = three();
    for file in FILES {
        let text = fs::read_to_string(sandbox.path(file)).unwrap();
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let state =
            json!({ "path": "", "commit": null, "branch": null, "changed": 1, "untracked": 1 });
        lines[0]["git"] = json!([state, state]);
        for line in lines.iter_mut().filter(|it| it["kind"] == "finding") {
            line["count"] = json!(1);
        }
        lines.iter_mut().for_each(maximize);
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        sandbox.write(file, lines.concat());
    }
    for format in ["pretty", "markdown", "csv", "json", "html"] {
        let format = format!("--format={format}");
        let all = [&FILES[..], &[&format]].concat();
        let outcome = merge(&sandbox, &all).expect(2);
        let problem = "other numbers of findings in the summary of `sample`";
        assert!(outcome.stderr.contains(problem), "{outcome:?}");
        if format == "--format=json" {
            let note = format!("files that differ from the commit: {}", u64::MAX);
            assert!(outcome.stdout.contains(&note), "{}", outcome.stdout);
        }
    }
}

/// Anyone can send a report, so that its texts are as hostile as those of a scanned file.
#[test]
fn texts_of_reports_are_sanitized() {
    let sandbox = three();
    let text = fs::read_to_string(sandbox.path("adopted.jsonl")).unwrap();
    let hostile = [
        "=HYPERLINK(1)<script>alert(1)</script>",
        "\u{1b}[31m\u{202e}##[error]x",
        "a,\"b\"\n::error::y | @team",
    ];
    let mut arguments = Vec::new();
    for (at, name) in hostile.iter().enumerate() {
        let name = serde_json::to_string(name).unwrap();
        let text = text
            .replace(
                "\"repository\":\"adopted\"",
                &format!("\"repository\":{name}"),
            )
            .replace("\"acme-adopted\"", &name)
            .replace("\"integration team\"", &name)
            .replace("\"name\":\"Mobile_Portal\"", &format!("\"name\":{name}"));
        let file = format!("{at}.jsonl");
        sandbox.write(&file, text);
        arguments.push(file);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for format in ["pretty", "markdown", "json", "csv", "html"] {
        let format = format!("--format={format}");
        let outcome = merge(&sandbox, &[&arguments[..], &[&format]].concat()).expect(0);
        let text = outcome.stdout;
        for raw in ["\u{1b}", "\u{202e}", "##[error]", "\n::error"] {
            assert!(!text.contains(raw), "{format} has {raw:?}: {text}");
        }
        match format.as_str() {
            "--format=html" => assert!(
                !text.contains("<script>") && text.contains("&lt;script&gt;"),
                "{text}"
            ),
            "--format=markdown" => {
                assert!(!text.contains("@team") || text.contains("`a,"), "{text}")
            }
            "--format=csv" => assert!(text.contains("\n'=HYPERLINK"), "{text}"),
            _ => {}
        }
    }
}
