//! The arguments of the command line and their help texts.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::{ArgValueCandidates, Shell};

use super::candidates::{explained, formats, metadata_types, rules_and_tags};

use crate::fix::Level;
use crate::output::{
    ComparisonFormat, CoverageFormat, Format, Grouping, MaxFindings, MergedFormat,
};
use crate::rule::Severity;
use crate::text::nearest;

const FIRST_STEPS: &str = "First steps, in the folder of sfdx-project.json:\n\n    \
    forcelint check                   list the findings, the worst first\n    \
    forcelint explain pkce-required   why a rule matters, and what to do\n    \
    forcelint check --fix             apply the safe fixes\n\n\
    forcelint needs no network and no org. Without --fix, `check` changes no metadata.";

/// Find and fix insecure login and OAuth settings in Salesforce metadata
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = FIRST_STEPS
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// When to use colors: auto (on a terminal, unless NO_COLOR or a similar variable is set), always, never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value_t = ColorChoice::Auto,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check Salesforce metadata for insecure settings
    Check(Box<CheckArgs>),
    /// Show what a rule checks, why it matters, and how to fix its findings; or the rules of a tag, a field or a
    /// published control
    Explain(ExplainArgs),
    /// Show for each published control whether the project passes it, fails it, or cannot show it
    #[command(
        after_long_help = "The result of a control is one of: failed, not checked, passed, passed in part (source does \
        not show all of it), not set in source (a file of org settings does not have the setting, so a deploy does not \
        change it), nothing to check (no component that the control is about), not visible in source (with the \
        reason). Accepted findings and the baseline do not make a control pass.\n\n\
        Exit status: 0 the results are complete, whatever they are; 2 something could not be done. To fail a run by \
        findings, use `check`."
    )]
    Coverage(CoverageArgs),
    /// Record the current findings, so that only new ones are reported
    #[command(
        after_long_help = "Each run replaces the file, so fixed findings are removed from it. Use it with \
        `check --baseline FILE` or `baseline = \"FILE\"` in forcelint.toml.\n\n\
        Exit status: 0 the file was written, or with --check it would not grow; 1 it would grow; 2 an error \
        occurred and nothing was written."
    )]
    Baseline(BaselineArgs),
    /// Show which security settings differ between two states, and which findings are new
    #[command(
        after_long_help = "A state is a folder, a zip as the Salesforce CLI retrieves it, or a git revision. `main` is \
        the working directory in that revision, `main:force-app` a folder from the top of the repository. The \
        config is that of the working directory; baselines do not apply.\n\n\
        Exit status: 0 not worse; 1 the right side has a new finding at or above --fail-on, or one with a higher \
        severity; 2 something could not be done, such as reading a file."
    )]
    Compare(CompareArgs),
    /// Set up a project: write forcelint.toml, and the configuration for pre-commit and CI
    #[command(
        after_long_help = "Existing files are not changed; what to add to them is printed.\n\n\
        Exit status: 0 done, or nothing to do; 2 a file could not be written, or this is not a Salesforce \
        project."
    )]
    Init(InitArgs),
    /// Print a package.xml with all metadata that the rules read, to retrieve it from an org
    #[command(
        after_long_help = "Retrieve the metadata with the Salesforce CLI, and check it:\n\n  \
        forcelint manifest --output package.xml\n  \
        sf project retrieve start --manifest package.xml --target-org ORG --target-metadata-dir retrieved\n  \
        forcelint check retrieved/unpackaged.zip"
    )]
    Manifest(ManifestArgs),
    /// Work with the reports of many repositories
    Report {
        #[command(subcommand)]
        command: ReportCommand,
    },
    /// Print information about forcelint.toml
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Start the language server for editors, on stdin and stdout
    #[command(
        after_long_help = "Editors start this command; see docs/editors.md. Exit status: 0 the editor \
        shut the server down, 1 the connection ended."
    )]
    Lsp,
    /// List and test rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Print the completion script for a shell
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man pages
    #[command(hide = true)]
    Man {
        /// An existing folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Where to install the scripts.
const COMPLETIONS_HELP: &str = "Where to install it:\n  \
    bash        forcelint completions bash > ~/.local/share/bash-completion/completions/forcelint\n  \
    zsh         forcelint completions zsh > _forcelint, in a folder of $fpath\n  \
    fish        forcelint completions fish > ~/.config/fish/completions/forcelint.fish\n  \
    powershell  forcelint completions powershell | Out-String | Invoke-Expression, in $PROFILE\n  \
    elvish      eval (forcelint completions elvish | slurp), in rc.elv";

/// Arguments of `init`. It asks no questions: its output says which of these options fit the project.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// A folder of the project [default: the working directory]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Record the current findings in forcelint-baseline.json, so that only new ones are reported
    #[arg(long)]
    pub baseline: bool,

    /// Write .pre-commit-config.yaml at the root of the repository, or print the hook to add to it
    #[arg(long)]
    pub pre_commit: bool,

    /// Write a GitHub Actions workflow that checks pull requests, .github/workflows/forcelint.yml
    #[arg(long)]
    pub github: bool,

    /// Write .gitlab-ci.yml, or print the job to add to it
    #[arg(long)]
    pub gitlab: bool,

    /// Write code-analyzer.yml and eslint.config.mjs, which run forcelint in Salesforce Code Analyzer
    /// and ESLint, or print the lines to add to them
    #[arg(long)]
    pub code_analyzer: bool,

    /// Overwrite forcelint.toml, the baseline, the workflow, and a code-analyzer.yml that this command
    /// wrote. Files that other tools share are never overwritten
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of forcelint.toml, for completion in editors
    Schema,
}

/// Arguments of `manifest`.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// Only what these rules and tags read
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',')]
    pub select: Vec<String>,

    /// The API version [default: that of the project, or the newest that forcelint knows]
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,

    /// Write it to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Use this config file instead of forcelint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The state before: a folder, a zip, or a git revision (`main`, or `main:force-app` for a folder in it)
    #[arg(value_name = "LEFT")]
    pub left: String,

    /// The state after: a folder, a zip, or a git revision
    #[arg(value_name = "RIGHT")]
    pub right: String,

    /// Compare only what these rules and tags read and report
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Lowest severity to report [default: low, or --fail-on if that is lower]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), hide_possible_values = true)]
    pub min_severity: Option<Severity>,

    /// Lowest severity of a new finding that fails the run, or `never` [default: low]
    #[arg(long, value_name = "SEVERITY|never", value_parser = fail_on_parser(), hide_possible_values = true)]
    pub fail_on: Option<FailOn>,

    /// Output format: pretty, markdown, json, html
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ComparisonFormat::Pretty, hide_possible_values = true)]
    pub format: ComparisonFormat,

    /// Write it to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Use this config file instead of forcelint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `coverage`.
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// Files and folders, as for `check` [default: the package directories of the project, or the
    /// working directory outside a project]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Also compare the org's security settings with a baseline of Health Check, an XML file that Setup exports
    #[arg(long, value_name = "FILE")]
    pub health_check: Option<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t = CoverageFormat::Text)]
    pub format: CoverageFormat,

    /// Write the report to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Use this config file instead of forcelint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Merge the reports of many repositories into one
    #[command(
        after_long_help = "Write the reports with `check --format jsonl=FILE`. See docs/many-repositories.md.\n\n\
        Exit status: 0 every report was read and every repository was checked without errors, whatever its findings \
        are; 2 a report is missing, truncated or a duplicate, or a repository has errors. The rest is merged."
    )]
    Merge(MergeArgs),
}

/// Arguments of `report merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Files that `check --format jsonl` wrote, and folders with such files (`*.jsonl`); `@FILE` reads the paths from a
    /// file, one per line
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Output format: pretty (default), markdown, json, csv, html. =FILE writes it to a file, in addition to what the
    /// terminal shows. Can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<Output<MergedFormat>>,
}

/// Arguments of `baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// Files and folders, as for `check` [default: the package directories of the project, or the
    /// working directory outside a project]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The file to write [default: the baseline of forcelint.toml, or forcelint-baseline.json in the
    /// project's root]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Use this config file instead of forcelint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Write nothing, and fail if the baseline would grow
    #[arg(long, conflicts_with = "prune")]
    pub check: bool,

    /// Only remove findings that no longer exist, and add none
    #[arg(long)]
    pub prune: bool,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules
    List(ListArgs),
    /// Write a new rule and its tests, to start from
    #[command(
        after_long_help = "The rule is an example that passes its tests. The files are written into the first \
        folder in the `rule-paths` of forcelint.toml, else into `lint-rules`. Existing files are never overwritten."
    )]
    New(NewArgs),
    /// Run the tests of rules
    #[command(after_long_help = "Exit status: 0 all tests pass, 1 a test fails, \
        2 a file could not be read or is not a valid rule.")]
    Test(TestArgs),
    /// Print the JSON Schema of rule files, for completion in editors
    Schema,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit status: 0 no findings at or above --fail-on, 1 at least one, or with \
    --fail-on-unchecked something was not checked, 2 something could not be done (usage, config, rules, a file \
    or folder that could not be read).\n\n\
    The config is the nearest forcelint.toml, from the root of the project up to the root of its repository. The \
    project is the one that contains the first PATH, or the working directory."
)]
pub struct CheckArgs {
    /// Files, folders and zips of metadata; `@FILE` reads them from a file, one per line [default: the
    /// package directories of the project, or the working directory outside a project]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Apply fixes: safe ones, or with --fix=all also those that need a rollout
    #[arg(
        long,
        value_name = "LEVEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "safe"
    )]
    pub fix: Option<FixLevel>,

    /// Print the changes of --fix as a patch and write nothing
    #[arg(long)]
    pub diff: bool,

    /// Output format: pretty (default on a terminal), concise (default elsewhere), json, jsonl, agent,
    /// sarif, github, gitlab, junit, markdown, html. =FILE writes it to a file, in addition to what the terminal
    /// shows. Can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", add = ArgValueCandidates::new(formats))]
    pub format: Vec<Output>,

    /// The name of the repository in `jsonl`, for `report merge` [default: from git's remote `origin`, else from
    /// the variables of CI, else the name of the folder or zip]
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,

    /// How the pretty format groups findings: by rule, with the text once; by file, one line each; or each
    /// with its source
    #[arg(long, value_enum, value_name = "GROUPING", default_value_t = Grouping::Rule)]
    pub group: Grouping,

    /// List at most this many findings in the pretty and concise formats, or `all` [default for pretty: as many
    /// as fit on a few screens]
    #[arg(long, value_name = "N|all", value_parser = MaxFindings::from_str)]
    pub max_findings: Option<MaxFindings>,

    /// Print how many findings each rule has instead of the findings
    #[arg(long)]
    pub statistics: bool,

    /// Check only these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',', add = ArgValueCandidates::new(rules_and_tags))]
    pub select: Vec<String>,

    /// Do not check these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',', add = ArgValueCandidates::new(rules_and_tags))]
    pub ignore: Vec<String>,

    /// Lowest severity to report [default: low, or --fail-on if that is lower]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), hide_possible_values = true)]
    pub min_severity: Option<Severity>,

    /// Lowest severity that fails the run, or `never` [default: low]
    #[arg(long, value_name = "SEVERITY|never", value_parser = fail_on_parser(), hide_possible_values = true)]
    pub fail_on: Option<FailOn>,

    /// Fail the run also if a rule cannot be checked for a component
    #[arg(long)]
    pub fail_on_unchecked: bool,

    /// Suppress the findings in this file, which `forcelint baseline` writes
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Ignore the baseline of forcelint.toml
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,

    /// Use this config file instead of forcelint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Show the effective settings and where each one comes from, then exit
    #[arg(long)]
    pub show_config: bool,

    /// Also list the findings that exceptions, comments and the baseline suppress
    #[arg(long)]
    pub show_suppressed: bool,

    /// Report only findings that your changes affect: committed since the merge base with this branch,
    /// tag or commit, staged, unstaged and untracked ones
    #[arg(long, value_name = "GIT_REF", conflicts_with_all = ["staged", "stdin_filename"])]
    pub since: Option<String>,

    /// Report only findings in staged files, as they are in git's index. --fix changes the files in the
    /// working tree and does not stage them
    #[arg(long, conflicts_with = "stdin_filename")]
    pub staged: bool,

    /// Check stdin as this file; --fix prints the fixed text to stdout. The path may also be `-`
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// Also skip named paths that ignore files exclude, or that are not metadata
    #[arg(long)]
    pub force_exclude: bool,

    /// Also read files that links lead to outside the repository and the package directory
    #[arg(long)]
    pub allow_outside: bool,

    /// Do not fail if a path has nothing to check
    #[arg(long)]
    pub allow_empty: bool,

    /// Also list the files and folders that were skipped, with the reason
    #[arg(long)]
    pub show_skipped: bool,

    /// Also show where the time went
    #[arg(long)]
    pub timings: bool,

    /// Check a repository whose authors are not trusted: its config, baseline, comments and ignore files
    /// do not apply, PATH itself is walked, and what cannot be checked fails the run
    #[arg(
        long,
        conflicts_with_all = [
            "fix", "diff", "baseline", "since", "staged", "stdin_filename", "force_exclude",
        ]
    )]
    pub audit: bool,

    /// Print only the report, and errors on stderr. With `--format FORMAT=FILE`, print no report on the terminal
    #[arg(long, short)]
    pub quiet: bool,

    /// Show all details in the summary: components by type, and everything that was not checked
    #[arg(long, short, conflicts_with = "quiet")]
    pub verbose: bool,

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
    /// Safe fixes
    Safe,
    /// Also fixes that need a rollout: steps for client apps, users, or administrators
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
pub struct Output<F = Format> {
    pub format: F,
    /// `None` is stdout.
    pub file: Option<PathBuf>,
}

impl<F: ValueEnum> FromStr for Output<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("missing file name after `=`".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = F::from_str(format, false).map_err(|_| {
            let names = format_names::<F>();
            let near = nearest(format, names.iter().map(String::as_str));
            let near = near.map(|near| format!("; did you mean `{near}`?"));
            format!(
                "expected {}{}",
                alternatives(&names),
                near.unwrap_or_default()
            )
        })?;
        Ok(Self { format, file })
    }
}

fn format_names<F: ValueEnum>() -> Vec<String> {
    let all = F::value_variants().iter();
    let names = all.filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()));
    names.collect()
}

/// `a, b or c`
fn alternatives(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.join(", "),
    }
}

/// The lowest severity that fails a run; `None` is `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(pub Option<Severity>);

/// Reads a severity or `never`. clap suggests the nearest one.
fn fail_on_parser() -> impl TypedValueParser<Value = FailOn> {
    let names = Severity::ALL.map(Severity::name).into_iter();
    PossibleValuesParser::new(names.chain(["never"]))
        .map(|name| FailOn(Severity::from_str(&name).ok()))
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id or the file of a rule, a tag, a metadata field such as `isPkceRequired`, or the id of a published
    /// control or of an incident [default: list the rules and tags]
    #[arg(value_name = "RULE|TAG|FIELD|CONTROL", add = ArgValueCandidates::new(explained))]
    pub name: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
}

/// The formats of `explain`.
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
    /// Rule files and folders of rule files [default: the `rule-paths` in forcelint.toml, else the built-in rules]
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `rules new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The id of the rule, which names the problem in kebab-case, such as `team-contact`
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Arguments of `rules list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only these rules and tags
    #[arg(long, value_name = "RULE|TAG", value_delimiter = ',', add = ArgValueCandidates::new(rules_and_tags))]
    pub select: Vec<String>,

    /// Only rules that check this metadata type
    #[arg(long, value_name = "TYPE", add = ArgValueCandidates::new(metadata_types))]
    pub metadata: Option<String>,

    /// Only rules of this severity
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), hide_possible_values = true)]
    pub severity: Option<Severity>,

    /// Output format [default: table on a terminal, else tsv]
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
}

/// Reads a severity. clap suggests the nearest one.
fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name))
        .try_map(|name| Severity::from_str(&name))
}

/// The formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table for a terminal
    Table,
    /// One line per rule: id, severity, on or off, fix, metadata types, tags and title, separated by tabs
    Tsv,
    /// A JSON array
    Json,
}
