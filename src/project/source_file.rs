//! Metadata files and projects: what the path of a file determines, such as its component, project,
//! package directory and API version.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use percent_encoding::percent_decode;

use super::classify::{META_XML, classify};
use super::constants::PROJECT_FILE;
use super::control_files::ControlFiles;
use super::discovery::{Bounds, ListTracked, Repository};
use super::forceignore::{FORCEIGNORE, Forceignore};
use super::manifest::{Manifests, UnreadableManifest};
use super::metadata_type::MetadataType;
use super::path_globs::PathGlobs;
use super::paths::{names_upwards, slashed};
use super::piece::PieceKind;
use super::replacements::{FileToDeploy, Folders, Replaced};
use super::settings::{ProjectError, Settings, decisive_settings};
use crate::schema::ApiVersion;

/// The component that a metadata file describes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Component {
    pub metadata_type: MetadataType,
    /// The full name, such as `Account.Tier__c` for a field.
    pub name: String,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.metadata_type.name(), self.name)
    }
}

/// A file of a known metadata type.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The absolute path.
    pub path: PathBuf,
    pub component: Component,
    pub project: Arc<Project>,
    pub deployment: Deployment,
    /// The API version that it is deployed with: `sourceApiVersion` of the project or, for metadata
    /// format, the version in the nearest `package.xml`. `None` if neither is set.
    pub api_version: Result<Option<ApiVersion>, UnreadableManifest>,
    /// If the file is a piece of a component: its kind.
    pub(super) piece: Option<PieceKind>,
    placement: Placement,
}

/// The package directory of a folder.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    package_directory: Arc<Path>,
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

/// Whether `.forceignore` excludes a file from deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    Deployed,
    /// The file is excluded, and the user did not name it. Only rules about content that must not be
    /// in the repository check it.
    Forceignored,
    /// `.forceignore` was not evaluated, because the file is checked in either case: the user named
    /// it, for example.
    NotEvaluated,
}

/// The type and the name of the component that has all custom labels.
const CUSTOM_LABELS: &str = "CustomLabels";

/// Suffixes of the API names of custom objects and similar types.
/// (developer.salesforce.com, SOAP API Developer Guide: API Field and Object Names.)
const OBJECT_SUFFIXES: [&str; 14] = [
    "b", "c", "chn", "dlm", "e", "hd", "ka", "kav", "mdt", "p", "r", "share", "x", "xo",
];

/// Types that the CLI parses before it deploys them, some of them only with a preset. The files of other
/// types are copied. (`strategies.transformer` in the registry and presets of
/// `@salesforce/source-deploy-retrieve` 13.7.0.)
const PARSED_BY_CLI: [&str; 8] = [
    "Bot",
    "CustomLabels",
    "CustomObject",
    "CustomObjectTranslation",
    "ExternalServiceRegistration",
    "PermissionSet",
    "SharingRules",
    "Workflow",
];

impl SourceFile {
    /// The file at `path`, if its name and its folder are those of a known type. `.forceignore` is
    /// not evaluated.
    pub fn new(path: PathBuf, project: Arc<Project>) -> Option<Self> {
        let placement = project.placement(path.parent()?);
        Self::placed(path, project, || placement)
    }

    /// As [`Self::new`], with a function that returns the placement of the folder.
    pub(super) fn placed(
        path: PathBuf,
        project: Arc<Project>,
        placement: impl FnOnce() -> Placement,
    ) -> Option<Self> {
        let found = classify(&path)?;
        let metadata_type = found.metadata_type;
        let is_component = found.piece.is_none_or(|kind| kind.whole() != metadata_type);
        let name = match is_component {
            true => full_name(metadata_type, &path, found.stem),
            false => name_of_whole(metadata_type, &path, found.stem),
        };
        Some(Self {
            component: Component {
                metadata_type,
                name,
            },
            piece: found.piece,
            deployment: Deployment::NotEvaluated,
            api_version: project.api_version(&path),
            placement: placement(),
            path,
            project,
        })
    }

    /// If the file is a piece of a component: its kind.
    pub fn piece(&self) -> Option<PieceKind> {
        self.piece
    }

    /// Whether the file is a component itself, and not only a piece of one.
    pub fn is_component(&self) -> bool {
        let whole = self.piece.map(PieceKind::whole);
        whole != Some(self.component.metadata_type)
    }

    /// The type of the component that the file is a piece of; without pieces, its own type.
    pub fn whole_type(&self) -> MetadataType {
        let own = self.component.metadata_type;
        self.piece.map_or(own, PieceKind::whole)
    }

    /// Whether components of its type can have pieces that are text, beside their main file.
    pub(crate) fn has_text_pieces(&self) -> bool {
        let whole = self.whole_type();
        PieceKind::all().any(|kind| kind.whole() == whole && kind.is_text())
    }

    /// The name of that component, if the path determines it.
    pub(super) fn whole_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.as_encoded_bytes();
        let stem = name.strip_suffix(META_XML).unwrap_or(name);
        let dot = memchr::memrchr(b'.', stem).unwrap_or(stem.len());
        name_of_whole(self.whole_type(), &self.path, &stem[..dot])
    }

    /// The component that the file is a piece of, with this name.
    pub(super) fn as_whole(&self, name: &str) -> Self {
        Self {
            component: Component {
                metadata_type: self.whole_type(),
                name: name.to_owned(),
            },
            piece: None,
            ..self.clone()
        }
    }

    /// The piece as a location in the component `whole`.
    pub(crate) fn as_piece_of(&self, whole: &Component) -> Self {
        Self {
            component: whole.clone(),
            ..self.clone()
        }
    }

    /// Whether this can be the root element of the file, as a part of the whole component.
    pub(crate) fn accepts_root(&self, root: &str) -> bool {
        match self.piece {
            Some(kind) => kind.accepts_root(root),
            None => self.component.metadata_type.accepts_root(root),
        }
    }

    /// Whether `.forceignore` excludes the file, and the user did not name it.
    pub fn is_forceignored(&self) -> bool {
        self.deployment == Deployment::Forceignored
    }

    pub fn is_deployed(&self) -> bool {
        match self.deployment {
            Deployment::Deployed => true,
            Deployment::Forceignored => false,
            Deployment::NotEvaluated => {
                let folder = self.path.parent().unwrap_or(&self.path);
                let forceignore = self.project.forceignore_of(folder);
                !forceignore.is_some_and(|it| it.ignores(&self.path, false))
            }
        }
    }

    /// The path in reports, with `/`.
    pub fn report_path(&self) -> String {
        self.project.report_path(&self.path)
    }

    /// Whether the file is in a package directory of its project.
    pub fn is_packaged(&self) -> bool {
        self.placement.is_packaged
    }

    /// The package directory that contains the file. For a file outside all package directories, it is
    /// the folder of the nearest `package.xml`, else the parent of the folder of its type
    /// (`main/default` for `main/default/connectedApps/X`). That is a guess: if it is too small, other
    /// files do not lower the severity of a finding.
    pub fn package_directory(&self) -> &Path {
        &self.placement.package_directory
    }

    /// The namespace of the component, if it is not that of the project.
    pub fn foreign_namespace(&self) -> Option<&str> {
        let mut full_name = self.component.name.as_str();
        // A custom field can be on an object of another package.
        if self.component.metadata_type.within().is_some() {
            full_name = full_name.rsplit('.').next().unwrap_or(full_name);
        }
        // Names of objects end with a suffix such as `__c`.
        let without_suffix = match full_name.rsplit_once("__") {
            Some((rest, suffix)) if OBJECT_SUFFIXES.contains(&suffix) => rest,
            _ => full_name,
        };
        let (namespace, name) = without_suffix.split_once("__")?;
        let is_namespace = (1..=15).contains(&namespace.len())
            && namespace.starts_with(|c: char| c.is_ascii_alphabetic())
            && namespace
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let own = self.project.namespace() == Some(namespace);
        (is_namespace && !name.is_empty() && !own).then_some(namespace)
    }

    /// Whether `replacements` may apply to the file.
    pub(crate) fn has_replacements(&self) -> bool {
        !self.project.settings.replacements.is_empty()
    }

    /// What `replacements` of the project make of the file's text.
    pub fn replaced(&self, source: &str) -> Replaced {
        let replacements = &self.project.settings.replacements;
        if replacements.is_empty() {
            return Replaced::default();
        }
        let metadata_type = self.component.metadata_type;
        let file = FileToDeploy {
            path: &slashed(&self.path),
            root: &slashed(&self.project.root),
            source,
            is_parsed_by_cli: PARSED_BY_CLI.contains(&metadata_type.name())
                || metadata_type.within().is_some()
                || self.piece.is_some(),
            is_xml: !self.piece.is_some_and(PieceKind::is_text),
            // A folder in metadata format is deployed as it is.
            may_stay: !self.is_packaged(),
        };
        let folders = Folders {
            project: &self.project.root,
            repository: self.project.git_root.as_ref().unwrap_or(&self.project.root),
        };
        Replaced::find(replacements, &file, folders, |root| self.accepts_root(root))
    }
}

/// The component's full name, as in the Salesforce CLI: the file name without its suffix, after the name
/// of the object that it is a part of (`Account.Tier__c`) or of the folders that it is in
/// (`Sales/Pipeline`). Outside the standard folder of the type, it is only the file name.
fn full_name(metadata_type: MetadataType, path: &Path, stem: &[u8]) -> String {
    let name = decoded(stem);
    let above = names_upwards(path).skip(1);
    let depth_in = |folder: &str| above.clone().position(|name| name == folder.as_bytes());
    if let Some(folder) = metadata_type.within() {
        let between = depth_in(folder).unwrap_or(0);
        if let Some(whole) = above.take(between).last().map(decoded) {
            let mut full_name = String::with_capacity(whole.len() + 1 + name.len());
            full_name.push_str(&whole);
            full_name.push('.');
            full_name.push_str(&name);
            return full_name;
        }
    } else if metadata_type.is_foldered() {
        let between = depth_in(metadata_type.folder()).unwrap_or(0);
        let mut names: Vec<_> = above.take(between).map(decoded).collect();
        names.reverse();
        names.push(name);
        return names.join("/");
    }
    name.into_owned()
}

/// The name of the component that a file is a piece of or, for another file, of its component: the folder
/// below the folder of the type.
fn name_of_whole(whole: MetadataType, path: &Path, stem: &[u8]) -> String {
    if whole.name() == CUSTOM_LABELS {
        return CUSTOM_LABELS.to_owned();
    }
    let above = names_upwards(path).skip(1);
    let is_folder_of_type = |name: &[u8]| name == whole.folder().as_bytes();
    // Text, such as YAML, is next to its main file.
    let has_own_folder = !PieceKind::all().any(|kind| kind.whole() == whole && kind.is_text());
    let depth = above.clone().position(is_folder_of_type).unwrap_or(0);
    match above.take(depth).last() {
        Some(folder) if has_own_folder => decoded(folder).into_owned(),
        _ => decoded(stem).into_owned(),
    }
}

/// Decodes a file name, in which `%28` means `(`, for example.
fn decoded(name: &[u8]) -> Cow<'_, str> {
    match memchr::memchr(b'%', name) {
        None => String::from_utf8_lossy(name),
        Some(_) => Cow::Owned(percent_decode(name).decode_utf8_lossy().into_owned()),
    }
}

/// A Salesforce DX project, a repository, or a named folder.
#[derive(Debug)]
pub struct Project {
    /// The folder of `sfdx-project.json`, else the git root, else the named folder.
    pub root: PathBuf,
    /// The root of the repository around the project.
    pub git_root: Option<PathBuf>,
    /// Why `sfdx-project.json` cannot be used. Files of such a project are not fixed.
    pub broken: Option<ProjectError>,
    settings: Settings,
    /// The part of `sfdx-project.json` that can affect findings, except for package directories.
    decisive_settings: String,
    package_directories_by_path: HashSet<OsString>,
    /// By the folder that the search begins in.
    forceignores: Mutex<HashMap<PathBuf, Option<Arc<Forceignore>>>>,
    manifests: Manifests,
    files: ControlFiles,
    report_root: Arc<OnceLock<PathBuf>>,
}

impl Project {
    fn open(
        root: &Path,
        has_file: bool,
        files: &ControlFiles,
        report_root: &Arc<OnceLock<PathBuf>>,
    ) -> Self {
        let git_root = git_root(root);
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
        let (settings, broken) = match read {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        Self {
            root: root.to_path_buf(),
            git_root,
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

    /// The folder that paths in reports are relative to: that of the whole run, else the root of the
    /// repository, else that of the project.
    pub fn base(&self) -> &Path {
        self.report_root
            .get()
            .map_or_else(|| self.own_base(), PathBuf::as_path)
    }

    pub(super) fn own_base(&self) -> &Path {
        self.git_root.as_ref().unwrap_or(&self.root)
    }

    /// The path of a file or folder in reports, with `/`. Outside the base, it begins with `..`.
    fn report_path(&self, path: &Path) -> String {
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
            .filter(|it| !it.is_dir());
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
    fn api_version(&self, file: &Path) -> Result<Option<ApiVersion>, UnreadableManifest> {
        let own = self.settings.source_api_version;
        let is_source_format = file.as_os_str().as_encoded_bytes().ends_with(b"-meta.xml");
        if is_source_format && own.is_some() {
            return Ok(own);
        }
        // Finding the parent of a long path is slow, and most files do not need it.
        let folder = file.parent().unwrap_or(file);
        match self.manifests.nearest(folder, &self.root) {
            Some(manifest) => Ok(manifest.api_version?.or(own)),
            None => Ok(own),
        }
    }

    /// The namespace of the project's components.
    pub fn namespace(&self) -> Option<&str> {
        self.settings.namespace.as_deref()
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
        let start = self.package_directory_of(folder).unwrap_or(folder);
        let lock = self.forceignores.lock();
        let mut known = lock.unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(start) {
            return known.clone();
        }
        let found = Forceignore::folder_of(start, &self.files).and_then(|folder| {
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

/// A folder now and before a change.
#[derive(Debug)]
pub(crate) struct FolderBefore {
    now: Arc<Project>,
    was: Arc<Project>,
    /// Whether it was in the same package directory of the same project, with the same settings.
    is_same: bool,
    /// Those of now and before.
    forceignores: [Option<Arc<Forceignore>>; 2],
}

impl FolderBefore {
    /// Whether a file in the folder, which is checked now, was checked in the same way before, if the
    /// config did not exclude it.
    pub(crate) fn was_checked(&self, path: &Path) -> bool {
        let is_ignored =
            |it: &Option<Arc<Forceignore>>| it.as_ref().is_some_and(|it| it.ignores(path, false));
        let [now, was] = &self.forceignores;
        self.is_same
            && self.now.api_version(path) == self.was.api_version(path)
            && (!is_ignored(was) || is_ignored(now))
    }
}

/// An opened project.
#[derive(Debug)]
struct Opened {
    project: Arc<Project>,
    /// False if only its package directories were of interest.
    is_used: bool,
}

/// The projects of a run. Each is opened once.
#[derive(Debug, Default)]
pub struct Projects {
    /// The excluded files and folders.
    pub excludes: PathGlobs,
    /// How far links may lead.
    pub(crate) bounds: Bounds,
    files: ControlFiles,
    /// How git is asked for the files that it tracks.
    list_tracked: Option<ListTracked>,
    by_root: Mutex<HashMap<PathBuf, Opened>>,
    repositories: Mutex<HashMap<PathBuf, Arc<Repository>>>,
    report_root: Arc<OnceLock<PathBuf>>,
}

impl Projects {
    /// Without `list_tracked`, `.gitignore` files do not apply: any file could be tracked.
    pub(crate) fn new(list_tracked: Option<ListTracked>) -> Self {
        Self {
            list_tracked,
            ..Self::default()
        }
    }

    /// The projects before a change: with earlier texts of some files, and these excluded files.
    pub(crate) fn before(&self, files: ControlFiles, excludes: PathGlobs) -> Self {
        Self {
            excludes,
            files,
            bounds: self.bounds.clone(),
            list_tracked: self.list_tracked,
            ..Self::default()
        }
    }

    /// Compares a folder with what it was in these former projects.
    pub(crate) fn folder_before(&self, former: &Self, folder: &Path) -> FolderBefore {
        let (now, was) = (self.around(folder, folder), former.around(folder, folder));
        let (placed, was_placed) = (now.placement(folder), was.placement(folder));
        FolderBefore {
            is_same: now.root == was.root
                && now.decisive_settings == was.decisive_settings
                && placed.is_packaged == was_placed.is_packaged
                && placed.package_directory == was_placed.package_directory,
            forceignores: [now.forceignore_of(folder), was.forceignore_of(folder)],
            now,
            was,
        }
    }

    /// The files that decide what the opened projects are and ignore.
    pub(crate) fn control_files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for project in self.used() {
            files.insert(project.root.join(PROJECT_FILE));
            let folders = project.package_directories().iter();
            let forceignores = folders
                .chain([&project.root])
                .filter_map(|it| project.forceignore_of(it));
            files.extend(forceignores.map(|it| it.folder.join(FORCEIGNORE)));
        }
        files
    }

    /// The repository around a file or folder.
    pub(super) fn repository_around(&self, path: &Path) -> Option<Arc<Repository>> {
        let root = git_root(path)?;
        let lock = self.repositories.lock();
        let mut known = lock.unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Repository::new(&root, self.list_tracked));
        Some(Arc::clone(known.entry(root.clone()).or_insert_with(new)))
    }

    /// What users should know about the ignore files that were read.
    pub(crate) fn notes(&self) -> Vec<String> {
        let lock = self.repositories.lock();
        let repositories = lock.unwrap_or_else(PoisonError::into_inner);
        let failed = repositories.values().filter_map(|repository| {
            let root = self.report_path(&repository.root, &[]);
            Some(format!(
                "`.gitignore` does not apply in {root}, because git cannot list the files that it tracks: {}",
                repository.failure()?
            ))
        });
        let mut notes: Vec<String> = failed.collect();
        for project in self.used() {
            let lock = project.forceignores.lock();
            let known = lock.unwrap_or_else(PoisonError::into_inner);
            let top = project.git_root.as_ref().unwrap_or(&project.root);
            let above = known
                .values()
                .flatten()
                .filter(|it| !it.folder.starts_with(top));
            let above = above.filter(|it| top.starts_with(&it.folder));
            notes.extend(above.map(|it| {
                format!(
                    "{} applies, although it is above the {}, as in the Salesforce CLI",
                    slashed(&it.folder.join(FORCEIGNORE)),
                    if project.git_root.is_some() {
                        "repository"
                    } else {
                        "project"
                    }
                )
            }));
        }
        notes
    }

    /// Makes all paths in reports relative to one folder, so that they are distinct: the nearest folder
    /// above the repositories, or the projects without one, of all `targets`.
    pub(crate) fn set_report_root(&self, targets: &[&Path]) {
        let bases = targets.iter().map(|target| {
            let folder = if target.is_dir() {
                target
            } else {
                target.parent().unwrap_or(target)
            };
            self.around(folder, folder).own_base().to_path_buf()
        });
        let root = bases.reduce(|one, other| {
            let shared = one.ancestors().find(|above| other.starts_with(above));
            shared.unwrap_or(&one).to_path_buf()
        });
        if let Some(root) = root {
            let _ = self.report_root.set(root);
        }
    }

    /// The roots of the repositories of the opened projects, or of the projects without one.
    pub(crate) fn bases(&self) -> Vec<PathBuf> {
        self.used()
            .iter()
            .map(|it| it.own_base().to_path_buf())
            .collect()
    }

    /// The folder that paths in reports are relative to, if there is one for all projects.
    pub(crate) fn report_root(&self) -> Option<&Path> {
        self.report_root.get().map(PathBuf::as_path)
    }

    /// Asks git again for the files that it tracks.
    pub(crate) fn forget_tracked(&self) {
        let lock = self.repositories.lock();
        lock.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The project in this folder, which has an `sfdx-project.json`.
    pub fn at(&self, root: &Path) -> Arc<Project> {
        self.open(root, true, true)
    }

    /// The project of the files in `folder`: the nearest one at or above it, unless the folder is in a
    /// package directory of another one; else its repository, else `named`, the folder that the user
    /// named.
    pub fn around(&self, folder: &Path, named: &Path) -> Arc<Project> {
        let mut above = folder
            .ancestors()
            .filter(|it| self.files.is_file(&it.join(PROJECT_FILE)));
        let nearest = above.next();
        let packages = |project: &Arc<Project>| project.package_directory_of(folder).is_some();
        // The deployment of an outer project includes the projects in its package directories.
        let outer = above
            .map(|root| self.open(root, true, false))
            .filter(packages)
            .last();
        if let Some(outer) = outer {
            return self.open(&outer.root, true, true);
        }
        let nearest = nearest.map(|root| self.open(root, true, true));
        if let Some(nearest) = nearest.as_ref().filter(|it| packages(it)) {
            return Arc::clone(nearest);
        }
        if let Some(elsewhere) = self.reaching_outside().into_iter().find(packages) {
            return elsewhere;
        }
        nearest.unwrap_or_else(|| {
            let root = git_root(folder);
            self.open(root.as_deref().unwrap_or(named), false, true)
        })
    }

    /// The opened projects with package directories outside themselves, sorted by path.
    fn reaching_outside(&self) -> Vec<Arc<Project>> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = by_root
            .values()
            .filter(|it| it.is_used)
            .map(|it| &it.project);
        let outside = opened.filter(|it| it.settings.has_package_directory_outside);
        let mut projects: Vec<_> = outside.cloned().collect();
        projects.sort_by(|one, other| one.root.cmp(&other.root));
        projects
    }

    /// The path of a file or folder in reports: relative to the git root, else to the project, else to
    /// the named folder that contains it. `folders` are the named folders.
    pub fn report_path(&self, path: &Path, folders: &[PathBuf]) -> String {
        let folder = path.parent().unwrap_or(path);
        let named = folders.iter().find(|named| folder.starts_with(named));
        let project = self.around(folder, named.map_or(folder, PathBuf::as_path));
        project.report_path(path)
    }

    fn open(&self, root: &Path, has_file: bool, is_used: bool) -> Arc<Project> {
        let mut by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = by_root.get_mut(root) {
            opened.is_used |= is_used;
            return Arc::clone(&opened.project);
        }
        let project = Arc::new(Project::open(
            root,
            has_file,
            &self.files,
            &self.report_root,
        ));
        let opened = Opened {
            project: Arc::clone(&project),
            is_used,
        };
        by_root.insert(root.to_path_buf(), opened);
        project
    }

    /// The opened projects.
    fn used(&self) -> Vec<Arc<Project>> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let used = by_root.values().filter(|it| it.is_used);
        used.map(|it| Arc::clone(&it.project)).collect()
    }

    /// The package directories that do not exist, of the projects in these folders and of `checked`: paths
    /// in reports, with reasons that continue a sentence.
    pub(crate) fn missing_package_directories(
        &self,
        folders: &[PathBuf],
        checked: Option<&Arc<Project>>,
    ) -> Vec<(String, &'static str)> {
        let mut missing = Vec::new();
        for project in self.used() {
            let is_checked = checked.is_some_and(|it| it.root == project.root);
            if is_checked
                || folders
                    .iter()
                    .any(|folder| project.root.starts_with(folder))
            {
                let base = project.report_path(&project.root);
                let prefix = if base == "." {
                    String::new()
                } else {
                    format!("{base}/")
                };
                missing.extend(
                    project
                        .missing_package_directories()
                        .map(|(path, reason)| (format!("{prefix}{path}"), reason)),
                );
            }
        }
        missing
    }

    /// The names of the opened projects in alphabetical order, without duplicates.
    pub fn labels(&self) -> Vec<String> {
        let labels: BTreeSet<String> = self.used().iter().filter_map(|it| it.label()).collect();
        labels.into_iter().collect()
    }

    /// The folders of the opened projects that have an `sfdx-project.json`, sorted by path.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let roots = self.used().into_iter().map(|it| it.root.clone());
        roots
            .filter(|root| root.join(PROJECT_FILE).is_file())
            .collect()
    }

    /// The errors of the opened projects, sorted by path.
    pub fn errors(&self) -> Vec<ProjectError> {
        let mut errors: Vec<_> = self
            .used()
            .iter()
            .filter_map(|it| it.broken.clone())
            .collect();
        errors.sort_by(|one, other| (&one.path, &one.file).cmp(&(&other.path, &other.file)));
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_at(path: &str) -> String {
        let path = Path::new(path);
        let found = classify(path).unwrap();
        full_name(found.metadata_type, path, found.stem)
    }

    #[test]
    fn full_names() {
        for (path, expected) in [
            ("connectedApps/A%28b%29.connectedApp-meta.xml", "A(b)"),
            ("objects/Account/fields/T__c.field-meta.xml", "Account.T__c"),
            ("objects/A/objects/B/fields/T.field-meta.xml", "B.T"),
            ("bots/Helper/v1.botVersion-meta.xml", "Helper.v1"),
            ("reports/Sales.reportFolder-meta.xml", "Sales"),
            ("reports/Sales/EU/Won.report-meta.xml", "Sales/EU/Won"),
            // Outside the standard folders, the parent is unknown.
            ("src/T__c.field-meta.xml", "T__c"),
            ("objects/T__c.field-meta.xml", "T__c"),
            ("objects/A/objects/T__c.field-meta.xml", "T__c"),
            ("elsewhere/Won.report-meta.xml", "Won"),
        ] {
            assert_eq!(name_at(path), expected, "{path}");
        }
    }

    #[test]
    fn names_of_wholes() {
        for (path, expected) in [
            ("permissionsets/A.b/A.b.permissionset-meta.xml", "A.b"),
            ("permissionsets/A.b.permissionset-meta.xml", "A.b"),
            (
                "permissionsets/A/userPermissions/B.userPermission-meta.xml",
                "A",
            ),
            ("elsewhere/A.userPermission-meta.xml", "A"),
            ("objects/A__c/fields/T__c.field-meta.xml", "A__c"),
            ("objects/A__c.object", "A__c"),
            ("labels/One.label-meta.xml", "CustomLabels"),
            ("externalServiceRegistrations/team/A.yaml", "A"),
        ] {
            let folder = Path::new("/no-such-project");
            let project = Projects::default().around(folder, folder);
            let file = SourceFile::new(folder.join(path), project).unwrap();
            assert_eq!(file.whole_name(), expected, "{path}");
        }
    }
}
