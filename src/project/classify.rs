//! Classifies files: which are metadata, and of which type. The rules are those of the Salesforce CLI.
//!
//! The suffix determines the type. If several types share a suffix, it is the one whose folder is the
//! nearest above the file, else the one that is not bound to a folder. For all other types, the folder
//! does not matter.

use std::cmp::Ordering;
use std::path::Path;

use super::metadata_type::MetadataType;
use super::paths::names_upwards;
use super::piece::PieceKind;
use crate::schema::{
    BOUND, CLAIMS, CONTENT, ELSEWHERE, PIECE_ONLY, SETTINGS, SUFFIXES, bytes, part, search,
};

/// The folder of static resources.
const STATIC_RESOURCES: &[u8] = b"staticresources";

pub(super) const META_XML: &[u8] = b"-meta.xml";

/// What the path of a metadata file determines.
pub(super) struct Classified<'p> {
    /// For a piece that is not a component itself, the type of the whole.
    pub metadata_type: MetadataType,
    /// The name before the suffix.
    pub stem: &'p [u8],
    /// If the file is a piece of a component: its kind.
    pub piece: Option<PieceKind>,
}

/// The type of the file at `path`, and the name before the suffix.
pub(crate) fn classify_at(path: &Path) -> Option<(MetadataType, &[u8])> {
    classify(path).map(|it| (it.metadata_type, it.stem))
}

pub(super) fn classify(path: &Path) -> Option<Classified<'_>> {
    let named = Named::read(names_upwards(path).next()?)?;
    let (metadata_type, piece) = named.metadata_type(Some(path))?;
    Some(Classified {
        metadata_type,
        stem: named.stem,
        piece,
    })
}

/// Compares as in the order of the table of suffixes: by length, because most suffixes then need no other
/// comparison, and without regard to case.
fn compare_suffixes(one: &[u8], other: &[u8]) -> Ordering {
    let lowercase = u8::to_ascii_lowercase;
    let by_text = || one.iter().map(lowercase).cmp(other.iter().map(lowercase));
    one.len().cmp(&other.len()).then_with(by_text)
}

/// A file name with the suffix of a metadata type.
pub(super) struct Named<'n> {
    stem: &'n [u8],
    suffix: &'n [u8],
    /// Whether `-meta.xml` follows.
    is_meta: bool,
    /// The index in the table of suffixes.
    at: u16,
}

/// A type with a suffix.
#[derive(Clone, Copy)]
pub(super) struct Claim(pub(super) &'static [u16; 4]);

impl<'n> Named<'n> {
    pub(super) fn read(whole: &'n [u8]) -> Option<Self> {
        let name = whole.strip_suffix(META_XML).unwrap_or(whole);
        let dot = memchr::memrchr(b'.', name)?;
        let (stem, suffix) = (&name[..dot], &name[dot + 1..]);
        if stem.is_empty() {
            return None;
        }
        let known = |at: usize| bytes(SUFFIXES[at][0]);
        let at = search(SUFFIXES.len() - 1, |at| compare_suffixes(known(at), suffix))?;
        Some(Self {
            stem,
            suffix,
            is_meta: name.len() < whole.len(),
            at: at as u16,
        })
    }

    /// The types with this suffix.
    #[inline]
    pub(super) fn claims(&self) -> impl Iterator<Item = Claim> + Clone + use<> {
        CLAIMS[part(&SUFFIXES, self.at, 1)].iter().map(Claim)
    }

    /// Whether this file can be the metadata of that type. If the file with the suffix is content, such
    /// as an Apex class, its metadata has `-meta.xml` in both formats.
    #[inline]
    pub(super) fn is_xml_of(&self, claim: Claim) -> bool {
        self.is_meta || !claim.has(CONTENT)
    }

    /// The type of a settings file. All settings have the same suffix, and the name of the file
    /// determines the type. The CLI deploys a file with a name in another case, so its settings are checked, too.
    #[inline]
    pub(super) fn settings(&self) -> Option<MetadataType> {
        if !self.suffix.eq_ignore_ascii_case(b"settings") {
            return None;
        }
        let stem = |at: usize| bytes(SETTINGS[at][0]);
        let is_same = |at: &usize| stem(*at).eq_ignore_ascii_case(self.stem);
        let found = search(SETTINGS.len(), |at| stem(at).cmp(self.stem))
            .or_else(|| (0..SETTINGS.len()).find(is_same))?;
        Some(MetadataType(SETTINGS[found][1]))
    }

    /// The type of the file at `path`, or of a file with this name in any folder.
    fn metadata_type(&self, path: Option<&Path>) -> Option<(MetadataType, Option<PieceKind>)> {
        let folders = path
            .into_iter()
            .flat_map(|path| names_upwards(path).skip(1));
        // A static resource can contain any file, such as the `.config` of a script.
        if !self.is_meta && folders.clone().any(|name| name == STATIC_RESOURCES) {
            return None;
        }
        let is_exact = |claim: &Claim| claim.suffix() == self.suffix;
        // `webLink` and `weblink` are two types.
        let has_exact = self.claims().any(|claim| is_exact(&claim));
        let claims = self.claims().filter(|claim| !has_exact || is_exact(claim));
        // The metadata of a content file ends with `-meta.xml`, too.
        let claims = claims.filter(|claim| !self.is_meta || !claim.is_text_piece());
        // The folder of the whole is above those of its pieces, such as `customPermissions`.
        let is_in_whole = |claim: &Claim| {
            claim.has(PIECE_ONLY)
                && self.is_xml_of(*claim)
                && folders
                    .clone()
                    .any(|name| name == claim.folder().as_bytes())
        };
        if let Some(claim) = claims.clone().find(is_in_whole) {
            return Some((claim.metadata_type(), claim.piece()));
        }
        let settings = self.settings();
        let mut rest = claims.clone();
        let (first, second) = (rest.next(), rest.next());
        let claim = match (first, second, settings) {
            (None, _, settings) => return settings.map(|it| (it, None)),
            // In metadata format, a suffix such as `.xml` is too common to determine the type.
            (Some(only), None, None) if self.is_meta || !only.has(BOUND) => Some(only),
            _ => folders.clone().find_map(|name| {
                let of_folder = |claim: &Claim| claim.folder().as_bytes() == name;
                claims.clone().find(of_folder)
            }),
        };
        if let Some(claim) = claim {
            let found = (claim.metadata_type(), claim.piece());
            return Some(found).filter(|_| self.is_xml_of(claim));
        }
        settings.map(|it| (it, None)).or_else(|| {
            let free = |claim: &Claim| !claim.has(BOUND) || (self.is_meta && claim.has(ELSEWHERE));
            let claim = claims
                .clone()
                .find(|claim| free(claim) && self.is_xml_of(*claim))?;
            Some((claim.metadata_type(), claim.piece()))
        })
    }
}

impl Claim {
    #[inline]
    pub(super) fn metadata_type(self) -> MetadataType {
        MetadataType(self.0[0])
    }

    fn piece(self) -> Option<PieceKind> {
        PieceKind::at(self.0[3])
    }

    fn is_text_piece(self) -> bool {
        self.piece().is_some_and(PieceKind::is_text)
    }

    fn folder(self) -> &'static str {
        self.metadata_type().folder()
    }

    /// The suffix as spelled in the registry.
    #[inline]
    fn suffix(self) -> &'static [u8] {
        bytes(self.0[1])
    }

    #[inline]
    fn has(self, flag: u16) -> bool {
        self.0[2] & flag != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(name: &str) -> Option<&'static str> {
        classify_at(Path::new(name)).map(|(metadata_type, _)| metadata_type.rule_name())
    }

    fn type_at(path: &str) -> Option<&'static str> {
        classify_at(Path::new(path)).map(|(metadata_type, _)| metadata_type.rule_name())
    }

    #[test]
    fn suffix_decides() {
        assert_eq!(type_of("A.connectedApp-meta.xml"), Some("ConnectedApp"));
        assert_eq!(type_of("A.b.connectedApp"), Some("ConnectedApp"));
        assert_eq!(type_of("A.connectedapp"), Some("ConnectedApp"));
        assert_eq!(type_of("A.connectedApp-meta.xml.bak"), None);
        assert_eq!(type_of(".connectedApp-meta.xml"), None);
        assert_eq!(type_of("connectedApp"), None);
        assert_eq!(type_of("A.field-meta.xml"), Some("CustomField"));
        assert_eq!(type_of("A.indexe-meta.xml"), Some("Index"));
    }

    #[test]
    fn settings_by_name() {
        let expected = Some("OauthOidcSettings");
        assert_eq!(type_of("OauthOidc.settings-meta.xml"), expected);
        assert_eq!(type_of("OauthOidc.settings"), expected);
        assert_eq!(
            type_of("Security.settings-meta.xml"),
            Some("SecuritySettings")
        );
        assert_eq!(type_of("MyDomain.settings"), Some("MyDomainSettings"));
        assert_eq!(
            type_of("security.settings-meta.xml"),
            Some("SecuritySettings")
        );
        assert_eq!(type_of("SecuritySettings.settings-meta.xml"), None);
        assert_eq!(
            type_at("ObjectHierarchyRelationship/A.settings-meta.xml"),
            Some("ObjectHierarchyRelationship")
        );
        let security = MetadataType::named("SecuritySettings").unwrap();
        assert_eq!(security.file_name("any"), "Security.settings-meta.xml");
        assert!(security.is_settings());
    }

    #[test]
    fn content_is_not_metadata() {
        assert_eq!(type_of("A.cls-meta.xml"), Some("ApexClass"));
        assert_eq!(type_of("A.cls"), None);
        assert_eq!(type_of("A.crt-meta.xml"), Some("Certificate"));
        assert_eq!(type_of("A.crt"), None);
        assert_eq!(type_of("A.resource"), None);
        assert_eq!(type_at("staticresources/A/jshint.config"), None);
        assert_eq!(
            type_at("staticresources/A.resource-meta.xml"),
            Some("StaticResource")
        );
    }

    #[test]
    fn common_suffixes_need_their_folder() {
        assert_eq!(type_of("package.xml"), None);
        assert_eq!(
            type_at("src/emailservices/A.xml"),
            Some("EmailServicesFunction")
        );
        assert_eq!(type_at("README.md"), None);
        assert_eq!(type_at("src/customMetadata/A.B.md"), Some("CustomMetadata"));
        assert_eq!(type_of("A.B.md-meta.xml"), Some("CustomMetadata"));
    }

    #[test]
    fn types_with_the_same_suffix() {
        assert_eq!(type_at("p/sites/A.site-meta.xml"), Some("CustomSite"));
        assert_eq!(type_at("p/sites/A.site"), Some("CustomSite"));
        assert_eq!(
            type_at("p/siteDotComSites/A.site-meta.xml"),
            Some("SiteDotCom")
        );
        assert_eq!(type_at("p/siteDotComSites/A.site"), None);
        assert_eq!(
            type_at("p/experiences/A.site-meta.xml"),
            Some("ExperienceBundle")
        );
        assert_eq!(
            type_at("experiences/sites/A.site-meta.xml"),
            Some("CustomSite")
        );
        assert_eq!(type_at("p/A.site-meta.xml"), Some("CustomSite"));
        assert_eq!(type_at("p/moderation/A.rule"), Some("ModerationRule"));
        assert_eq!(
            type_at("p/restrictionRules/A.rule"),
            Some("RestrictionRule")
        );
        assert_eq!(
            type_at("p/applications/A.app-meta.xml"),
            Some("CustomApplication")
        );
        assert_eq!(
            type_at("p/aura/A/A.app-meta.xml"),
            Some("AuraDefinitionBundle")
        );
        assert_eq!(type_at("p/aura/A/A.app"), None);
        assert_eq!(type_at("p/aura/A/A.cmp"), None);
        assert_eq!(type_at("p/A.policy-meta.xml"), None);
        assert_eq!(type_of("A.webLink-meta.xml"), Some("WebLink"));
        assert_eq!(type_of("A.weblink"), Some("CustomPageWebLink"));
    }

    #[test]
    fn bundles() {
        for (path, expected) in [
            ("aura/A/A.cmp-meta.xml", "AuraDefinitionBundle"),
            ("aura/A/A.app-meta.xml", "AuraDefinitionBundle"),
            ("aura/A/A.evt-meta.xml", "AuraDefinitionBundle"),
            ("aura/A/A.intf-meta.xml", "AuraDefinitionBundle"),
            ("aura/A/A.tokens-meta.xml", "AuraDefinitionBundle"),
            ("lwc/a/a.js-meta.xml", "LightningComponentBundle"),
            ("genAiFunctions/A/A.genAiFunction-meta.xml", "GenAiFunction"),
            ("genAiFunctions/A/A.genAiFunction", "GenAiFunction"),
            (
                "genAiPlannerBundles/A/A.genAiPlannerBundle",
                "GenAiPlannerBundle",
            ),
            (
                "genAiPlannerBundles/A/A.genAiPlannerBundle-meta.xml",
                "GenAiPlannerBundle",
            ),
            (
                "aiAuthoringBundles/A/A.bundle-meta.xml",
                "AiAuthoringBundle",
            ),
            ("emailservices/A.xml", "EmailServicesFunction"),
            ("emailservices/A.xml-meta.xml", "EmailServicesFunction"),
        ] {
            assert_eq!(type_at(path), Some(expected), "{path}");
        }
        for path in [
            "aura/A/A.css",
            "aura/A/A.auradoc",
            "lwc/a/a.js",
            "lwc/a/a.html",
            "genAiFunctions/A/input/schema.json",
            "aiAuthoringBundles/A/A.agent",
            "elsewhere/A.genAiPlannerBundle",
            "elsewhere/A.xml",
        ] {
            assert_eq!(type_at(path), None, "{path}");
        }
    }

    fn piece_at(path: &str) -> Option<String> {
        let found = classify(Path::new(path))?;
        let kind = found.piece?;
        let element = kind.element().unwrap_or("several elements");
        Some(format!("{} of {}", element, kind.whole().rule_name()))
    }

    #[test]
    fn pieces_of_components() {
        for (path, metadata_type, piece) in [
            (
                "permissionsets/A/A.userPermission-meta.xml",
                "PermissionSet",
                "userPermissions of PermissionSet",
            ),
            // It is in the folder of another type, too.
            (
                "permissionsets/A/customPermissions/P.customPermission-meta.xml",
                "PermissionSet",
                "customPermissions of PermissionSet",
            ),
            (
                "permissionsets/A/objectSettings/Account.objectSettings-meta.xml",
                "PermissionSet",
                "several elements of PermissionSet",
            ),
            (
                "objects/A/fields/F.field-meta.xml",
                "CustomField",
                "fields of CustomObject",
            ),
            (
                "workflows/A/workflowAlerts/B.workflowAlert-meta.xml",
                "WorkflowAlert",
                "alerts of Workflow",
            ),
            (
                "labels/A.label-meta.xml",
                "CustomLabels",
                "labels of CustomLabels",
            ),
            (
                "externalServiceRegistrations/A.yaml",
                "ExternalServiceRegistration",
                "schema of ExternalServiceRegistration",
            ),
            ("certs/A.crt", "Certificate", "content of Certificate"),
        ] {
            assert_eq!(type_at(path), Some(metadata_type), "{path}");
            assert_eq!(piece_at(path).as_deref(), Some(piece), "{path}");
        }
        assert_eq!(
            type_at("customPermissions/P.customPermission-meta.xml"),
            Some("CustomPermission")
        );
        assert_eq!(
            piece_at("customPermissions/P.customPermission-meta.xml"),
            None
        );
        assert_eq!(piece_at("permissionsets/A.permissionset-meta.xml"), None);
        assert_eq!(piece_at("certs/A.crt-meta.xml"), None);
        assert_eq!(type_at("elsewhere/A.yaml"), None);
        assert_eq!(type_at("permissionsets/A/A.userPermission"), None);
    }

    #[test]
    fn misspelled_suffixes() {
        assert_eq!(
            type_of("A.ecaGlobalOauth-meta.xml"),
            Some("*.ecaGlobalOauth")
        );
        let misnamed = MetadataType::named("*.ecaGlobalOauth").unwrap();
        assert!(misnamed.is_misnamed() && misnamed.accepts_root("Anything"));
        assert_eq!(misnamed.name(), "ExtlClntAppGlobalOauthSettings");
        assert_eq!(misnamed.right_suffix(), Some("ecaGlblOauth"));
        let right = MetadataType::named("ExtlClntAppGlobalOauthSettings").unwrap();
        assert!(!right.is_misnamed() && right.right_suffix().is_none());
        assert_eq!(misnamed.structures(), right.structures());
    }

    #[test]
    fn every_type_by_name_and_file() {
        for it in MetadataType::all() {
            assert_eq!(MetadataType::named(it.rule_name()), Some(it));
            if it.suffix().is_some() {
                let path = Path::new(it.folder()).join(it.file_name("Example"));
                assert_eq!(classify_at(&path).map(|(found, _)| found), Some(it));
            }
            assert_eq!(it.roots().next(), Some(it.name()));
        }
        assert_eq!(MetadataType::named("ConnectedApps"), None);
    }
}
