//! Checks one parsed file against the rules. Conditions are true, false or unknown.
//!
//! These are pure functions of texts in memory. Other files are accessed through a `ComponentIndex`.

mod check;
mod clean_piece;
mod component_index;
mod composition;
mod conditions;
mod context;
mod counts;
mod diagnostic;
mod evaluation;
mod evidence;
mod failure;
mod field_test;
mod indexed_component;
mod ip_ranges;
mod keyed_elements;
mod keys;
mod long_texts;
mod parse;
mod schema_check;
mod severity;
mod subject;
mod truth;
mod unset_setting;

pub(crate) use check::{CheckOptions, Checked, check};
pub(crate) use clean_piece::is_clean_piece;
pub(crate) use component_index::{ComponentIndex, UnreadFile};
pub(crate) use composition::{Composition, FileText, MalformedFile, compose_files};
pub(crate) use context::{Cache, Context};
pub(crate) use diagnostic::Diagnostic;
pub(crate) use evidence::Evidence;
pub(crate) use failure::Repair;
pub(crate) use long_texts::LongText;
pub(crate) use parse::parse;
pub(crate) use subject::{Elements, Found, Subject};
