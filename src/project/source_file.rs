//! Metadata files and projects: what the path of a file determines, such as its component, project,
//! package directory and API version.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use percent_encoding::percent_decode;

use super::classify::{META_XML, classify};
use super::constants::PROJECT_FILE;
use super::ignore_files::Forceignore;
use super::manifest::{Manifests, UnreadableManifest};
use super::metadata_type::MetadataType;
use super::path_globs::PathGlobs;
use super::paths::{names_upwards, slashed};
use super::piece::PieceKind;
use super::replacements::Replaced;
use super::settings::{ProjectError, Settings};
use crate::project::bounded;
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
    is_packaged: bool,
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

impl SourceFile {
    /// The file at `path`, if its name and its folder are those of a known type. `.forceignore` is
    /// not evaluated.
    pub fn new(path: PathBuf, project: Arc<Project>) -> Option<Self> {
        let placement = project.placement(path.parent()?);
        Self::with_placement(path, project, || placement)
    }

    /// As [`Self::new`], with a function that returns the placement of the folder.
    pub(super) fn with_placement(
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
            Deployment::NotEvaluated => !self.project.forceignores(&self.path),
        }
    }

    /// The path in reports: relative to the git root, else to the project, with `/`.
    pub fn report_path(&self) -> String {
        let base = self.project.git_root.as_ref().unwrap_or(&self.project.root);
        slashed(self.path.strip_prefix(base).unwrap_or(&self.path))
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

    /// The ranges of the file's text that the CLI replaces at deployment.
    pub fn replaced(&self, source: &str) -> Replaced {
        let replacements = &self.project.settings.replacements;
        if replacements.is_empty() {
            Replaced::default()
        } else {
            Replaced::find(replacements, &slashed(&self.path), source)
        }
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
    forceignore: OnceLock<Forceignore>,
    manifests: Manifests,
}

impl Project {
    fn open(root: &Path, has_file: bool) -> Self {
        let git_root = git_root(root);
        let read = if has_file {
            let file = root.join(PROJECT_FILE);
            let base = git_root.as_deref().unwrap_or(root);
            let path = slashed(file.strip_prefix(base).unwrap_or(&file));
            match bounded::read_text(&file) {
                Ok(text) => Settings::read(root, &path, &text),
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
            settings,
            forceignore: OnceLock::new(),
            manifests: Manifests::default(),
        }
    }

    /// Absolute paths of the package directories.
    pub fn package_directories(&self) -> &[PathBuf] {
        &self.settings.package_directories
    }

    pub fn source_api_version(&self) -> Option<ApiVersion> {
        self.settings.source_api_version
    }

    /// The package directory of the files in `folder`.
    pub(super) fn placement(&self, folder: &Path) -> Placement {
        let packages = self.settings.package_directories.iter();
        let around = packages.filter(|directory| folder.starts_with(directory));
        if let Some(nearest) = around.max_by_key(|directory| directory.components().count()) {
            return Placement {
                package_directory: Arc::from(nearest.as_path()),
                is_packaged: true,
            };
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

    /// Whether `.forceignore` excludes the file from deployment.
    pub fn forceignores(&self, path: &Path) -> bool {
        self.forceignore().ignores(path)
    }

    pub(crate) fn forceignore(&self) -> &Forceignore {
        self.forceignore
            .get_or_init(|| Forceignore::read(&self.root))
    }
}

/// The nearest folder at or above `folder` that is the root of a git repository.
pub(crate) fn git_root(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .map(Path::to_path_buf)
}

/// The projects of a run. Each is opened once.
#[derive(Debug, Default)]
pub struct Projects {
    /// The excluded files and folders.
    pub excludes: PathGlobs,
    by_root: Mutex<HashMap<PathBuf, Arc<Project>>>,
}

impl Projects {
    /// The project in this folder, which has an `sfdx-project.json`.
    pub fn at(&self, root: &Path) -> Arc<Project> {
        self.open(root, true)
    }

    /// The project of the files in `folder`: the nearest one at or above it, else its repository, else
    /// `named`, the folder that the user named.
    pub fn around(&self, folder: &Path, named: &Path) -> Arc<Project> {
        let sfdx = folder
            .ancestors()
            .find(|above| above.join(PROJECT_FILE).is_file());
        match sfdx {
            Some(root) => self.open(root, true),
            None => match git_root(folder) {
                Some(root) => self.open(&root, false),
                None => self.open(named, false),
            },
        }
    }

    /// The path of a file or folder in reports: relative to the git root, else to the project, else to
    /// the named folder that contains it. `folders` are the named folders.
    pub fn report_path(&self, path: &Path, folders: &[PathBuf]) -> String {
        let folder = path.parent().unwrap_or(path);
        let named = folders.iter().find(|named| folder.starts_with(named));
        let project = self.around(folder, named.map_or(folder, PathBuf::as_path));
        let base = project.git_root.as_ref().unwrap_or(&project.root);
        slashed(path.strip_prefix(base).unwrap_or(path))
    }

    fn open(&self, root: &Path, has_file: bool) -> Arc<Project> {
        let mut by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(project) = by_root.get(root) {
            return Arc::clone(project);
        }
        let project = Arc::new(Project::open(root, has_file));
        by_root.insert(root.to_path_buf(), Arc::clone(&project));
        project
    }

    /// The names of the opened projects in alphabetical order, without duplicates.
    pub fn labels(&self) -> Vec<String> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let labels: BTreeSet<String> = by_root.values().filter_map(|it| it.label()).collect();
        labels.into_iter().collect()
    }

    /// The folders of the opened projects that have an `sfdx-project.json`, sorted by path.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let roots = by_root.keys();
        roots
            .filter(|root| root.join(PROJECT_FILE).is_file())
            .cloned()
            .collect()
    }

    /// The errors of the opened projects, sorted by path.
    pub fn errors(&self) -> Vec<ProjectError> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let mut errors: Vec<_> = by_root
            .values()
            .filter_map(|project| project.broken.clone())
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
