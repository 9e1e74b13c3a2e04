//! *Fix these first*: the few components or rules with most of the worst findings.

use std::collections::{BTreeMap, BTreeSet};

use crate::output::context::Context;
use crate::output::fix_first::{FixFirst, fix_first};
use crate::output::paragraph::{paragraph, together};
use crate::output::style::BOLD;
use crate::output::view::ComponentView;
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
    /// The rules with such findings, those with most of them first.
    by_rule: Vec<FixFirst<'a>>,
}

/// The critical findings or, if there are none, the high ones. `None` if there are neither.
fn worst<'a>(context: &Context<'a>) -> Option<Worst<'a>> {
    let severities = context.report.severities().map(|(severity, _)| severity);
    let severity = severities.max().filter(|&it| it >= Severity::High)?;
    let mut by_rule = fix_first(context.report);
    by_rule.retain(|it| it.count(severity) > 0);
    let mut by_component: BTreeMap<_, (usize, BTreeSet<&str>)> = BTreeMap::new();
    let mut add = |component: ComponentView<'_>, rule, count| {
        let of_component = by_component.entry(component.full_name()).or_default();
        of_component.0 += count;
        of_component.1.insert(rule);
    };
    for finding in context.report.findings() {
        if finding.severity() == severity {
            add(finding.component(), finding.rule(), 1);
        }
    }
    for more in context.report.more() {
        if more.severity() == severity && more.suppression().is_none() {
            add(more.component(), more.rule(), more.count());
        }
    }
    Some(Worst {
        severity,
        count: by_rule.iter().map(|it| it.count(severity)).sum(),
        by_component,
        by_rule,
    })
}

impl Worst<'_> {
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
        let rules = self.by_rule.iter().take(NAMED);
        let lines = rules.map(|of_rule| {
            let worst = of_rule.findings.iter();
            let worst = worst.filter(|it| it.severity() == self.severity);
            let components: BTreeSet<_> =
                worst.clone().map(|it| it.component().full_name()).collect();
            let components = match components.len() {
                1 => "1 component".to_owned(),
                count => format!("{count} components"),
            };
            let fixes: Vec<_> = worst.filter_map(|it| it.fix()).collect();
            let rule = of_rule.rule;
            let how = match fixes.iter().any(|fix| fix.rollout().is_some()) {
                _ if fixes.is_empty() => "no automatic fix".to_owned(),
                true => together(&format!("--fix=all --select {rule}")),
                false => together(&format!("--fix --select {rule}")),
            };
            format!(
                "{rule}: {} of {} {}, in {components} ({how})",
                of_rule.count(self.severity),
                self.count,
                self.severity
            )
        });
        lines.collect()
    }
}

/// The block at the end of a long report; empty if there are no critical or high findings.
pub(super) fn fix_first_block(context: &Context<'_>) -> String {
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
