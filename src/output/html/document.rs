//! The frame of a page: its head, the policy that allows only its own style and script, and sanitized lines.
//!
//! maud escapes texts in elements and attributes. The markup adds no line ends, so each of its lines
//! can be sanitized as a whole.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use crate::text::ScannedText;

const STYLE: &str = include_str!("style.css");

/// A page under construction.
pub(super) struct Page {
    text: String,
}

impl Page {
    /// A page up to the start of its body. The title can have text of scanned files.
    pub(super) fn new(title: &str, script: Option<&str>) -> Self {
        let mut page = Self {
            text: String::new(),
        };
        page.fixed("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        page.put(&head(title, script));
        page.fixed(&format!("<style>{STYLE}</style>\n</head>\n<body>"));
        page
    }

    /// Adds a line with text of scanned files in it.
    pub(super) fn put(&mut self, markup: &Markup) {
        if !markup.0.is_empty() {
            self.put_part(markup);
            self.text.push('\n');
        }
    }

    /// Adds a part of a line.
    pub(super) fn put_part(&mut self, markup: &Markup) {
        let markup = ScannedText::already_masked(&markup.0);
        self.text.push_str(&markup.one_line());
    }

    /// Adds constant text.
    pub(super) fn fixed(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Writes what was added since the last call.
    pub(super) fn write_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// The rest of the page, with its script.
    pub(super) fn finish(mut self, script: Option<&str>) -> String {
        if let Some(script) = script {
            self.fixed(&format!("<script>{script}</script>"));
        }
        self.fixed("</body>\n</html>");
        self.text
    }
}

/// The hash of a style or script in a content security policy.
fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn head(title: &str, script: Option<&str>) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        source_hash(STYLE),
        script.map_or("'none'".to_owned(), source_hash)
    );
    html! {
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="referrer" content="no-referrer";
        meta name="generator" content={ "forcelint " (env!("CARGO_PKG_VERSION")) };
        title { (title) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashed_parts_are_not_changed_by_a_browser() {
        for text in [STYLE, include_str!("script.js")] {
            // A browser normalizes line ends, which would change the hash.
            assert!(!text.contains('\r'));
            assert!(!text.contains("</"), "an end tag would end the element");
            assert!(text.is_ascii());
        }
    }
}
