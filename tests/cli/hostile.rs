//! Names and values that want to be commands of a terminal, a CI runner or a browser.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, app};

/// What a terminal may act on.
fn acts(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn assert_inert(outcome: &Outcome) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let acting = text.chars().position(acts);
        assert_eq!(acting, None, "{text:?}");
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("::") || line.starts_with("##[");
            assert!(!is_command, "a workflow command: {line:?}");
        }
    }
}

const FORMATS: [&str; 8] = [
    "pretty", "concise", "json", "sarif", "gitlab", "junit", "markdown", "html",
];

#[test]
fn names_and_values_come_out_inert_in_every_format() {
    let sandbox = Sandbox::with(&["bad-input"]);
    for format in FORMATS {
        let format = format!("--format={format}");
        for columns in ["40", "80"] {
            let check = sandbox.forcelint(["check", "bad-input", &format]);
            assert_inert(&check.env("COLUMNS", columns).run().expect(2));
        }
    }
}

#[test]
fn one_line_a_finding_whatever_its_name() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let outcome = sandbox
        .forcelint(["check", "bad-input/hostile"])
        .run()
        .expect(1);
    assert_eq!(outcome.stdout.lines().count(), 12);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn values_on_a_terminal() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let path = format!(
        "bad-input/hostile/{}/Values.connectedApp-meta.xml",
        crate::support::APPS
    );
    let check = sandbox.forcelint(["check", &path, "--format=pretty", "--quiet"]);
    assert_snapshot!(check.run().expect(1).stdout);
}

#[test]
fn with_fix_and_diff() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let outcome = sandbox
        .forcelint(["check", "bad-input", "--fix=all"])
        .run()
        .expect(1);
    assert!(outcome.stderr.contains("Rollout checklist:"), "{outcome:?}");
    assert_inert(&outcome);
}

/// Names as only Unix allows them.
#[cfg(unix)]
#[test]
fn file_names_come_out_inert_in_every_format() {
    let sandbox = Sandbox::new();
    let project = "a\u{1b}[31mb";
    sandbox.write(
        format!("{project}/sfdx-project.json"),
        "{ \"packageDirectories\": \"\u{9b}2J\"",
    );
    for name in [
        "x\u{1b}[2Jy",
        "x\n::error::y",
        "x\ry",
        "\u{202e}exe",
        "x\u{7}y",
        "a\tb",
        "\u{9b}31m",
    ] {
        sandbox.write(
            format!("{project}/{name}.connectedApp"),
            app("https://a.example/"),
        );
        sandbox.write(
            format!("{project}/{name}/App.connectedApp"),
            "<ConnectedApp>",
        );
    }
    for in_repository in [false, true] {
        if in_repository {
            sandbox.make_repository("");
        }
        for format in FORMATS {
            let format = format!("--format={format}");
            assert_inert(&sandbox.forcelint(["check", ".", &format]).run().expect(2));
            let check = sandbox.forcelint(["check", &format]).in_folder(project);
            assert_inert(&check.run().expect(2));
        }
        // Arguments and errors as well.
        for argument in ["gone\u{1b}[31m", "@gone\u{1b}[31m", "gone\n::error::x"] {
            assert_inert(&sandbox.forcelint(["check", argument]).run().expect(2));
        }
    }
}

#[test]
fn what_is_typed_comes_out_inert() {
    let sandbox = Sandbox::new();
    for arguments in [
        ["explain", "a\u{1b}[31m"],
        ["check", "--select=\u{1b}[31m"],
        ["check", "--format=json=gone\u{1b}[31m/report.json"],
        ["check", "--format=json=\n##[error]gone/report.json"],
        ["baseline", "--output=\n##[error]gone/baseline.json"],
    ] {
        assert_inert(&sandbox.forcelint(arguments).run().expect(2));
    }
}

/// Colour is for terminals; here there is none unless somebody insists.
#[test]
fn colour_only_when_wanted() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = || sandbox.forcelint(["check", "sample", "--format=pretty"]);
    assert!(!check().run().stdout.contains('\u{1b}'));
    assert!(
        check()
            .env("FORCE_COLOR", "1")
            .run()
            .stdout
            .contains("\u{1b}[")
    );
    let not = check().env("FORCE_COLOR", "1").env("NO_COLOR", "1").run();
    assert!(!not.stdout.contains('\u{1b}'));
    // Never in a file, and never in what programs read.
    for format in ["json", "sarif", "concise", "pretty=/dev/stdout"] {
        let format = format!("--format={format}");
        let check = sandbox.forcelint(["check", "sample", &format, "-q"]);
        let outcome = check.env("FORCE_COLOR", "1").run().expect(1);
        assert!(!outcome.stdout.contains('\u{1b}'), "{format}");
    }
}
