//! Names and values that try to be commands for a terminal, a CI runner or a browser.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, app};
use crate::zip_writer::{Entry, zip};

/// Whether a terminal may interpret the character.
fn affects_terminal(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn assert_sanitized(outcome: &Outcome) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let position = text.chars().position(affects_terminal);
        assert_eq!(position, None, "{text:?}");
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("::") || line.starts_with("##[");
            assert!(!is_command, "a workflow command: {line:?}");
        }
    }
}

const FORMATS: [&str; 10] = [
    "pretty", "concise", "json", "jsonl", "agent", "sarif", "gitlab", "junit", "markdown", "html",
];

#[test]
fn names_and_values_are_sanitized_in_every_format() {
    let sandbox = Sandbox::with(&["bad-input"]);
    for format in FORMATS {
        let format = format!("--format={format}");
        for columns in ["40", "80"] {
            let check = sandbox.forcelint(["check", "bad-input", &format]);
            assert_sanitized(&check.env("COLUMNS", columns).run().expect(2));
        }
    }
}

#[test]
fn concise_has_one_line_per_finding() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let outcome = sandbox
        .forcelint(["check", "bad-input/hostile"])
        .run()
        .expect(1);
    assert_eq!(outcome.stdout.lines().count(), 12);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn pretty_sanitizes_values() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let path = format!(
        "bad-input/hostile/{}/Values.connectedApp-meta.xml",
        crate::support::APPS
    );
    let check = sandbox.forcelint(["check", &path, "--format=pretty", "--quiet"]);
    assert_snapshot!(check.run().expect(1).stdout);
}

#[test]
fn fix_output_is_sanitized() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    let outcome = sandbox
        .forcelint(["check", "bad-input", "--fix=all"])
        .run()
        .expect(1);
    assert!(outcome.stderr.contains("Rollout checklist:"), "{outcome:?}");
    assert_sanitized(&outcome);
}

/// File names that only Unix allows.
#[cfg(unix)]
#[test]
fn file_names_are_sanitized_in_every_format() {
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
            assert_sanitized(&sandbox.forcelint(["check", ".", &format]).run().expect(2));
            let check = sandbox.forcelint(["check", &format]).in_folder(project);
            assert_sanitized(&check.run().expect(2));
        }
        // Arguments and error messages are sanitized, too.
        for argument in ["gone\u{1b}[31m", "@gone\u{1b}[31m", "gone\n::error::x"] {
            assert_sanitized(&sandbox.forcelint(["check", argument]).run().expect(2));
        }
    }
}

#[test]
fn names_in_zips_are_sanitized_in_every_format() {
    let sandbox = Sandbox::new();
    let names = ["x\u{1b}[2Jy", "x\n::error::y", "\u{202e}exe", "\u{9b}31m"];
    let entries = names.iter().flat_map(|name| {
        let path = format!("unpackaged/connectedApps/{name}.connectedApp");
        let good = Entry::new(&path, app("https://a.example/"));
        let damaged = Entry {
            crc: 0,
            ..Entry::new(&format!("{name}/A.connectedApp"), "x")
        };
        let outside = Entry::new(&format!("../{path}"), "");
        [good, damaged, outside]
    });
    let entries: Vec<Entry> = entries.collect();
    sandbox.write("org.zip", zip(&entries));
    for format in FORMATS {
        let format = format!("--format={format}");
        assert_sanitized(
            &sandbox
                .forcelint(["check", "org.zip", &format])
                .run()
                .expect(2),
        );
    }
}

#[test]
fn arguments_are_sanitized() {
    let sandbox = Sandbox::new();
    for arguments in [
        ["explain", "a\u{1b}[31m"],
        ["check", "--select=\u{1b}[31m"],
        ["check", "--format=json=gone\u{1b}[31m/report.json"],
        ["check", "--format=json=\n##[error]gone/report.json"],
        ["baseline", "--output=\n##[error]gone/baseline.json"],
    ] {
        assert_sanitized(&sandbox.forcelint(arguments).run().expect(2));
    }
}

/// Color is for terminals. A test has no terminal, so only `FORCE_COLOR` turns it on.
#[test]
fn color_only_if_forced() {
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
    let no_color = check().env("FORCE_COLOR", "1").env("NO_COLOR", "1").run();
    assert!(!no_color.stdout.contains('\u{1b}'));
    // Neither in a file nor in formats for programs.
    let mut formats = vec!["json", "sarif", "concise"];
    if cfg!(unix) {
        formats.push("pretty=/dev/stdout");
    }
    for format in formats {
        let format = format!("--format={format}");
        let check = sandbox.forcelint(["check", "sample", &format, "-q"]);
        let outcome = check.env("FORCE_COLOR", "1").run().expect(1);
        assert!(!outcome.stdout.contains('\u{1b}'), "{format}");
    }
}
