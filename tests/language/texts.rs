//! Which files have which kind of text.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory as _;
use forcelint::cli::Cli;
use walkdir::WalkDir;

use crate::blocks::{Block, lines, markdown, paragraphs};
use crate::rust::{Scanned, scan};

/// What `cargo xtask generate` writes as a whole.
const GENERATED: [&str; 5] = [
    "docs/cli.md",
    "docs/coverage.md",
    "docs/rules/",
    "packaging/completions/",
    "packaging/man/",
];

fn is_generated(path: &str) -> bool {
    let is_schema = path.starts_with("docs/") && path.ends_with(".schema.json");
    is_schema || GENERATED.iter().any(|start| path.starts_with(start))
}

/// The text files below these paths, with their paths relative to `root`, in a fixed order.
fn files(root: &Path, paths: &[&str]) -> Vec<(String, String)> {
    let entries = paths
        .iter()
        .flat_map(|path| WalkDir::new(root.join(path)).sort_by_file_name())
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    let files = entries.filter_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let path = entry.path().strip_prefix(root).ok()?;
        let path = path.to_string_lossy().replace('\\', "/");
        Some((path, text.replace("\r\n", "\n")))
    });
    files.collect()
}

fn extension(path: &str) -> &str {
    let extension = Path::new(path).extension().and_then(OsStr::to_str);
    extension.unwrap_or_default()
}

/// The texts of a file that a person wrote.
fn blocks(path: &str, text: &str) -> Vec<Block> {
    match extension(path) {
        "md" => markdown(path, text).prose,
        "json" => lines(path, text),
        // A template string of TypeScript is not inline code.
        "ts" | "js" | "mjs" | "sh" => paragraphs(path, text),
        _ => {
            let blocks = paragraphs(path, text).into_iter();
            blocks.map(Block::without_code).collect()
        }
    }
}

const DOCUMENTATION: [&str; 5] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs",
];

pub fn documentation(root: &Path) -> Vec<Block> {
    let files = files(root, &DOCUMENTATION).into_iter();
    let written = files.filter(|(path, _)| !is_generated(path));
    written
        .flat_map(|(path, text)| blocks(&path, &text))
        .collect()
}

pub fn packages(root: &Path) -> Vec<Block> {
    let paths = [
        "action.yml",
        ".pre-commit-hooks.yaml",
        ".github",
        "packaging",
        "setup.py",
        "editors/vscode/README.md",
        "editors/vscode/package.json",
        "editors/vscode/src",
        "editors/vscode/test",
        "web/build.mjs",
        "web/page",
        "web/src",
        ".ci",
        "fuzz/run",
    ];
    let files = files(root, &paths).into_iter();
    let written = files.filter(|(path, _)| !is_generated(path));
    written
        .flat_map(|(path, text)| blocks(&path, &text))
        .collect()
}

/// Generated pages and schemas, and output of the program that other pages quote.
pub fn generated(root: &Path) -> Vec<Block> {
    let paths = DOCUMENTATION.iter().chain(&["packaging"]);
    let paths: Vec<&str> = paths.copied().collect();
    let mut found = Vec::new();
    for (path, text) in files(root, &paths) {
        match extension(&path) {
            "md" => {
                let page = markdown(&path, &text);
                found.extend(page.quoted);
                if is_generated(&path) {
                    found.extend(page.prose);
                }
            }
            "json" if is_generated(&path) => {
                let lines = lines(&path, &text).into_iter();
                let described = lines.filter(|line| line.text.contains("\"description\""));
                found.extend(described.map(Block::without_code));
            }
            _ if is_generated(&path) => found.extend(lines(&path, &text)),
            _ => {}
        }
    }
    found
}

/// Rules, shared conditions and their tests.
pub fn rules(root: &Path) -> Vec<Block> {
    let files = files(root, &["rules"]).into_iter();
    let rules = files.filter(|(path, _)| extension(path) == "toml");
    rules
        .flat_map(|(path, text)| blocks(&path, &text))
        .collect()
}

/// The help of each subcommand, as the program prints it.
pub fn help() -> Vec<Block> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::<String>::new(), Cli::command())];
    while let Some((names, command)) = open.pop() {
        let output = Command::new(env!("CARGO_BIN_EXE_forcelint"))
            .args(&names)
            .arg("--help")
            .output()
            .expect("the program can be started");
        let text = String::from_utf8_lossy(&output.stdout);
        let shown = ["forcelint".to_owned()].into_iter().chain(names.clone());
        let shown = Vec::from_iter(shown).join(" ");
        found.extend(paragraphs(&format!("{shown} --help"), &text));
        let subcommands = command.get_subcommands();
        let subcommands = subcommands.filter(|it| it.get_name() != "help");
        open.extend(subcommands.map(|subcommand| {
            let mut names = names.clone();
            names.push(subcommand.get_name().to_owned());
            (names, subcommand.clone())
        }));
    }
    found.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    found
}

/// Code whose string literals people read.
const PROGRAM: [&str; 3] = ["src", "xtask", "build.rs"];
const TESTS: [&str; 3] = ["tests", "benches", "fuzz"];

/// Comments and names of functions in all code, and string literals of the program and the generators. Literals of
/// tests are input, or quote the program.
pub fn source(root: &Path) -> Scanned {
    let mut all = Scanned::default();
    for (path, text) in files(root, &[PROGRAM, TESTS].concat()) {
        let first = text.lines().next().unwrap_or_default();
        if extension(&path) != "rs" || first.contains("Generated by `cargo xtask generate`") {
            continue;
        }
        let scanned = scan(&path, &text);
        if !TESTS
            .iter()
            .any(|folder| Path::new(&path).starts_with(folder))
        {
            all.strings.extend(scanned.strings);
        }
        all.names.extend(scanned.names);
        all.comments.extend(scanned.comments);
    }
    all
}
