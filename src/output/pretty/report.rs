//! The report for a terminal, in the requested grouping.

use super::parts::{advice, details, ending, heading, more_line};
use super::{by_file, by_rule};
use crate::output::context::Context;
use crate::output::listing::{Grouping, MaxFindings, worst_first};
use crate::output::statistics::statistics;

pub(in crate::output) fn render(context: &Context<'_>) -> String {
    let listing = context.run.listing;
    if listing.statistics {
        return statistics(context);
    }
    match listing.grouping {
        Grouping::Rule => by_rule::render(context),
        Grouping::File => by_file::render(context),
        Grouping::None => one_by_one(context),
    }
}

/// Each finding with everything about it, the worst first.
fn one_by_one(context: &Context<'_>) -> String {
    let mut findings = context.report.listed();
    findings.sort_by_key(worst_first);
    let all = findings.len();
    if let Some(MaxFindings::Count(count)) = context.run.listing.max_findings {
        findings.truncate(count);
    }
    let mut text = String::new();
    for finding in &findings {
        text.push_str(&heading(context, *finding));
        text.push_str(&details(context, *finding, false, true));
        text.push_str(&advice(context, &[*finding], true));
        text.push('\n');
    }
    for more in context.report.more() {
        text.push_str(&format!("{}\n", more_line(context, more).trim_start()));
    }
    text + &ending(context, findings.len(), all)
}
