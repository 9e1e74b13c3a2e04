//! `forcelint explain`.

use miette::IntoDiagnostic;

use super::terminal::{Stream, print, style};
use crate::cli::{ExplainArgs, ExplainFormat};
use crate::policy::ExitStatus;
use crate::report::{rule_json, rule_markdown, rule_terminal};
use crate::rule::find_rule;

pub(super) fn explain(arguments: &ExplainArgs) -> miette::Result<ExitStatus> {
    let rule = find_rule(&arguments.rule, &[]).into_diagnostic()?;
    let text = match arguments.format {
        ExplainFormat::Text => {
            let style = style(Stream::Stdout);
            rule_terminal(&rule, style.width, style.colour)
        }
        ExplainFormat::Markdown => rule_markdown(&rule),
        ExplainFormat::Json => rule_json(&rule),
    };
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}
