//! The command line: what can be typed, and nothing of what it does.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::fix::Level;
use crate::output::Format;
use crate::rule::Severity;

/// A linter for the login security of Salesforce metadata in SFDX project source
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lint files and folders
    Check(Box<CheckArgs>),
    /// Tell what a rule checks, why, and how to fix and roll out what it finds
    Explain(ExplainArgs),
    /// Record today's findings, so that only new ones count
    #[command(
        after_long_help = "The file is written anew each time: findings that are gone leave \
        it. `check --baseline FILE`, or `baseline = \"FILE\"` in forcelint.toml, uses it.\n\n\
        Exit status: 0 it is written, 2 something could not be done, and nothing is written."
    )]
    Baseline(BaselineArgs),
    /// Set a project up: write forcelint.toml, and the entries of pre-commit and CI
    #[command(
        after_long_help = "A file that is there already is left as it is; what is to be added to it is printed.\n\n\
        Exit status: 0 done, or nothing to do; 2 something could not be written, or there is no Salesforce \
        project."
    )]
    Init(InitArgs),
    /// The config, forcelint.toml
    Config {
        /// What about it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout
    #[command(
        after_long_help = "Editors start it; docs/editors.md tells how. Exit status: 0 the \
        editor shut it down, 1 it went away."
    )]
    Lsp,
    /// The rules
    Rules {
        /// What about them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Print the script that completes forcelint's arguments in a shell
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man pages, for packages
    #[command(hide = true)]
    Man {
        /// The folder, which is there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Where the scripts are put.
const COMPLETIONS_HELP: &str = "Where it goes:\n  \
    bash        forcelint completions bash > ~/.local/share/bash-completion/completions/forcelint\n  \
    zsh         forcelint completions zsh > a folder of $fpath, as _forcelint\n  \
    fish        forcelint completions fish > ~/.config/fish/completions/forcelint.fish\n  \
    powershell  forcelint completions powershell | Out-String | Invoke-Expression, in $PROFILE\n  \
    elvish      eval (forcelint completions elvish | slurp), in rc.elv";

/// Arguments of `init`. There is no dialogue: a run says which of these flags fit the project.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// A folder of the project; without it the working directory
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Record today's findings in forcelint-baseline.json, so that only new ones count
    #[arg(long)]
    pub baseline: bool,

    /// A hook for pre-commit, in .pre-commit-config.yaml at the top of the repository
    #[arg(long)]
    pub pre_commit: bool,

    /// A check of pull requests for GitHub Actions, .github/workflows/forcelint.yml
    #[arg(long)]
    pub github: bool,

    /// A job for GitLab CI, in .gitlab-ci.yml
    #[arg(long)]
    pub gitlab: bool,

    /// Write forcelint.toml, the baseline and the workflow anew where they are there already.
    /// Files in which others have entries too are never written over
    #[arg(long)]
    pub force: bool,
}

/// What can be done with the config.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of forcelint.toml, for completion in editors
    Schema,
}

/// Arguments of `baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// Files and folders, as for `check`. Without any: the package directories of the project
    /// around the working directory, else that folder
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The file. Without it: that of forcelint.toml, else forcelint-baseline.json in the folder of
    /// the project
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Use this config, and look for no other
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What can be done with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules
    List(ListArgs),
    /// Hold rules against the tests in their own files
    #[command(after_long_help = "Exit status: 0 every test passes, 1 one fails, \
        2 a file could not be read or is no valid rule.")]
    Test(TestArgs),
    /// Print the JSON Schema of rule files, for completion in editors
    Schema,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit status: 0 nothing at or above --fail-on is left, 1 something is, \
    2 something could not be done (usage, config, rules, a file or folder that could not be read).\n\n\
    Without --config, forcelint.toml is the one of the project around the first PATH, or without any around the \
    working directory: the nearest from the project's folder up to the top of its repository."
)]
pub struct CheckArgs {
    /// Files and folders; `@FILE` reads them from a file, one a line. Without any: the package
    /// directories of the project around the working directory, else that folder
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Apply fixes: safe ones, or with --fix=all also those that need a roll-out to the clients
    #[arg(
        long,
        value_name = "LEVEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "safe"
    )]
    pub fix: Option<FixLevel>,

    /// Print the patch of what --fix would do, and write nothing
    #[arg(long)]
    pub diff: bool,

    /// How to report: pretty (on a terminal), concise (else), json, sarif, github, gitlab, junit,
    /// markdown, html; with =FILE into a file. May be given several times
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<Output>,

    /// Only these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Not these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// The mildest severity that is reported; whatever fails the run always is [default: low]
    #[arg(long, value_name = "SEVERITY", value_parser = Severity::from_str)]
    pub min_severity: Option<Severity>,

    /// The mildest severity that fails the run, or `never` [default: low]
    #[arg(long, value_name = "SEVERITY|never")]
    pub fail_on: Option<FailOn>,

    /// Findings of this file do not count; `forcelint baseline` writes it
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// All findings count: the baseline of forcelint.toml is not looked at
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,

    /// Use this config, and look for no other
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print what holds for this run and where each value came from, and lint nothing
    #[arg(long)]
    pub show_config: bool,

    /// List the findings too that exceptions, comments and the baseline hide
    #[arg(long)]
    pub show_suppressed: bool,

    /// Only findings in files that differ from where HEAD and this branch, tag or commit parted:
    /// committed, staged, unstaged and untracked changes; and those in other files that a changed
    /// one had a part in
    #[arg(long, value_name = "GIT_REF", conflicts_with_all = ["staged", "stdin_filename"])]
    pub since: Option<String>,

    /// Only findings in what is staged, read from git's index, other files as they are there. With
    /// --fix files of the working tree are fixed, and not staged again
    #[arg(long, conflicts_with = "stdin_filename")]
    pub staged: bool,

    /// Lint stdin as if it were this file; with --fix the fixed text goes to stdout
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    pub stdin_filename: Option<PathBuf>,

    /// Ignore files hold for the named paths as well
    #[arg(long)]
    pub force_exclude: bool,

    /// The report alone, nothing on stderr but what could not be done
    #[arg(long, short)]
    pub quiet: bool,

    /// Number of threads
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u16).range(0..=256)
    )]
    pub jobs: u16,
}

/// Which fixes to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FixLevel {
    /// Those that break no client
    Safe,
    /// Those too that need a roll-out
    All,
}

impl From<FixLevel> for Level {
    fn from(level: FixLevel) -> Self {
        match level {
            FixLevel::Safe => Self::Safe,
            FixLevel::All => Self::All,
        }
    }
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it is written.
    pub format: Format,
    /// The file; stdout without one.
    pub file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing behind `=`".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format =
            Format::from_str(format, false).map_err(|_| format!("expected {}", format_names()))?;
        Ok(Self { format, file })
    }
}

/// The formats, for who typed another.
fn format_names() -> String {
    let all = Format::value_variants().iter();
    let names = all.filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()));
    let mut names: Vec<String> = names.collect();
    let last = names.pop().unwrap_or_default();
    format!("{} or {last}", names.join(", "))
}

/// What fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(pub Option<Severity>);

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self(None));
        }
        text.parse()
            .map(|severity| Self(Some(severity)))
            .map_err(|_| "expected critical, high, medium, low, info or never".to_owned())
    }
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id, or its file
    #[arg(value_name = "RULE")]
    pub rule: String,

    /// How to write it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
}

/// How `explain` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For a terminal
    Text,
    /// Markdown
    Markdown,
    /// A JSON object
    Json,
}

/// Arguments of `rules test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Rule files, and folders of them. Without any: the built-in rules
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `rules list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Only rules that look at this metadata type
    #[arg(long, value_name = "TYPE")]
    pub metadata: Option<String>,

    /// Only rules of this severity
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), hide_possible_values = true)]
    pub severity: Option<Severity>,

    /// How to write it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
}

/// Reads a severity; clap names the nearest to a wrong one.
fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name))
        .try_map(|name| Severity::from_str(&name))
}

/// How `rules list` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table for a terminal
    Table,
    /// A JSON array
    Json,
}
