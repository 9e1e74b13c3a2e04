//! Numbers and texts of the page.

use std::collections::BTreeSet;
use std::fmt::Display;

use maud::{Markup, html};

use crate::output::view::{ComponentView, FindingView};
use crate::rule::Severity;
use crate::text::{ScannedText, Segment, message_segments, rule_text_segments};

/// How many findings there are of each severity, the highest first.
pub(super) fn severity_counts<'a>(
    findings: impl IntoIterator<Item = FindingView<'a>>,
) -> Vec<(Severity, usize)> {
    severity_sums(findings.into_iter().map(|it| (it.severity(), 1)))
}

/// The severities and the rules of findings, as the page's filter reads them.
pub(super) fn filter_words<'a>(
    findings: impl Iterator<Item = FindingView<'a>> + Clone,
) -> (String, String) {
    let words = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
    let severities = findings.clone().map(|it| it.severity().name());
    let rules = findings.map(|it| it.rule());
    (words(severities.collect()), words(rules.collect()))
}

/// The sum of the numbers of each severity, the highest first.
pub(super) fn severity_sums(
    numbers: impl IntoIterator<Item = (Severity, usize)>,
) -> Vec<(Severity, usize)> {
    let mut counts: Vec<_> = Severity::ALL.map(|severity| (severity, 0)).to_vec();
    for (of, number) in numbers {
        for (severity, count) in &mut counts {
            *count += if *severity == of { number } else { 0 };
        }
    }
    counts
}

/// The counts as text, without zeros.
pub(super) fn severities(counts: &[(Severity, usize)]) -> String {
    let some = counts.iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> = some
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    words.join(", ")
}

/// A message.
pub(in crate::output) fn sentence<'a>(text: impl Into<ScannedText<'a>>) -> Markup {
    segments(&message_segments(&text.into().one_line()))
}

/// A rule's own text.
pub(super) fn rule_sentence<'a>(text: impl Into<ScannedText<'a>>) -> Markup {
    segments(&rule_text_segments(&text.into().one_line()))
}

fn segments(segments: &[Segment<'_>]) -> Markup {
    html! {
        @for segment in segments {
            @match segment {
                Segment::Plain(text) => (text),
                Segment::Code(text) => code { (text) },
                Segment::Emphasis(text) => em { (text) },
            }
        }
    }
}

/// A name that can wrap after its underscores.
pub(super) fn name(text: &ScannedText<'_>) -> Markup {
    let text = text.one_line();
    html! {
        bdi {
            @for (at, part) in text.split('_').enumerate() {
                @if at > 0 { "_" wbr; }
                (part)
            }
        }
    }
}

/// The text of a rule: paragraphs with empty lines between them.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for paragraph in text.trim().split("\n\n") {
            p { (rule_sentence(paragraph.split_whitespace().collect::<Vec<_>>().join(" "))) }
        }
    }
}

/// A path and a line.
pub(super) fn file_and_line(path: &ScannedText<'_>, line: impl Display) -> Markup {
    html! { code.path { (path.one_line()) ":" (line) } }
}

pub(super) fn component(component: ComponentView<'_>) -> Markup {
    html! { bdi { (component.name().one_line()) } " " span.type { (component.type_name()) } }
}
