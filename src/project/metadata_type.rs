//! Metadata types, and what their files are called and contain.

use std::ops::Range;

use crate::schema::{
    FOLDERED, MISNAMED, ROOTS, Structure, TYPE_COUNT, TYPES, TYPES_BY_NAME, bytes, optional_text,
    part, search, text,
};

/// A metadata type, such as `ConnectedApp`; or a suffix that people write for one although the
/// Salesforce CLI does not know it, such as `*.ecaGlobalOauth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataType(pub(super) u16);

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
