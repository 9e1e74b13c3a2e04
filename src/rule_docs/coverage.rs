//! What forcelint says of each published control.
//!
//! In: `docs/controls.toml`, which is embedded, and the rules with what they say they cover. Out:
//! `docs/coverage.md`, or every row that would be wrong in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

use super::generated::{GENERATED, cell};
use crate::rule::Rule;
use crate::text::nearest;

/// The published controls that come with forcelint.
pub static PUBLISHED: LazyLock<ControlList> = LazyLock::new(|| {
    // It is part of the program, and the tests read it.
    toml::from_str(include_str!("../../docs/controls.toml")).expect("docs/controls.toml is right")
});

/// Published controls, by who published them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlList {
    /// Who publishes controls.
    pub source: Vec<ControlSource>,
    /// The controls, in the order of their table.
    pub control: Vec<PublishedControl>,
}

/// Somebody who publishes controls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlSource {
    /// What [`PublishedControl::source`] calls it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it publishes them.
    pub url: String,
    /// What is to be known about its controls.
    pub about: String,
}

/// A control that somebody published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedControl {
    /// The id by which its publisher, or for want of one we, call it.
    pub id: String,
    /// Who publishes it.
    pub source: String,
    /// What it wants, in our words.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// The range of CVSS base scores that its publisher gives.
    pub cvss: Option<[f64; 2]>,
    /// What a rule that covers it cannot see.
    pub partly: Option<String>,
    /// Why no rule covers it: the source of a project cannot show it.
    pub reason: Option<String>,
}

impl PublishedControl {
    /// The name, as a link if there is a page.
    pub(crate) fn linked_name(&self) -> String {
        match &self.url {
            Some(url) => format!("[{}]({url})", self.name),
            None => self.name.clone(),
        }
    }
}

impl ControlList {
    /// The control of this id.
    pub fn control(&self, id: &str) -> Option<&PublishedControl> {
        self.control.iter().find(|control| control.id == id)
    }

    /// The name of a source.
    pub(crate) fn source_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.source
            .iter()
            .find(|source| source.id == id)
            .map_or(id, |source| &source.name)
    }
}

/// Something about which the list of controls and the rules do not agree.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum CoverageProblem {
    /// Two controls with one id.
    #[error("docs/controls.toml has two controls `{0}`; drop one")]
    Twice(String),
    /// A control of nobody.
    #[error(
        "`{control}` names the source `{source_id}`, and docs/controls.toml has no such [[source]]"
    )]
    NoSource {
        /// The control.
        control: String,
        /// The source that there is not.
        source_id: String,
    },
    /// Neither a rule nor a reason.
    #[error("`{0}` has neither a rule nor a reason")]
    Open(String),
    /// A rule and a reason why there is none.
    #[error(
        "`{control}` is covered by {rules} and yet has a `reason` why source cannot show it: drop \
         the reason, or make it `partly` if it tells what the rule cannot see"
    )]
    Contradicted {
        /// The control.
        control: String,
        /// The rules that cover it.
        rules: String,
    },
    /// A reason why no rule covers it, and what the rules that cover it cannot see.
    #[error(
        "`{0}` has a `reason` and `partly`; that is for a control that a rule covers: drop one"
    )]
    PartOfNothing(String),
    /// A rule covers what is not in the list.
    #[error("rule `{rule}` covers `{control}`, which docs/controls.toml does not have{}", nearest.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    Unknown {
        /// The rule.
        rule: String,
        /// What it says it covers.
        control: String,
        /// The nearest id that there is.
        nearest: Option<String>,
    },
}

/// What each published control comes to: `docs/coverage.md`.
///
/// # Errors
/// Every control without a rule or a reason, and whatever else does not agree.
pub fn coverage_page(list: &ControlList, rules: &[Rule]) -> Result<String, Vec<CoverageProblem>> {
    let mut covering: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules {
        for id in &rule.covers {
            covering.entry(id).or_default().push(&rule.id);
        }
    }
    let problems = problems(list, rules, &covering);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut text = format!(
        "{GENERATED}\n\n# Published controls, and what forcelint says of them\n\n\
         Each control has the rules that check it, or the reason why the source of a project \
         cannot show it. Names are in our words; follow the links for the publishers' own.\n\n\
         | published by | controls | checked | not in source |\n\
         | --- | --- | --- | --- |\n"
    );
    let of = |source: &ControlSource| {
        let controls = list.control.iter();
        let id = source.id.clone();
        controls.filter(move |control| control.source == id)
    };
    for source in &list.source {
        let total = of(source).count();
        let unseen = of(source)
            .filter(|control| control.reason.is_some())
            .count();
        let _ = writeln!(
            text,
            "| [{}](#{}) | {total} | {} | {unseen} |",
            cell(&source.name),
            anchor(&source.name),
            total - unseen
        );
    }
    for source in &list.source {
        let _ = writeln!(
            text,
            "\n## {}\n\n{} [Its pages]({}).\n\n\
             | control | id | what forcelint says |\n\
             | --- | --- | --- |",
            source.name,
            source.about.trim(),
            source.url
        );
        for control in of(source) {
            let cvss = control
                .cvss
                .map(|[low, high]| format!(" (CVSS {low:.1} to {high:.1})"))
                .unwrap_or_default();
            let rules = covering.get(control.id.as_str());
            let _ = writeln!(
                text,
                "| {}{cvss} | `{}` | {} |",
                cell(&control.linked_name()),
                control.id,
                cell(&verdict(
                    control,
                    rules.map(Vec::as_slice).unwrap_or_default()
                ))
            );
        }
    }
    Ok(text)
}

fn verdict(control: &PublishedControl, rules: &[&str]) -> String {
    if let Some(reason) = &control.reason {
        return format!("*Not in source:* {reason}");
    }
    let links: Vec<_> = rules
        .iter()
        .map(|id| format!("[{id}](rules/{id}.md)"))
        .collect();
    let mut text = links.join(", ");
    if let Some(partly) = &control.partly {
        let _ = write!(text, ". *Not in source:* {partly}");
    }
    text
}

fn problems(
    list: &ControlList,
    rules: &[Rule],
    covering: &BTreeMap<&str, Vec<&str>>,
) -> Vec<CoverageProblem> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for control in &list.control {
        let id = &control.id;
        if !ids.insert(id.as_str()) {
            problems.push(CoverageProblem::Twice(id.clone()));
        }
        if !list.source.iter().any(|source| source.id == control.source) {
            problems.push(CoverageProblem::NoSource {
                control: id.clone(),
                source_id: control.source.clone(),
            });
        }
        match (covering.get(id.as_str()), &control.reason, &control.partly) {
            (Some(rules), Some(_), _) => problems.push(CoverageProblem::Contradicted {
                control: id.clone(),
                rules: rules.join(", "),
            }),
            (None, None, _) => problems.push(CoverageProblem::Open(id.clone())),
            (None, Some(_), Some(_)) => problems.push(CoverageProblem::PartOfNothing(id.clone())),
            _ => {}
        }
    }
    for rule in rules {
        for control in &rule.covers {
            if !ids.contains(control.as_str()) {
                problems.push(CoverageProblem::Unknown {
                    rule: rule.id.clone(),
                    control: control.clone(),
                    nearest: nearest(control, ids.iter().copied()).map(str::to_owned),
                });
            }
        }
    }
    problems
}

/// The name of a heading in its address, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-'))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
