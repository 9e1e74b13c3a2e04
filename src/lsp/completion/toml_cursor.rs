//! The context of a cursor in TOML that is being typed: the keys that lead there, and whether a key or a
//! value is being written.
//!
//! It only splits the text into words and accepts any text.

use std::ops::Range;

/// The context of a byte offset.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TomlCursor {
    /// The keys that lead there; for a value, its own key is the last.
    pub path: Vec<String>,
    pub writes: Writes,
    /// The bytes that are already written.
    pub range: Range<usize>,
}

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    /// A key.
    Key,
    /// A value without quotes.
    Value,
    /// The text between quotes.
    Text,
    /// The name of a table, between brackets.
    Header,
    /// A comment.
    Nothing,
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    table: Vec<String>,
    keys: Vec<String>,
    /// For each open bracket, whether it begins an inline table, and the number of keys before it.
    open: Vec<(bool, usize)>,
    word: Option<Range<usize>>,
    in_value: bool,
}

/// What one step of a scan finds.
enum Step {
    /// The scan continues at this byte.
    To(usize),
    /// The offset is in these bytes.
    Found(Writes, Range<usize>),
}

/// The context of a byte offset between two characters.
pub(super) fn toml_cursor(text: &str, at: usize) -> TomlCursor {
    let scan = Scan {
        text,
        at,
        table: Vec::new(),
        keys: Vec::new(),
        open: Vec::new(),
        word: None,
        in_value: false,
    };
    scan.run()
}

fn is_bare(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | ':' | '*')
}

impl Scan<'_> {
    fn run(mut self) -> TomlCursor {
        let mut at = 0;
        while at < self.at {
            // `at` only ever moves by whole characters.
            let Some(character) = self.text[at..].chars().next() else {
                break;
            };
            let step = match character {
                '#' => self.comment(at),
                '"' | '\'' => self.quoted(at),
                '[' if !self.in_value && self.open.is_empty() => self.header(at),
                _ => self.character(character, at),
            };
            match step {
                Step::To(next) => at = next,
                Step::Found(writes, range) => return self.cursor(writes, range),
            }
        }
        let begun = self.word.clone().filter(|word| word.end == self.at);
        let begin = begun.map_or(self.at, |word| word.start);
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
        let writes = if self.in_value {
            Writes::Value
        } else {
            Writes::Key
        };
        let range = begin..self.at + length;
        self.cursor(writes, range)
    }

    fn comment(&self, at: usize) -> Step {
        let end = self.line_end(at);
        if self.at <= end {
            return Step::Found(Writes::Nothing, self.at..self.at);
        }
        Step::To(end)
    }

    fn quoted(&mut self, at: usize) -> Step {
        let (inner, end) = self.string(at);
        if (inner.start..=inner.end).contains(&self.at) {
            let writes = if self.in_value {
                Writes::Text
            } else {
                Writes::Key
            };
            return Step::Found(writes, inner);
        }
        self.word = Some(inner);
        Step::To(end)
    }

    fn header(&mut self, at: usize) -> Step {
        let end = self.line_end(at);
        let line = &self.text[at..end];
        if self.at <= end {
            let begin = at + line.find(|c| c != '[').unwrap_or(line.len());
            let close = line.find(']').map_or(end, |close| at + close);
            self.table.clear();
            return Step::Found(Writes::Header, begin.min(close)..close);
        }
        let name = line.trim_matches(['[', ']', ' ', '\t']);
        let name = name.split(['#', ']']).next().unwrap_or_default();
        self.table = keys(name);
        self.keys.clear();
        Step::To(end)
    }

    /// A character that opens, closes or separates, or one of a bare word.
    fn character(&mut self, character: char, at: usize) -> Step {
        let next = at + character.len_utf8();
        match character {
            '[' | '{' => {
                self.open.push((character == '{', self.keys.len()));
                self.in_value = character == '[';
                self.word = None;
            }
            ']' | '}' => {
                if let Some((_, before)) = self.open.pop() {
                    self.keys.truncate(before);
                }
                self.in_value = true;
                self.word = None;
            }
            ',' => {
                if let Some(&(true, before)) = self.open.last() {
                    self.keys.truncate(before);
                    self.in_value = false;
                }
                self.word = None;
            }
            '=' => {
                let word = self.word.take();
                let word = word.map(|word| &self.text[word]).unwrap_or_default();
                self.keys.extend(keys(word));
                self.in_value = true;
            }
            '\n' if self.open.is_empty() => {
                self.keys.clear();
                self.in_value = false;
                self.word = None;
            }
            bare if is_bare(bare) => match &mut self.word {
                Some(word) if word.end == at => word.end = next,
                word => *word = Some(at..next),
            },
            _ => {}
        }
        Step::To(next)
    }

    fn cursor(self, writes: Writes, range: Range<usize>) -> TomlCursor {
        TomlCursor {
            path: self.table.into_iter().chain(self.keys).collect(),
            writes,
            range,
        }
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end)
    }

    /// The bytes between the quotes that begin here, and the offset after them. A string without an
    /// end ends with its line.
    fn string(&self, at: usize) -> (Range<usize>, usize) {
        let quote = &self.text[at..at + 1];
        let triple = quote.repeat(3);
        let rest = &self.text[at..];
        if rest.starts_with(&triple) {
            let start = at + 3;
            let found = self.text[start..].find(&triple);
            let end = found.map_or(self.text.len(), |end| start + end);
            return (start..end, (end + 3).min(self.text.len()));
        }
        let start = at + 1;
        let mut is_escaped = false;
        for (inside, character) in self.text[start..].char_indices() {
            let end = start + inside;
            match character {
                '\n' => return (start..end, end),
                _ if is_escaped => is_escaped = false,
                '\\' if quote == "\"" => is_escaped = true,
                _ if self.text[end..].starts_with(quote) => return (start..end, end + 1),
                _ => {}
            }
        }
        (start..self.text.len(), self.text.len())
    }
}

fn keys(dotted: &str) -> Vec<String> {
    let parts = dotted
        .split('.')
        .map(|part| part.trim().trim_matches(['"', '\'']));
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context of `|`, in short form.
    fn at(text: &str) -> (String, Writes, String) {
        let at = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let cursor = toml_cursor(&text, at);
        (
            cursor.path.join("."),
            cursor.writes,
            text[cursor.range].to_owned(),
        )
    }

    #[test]
    fn contexts_in_complete_and_in_broken_text() {
        use Writes::{Header, Key, Nothing, Text, Value};
        for (text, path, writes, there) in [
            ("|", "", Key, ""),
            ("sel|ect", "", Key, "select"),
            ("min-severity = |", "min-severity", Value, ""),
            ("min-severity = \"lo|w\"\n", "min-severity", Text, "low"),
            ("min-severity = \"lo|\nx = 1", "min-severity", Text, "lo"),
            ("select = [\n \"a\",\n \"b|\"]", "select", Text, "b"),
            ("select = [\"a\"]\n|", "", Key, ""),
            ("[rules]\npk|", "rules", Key, "pk"),
            ("[rules]\na = \"off\"\nb = |", "rules.b", Value, ""),
            ("[[exc|]]", "", Header, "exc"),
            ("[|", "", Header, ""),
            ("[[exception]]\nrule = '|'", "exception.rule", Text, ""),
            ("# [a|", "", Nothing, ""),
            ("a = '''\n[x]\n'''\n|", "", Key, ""),
            ("a = '''\n[x]\n|", "a", Text, "\n[x]\n"),
            (
                "[[check]]\nrequire = { field = \"x\", all = [{ i|",
                "check.require.all",
                Key,
                "i",
            ),
            (
                "[[check]]\nrequire = { field = \"x\", is = |",
                "check.require.is",
                Value,
                "",
            ),
            ("a.b = { c = 1 }\nd = |", "d", Value, ""),
            ("a = \"\\\"|\"", "a", Text, "\\\""),
            ("ü = |", "ü", Value, ""),
        ] {
            let expected = (path.to_owned(), writes, there.to_owned());
            assert_eq!(at(text), expected, "{text}");
        }
    }
}
