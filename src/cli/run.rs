//! The subcommands. Each wires the steps of the pipeline together and decides nothing itself.

use super::{
    baseline, check, completions, config, explain, init, lsp, man, rules, rules_test, terminal,
};

use miette::{GraphicalReportHandler, Report};

use super::arguments::{Cli, Command, ConfigCommand, RulesCommand};
use crate::config::ExitStatus;

/// Runs a command. What it could not do is told on stderr.
pub fn run(cli: Cli) -> ExitStatus {
    let done = match cli.command {
        Command::Check(arguments) => check::check(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Baseline(arguments) => baseline::baseline(&arguments),
        Command::Init(arguments) => init::init(&arguments),
        Command::Config { command } => match command {
            ConfigCommand::Schema => config::schema(),
        },
        Command::Lsp => lsp::lsp(),
        Command::Rules { command } => match command {
            RulesCommand::List(arguments) => rules::list(&arguments),
            RulesCommand::Test(arguments) => rules_test::test(&arguments),
            RulesCommand::Schema => rules::schema(),
        },
        Command::Completions { shell } => completions::completions(shell),
        Command::Man { folder } => man::man(&folder),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            show(&error);
            ExitStatus::Failure
        }
    }
}

/// Shows an error as miette draws it, in the style of the terminal.
pub(crate) fn show(error: &Report) {
    let style = terminal::style(terminal::Stream::Stderr);
    let handler = GraphicalReportHandler::new_themed(style.theme())
        .with_width(style.width)
        .with_links(false);
    let mut text = String::new();
    if handler.render_report(&mut text, error.as_ref()).is_ok() {
        terminal::say(&text);
    } else {
        terminal::say(&format!("error: {error}\n"));
    }
}
