//! Sets of metadata types, and tests whether a file name can belong to one of the types.

use super::classify::Named;
use super::metadata_type::MetadataType;
use crate::schema::TYPE_COUNT;

/// A set of metadata types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeSet([u64; TYPE_COUNT.div_ceil(64)]);

impl TypeSet {
    #[inline]
    pub fn contains(&self, metadata_type: MetadataType) -> bool {
        let at = metadata_type.index();
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    /// All types.
    pub fn all() -> Self {
        let mut all = Self::default();
        MetadataType::all().for_each(|it| all.insert(it));
        all
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
    pub fn may_have(&self, file_name: &[u8]) -> bool {
        let Some(named) = Named::read(file_name) else {
            return false;
        };
        let settings = named.settings();
        settings.is_some_and(|it| self.contains(it))
            || named
                .claims()
                .any(|claim| named.is_xml_of(claim) && self.contains(claim.metadata_type()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_that_share_a_suffix() {
        let mut set = TypeSet::default();
        set.insert(MetadataType::named("SiteDotCom").unwrap());
        assert!(set.may_have(b"A.site-meta.xml"));
        assert!(!set.may_have(b"A.site"));
        assert!(!set.may_have(b"A.app"));
    }
}
