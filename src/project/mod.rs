//! Salesforce DX projects and the metadata files in them. This module does not open metadata files.

pub(crate) mod bounded;
mod classify;
mod constants;
mod excluded;
mod ignore_files;
mod ignored_names;
mod listing;
mod manifest;
mod metadata_type;
mod overlay;
mod path_globs;
mod paths;
mod replacements;
mod settings;
mod source_file;
mod targets;
mod type_set;
mod walk;

pub(crate) use classify::classify_at;
pub(crate) use constants::PROJECT_FILE;
pub(crate) use excluded::{is_excluded, is_skipped_or_gitignored};
pub(crate) use ignore_files::{FORCEIGNORE, GITIGNORE};
pub(crate) use listing::Listing;
pub(crate) use manifest::UnreadableManifest;
pub use metadata_type::MetadataType;
pub(crate) use overlay::Overlay;
pub(crate) use path_globs::PathGlobs;
pub(crate) use paths::{absolute, slashed};
pub(crate) use replacements::Replaced;
pub(crate) use settings::ProjectError;
pub(crate) use source_file::{Component, Deployment, Project, git_root};
pub use source_file::{Projects, SourceFile};
pub use targets::Targets;
pub(crate) use targets::{Unusable, expand_argument_files};
pub use type_set::TypeSet;
pub(crate) use walk::{WalkFilter, WalkTally, walk, walk_unnamed};
