//! How the tables of the metadata schema are laid out: what the numbers mean that `cargo xtask
//! generate` writes and `src/schema` reads.

/// A number that is missing.
pub const NONE: u16 = u16::MAX;

/// In the number of a kind: the rest is the place of a structure. Below are the kinds without one, in
/// the order of `KINDS` in `xtask/src/metadata_schema/tables.rs`.
pub const STRUCTURE: u16 = 0x4000;
/// In the number of a kind: the rest is the place of an enumeration.
pub const ENUMERATION: u16 = 0x8000;

/// The element may stand several times.
pub const REPEATS: u16 = 1;
/// The WSDL asks for the element.
pub const REQUIRED: u16 = 2;
/// The WSDL had it once.
pub const REMOVED: u16 = 4;
/// The rest of the number is a place in the table of facts, from 1.
pub const FACT_SHIFT: u16 = 3;

/// The file of the suffix is content.
pub const CONTENT: u16 = 1;
/// The suffix counts below the type's folder.
pub const BOUND: u16 = 2;
/// The type of a bound suffix outside of all folders.
pub const ELSEWHERE: u16 = 4;
/// Components lie in folders, which are part of their full names.
pub const FOLDERED: u16 = 16;
/// The Salesforce CLI does not know the suffix.
pub const MISNAMED: u16 = 8;
