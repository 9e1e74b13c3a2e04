//! What lies where: projects, the files in them, and what those files are.
//!
//! In: the paths that a user names, or none. Out: [`SourceFile`]s of the metadata types that are
//! asked for, each with its component and its [`Project`]. No metadata file is opened here.

/// The file that makes a folder an SFDX project.
pub(crate) const PROJECT_FILE: &str = "sfdx-project.json";
