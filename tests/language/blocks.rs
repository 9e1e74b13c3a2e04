//! Pieces of text that belong together, such as a paragraph or a comment, with their location.

use std::sync::LazyLock;

use regex::{Captures, Regex};

#[derive(Clone, Debug)]
pub struct Block {
    pub file: String,
    /// The line of the file that the text starts on.
    pub line: usize,
    /// The lines of the file, without markers of comments.
    pub text: String,
}

impl Block {
    pub fn new(file: &str, line: usize, text: impl Into<String>) -> Block {
        let file = file.to_owned();
        let text = text.into();
        Block { file, line, text }
    }

    /// The block without inline code and addresses: names in them are not ours to choose.
    pub fn without_code(mut self) -> Block {
        static CODE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"`[^`\n]*(?:\n[^`\n]+)?`|https?://[^\s)>\x22]+").unwrap());
        let text = CODE.replace_all(&self.text, |code: &Captures<'_>| {
            format!("`…`{}", "\n".repeat(code[0].matches('\n').count()))
        });
        self.text = text.into_owned();
        self
    }
}

/// Splits a text at blank lines. Markers of comments at the start of lines are removed.
pub fn paragraphs(file: &str, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (line, text) in (1..).zip(text.lines()) {
        let text = without_marker(text);
        if text.is_empty() {
            is_open = false;
            continue;
        }
        match blocks.last_mut().filter(|_| is_open) {
            Some(block) => block.text += &format!("\n{text}"),
            None => blocks.push(Block::new(file, line, text)),
        }
        is_open = true;
    }
    blocks
}

fn without_marker(line: &str) -> &str {
    let line = line.trim();
    let markers = ["///", "//", "/**", "*/", "* ", "# "];
    let marker = markers.iter().find(|&&marker| line.starts_with(marker));
    let line = marker.map_or(line, |marker| &line[marker.len()..]);
    if matches!(line, "#" | "*") {
        ""
    } else {
        line.trim()
    }
}

/// Each line as a separate block, with escaped line breaks as spaces.
pub fn lines(file: &str, text: &str) -> Vec<Block> {
    let lines = (1..).zip(text.lines());
    lines
        .map(|(line, text)| Block::new(file, line, text.replace("\\n", " ")))
        .collect()
}

/// The prose of a Markdown page, and the output of programs that it quotes.
pub struct Page {
    pub prose: Vec<Block>,
    pub quoted: Vec<Block>,
}

/// Languages of code blocks that contain output. Blocks in other languages were written by hand.
const OUTPUT: [&str; 4] = ["", "text", "json", "xml"];

pub fn markdown(file: &str, text: &str) -> Page {
    let mut page = Page {
        prose: Vec::new(),
        quoted: Vec::new(),
    };
    let mut fence: Option<&str> = None;
    let mut is_open = false;
    for (line, text) in (1..).zip(text.lines()) {
        let trimmed = text.trim();
        if let Some(language) = trimmed.strip_prefix("```") {
            fence = fence.is_none().then_some(language);
            is_open = false;
            continue;
        }
        let is_quoted = fence.is_some_and(|language| OUTPUT.contains(&language));
        let blocks = if is_quoted {
            &mut page.quoted
        } else {
            &mut page.prose
        };
        // Rows of tables, headings and list items start a new block.
        let is_start = trimmed.starts_with(['|', '#']) || trimmed.starts_with("- ");
        match blocks.last_mut().filter(|_| is_open && !is_start) {
            Some(block) => block.text += &format!("\n{text}"),
            None if trimmed.is_empty() => {}
            None => blocks.push(Block::new(file, line, text)),
        }
        is_open = !trimmed.is_empty() && !trimmed.starts_with(['|', '#']);
    }
    page.prose = page.prose.into_iter().map(Block::without_code).collect();
    page
}
