//! The tables of the metadata schema.

mod source;
mod tables;
mod write;

pub use write::generate;
