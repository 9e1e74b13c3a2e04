//! Which files are metadata, and of which type: as the Salesforce CLI decides it.
//!
//! In: a file's name, and where that is not enough its folder. Out: its [`MetadataType`] and the
//! name's stem. The suffix decides. A few are claimed by several types: then it is the type whose
//! folder is the nearest above the file, and outside of all of them the one that is bound to none.
//! That is all the folder decides: a connected app is one wherever it lies.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;

use super::paths::names_upwards;
use crate::schema::Structure;
use crate::schema::{
    BOUND, CLAIMS, CONTENT, ELSEWHERE, FOLDERED, MISNAMED, ROOTS, SETTINGS, SUFFIXES, TYPE_COUNT,
    TYPES, TYPES_BY_NAME, bytes, optional_text, part, search, text,
};

/// The folder of static resources.
const STATIC_RESOURCES: &[u8] = b"staticresources";

const META_XML: &[u8] = b"-meta.xml";

/// A metadata type, such as `ConnectedApp`; or a suffix that people write for one although the
/// Salesforce CLI does not know it, such as `*.ecaGlobalOauth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataType(u16);

impl MetadataType {
    /// The type that rules call this.
    pub fn named(name: &str) -> Option<Self> {
        let at = |place: usize| Self(TYPES_BY_NAME[place]);
        let found = search(TYPE_COUNT, |place| {
            bytes(at(place).row()[0]).cmp(name.as_bytes())
        })?;
        Some(at(found))
    }

    /// Every type, by name; the misnamed ones last.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TYPE_COUNT as u16).map(Self)
    }

    #[inline]
    fn row(self) -> &'static [u16; 8] {
        &TYPES[self.index()]
    }

    /// What rules call it: its name, or for a wrong suffix `*.suffix`.
    pub fn rule_name(self) -> &'static str {
        text(self.row()[0])
    }

    /// The name; for a wrong suffix that of the type that was meant.
    pub fn name(self) -> &'static str {
        text(self.row()[1])
    }

    /// Place in tables with one entry a type.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Number of types.
    pub fn count() -> usize {
        TYPE_COUNT
    }

    /// Whether its files have a suffix that the Salesforce CLI does not know.
    pub fn is_misnamed(self) -> bool {
        self.row()[5] & MISNAMED != 0
    }

    /// For a wrong suffix the right one.
    pub fn right_suffix(self) -> Option<&'static str> {
        let meant = Self::named(self.name()).filter(|_| self.is_misnamed())?;
        meant.suffix()
    }

    /// The suffix of its files; none for bundles whose files are called otherwise.
    pub fn suffix(self) -> Option<&'static str> {
        optional_text(self.row()[2])
    }

    /// The folder in which the Salesforce CLI puts its files.
    pub fn folder(self) -> &'static str {
        text(self.row()[3])
    }

    /// For a part of a component that has a folder of its own, such as a custom field: the folder
    /// above that one, such as `objects`.
    pub fn within(self) -> Option<&'static str> {
        optional_text(self.row()[7])
    }

    /// Whether the folders below [`Self::folder`] are part of a component's full name, as those of
    /// reports are.
    pub fn is_foldered(self) -> bool {
        self.row()[5] & FOLDERED != 0
    }

    /// Whether its files have settings, of which there is one component an org.
    pub fn is_settings(self) -> bool {
        optional_text(self.row()[4]).is_some()
    }

    /// The name of a source-format file that holds the component `name`.
    pub fn file_name(self, name: &str) -> String {
        let stem = optional_text(self.row()[4]).unwrap_or(name);
        format!("{stem}.{}-meta.xml", self.suffix().unwrap_or(self.name()))
    }

    fn root_rows(self) -> Range<usize> {
        part(&TYPES, self.0, 6)
    }

    /// What the root element of its files is called: the type's name. Parts of a permission set
    /// stand in files of their own also below the root of the whole.
    pub fn roots(self) -> impl Iterator<Item = &'static str> {
        self.root_rows().map(|at| text(ROOTS[at][0]))
    }

    /// Whether this can be the root element. In a file with a wrong suffix anything can.
    pub fn accepts_root(self, root: &str) -> bool {
        self.is_misnamed() || self.roots().any(|it| it == root)
    }

    /// What its files hold below that root element; none for types that the Metadata WSDL does not
    /// have.
    pub fn structure(self, root: &str) -> Option<Structure> {
        let rows = self.root_rows();
        let first = rows.start;
        let own = rows.into_iter().find(|&at| text(ROOTS[at][0]) == root);
        Structure::at(ROOTS[own.unwrap_or(first)][1])
    }

    /// What its files can hold: one structure for each root element.
    pub fn structures(self) -> Vec<Structure> {
        let rows = self.root_rows();
        rows.filter_map(|at| Structure::at(ROOTS[at][1])).collect()
    }
}

/// A set of metadata types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeSet([u64; TYPE_COUNT.div_ceil(64)]);

impl TypeSet {
    /// Whether the type is in the set.
    #[inline]
    pub fn contains(&self, metadata_type: MetadataType) -> bool {
        let at = metadata_type.index();
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    /// Adds a type.
    pub fn insert(&mut self, metadata_type: MetadataType) {
        let at = metadata_type.index();
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// The types of both sets.
    pub fn union(mut self, other: Self) -> Self {
        for (mine, its) in self.0.iter_mut().zip(other.0) {
            *mine |= its;
        }
        self
    }

    /// Whether all types of the other set are in this one.
    pub fn has_all_of(&self, other: Self) -> bool {
        self.union(other) == *self
    }

    /// Whether a file of this name can be of a type in the set. Where several types have a suffix,
    /// only `classify_at` knows.
    pub fn may_have(&self, file_name: &OsStr) -> bool {
        let Some(named) = Named::read(file_name.as_encoded_bytes()) else {
            return false;
        };
        let settings = named.settings();
        settings.is_some_and(|it| self.contains(it))
            || named
                .claims()
                .any(|claim| named.is_xml_of(claim) && self.contains(claim.metadata_type()))
    }
}

/// How the names of files of some types end, as far as two letters tell: it spares most names of a
/// project a look at the table of suffixes.
#[derive(Debug, Default)]
pub(super) struct Endings([u64; 16]);

impl Endings {
    /// Those of the types in the set.
    pub(super) fn of(set: &TypeSet) -> Self {
        let mut endings = Self::default();
        let settings = SETTINGS.iter().map(|row| MetadataType(row[1]));
        if settings.into_iter().any(|it| set.contains(it)) {
            endings.add(b"settings");
        }
        for (at, row) in SUFFIXES[..SUFFIXES.len() - 1].iter().enumerate() {
            let claims = &CLAIMS[part(&SUFFIXES, at as u16, 1)];
            if claims
                .iter()
                .map(Claim)
                .any(|it| set.contains(it.metadata_type()))
            {
                endings.add(bytes(row[0]));
            }
        }
        endings
    }

    fn add(&mut self, suffix: &[u8]) {
        if let Some((word, bit)) = Self::place(suffix) {
            self.0[word] |= bit;
        }
    }

    /// Whether a file of this name can be of one of the types. `true` says little, `false` is certain.
    #[inline]
    pub(super) fn may_have(&self, file_name: &OsStr) -> bool {
        let name = file_name.as_encoded_bytes();
        let name = name.strip_suffix(META_XML).unwrap_or(name);
        Self::place(name).is_some_and(|(word, bit)| self.0[word] & bit != 0)
    }

    /// Where the last two letters are noted, whatever their case. No suffix has but one.
    #[inline]
    fn place(name: &[u8]) -> Option<(usize, u64)> {
        let [.., before, last] = name else {
            return None;
        };
        let at = usize::from(before & 0x1F) << 5 | usize::from(last & 0x1F);
        Some((at >> 6, 1 << (at & 63)))
    }
}

/// The type of the file at `path`, and the name before the suffix.
pub(crate) fn classify_at(path: &Path) -> Option<(MetadataType, &[u8])> {
    let named = Named::read(names_upwards(path).next()?)?;
    Some((named.metadata_type(Some(path))?, named.stem))
}

/// The order of the table of suffixes.
fn compare_ignoring_case(one: &[u8], other: &[u8]) -> Ordering {
    let lowercase = u8::to_ascii_lowercase;
    one.iter().map(lowercase).cmp(other.iter().map(lowercase))
}

/// A file's name with a suffix that some type has.
struct Named<'n> {
    stem: &'n [u8],
    suffix: &'n [u8],
    /// Whether `-meta.xml` follows.
    is_meta: bool,
    /// Place in the table of suffixes.
    at: u16,
}

/// A type that has a suffix.
#[derive(Clone, Copy)]
struct Claim(&'static [u16; 3]);

impl<'n> Named<'n> {
    fn read(whole: &'n [u8]) -> Option<Self> {
        let name = whole.strip_suffix(META_XML).unwrap_or(whole);
        let dot = memchr::memrchr(b'.', name)?;
        let (stem, suffix) = (&name[..dot], &name[dot + 1..]);
        if stem.is_empty() {
            return None;
        }
        let known = |at: usize| bytes(SUFFIXES[at][0]);
        let at = search(SUFFIXES.len() - 1, |at| {
            compare_ignoring_case(known(at), suffix)
        })?;
        Some(Self {
            stem,
            suffix,
            is_meta: name.len() < whole.len(),
            at: at as u16,
        })
    }

    /// The types that have the suffix.
    #[inline]
    fn claims(&self) -> impl Iterator<Item = Claim> + Clone + use<> {
        CLAIMS[part(&SUFFIXES, self.at, 1)].iter().map(Claim)
    }

    /// Whether this file can be the metadata of that type. Where the file of a suffix is content,
    /// such as an Apex class, its metadata has `-meta.xml` in both formats.
    #[inline]
    fn is_xml_of(&self, claim: Claim) -> bool {
        self.is_meta || !claim.has(CONTENT)
    }

    /// All settings have one suffix; the file's name tells which it is, with its case.
    #[inline]
    fn settings(&self) -> Option<MetadataType> {
        if !self.suffix.eq_ignore_ascii_case(b"settings") {
            return None;
        }
        let stem = |at: usize| bytes(SETTINGS[at][0]);
        let found = search(SETTINGS.len(), |at| stem(at).cmp(self.stem))?;
        Some(MetadataType(SETTINGS[found][1]))
    }

    /// The type of the file at `path`, or of one of this name anywhere.
    fn metadata_type(&self, path: Option<&Path>) -> Option<MetadataType> {
        let folders = path
            .into_iter()
            .flat_map(|path| names_upwards(path).skip(1));
        // A static resource may hold any file, such as the `.config` of a script.
        if !self.is_meta && folders.clone().any(|name| name == STATIC_RESOURCES) {
            return None;
        }
        let spelt = |claim: &Claim| claim.suffix() == self.suffix;
        // `webLink` and `weblink` are two types.
        let exact = self.claims().any(|claim| spelt(&claim));
        let claims = self.claims().filter(|claim| !exact || spelt(claim));
        let settings = self.settings();
        let mut rest = claims.clone();
        let (first, second) = (rest.next(), rest.next());
        let claim = match (first, second, settings) {
            (None, _, settings) => return settings,
            // A suffix such as `.xml` is too common to tell a type in metadata format.
            (Some(only), None, None) if self.is_meta || !only.has(BOUND) => Some(only),
            _ => folders.clone().find_map(|name| {
                let of_folder = |claim: &Claim| claim.folder().as_bytes() == name;
                claims.clone().find(of_folder)
            }),
        };
        if let Some(claim) = claim {
            return Some(claim.metadata_type()).filter(|_| self.is_xml_of(claim));
        }
        settings.or_else(|| {
            let free = |claim: &Claim| !claim.has(BOUND) || (self.is_meta && claim.has(ELSEWHERE));
            let claim = claims
                .clone()
                .find(|claim| free(claim) && self.is_xml_of(*claim))?;
            Some(claim.metadata_type())
        })
    }
}

impl Claim {
    #[inline]
    fn metadata_type(self) -> MetadataType {
        MetadataType(self.0[0])
    }

    fn folder(self) -> &'static str {
        self.metadata_type().folder()
    }

    /// As the registry spells it.
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
    fn settings_are_told_by_their_name() {
        let expected = Some("OauthOidcSettings");
        assert_eq!(type_of("OauthOidc.settings-meta.xml"), expected);
        assert_eq!(type_of("OauthOidc.settings"), expected);
        assert_eq!(
            type_of("Security.settings-meta.xml"),
            Some("SecuritySettings")
        );
        assert_eq!(type_of("MyDomain.settings"), Some("MyDomainSettings"));
        assert_eq!(type_of("security.settings-meta.xml"), None);
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
    fn content_is_no_metadata() {
        assert_eq!(type_of("A.cls-meta.xml"), Some("ApexClass"));
        assert_eq!(type_of("A.cls"), None);
        assert_eq!(type_of("A.crt-meta.xml"), Some("Certificate"));
        assert_eq!(type_at("certs/A.crt"), None);
        assert_eq!(type_of("A.resource"), None);
        assert_eq!(type_at("staticresources/A/jshint.config"), None);
        assert_eq!(
            type_at("staticresources/A.resource-meta.xml"),
            Some("StaticResource")
        );
    }

    #[test]
    fn common_suffixes_count_in_their_folder() {
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
    fn the_folder_tells_types_of_one_suffix_apart() {
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
        assert_eq!(type_at("p/A.policy-meta.xml"), None);
        assert_eq!(type_of("A.webLink-meta.xml"), Some("WebLink"));
        assert_eq!(type_of("A.weblink"), Some("CustomPageWebLink"));
    }

    #[test]
    fn a_set_knows_what_the_folder_may_tell() {
        let mut set = TypeSet::default();
        set.insert(MetadataType::named("SiteDotCom").unwrap());
        assert!(set.may_have(OsStr::new("A.site-meta.xml")));
        assert!(!set.may_have(OsStr::new("A.site")));
        assert!(!set.may_have(OsStr::new("A.app")));
    }

    #[test]
    fn a_part_of_a_permission_set_has_either_root() {
        let part = MetadataType::named("UserPermission").unwrap();
        assert_eq!(type_of("A.userPermission-meta.xml"), Some("UserPermission"));
        assert_eq!(
            part.roots().collect::<Vec<_>>(),
            ["UserPermission", "PermissionSet"]
        );
        assert!(part.accepts_root("PermissionSet") && !part.accepts_root("Profile"));
        let holds = |root| part.structure(root).map(Structure::name);
        assert_eq!(holds("UserPermission"), Some("PermissionSetUserPermission"));
        assert_eq!(holds("PermissionSet"), Some("PermissionSet"));
    }

    #[test]
    fn a_wrong_suffix_is_known_with_the_right_one() {
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
    fn an_ending_that_is_none_is_no_name_of_the_type() {
        for it in MetadataType::all() {
            let mut set = TypeSet::default();
            set.insert(it);
            let endings = Endings::of(&set);
            let name = it.file_name("Example");
            let upper = name.strip_suffix("-meta.xml").unwrap().to_uppercase();
            for name in [name.as_str(), &upper] {
                assert!(endings.may_have(OsStr::new(name)) || !set.may_have(OsStr::new(name)));
            }
            assert!(!endings.may_have(OsStr::new("A.qq-meta.xml")));
            for row in &SUFFIXES[..SUFFIXES.len() - 1] {
                for name in [
                    format!("A.{}-meta.xml", text(row[0])),
                    format!("A.{}", text(row[0])),
                ] {
                    let name = OsStr::new(&name);
                    assert!(endings.may_have(name) || !set.may_have(name));
                }
            }
        }
    }

    #[test]
    fn every_type_is_found_by_its_name_and_its_file() {
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
