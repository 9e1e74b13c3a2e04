//! What a user may not read or write. The program runs in a copy, as somebody who is not root: root
//! may read everything.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::support::{FORCELINT, Outcome, Sandbox, with_pkce_selected};

const NOBODY: u32 = 65534;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let program = sandbox.path("forcelint");
    if !program.exists() {
        // By a process of its own: were it open for writing here, a test that starts a program at this
        // moment would hand it on, and what is written to cannot be run.
        let mut copying = Command::new("cp");
        assert!(
            copying
                .arg(FORCELINT)
                .arg(&program)
                .status()
                .unwrap()
                .success()
        );
    }
    fs::set_permissions(&sandbox.root, Permissions::from_mode(0o755)).unwrap();
    let mut run = sandbox.program(&program, with_pkce_selected(arguments));
    if fs::metadata(&program).unwrap().uid() == 0 {
        run.command.uid(NOBODY).gid(NOBODY);
    }
    run.run()
}

fn forbid(sandbox: &Sandbox, path: &str) {
    fs::set_permissions(sandbox.path(path), Permissions::from_mode(0o000)).unwrap();
}

/// So that the folder can be deleted in the end by others than root.
fn allow(sandbox: &Sandbox, path: &str) {
    fs::set_permissions(sandbox.path(path), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_rest_is_linted() {
    let sandbox = Sandbox::new();
    for name in [
        "src/Closed",
        "src/Open",
        "src/closed/Unseen",
        "src/open/Seen",
    ] {
        sandbox.write_app(format!("{name}.connectedApp"));
    }
    forbid(&sandbox, "src/Closed.connectedApp");
    forbid(&sandbox, "src/closed");
    let outcome = run(&sandbox, &["check", "src", "--format=json"]).expect(2);
    assert_eq!(
        outcome.findings(),
        ["Open.connectedApp high", "open/Seen.connectedApp high"]
    );
    let errors = outcome.json()["errors"].to_string();
    let denied = "Permission denied (os error 13)";
    assert_eq!(
        errors,
        format!(
            r#"[{{"message":"cannot be read: {denied}","path":"Closed.connectedApp"}},{{"message":"cannot be read: {denied}","path":"closed"}}]"#
        )
    );
    // Named, each by itself.
    for path in [
        "src/Closed.connectedApp",
        "src/closed",
        "src/closed/Unseen.connectedApp",
    ] {
        let outcome = run(&sandbox, &["check", path]).expect(2);
        assert!(outcome.stderr.contains(denied), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
    allow(&sandbox, "src/closed");
}

#[test]
fn a_project_file_that_cannot_be_read_is_an_error() {
    let sandbox = Sandbox::with(&["sample"]);
    forbid(&sandbox, "sample/sfdx-project.json");
    let outcome = run(&sandbox, &["check", "sample"]).expect(2);
    assert!(
        outcome
            .stderr
            .contains("sample/sfdx-project.json cannot be read: Permission denied"),
        "{outcome:?}"
    );
    assert!(!outcome.stdout.is_empty());
}

/// Which files ask others, and what they would have heard: that nobody can use the app.
fn with_policies(forbidden: &str) -> Sandbox {
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
    if !forbidden.is_empty() {
        forbid(&sandbox, forbidden);
    }
    sandbox
}

/// What cannot be read may say anything, so it lowers nothing; and the run tells of it.
#[test]
fn a_partner_that_cannot_be_read_is_an_error_and_lowers_nothing() {
    let asks = "app/src/G.ecaGlblOauth-meta.xml";
    let readable = with_policies("");
    for argument in [asks, "app"] {
        let check = ["check", argument, "--format=json", "--min-severity=info"];
        let outcome = run(&readable, &check).expect(0);
        assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml info"]);
    }
    for (forbidden, named) in [
        ("app/src/policies", "src/policies"),
        (
            "app/src/policies/P.ecaPlcy-meta.xml",
            "src/policies/P.ecaPlcy-meta.xml",
        ),
    ] {
        let sandbox = with_policies(forbidden);
        for argument in [asks, "app", "app/src"] {
            let outcome = run(&sandbox, &["check", argument, "--format=json"]).expect(2);
            assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml high"]);
            let report = outcome.json();
            let errors = report["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{argument}: {errors:?}");
            assert_eq!(errors[0]["path"], named, "{argument}");
        }
        allow(&sandbox, forbidden);
    }
}

/// The policies that can be read switch the app off, but those behind a closed door may not.
#[test]
fn a_folder_that_cannot_be_read_may_hold_what_says_otherwise() {
    let asks = "app/src/G.ecaGlblOauth-meta.xml";
    let sandbox = with_policies("");
    fs::create_dir(sandbox.path("app/src/closed")).unwrap();
    forbid(&sandbox, "app/src/closed");
    for argument in [asks, "app", "app/src"] {
        let outcome = run(&sandbox, &["check", argument, "--format=json"]).expect(2);
        assert_eq!(outcome.findings(), ["src/G.ecaGlblOauth-meta.xml high"]);
    }
    allow(&sandbox, "app/src/closed");
}

/// No report can be written where the folder may not be written to.
#[test]
fn a_folder_that_may_not_be_written_to() {
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
    allow(&sandbox, "sample");
}
