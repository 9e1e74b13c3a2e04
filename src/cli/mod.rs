//! The `forcelint` program: its arguments, and one file per subcommand.

mod arguments;
mod baseline;
mod candidates;
mod changed_files;
mod check;
mod ci_branch;
mod clock;
mod compare;
mod completions;
mod config;
mod coverage;
mod explain;
mod former_config;
mod init;
mod load_config;
mod lsp;
mod man;
mod manifest;
mod output_file;
mod progress;
mod report_merge;
mod rule_template;
mod rules;
mod rules_new;
mod rules_test;
mod run;
mod show_error;
mod source_url;
mod terminal;
mod tips;

pub use arguments::Cli;
pub use completions::{complete_if_asked, completion_script};
pub use run::run;
pub use tips::parse;
