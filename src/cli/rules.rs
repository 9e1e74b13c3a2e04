//! `forcelint rules list` and `forcelint rules schema`.

use std::collections::HashSet;
use std::path::Path;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::{ListArgs, ListFormat};
use super::load_config::{LoadedConfig, decisive_project, load_config};
use super::terminal::{Stream, print, style};
use crate::config::{CliOverrides, ExitStatus, Settings};
use crate::project::{MetadataType, Projects, absolute};
use crate::rule::{MALFORMED, Rule, RuleSet, SCHEMA, Selection};
use crate::rule_docs::{ListedRule, rule_lines, rule_list_json, rule_table};
use crate::text::nearest;
use crate::text::sanitize;

/// An unknown metadata type.
#[derive(Debug, Error, Diagnostic)]
#[error("unknown metadata type `{}`{}", sanitize(name), nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
#[diagnostic(code("usage"))]
struct UnknownType {
    name: String,
    nearest: Option<&'static str>,
}

pub(crate) fn list(arguments: &ListArgs) -> miette::Result<ExitStatus> {
    let metadata_type = arguments.metadata.as_deref().map(known_type).transpose()?;
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let project = decisive_project(&[], &working_directory, &Projects::default());
    let LoadedConfig { config, own_rules } = load_config(&project, None, &working_directory)?;
    let here = Settings::new(&CliOverrides::default(), &config).selection(&config);
    let selection = Selection {
        select: arguments.select.clone(),
        severity_overrides: here.severity_overrides.clone(),
        ..Selection::default()
    };
    let set = RuleSet::select_with(&selection, &own_rules).into_diagnostic()?;
    let on = RuleSet::select_with(&here, &own_rules).into_diagnostic()?;
    let on: HashSet<&str> = on.rules().map(|rule| rule.id.as_str()).collect();
    let is_requested = |rule: &Rule| {
        // It is in every set, but only listed if it is selected.
        let is_selected = rule.id != MALFORMED
            || selection.select.is_empty()
            || selection
                .select
                .iter()
                .any(|word| *word == rule.id || rule.tags.contains(word));
        is_selected
            && metadata_type.is_none_or(|it| rule.metadata_types().contains(&it))
            && arguments.severity.is_none_or(|it| rule.severity == it)
    };
    let rules: Vec<ListedRule<'_>> = set
        .rules()
        .filter(|rule| is_requested(rule))
        .map(|rule| ListedRule {
            rule,
            is_on: on.contains(rule.id.as_str()),
        })
        .collect();
    let format = arguments
        .format
        .unwrap_or(match Stream::Stdout.is_terminal() {
            true => ListFormat::Table,
            false => ListFormat::Tsv,
        });
    print(rule_list(&rules, format).as_bytes())?;
    Ok(ExitStatus::Clean)
}

/// The rules in a format.
pub(super) fn rule_list(rules: &[ListedRule<'_>], format: ListFormat) -> String {
    match format {
        ListFormat::Table => {
            let style = style(Stream::Stdout);
            rule_table(rules, style.width, style.color)
        }
        ListFormat::Tsv => rule_lines(rules),
        ListFormat::Json => rule_list_json(rules),
    }
}

fn known_type(name: &str) -> Result<MetadataType, UnknownType> {
    MetadataType::named(name).ok_or_else(|| UnknownType {
        name: name.to_owned(),
        nearest: nearest(name, MetadataType::all().map(MetadataType::name)),
    })
}

pub(crate) fn schema() -> miette::Result<ExitStatus> {
    print(SCHEMA.as_bytes())?;
    Ok(ExitStatus::Clean)
}
