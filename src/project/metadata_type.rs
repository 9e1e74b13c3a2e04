//! Metadata types, and what their files are called and contain.

use std::ops::Range;
use std::sync::LazyLock;

use crate::schema::{
    CLAIMS, FOLDERED, MISNAMED, PIECE_ONLY, ROOTS, Structure, TYPE_COUNT, TYPES, TYPES_BY_NAME,
    bytes, optional_text, part, search, text,
};

/// What rules call the project itself.
const PROJECT: &str = "Project";

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

    /// The name. For a wrong suffix, the name of the intended type.
    pub fn name(self) -> &'static str {
        text(self.row()[1])
    }

    /// Whether it is not a metadata type, but the project itself, which has no fields.
    pub fn is_project(self) -> bool {
        self.name() == PROJECT
    }

    /// The project itself.
    pub fn project() -> Self {
        static FOUND: LazyLock<MetadataType> = LazyLock::new(|| {
            MetadataType::named(PROJECT).expect("the generated table has the project")
        });
        *FOUND
    }

    /// Index in tables with one entry per type.
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

    /// The right suffix for a wrong one.
    pub fn right_suffix(self) -> Option<&'static str> {
        let meant = Self::named(self.name()).filter(|_| self.is_misnamed())?;
        meant.suffix()
    }

    /// The suffix of its files, the most common one if there are several; `None` if no XML file has the type.
    pub fn suffix(self) -> Option<&'static str> {
        optional_text(self.row()[2])
    }

    /// All suffixes of its files: a bundle has several.
    pub fn suffixes(self) -> Vec<&'static str> {
        if self.is_settings() {
            return self.suffix().into_iter().collect();
        }
        let own = |row: &&[u16; 4]| row[0] == self.0 && row[2] & PIECE_ONLY == 0;
        CLAIMS.iter().filter(own).map(|row| text(row[1])).collect()
    }

    /// The folder where the Salesforce CLI puts its files.
    pub fn folder(self) -> &'static str {
        text(self.row()[3])
    }

    /// The folder above its folder, such as `objects`, for a part of a component with its own folder,
    /// such as a custom field.
    pub fn within(self) -> Option<&'static str> {
        optional_text(self.row()[7])
    }

    /// Whether the folders below [`Self::folder`] are part of a component's full name, as those of
    /// reports are.
    pub fn is_foldered(self) -> bool {
        self.row()[5] & FOLDERED != 0
    }

    /// For a settings type, which has one component per org: its name, such as `Security`.
    pub fn settings_name(self) -> Option<&'static str> {
        optional_text(self.row()[4])
    }

    /// Whether it is a settings type.
    pub fn is_settings(self) -> bool {
        self.settings_name().is_some()
    }

    /// The type of the app that it is or that it describes a part of, such as `ExternalClientApplication` of
    /// `ExtlClntAppOauthSettings`.
    pub fn app(self) -> Option<&'static str> {
        match self.name() {
            "ConnectedApp" => Some("ConnectedApp"),
            "ExternalClientApplication" => Some("ExternalClientApplication"),
            part if part.starts_with("ExtlClntApp") => Some("ExternalClientApplication"),
            _ => None,
        }
    }

    /// Whether it is the policies of an External Client App. They are per org, so projects often deploy
    /// them from another package directory than the app.
    pub fn is_app_policy(self) -> bool {
        self.name().starts_with("ExtlClntApp") && self.name().ends_with("ConfigurablePolicies")
    }

    /// The name of the source-format file of the component `name`.
    pub fn file_name(self, name: &str) -> String {
        self.file_name_with_suffix(name, self.suffix().unwrap_or(self.name()))
    }

    /// The name of the source-format file of the component `name` with this suffix of the type.
    pub fn file_name_with_suffix(self, name: &str, suffix: &str) -> String {
        let stem = optional_text(self.row()[4]).unwrap_or(name);
        format!("{stem}.{suffix}-meta.xml")
    }

    fn root_rows(self) -> Range<usize> {
        part(&TYPES, self.0, 6)
    }

    /// The names of the root element of its files: the type's name.
    pub fn roots(self) -> impl Iterator<Item = &'static str> {
        self.root_rows().map(|at| text(ROOTS[at][0]))
    }

    /// Whether this can be the root element. In a file with a wrong suffix, any element can.
    pub fn accepts_root(self, root: &str) -> bool {
        self.is_misnamed() || self.roots().any(|it| it == root)
    }

    /// The structure of its files below that root element; `None` for types that are not in the
    /// Metadata WSDL.
    pub fn structure(self, root: &str) -> Option<Structure> {
        let rows = self.root_rows();
        let first = rows.start;
        let own = rows.into_iter().find(|&at| text(ROOTS[at][0]) == root);
        Structure::at(ROOTS[own.unwrap_or(first)][1])
    }

    /// The structures of its files: one for each root element.
    pub fn structures(self) -> Vec<Structure> {
        let rows = self.root_rows();
        rows.filter_map(|at| Structure::at(ROOTS[at][1])).collect()
    }
}
