//! The commands and the pictures of the README.

use std::path::Path;

use regex::Regex;

use crate::pages::{read_page, run_page, write_program};
use crate::support::{FORCELINT, Sandbox};

/// A cargo that starts the program that is built already. This test is a part of `cargo test`.
const CARGO: &str = r#"#!/bin/sh
case "$1 ${2-}" in
  "run --") shift 2; cd "$ROOT" && exec forcelint "$@" ;;
  "test ") ;;
  *) echo "unknown command: $*" >&2; exit 101 ;;
esac
"#;

#[test]
fn commands_of_the_readme_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (sandbox, tools) = (Sandbox::with(&["sample"]), Sandbox::new());
    let cargo = CARGO.replace("\"$ROOT\"", &format!("'{}'", root.display()));
    write_program(&tools, "cargo", &cargo);
    let page = read_page("README.md");
    let (clone, project) = page.split_once("## Three commands").unwrap();
    for (part, folder) in [(clone, "."), (project, "sample")] {
        // The second part is about the folder of a project.
        let part = format!("```sh\ncd {folder}\n```\n{part}");
        let ran = run_page(&sandbox, &part, &[&tools.root]);
        assert_eq!(ran.blocks_run, 2);
        ran.expect_all_run();
    }
    let fixed = sandbox.path("sample/force-app/main/default/connectedApps");
    let fixed = fixed.join("CI_Pipeline_JWT.connectedApp-meta.xml");
    let fixed = std::fs::read_to_string(fixed).unwrap();
    assert!(fixed.contains("<isPkceRequired>true<"), "{fixed}");
}

/// A newcomer reads the README in a minute, and finds these two commands in it.
#[test]
fn readme_is_short() {
    let page = read_page("README.md");
    assert!(page.lines().count() <= 150);
    for command in ["cargo run -- check testdata/sample", "cargo test "] {
        assert!(
            page.lines().any(|line| line.starts_with(command)),
            "{command}"
        );
    }
}

/// `cargo xtask generate` renders the picture with the library. This is the program.
#[test]
fn picture_shows_what_the_program_prints() {
    let picture = read_page("docs/pictures/terminal-light.svg");
    let line = Regex::new(r#"<tspan x="10px" y="\d+px">(.*)"#).unwrap();
    let tag = Regex::new("<[^>]+>").unwrap();
    let lines = line.captures_iter(&picture).map(|it| {
        let text = tag.replace_all(&it[1], "").into_owned();
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&amp;", "&").trim_end().to_owned()
    });
    let lines: Vec<String> = lines.collect();
    let (command, shown) = lines.split_first().unwrap();
    let sandbox = Sandbox::with(&["sample"]);
    let arguments = command.strip_prefix("$ forcelint ").unwrap().split(' ');
    let mut program = std::process::Command::new(FORCELINT);
    program
        .args(arguments)
        .arg("--format=pretty")
        .current_dir(sandbox.path("sample"))
        .env("COLUMNS", "100")
        .env_remove("FORCE_COLOR");
    let output = program.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let wrapped = |text: &str| {
        let characters: Vec<char> = text.chars().collect();
        let lines = characters.chunks(100);
        lines.map(String::from_iter).collect::<Vec<String>>()
    };
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<String> = printed.lines().flat_map(wrapped).collect();
    let end = shown.iter().position(|line| line == "…").unwrap();
    let shown_report: Vec<&String> = shown[..end].iter().filter(|it| !it.is_empty()).collect();
    assert!(shown_report.len() > 30, "{shown_report:#?}");
    let printed: Vec<&String> = printed.iter().take(shown_report.len()).collect();
    assert_eq!(shown_report, printed);
    let duration = Regex::new(r"\d+ ms").unwrap();
    let summary = String::from_utf8(output.stderr).unwrap();
    let summary = duration.replace(&summary, "9 ms").into_owned();
    let shown_summary = shown[end + 1..].iter().filter(|it| !it.is_empty());
    let shown_summary: Vec<&str> = shown_summary.map(String::as_str).collect();
    assert_eq!(shown_summary, summary.lines().collect::<Vec<&str>>());
}
