//! The report for a terminal, in the requested grouping.

use std::io::{self, Write};

use super::parts::{advice, details, ending, heading, more_line};
use super::{by_file, by_rule};
use crate::output::context::Context;
use crate::output::listing::{Grouping, MaxFindings, worst_first};
use crate::output::statistics::statistics;

pub(in crate::output) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listing = context.run.listing;
    if listing.statistics {
        return out.write_all(statistics(context).as_bytes());
    }
    match listing.grouping {
        Grouping::Rule => by_rule::write(context, out),
        Grouping::File => by_file::write(context, out),
        Grouping::None => one_by_one(context, out),
    }
}

/// Each finding with everything about it, the worst first.
fn one_by_one(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut findings = context.report.listed();
    findings.sort_by_key(worst_first);
    let all = findings.len();
    if let Some(MaxFindings::Count(count)) = context.run.listing.max_findings {
        findings.truncate(count);
    }
    for finding in &findings {
        let finding = *finding;
        out.write_all(heading(context, finding).as_bytes())?;
        out.write_all(details(context, finding, false, true).as_bytes())?;
        writeln!(out, "{}", advice(context, &[finding], true))?;
    }
    for more in context.report.more() {
        writeln!(out, "{}", more_line(context, more).trim_start())?;
    }
    out.write_all(ending(context, findings.len(), all).as_bytes())
}
