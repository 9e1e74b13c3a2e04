//! Parses the bytes of a metadata file, or of a piece of a component.

use crate::project::{PieceKind, SourceFile, package_directories_span};
use crate::text::display_value;
use crate::xml::{self, Document, MAX_FILE_BYTES, Malformed, Span, Tree};

/// Decodes and parses a file, and checks its root element against its suffix.
///
/// # Errors
/// If the file is malformed.
pub(crate) fn parse<'b>(
    bytes: &'b [u8],
    file: &SourceFile,
    tree: &mut Tree,
) -> Result<&'b str, Malformed> {
    if file.component.metadata_type.is_project() {
        return Ok(parse_project(bytes, tree));
    }
    let source = decode(bytes)?;
    xml::parse(source, tree)?;
    let document = Document::new(source, tree);
    let root = document.root();
    if !file.accepts_root(document.name(root)) {
        let of_piece = file.piece().and_then(PieceKind::own_root);
        let expected = of_piece.unwrap_or(file.component.metadata_type.name());
        let name = display_value("", document.name(root));
        return Err(Malformed::new(
            document.start_tag(root),
            format!("the root element is `{name}`, but the file name requires `{expected}`"),
        ));
    }
    Ok(source)
}

/// The file of a project is only the location of findings about what the project contains, so it is never malformed
/// here. Another message reports that it cannot be read.
fn parse_project<'b>(bytes: &'b [u8], tree: &mut Tree) -> &'b str {
    let source = decode(bytes).unwrap_or_default();
    if xml::parse(source, tree).is_err() {
        *tree = Tree::of_element(package_directories_span(source));
    }
    source
}

/// Decodes a file.
///
/// # Errors
/// If the file is too large or has another encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Malformed> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Malformed::new(
            Span::at(0),
            format!(
                "the file is larger than {} MiB",
                MAX_FILE_BYTES / 1024 / 1024
            ),
        ));
    }
    xml::decode(bytes)
}
