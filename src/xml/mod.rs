//! From the text of a metadata file to a tree whose nodes know their spans.

mod document;
mod limits;
mod merge_conflict;
mod parse;
mod well_formed;

pub use document::{Document, Item, NodeId, PieceKind, Span, Tree};
pub(crate) use limits::MAX_FILE_BYTES;
pub use limits::{MAX_ATTRIBUTES, MAX_DEPTH, METADATA_NAMESPACE};
pub use parse::{Malformed, decode, parse};
pub(crate) use well_formed::{WHITESPACE, trim};
