//! Text from stdin, checked as the file that `--stdin-filename` names.

use std::fs;

use crate::support::{APPS, Sandbox, app};

const CLEAN: &str = "<ConnectedApp>\n  <label>é</label>\n</ConnectedApp>";

#[test]
fn stdin_is_checked_as_the_named_file() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = format!("sample/{APPS}/Mobile_Portal.connectedApp-meta.xml");
    let check = |text: &str| {
        let check = sandbox.forcelint(["check", "--stdin-filename", &path, "--format=json"]);
        check.stdin(text).run()
    };
    // The file on disk does not matter, and it may be missing.
    assert_eq!(check(CLEAN).expect(0).findings(), [""; 0]);
    let project_path = format!("{APPS}/Mobile_Portal.connectedApp-meta.xml");
    let found = check(&app("https://a.example/")).expect(1).findings();
    assert_eq!(found, [format!("{project_path} high")]);
    assert_eq!(
        check("").expect(1).findings(),
        [format!("{project_path} high")]
    );
    fs::remove_file(sandbox.path(&path)).unwrap();
    let found = check(&app("myapp://a")).expect(1).findings();
    assert_eq!(found, [format!("{project_path} critical")]);
}

/// The org settings of the package directory are on disk.
#[test]
fn stdin_is_checked_with_the_files_of_its_project() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = "sample/integration-app/main/default/connectedApps/New.connectedApp-meta.xml";
    let check = sandbox.forcelint(["check", "--format=json", "--stdin-filename", path]);
    let outcome = check.stdin(app("https://a.example/")).run().expect(1);
    assert!(outcome.findings()[0].ends_with(" medium"), "{outcome:?}");
}

#[test]
fn fix_prints_text_to_stdout_and_findings_to_stderr() {
    let sandbox = Sandbox::new();
    let text = app("https://a.example/");
    let check = |arguments: &[&str], text: &str| {
        let all = ["check", "--stdin-filename=App.connectedApp"];
        sandbox
            .forcelint(all.iter().chain(arguments))
            .stdin(text)
            .run()
    };
    let fixed = check(&["--fix=all"], &text).expect(0);
    let flag = "        <isPkceRequired>true</isPkceRequired>\n";
    assert_eq!(
        fixed.stdout,
        text.replace("    </oauthConfig>", &format!("{flag}    </oauthConfig>"))
    );
    assert!(fixed.stderr.contains("Rollout checklist:"), "{fixed:?}");
    // The fix needs a rollout, so `--fix` does not apply it.
    let safe = check(&["--fix"], &text).expect(1);
    assert_eq!(safe.stdout, text);
    assert!(
        safe.stderr
            .contains("App.connectedApp:4:5: high[pkce-required]"),
        "{safe:?}"
    );
    // Text that cannot be fixed is printed unchanged.
    for text in [CLEAN, "", "no XML", "<ConnectedApp>\r\n"] {
        assert_eq!(check(&["--fix=all"], text).stdout, text);
    }
    let quiet = check(&["--fix=all", "--quiet"], &text).expect(0);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (fixed.stdout, ""));
}

/// An editor may run a formatter on every file. Files of other types must keep their text.
#[test]
fn fix_prints_text_of_other_types_unchanged() {
    let sandbox = Sandbox::new();
    for text in ["public class A {}\n", "no newline", "", "\u{feff}crlf\r\n"] {
        let check = sandbox.forcelint(["check", "--fix", "--stdin-filename=A.cls"]);
        let outcome = check.stdin(text).run().expect(0);
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            (text, "")
        );
        // Without `--fix` there is no text to print, and an empty output would look like a pass.
        let outcome = sandbox
            .forcelint(["check", "--stdin-filename=A.cls"])
            .stdin(text)
            .run()
            .expect(0);
        assert_eq!(outcome.stdout, "");
        assert!(
            outcome.stderr.contains("nothing was checked"),
            "{outcome:?}"
        );
    }
}

#[test]
fn force_exclude_applies_to_stdin() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = format!("sample/{APPS}/Scratch_New.connectedApp-meta.xml");
    let text = app("https://a.example/");
    let all = [
        "check",
        "--force-exclude",
        "--fix=all",
        "--stdin-filename",
        &path,
    ];
    let outcome = sandbox.forcelint(all).stdin(text.as_str()).run().expect(0);
    assert_eq!((outcome.stdout, outcome.stderr.as_str()), (text, ""));
}

#[test]
fn diff_of_stdin_names_the_file() {
    let sandbox = Sandbox::new();
    let check = sandbox.forcelint([
        "check",
        "--diff",
        "--fix=all",
        "--stdin-filename=a/App.connectedApp",
    ]);
    let outcome = check.stdin(app("https://a.example/")).run().expect(1);
    assert!(
        outcome
            .stdout
            .starts_with("--- a/a/App.connectedApp\n+++ b/a/App.connectedApp\n@@ "),
        "{outcome:?}"
    );
}

/// More than the buffer of a pipe, in both directions.
#[test]
fn large_text_does_not_block() {
    let sandbox = Sandbox::new();
    let mut text = app("https://a.example/");
    text.push_str(&" ".repeat(3_000_000));
    let check = sandbox.forcelint(["check", "--fix", "--stdin-filename=App.connectedApp"]);
    assert_eq!(check.stdin(text.as_str()).run().expect(1).stdout, text);
}
