//! The paragraphs of a hover, which has few words: a longer one is not read while typing.

/// The most words of a hover.
const MAX_WORDS: usize = 80;

/// The paragraphs so far, in Markdown.
#[derive(Default)]
pub(super) struct Paragraphs {
    paragraphs: Vec<String>,
    words: usize,
}

impl Paragraphs {
    /// Adds a paragraph if it fits, and leaves room for `reserved` words. Returns whether it was added.
    pub(super) fn add(&mut self, paragraph: String, reserved: usize) -> bool {
        let words = self.words + word_count(&paragraph);
        let fits = words + reserved <= MAX_WORDS;
        if fits {
            self.words = words;
            self.paragraphs.push(paragraph);
        }
        fits
    }

    /// The number of words that still fit.
    pub(super) fn room(&self) -> usize {
        MAX_WORDS - self.words
    }

    pub(super) fn into_markdown(self) -> Option<String> {
        (!self.paragraphs.is_empty()).then(|| self.paragraphs.join("\n\n"))
    }
}

/// The number of words of a text. Punctuation between spaces is not a word.
fn word_count(text: &str) -> usize {
    let words = text.split_whitespace();
    words
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

/// The first sentences of a text that have at most `most` words together. A long first sentence is cut.
pub(super) fn first_sentences(text: &str, most: usize) -> String {
    let mut taken = String::new();
    for sentence in sentences(text) {
        if word_count(&taken) + word_count(sentence) > most {
            break;
        }
        taken.push_str(sentence);
    }
    if taken.is_empty() {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > most {
            words.truncate(most);
            words.push("…");
        }
        taken = words.join(" ");
    }
    taken.trim_end().to_owned()
}

/// The sentences of a text, each with the space after it.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(". ").map_or(rest.len(), |at| at + 2);
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_sentences_are_kept() {
        let text = "Set `a.b` to 1. Then wait · for it. Done.";
        assert_eq!(first_sentences(text, 99), text);
        assert_eq!(
            first_sentences(text, 8),
            "Set `a.b` to 1. Then wait · for it."
        );
        assert_eq!(first_sentences(text, 7), "Set `a.b` to 1.");
        assert_eq!(first_sentences(text, 2), "Set `a.b` …");
    }

    #[test]
    fn hovers_have_few_words() {
        let mut paragraphs = Paragraphs::default();
        assert!(paragraphs.add("a ".repeat(MAX_WORDS - 1), 1));
        assert!(!paragraphs.add("too long".to_owned(), 0));
        assert!(!paragraphs.add("short".to_owned(), 1));
        assert!(paragraphs.add("short".to_owned(), 0));
        assert_eq!(paragraphs.room(), 0);
        let markdown = paragraphs.into_markdown().unwrap();
        assert!(markdown.ends_with("\n\nshort"), "{markdown}");
        assert_eq!(Paragraphs::default().into_markdown(), None);
    }
}
