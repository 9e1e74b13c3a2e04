//! A metadata file with everything that its place tells: component, project, package directory.
//!
//! In: a path. Out: a [`SourceFile`] whose [`Project`] answers what rules and fixes ask of it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use percent_encoding::percent_decode;

use super::constants::PROJECT_FILE;
use super::ignore_files::Forceignore;
use super::metadata_type::{MetadataType, classify_at};
use super::path_globs::PathGlobs;
use super::paths::{names_upwards, slashed};
use super::replacements::Replaced;
use super::settings::{ProjectError, Settings};
use crate::project::bounded;
use crate::schema::ApiVersion;
use crate::xml;

/// What a metadata file describes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Component {
    /// Its type.
    pub metadata_type: MetadataType,
    /// Its full name: the file name without suffix, percent-decoded.
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
    /// What it describes.
    pub component: Component,
    /// Where it belongs.
    pub project: Arc<Project>,
    /// What becomes of it.
    pub deployment: Deployment,
}

/// What `.forceignore` makes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    /// It lets it be deployed.
    Deployed,
    /// It keeps it from being deployed, and nobody asked for it by name: only rules about what must
    /// not stand in the repository look into it.
    Forceignored,
    /// Nobody asked: it counts either way, as what the user named does.
    Unasked,
}

/// Endings of the API names of custom objects and their like.
/// (developer.salesforce.com, SOAP API Developer Guide: API Field and Object Names.)
const KINDS_OF_OBJECTS: [&str; 14] = [
    "b", "c", "chn", "dlm", "e", "hd", "ka", "kav", "mdt", "p", "r", "share", "x", "xo",
];

impl SourceFile {
    /// The file at `path`, if its name and its folder are those of a known type. Whether it is
    /// deployed is not asked.
    pub fn new(path: PathBuf, project: Arc<Project>) -> Option<Self> {
        let (metadata_type, stem) = classify_at(&path)?;
        let name = full_name(metadata_type, &path, stem);
        Some(Self {
            component: Component {
                metadata_type,
                name,
            },
            path,
            project,
            deployment: Deployment::Unasked,
        })
    }

    /// Whether `.forceignore` keeps it from being deployed, and nobody named it.
    pub fn is_forceignored(&self) -> bool {
        self.deployment == Deployment::Forceignored
    }

    /// Whether it is deployed.
    pub fn is_deployed(&self) -> bool {
        match self.deployment {
            Deployment::Deployed => true,
            Deployment::Forceignored => false,
            Deployment::Unasked => !self.project.forceignores(&self.path),
        }
    }

    /// The path as programs read it: relative to the git root, else to the project, with `/`.
    pub fn report_path(&self) -> String {
        let base = self.project.git_root.as_ref().unwrap_or(&self.project.root);
        slashed(self.path.strip_prefix(base).unwrap_or(&self.path))
    }

    /// Whether the file lies in a package directory of its project.
    pub fn is_packaged(&self) -> bool {
        let directories = &self.project.settings.package_directories;
        directories
            .iter()
            .any(|directory| self.path.starts_with(directory))
    }

    /// The package directory that holds the file. For a file outside of all of them it is the
    /// folder of the nearest `package.xml`, else the folder around that of its type
    /// (`main/default` for `main/default/connectedApps/X`): what is deployed together there is not
    /// known, and too small a guess only keeps a finding as severe as it is.
    pub fn package_directory(&self) -> PathBuf {
        let project = &self.project;
        let package = project
            .settings
            .package_directories
            .iter()
            .filter(|directory| self.path.starts_with(directory))
            .max_by_key(|directory| directory.components().count());
        match package {
            Some(directory) => directory.clone(),
            None => self
                .manifest()
                .and_then(|manifest| manifest.parent().map(Path::to_path_buf))
                .or_else(|| self.path.ancestors().nth(2).map(Path::to_path_buf))
                .unwrap_or_else(|| project.root.clone()),
        }
    }

    /// The API version that the file is deployed with, where the project says it: by
    /// `sourceApiVersion`, or for metadata format by the nearest `package.xml`.
    ///
    /// # Errors
    /// When that `package.xml` cannot be read.
    pub fn api_version(&self) -> Result<Option<ApiVersion>, UnreadableManifest> {
        let project = self.project.settings.source_api_version;
        let manifest = || match self.manifest() {
            Some(manifest) => self.project.manifest_version(&manifest),
            None => Ok(None),
        };
        let is_source_format = self
            .path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().ends_with(b"-meta.xml"));
        match (is_source_format, project) {
            (true, Some(version)) => Ok(Some(version)),
            (true, None) => manifest(),
            (false, project) => Ok(manifest()?.or(project)),
        }
    }

    /// The nearest `package.xml` above the file, inside of the project.
    fn manifest(&self) -> Option<PathBuf> {
        self.path
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.project.root))
            .map(|folder| folder.join("package.xml"))
            .find(|manifest| manifest.is_file())
    }

    /// The namespace of the component if it is not the project's own.
    pub fn foreign_namespace(&self) -> Option<&str> {
        let mut full_name = self.component.name.as_str();
        // A field of our own may lie on the object of another package.
        if self.component.metadata_type.within().is_some() {
            full_name = full_name.rsplit('.').next().unwrap_or(full_name);
        }
        // The names of objects say behind `__` what kind they are of: `Invoice__c`.
        let without_kind = match full_name.rsplit_once("__") {
            Some((rest, kind)) if KINDS_OF_OBJECTS.contains(&kind) => rest,
            _ => full_name,
        };
        let (namespace, name) = without_kind.split_once("__")?;
        let is_namespace = (1..=15).contains(&namespace.len())
            && namespace.starts_with(|c: char| c.is_ascii_alphabetic())
            && namespace
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let own = self.project.namespace() == Some(namespace);
        (is_namespace && !name.is_empty() && !own).then_some(namespace)
    }

    /// What the CLI will rewrite in the file's text at deploy.
    pub fn replaced(&self, source: &str) -> Replaced {
        let replacements = &self.project.settings.replacements;
        if replacements.is_empty() {
            Replaced::default()
        } else {
            Replaced::find(replacements, &slashed(&self.path), source)
        }
    }
}

/// The component's full name, as the Salesforce CLI makes it of the path: the name of the file
/// without its suffix, behind that of the object it is a part of (`Account.Tier__c`), or of the
/// folders it lies in (`Sales/Pipeline`). Outside of the folder where such a component belongs there
/// is nothing to put before.
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

/// A name as people know it: in file names `%28` stands for a `(`.
fn decoded(name: &[u8]) -> Cow<'_, str> {
    match memchr::memchr(b'%', name) {
        None => String::from_utf8_lossy(name),
        Some(_) => Cow::Owned(percent_decode(name).decode_utf8_lossy().into_owned()),
    }
}

/// `<version>` of a `package.xml`: `None` where it says nothing.
///
/// # Errors
/// When the file cannot be read, so that the version may be any.
fn manifest_version(manifest: &Path) -> Result<Option<ApiVersion>, UnreadableManifest> {
    let text = bounded::read_text(manifest).map_err(|_| UnreadableManifest)?;
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

/// A `package.xml` that does not tell its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableManifest;

/// A folder whose files belong together.
#[derive(Debug)]
pub struct Project {
    /// The folder of `sfdx-project.json`; else the git root; else the folder that was named.
    pub root: PathBuf,
    /// The repository around it.
    pub git_root: Option<PathBuf>,
    /// Why `sfdx-project.json` cannot be used. Nothing is fixed in such a project.
    pub broken: Option<ProjectError>,
    settings: Settings,
    forceignore: OnceLock<Forceignore>,
    /// What each `package.xml` says; a large one serves many findings.
    manifests: Mutex<HashMap<PathBuf, Result<Option<ApiVersion>, UnreadableManifest>>>,
}

impl Project {
    fn open(root: &Path, has_file: bool) -> Self {
        let git_root = git_root(root);
        let read = if has_file {
            let file = root.join(PROJECT_FILE);
            let base = git_root.as_deref().unwrap_or(root);
            let shown = slashed(file.strip_prefix(base).unwrap_or(&file));
            match bounded::read_text(&file) {
                Ok(text) => Settings::read(root, &shown, &text),
                Err(error) => Err(ProjectError::unreadable(&file, &shown, &error)),
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
            manifests: Mutex::default(),
        }
    }

    /// Absolute paths of the package directories.
    pub fn package_directories(&self) -> &[PathBuf] {
        &self.settings.package_directories
    }

    /// The API version that `sfdx-project.json` names.
    pub fn source_api_version(&self) -> Option<ApiVersion> {
        self.settings.source_api_version
    }

    fn manifest_version(&self, manifest: &Path) -> Result<Option<ApiVersion>, UnreadableManifest> {
        let mut manifests = self
            .manifests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *manifests
            .entry(manifest.to_path_buf())
            .or_insert_with(|| manifest_version(manifest))
    }

    /// The namespace that the project's components get.
    pub fn namespace(&self) -> Option<&str> {
        self.settings.namespace.as_deref()
    }

    /// What reports call the project: the name that it gives itself, else its folder in the
    /// repository. A folder above it is none of a report's business, and differs between machines.
    pub fn label(&self) -> Option<String> {
        let folder = || {
            let below = self.root.strip_prefix(self.git_root.as_ref()?).ok()?;
            Some(slashed(below)).filter(|below| !below.is_empty())
        };
        self.settings.name.clone().or_else(folder)
    }

    /// Whether the CLI would leave the file out of a deploy.
    pub fn forceignores(&self, path: &Path) -> bool {
        self.forceignore().ignores(path)
    }

    /// The ignore file of the CLI.
    pub(crate) fn forceignore(&self) -> &Forceignore {
        self.forceignore
            .get_or_init(|| Forceignore::read(&self.root))
    }
}

/// The nearest folder at or above `folder` that is a git repository's top.
pub(crate) fn git_root(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .map(Path::to_path_buf)
}

/// Every project that a run meets, each opened once.
#[derive(Debug, Default)]
pub struct Projects {
    /// What of them is not looked at.
    pub excludes: PathGlobs,
    by_root: Mutex<HashMap<PathBuf, Arc<Project>>>,
}

impl Projects {
    /// The project in this folder, which has an `sfdx-project.json`.
    pub fn at(&self, root: &Path) -> Arc<Project> {
        self.open(root, true)
    }

    /// The project of the files in `folder`: the nearest at or above it, else its repository,
    /// else `named`, the folder that the user named.
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

    /// The path of anything as reports have it: relative to the git root, else to the project,
    /// else to the one of `folders`, those that the user named, that it lies in.
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

    /// What the projects that were opened are called, each once, in alphabetical order.
    pub fn labels(&self) -> Vec<String> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let labels: BTreeSet<String> = by_root.values().filter_map(|it| it.label()).collect();
        labels.into_iter().collect()
    }

    /// The folders of the projects that were opened and have an `sfdx-project.json`, by path.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let roots = by_root.keys();
        roots
            .filter(|root| root.join(PROJECT_FILE).is_file())
            .cloned()
            .collect()
    }

    /// What is wrong with the projects that were opened, by path.
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
        let (metadata_type, stem) = classify_at(path).unwrap();
        full_name(metadata_type, path, stem)
    }

    #[test]
    fn the_full_name_is_that_of_the_cli() {
        for (path, expected) in [
            ("connectedApps/A%28b%29.connectedApp-meta.xml", "A(b)"),
            ("objects/Account/fields/T__c.field-meta.xml", "Account.T__c"),
            ("objects/A/objects/B/fields/T.field-meta.xml", "B.T"),
            ("bots/Helper/v1.botVersion-meta.xml", "Helper.v1"),
            ("reports/Sales.reportFolder-meta.xml", "Sales"),
            ("reports/Sales/EU/Won.report-meta.xml", "Sales/EU/Won"),
            // Elsewhere nothing tells what they are part of.
            ("src/T__c.field-meta.xml", "T__c"),
            ("objects/T__c.field-meta.xml", "T__c"),
            ("objects/A/objects/T__c.field-meta.xml", "T__c"),
            ("elsewhere/Won.report-meta.xml", "Won"),
        ] {
            assert_eq!(name_at(path), expected, "{path}");
        }
    }
}
