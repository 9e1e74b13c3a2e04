//! Folders whose files are not on disk, such as the contents of a zip.

mod folder;
mod zip;

pub(crate) use folder::{PackedFiles, PackedFolder, PackedFolders, folder_of};
pub(crate) use zip::{is_zip, list_zip, open_zip, problem_of_path};
