//! SARIF: the model of the format, and the mapping of a report to it.

mod mapping;
mod model;
mod taxonomies;
pub(super) use mapping::write;
