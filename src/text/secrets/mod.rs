//! Secrets, which are never printed: passwords, tokens, keys, and whatever looks like one.
//!
//! Secrets are searched in the text and not in the tree, so that they are found in malformed files, in
//! comments, in names, and in files that are not XML. The search has no regular expressions: it takes
//! time linear in the text, and nothing has to be compiled before the first finding is printed.

mod decode;
mod elements;
mod find;
mod mask;
mod masked;
mod names;
mod parameters;
mod private_keys;
mod random;
mod tokens;

pub(crate) use find::secret_spans;
pub(crate) use mask::{display_value, mask, mask_in_place, without_secret_words};
pub(crate) use masked::MASK;
pub(crate) use names::is_secret_element;
