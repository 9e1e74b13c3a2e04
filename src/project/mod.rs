//! Salesforce DX projects and the metadata files in them. This module opens no metadata files on
//! disk.

pub(crate) mod bounded;
mod classify;
mod component_files;
mod constants;
mod control_files;
mod custom_suffix;
mod discovery;
mod forceignore;
mod javascript_characters;
mod manifest;
mod metadata_type;
mod overlay;
mod packed;
mod path_globs;
mod paths;
mod piece;
mod project;
mod project_file;
mod projects;
mod replacements;
mod resolve_links;
mod settings;
mod source_file;
mod type_set;

pub(crate) use classify::classify_at;
pub(crate) use component_files::{
    ComponentFiles, WholeKey, decomposable_types, folder_of_whole, group, is_ignored,
};
pub(crate) use constants::{CONTROL_FILES, FORCEIGNORE, MANIFEST, PROJECT_FILE};
pub(crate) use control_files::ControlFiles;
pub use discovery::Targets;
pub(crate) use discovery::{
    Bounds, Fate, GITIGNORE, ListedLinks, Listing, SkipReason, Skipped, Unusable, WalkFilter,
    WalkTally, expand_argument_files, fate_of, walk,
};
pub(crate) use manifest::UnreadableManifest;
pub use metadata_type::MetadataType;
pub(crate) use overlay::Overlay;
pub(crate) use packed::{
    PackedFiles, PackedFolder, PackedFolders, folder_of, is_zip, list_zip, problem_of_path,
};
pub(crate) use path_globs::PathGlobs;
pub use paths::canonical;
pub(crate) use paths::{absolute, is_null_device, lexically_absolute, slashed};
pub use piece::PieceKind;
pub(crate) use project::{Project, git_root};
pub(crate) use project_file::{package_directories_span, project_files};
pub(crate) use projects::FolderBefore;
pub use projects::Projects;
pub(crate) use replacements::{Replaced, ReplacedFile};
pub(crate) use resolve_links::{Resolved, resolve_links};
pub(crate) use settings::ProjectError;
pub use source_file::SourceFile;
pub(crate) use source_file::{Component, Deployment};
pub use type_set::TypeSet;
