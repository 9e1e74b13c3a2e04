//! A decomposed component as one document, with the files that its text comes from.

use super::parse::{decode, parse};
use crate::project::{ComponentFiles, PieceKind, Replaced, SourceFile};
use crate::xml::{ComposedFile, Document, FileContent, Malformed, Span, Tree, compose};

/// A decomposed component as one document.
pub(crate) struct Composition {
    pub source: String,
    pub tree: Tree,
    pub replaced: Replaced,
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
        let text = match is_text {
            true => decode(bytes),
            false => parse(bytes, file, &mut tree),
        };
        match text {
            Ok(text) => parsed.push((file, text, tree)),
            Err(reason) => malformed.push(MalformedFile {
                file: file.as_piece_of(&component.file.component),
                bytes,
                reason,
            }),
        }
    }
    let whole = component.file.component.metadata_type.name();
    let composed = parsed.iter().map(|(file, text, tree)| ComposedFile {
        text,
        tree,
        content: content(file, Document::new(text, tree)),
    });
    let (source, tree) = compose(whole, &composed.collect::<Vec<_>>());
    let mut composition = Composition {
        source,
        tree,
        replaced: Replaced::default(),
        files: Vec::new(),
    };
    let mut replaced = Vec::new();
    let mut start = 0;
    for (file, text, _) in &parsed {
        replaced.push((start, file.replaced(text)));
        composition.files.push(FileText {
            file: file.as_piece_of(&component.file.component),
            text: Span::new(start, start + text.len()),
        });
        start += text.len();
    }
    composition.add_replaced(replaced);
    (composition, malformed)
}

/// What a file contributes to the component.
fn content<'f>(file: &SourceFile, document: Document<'_>) -> FileContent<'f> {
    let Some(kind) = file.piece() else {
        return FileContent::Main;
    };
    match kind.element() {
        Some(element) if kind.is_text() => FileContent::Text(element),
        Some(element) if kind.own_root() == Some(document.name(document.root())) => {
            FileContent::Element(element)
        }
        element => FileContent::Children(element),
    }
}

impl Composition {
    pub(crate) fn document(&self) -> Document<'_> {
        Document::new(&self.source, &self.tree)
    }

    /// Adds what `replacements` change in the files, each with the offset of its text.
    fn add_replaced(&mut self, mut of_files: Vec<(usize, Replaced)>) {
        of_files.retain(|(_, replaced)| !replaced.is_empty());
        if of_files.is_empty() {
            return;
        }
        let document = Document::new(&self.source, &self.tree);
        let root = document.root();
        let mut children: Vec<Span> = document
            .children(root)
            .map(|child| document.span(child))
            .collect();
        children.sort();
        let is_inside = |span: Span| {
            let after = children.partition_point(|child| child.start <= span.start);
            let before = after.checked_sub(1).map(|at| children[at]);
            before.is_some_and(|child| child.contains(span))
        };
        let tag = document.start_tag(root);
        for (start, of_file) in of_files {
            self.replaced.append(of_file, start, tag, &is_inside);
        }
    }
}
