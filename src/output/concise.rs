//! One line per finding: `path:line:column: severity[rule] message`.

use std::io::{self, Write};

use super::context::Context;
use super::listing::{MaxFindings, worst_first};
use super::more::{Listed, listed_with_more, more_in_file};
use super::statistics::statistics;
use super::suppression::suppressed_by;
use super::view::MoreView;
use crate::text::ScannedText;

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listing = context.run.listing;
    if listing.statistics {
        return out.write_all(statistics(context).as_bytes());
    }
    let all = context.report.listed().len();
    let is_shown = shown(context, all);
    let mut at = 0;
    for listed in listed_with_more(context.report) {
        let finding = match listed {
            Listed::Single(finding) => {
                at += 1;
                if !is_shown[at - 1] {
                    continue;
                }
                finding
            }
            Listed::More(more) => {
                out.write_all(more_line(context, more).as_bytes())?;
                continue;
            }
        };
        let start = finding.location().start();
        let path = path_at_line_start(&finding.path_from(context.working_directory));
        let suppressed = finding.suppression().map_or(String::new(), |it| {
            format!(" (suppressed by {})", suppressed_by(it))
        });
        writeln!(
            out,
            "{path}:{}:{}: {}[{}] {}{suppressed}",
            start.line,
            start.column,
            finding.severity(),
            finding.rule(),
            finding.message().one_line()
        )?;
    }
    let shown = is_shown.iter().filter(|&&is_shown| is_shown).count();
    if shown < all {
        writeln!(
            out,
            "Listed the {shown} worst of {all} findings. List all of them without --max-findings."
        )?;
    }
    Ok(())
}

/// For each finding, whether it is among the worst ones that `--max-findings` allows.
pub(super) fn shown(context: &Context<'_>, all: usize) -> Vec<bool> {
    let Some(MaxFindings::Count(count)) = context.run.listing.max_findings else {
        return vec![true; all];
    };
    let findings = context.report.listed();
    let mut order: Vec<usize> = (0..all).collect();
    order.sort_by_key(|&at| worst_first(&findings[at]));
    let mut shown = vec![false; all];
    order.iter().take(count).for_each(|&at| shown[at] = true);
    shown
}

/// The path at the start of a line.
pub(super) fn path_at_line_start(path: &ScannedText<'_>) -> String {
    let path = path.one_line();
    // Otherwise the line could be a command of a CI runner.
    let here = if path.starts_with([':', '#']) {
        "./"
    } else {
        ""
    };
    format!("{here}{path}")
}

fn more_line(context: &Context<'_>, more: MoreView<'_>) -> String {
    let start = more.location().start();
    format!(
        "{}:{}:{}: {}[{}] {}\n",
        path_at_line_start(&more.path_from(context.working_directory)),
        start.line,
        start.column,
        more.severity(),
        more.rule(),
        more_in_file(more)
    )
}
