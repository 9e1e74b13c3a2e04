//! *Fix these first*: the few components or rules with most of the worst findings.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::paragraph::{paragraph, together};
use super::style::BOLD;
use crate::rule::Severity;
use crate::text::ScannedText;

/// How many components or rules are named.
const NAMED: usize = 3;

/// The worst findings of a report.
struct Worst<'a> {
    severity: Severity,
    count: usize,
    /// By component: how many, and of which rules.
    by_component: BTreeMap<ScannedText<'static>, (usize, BTreeSet<&'a str>)>,
    /// By rule.
    by_rule: BTreeMap<&'a str, OfRule>,
}

#[derive(Default)]
struct OfRule {
    count: usize,
    components: BTreeSet<ScannedText<'static>>,
    /// How many a fix is available for.
    fixable: usize,
    needs_rollout: bool,
}

/// The critical findings or, if there are none, the high ones. `None` if there are neither.
fn worst<'a>(context: &Context<'a>) -> Option<Worst<'a>> {
    let severities = context.report.severities().map(|(severity, _)| severity);
    let severity = severities.max().filter(|&it| it >= Severity::High)?;
    let mut worst = Worst {
        severity,
        count: 0,
        by_component: BTreeMap::new(),
        by_rule: BTreeMap::new(),
    };
    for finding in context.report.findings() {
        if finding.severity() == severity {
            let of_rule = worst.add(finding.rule(), finding.component().full_name(), 1);
            if let Some(fix) = finding.fix() {
                of_rule.fixable += 1;
                of_rule.needs_rollout |= fix.rollout().is_some();
            }
        }
    }
    for more in context.report.more() {
        if more.severity() == severity && more.suppression().is_none() {
            worst.add(more.rule(), more.component().full_name(), more.count());
        }
    }
    Some(worst)
}

impl<'a> Worst<'a> {
    fn add(&mut self, rule: &'a str, component: ScannedText<'static>, count: usize) -> &mut OfRule {
        self.count += count;
        let of_component = self.by_component.entry(component.clone()).or_default();
        of_component.0 += count;
        of_component.1.insert(rule);
        let of_rule = self.by_rule.entry(rule).or_default();
        of_rule.count += count;
        of_rule.components.insert(component);
        of_rule
    }

    /// The components with most of the findings, if a few of them have at least half.
    fn components(&self) -> Option<Vec<String>> {
        let mut components: Vec<_> = self.by_component.iter().collect();
        components.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        components.truncate(NAMED);
        let covered: usize = components.iter().map(|(_, (count, _))| count).sum();
        let lines = components.iter().map(|(component, (count, rules))| {
            let rules: Vec<&str> = rules.iter().copied().collect();
            format!(
                "{}: {count} of {} {} ({})",
                together(&component.one_line()),
                self.count,
                self.severity,
                rules.join(", ")
            )
        });
        (covered * 2 >= self.count).then(|| lines.collect())
    }

    /// The rules with most of the findings, and how to fix them.
    fn rules(&self) -> Vec<String> {
        let mut rules: Vec<_> = self.by_rule.iter().collect();
        rules.sort_by_key(|(_, of_rule)| std::cmp::Reverse(of_rule.count));
        rules.truncate(NAMED);
        let lines = rules.iter().map(|(rule, of_rule)| {
            let components = match of_rule.components.len() {
                1 => "1 component".to_owned(),
                count => format!("{count} components"),
            };
            let how = match (of_rule.fixable, of_rule.needs_rollout) {
                (0, _) => "no automatic fix".to_owned(),
                (_, true) => together(&format!("--fix=all --select {rule}")),
                (_, false) => together(&format!("--fix --select {rule}")),
            };
            format!(
                "{rule}: {} of {} {}, in {components} ({how})",
                of_rule.count, self.count, self.severity
            )
        });
        lines.collect()
    }
}

/// The block at the end of a long report; empty if there are no critical or high findings.
pub(super) fn fix_first(context: &Context<'_>) -> String {
    let Some(worst) = worst(context) else {
        return String::new();
    };
    let lines = worst.components().unwrap_or_else(|| worst.rules());
    if worst.by_rule.len() == 1 && worst.by_component.len() > NAMED {
        // The heading of the rule has the same numbers.
        return String::new();
    }
    let mut text = format!("{}\n", context.style.paint(BOLD, "Fix these first"));
    for (at, line) in lines.iter().enumerate() {
        let number = format!("  {}. ", at + 1);
        text.push_str(&paragraph(&number, line, context.style.width.max(40)));
    }
    text.push('\n');
    text
}
