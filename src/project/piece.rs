//! Pieces: files that make up a component together, as `sourceBehaviorOptions` of `sfdx-project.json` and
//! custom objects have them.

use std::sync::LazyLock;

use super::metadata_type::MetadataType;
use crate::schema::{NONE, PIECES, TEXT_PIECE, optional_text, text};

/// A kind of file that is a piece of a component, such as the fields of custom objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PieceKind(u16);

impl PieceKind {
    /// The kind at an index in the table, unless it is [`NONE`].
    pub(super) fn at(at: u16) -> Option<Self> {
        (at != NONE).then_some(Self(at))
    }

    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..PIECES.len() as u16).map(Self)
    }

    fn row(self) -> &'static [u16; 5] {
        &PIECES[usize::from(self.0)]
    }

    /// The type of the component.
    pub fn whole(self) -> MetadataType {
        MetadataType(self.row()[0])
    }

    /// The element of the component that the piece has. `None` if it has elements of several names.
    pub fn element(self) -> Option<&'static str> {
        optional_text(self.row()[1])
    }

    /// The root element of a file that has one element of the component. `None` if it always has the root
    /// of the whole.
    pub fn own_root(self) -> Option<&'static str> {
        optional_text(self.row()[2])
    }

    /// The suffix of its files.
    pub fn suffix(self) -> &'static str {
        text(self.row()[4])
    }

    /// The piece is the text of its element, not XML.
    pub fn is_text(self) -> bool {
        self.row()[3] & TEXT_PIECE != 0
    }

    /// The piece is the content file beside the main file, whose name is that of the content with `-meta.xml`.
    /// The CLI copies both.
    pub(crate) fn is_content(self) -> bool {
        self.is_text() && self.whole().suffix() == Some(self.suffix())
    }

    /// The element of a type that has the text of its content file.
    pub(crate) fn content_element(whole: MetadataType) -> Option<&'static str> {
        let mut contents = Self::all().filter(|kind| kind.is_content());
        let content = contents.find(|kind| kind.whole() == whole)?;
        content.element()
    }

    /// Whether components of a type can have pieces that are text, beside their main file.
    pub(super) fn are_text_in(whole: MetadataType) -> bool {
        static WHOLES: LazyLock<Vec<MetadataType>> = LazyLock::new(|| {
            let kinds = PieceKind::all().filter(|kind| kind.is_text());
            kinds.map(PieceKind::whole).collect()
        });
        WHOLES.contains(&whole)
    }

    /// Whether this can be the root element of a piece: its own or, if the piece is not a component itself,
    /// that of the whole.
    pub fn accepts_root(self, root: &str) -> bool {
        self.own_root() == Some(root)
            || (self.component_type().is_none() && self.whole().accepts_root(root))
    }

    /// The type of the pieces, if they are components themselves, such as `CustomField`.
    pub(crate) fn component_type(self) -> Option<MetadataType> {
        let own = MetadataType::named(self.own_root()?)?;
        // A piece of a permission set can have the root `CustomPermission`, but it is not one.
        (own.within() == Some(self.whole().folder())).then_some(own)
    }
}
