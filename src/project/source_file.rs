//! Metadata files: what the path of a file determines, such as its component and package directory.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode;

use super::classify::{META_XML, classify};
use super::discovery::SkipReason;
use super::manifest::UnreadableManifest;
use super::metadata_type::MetadataType;
use super::paths::{names_upwards, slashed};
use super::piece::PieceKind;
use super::project::{Placement, Project};
use super::replacements::{FileToDeploy, Folders, Replaced};
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
    pub(super) placement: Placement,
}

/// Whether `.forceignore` excludes a file from deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    Deployed,
    /// The file is excluded, and the user did not name it. Only rules about content that must not be
    /// in the repository check it.
    Forceignored,
    /// An ignore file excludes the file. An audit checks it like any other, because the author of the
    /// ignore file is not trusted.
    Ignored(SkipReason),
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

    /// The suffix of the file name, without `-meta.xml`.
    pub(crate) fn suffix(&self) -> Cow<'_, str> {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.as_encoded_bytes();
        let name = name.strip_suffix(META_XML).unwrap_or(name);
        let start = memchr::memrchr(b'.', name).map_or(name.len(), |dot| dot + 1);
        String::from_utf8_lossy(&name[start..])
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
        PieceKind::are_text_in(self.whole_type())
    }

    /// The name of that component, if the path determines it.
    pub(super) fn whole_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.as_encoded_bytes();
        let stem = name.strip_suffix(META_XML).unwrap_or(name);
        let dot = memchr::memrchr(b'.', stem).unwrap_or(stem.len());
        name_of_whole(self.whole_type(), &self.path, &stem[..dot])
    }

    /// The component that the file is a piece of. `None` if its name can depend on the file name, so that it need not
    /// be that of the other files in the folder.
    pub(crate) fn whole_by_folder(&self) -> Option<Self> {
        let name = name_by_folder(self.whole_type(), &self.path)?;
        Some(self.as_whole(&name))
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

    /// In an audit: the ignore file that excludes the file.
    pub fn ignored_by(&self) -> Option<SkipReason> {
        match self.deployment {
            Deployment::Ignored(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether conditions about other files have to consider the file: it is deployed, or only an ignore
    /// file that is not trusted says that it is not.
    pub(crate) fn may_be_deployed(&self) -> bool {
        self.is_deployed() || self.ignored_by().is_some()
    }

    pub fn is_deployed(&self) -> bool {
        match self.deployment {
            Deployment::Deployed => true,
            Deployment::Forceignored | Deployment::Ignored(_) => false,
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

    /// What `replacements` of the project make of the file's text.
    pub fn replaced(&self, source: &str) -> Replaced {
        let replacements = &self.project.settings.replacements;
        if replacements.is_empty() || self.component.metadata_type.is_project() {
            return Replaced::default();
        }
        let metadata_type = self.component.metadata_type;
        let file = FileToDeploy {
            path: &slashed(&self.path),
            root: &slashed(&self.project.root),
            source,
            is_parsed_by_cli: PARSED_BY_CLI.contains(&metadata_type.name())
                || metadata_type.within().is_some()
                || self.piece.is_some_and(|kind| !kind.is_content()),
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
    name_by_folder(whole, path).unwrap_or_else(|| decoded(stem).into_owned())
}

/// The same, if the file name does not matter.
fn name_by_folder(whole: MetadataType, path: &Path) -> Option<String> {
    if whole.name() == CUSTOM_LABELS {
        return Some(CUSTOM_LABELS.to_owned());
    }
    let above = names_upwards(path).skip(1);
    let is_folder_of_type = |name: &[u8]| name == whole.folder().as_bytes();
    // Text, such as YAML, is next to its main file.
    let has_own_folder = !PieceKind::are_text_in(whole);
    let depth = above.clone().position(is_folder_of_type).unwrap_or(0);
    let folder = above.take(depth).last().filter(|_| has_own_folder)?;
    Some(decoded(folder).into_owned())
}

/// Decodes a file name, in which `%28` means `(`, for example.
fn decoded(name: &[u8]) -> Cow<'_, str> {
    match memchr::memchr(b'%', name) {
        None => String::from_utf8_lossy(name),
        Some(_) => Cow::Owned(percent_decode(name).decode_utf8_lossy().into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::projects::Projects;

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
