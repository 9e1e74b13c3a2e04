//! Tips for likely mistakes on the command line, in addition to clap's suggestions.

use std::path::Path;

use clap::Parser as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::arguments::Cli;

/// Parses the command line. Prints an error with a tip and exits if it is not valid.
pub fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| with_tip(error).exit())
}

fn with_tip(mut error: clap::Error) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => about_command(&text(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => {
            about_option(&text(ContextKind::InvalidArg)).map(str::to_owned)
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue).to_lowercase();
            let valid = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(valid)) => valid.as_slice(),
                _ => &[],
            };
            let valid = valid.iter().find(|it| **it == value).cloned();
            valid.map(|valid| format!("write `{valid}`, in lower case"))
        }
        _ => None,
    };
    if let Some(tip) = tip {
        // One tip is enough, and this one is more specific.
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedValue);
        let tips = vec![StyledStr::from(tip)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn about_command(name: &str) -> Option<String> {
    let folded = name.to_lowercase();
    let command = match folded.as_str() {
        "scan" | "lint" | "run" | "analyze" | "validate" | "verify" => "check",
        "fix" | "format" => "check --fix",
        "audit" => "check --audit",
        "diff" => "check --diff",
        "list" | "ls" => "rules list",
        "new" | "setup" => "init",
        "rule" | "docs" | "describe" => "explain",
        "watch" => return about_option("--watch").map(str::to_owned),
        "version" => "--version",
        "server" | "language-server" => "lsp",
        "completion" => "completions",
        "check" | "explain" | "baseline" | "init" | "config" | "lsp" | "rules" | "completions" => {
            &folded
        }
        _ if Path::new(name).exists() => {
            return Some(format!("to check it, run `forcelint check {name}`"));
        }
        _ => return None,
    };
    Some(format!("run `forcelint {command}`"))
}

fn about_option(option: &str) -> Option<&'static str> {
    Some(match option {
        "--watch" | "-w" => {
            "forcelint has no watch mode: an editor with `forcelint lsp` checks as you type (docs/editors.md)"
        }
        "--output" | "-o" | "--out" | "--output-file" => {
            "write a report to a file with `--format FORMAT=FILE`, such as `--format json=report.json`"
        }
        "--json" => "use `--format json`",
        "--sarif" => "use `--format sarif`",
        "--html" => "use `--format html=report.html`",
        "--stdin" => "name the file with `--stdin-filename PATH`",
        "--exclude" | "--skip" => {
            "list the paths under `exclude` in forcelint.toml, or use `--ignore RULE` for rules"
        }
        "--rule" | "--rules" | "--only" => "use `--select RULE`",
        "--severity" | "--level" => {
            "use `--min-severity` for what is shown, and `--fail-on` for the exit status"
        }
        "--dry-run" | "--check" => "use `--diff` to preview the changes of `--fix`",
        "--fix-all" => "use `--fix=all`",
        "--threads" | "-j" => "use `--jobs N`",
        "--no-color" => "use `--color never`",
        _ => return None,
    })
}
