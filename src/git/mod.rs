//! git: which files changed, staged texts, renames, what is checked out. No other module runs git.

mod changes;
mod command;
mod compare;
mod error;
mod head;
mod index;
mod links;
mod objects;
mod paths;
mod remote;
mod renames;
mod repository;
mod revision;
mod tracked;
mod tree;

pub(crate) use changes::{Changes, Comparison, FormerText};
pub(crate) use error::ChangesError;
pub(crate) use head::{Head, head};
pub(crate) use remote::RemoteName;
pub(crate) use revision::open_revision;
pub(crate) use tracked::tracked_files;
