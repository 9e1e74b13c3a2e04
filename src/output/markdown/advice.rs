//! What to do about the findings of a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::text::{code, rule_prose};
use crate::output::view::FindingView;
use crate::project::MetadataType;
use crate::rule::RuleSet;
use crate::rule_docs::ControlReference;
use crate::text::ScannedText;

/// Findings of one rule with the same remedy.
pub(super) struct Advice<'a> {
    rule: &'a str,
    help: ScannedText<'a>,
    rollout: Option<ScannedText<'a>>,
    pub(super) findings: Vec<FindingView<'a>>,
}

impl Advice<'_> {
    /// The ids of the published controls that the findings violate.
    fn controls(&self, rules: &RuleSet) -> Vec<String> {
        let types: BTreeSet<MetadataType> = self
            .findings
            .iter()
            .map(|it| it.component().metadata_type())
            .collect();
        let covered = rules.covers(self.rule);
        let controls = types
            .into_iter()
            .flat_map(|it| ControlReference::about(covered.iter().copied(), it));
        let ids: BTreeSet<&str> = controls.map(|control| control.id).collect();
        ids.into_iter().map(code).collect()
    }

    pub(super) fn heading(&self, rules: &RuleSet) -> String {
        let mut item = format!("\n**{}**", code(self.rule));
        if let Some(rule) = rules.find(self.rule) {
            let _ = write!(item, " {}", rule_prose(&rule.title));
            item.push_str(&page_link(rules, self.rule));
        }
        let _ = write!(item, "\n\n{}", rule_prose(self.help.clone()));
        if let Some(rollout) = self.rollout.clone().filter(|it| !it.is_empty()) {
            let _ = write!(item, " **Rollout:** {}", rule_prose(rollout));
        }
        let controls = self.controls(rules);
        if !controls.is_empty() {
            let _ = write!(item, " Controls: {}.", controls.join(", "));
        }
        item.push_str("\n\n");
        item
    }
}

/// The findings by rule and remedy.
pub(super) fn advice<'a>(findings: &[FindingView<'a>]) -> Vec<Advice<'a>> {
    let mut all: Vec<Advice<'_>> = Vec::new();
    let mut positions = BTreeMap::new();
    for finding in findings.iter().copied() {
        let (rule, help) = (finding.rule(), finding.help());
        let rollout = finding.fix().map(|fix| fix.rollout().unwrap_or("".into()));
        let key = (rule, help.clone(), rollout.clone());
        let at = *positions.entry(key).or_insert(all.len());
        match all.get_mut(at) {
            Some(advice) => advice.findings.push(finding),
            None => all.push(Advice {
                rule,
                help,
                rollout,
                findings: vec![finding],
            }),
        }
    }
    all
}

/// A link to the page about a rule, after a space. Empty if it has none.
pub(super) fn page_link(rules: &RuleSet, rule: &str) -> String {
    page_address(rules, rule)
        .map(|url| format!(" ([more]({url}))"))
        .unwrap_or_default()
}

/// The address of the page about a rule, if it is safe to link to.
pub(crate) fn page_address(rules: &RuleSet, rule: &str) -> Option<String> {
    rules.docs_url(rule).filter(|url| is_address(url))
}

/// Whether a rule's address is safe in a Markdown link. Users' rules can have any address.
fn is_address(url: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>|\\\"'`*[]".contains(&byte);
    url.starts_with("https://") && url.bytes().all(fits)
}
