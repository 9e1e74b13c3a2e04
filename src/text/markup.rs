//! The markup of messages and rule texts: code between backticks and, in rule texts, emphasis between
//! asterisks for labels of Setup.
//!
//! Each format renders the segments in its own way. A marker without a partner is an ordinary
//! character.

use super::sanitize::ScannedText;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment<'t> {
    Plain(&'t str),
    /// Code, without its backticks.
    Code(&'t str),
    /// Emphasis, without its asterisks.
    Emphasis(&'t str),
}

/// The segments of a message. It can quote values of a scanned file, so an asterisk is an ordinary
/// character.
pub(crate) fn message_segments(text: &str) -> Vec<Segment<'_>> {
    pairs(text, '`', Segment::Code)
}

/// The segments of a rule's own text.
pub(crate) fn rule_text_segments(text: &str) -> Vec<Segment<'_>> {
    let segments = message_segments(text).into_iter();
    let segments = segments.map(|segment| match segment {
        Segment::Plain(plain) => pairs(plain, '*', Segment::Emphasis),
        other => vec![other],
    });
    segments.flatten().collect()
}

/// Splits a text at pairs of a marker.
fn pairs<'t>(
    text: &'t str,
    marker: char,
    marked: impl Fn(&'t str) -> Segment<'t>,
) -> Vec<Segment<'t>> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(marker)
        && let Some((inside, after)) = after.split_once(marker)
    {
        segments.push(Segment::Plain(before));
        segments.push(marked(inside));
        rest = after;
    }
    segments.push(Segment::Plain(rest));
    segments.retain(|segment| *segment != Segment::Plain(""));
    segments
}

/// A message for formats without markup.
pub(crate) fn plain_message(text: &ScannedText<'_>) -> ScannedText<'static> {
    text.map(|text| without_markup(&message_segments(text)))
}

/// A rule's own text for formats without markup.
pub(crate) fn plain_rule_text(text: &ScannedText<'_>) -> ScannedText<'static> {
    text.map(|text| without_markup(&rule_text_segments(text)))
}

/// A rule's own text for a terminal, where code keeps its backticks.
pub(crate) fn terminal_rule_text(text: &ScannedText<'_>) -> ScannedText<'static> {
    text.map(|text| {
        let segments = rule_text_segments(text).into_iter();
        segments
            .map(|segment| match segment {
                Segment::Code(text) => format!("`{text}`"),
                other => without_markup(&[other]),
            })
            .collect()
    })
}

/// The text with code in single quotes and emphasis in double quotes.
fn without_markup(segments: &[Segment<'_>]) -> String {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Plain(text) => (*text).to_owned(),
            Segment::Code(text) => format!("'{text}'"),
            Segment::Emphasis(text) => format!("\"{text}\""),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Segment::{Code, Emphasis, Plain};
    use super::*;

    #[test]
    fn segments_of_code_and_emphasis() {
        assert_eq!(
            rule_text_segments("Set `a*b` in *Session Settings*, 2 * 3"),
            [
                Plain("Set "),
                Code("a*b"),
                Plain(" in "),
                Emphasis("Session Settings"),
                Plain(", 2 * 3"),
            ]
        );
        assert_eq!(
            rule_text_segments("one ` backtick"),
            [Plain("one ` backtick")]
        );
        assert_eq!(
            message_segments("`a` is https://*.b/*"),
            [Code("a"), Plain(" is https://*.b/*")]
        );
        assert_eq!(rule_text_segments(""), []);
    }

    #[test]
    fn quotes_replace_markup() {
        let segments = rule_text_segments("Set `a` in *Login*");
        assert_eq!(without_markup(&segments), "Set 'a' in \"Login\"");
    }
}
