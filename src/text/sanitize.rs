//! Makes text of scanned files safe to print.
//!
//! A scanned file can contain anything: escape sequences, characters that change the direction of
//! text, commands of CI runners. [`ScannedText`] can only be printed in a form in which they are
//! visible and have no effect. It has no secrets: they are masked when it is made.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::secrets::{mask, mask_in_place};

/// Text that may come from a scanned file. It has no `Display`, `Debug`, `Deref` or `AsRef<str>`, so
/// that it cannot be printed by mistake. Its methods sanitize it for a kind of output.
///
/// ```
/// # use forcelint::text::ScannedText;
/// assert_eq!(ScannedText::from("a\u{1b}[31m").one_line(), "a\u{241b}[31m");
/// ```
///
/// ```compile_fail
/// # use forcelint::text::ScannedText;
/// println!("{}", ScannedText::from("a\u{1b}[31m"));
/// ```
///
/// ```compile_fail
/// # use forcelint::text::ScannedText;
/// println!("{:?}", ScannedText::from("a\u{1b}[31m"));
/// ```
///
/// ```compile_fail
/// # use forcelint::text::ScannedText;
/// let raw: &str = &ScannedText::from("a\u{1b}[31m");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScannedText<'a>(Cow<'a, str>);

impl<'a> From<&'a str> for ScannedText<'a> {
    fn from(text: &'a str) -> Self {
        Self(mask(text))
    }
}

impl<'a> From<&'a String> for ScannedText<'a> {
    fn from(text: &'a String) -> Self {
        Self(mask(text))
    }
}

impl<'a> From<&'a Arc<str>> for ScannedText<'a> {
    fn from(text: &'a Arc<str>) -> Self {
        Self(mask(text))
    }
}

impl From<String> for ScannedText<'_> {
    fn from(text: String) -> Self {
        if let Cow::Owned(masked) = mask(&text) {
            return Self(Cow::Owned(masked));
        }
        Self(Cow::Owned(text))
    }
}

impl<'a> ScannedText<'a> {
    /// Text whose secrets are masked already, with the context that they were found in.
    pub(crate) fn already_masked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Several texts, one after the other.
    pub fn concat(parts: &[Self]) -> ScannedText<'static> {
        ScannedText(parts.iter().map(|part| &*part.0).collect::<String>().into())
    }

    /// Applies a function to the text. The result is still text of a scanned file.
    pub fn map(&self, change: impl FnOnce(&str) -> String) -> ScannedText<'static> {
        ScannedText(change(&self.0).into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text for one line of a terminal or a log. The number of characters stays the same.
    pub fn one_line(&self) -> Cow<'_, str> {
        make_visible(&self.0)
    }

    /// The lines of the text, each for one line of output.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.0.split('\n');
        let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line));
        lines.map(|line| make_visible(line).into_owned()).collect()
    }

    /// The text for the start of a line. A CI runner does not take the line for a command.
    pub fn at_line_start(&self) -> String {
        make_visible(&self.0).replace("::", &format!(":{ZERO_WIDTH_SPACE}:"))
    }

    /// Adds the text to a hash.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        hash.update(&*self.0);
    }

    /// Whether the text is a relative path without `..`.
    pub(crate) fn is_path_below_root(&self) -> bool {
        let mut components = std::path::Path::new(&*self.0).components();
        components.all(|component| matches!(component, std::path::Component::Normal(_)))
    }

    /// The text for a URI.
    pub(crate) fn percent_encoded(&self) -> String {
        utf8_percent_encode(&self.0, PATH).to_string()
    }
}

/// For JSON only: `to_json` escapes unsafe characters.
impl Serialize for ScannedText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for ScannedText<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// Escapes everything except the characters that a relative URI can contain unescaped.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Whether a terminal may interpret this character instead of showing it. A tab is harmless.
fn is_unsafe(character: char) -> bool {
    character != '\t' && character.is_control()
        || matches!(character,
            // Marks, embeddings, overrides and isolates of the bidirectional algorithm; line and
            // paragraph separators; the byte order mark.
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}')
}

/// The start of a command that CI runners find anywhere in a line: `##[` (GitHub), `##vso[` (Azure),
/// `##teamcity[`. A full-width bracket in place of `[` makes it text.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is constant, and a test uses it.
    Regex::new("#(#[A-Za-z]*)\\[").expect("the pattern is valid")
});

/// The first characters of every such command.
const COMMAND_MARK: &str = "##";

/// Between two colons, it keeps a line that begins with `::` from being a command.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// The text with masked secrets, and with visible symbols in place of unsafe characters. The number of
/// characters stays the same.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    match mask_in_place(text) {
        Cow::Borrowed(text) => make_visible(text),
        Cow::Owned(masked) => Cow::Owned(make_visible(&masked).into_owned()),
    }
}

/// The text with visible symbols in place of unsafe characters.
pub(crate) fn make_visible(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let has_command = memmem::find(text.as_bytes(), COMMAND_MARK.as_bytes()).is_some();
    if !has_command && (is_plain || !text.chars().any(is_unsafe)) {
        return Cow::Borrowed(text);
    }
    let visible: String = text.chars().map(visible).collect();
    if !has_command {
        return Cow::Owned(visible);
    }
    Cow::Owned(COMMAND.replace_all(&visible, "#$1\u{FF3B}").into_owned())
}

/// The text with masked secrets, and with visible symbols in place of unsafe characters except for line
/// ends. The number of characters in a line stays the same.
pub(crate) fn sanitize_lines(text: &str) -> String {
    make_lines_visible(&mask_in_place(text))
}

/// The text with visible symbols in place of unsafe characters, except for line ends.
pub(crate) fn make_lines_visible(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        lines.push_str(&make_visible(content.strip_suffix('\r').unwrap_or(content)));
        if content.len() < line.len() {
            lines.push('\n');
        }
    }
    lines
}

fn visible(character: char) -> char {
    match character {
        '\0'..='\x1F' if is_unsafe(character) => {
            // The control pictures have the same order as the control characters.
            char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}')
        }
        '\x7F' => '\u{2421}',
        other if is_unsafe(other) => '\u{FFFD}',
        other => other,
    }
}

/// Escapes unsafe characters in serialized JSON. `serde_json` escapes those below U+0020; all others
/// can only be inside strings.
pub(crate) fn sanitize_json(mut json: String) -> String {
    if memmem::find(json.as_bytes(), COMMAND_MARK.as_bytes()).is_some() {
        json = COMMAND.replace_all(&json, "\\u0023$1[").into_owned();
    }
    let (mut escaped, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(plain) = plain_length(&json.as_bytes()[at..]) {
        at += plain;
        let Some(character) = json[at..].chars().next() else {
            break;
        };
        if is_unsafe(character) {
            escaped.push_str(&json[copied..at]);
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            copied = at + character.len_utf8();
        }
        at += character.len_utf8();
    }
    if copied == 0 {
        return json;
    }
    escaped.push_str(&json[copied..]);
    escaped
}

/// The number of ASCII characters before the first byte that may be unsafe, if there is one.
fn plain_length(text: &[u8]) -> Option<usize> {
    const CHUNK: usize = 64;
    let is_plain = |byte: &u8| *byte == b'\n' || (b' '..=b'~').contains(byte);
    // Without an early exit in a chunk, which the compiler turns into vector instructions.
    let is_all_plain = |chunk: &[u8]| chunk.iter().fold(true, |all, byte| all & is_plain(byte));
    let before = CHUNK * text.chunks(CHUNK).position(|chunk| !is_all_plain(chunk))?;
    let in_chunk = text[before..].iter().position(|byte| !is_plain(byte))?;
    Some(before + in_chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_become_visible() {
        let text = "a\u{1b}[31mb\u{9b}2J\u{202e}c\td\n";
        let sanitized = sanitize(text);
        assert_eq!(sanitized, "a\u{241b}[31mb\u{fffd}2J\u{fffd}c\td\u{240a}");
        assert_eq!(sanitized.chars().count(), text.chars().count());
        assert_eq!(
            sanitize_lines("a\u{1b}\r\nb\rc\n"),
            "a\u{241b}\nb\u{240d}c\n"
        );
        for (command, expected) in [
            ("a ##[error]", "a ##\u{ff3b}error]"),
            ("##vso[task.x]y", "##vso\u{ff3b}task.x]y"),
            ("### a [b]", "### a [b]"),
        ] {
            assert_eq!(sanitize(command), expected);
        }
        assert_eq!(sanitize_json("\"\u{9b}\"\n".to_owned()), "\"\\u009b\"\n");
        let json = sanitize_json("\"##vso[x]\"".to_owned());
        assert_eq!(json, "\"\\u0023#vso[x]\"");
    }

    #[test]
    fn unsafe_characters_are_escaped_at_every_place() {
        for shift in 0..200 {
            let text = format!(
                "\"{}\u{9b}ü\u{202e}é{}\u{7f}\"",
                "-".repeat(shift),
                "…".repeat(shift)
            );
            let escaped: String = text
                .chars()
                .map(|character| match is_unsafe(character) {
                    true => format!("\\u{:04x}", u32::from(character)),
                    false => character.to_string(),
                })
                .collect();
            assert_eq!(sanitize_json(text), escaped);
        }
    }
}
