//! `check --audit`: for reviewers who do not trust the branch.

use std::fs;

use serde_json::{Value, json};

use crate::repository::{PUBLIC, Repository, SETTINGS, STRICT};
use crate::support::{Outcome, Sandbox, project_with};

fn audit(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--audit", "--format=json"].iter();
    sandbox.forcelint(all.chain(arguments)).run()
}

/// The path of each finding, with what excludes its file.
fn findings(report: &Value) -> Vec<(String, Value)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let paths = findings.map(|it| {
        let path = it["path"].as_str().unwrap().to_owned();
        (path, it["ignored_by"].clone())
    });
    paths.collect()
}

#[test]
fn ignored_files_are_checked_and_marked() {
    let repository = Repository::empty();
    let apps = [
        ("force-app/A", Value::Null),
        ("force-app/generated/G", json!("gitignore")),
        ("force-app/ignored/I", json!("forceignore")),
        ("force-app/node_modules/package/N", json!("forceignore")),
        ("scripts/outside/O", Value::Null),
    ];
    let path = |app: &str| format!("{app}.connectedApp-meta.xml");
    for (app, _) in &apps {
        repository.sandbox.write_app(path(app));
    }
    repository.write(".gitignore", "generated/\n");
    repository.write(".forceignore", "**/ignored/**\n**/node_modules\n");
    repository.git(["add", "--force", "force-app/ignored"]);
    let expected: Vec<_> = apps.map(|(app, by)| (path(app), by)).into();

    let outcome = audit(&repository.sandbox, &[]).expect(1);
    let report = outcome.json();
    assert_eq!(findings(&report), expected);
    let ignored = json!({ "forceignore": 2, "gitignore": 1 });
    assert_eq!(report["summary"]["ignored"], ignored);
    assert_eq!(report["summary"]["skipped"], json!({}));
    assert_eq!(report["command_line"]["audit"], true);
    let notice = "audit: config, baseline, comments and ignore files of the repository do not apply; \
                  checked although they are ignored: 2 files (.forceignore), 1 file (.gitignore)";
    assert!(outcome.stderr.contains(notice), "{}", outcome.stderr);
    let message = report["findings"][1]["message"].as_str().unwrap();
    assert!(
        message.ends_with("The file is excluded by .gitignore."),
        "{message}"
    );

    // The same for named files and folders.
    for (path, by) in &expected {
        let folder = path.rsplit_once('/').unwrap().0;
        for named in [path.as_str(), folder] {
            let report = audit(&repository.sandbox, &[named]).expect(1).json();
            let found = findings(&report);
            assert!(
                found.contains(&(path.clone(), by.clone())),
                "{named}: {found:?}"
            );
        }
    }
    // An ordinary run checks only what is deployed.
    let outcome = repository
        .sandbox
        .forcelint(["check", "--format=json"])
        .run();
    let deployed = (expected[0].0.clone(), Value::Null);
    assert_eq!(findings(&outcome.json()), [deployed]);
}

/// The content of an ignored file is not used: it may not be deployed, or it may be deployed and the ignore file
/// is there to mislead.
#[test]
fn ignored_files_lower_no_severity() {
    let repository = Repository::empty();
    repository.app("A", PUBLIC);
    repository.write(SETTINGS, STRICT);
    let severity = || {
        let report = audit(&repository.sandbox, &[]).expect(1).json();
        let mut findings = report["findings"].as_array().unwrap().iter();
        let finding = findings.find(|it| it["rule"] == "pkce-required").unwrap();
        finding["severity"].clone()
    };
    assert_eq!(severity(), "high");
    for file in [".forceignore", ".gitignore"] {
        repository.write(file, "settings\n");
        assert_eq!(severity(), "critical", "{file}");
        fs::remove_file(repository.path(file)).unwrap();
    }
}

#[test]
fn evidence_in_ignored_files_is_unknown() {
    let sandbox = Sandbox::new();
    let eca = |kind: &str, elements: &str| {
        format!(
            "<ExtlClntApp{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
             <externalClientApplication>A</externalClientApplication>\n{elements}\n</ExtlClntApp{kind}>\n"
        )
    };
    let canvas = eca("CanvasSettings", "<accessMethod>Get</accessMethod>");
    sandbox.write("canvas/A.ecaCanvas-meta.xml", canvas);
    let strict = "<isPkceRequired>true</isPkceRequired>";
    let oauth = eca("GlobalOauthSettings", strict);
    sandbox.write("oauth/A.ecaGlblOauth-meta.xml", oauth);
    let run = || audit(&sandbox, &["--select=canvas-get-without-pkce"]);
    run().expect(0);
    sandbox.write(".forceignore", "oauth\n");
    let report = run().expect(1).json();
    let reason = &report["summary"]["not_checked"][0]["reason"];
    let expected = "a file of the type ExtlClntAppGlobalOauthSettings is excluded by .forceignore, so that it \
                    may not be deployed";
    assert_eq!(reason, expected, "{report}");
}

#[test]
fn settings_come_from_outside_the_repository() {
    let outer = Sandbox::new();
    outer.write_app("project/force-app/A.connectedApp");
    outer.write(
        "project/sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    let exception = "[[exception]]\nrule = \"pkce-required\"\nreason = \"known\"\npath = \"**\"\n";
    outer.write("project/forcelint.toml", exception);
    outer.write("reviewed.toml", exception);
    outer.write("baseline.toml", "baseline = \"project/baseline.json\"");
    audit(&outer, &["project"]).expect(1);
    audit(&outer, &["project", "--config=reviewed.toml"]).expect(0);
    for config in [
        "project/forcelint.toml",
        "project/../project/forcelint.toml",
        "baseline.toml",
    ] {
        let config = format!("--config={config}");
        let error = audit(&outer, &["project", &config]).expect(2).stderr;
        // The message is wrapped, depending on the length of the path.
        let words = error.replace('│', " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        assert!(words.join(" ").contains("is in the audited"), "{error}");
    }
    // A broken config is not read.
    outer.write("project/forcelint.toml", "select = 1");
    audit(&outer, &["project"]).expect(1);
}

#[test]
fn options_that_contradict_an_audit_are_errors() {
    let sandbox = project_with(&["A"]);
    for option in [
        "--fix",
        "--diff",
        "--baseline=b.json",
        "--since=HEAD",
        "--staged",
        "--stdin-filename=A.connectedApp",
        "--force-exclude",
    ] {
        let error = sandbox
            .forcelint(["check", "--audit", option])
            .run()
            .expect(2);
        assert!(
            error.stderr.contains("cannot be used with"),
            "{option}: {error:?}"
        );
    }
}

/// A piece that is ignored is not a part of the component that is deployed.
#[test]
fn ignored_pieces_complete_no_component() {
    let sandbox = Sandbox::with(&["decomposed"]);
    let report = |arguments: &[&str]| {
        let all = ["check", "--audit", "--format=json"]
            .iter()
            .chain(arguments);
        sandbox.with_every_rule(all).run().json()
    };
    let count = |report: &Value| report["findings"].as_array().unwrap().len();
    let before = report(&[]);
    assert_eq!(before["summary"]["ignored"], json!({}));
    sandbox.write("decomposed/.forceignore", "**\n");
    let after = report(&[]);
    assert!(count(&after) > 0);
    let marked = after["findings"].as_array().unwrap().iter();
    assert!(
        marked
            .filter(|it| it["ignored_by"] == "forceignore")
            .count()
            * 2
            > count(&before),
        "{after}"
    );
}
