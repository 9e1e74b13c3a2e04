//! Runs a subcommand.

use anstream::ColorChoice;

use super::{
    baseline, check, compare, completions, config, coverage, explain, init, lsp, man, manifest,
    report_merge, rules, rules_new, rules_test,
};

use super::arguments::{Cli, Command, ConfigCommand, ReportCommand, RulesCommand};
use super::show_error::show_error;
use crate::config::ExitStatus;

/// Runs a command. Errors go to stderr.
pub fn run(cli: Cli) -> ExitStatus {
    match cli.color {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    }
    .write_global();
    let done = match cli.command {
        Command::Check(arguments) => check::check(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Coverage(arguments) => coverage::coverage(&arguments),
        Command::Baseline(arguments) => baseline::baseline(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Init(arguments) => init::init(&arguments),
        Command::Manifest(arguments) => manifest::manifest(&arguments),
        Command::Report { command } => match command {
            ReportCommand::Merge(arguments) => report_merge::merge(&arguments),
        },
        Command::Config { command } => match command {
            ConfigCommand::Schema => config::schema(),
        },
        Command::Lsp => lsp::lsp(),
        Command::Rules { command } => match command {
            RulesCommand::List(arguments) => rules::list(&arguments),
            RulesCommand::New(arguments) => rules_new::new(&arguments),
            RulesCommand::Test(arguments) => rules_test::test(&arguments),
            RulesCommand::Schema => rules::schema(),
        },
        Command::Completions { shell } => completions::completions(shell),
        Command::Man { folder } => man::man(&folder),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            show_error(&error);
            ExitStatus::Failure
        }
    }
}
