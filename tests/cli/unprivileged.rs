//! Files that the user may not read or write. If the tests run as root, the program runs as another
//! user, because root may read everything.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::support::{FORCELINT, Outcome, Sandbox, with_pkce_selected};

const UNPRIVILEGED_USER: u32 = 65534;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let program = sandbox.path("forcelint");
    if !program.exists() {
        // In a separate process: if this process had the copy open for writing, a program that
        // another test starts now would inherit it, and the copy could not be run.
        let mut copy = Command::new("cp");
        assert!(
            copy.arg(FORCELINT)
                .arg(&program)
                .status()
                .unwrap()
                .success()
        );
    }
    fs::set_permissions(&sandbox.root, Permissions::from_mode(0o755)).unwrap();
    let mut run = sandbox.program(&program, with_pkce_selected(arguments));
    if fs::metadata(&program).unwrap().uid() == 0 {
        run.command.uid(UNPRIVILEGED_USER).gid(UNPRIVILEGED_USER);
    }
    run.run()
}

fn make_unreadable(sandbox: &Sandbox, path: &str) {
    fs::set_permissions(sandbox.path(path), Permissions::from_mode(0o000)).unwrap();
}

/// Lets a user other than root delete the folder.
fn make_accessible(sandbox: &Sandbox, path: &str) {
    fs::set_permissions(sandbox.path(path), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn unreadable_files_are_errors_and_others_are_checked() {
    let sandbox = Sandbox::new();
    for name in [
        "src/Closed",
        "src/Open",
        "src/closed/Unseen",
        "src/open/Seen",
    ] {
        sandbox.write_app(format!("{name}.connectedApp"));
    }
    make_unreadable(&sandbox, "src/Closed.connectedApp");
    make_unreadable(&sandbox, "src/closed");
    let outcome = run(&sandbox, &["check", "src", "--format=json"]).expect(2);
    assert_eq!(
        outcome.findings(),
        [
            // The folder that is not read may contain what makes the apps single-page apps.
            "Open.connectedApp critical",
            "open/Seen.connectedApp critical"
        ]
    );
    let errors = outcome.json()["errors"].to_string();
    let denied = "Permission denied (os error 13)";
    assert_eq!(
        errors,
        format!(
            r#"[{{"message":"cannot be read: {denied}","path":"Closed.connectedApp"}},{{"message":"cannot be read: {denied}","path":"closed"}}]"#
        )
    );
    // Each one as an argument.
    for path in [
        "src/Closed.connectedApp",
        "src/closed",
        "src/closed/Unseen.connectedApp",
    ] {
        let outcome = run(&sandbox, &["check", path]).expect(2);
        assert!(outcome.stderr.contains(denied), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
    make_accessible(&sandbox, "src/closed");
}

#[test]
fn unreadable_project_file_is_an_error() {
    let sandbox = Sandbox::with(&["sample"]);
    make_unreadable(&sandbox, "sample/sfdx-project.json");
    let outcome = run(&sandbox, &["check", "sample"]).expect(2);
    assert!(
        outcome
            .stderr
            .contains("sample/sfdx-project.json cannot be read: Permission denied"),
        "{outcome:?}"
    );
    assert!(!outcome.stdout.is_empty());
}

/// Settings whose severity depends on a policy that turns the app off.
fn with_policies(unreadable: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "app/sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "src" }] }"#,
    );
    let name = "<externalClientApplication>E</externalClientApplication>";
    sandbox.write(
        "app/src/G.ecaGlblOauth-meta.xml",
        format!(
            "<ExtlClntAppGlobalOauthSettings>{name}<isPkceRequired>false</isPkceRequired></ExtlClntAppGlobalOauthSettings>"
        ),
    );
    sandbox.write(
        "app/src/policies/P.ecaPlcy-meta.xml",
        format!(
            "<ExtlClntAppConfigurablePolicies>{name}<isEnabled>false</isEnabled></ExtlClntAppConfigurablePolicies>"
        ),
    );
    if !unreadable.is_empty() {
        make_unreadable(&sandbox, unreadable);
    }
    sandbox
}

/// An unreadable file could contain anything, so it does not lower the severity.
#[test]
fn unreadable_related_file_is_an_error_and_does_not_lower_severity() {
    let settings = "app/src/G.ecaGlblOauth-meta.xml";
    let readable = with_policies("");
    for argument in [settings, "app"] {
        let check = ["check", argument, "--format=json", "--min-severity=info"];
        let outcome = run(&readable, &check).expect(0);
        assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml info"]);
    }
    for (unreadable, named) in [
        ("app/src/policies", "src/policies"),
        (
            "app/src/policies/P.ecaPlcy-meta.xml",
            "src/policies/P.ecaPlcy-meta.xml",
        ),
    ] {
        let sandbox = with_policies(unreadable);
        for argument in [settings, "app", "app/src"] {
            let outcome = run(&sandbox, &["check", argument, "--format=json"]).expect(2);
            assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml high"]);
            let report = outcome.json();
            let errors = report["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{argument}: {errors:?}");
            assert_eq!(errors[0]["path"], named, "{argument}");
        }
        make_accessible(&sandbox, unreadable);
    }
}

/// The readable policy turns the app off, but one in the unreadable folder may not.
#[test]
fn unreadable_folder_keeps_the_severity() {
    let settings = "app/src/G.ecaGlblOauth-meta.xml";
    let sandbox = with_policies("");
    fs::create_dir(sandbox.path("app/src/closed")).unwrap();
    make_unreadable(&sandbox, "app/src/closed");
    for argument in [settings, "app", "app/src"] {
        let outcome = run(&sandbox, &["check", argument, "--format=json"]).expect(2);
        assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml high"]);
    }
    make_accessible(&sandbox, "app/src/closed");
}

#[test]
fn read_only_folder_is_an_error() {
    let sandbox = Sandbox::with(&["sample"]);
    fs::set_permissions(sandbox.path("sample"), Permissions::from_mode(0o555)).unwrap();
    let outcome = run(
        &sandbox,
        &["check", "sample", "--format=json=sample/report.json"],
    );
    let denied = ": Permission denied";
    let outcome = outcome.expect(2);
    assert!(outcome.stderr.contains(denied), "{outcome:?}");
    let outcome = run(&sandbox, &["init", "sample", "--baseline"]).expect(2);
    assert_eq!(outcome.stderr.matches(denied).count(), 2, "{outcome:?}");
    assert!(!outcome.stdout.contains("written"), "{outcome:?}");
    make_accessible(&sandbox, "sample");
}
