//! Findings for a terminal, rendered by miette: title, component, source with the evidence, and what to
//! do.

use std::collections::HashSet;
use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, Severity as Tone, SourceCode};

use super::source::{Segments, SourceLocation};
use crate::output::context::Context;
use crate::output::fix_line::fix_line;
use crate::output::more::{Listed, listed_with_more, more_in_file};
use crate::output::suppression::suppressed_by;
use crate::output::view::{FindingView, MoreView};
use crate::rule::Severity;
use crate::text::terminal_rule_text;

const MIN_WIDTH: usize = 40;

pub(in crate::output) fn render(context: &Context<'_>) -> String {
    let width = context.style.width.max(MIN_WIDTH);
    let handler = GraphicalReportHandler::new_themed(context.style.theme())
        .with_width(width)
        .with_links(false)
        .with_break_words(false)
        // Addresses stay whole.
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_context_lines(1)
        .without_cause_chain();
    // The links of a rule are printed once.
    let mut rendered: HashSet<String> = HashSet::new();
    listed_with_more(context.report)
        .into_iter()
        .map(|listed| {
            let finding = match listed {
                Listed::Single(finding) => finding,
                Listed::More(more) => return more_line(context, more),
            };
            let rule = context.rules.find(finding.rule());
            let (title, url) = rule.map_or(("", ""), |rule| (&rule.title, &rule.url));
            let mut help = help(finding, url);
            if !rendered.insert(help.clone()) {
                help = short_help(finding);
            }
            let diagnostic = FindingDiagnostic::new(finding, title, help, context);
            let mut text = String::new();
            // Writing to a string cannot fail, and every label is in the source.
            let _ = handler.render_report(&mut text, &diagnostic);
            text.push('\n');
            text
        })
        .collect()
}

fn more_line(context: &Context<'_>, more: MoreView<'_>) -> String {
    format!(
        "{}[{}] {}: {}\n\n",
        more.severity(),
        more.rule(),
        more.path_from(context.working_directory).one_line(),
        more_in_file(more)
    )
}

/// A finding as a miette diagnostic.
#[derive(Debug)]
struct FindingDiagnostic {
    code: String,
    message: String,
    help: String,
    severity: Severity,
    source: Segments,
    labels: Vec<LabeledSpan>,
}

impl FindingDiagnostic {
    fn new(finding: FindingView<'_>, title: &str, help: String, context: &Context<'_>) -> Self {
        let component = finding.component().full_name();
        let headline = finding.headline();
        let mut message = format!("{}\n{}.", component.one_line(), headline.one_line());
        for reason in finding.reasons() {
            message.push_str(&format!(" {}.", reason.one_line()));
        }
        let suppression = finding.suppression();
        if let Some(suppression) = suppression {
            message.push_str(&format!("\nSuppressed by {}", suppressed_by(suppression)));
        }
        let (source, labels) = Segments::new(
            &source_locations(finding, title, context),
            context.style.width.max(MIN_WIDTH),
        );
        Self {
            code: format!(
                "{}{}[{}]: {title}",
                if suppression.is_some() {
                    "suppressed "
                } else {
                    ""
                },
                finding.severity(),
                finding.rule()
            ),
            message,
            help,
            severity: finding.severity(),
            source,
            labels,
        }
    }
}

/// The locations of a finding, the primary one first.
fn source_locations<'a>(
    finding: FindingView<'a>,
    title: &'a str,
    context: &Context<'_>,
) -> Vec<SourceLocation<'a>> {
    let location = finding.location();
    let path = finding.path_from(context.working_directory);
    let related = finding.related().map(|related| SourceLocation {
        location: related.location(),
        label: related.message(),
        path: if related.location().path() == location.path() {
            path.one_line().into_owned()
        } else {
            let path = finding.related_path_from(related.location(), context.working_directory);
            path.one_line().into_owned()
        },
    });
    let label = finding.label();
    let primary = SourceLocation {
        location,
        label: if label.is_empty() {
            title.into()
        } else {
            label
        },
        path: path.one_line().into_owned(),
    };
    [primary].into_iter().chain(related).collect()
}

fn help(finding: FindingView<'_>, url: &str) -> String {
    let mut lines = vec![terminal_rule_text(&finding.help()).at_line_start()];
    if let Some(fix) = finding.fix() {
        let fix = terminal_rule_text(&fix_line(fix));
        lines.push(fix.one_line().into_owned());
    }
    lines.push(format!("more: forcelint explain {}", finding.rule()));
    lines.push(url.to_owned());
    lines.join("\n")
}

/// The help of a finding whose rule's links were printed before.
fn short_help(finding: FindingView<'_>) -> String {
    let help = terminal_rule_text(&finding.help());
    let mut lines = vec![help.at_line_start()];
    lines.extend(finding.fix().map(|fix| match fix.rollout() {
        Some(_) => "fix: forcelint check --fix=all, after the rollout".to_owned(),
        None => "fix: forcelint check --fix".to_owned(),
    }));
    lines.join("\n")
}

impl fmt::Display for FindingDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FindingDiagnostic {}

impl Diagnostic for FindingDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Tone> {
        Some(match self.severity {
            Severity::Critical | Severity::High => Tone::Error,
            Severity::Medium => Tone::Warning,
            Severity::Low | Severity::Info => Tone::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
