//! `package.xml`: the API version of files in metadata format, and which of them are deployed together.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::constants::MANIFEST;
use super::control_files::ControlFiles;
use crate::schema::ApiVersion;
use crate::xml;

/// A `package.xml` whose version is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableManifest;

/// A `package.xml`, which applies to its folder and all folders below it.
#[derive(Debug)]
pub(super) struct Manifest {
    pub folder: PathBuf,
    /// `None` without a `<version>`.
    pub api_version: Result<Option<ApiVersion>, UnreadableManifest>,
}

/// The manifests of a project, cached by folder.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    by_folder: Mutex<HashMap<PathBuf, Option<Arc<Manifest>>>>,
    files: ControlFiles,
}

impl Manifests {
    pub(super) fn of(files: ControlFiles) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// The folders of the manifests that were found.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let lock = self.by_folder.lock();
        let by_folder = lock.unwrap_or_else(PoisonError::into_inner);
        let found = by_folder.values().flatten();
        found.map(|manifest| manifest.folder.clone()).collect()
    }

    /// The nearest manifest at or above `folder`, inside `root`.
    pub(super) fn nearest(&self, folder: &Path, root: &Path) -> Option<Arc<Manifest>> {
        let lock = self.by_folder.lock();
        let mut by_folder = lock.unwrap_or_else(PoisonError::into_inner);
        let mut searched = Vec::new();
        let mut nearest = None;
        for above in folder.ancestors() {
            if !above.starts_with(root) {
                break;
            }
            if let Some(known) = by_folder.get(above) {
                nearest = known.clone();
                break;
            }
            searched.push(above.to_path_buf());
            let path = above.join(MANIFEST);
            if self.files.is_file(&path) {
                nearest = Some(Arc::new(Manifest {
                    folder: above.to_path_buf(),
                    api_version: api_version(&path, &self.files),
                }));
                break;
            }
        }
        by_folder.extend(searched.into_iter().map(|it| (it, nearest.clone())));
        nearest
    }
}

fn api_version(
    manifest: &Path,
    files: &ControlFiles,
) -> Result<Option<ApiVersion>, UnreadableManifest> {
    let text = files.read_text(manifest).map_err(|_| UnreadableManifest)?;
    let mut tree = xml::Tree::default();
    xml::parse(&text, &mut tree).map_err(|_| UnreadableManifest)?;
    let document = xml::Document::new(&text, &tree);
    match document.children_named(document.root(), "version").next() {
        None => Ok(None),
        Some(version) => match ApiVersion::parse(document.value(version).text()) {
            None => Err(UnreadableManifest),
            version => Ok(version),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nearest_manifest_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let write = |below: &str, version: &str| {
            let folder = folder.path().join(below);
            fs::create_dir_all(&folder).unwrap();
            let text = format!("<Package><version>{version}</version></Package>");
            fs::write(folder.join(MANIFEST), text).unwrap();
        };
        write("", "60.0");
        write("project/src", "61.0");
        write("project/src/inner", "none");
        let root = folder.path().join("project");
        let manifests = Manifests::default();
        let version_in = |below: &str| {
            let manifest = manifests.nearest(&root.join(below), &root)?;
            Some(manifest.api_version)
        };
        let expected = Some(Ok(ApiVersion::parse("61.0")));
        // The second time, results are cached.
        for _ in 0..2 {
            assert_eq!(version_in("src/connectedApps"), expected);
            assert_eq!(version_in("src"), expected);
            assert_eq!(version_in("src/inner/a/b"), Some(Err(UnreadableManifest)));
            assert_eq!(version_in("force-app/a"), None);
            assert_eq!(version_in(""), None);
        }
    }
}
