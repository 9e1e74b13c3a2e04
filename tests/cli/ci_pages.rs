//! Follows `docs/ci.md` and `docs/pre-commit.md`.
//!
//! `.ci/check_examples.py` runs the examples of other CI systems, `.ci/check_action.py` the GitHub Action, and
//! `.ci/check_pre_commit.py` the hooks with pre-commit.

use std::fs;

use regex::Regex;
use sha2::{Digest as _, Sha256};

use crate::pages::{Block, git, read_page, run_page, shell, write_program};
use crate::support::{APPS, FORCELINT, Sandbox, app};

const PUBLIC: &str = "acme://done";
const PROJECT: &str = "{ \"packageDirectories\": [{ \"path\": \"force-app\" }] }";

/// A repository with a project in its first commit.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("sfdx-project.json", PROJECT);
    git(&sandbox, &["init", "--quiet", "--initial-branch=main"]);
    git(&sandbox, &["add", "--all"]);
    git(&sandbox, &["commit", "--quiet", "--message=project"]);
    sandbox
}

/// Stages a connected app of a public client.
fn stage(sandbox: &Sandbox, name: &str) -> String {
    let path = format!("{APPS}/{name}.connectedApp-meta.xml");
    sandbox.write(&path, app(PUBLIC));
    git(sandbox, &["add", "--all"]);
    path
}

#[test]
fn commands_for_ci_work() {
    let (sandbox, tools) = (repository(), Sandbox::new());
    git(
        &sandbox,
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
    );
    stage(&sandbox, "New");
    git(&sandbox, &["commit", "--quiet", "--message=app"]);
    // The archive of a release, and a curl that returns it for its URL.
    let name = format!(
        "forcelint-{}-x86_64-unknown-linux-musl",
        env!("CARGO_PKG_VERSION")
    );
    let started = format!("#!/bin/sh\nexec '{FORCELINT}' \"$@\"\n");
    write_program(&tools, &format!("{name}/forcelint"), &started);
    let packed = shell(&tools, &format!("tar -czf released.tar.gz {name}"), &[]);
    assert!({ packed }.status().unwrap().success());
    let archive = tools.path("released.tar.gz");
    let checksum = Sha256::digest(fs::read(&archive).unwrap());
    let checksum: String = checksum.iter().map(|it| format!("{it:02x}")).collect();
    let url = format!(
        "https://github.com/forcelint/forcelint/releases/download/v{}/{name}.tar.gz",
        env!("CARGO_PKG_VERSION")
    );
    let curl = format!(
        "#!/bin/sh\n[ \"$*\" = '-fsSLO {url}' ] || exit 22\ncp '{}' '{name}.tar.gz'\n",
        archive.display()
    );
    write_program(&tools, "curl", &curl);
    let page = read_page("docs/ci.md");
    assert!(page.contains("<its SHA-256>"));
    let page = page.replace("<its SHA-256>", &checksum);
    let mut ran = run_page(&sandbox, &page, &[&tools.root]);
    assert_eq!(ran.blocks_run, 1);
    let report = fs::read_to_string(sandbox.path("forcelint.xml")).unwrap();
    assert!(report.contains("ConnectedApp:New"), "{report}");
    assert_is_action_step(&ran.others.pop().unwrap());
    ran.expect_all_run();
}

/// Whether a step of a workflow uses inputs and outputs that the action has.
fn assert_is_action_step(block: &Block) {
    let action = read_page("action.yml");
    let (inputs, outputs) = action.split_once("\noutputs:\n").unwrap();
    let (step, rest) = block.text.split_once("- if:").unwrap();
    let (_, with) = step.split_once("with:\n").unwrap();
    let input = Regex::new(r"(?m)^ +([a-z-]+):").unwrap();
    let names: Vec<&str> = input
        .captures_iter(with)
        .map(|it| it.extract::<1>().1[0])
        .collect();
    assert_eq!(names, ["fail-on", "reports"]);
    for name in names {
        assert!(inputs.contains(&format!("\n  {name}:\n")), "{name}");
    }
    let output = Regex::new(r"outputs\.([a-z-]+)").unwrap();
    let output = &output.captures(rest).unwrap()[1];
    assert!(outputs.contains(&format!("  {output}:\n")), "{output}");
}

/// Runs a hook of `.pre-commit-hooks.yaml` as pre-commit does, and returns its exit status.
fn run_hook(sandbox: &Sandbox, block: &Block, file: &str) -> Option<i32> {
    let value = |key: &str| {
        let line = Regex::new(&format!(r"(?m)^ *(?:- )?{key}: (.*)$")).unwrap();
        Some(line.captures(&block.text)?[1].to_owned())
    };
    let hooks = read_page(".pre-commit-hooks.yaml");
    let (_, hook) = hooks
        .split_once(&format!("- id: {}\n", value("id").unwrap()))
        .unwrap();
    let entry = hook
        .lines()
        .find_map(|it| it.trim().strip_prefix("entry: "))
        .unwrap();
    let arguments = value("args").unwrap();
    let arguments = arguments.trim_matches(['[', ']']).replace(", ", " ");
    let passes_files = value("pass_filenames").is_none_or(|it| it != "false");
    let files = if passes_files { file } else { "" };
    let command = format!("{entry} {arguments} {files}");
    let output = shell(sandbox, &command, &[]).output().unwrap();
    output.status.code()
}

#[test]
fn commands_for_pre_commit_work() {
    let sandbox = repository();
    let file = stage(&sandbox, "New");
    let page = read_page("docs/pre-commit.md");
    let ran = run_page(&sandbox, &page, &[]);
    assert_eq!(ran.blocks_run, 1);
    let [fix_all, staged, lint_staged] = &ran.others[..] else {
        panic!("check all blocks of the page: {:#?}", ran.others);
    };

    assert_eq!(run_hook(&sandbox, staged, &file), Some(1));
    let settings: serde_json::Value =
        serde_json::from_str(&format!("{{{}}}", lint_staged.text)).unwrap();
    let command = settings["lint-staged"]["*"].as_str().unwrap();
    for (file, status) in [(file.as_str(), 1), ("sfdx-project.json", 0)] {
        let ran = shell(&sandbox, &format!("{command} {file}"), &[]).output();
        assert_eq!(ran.unwrap().status.code(), Some(status), "{file}");
    }
    assert!(run_hook(&sandbox, fix_all, &file).is_some());
    let fixed = fs::read_to_string(sandbox.path(&file)).unwrap();
    assert!(fixed.contains("<isPkceRequired>true<"), "{fixed}");
}

#[test]
fn plain_git_hook_of_the_page_stops_a_commit() {
    let sandbox = repository();
    let page = read_page("docs/pre-commit.md");
    let (_, hook) = page.split_once("```sh\n").unwrap();
    let (hook, _) = hook.split_once("```").unwrap();
    write_program(&sandbox, ".git/hooks/pre-commit", hook);
    stage(&sandbox, "New");
    let commit = "git commit --quiet --message=app";
    let output = shell(&sandbox, commit, &[]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("critical[pkce-required]"), "{text}");
}
