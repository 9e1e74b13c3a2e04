//! Which files are metadata, and of which type: by the file name alone, as the Salesforce CLI
//! decides it.
//!
//! In: a file name. Out: its [`MetadataType`] and the name's stem. Suffixes are those of the
//! registry of `@salesforce/source-deploy-retrieve` 13.7.0; none of these types is bound to a
//! folder.

use std::ffi::OsStr;

struct Row {
    name: &'static str,
    suffix: &'static str,
    /// Settings share one suffix and are told apart by their file's name.
    stem: Option<&'static str>,
}

const fn row(name: &'static str, suffix: &'static str) -> Row {
    Row {
        name,
        suffix,
        stem: None,
    }
}

/// Every type that a rule may name.
static TYPES: &[Row] = &[
    row("ConnectedApp", "connectedApp"),
    row("ExternalClientApplication", "eca"),
    row("ExtlClntAppConfigurablePolicies", "ecaPlcy"),
    row("ExtlClntAppGlobalOauthSettings", "ecaGlblOauth"),
    row("ExtlClntAppMobileSettings", "ecaMobile"),
    row("ExtlClntAppOauthConfigurablePolicies", "ecaOauthPlcy"),
    row("ExtlClntAppOauthSettings", "ecaOauth"),
    Row {
        name: "OauthOidcSettings",
        suffix: "settings",
        stem: Some("OauthOidc"),
    },
];

/// A metadata type, such as `ConnectedApp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataType(u8);

impl MetadataType {
    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        let at = TYPES.iter().position(|row| row.name == name)?;
        Some(Self(at as u8))
    }

    /// Every type, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TYPES.len() as u8).map(Self)
    }

    /// The name, which is also that of the root element.
    pub fn name(self) -> &'static str {
        TYPES[self.index()].name
    }

    /// Place in tables with one entry a type.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Number of types.
    pub fn count() -> usize {
        TYPES.len()
    }

    /// The name of a source-format file that holds the component `name`.
    pub fn file_name(self, name: &str) -> String {
        let row = &TYPES[self.index()];
        format!("{}.{}-meta.xml", row.stem.unwrap_or(name), row.suffix)
    }
}

/// A set of metadata types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeSet(u64);

impl TypeSet {
    /// Whether the type is in the set.
    pub fn contains(self, metadata_type: MetadataType) -> bool {
        self.0 & (1 << metadata_type.0) != 0
    }

    /// Adds a type.
    pub fn insert(&mut self, metadata_type: MetadataType) {
        self.0 |= 1 << metadata_type.0;
    }

    /// The types of both sets.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const META_XML: &[u8] = b"-meta.xml";

/// The type that a file's name tells, in source format (`X.connectedApp-meta.xml`) or metadata
/// format (`X.connectedApp`), and the name before the suffix. Suffixes compare without case: old
/// guides wrote `.connectedapp`.
pub fn classify(file_name: &OsStr) -> Option<(MetadataType, &[u8])> {
    let name = file_name.as_encoded_bytes();
    let name = name.strip_suffix(META_XML).unwrap_or(name);
    let dot = memchr::memrchr(b'.', name)?;
    let (stem, suffix) = (&name[..dot], &name[dot + 1..]);
    if stem.is_empty() {
        return None;
    }
    let at = TYPES.iter().position(|row| {
        row.suffix.as_bytes().eq_ignore_ascii_case(suffix)
            && row.stem.is_none_or(|expected| expected.as_bytes() == stem)
    })?;
    Some((MetadataType(at as u8), stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(name: &str) -> Option<&'static str> {
        classify(OsStr::new(name)).map(|(metadata_type, _)| metadata_type.name())
    }

    #[test]
    fn suffix_decides() {
        assert_eq!(type_of("A.connectedApp-meta.xml"), Some("ConnectedApp"));
        assert_eq!(type_of("A.b.connectedApp"), Some("ConnectedApp"));
        assert_eq!(type_of("A.connectedapp"), Some("ConnectedApp"));
        assert_eq!(
            type_of("OauthOidc.settings-meta.xml"),
            Some("OauthOidcSettings")
        );
        assert_eq!(type_of("Security.settings-meta.xml"), None);
        assert_eq!(type_of("A.ecaGlobalOauth-meta.xml"), None);
        assert_eq!(type_of("A.connectedApp-meta.xml.bak"), None);
        assert_eq!(type_of(".connectedApp-meta.xml"), None);
        assert_eq!(type_of("connectedApp"), None);
    }

    #[test]
    fn every_type_has_a_bit_in_a_set() {
        assert!(MetadataType::count() <= 64);
    }
}
impl MetadataType {
    /// STUB
    pub fn structures(self) -> Vec<crate::schema::Structure> {
        Vec::new()
    }
}
