//! `forcelint explain`.

use std::path::Path;
use std::sync::Arc;

use miette::{IntoDiagnostic, miette};

use super::arguments::{ExplainArgs, ExplainFormat};
use super::load_config::{decisive_project, own_rules_of, rules_in};
use super::terminal::{Stream, print, style};
use crate::config::ExitStatus;
use crate::project::{Projects, absolute};
use crate::rule::{BUILT_IN, Rule, find_rule};
use crate::rule_docs::{rule_json, rule_markdown, rule_terminal};
use crate::text::sanitize;

pub(crate) fn explain(arguments: &ExplainArgs) -> miette::Result<ExitStatus> {
    let rule = named(&arguments.rule)?;
    let text = match arguments.format {
        ExplainFormat::Text => {
            let style = style(Stream::Stdout);
            rule_terminal(&rule, style.width, style.color)
        }
        ExplainFormat::Markdown => rule_markdown(&rule),
        ExplainFormat::Json => rule_json(&rule),
    };
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}

/// The rule of an id or a file. A file is recognized by its extension, which no id has.
fn named(name: &str) -> miette::Result<Arc<Rule>> {
    if BUILT_IN.iter().any(|built_in| built_in.id == name) {
        // A built-in rule does not need the config, which may be invalid.
        return Ok(find_rule(name, &[])?);
    }
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let file = Path::new(name);
    if file.extension().is_some_and(|end| end == "toml") {
        let path = absolute(file).into_diagnostic()?;
        let mut files = rules_in(&path, &working_directory);
        if let Some(problem) = files.problems.pop() {
            return Err(problem.into());
        }
        return match <[_; 1]>::try_from(files.rules) {
            Ok([loaded]) => Ok(loaded.rule),
            Err(rules) => {
                let count = rules.len();
                Err(miette!(
                    "`{}` has {count} rules; name one of their files",
                    sanitize(name)
                ))
            }
        };
    }
    let project = decisive_project(&[], &working_directory, &Projects::default());
    let own_rules = own_rules_of(&project, &working_directory)?;
    Ok(find_rule(name, &own_rules)?)
}
