//! git: which files changed, staged texts, renames. No other module runs git.

mod changes;
mod command;
mod compare;
mod error;
mod objects;
mod paths;
mod renames;
mod repository;

pub(crate) use changes::{Changes, Comparison};
