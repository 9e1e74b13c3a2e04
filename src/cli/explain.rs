//! `forcelint explain`.

use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, IntoDiagnostic, miette};
use thiserror::Error;

use super::arguments::{ExplainArgs, ExplainFormat, ListFormat};
use super::load_config::{decisive_project, own_rules_of, rules_in};
use super::rules::rule_list;
use super::terminal::{Stream, print, say, style};
use crate::config::ExitStatus;
use crate::project::{Projects, absolute};
use crate::rule::{Rule, RuleSet, Selection, find_rule};
use crate::rule_docs::{
    ListedRule, explained_names, find_topic, rule_json, rule_markdown, rule_terminal,
};
use crate::text::{nearest, sanitize};

/// A name that `explain` does not know.
#[derive(Debug, Error, Diagnostic)]
#[error("unknown name `{}`{}", sanitize(name), nearest.as_ref().map(|it| format!("; did you mean `{it}`?")).unwrap_or_default())]
#[diagnostic(
    code("usage"),
    help(
        "name a rule, a tag, a field or a published control; list rules and tags with `forcelint explain`"
    )
)]
struct UnknownName {
    name: String,
    nearest: Option<String>,
}

pub(crate) fn explain(arguments: &ExplainArgs) -> miette::Result<ExitStatus> {
    let Some(name) = &arguments.name else {
        return list(arguments.format);
    };
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    if Path::new(name).extension().is_some_and(|end| end == "toml") {
        let rule = rule_in_file(name, &working_directory)?;
        return print_rule(&rule, arguments.format);
    }
    let own_rules = own_rules(&working_directory);
    if let Ok(rule) = find_rule(name, &own_rules) {
        return print_rule(&rule, arguments.format);
    }
    let set = RuleSet::select_with(&Selection::default(), &own_rules).into_diagnostic()?;
    let rules: Vec<&Rule> = set.rules().collect();
    let Some(topic) = find_topic(name, &rules) else {
        let known = explained_names(&rules);
        return Err(UnknownName {
            name: name.clone(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        }
        .into());
    };
    let text = match arguments.format {
        ExplainFormat::Text => {
            let style = style(Stream::Stdout);
            topic.terminal(style.width, style.color)
        }
        ExplainFormat::Markdown => topic.markdown(),
        ExplainFormat::Json => topic.json(),
    };
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}

/// All rules, and what else can be explained.
fn list(format: ExplainFormat) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let own_rules = own_rules(&working_directory);
    let set = RuleSet::select_with(&Selection::default(), &own_rules).into_diagnostic()?;
    let rules: Vec<ListedRule<'_>> = set
        .rules()
        .map(|rule| ListedRule { rule, is_on: true })
        .collect();
    let format = match format {
        ExplainFormat::Json => ListFormat::Json,
        ExplainFormat::Text | ExplainFormat::Markdown => ListFormat::Table,
    };
    let mut text = rule_list(&rules, format);
    if format == ListFormat::Table {
        text.push_str(
            "Explain a rule, a tag, a field or a published control: `forcelint explain NAME`\n",
        );
    }
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}

fn print_rule(rule: &Rule, format: ExplainFormat) -> miette::Result<ExitStatus> {
    let text = match format {
        ExplainFormat::Text => {
            let style = style(Stream::Stdout);
            rule_terminal(rule, style.width, style.color)
        }
        ExplainFormat::Markdown => rule_markdown(rule),
        ExplainFormat::Json => rule_json(rule),
    };
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}

/// The rule in a file. A file is recognized by its extension, which no id has.
fn rule_in_file(name: &str, working_directory: &Path) -> miette::Result<Arc<Rule>> {
    let path = absolute(Path::new(name)).into_diagnostic()?;
    let mut files = rules_in(&path, working_directory);
    if let Some(problem) = files.problems.pop() {
        return Err(problem.into());
    }
    match <[_; 1]>::try_from(files.rules) {
        Ok([loaded]) => Ok(loaded.rule),
        Err(rules) => {
            let count = rules.len();
            Err(miette!(
                "`{}` has {count} rules; name one of their files",
                sanitize(name)
            ))
        }
    }
}

/// The rules of the project's config. The built-in rules can be explained without a valid config.
fn own_rules(working_directory: &Path) -> Vec<Arc<Rule>> {
    let project = decisive_project(&[], working_directory, &Projects::default());
    own_rules_of(&project, working_directory).unwrap_or_else(|error| {
        say(&format!(
            "warning: {}; only the built-in rules are explained\n",
            sanitize(&error.to_string())
        ));
        Vec::new()
    })
}
