//! Sets of metadata types, and tests whether a file name can belong to one of the types.

use std::ffi::OsStr;

use super::classify::{Claim, META_XML, Named};
use super::metadata_type::MetadataType;
use crate::schema::{CLAIMS, SETTINGS, SUFFIXES, TYPE_COUNT, bytes, part};

/// A set of metadata types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeSet([u64; TYPE_COUNT.div_ceil(64)]);

impl TypeSet {
    #[inline]
    pub fn contains(&self, metadata_type: MetadataType) -> bool {
        let at = metadata_type.index();
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

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

    /// Whether a file with this name can be of a type in the set. If several types have the same
    /// suffix, `classify_at` decides by the folder.
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

/// The last two letters of the suffixes of some types. They rule out most files of a project before the
/// table of suffixes is searched.
#[derive(Debug, Default)]
pub(super) struct Endings([u64; 16]);

impl Endings {
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
        if let Some((word, bit)) = Self::position(suffix) {
            self.0[word] |= bit;
        }
    }

    /// Whether a file with this name may be of one of the types.
    #[inline]
    pub(super) fn may_have(&self, file_name: &OsStr) -> bool {
        let name = file_name.as_encoded_bytes();
        let name = name.strip_suffix(META_XML).unwrap_or(name);
        Self::position(name).is_some_and(|(word, bit)| self.0[word] & bit != 0)
    }

    /// The word and the bit for the last two letters, ignoring their case. Every suffix has at least
    /// two letters.
    #[inline]
    fn position(name: &[u8]) -> Option<(usize, u64)> {
        let [.., before, last] = name else {
            return None;
        };
        let at = usize::from(before & 0x1F) << 5 | usize::from(last & 0x1F);
        Some((at >> 6, 1 << (at & 63)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::text;

    #[test]
    fn names_of_types_that_share_a_suffix() {
        let mut set = TypeSet::default();
        set.insert(MetadataType::named("SiteDotCom").unwrap());
        assert!(set.may_have(OsStr::new("A.site-meta.xml")));
        assert!(!set.may_have(OsStr::new("A.site")));
        assert!(!set.may_have(OsStr::new("A.app")));
    }

    #[test]
    fn endings_never_rule_out_a_name_of_the_type() {
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
}
