//! Text as Markdown.
//!
//! The text of a scanned file stays in its line and in its table cell. It cannot become markup, HTML, a
//! link, a picture, a formula, or a mention that notifies a user. Hosts look for mentions and addresses
//! in the rendered text, where escapes have no effect, so a character without width separates them.

use std::fmt::Write as _;

use crate::text::{ScannedText, Segment, message_segments, rule_text_segments};

/// Separates two characters invisibly.
const NOTHING: char = '\u{200B}';

/// Longer texts are truncated. File names are not longer.
const MAX_CHARACTERS: usize = 400;

/// A message.
pub(crate) fn prose<'a>(text: impl Into<ScannedText<'a>>) -> String {
    markdown(&message_segments(&clipped(text.into())))
}

/// A rule's own text.
pub(crate) fn rule_prose<'a>(text: impl Into<ScannedText<'a>>) -> String {
    markdown(&rule_text_segments(&text.into().one_line()))
}

fn markdown(segments: &[Segment<'_>]) -> String {
    let mut markdown = String::new();
    for segment in segments {
        match segment {
            Segment::Plain(text) => escape(text, &mut markdown),
            Segment::Code(text) => markdown.push_str(&code_of(text)),
            Segment::Emphasis(text) => {
                markdown.push('*');
                escape(text, &mut markdown);
                markdown.push('*');
            }
        }
    }
    markdown
}

/// A message about a name that can have backticks in it.
pub(super) fn prose_about(text: &ScannedText<'_>, name: &ScannedText<'_>) -> String {
    let (text, name) = (text.one_line(), name.one_line());
    let quoted = format!("`{name}`");
    let parts: Vec<String> = text.split(&quoted).map(prose).collect();
    parts.join(&code(&*name))
}

/// A name as code. A `|` would end a table cell even in code, and an escaped one shows its backslash
/// outside a table, so it is replaced by a character that looks like it.
pub(crate) fn code<'a>(text: impl Into<ScannedText<'a>>) -> String {
    code_of(&clipped(text.into()))
}

fn code_of(sanitized: &str) -> String {
    let text = sanitized.replace('|', "\u{2223}");
    if text.is_empty() {
        return text;
    }
    let longest = text.split(|it| it != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default() + 1);
    // Markdown removes one space at both ends.
    let needs_space = |edge: char| text.starts_with(edge) || text.ends_with(edge);
    let space = if needs_space('`') || needs_space(' ') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The sanitized and truncated text.
fn clipped(text: ScannedText<'_>) -> String {
    let text = text.map(|text| match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    });
    text.one_line().into_owned()
}

fn escape(text: &str, markdown: &mut String) {
    let mut characters = text.chars().peekable();
    let mut last = ' ';
    while let Some(character) = characters.next() {
        let before = std::mem::replace(&mut last, character);
        match character {
            '<' => markdown.push_str("&lt;"),
            '>' => markdown.push_str("&gt;"),
            '&' => markdown.push_str("&amp;"),
            '|' => markdown.push_str("&#124;"),
            // GitHub's own advice for a dollar sign that does not begin a formula.
            '$' => markdown.push_str("<span>$</span>"),
            '@' => {
                markdown.push('@');
                markdown.push(NOTHING);
            }
            '\\' | '*' | '_' | '`' | '[' | ']' | '~' | '#' | '!' | '{' | '}' => {
                let _ = write!(markdown, "\\{character}");
                if matches!(character, '#' | '!' | '~') {
                    markdown.push(NOTHING);
                }
            }
            // `12:34` is neither `https://x` nor `mailto:x` nor `:emoji:`.
            ':' if characters.peek().is_some_and(|next| {
                *next != ' ' && !(before.is_ascii_digit() && next.is_ascii_digit())
            }) =>
            {
                markdown.push(':');
                markdown.push(NOTHING);
            }
            // `www.x`
            'w' | 'W' if characters.peek() == Some(&'.') => {
                markdown.push(character);
                markdown.push(NOTHING);
            }
            other => markdown.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        for (text, shown) in [
            ("a `b` c", "a `b` c"),
            ("<b>&lt;", "&lt;b&gt;&amp;lt;"),
            ("![x](y) | *z*", "\\!\u{200B}\\[x\\](y) &#124; \\*z\\*"),
            ("@team, see #1", "@\u{200B}team, see \\#\u{200B}1"),
            ("https://a.b www.c", "https:\u{200B}//a.b www\u{200B}.c"),
            ("at 2:13: x", "at 2:13: x"),
            ("$x$", "<span>$</span>x<span>$</span>"),
            ("a\nb", "a\u{240A}b"),
            ("odd ` one", "odd \\` one"),
        ] {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn a_name_with_backticks_stays_whole() {
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("a|b"), "`a\u{2223}b`");
        assert_eq!(
            prose_about(&"`a`b` is *".into(), &"a`b".into()),
            "``a`b`` is \\*"
        );
        assert!(prose("x".repeat(100_000)).len() < 500);
    }
}
