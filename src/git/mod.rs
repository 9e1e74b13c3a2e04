//! git: which files changed, staged texts, renames. No other module runs git.

mod changes;
mod command;
mod compare;
mod error;
mod objects;
mod paths;
mod renames;
mod repository;
mod tracked;

pub(crate) use changes::{Changes, Comparison, FormerText};
pub(crate) use error::ChangesError;
pub(crate) use tracked::tracked_files;
