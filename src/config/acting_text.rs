//! Texts of rule files that a terminal, or a build server, would act on.

use std::ops::Range;

use toml::{Table, Value};

use crate::text::{sanitize, sanitize_lines};

/// Where a text is that a terminal, or whatever shows it, would act on: as it stands, or once
/// escapes are worked out. The files of an example are only shown by `rules test`, which makes
/// them sanitized, so that they may hold anything.
pub(super) fn acting(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if sanitize(content) != content {
            return Some(start..start + content.len());
        }
        start += line.len();
    }
    if !has_escapes(text) {
        return None;
    }
    // What the parser says of a text that is no TOML quotes it as it stands.
    let table: Table = text.parse().ok()?;
    let mut found = None;
    for (key, value) in &table {
        acting_value(key, value, &mut found);
    }
    // The place is the line with what stands before the escape.
    let wrong = found?;
    let is_plain = |character: &char| !character.is_control() && is_sanitized(*character);
    let head: String = wrong.chars().take_while(is_plain).collect();
    let at = text.find(&format!("{head}\\")).unwrap_or(0);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    Some(at..end)
}

/// Whether the text has an escape that can stand for what a text alone cannot hold unseen: a
/// control character, any character by its number, or a line end that joins two lines. Reading the
/// whole of a rule for it took as long as compiling it.
fn has_escapes(text: &str) -> bool {
    let escaped = text.split('\\').skip(1).map(str::as_bytes);
    let mut first = escaped.map(|behind| behind.first());
    first.any(|it| it.is_some_and(|byte| b"befnruUx \t\n".contains(byte)))
}

fn is_sanitized(character: char) -> bool {
    let mut buffer = [0; 4];
    let text = character.encode_utf8(&mut buffer);
    sanitize(text) == *text
}

fn acting_value(key: &str, value: &Value, found: &mut Option<String>) {
    const FILES: [&str; 4] = ["xml", "fixed", "project", "forceignore"];
    if sanitize(key) != key {
        found.get_or_insert_with(|| key.to_owned());
    }
    match value {
        Value::String(text) if !FILES.contains(&key) && sanitize_lines(text) != *text => {
            found.get_or_insert_with(|| text.clone());
        }
        Value::Array(values) => values.iter().for_each(|it| acting_value(key, it, found)),
        Value::Table(table) => table
            .iter()
            .for_each(|(key, value)| acting_value(key, value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_only_once_escapes_are_worked_out_is_found() {
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
            assert!(acting(&text).is_some(), "{text}");
            assert!(acting(&text.replace("title", "[[test]]\nxml")).is_none());
        }
        assert!(acting("title = \"a \\\\ \\\" b\"\nmatches = '\\d\\.\\b'\n").is_none());
    }
}
