//! What lies where: projects, the files in them, and what those files are.
//!
//! In: the paths that a user names, or none. Out: [`SourceFile`]s of the metadata types that are
//! asked for, each with its component and its [`Project`]. No metadata file is opened here.

pub(crate) mod bounded;
mod excluded;
mod ignore_files;
mod ignored_names;
mod listing;
mod metadata_type;
mod overlay;
mod path_globs;
mod paths;
mod replacements;
mod settings;
mod source_file;
mod targets;
mod walk;

pub use crate::schema::ApiVersion;
pub use excluded::{is_excluded, is_out_of_repository};
pub use ignore_files::{FORCEIGNORE, GITIGNORE};
pub use listing::Listing;
pub use metadata_type::{MetadataType, TypeSet, classify, classify_at};
pub use overlay::Overlay;
pub use path_globs::PathGlobs;
pub use paths::{absolute, slashed};
pub use replacements::Replaced;
pub use settings::ProjectError;
pub use source_file::{
    Component, Deployment, Project, Projects, SourceFile, UnreadableManifest, git_root,
};
pub use targets::{Targets, Unusable, expand_argument_files};
pub use walk::{WalkSink, WalkTally, Wanted, walk, walk_unasked};

/// The file that makes a folder an SFDX project.
pub const PROJECT_FILE: &str = "sfdx-project.json";
