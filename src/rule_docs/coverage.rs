//! The published controls, and the rules that cover them.
//!
//! `docs/controls.toml`, which the build script embeds, lists the controls, and rules name those that they
//! cover. The page `docs/coverage.md` is only generated if both agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

use super::generated::{GENERATED, cell};
use crate::project::MetadataType;
use crate::rule::Rule;
use crate::text::nearest;

/// The published controls that forcelint knows.
pub static PUBLISHED: LazyLock<ControlList> = LazyLock::new(|| {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/controls.msgpack"));
    // Tests read the embedded list.
    rmp_serde::from_slice(packed).expect("docs/controls.toml is valid")
});

/// Published controls and their publishers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlList {
    /// The publishers.
    pub source: Vec<ControlSource>,
    /// The controls, in the order of the page.
    pub control: Vec<PublishedControl>,
}

/// A publisher of controls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlSource {
    /// The value of [`PublishedControl::source`].
    pub id: String,
    pub name: String,
    /// The page with all of its controls.
    pub url: String,
    /// An introduction to its controls.
    pub about: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedControl {
    /// The publisher's id of the control. If there is none, forcelint's.
    pub id: String,
    /// The id of the publisher.
    pub source: String,
    /// What the control requires, in forcelint's wording.
    pub name: String,
    /// The metadata type of the app that the control is about. Without it, the control is about every type
    /// that its rules check.
    pub app: Option<String>,
    /// The page of the control.
    pub url: Option<String>,
    /// The range of CVSS base scores that the publisher gives.
    pub cvss: Option<[f64; 2]>,
    /// What the rules that cover the control cannot detect.
    pub partly: Option<String>,
    /// Why no rule covers the control: the files of a project do not show it.
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

    /// Whether the control is about components of this type, if a rule that covers it checks them.
    pub(crate) fn is_about(&self, metadata_type: MetadataType) -> bool {
        let app = self.app.as_deref();
        app.is_none_or(|app| metadata_type.app() == Some(app))
    }
}

impl ControlList {
    /// The control with this id.
    pub fn control(&self, id: &str) -> Option<&PublishedControl> {
        self.control.iter().find(|control| control.id == id)
    }

    /// The name of the publisher with this id.
    pub(crate) fn source_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.source
            .iter()
            .find(|source| source.id == id)
            .map_or(id, |source| &source.name)
    }
}

/// A contradiction in the list of controls, or between the list and the rules.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum CoverageProblem {
    #[error("docs/controls.toml has the control `{0}` twice; remove one")]
    Duplicate(String),
    #[error(
        "control `{control}` has the unknown source `{source_id}`; add a [[source]] to docs/controls.toml"
    )]
    UnknownSource { control: String, source_id: String },
    #[error(
        "no rule covers control `{0}`; add it to `covers` of a rule, or add a `reason` to \
         docs/controls.toml"
    )]
    NotCovered(String),
    /// The control has a rule, and a reason why it has none.
    #[error(
        "control `{control}` has a `reason` why no rule covers it, but is covered by {rules}; remove \
         the reason, or rename it to `partly` if it is about what the rule cannot detect"
    )]
    Contradicted { control: String, rules: String },
    /// The control has no rule, but has a text about its rules.
    #[error(
        "control `{0}` has `partly`, which is only valid with a rule, and `reason`; remove one"
    )]
    PartlyWithoutRule(String),
    #[error("rule `{rule}` covers control `{control}`, which is not in docs/controls.toml{}", nearest.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    UnknownControl {
        rule: String,
        control: String,
        /// The id of a control with a similar name.
        nearest: Option<String>,
    },
}

/// The page about published controls, `docs/coverage.md`.
///
/// # Errors
/// If the list of controls and the rules do not agree.
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
        "{GENERATED}\n\n# Published controls\n\n\
         Each control has the rules that check it, or the reason why forcelint cannot check it: the \
         files of a project do not show it. The names are forcelint's; the links lead to the \
         publishers' pages.\n\n\
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
        let not_in_source = of(source)
            .filter(|control| control.reason.is_some())
            .count();
        let _ = writeln!(
            text,
            "| [{}](#{}) | {total} | {} | {not_in_source} |",
            cell(&source.name),
            anchor(&source.name),
            total - not_in_source
        );
    }
    for source in &list.source {
        let _ = writeln!(
            text,
            "\n## {}\n\n{} [Source]({}).\n\n\
             | control | id | rules |\n\
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
                cell(&rules_or_reason(
                    control,
                    rules.map(Vec::as_slice).unwrap_or_default()
                ))
            );
        }
    }
    Ok(text)
}

fn rules_or_reason(control: &PublishedControl, rules: &[&str]) -> String {
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
            problems.push(CoverageProblem::Duplicate(id.clone()));
        }
        if !list.source.iter().any(|source| source.id == control.source) {
            problems.push(CoverageProblem::UnknownSource {
                control: id.clone(),
                source_id: control.source.clone(),
            });
        }
        match (covering.get(id.as_str()), &control.reason, &control.partly) {
            (Some(rules), Some(_), _) => problems.push(CoverageProblem::Contradicted {
                control: id.clone(),
                rules: rules.join(", "),
            }),
            (None, None, _) => problems.push(CoverageProblem::NotCovered(id.clone())),
            (None, Some(_), Some(_)) => {
                problems.push(CoverageProblem::PartlyWithoutRule(id.clone()))
            }
            _ => {}
        }
    }
    for rule in rules {
        for control in &rule.covers {
            if !ids.contains(control.as_str()) {
                problems.push(CoverageProblem::UnknownControl {
                    rule: rule.id.clone(),
                    control: control.clone(),
                    nearest: nearest(control, ids.iter().copied()).map(str::to_owned),
                });
            }
        }
    }
    problems
}

/// The anchor of a heading on GitHub.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-'))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
