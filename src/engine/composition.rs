//! A decomposed component as one document, with the files that its text comes from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parse::{decode, parse};
use crate::project::{ComponentFiles, PieceKind, Replaced, ReplacedFile, SourceFile};
use crate::xml::{self, ComposedFile, Document, FileContent, Malformed, Span, Tree, compose};

/// The first bytes of a content file that is not text. Certificates have a few kilobytes, and the rest of a longer
/// file would not be read.
const MAX_ENCODED: usize = 1024 * 1024;

/// A decomposed component as one document.
pub(crate) struct Composition {
    pub source: String,
    pub tree: Tree,
    pub replaced: Replaced,
    /// The tree of the deployed text, if that differs.
    pub deployed_tree: Option<Tree>,
    pub files: Vec<FileText>,
}

/// A file of a component, with the offset of its text.
#[derive(Debug, Clone)]
pub(crate) struct FileText {
    /// As a location in the component.
    pub file: SourceFile,
    pub text: Span,
}

/// A file of a component that is malformed.
pub(crate) struct MalformedFile<'t> {
    /// As a location in the component.
    pub file: SourceFile,
    pub bytes: &'t [u8],
    pub reason: Malformed,
}

/// Composes a component. `texts` are the bytes of its files that could be read, in their order. Malformed
/// files are not in the document.
pub(crate) fn compose_files<'t>(
    component: &ComponentFiles,
    texts: &'t [(SourceFile, Vec<u8>)],
) -> (Composition, Vec<MalformedFile<'t>>) {
    let mut parsed = Vec::new();
    let mut malformed = Vec::new();
    for (file, bytes) in texts {
        let mut tree = Tree::default();
        let is_text = file.piece().is_some_and(PieceKind::is_text);
        let is_content = file.piece().is_some_and(PieceKind::is_content);
        let text = match is_text {
            true if is_content => match decode(bytes) {
                Ok(text) => Ok(text),
                Err(_) => {
                    parsed.push(ParsedFile::encoded(file, bytes));
                    continue;
                }
            },
            true => decode(bytes),
            false => parse(bytes, file, &mut tree),
        };
        match text {
            Ok(text) => parsed.push(ParsedFile::new(file, text, tree)),
            Err(reason) => malformed.push(MalformedFile {
                file: file.as_piece_of(&component.file.component),
                bytes,
                reason,
            }),
        }
    }
    (compose_parsed(component, parsed), malformed)
}

/// A file that is not malformed.
struct ParsedFile<'t> {
    file: &'t SourceFile,
    text: &'t str,
    tree: Tree,
    replaced: Replaced,
    /// The tree of the deployed text, if that differs.
    deployed: Option<Tree>,
    /// The Base64 of a file that is not text.
    encoded: Option<String>,
}

impl<'t> ParsedFile<'t> {
    fn new(file: &'t SourceFile, text: &'t str, tree: Tree) -> Self {
        let replaced = file.replaced(text);
        let is_text = file.piece().is_some_and(PieceKind::is_text);
        let deployed = replaced.text().map(|deployed| {
            let mut tree = Tree::default();
            if !is_text {
                // The text was parsed before, so this does not fail.
                let _ = xml::parse(deployed, &mut tree);
            }
            tree
        });
        Self {
            file,
            text,
            tree,
            replaced,
            deployed,
            encoded: None,
        }
    }

    /// A content file that is not text.
    fn encoded(file: &'t SourceFile, bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(MAX_ENCODED)];
        Self {
            file,
            text: "",
            tree: Tree::default(),
            replaced: Replaced::default(),
            deployed: None,
            encoded: Some(STANDARD.encode(bytes)),
        }
    }

    fn as_written(&self) -> ComposedFile<'_> {
        ComposedFile {
            text: self.text,
            tree: &self.tree,
            content: self.content(Document::new(self.text, &self.tree)),
        }
    }

    fn as_deployed(&self) -> ComposedFile<'_> {
        match (self.replaced.text(), &self.deployed) {
            (Some(text), Some(tree)) => ComposedFile {
                text,
                tree,
                content: self.content(Document::new(text, tree)),
            },
            _ => self.as_written(),
        }
    }

    /// What the file contributes to the component.
    fn content(&self, document: Document<'_>) -> FileContent<'_> {
        let Some(kind) = self.file.piece() else {
            return FileContent::Main;
        };
        match (kind.element(), &self.encoded) {
            (Some(element), Some(value)) => FileContent::Encoded(element, value),
            (Some(element), None) if kind.is_text() => FileContent::Text(element),
            (Some(element), _) if kind.own_root() == Some(document.name(document.root())) => {
                FileContent::Element(element)
            }
            (element, _) => FileContent::Children(element),
        }
    }
}

fn compose_parsed(component: &ComponentFiles, parsed: Vec<ParsedFile<'_>>) -> Composition {
    let whole = component.file.component.metadata_type.name();
    let written: Vec<_> = parsed.iter().map(ParsedFile::as_written).collect();
    let (source, tree) = compose(whole, &written);
    let deployed = parsed.iter().any(|it| it.deployed.is_some()).then(|| {
        let deployed: Vec<_> = parsed.iter().map(ParsedFile::as_deployed).collect();
        compose(whole, &deployed)
    });
    let mut files = Vec::new();
    let mut replaced = Vec::new();
    let (mut start, mut deployed_start) = (0, 0);
    for it in parsed {
        let text = Span::new(start, start + it.text.len());
        let length = it.replaced.text().map_or(it.text.len(), str::len);
        files.push(FileText {
            file: it.file.as_piece_of(&component.file.component),
            text,
        });
        replaced.push(ReplacedFile {
            replaced: it.replaced,
            source: text,
            deployed: Span::new(deployed_start, deployed_start + length),
        });
        start += it.text.len();
        deployed_start += length;
    }
    let (deployed_text, deployed_tree) = deployed.unzip();
    let children = match (&deployed_text, &deployed_tree) {
        (Some(text), Some(tree)) => children(Document::new(text, tree)),
        _ => children(Document::new(&source, &tree)),
    };
    let is_inside = |span: Span| {
        let after = children.partition_point(|child| child.start <= span.start);
        let before = after.checked_sub(1).map(|at| children[at]);
        before.is_some_and(|child| child.contains(span))
    };
    Composition {
        replaced: Replaced::join(replaced, deployed_text, is_inside),
        source,
        tree,
        deployed_tree,
        files,
    }
}

/// The spans of the children of the root.
fn children(document: Document<'_>) -> Vec<Span> {
    let children = document.children(document.root());
    let mut children: Vec<Span> = children.map(|child| document.span(child)).collect();
    children.sort();
    children
}

impl Composition {
    /// The document of the files' texts.
    pub(crate) fn document(&self) -> Document<'_> {
        Document::new(&self.source, &self.tree)
    }

    /// The document that is deployed.
    pub(crate) fn deployed(&self) -> Document<'_> {
        match (self.replaced.text(), &self.deployed_tree) {
            (Some(text), Some(tree)) => Document::new(text, tree),
            _ => self.document(),
        }
    }
}
