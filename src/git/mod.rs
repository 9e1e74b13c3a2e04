//! Which files changed, as git sees them. Nothing else runs git.

mod changes;
mod command;
mod compare;
mod error;
mod objects;
mod paths;
mod renames;
mod repository;

pub(crate) use changes::{Changes, Comparison};
