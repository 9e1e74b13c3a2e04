//! Finds the metadata files of a run: walks folders, follows links, and applies ignore files.

mod bounds;
mod folder_entries;
mod gitignore;
mod ignore_rules;
mod links;
mod listing;
mod repository;
mod skipped;
mod targets;
mod walk;
mod walk_packed;
mod walked_folder;
mod walker;

pub(crate) use bounds::Bounds;
pub(crate) use gitignore::GITIGNORE;
pub(crate) use ignore_rules::{Fate, fate_of};
pub(crate) use listing::{ListedLinks, Listing};
pub(crate) use repository::{ListTracked, Repository};
pub(crate) use skipped::{SkipReason, Skipped};
pub use targets::Targets;
pub(crate) use targets::{Unusable, expand_argument_files};
pub(crate) use walk::walk;
pub(crate) use walker::{WalkFilter, WalkTally};
