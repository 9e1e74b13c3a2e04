//! Which texts may be put into a link.

use crate::text::secret_spans;

/// Whether a text has no secret. Links are stored in the history of browsers and chats.
pub fn may_be_shared(text: &str) -> bool {
    secret_spans(text).is_empty()
}
