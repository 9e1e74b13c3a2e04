//! Composes the files of a decomposed component into one document, as the Salesforce CLI does before it
//! deploys them.
//!
//! The text of the document is that of all files, one after the other, so that a span leads to its file.
//! Names and values that no file has follow at the end.

use std::collections::HashMap;

use super::document::{FileRange, NONE, Node, NodeId, Run, Tree};
use crate::text::Span;

/// A parsed file of a component.
pub(crate) struct ComposedFile<'a> {
    pub text: &'a str,
    pub tree: &'a Tree,
    pub content: FileContent<'a>,
}

/// What a file contributes to the component.
#[derive(Clone, Copy)]
pub(crate) enum FileContent<'a> {
    /// The main file: its root is that of the component.
    Main,
    /// The children of its root. If they all have one name: that name.
    Children(Option<&'a str>),
    /// An element with this name, instead of that of the root.
    Element(&'a str),
    /// An element with this name and the text of the file, which is not XML.
    Text(&'a str),
    /// An element with a name and a value, of a file without text. The value is in no file.
    Encoded(&'a str, &'a str),
}

/// Composes a document. Only the first file can be the main file. Without one, the root has the position of
/// the first file's root.
pub(crate) fn compose(root_name: &str, files: &[ComposedFile<'_>]) -> (String, Tree) {
    let mut composer = Composer {
        source: texts(root_name, files),
        tree: Tree::default(),
        children: Vec::new(),
    };
    if !matches!(files.first().map(|it| it.content), Some(FileContent::Main)) {
        let name = composer.add_text(root_name);
        let first = files.first().and_then(|file| file.tree.nodes.first());
        let tag = first.map_or(Span::at(0), |root| {
            Span::new(root.span.start as usize, root.start_tag_end as usize)
        });
        composer.tree.nodes.push(Node::open(name, tag, None));
    }
    let mut start = 0;
    for file in files {
        composer.add(file, start);
        start += file.text.len();
    }
    composer.link_children();
    (composer.source, composer.tree)
}

/// The texts of all files, with capacity for the names and values.
fn texts(root_name: &str, files: &[ComposedFile<'_>]) -> String {
    let names = files.iter().map(|file| match file.content {
        FileContent::Main | FileContent::Children(None) => 0,
        FileContent::Children(Some(name))
        | FileContent::Element(name)
        | FileContent::Text(name) => name.len(),
        FileContent::Encoded(name, value) => name.len() + value.len(),
    });
    let texts = files.iter().map(|file| file.text.len());
    let capacity = root_name.len() + texts.chain(names).sum::<usize>();
    let mut source = String::with_capacity(capacity);
    source.extend(files.iter().map(|file| file.text));
    source
}

struct Composer {
    source: String,
    tree: Tree,
    /// The children of the component's root.
    children: Vec<NodeId>,
}

impl Composer {
    /// Adds a name or a value at the end of the text.
    fn add_text(&mut self, text: &str) -> Span {
        let start = self.source.len();
        self.source.push_str(text);
        Span::new(start, self.source.len())
    }

    /// Adds the elements of a file whose text begins at `start`.
    fn add(&mut self, file: &ComposedFile<'_>, start: usize) {
        let text = Span::new(start, start + file.text.len());
        let root = NodeId(self.tree.nodes.len() as u32);
        let mut holds = None;
        match file.content {
            FileContent::Text(name) => {
                let name = self.add_text(name);
                let mut node = Node::open(name, text, Some(NodeId(0)));
                node.start_tag_end = text.start;
                self.tree.nodes.push(node);
                self.children.push(root);
            }
            FileContent::Encoded(name, value) => {
                let name = self.add_text(name);
                let value = self.add_text(value);
                let mut node = Node::open(name, text, Some(NodeId(0)));
                (node.start_tag_end, node.content_end) = (value.start, value.end);
                self.tree.nodes.push(node);
                self.children.push(root);
            }
            content => {
                let nodes = file.tree.nodes.iter();
                let nodes = nodes.map(|node| node.moved(start as u32, root.0));
                self.tree.nodes.extend(nodes);
                match content {
                    FileContent::Element(name) => {
                        let name = self.add_text(name);
                        let node = &mut self.tree.nodes[root.0 as usize];
                        (node.name, node.parent) = (name, 0);
                        self.children.push(root);
                    }
                    FileContent::Children(name) => {
                        holds = name.map(|name| self.add_text(name));
                        self.adopt_children(root);
                    }
                    FileContent::Main | FileContent::Text(_) | FileContent::Encoded(..) => {
                        self.adopt_children(root);
                    }
                }
            }
        }
        self.tree.files.push(FileRange { text, root, holds });
    }

    /// Makes the children of a file's root children of the component's root.
    fn adopt_children(&mut self, root: NodeId) {
        let mut next = self.tree.nodes[root.0 as usize].first_child;
        while next != NONE {
            let child = &mut self.tree.nodes[next as usize];
            child.parent = 0;
            self.children.push(NodeId(next));
            next = child.next_sibling;
        }
    }

    /// Links the children of the component's root. Those with the same name follow each other, so that they
    /// are one run.
    fn link_children(&mut self) {
        let mut groups: HashMap<&str, usize> = HashMap::new();
        let grouped = self.children.iter().map(|&child| {
            let name = &self.source[self.tree.nodes[child.0 as usize].name.range()];
            let next = groups.len();
            (*groups.entry(name).or_insert(next), child)
        });
        let mut grouped: Vec<(usize, NodeId)> = grouped.collect();
        grouped.sort_by_key(|(group, _)| *group);
        for group in grouped.chunk_by(|one, other| one.0 == other.0) {
            let (first, last) = (group[0].1, group[group.len() - 1].1);
            self.tree.runs.push(Run {
                name: self.tree.nodes[first.0 as usize].name,
                first: first.0,
                last: last.0,
            });
        }
        for pair in grouped.windows(2) {
            self.tree.nodes[pair[0].1.0 as usize].next_sibling = pair[1].1.0;
        }
        if let Some((_, last)) = grouped.last() {
            self.tree.nodes[last.0 as usize].next_sibling = NONE;
        }
        self.tree.nodes[0].first_child = grouped.first().map_or(NONE, |(_, first)| first.0);
    }
}

impl Node {
    /// The node in a text and a tree with others before it.
    fn moved(&self, bytes: u32, nodes: u32) -> Self {
        let span =
            |span: Span| Span::new((span.start + bytes) as usize, (span.end + bytes) as usize);
        let link = |node: u32| if node == NONE { NONE } else { node + nodes };
        Self {
            name: span(self.name),
            span: span(self.span),
            start_tag_end: self.start_tag_end + bytes,
            content_end: self.content_end + bytes,
            parent: link(self.parent),
            first_child: link(self.first_child),
            next_sibling: link(self.next_sibling),
            plain: self.plain,
            nil: self.nil,
            foreign: self.foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, parse};

    fn parsed(text: &str) -> Tree {
        let mut tree = Tree::default();
        parse(text, &mut tree).unwrap();
        tree
    }

    #[test]
    fn files_become_one_document() {
        let main = "<P><!-- a --><label>L</label></P>";
        let one = "<!-- b --><U><enabled>true</enabled><name>A</name></U>";
        let many = "<P><u><name>B</name></u><o/><!-- c --><u><name>C</name></u></P>";
        let text = "a: http://b\n";
        let trees = [
            parsed(main),
            parsed(one),
            parsed(many),
            Tree::default(),
            Tree::default(),
        ];
        let texts = [main, one, many, text, ""];
        let contents = [
            FileContent::Main,
            FileContent::Element("u"),
            FileContent::Children(None),
            FileContent::Text("t"),
            FileContent::Encoded("e", "AQID"),
        ];
        for skipped in 0..2 {
            let files: Vec<ComposedFile<'_>> = (skipped..5)
                .map(|at| ComposedFile {
                    text: texts[at],
                    tree: &trees[at],
                    content: contents[at],
                })
                .collect();
            let (source, tree) = compose("P", &files);
            let document = Document::new(&source, &tree);
            let root = document.root();
            assert_eq!(document.name(root), "P");
            assert_eq!(document.has_no_main_file(), skipped == 1);
            let names: Vec<&str> = document
                .children(root)
                .map(|it| document.name(it))
                .collect();
            assert_eq!(names, ["label", "u", "u", "u", "o", "t", "e"][skipped..]);
            let of_name = |name| {
                let found = document.children_named(root, name);
                let values = found.map(|it| match document.children_named(it, "name").next() {
                    Some(name) => document.value(name).text().to_owned(),
                    None => document.value(it).text().to_owned(),
                });
                values.collect::<Vec<_>>()
            };
            assert_eq!(of_name("u"), ["A", "B", "C"]);
            assert_eq!(of_name("t"), ["a: http://b"]);
            assert_eq!(of_name("e"), ["AQID"]);
            let encoded = document.children_named(root, "e").next().unwrap();
            assert!(document.span(encoded).is_empty());
            assert_eq!(document.qualified_name(encoded), "e");
            let parents: Vec<_> = document
                .children(root)
                .map(|it| document.parent(it))
                .collect();
            assert!(parents.iter().all(|it| *it == Some(root)));
            let covered = document.comments().into_iter().map(|(comment, element)| {
                let element = document.span(element.unwrap());
                (&source[comment.range()], source[element.range()].to_owned())
            });
            let expected = [
                ("<!-- a -->", "<label>L</label>"),
                ("<!-- b -->", &one["<!-- b -->".len()..]),
                ("<!-- c -->", "<u><name>C</name></u>"),
            ];
            let expected = expected[skipped..]
                .iter()
                .map(|(comment, element)| (*comment, (*element).to_owned()));
            assert_eq!(covered.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}
