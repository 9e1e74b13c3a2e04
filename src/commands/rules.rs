//! `forcelint rules`.

use miette::IntoDiagnostic;

use super::terminal::{Stream, print, style};
use crate::cli::{ListArgs, ListFormat};
use crate::policy::ExitStatus;
use crate::report::rule_table;
use crate::rule::{RuleSet, Selection};

pub(super) fn list(arguments: &ListArgs) -> miette::Result<ExitStatus> {
    let rules = RuleSet::select(&Selection::default()).into_diagnostic()?;
    let width = match arguments.format {
        ListFormat::Table => Some(style(Stream::Stdout).width),
        ListFormat::Json => None,
    };
    print(rule_table(&rules, width).as_bytes())?;
    Ok(ExitStatus::Clean)
}
