//! One line per finding: `path:line:column: severity[rule] message`.

use std::fmt::Write as _;

use super::context::Context;
use super::more::{Listed, listed_with_more, more_in_file};
use super::suppression::suppressed_by;
use super::view::MoreView;
use crate::text::ScannedText;

pub(super) fn render(context: &Context<'_>) -> String {
    let mut text = String::new();
    for listed in listed_with_more(context.report) {
        let finding = match listed {
            Listed::Single(finding) => finding,
            Listed::More(more) => {
                text.push_str(&more_line(context, more));
                continue;
            }
        };
        let start = finding.location().start();
        let path = path(&finding.path_from(context.working_directory));
        let suppressed = finding.suppression().map_or(String::new(), |it| {
            format!(" (suppressed by {})", suppressed_by(it))
        });
        let _ = writeln!(
            text,
            "{path}:{}:{}: {}[{}] {}{suppressed}",
            start.line,
            start.column,
            finding.severity(),
            finding.rule(),
            finding.message().one_line()
        );
    }
    text
}

/// The path at the start of a line.
fn path(path: &ScannedText<'_>) -> String {
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
        path(&more.path_from(context.working_directory)),
        start.line,
        start.column,
        more.severity(),
        more.rule(),
        more_in_file(more)
    )
}
