//! Texts of long files that evidence is in.
//!
//! The index keeps only parts of a long file, so its text is read again to show evidence. Many findings can have
//! evidence in the same file, so the texts of some are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::text::Lines;
use crate::xml::Span;

/// Shorter texts are not worth the memory.
const LONG_BYTES: usize = 16 * 1024;

/// All texts that are kept together have at most this length.
const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// The text of a file with its lines.
#[derive(Debug)]
pub(crate) struct LongText {
    pub text: String,
    pub lines: Arc<Lines>,
    /// The secrets in the text, once they have been found.
    pub secrets: OnceLock<Vec<Span>>,
}

/// Texts by the positions of their components.
#[derive(Debug, Default)]
pub(super) struct LongTexts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    texts: HashMap<usize, Arc<LongText>>,
    bytes: usize,
}

impl LongTexts {
    pub(super) fn get(&self, component: usize) -> Option<Arc<LongText>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.texts.get(&component).map(Arc::clone)
    }

    /// Keeps a text if it is long.
    pub(super) fn keep(&self, component: usize, text: &str) -> Option<Arc<LongText>> {
        if text.len() <= LONG_BYTES {
            return None;
        }
        let long = Arc::new(LongText {
            text: text.to_owned(),
            lines: Arc::new(Lines::new(text)),
            secrets: OnceLock::new(),
        });
        if text.len() <= MAX_KEPT_BYTES {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.bytes + text.len() > MAX_KEPT_BYTES {
                *kept = Kept::default();
            }
            // Another thread can have kept the same text.
            if kept.texts.insert(component, Arc::clone(&long)).is_none() {
                kept.bytes += text.len();
            }
        }
        Some(long)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
