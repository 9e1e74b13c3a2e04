//! Text of scanned files, and the ways in which it can be written.
//!
//! A scanned file can contain anything: escape sequences, characters that change the direction of
//! writing, commands of CI runners. [`ScannedText`] cannot be written without making them visible.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Text that may come from a scanned file. It has no `Display`, `Debug`, `Deref` or `AsRef<str>`:
/// what cannot be formatted cannot be printed by mistake. The ways out sanitize the text for where
/// it goes.
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
        Self(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for ScannedText<'a> {
    fn from(text: &'a String) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for ScannedText<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> ScannedText<'a> {
    /// Several texts, one after the other.
    pub fn concat(parts: &[Self]) -> ScannedText<'static> {
        ScannedText(parts.iter().map(|part| &*part.0).collect::<String>().into())
    }

    /// The text changed by a function. The result is still text of a scanned file.
    pub fn map(&self, change: impl FnOnce(&str) -> String) -> ScannedText<'static> {
        ScannedText(change(&self.0).into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text for one line of a terminal or of a log. It has as many characters as before.
    pub fn one_line(&self) -> Cow<'_, str> {
        sanitize(&self.0)
    }

    /// The text for a line that starts with it: the line is not a command of a CI runner.
    pub fn at_line_start(&self) -> String {
        sanitize_at_line_start(&self.0)
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

/// For JSON, which escapes what a terminal or a runner acts on: see `to_json`.
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

/// JSON on one line, in which everything that a terminal or a runner acts on is escaped.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string(value)
        // These are plain structures with string keys, which always serialize.
        .expect("plain data serializes");
    json.push('\n');
    sanitize_json(json)
}

/// What a path may contain unescaped in a relative URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Whether a terminal may act on this character instead of showing it. A tab is harmless.
fn acts(character: char) -> bool {
    character != '\t' && character.is_control()
        || matches!(character,
            // Marks, embeddings, overrides and isolates of the bidirectional algorithm; line and
            // paragraph separators; the byte order mark.
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}')
}

/// What runners take for a command wherever it stands in a line, up to the bracket, which is
/// exchanged for a wide one: `##[` of GitHub's, `##vso[` of Azure's, `##teamcity[`.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    // A test uses it.
    Regex::new("#(#[A-Za-z]*)\\[").expect("the pattern is right")
});

/// What every such command begins with.
const COMMAND_MARK: &str = "##";

/// A line that begins with `::` is a command too; put in between, this keeps it from being one.
const NOTHING: char = '\u{200B}';

/// The text with every acting character made visible, for lines that begin with it.
pub(crate) fn sanitize_at_line_start(text: &str) -> String {
    sanitize(text).replace("::", &format!(":{NOTHING}:"))
}

/// The text with every acting character made visible.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let has_command = text.contains(COMMAND_MARK);
    if !has_command && (is_plain || !text.chars().any(acts)) {
        return Cow::Borrowed(text);
    }
    let visible: String = text.chars().map(visible).collect();
    if !has_command {
        return Cow::Owned(visible);
    }
    Cow::Owned(COMMAND.replace_all(&visible, "#$1\u{FF3B}").into_owned())
}

/// The text with every acting character made visible, but for the ends of its lines.
pub(crate) fn sanitize_lines(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        lines.push_str(&sanitize(content.strip_suffix('\r').unwrap_or(content)));
        if content.len() < line.len() {
            lines.push('\n');
        }
    }
    lines
}

fn visible(character: char) -> char {
    match character {
        '\0'..='\x1F' if acts(character) => {
            // The control pictures stand in the order of the controls.
            char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}')
        }
        '\x7F' => '\u{2421}',
        other if acts(other) => '\u{FFFD}',
        other => other,
    }
}

/// Serialised JSON in which acting characters are escaped. `serde_json` escapes those below U+0020;
/// all others can only stand inside of strings.
pub(crate) fn sanitize_json(mut json: String) -> String {
    if json.contains(COMMAND_MARK) {
        json = COMMAND.replace_all(&json, "\\u0023$1[").into_owned();
    }
    if !json
        .chars()
        .any(|character| acts(character) && character != '\n')
    {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if acts(character) && character != '\n' {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_visible_and_columns_stay() {
        let text = "a\u{1b}[31mb\u{9b}2J\u{202e}c\td\n";
        let shown = sanitize(text);
        assert_eq!(shown, "a\u{241b}[31mb\u{fffd}2J\u{fffd}c\td\u{240a}");
        assert_eq!(shown.chars().count(), text.chars().count());
        assert_eq!(
            sanitize_lines("a\u{1b}\r\nb\rc\n"),
            "a\u{241b}\nb\u{240d}c\n"
        );
        for (command, shown) in [
            ("a ##[error]", "a ##\u{ff3b}error]"),
            ("##vso[task.x]y", "##vso\u{ff3b}task.x]y"),
            ("### a [b]", "### a [b]"),
        ] {
            assert_eq!(sanitize(command), shown);
        }
        assert_eq!(sanitize_json("\"\u{9b}\"\n".to_owned()), "\"\\u009b\"\n");
        let json = sanitize_json("\"##vso[x]\"".to_owned());
        assert_eq!(json, "\"\\u0023#vso[x]\"");
    }
}
