//! Files that packages contain beside the program: shell completions and man pages.

use std::fs;
#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
use crate::support::FORCELINT;
use crate::support::Sandbox;

#[test]
fn every_shell_has_a_completion_script() {
    let sandbox = Sandbox::new();
    for (shell, start) in [
        ("bash", "_clap_complete_forcelint() {"),
        ("zsh", "#compdef forcelint"),
        ("fish", "complete --keep-order"),
        ("powershell", "Register-ArgumentCompleter -Native"),
        ("elvish", "set edit:completion:arg-completer[forcelint]"),
    ] {
        let outcome = sandbox.forcelint(["completions", shell]).run().expect(0);
        let script = outcome.stdout.trim_start();
        assert!(script.starts_with(start), "{shell}: {script}");
        assert!(script.contains("FORCELINT_COMPLETE"), "{shell}: {script}");
        assert_eq!(outcome.stderr, "");
    }
    let outcome = sandbox.forcelint(["completions", "tcsh"]).run().expect(2);
    assert!(outcome.stderr.contains("possible values: bash"));
}

#[cfg(unix)]
/// What a user types last, and a candidate that the shell has to offer for it.
const TYPED: [(&str, &str); 14] = [
    ("ba", "baseline"),
    ("check --force", "--force-exclude"),
    ("completions f", "fish"),
    ("check --format js", "json"),
    ("check --format=js", "json"),
    ("check --fail-on n", "never"),
    ("check --min-severity cr", "critical"),
    ("check --group f", "file"),
    ("check --fix=a", "all"),
    ("check --color al", "always"),
    ("check --select pkce-req", "pkce-required"),
    ("check --ignore saml,oau", "saml,oauth"),
    (
        "explain shr_api_enable_oauth_settings_require_p",
        "shr_api_enable_oauth_settings_require_proof_key_for_code_exchange_pkce",
    ),
    ("rules list --metadata ConnectedA", "ConnectedApp"),
];

/// Runs the program's script in the shell, with the program in `PATH`.
#[cfg(unix)]
fn run_script(sandbox: &Sandbox, shell: &str, arguments: &[&str]) -> String {
    let folder = std::path::Path::new(FORCELINT).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new(shell)
        .args(arguments)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env_remove("FORCELINT_COMPLETE")
        .current_dir(&sandbox.root)
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap()
    )
}

/// Bash splits words at `=`, and the candidates replace only what is behind it.
#[cfg(unix)]
#[test]
fn completion_works_in_bash() {
    let sandbox = Sandbox::new();
    let script = sandbox.forcelint(["completions", "bash"]).run().stdout;
    sandbox.write("forcelint.bash", script);
    for (typed, candidate) in TYPED {
        let words = format!("forcelint {}", typed.replace('=', " = "));
        let last = words.split(' ').count() - 1;
        let command = format!(
            ". ./forcelint.bash; COMP_WORDS=({words}); COMP_CWORD={last}; COMP_TYPE=9; \
             _clap_complete_forcelint forcelint \"${{COMP_WORDS[{last}]}}\" \
             \"${{COMP_WORDS[{}]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            last - 1
        );
        let offered = run_script(&sandbox, "bash", &["--norc", "-c", &command]);
        assert!(
            offered.lines().any(|line| line == candidate),
            "{typed}: {offered}"
        );
    }
}

/// Many machines of developers do not have zsh, but `.ci/fast.sh` installs it.
#[cfg(unix)]
#[test]
fn completion_works_in_zsh() {
    if let Err(error) = Command::new("zsh").arg("--version").output() {
        let is_ci = std::env::var_os("CI").is_some();
        assert!(!is_ci, "zsh cannot be started: {error}");
        eprintln!("skipped: zsh cannot be started: {error}");
        return;
    }
    let sandbox = Sandbox::new();
    let script = sandbox.forcelint(["completions", "zsh"]).run().stdout;
    sandbox.write("_forcelint", script);
    for (typed, candidate) in TYPED {
        let last = typed.split(' ').count() + 1;
        // The functions of zsh's completion system print what they would offer.
        let command = format!(
            "compdef() {{ }}; _describe() {{ shift 2; print -l -- \"${{(P@)1}}\" }}; \
             words=(forcelint {typed}); CURRENT={last}; \
             . ./_forcelint; _clap_dynamic_completer_forcelint"
        );
        let offered = run_script(&sandbox, "zsh", &["-f", "-c", &command]);
        // Bash has only what follows the sign.
        let option = typed.rsplit(' ').next().unwrap().split_once('=');
        let candidate = option.map_or(candidate.to_owned(), |(option, _)| {
            format!("{option}={candidate}")
        });
        let is_candidate = |line: &str| {
            let name = line.split(':').next().unwrap();
            name == candidate
        };
        assert!(offered.lines().any(is_candidate), "{typed}: {offered}");
    }
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
