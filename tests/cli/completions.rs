//! Files that packages contain beside the program: shell completions and man pages.

use std::fs;
use std::process::Command;

use crate::support::Sandbox;

#[test]
fn every_shell_has_a_completion_script() {
    let sandbox = Sandbox::new();
    for (shell, start) in [
        ("bash", "_forcelint() {"),
        ("zsh", "#compdef forcelint"),
        ("fish", "# Print an optspec"),
        (
            "powershell",
            "\nusing namespace System.Management.Automation",
        ),
        ("elvish", "\nuse builtin;"),
    ] {
        let outcome = sandbox.forcelint(["completions", shell]).run().expect(0);
        assert!(outcome.stdout.starts_with(start), "{shell}: {outcome:?}");
        for word in ["force-exclude", "baseline", "explain"] {
            assert!(outcome.stdout.contains(word), "{shell} lacks {word}");
        }
        assert_eq!(outcome.stderr, "");
    }
    let outcome = sandbox.forcelint(["completions", "tcsh"]).run().expect(2);
    assert!(outcome.stderr.contains("possible values: bash"));
}

/// Runs the script in the shell.
#[cfg(unix)]
#[test]
fn completion_works_in_bash() {
    let sandbox = Sandbox::new();
    let script = sandbox.forcelint(["completions", "bash"]).run().stdout;
    sandbox.write("forcelint.bash", script);
    let complete = |words: &str| {
        let last = words.split(' ').count() - 1;
        let command = format!(
            ". ./forcelint.bash; COMP_WORDS=({words}); COMP_CWORD={last}; \
             _forcelint forcelint \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"; \
             echo \"${{COMPREPLY[*]}}\"",
            last - 1
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &command]);
        let output = bash.current_dir(&sandbox.root).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("forcelint ba"), "baseline");
    assert_eq!(complete("forcelint check --force"), "--force-exclude");
    assert_eq!(complete("forcelint completions f"), "fish");
}

#[test]
fn every_command_has_a_man_page() {
    let sandbox = Sandbox::new();
    sandbox.write("pages/.keep", "");
    sandbox.forcelint(["man", "pages"]).run().expect(0);
    let page = |name: &str| fs::read_to_string(sandbox.path(&format!("pages/{name}.1"))).unwrap();
    assert!(page("forcelint").contains("check"));
    for name in ["check", "explain", "baseline", "rules-test", "completions"] {
        let text = page(&format!("forcelint-{name}"));
        assert!(text.contains(".TH"), "{text}");
    }
    assert!(page("forcelint-check").contains("force\\-exclude"));
    let outcome = sandbox.forcelint(["man", "none"]).run().expect(2);
    assert!(
        outcome
            .stderr
            .contains("cannot write the man pages to `none`")
    );
}
