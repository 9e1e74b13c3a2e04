//! String literals, comments and names of functions in Rust files, by a plain scan of their text.

use crate::blocks::Block;

#[derive(Default)]
pub struct Scanned {
    pub strings: Vec<Block>,
    pub comments: Vec<Block>,
    /// Names of functions, with spaces instead of underscores.
    pub names: Vec<Block>,
}

struct Scanner<'a> {
    file: &'a str,
    text: &'a str,
    at: usize,
    line: usize,
    scanned: Scanned,
}

pub fn scan(file: &str, text: &str) -> Scanned {
    let mut scanner = Scanner {
        file,
        text,
        at: 0,
        line: 1,
        scanned: Scanned::default(),
    };
    while scanner.at < text.len() {
        scanner.step();
    }
    let Scanned {
        strings,
        comments,
        names,
    } = scanner.scanned;
    Scanned {
        names,
        strings: strings.into_iter().map(Block::without_code).collect(),
        comments: comments.into_iter().map(Block::without_code).collect(),
    }
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest()[..length].matches('\n').count();
        self.at += length;
    }

    fn step(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().expect("there is text");
        if rest.starts_with("//") {
            self.line_comment();
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if first == '"' {
            self.string();
        } else if first == '\'' {
            self.character_or_lifetime();
        } else if first.is_alphabetic() || first == '_' {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let word = &rest[..word.unwrap_or(rest.len())];
            let hashes = rest[word.len()..].chars().take_while(|c| *c == '#').count();
            let is_quoted = rest[word.len() + hashes..].starts_with('"');
            if is_quoted && matches!(word, "r" | "br" | "cr") {
                self.raw_string(word.len() + hashes + 1, hashes);
            } else {
                let length = word.len();
                if word == "fn" {
                    self.function_name();
                }
                self.skip(length);
            }
        } else if first.is_ascii_digit() {
            // A suffix such as `1u8` is not an identifier.
            let number = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            self.skip(number.unwrap_or(rest.len()));
        } else {
            self.skip(first.len_utf8());
        }
    }

    fn function_name(&mut self) {
        let after = self.rest()["fn".len()..].trim_start();
        let name = after.split(|c: char| c != '_' && !c.is_alphanumeric());
        let name = name.take(1).collect::<String>().replace('_', " ");
        self.scanned
            .names
            .push(Block::new(self.file, self.line, name));
    }

    /// Comments on consecutive lines are one block.
    fn line_comment(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        let comment = &self.rest()[..length];
        let text = comment.trim_start_matches('/').trim_start_matches('!');
        let text = text.trim().to_owned();
        let is_alone = self.text[..self.at]
            .rsplit('\n')
            .next()
            .is_some_and(|before| before.trim().is_empty());
        let line = self.line;
        let previous = self.scanned.comments.last_mut();
        match previous
            .filter(|it| is_alone && !text.is_empty() && it.line + it.text.lines().count() == line)
        {
            Some(previous) => previous.text += &format!("\n{text}"),
            None if text.is_empty() => {}
            None => {
                let block = Block::new(self.file, line, text);
                self.scanned.comments.push(block);
            }
        }
        self.skip(length);
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut length = 0;
        let rest = self.rest();
        while length < rest.len() {
            if rest[length..].starts_with("/*") {
                depth += 1;
                length += 2;
            } else if rest[length..].starts_with("*/") {
                depth -= 1;
                length += 2;
                if depth == 0 {
                    break;
                }
            } else {
                length += rest[length..].chars().next().map_or(1, char::len_utf8);
            }
        }
        let block = Block::new(self.file, self.line, &rest[..length]);
        self.scanned.comments.push(block);
        self.skip(length);
    }

    /// An escape becomes a space or the character itself. Line breaks stay, so that lines can be counted.
    fn string(&mut self) {
        let mut text = String::new();
        let mut length = 1;
        let mut characters = self.rest()[1..].chars();
        while let Some(character) = characters.next() {
            length += character.len_utf8();
            match character {
                '"' => break,
                '\\' => {
                    let escaped = characters.next().unwrap_or(' ');
                    length += escaped.len_utf8();
                    match escaped {
                        '\n' | '"' | '\'' => text.push(escaped),
                        _ => text.push(' '),
                    }
                }
                _ => text.push(character),
            }
        }
        let block = Block::new(self.file, self.line, text);
        self.scanned.strings.push(block);
        self.skip(length);
    }

    fn raw_string(&mut self, start: usize, hashes: usize) {
        let end = format!("\"{}", "#".repeat(hashes));
        let rest = &self.rest()[start..];
        let length = rest.find(&end).unwrap_or(rest.len());
        let block = Block::new(self.file, self.line, &rest[..length]);
        self.scanned.strings.push(block);
        self.skip((start + length + end.len()).min(self.rest().len()));
    }

    fn character_or_lifetime(&mut self) {
        let mut characters = self.rest()[1..].chars();
        let (first, second) = (characters.next(), characters.next());
        let length = match (first, second) {
            (Some('\\'), Some(escaped)) => {
                let start = 2 + escaped.len_utf8();
                let end = self.rest()[start..].find('\'');
                end.map_or(1, |end| start + end + 1)
            }
            (Some(character), Some('\'')) => character.len_utf8() + 2,
            _ => 1,
        };
        self.skip(length);
    }
}
