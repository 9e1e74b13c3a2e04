//! A Salesforce DX project: its package directories, API version, ignore files and replacements.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::constants::{MANIFEST, PROJECT_FILE};
use super::control_files::ControlFiles;
use super::custom_suffix::CustomSuffix;
use super::forceignore::Forceignore;
use super::manifest::{Manifests, UnreadableManifest};
use super::paths::slashed;
use super::settings::{ProjectError, Settings, decisive_settings};
use crate::schema::ApiVersion;

/// A Salesforce DX project, a repository, or a named folder.
#[derive(Debug)]
pub struct Project {
    /// The folder of `sfdx-project.json`, else the git root, else the named folder.
    pub root: PathBuf,
    /// The root of the repository around the project.
    pub git_root: Option<PathBuf>,
    /// Whether it has an `sfdx-project.json`.
    pub(super) has_file: bool,
    /// The folder of the zip that its files are in, if they are not on disk.
    packed_in: Option<PathBuf>,
    /// Why `sfdx-project.json` cannot be used. Files of such a project are not fixed.
    pub broken: Option<ProjectError>,
    pub(super) settings: Settings,
    /// The part of `sfdx-project.json` that can affect findings, except for package directories.
    pub(super) decisive_settings: String,
    package_directories_by_path: HashSet<OsString>,
    /// By the folder that the search begins in.
    pub(super) forceignores: Mutex<HashMap<PathBuf, Option<Arc<Forceignore>>>>,
    manifests: Manifests,
    files: ControlFiles,
    report_root: Arc<OnceLock<PathBuf>>,
}

impl Project {
    pub(super) fn open(
        root: &Path,
        has_file: bool,
        files: &ControlFiles,
        report_root: &Arc<OnceLock<PathBuf>>,
    ) -> Self {
        let packed = files.packed.around(root);
        let packed_in = packed.map(|it| it.root.parent().unwrap_or(root).to_path_buf());
        let git_root = git_root(root).filter(|_| packed.is_none());
        let mut decisive = String::new();
        let read = if has_file {
            let file = root.join(PROJECT_FILE);
            let base = git_root.as_deref().unwrap_or(root);
            let path = slashed(file.strip_prefix(base).unwrap_or(&file));
            match files.read_text(&file) {
                Ok(text) => {
                    decisive = decisive_settings(&text);
                    Settings::read(root, &path, &text)
                }
                Err(error) => Err(ProjectError::unreadable(&file, &path, &error)),
            }
        } else {
            Ok(Settings::default())
        };
        let (mut settings, broken) = match read {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        if let Some(packed) = packed {
            settings.stay_inside(&packed.root);
        } else {
            settings.use_case_of_disk();
        }
        Self {
            root: root.to_path_buf(),
            git_root,
            has_file,
            packed_in,
            broken,
            package_directories_by_path: settings
                .package_directories
                .iter()
                .map(|it| it.clone().into_os_string())
                .collect(),
            settings,
            decisive_settings: decisive,
            forceignores: Mutex::default(),
            manifests: Manifests::of(files.clone()),
            files: files.clone(),
            report_root: Arc::clone(report_root),
        }
    }

    /// Whether its files are in a zip or the like, and not on disk.
    pub(crate) fn is_packed(&self) -> bool {
        self.packed_in.is_some()
    }

    /// The folder that paths in reports are relative to: that of the whole run, else the root of the
    /// repository, else that of the project.
    pub fn base(&self) -> &Path {
        self.report_root
            .get()
            .map_or_else(|| self.own_base(), PathBuf::as_path)
    }

    pub(crate) fn own_base(&self) -> &Path {
        let base = self.git_root.as_ref().or(self.packed_in.as_ref());
        base.unwrap_or(&self.root)
    }

    /// The path of a file or folder in reports, with `/`. Outside the base, it begins with `..`.
    pub(crate) fn report_path(&self, path: &Path) -> String {
        let base = self.base();
        match path.strip_prefix(base) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => slashed(below),
            Err(_) => {
                slashed(&pathdiff::diff_paths(path, base).unwrap_or_else(|| path.to_path_buf()))
            }
        }
    }

    /// Absolute paths of the package directories.
    pub fn package_directories(&self) -> &[PathBuf] {
        &self.settings.package_directories
    }

    /// The package directories that do not exist, each with its path relative to the project, and a reason
    /// that continues a sentence. The CLI refuses such a project.
    pub(crate) fn missing_package_directories(
        &self,
    ) -> impl Iterator<Item = (String, &'static str)> {
        let missing = self
            .settings
            .package_directories
            .iter()
            .filter(|it| !self.files.is_folder(it));
        missing.map(|directory| {
            let relative = pathdiff::diff_paths(directory, &self.root);
            let relative = relative.unwrap_or_else(|| directory.clone());
            let reason = "is a package directory in sfdx-project.json, but does not exist";
            (slashed(&relative), reason)
        })
    }

    pub fn source_api_version(&self) -> Option<ApiVersion> {
        self.settings.source_api_version
    }

    /// The package directory of the files in `folder`.
    pub(super) fn placement(&self, folder: &Path) -> Placement {
        if let Some(package) = self.package_directory_of(folder) {
            return Placement::packaged(package);
        }
        let manifest = self.manifests.nearest(folder, &self.root);
        let manifest_folder = manifest.as_ref().map(|manifest| manifest.folder.as_path());
        let guess = manifest_folder.or(folder.parent()).unwrap_or(&self.root);
        Placement {
            package_directory: Arc::from(guess),
            is_packaged: false,
        }
    }

    /// The API version that a file is deployed with.
    pub(super) fn api_version(
        &self,
        file: &Path,
    ) -> Result<Option<ApiVersion>, UnreadableManifest> {
        let own = self.settings.source_api_version;
        let is_source_format = file.as_os_str().as_encoded_bytes().ends_with(b"-meta.xml");
        if is_source_format && own.is_some() {
            return Ok(own);
        }
        // Finding the parent of a long path is slow, and most files do not need it.
        let folder = file.parent().unwrap_or(file);
        // The CLI also deploys files in metadata format from a package directory, without their `package.xml`.
        if own.is_some() && self.package_directory_of(folder).is_some() {
            return Ok(own);
        }
        match self.manifests.nearest(folder, &self.root) {
            Some(manifest) => Ok(manifest.api_version?.or(own)),
            None => Ok(own),
        }
    }

    /// The folders with a `package.xml` that were found for a file.
    pub(super) fn manifest_folders(&self) -> Vec<PathBuf> {
        self.manifests.folders()
    }

    /// Whether there is a `package.xml` in `folder`.
    pub(super) fn has_manifest(&self, folder: &Path) -> bool {
        self.files.is_file(&folder.join(MANIFEST))
    }

    /// Whether the CLI replaces text when it deploys files.
    pub(crate) fn has_replacements(&self) -> bool {
        !self.settings.replacements.is_empty()
    }

    /// The namespace of the project's components.
    pub fn namespace(&self) -> Option<&str> {
        self.settings.namespace.as_deref()
    }

    /// Files that the CLI deploys as a metadata type although they do not have a suffix of that type.
    pub(crate) fn custom_suffixes(&self) -> &[CustomSuffix] {
        &self.settings.custom_suffixes
    }

    /// The name of the project in reports: the one in `sfdx-project.json`, else its folder in the
    /// repository. Folders above that are not shown, because they differ between machines.
    pub fn label(&self) -> Option<String> {
        let folder = || {
            let below = self.root.strip_prefix(self.git_root.as_ref()?).ok()?;
            Some(slashed(below)).filter(|below| !below.is_empty())
        };
        self.settings.name.clone().or_else(folder)
    }

    /// The nearest package directory at or above `folder`.
    pub(super) fn package_directory_of<'f>(&self, folder: &'f Path) -> Option<&'f Path> {
        if self.settings.package_directories.is_empty() {
            return None;
        }
        folder
            .ancestors()
            .find(|above| self.is_package_directory(above))
    }

    pub(super) fn is_package_directory(&self, folder: &Path) -> bool {
        self.package_directories_by_path
            .contains(folder.as_os_str())
    }

    /// The `.forceignore` that applies in `folder`: the nearest one at or above its package directory or,
    /// outside the package directories, at or above the folder itself.
    pub(crate) fn forceignore_of(&self, folder: &Path) -> Option<Arc<Forceignore>> {
        let packed = self.files.packed.around(&self.root);
        // Nothing in a zip decides what was retrieved.
        if packed.is_some_and(|it| !it.has_ignore_files) {
            return None;
        }
        let is_inside = |it: &&Path| packed.is_none_or(|packed| it.starts_with(&packed.root));
        let start = self.package_directory_of(folder).unwrap_or(folder);
        let lock = self.forceignores.lock();
        let mut known = lock.unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(start) {
            return known.clone();
        }
        let folder = Forceignore::folder_of(start, &self.files).filter(is_inside);
        let found = folder.and_then(|folder| {
            // Files in many folders can have the same one.
            let same = known.values().flatten().find(|it| it.folder == folder);
            same.cloned()
                .or_else(|| Forceignore::read(folder, &self.files).map(Arc::new))
        });
        known.insert(start.to_path_buf(), found.clone());
        found
    }

    /// The folders that links in `folder` may lead to: the repository, else the project, and the walked
    /// folder.
    pub(super) fn bounds<'f>(&'f self, folder: &'f Path) -> [&'f Path; 2] {
        [self.git_root.as_deref().unwrap_or(&self.root), folder]
    }
}

/// The nearest folder at or above `folder` that is the root of a git repository.
pub(crate) fn git_root(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .map(Path::to_path_buf)
}

/// The package directory of a folder.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    pub(super) package_directory: Arc<Path>,
    /// Whether the project declares that package directory.
    pub(super) is_packaged: bool,
}

impl Placement {
    /// In a package directory of the project.
    pub(super) fn packaged(directory: &Path) -> Self {
        Self {
            package_directory: Arc::from(directory),
            is_packaged: true,
        }
    }
}
