//! Completion: what can be written at the cursor, in metadata and in forcelint's own TOML files.

mod candidate;
pub(super) mod toml;
mod toml_cursor;
pub(super) mod xml;
mod xml_cursor;

pub(super) use candidate::Candidate;
pub(super) use xml_cursor::{Inside, XmlCursor, xml_cursor};
