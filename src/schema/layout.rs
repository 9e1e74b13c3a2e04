//! The layout of the metadata schema's tables, which `cargo xtask generate` writes and `src/schema` reads.

/// A missing number.
pub const NONE: u16 = u16::MAX;

/// A flag in the number of a kind: the other bits are the index of a structure. Without a flag, the number
/// is an index in `KINDS` in `xtask/src/metadata_schema/tables.rs`.
pub const STRUCTURE: u16 = 0x4000;
/// A flag in the number of a kind: the other bits are the index of an enumeration.
pub const ENUMERATION: u16 = 0x8000;

/// The element may be repeated.
pub const REPEATS: u16 = 1;
/// The WSDL requires the element.
pub const REQUIRED: u16 = 2;
/// The current WSDL no longer has the element.
pub const REMOVED: u16 = 4;
/// The higher bits are an index in the table of facts, counted from 1.
pub const FACT_SHIFT: u16 = 3;

/// Files with the suffix have content other than XML, next to a `-meta.xml` file.
pub const CONTENT: u16 = 1;
/// The suffix is only valid below the type's folder.
pub const BOUND: u16 = 2;
/// Files with a bound suffix outside the folders of all types with that suffix are of this type.
pub const ELSEWHERE: u16 = 4;
/// Components are in folders, which are part of their full names.
pub const FOLDERED: u16 = 16;
/// The Salesforce CLI does not know the suffix.
pub const MISNAMED: u16 = 8;
/// Files with the suffix are pieces of a component of the type, and are not components themselves.
pub const PIECE_ONLY: u16 = 32;

/// A piece is the text of its element and not XML.
pub const TEXT_PIECE: u16 = 1;
