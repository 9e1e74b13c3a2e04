//! Checks the text of one component against the rules.

mod check;
mod component_index;
pub(crate) mod compose;
mod conditions;
mod indexed_component;
mod readable;
mod schema_check;

pub(crate) use check::{Verdict, Violation, check};
pub(crate) use component_index::Facts;
pub(crate) use conditions::{Answers, Elements, Found, Scene, find, replaced_reason};
pub(crate) use readable::readable;
pub(crate) use schema_check::Repair;
