//! Components of one type, or elements of them, by their keys.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::keys::find_keys;
use super::subject::{Elements, Found, Subject};
use crate::project::SourceFile;
use crate::rule::KeyedElements;
use crate::xml::NodeId;

/// An element of a component of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexedElement {
    /// The position of the component.
    pub component: usize,
    pub node: NodeId,
}

/// Elements that conditions ask about together.
#[derive(Debug, Default)]
pub(crate) struct ElementList {
    /// Identifies a list that is not empty.
    pub id: u32,
    pub elements: Box<[IndexedElement]>,
}

/// Numbers the lists of an index.
#[derive(Debug, Default)]
pub(super) struct ListIds(AtomicU32);

impl ListIds {
    pub(super) fn list(&self, elements: Vec<IndexedElement>) -> Arc<ElementList> {
        Arc::new(ElementList {
            id: self.0.fetch_add(1, Ordering::Relaxed),
            elements: elements.into(),
        })
    }
}

/// The elements of the components of a type, by their keys.
#[derive(Default)]
pub(super) struct ElementsByKey {
    known: HashMap<String, SameKey>,
    /// `replacements` change a key, so it can be any text.
    pub some_replaced: bool,
}

/// The elements with the same key.
pub(super) struct SameKey {
    pub all: Arc<ElementList>,
    /// Empty if they are in one package directory.
    by_directory: HashMap<PathBuf, InDirectory>,
}

/// The elements with the same key in a package directory.
#[derive(Clone)]
pub(super) struct InDirectory {
    pub list: Arc<ElementList>,
    /// Components with other names, in other package directories, have the key, too.
    pub others_elsewhere: bool,
}

impl ElementsByKey {
    /// `positions` are all components of a type.
    pub(super) fn new<'s>(
        positions: impl Iterator<Item = usize>,
        subject: impl Fn(usize) -> Subject<'s>,
        to: &KeyedElements,
        ids: &ListIds,
    ) -> Self {
        let mut known: HashMap<String, Vec<IndexedElement>> = HashMap::new();
        let mut some_replaced = false;
        for component in positions {
            let subject = subject(component);
            let root = subject.document.root();
            let elements = match &to.each {
                None => Elements::from_iter([root]),
                Some(each) => match subject.find(each, root) {
                    Found::Elements(elements) => elements,
                    Found::Missing(_) => continue,
                    Found::Unknown => {
                        some_replaced = true;
                        continue;
                    }
                },
            };
            for node in elements {
                let keys = find_keys(&to.key, subject, node);
                some_replaced |= keys.some_replaced;
                for key in keys.texts {
                    let element = IndexedElement { component, node };
                    known.entry(key).or_default().push(element);
                }
            }
        }
        let file = |element: &IndexedElement| subject(element.component).file;
        let known = known.into_iter();
        Self {
            known: known
                .map(|(key, elements)| (key, SameKey::new(elements, &file, ids)))
                .collect(),
            some_replaced,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&SameKey> {
        self.known.get(key)
    }
}

impl SameKey {
    fn new<'s>(
        elements: Vec<IndexedElement>,
        file: &impl Fn(&IndexedElement) -> &'s SourceFile,
        ids: &ListIds,
    ) -> Self {
        let first = elements.first().map(|it| file(it).package_directory());
        let mut directories = elements.iter().map(|it| file(it).package_directory());
        if directories.all(|it| Some(it) == first) {
            return Self {
                all: ids.list(elements),
                by_directory: HashMap::new(),
            };
        }
        let name = |element: &IndexedElement| file(element).component.name.as_str();
        let count_names = |elements: &[IndexedElement]| {
            let names: HashSet<&str> = elements.iter().map(name).collect();
            names.len()
        };
        let names = count_names(&elements);
        let mut by_directory: HashMap<&Path, Vec<IndexedElement>> = HashMap::new();
        for element in &elements {
            let directory = file(element).package_directory();
            by_directory.entry(directory).or_default().push(*element);
        }
        let by_directory = by_directory.into_iter().map(|(directory, elements)| {
            let others_elsewhere = count_names(&elements) < names;
            let list = ids.list(elements);
            let elements = InDirectory {
                list,
                others_elsewhere,
            };
            (directory.to_owned(), elements)
        });
        Self {
            by_directory: by_directory.collect(),
            all: ids.list(elements),
        }
    }

    /// The elements in a package directory. `None` if all are in others. `directory_of` returns that of a
    /// component.
    pub(super) fn in_directory<'s>(
        &self,
        directory: &Path,
        directory_of: impl Fn(usize) -> &'s Path,
    ) -> Option<InDirectory> {
        if !self.by_directory.is_empty() {
            return self.by_directory.get(directory).cloned();
        }
        let first = self.all.elements.first()?;
        (directory_of(first.component) == directory).then(|| InDirectory {
            list: Arc::clone(&self.all),
            others_elsewhere: false,
        })
    }
}
