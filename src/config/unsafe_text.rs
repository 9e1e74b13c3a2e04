//! Finds text in rule files that a terminal or a build server could interpret as a command.

use std::ops::Range;

use toml::{Table, Value};

use crate::text::{make_lines_visible, make_visible};

/// The location of the first unsafe text, which is either verbatim or the value of an escape. Files
/// of tests can contain anything, because `rules test` sanitizes them.
pub(super) fn unsafe_text(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if make_visible(content) != content {
            return Some(start..start + content.len());
        }
        start += line.len();
    }
    if !has_escapes(text) {
        return None;
    }
    // Errors of the TOML parser quote the file verbatim, with its escapes.
    let table: Table = text.parse().ok()?;
    let mut found = None;
    for (key, value) in &table {
        find_unsafe_value(key, value, &mut found);
    }
    // The line is the one with the text before the escape.
    let value = found?;
    let is_plain = |character: &char| !character.is_control() && is_sanitized(*character);
    let head: String = value.chars().take_while(is_plain).collect();
    let at = text.find(&format!("{head}\\")).unwrap_or(0);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    Some(at..end)
}

/// Whether the text has an escape for a control character, for a character by its number, or for a
/// line end that joins two lines. Other files need not be parsed for this, which took as long as
/// compiling the rule.
fn has_escapes(text: &str) -> bool {
    let escaped = text.split('\\').skip(1).map(str::as_bytes);
    let mut first = escaped.map(|after| after.first());
    first.any(|it| it.is_some_and(|byte| b"befnruUx \t\n".contains(byte)))
}

fn is_sanitized(character: char) -> bool {
    let mut buffer = [0; 4];
    let text = character.encode_utf8(&mut buffer);
    make_visible(text) == *text
}

fn find_unsafe_value(key: &str, value: &Value, found: &mut Option<String>) {
    const FILES: [&str; 4] = ["xml", "fixed", "project", "forceignore"];
    if make_visible(key) != key {
        found.get_or_insert_with(|| key.to_owned());
    }
    match value {
        Value::String(text) if !FILES.contains(&key) && make_lines_visible(text) != *text => {
            found.get_or_insert_with(|| text.clone());
        }
        Value::Array(values) => values
            .iter()
            .for_each(|it| find_unsafe_value(key, it, found)),
        Value::Table(table) => table
            .iter()
            .for_each(|(key, value)| find_unsafe_value(key, value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_escapes_are_found() {
        for value in [
            r#""\u001B[2J""#,
            r#""\U0000001B[2J""#,
            r#""\u202E""#,
            r#""a\b""#,
            r#""a\f""#,
            r#""a\rb""#,
            r##""#\u0023[error]""##,
            "\"\"\"#\\\n  #[error]\"\"\"",
            "\"\"\"#\\   \n#vso[task]\"\"\"",
        ] {
            let text = format!("id = 'x'\ntitle = {value}\n");
            assert!(text.parse::<Table>().is_ok(), "{text}");
            assert!(unsafe_text(&text).is_some(), "{text}");
            assert!(unsafe_text(&text.replace("title", "[[test]]\nxml")).is_none());
        }
        assert!(unsafe_text("title = \"a \\\\ \\\" b\"\nmatches = '\\d\\.\\b'\n").is_none());
    }
}
