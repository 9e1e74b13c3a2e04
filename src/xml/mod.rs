//! XML: the parser of metadata files, and the tree of elements with exact spans.

mod compose;
mod document;
mod encoding;
mod limits;
mod malformed;
mod merge_conflict;
mod parse;
mod value;
mod well_formed;

pub use crate::text::Span;
pub(crate) use compose::{ComposedFile, FileContent, compose};
pub use document::{Document, NodeId, Tree};
pub use encoding::decode;
pub(crate) use limits::MAX_FILE_BYTES;
pub use limits::{MAX_ATTRIBUTES, MAX_DEPTH, METADATA_NAMESPACE};
pub use malformed::Malformed;
pub use parse::parse;
pub use value::{Item, PieceKind};
pub(crate) use well_formed::{WHITESPACE, trim};
