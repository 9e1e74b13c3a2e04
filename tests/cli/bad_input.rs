//! Malformed metadata and invalid projects: each is reported, and the run continues.

use std::fs;

use insta::assert_snapshot;

use crate::support::{APPS, Sandbox, app, indented};

#[test]
fn malformed_files_on_a_terminal() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let check = sandbox.forcelint(["check", "--format=pretty", "--quiet"]);
    assert_snapshot!(check.in_folder("bad-input/files").run().expect(1).stdout);
}

#[test]
fn malformed_files_on_a_terminal_of_60_columns() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let check = sandbox.forcelint(["check", "--format=pretty", "--quiet"]);
    let check = check.env("COLUMNS", "60").in_folder("bad-input/files");
    assert_snapshot!(check.run().expect(1).stdout);
}

#[test]
fn malformed_files_as_concise() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let check = sandbox.forcelint(["check"]).in_folder("bad-input/files");
    assert_snapshot!(check.run().expect(1).whole());
}

#[test]
fn malformed_files_as_json() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let check = sandbox
        .forcelint(["check", "--format=json"])
        .in_folder("bad-input/files");
    assert_snapshot!(indented(&check.run().expect(1).json()));
}

/// Options and rule settings do not turn `malformed-metadata` off.
#[test]
fn malformed_files_are_always_reported() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let malformed = |arguments: &[&str]| {
        let outcome = sandbox
            .forcelint(["check", "--format=json"].iter().chain(arguments))
            .in_folder("bad-input/files")
            .run();
        let report = outcome.json();
        let findings = report["findings"].as_array().unwrap().iter();
        (
            findings
                .filter(|it| it["rule"] == "malformed-metadata")
                .count(),
            outcome.code,
        )
    };
    assert_eq!(malformed(&[]), (17, Some(1)));
    assert_eq!(malformed(&["--ignore=malformed-metadata"]), (17, Some(1)));
    assert_eq!(malformed(&["--ignore=metadata"]), (17, Some(1)));
    assert_eq!(malformed(&["--select=pkce-required"]), (17, Some(1)));
    assert_eq!(malformed(&["--select=malformed-metadata"]), (17, Some(1)));
    assert_eq!(
        malformed(&["--select=pkce-required", "--ignore=malformed-metadata"]),
        (17, Some(1))
    );
}

#[test]
fn malformed_files_are_not_fixed() {
    let sandbox = Sandbox::with(&["bad-input/files"]);
    let apps = sandbox.path(&format!("bad-input/files/{APPS}"));
    let read = || -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(&apps)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name() != "Healthy.connectedApp-meta.xml")
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let before = read();
    assert_eq!(before.len(), 17);
    sandbox
        .forcelint(["check", "bad-input", "--fix=all"])
        .run()
        .expect(1);
    assert_eq!(read(), before);
}

#[test]
fn nesting_is_limited_to_64_levels() {
    let sandbox = Sandbox::new();
    let deep = |levels: usize| {
        let (open, close) = ("<a>".repeat(levels), "</a>".repeat(levels));
        format!("<ConnectedApp>{open}{close}</ConnectedApp>")
    };
    sandbox.write("Deep.connectedApp", deep(20_000));
    sandbox.write("Deepest_Allowed.connectedApp", deep(63));
    sandbox.write("One_Too_Deep.connectedApp", deep(64));
    let outcome = sandbox.forcelint(["check", "."]).run().expect(1);
    assert_snapshot!(outcome.stdout);
}

/// A file of 64 MiB is checked. A larger one is reported without reading it completely.
#[test]
fn file_size_is_limited_to_64_mib() {
    let sandbox = Sandbox::new();
    let size = 64 * 1024 * 1024;
    let mut text = app("https://portal.acme.example/callback").into_bytes();
    text.resize(size, b' ');
    sandbox.write("Largest.connectedApp", &text);
    text.push(b' ');
    sandbox.write("Too_Large.connectedApp", &text);
    let outcome = sandbox.forcelint(["check", "."]).run().expect(1);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn invalid_projects_as_concise() {
    let sandbox = Sandbox::with(&["bad-input/projects"]);
    let outcome = sandbox
        .forcelint(["check", "bad-input/projects"])
        .run()
        .expect(2);
    assert_snapshot!(outcome.whole());
}

/// The JSON report has the errors, and no fixes for files of these projects.
#[test]
fn invalid_projects_as_json() {
    let sandbox = Sandbox::with(&["bad-input/projects"]);
    sandbox.make_repository("bad-input");
    let outcome = sandbox
        .forcelint(["check", "bad-input/projects", "--format=json"])
        .run()
        .expect(2);
    let report = outcome.json();
    let mut text = indented(&report["errors"]);
    for finding in report["findings"].as_array().unwrap() {
        let path = finding["path"].as_str().unwrap();
        let project = path.split('/').nth(1).unwrap();
        let help = finding["help"].as_str().unwrap();
        text.push_str(&format!(
            "{project}, fix: {}: {help}\n",
            !finding["fix"].is_null()
        ));
    }
    assert_snapshot!(text);
}

#[test]
fn missing_package_directory_is_an_error_for_the_project() {
    let sandbox = Sandbox::with(&["bad-input/projects/missing-directory"]);
    let check = sandbox
        .forcelint(["check"])
        .in_folder("bad-input/projects/missing-directory");
    let outcome = check.run().expect(2);
    let missing = "gone is a package directory in sfdx-project.json, but does not exist\n";
    assert!(outcome.stderr.contains(missing), "{outcome:?}");
    // The other package directory is checked.
    assert!(!outcome.stdout.is_empty(), "{outcome:?}");
    for named in [".", ".."] {
        let check = sandbox.forcelint(["check", named]);
        let check = check.in_folder("bad-input/projects/missing-directory");
        let outcome = check.run().expect(2);
        assert!(
            outcome.stderr.contains("gone is a package directory"),
            "{outcome:?}"
        );
    }
}

#[test]
fn project_without_any_package_directory_is_an_error() {
    let sandbox = Sandbox::new();
    let project = r#"{ "packageDirectories": [{ "path": "gone" }] }"#;
    sandbox.write("sfdx-project.json", project);
    let outcome = sandbox.forcelint(["check"]).run().expect(2);
    let missing = "error: gone is a package directory in sfdx-project.json, but does not exist\n";
    assert!(outcome.stderr.starts_with(missing), "{outcome:?}");
    assert!(
        !outcome.stderr.contains("no Salesforce metadata"),
        "{outcome:?}"
    );
}

/// A hook or an editor checks single files, and must not fail because of another folder.
#[test]
fn missing_package_directory_is_a_note_for_single_files() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "app" }, { "path": "gone" }] }"#,
    );
    sandbox.write_app("app/App.connectedApp");
    let outcome = sandbox
        .forcelint(["check", "app/App.connectedApp"])
        .run()
        .expect(1);
    let note = "note: `gone` is a package directory in sfdx-project.json, but does not exist\n";
    assert!(outcome.stderr.contains(note), "{outcome:?}");
    sandbox.forcelint(["check", "app"]).run().expect(1);
}

/// The project of the working directory is invalid, so forcelint checks its whole folder.
#[test]
fn invalid_project_around_the_working_directory_is_checked_as_a_folder() {
    let sandbox = Sandbox::with(&["bad-input/projects/wrong-type"]);
    for folder in [
        "bad-input/projects/wrong-type",
        "bad-input/projects/wrong-type/force-app",
    ] {
        let outcome = sandbox
            .forcelint(["check"])
            .in_folder(folder)
            .run()
            .expect(2);
        assert_eq!(outcome.stdout.lines().count(), 1, "{outcome:?}");
    }
}
