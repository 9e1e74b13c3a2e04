//! The metadata schema: metadata types, their fields, and enumeration values, from the Metadata WSDL and
//! Salesforce's documentation.
//!
//! The tables are part of the binary and are read in place. `cargo xtask generate` generates them from the
//! texts in `xtask/schema`.

mod api_version;
mod correction;
#[rustfmt::skip]
mod generated;
pub mod layout;
mod newest;
mod structure;
mod tables;

pub(crate) use api_version::ApiVersion;
pub(crate) use correction::only_correction;
pub(crate) use newest::NEWEST;
pub(crate) use structure::{Enumeration, Field, Kind, Structure, path_to};
pub(crate) use tables::{
    BOUND, CLAIMS, CONTENT, ELSEWHERE, FOLDERED, MISNAMED, NONE, PIECE_ONLY, PIECES, ROOTS,
    SETTINGS, SUFFIXES, TEXT_PIECE, TYPE_COUNT, TYPES, TYPES_BY_NAME, bytes, optional_text, part,
    search, text,
};
