//! An index of the files of a project that conditions read.
//!
//! It is built once per project, and only if a condition needs it.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::indexed_component::IndexedComponent;
use super::subject::Subject;
use crate::project::{ComponentFiles, MetadataType, SourceFile};
use crate::rule::RuleSet;
use crate::xml::Document;

/// The components of a project that conditions can read. A component is identified by its position.
#[derive(Default)]
pub(crate) struct ComponentIndex {
    /// By type, then by path.
    components: Vec<IndexedComponent>,
    /// Files that could not be parsed or read.
    unreadable: Vec<SourceFile>,
    /// A folder could not be read, so any file may be missing.
    folder_unreadable: bool,
    keys: Mutex<HashMap<(MetadataType, String), Arc<Keys>>>,
    /// The changed files, with their new and their former texts.
    changed: Option<Box<ComponentIndex>>,
}

/// Components by the text of the element through which they refer to each other.
#[derive(Default)]
struct Keys {
    known: HashMap<String, Vec<usize>>,
    /// `replacements` change this text in a component, so it can be any text.
    some_replaced: bool,
}

/// The components that a condition is about.
pub(crate) struct RelatedComponents {
    pub components: Vec<usize>,
    /// A file that cannot be parsed may be one of them.
    pub some_unreadable: bool,
    /// A component may be one of them, because its reference is replaced at deploy.
    pub some_replaced: bool,
}

/// A file that could not be read, and why.
pub(crate) type UnreadFile = (SourceFile, io::Error);

impl ComponentIndex {
    /// Parses the components for `rules`, in the current thread pool if there is one. `read` returns the
    /// bytes of a file. Files that cannot be read are returned as well.
    pub(crate) fn build(
        mut components: Vec<ComponentFiles>,
        folder_unreadable: bool,
        rules: &RuleSet,
        read: impl Fn(&Path) -> io::Result<Vec<u8>> + Sync,
    ) -> (Self, Vec<UnreadFile>) {
        components.sort_by(|one, other| sort_key(&one.file).cmp(&sort_key(&other.file)));
        let count = components.len();
        let parse = |component: ComponentFiles| {
            if component.is_decomposed() {
                return composed(component, &read);
            }
            let file = component.file;
            match read(&file.path) {
                Ok(bytes) => Ok(IndexedComponent::parse(&file, bytes, rules, count).ok_or(file)),
                Err(error) => Err((file, error)),
            }
        };
        // Outside a pool, rayon would start its global one.
        let parsed: Vec<_> = match rayon::current_thread_index() {
            None => components.into_iter().map(parse).collect(),
            Some(_) => components.into_par_iter().map(parse).collect(),
        };
        let mut index = Self {
            folder_unreadable,
            components: Vec::with_capacity(parsed.len()),
            ..Self::default()
        };
        let mut unread = Vec::new();
        for result in parsed {
            match result {
                Ok(Ok(component)) => index.components.push(component),
                Ok(Err(malformed)) => index.unreadable.push(malformed),
                Err((file, error)) => {
                    index.unreadable.push(file.clone());
                    unread.push((file, error));
                }
            }
        }
        (index, unread)
    }

    /// Updates one file, which has these bytes now or no longer exists.
    pub(crate) fn update_file(
        &mut self,
        file: &SourceFile,
        bytes: Option<Vec<u8>>,
        rules: &RuleSet,
    ) {
        let at = self
            .components
            .partition_point(|it| sort_key(&it.file) < sort_key(file));
        let was_there = self.components.get(at).map(|it| &it.file.path) == Some(&file.path);
        let before = at..at + usize::from(was_there);
        self.unreadable.retain(|it| it.path != file.path);
        let count = self.components.len();
        let parsed = bytes.map(|bytes| IndexedComponent::parse(file, bytes, rules, count));
        let is_there = matches!(parsed, Some(Some(_)));
        match parsed {
            Some(Some(component)) => drop(self.components.splice(before, [component])),
            gone => {
                self.components.drain(before);
                self.unreadable.extend(gone.map(|_| file.clone()));
            }
        }
        let changed = file.component.metadata_type;
        let keys = self.keys.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Keys of other types stay valid as long as no component has moved.
        keys.retain(|(of, _), _| was_there == is_there && *of != changed);
    }

    /// Adds the changed files, with their new and their former texts.
    pub(crate) fn with_changed(mut self, versions: [Self; 2]) -> Self {
        let [mut changed, former] = versions;
        changed.components.extend(former.components);
        changed
            .components
            .sort_by(|one, other| sort_key(&one.file).cmp(&sort_key(&other.file)));
        changed.unreadable.extend(former.unreadable);
        self.changed = Some(Box::new(changed));
        self
    }

    /// Whether a component of a type in the package directory of `file` was changed, added or removed.
    pub(crate) fn changed_in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            changed.has_unreadable(metadata_type)
                || !changed.in_package_directory(metadata_type, file).is_empty()
        })
    }

    /// Whether a component that is related to `subject`, or may be, was changed, added or removed.
    pub(crate) fn changed_related(
        &self,
        metadata_type: MetadataType,
        by: &str,
        subject: Subject<'_>,
    ) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            let related = changed.related(metadata_type, by, subject);
            related.is_none_or(|related| {
                !related.components.is_empty() || related.some_unreadable || related.some_replaced
            })
        })
    }

    /// The component at this position.
    pub(crate) fn component(&self, position: usize) -> &IndexedComponent {
        &self.components[position]
    }

    /// The component at this position, for conditions.
    pub(crate) fn subject(&self, position: usize) -> Subject<'_> {
        let component = &self.components[position];
        Subject {
            document: Document::new(&component.source, &component.tree),
            replaced: &component.replaced,
            file: &component.file,
        }
    }

    /// Whether every file is kept as a whole, so that any rule can read it.
    pub(crate) fn is_whole(&self) -> bool {
        self.components.iter().all(IndexedComponent::is_whole)
    }

    /// Whether a file of the type could not be read or parsed, so that its content is unknown.
    pub(crate) fn has_unreadable(&self, metadata_type: MetadataType) -> bool {
        let is_of_type = |file: &SourceFile| file.component.metadata_type == metadata_type;
        self.folder_unreadable || self.unreadable.iter().any(is_of_type)
    }

    /// The components of a type in the package directory of `file`.
    pub(crate) fn in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> Vec<usize> {
        let of_type: Vec<usize> = self.of_type(metadata_type).collect();
        if of_type.is_empty() {
            return of_type;
        }
        let directory = file.package_directory();
        of_type
            .into_iter()
            .filter(|&at| self.components[at].file.package_directory() == directory)
            .collect()
    }

    fn of_type(&self, metadata_type: MetadataType) -> impl Iterator<Item = usize> {
        let type_of = |it: &IndexedComponent| it.file.component.metadata_type;
        let start = self
            .components
            .partition_point(|it| type_of(it) < metadata_type);
        let end = self
            .components
            .partition_point(|it| type_of(it) <= metadata_type);
        start..end
    }

    /// The components of a type that are related to `subject`: both have the same key. The key is the text
    /// of the element `by`, or the full name of a component without that element. `None` if the key of
    /// `subject` is unknown.
    pub(crate) fn related(
        &self,
        metadata_type: MetadataType,
        by: &str,
        subject: Subject<'_>,
    ) -> Option<RelatedComponents> {
        let key = key(subject, by)?;
        let keys = self.keys(metadata_type, by);
        Some(RelatedComponents {
            components: keys.known.get(&key).cloned().unwrap_or_default(),
            some_unreadable: self.has_unreadable(metadata_type),
            some_replaced: keys.some_replaced,
        })
    }

    fn keys(&self, metadata_type: MetadataType, by: &str) -> Arc<Keys> {
        let mut all = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = all
            .entry((metadata_type, by.to_owned()))
            .or_insert_with(|| {
                let mut keys = Keys::default();
                for position in self.of_type(metadata_type) {
                    match key(self.subject(position), by) {
                        Some(key) => keys.known.entry(key).or_default().push(position),
                        None => keys.some_replaced = true,
                    }
                }
                Arc::new(keys)
            });
        Arc::clone(keys)
    }
}

/// Reads and composes a decomposed component.
fn composed(
    component: ComponentFiles,
    read: &impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Result<IndexedComponent, SourceFile>, UnreadFile> {
    let mut texts = Vec::new();
    for file in component.files() {
        match read(&file.path) {
            Ok(bytes) => texts.push((file.clone(), bytes)),
            Err(error) => return Err((file.as_piece_of(&component.file.component), error)),
        }
    }
    Ok(IndexedComponent::compose(&component, &texts).ok_or(component.file))
}

fn sort_key(file: &SourceFile) -> (MetadataType, &Path) {
    (file.component.metadata_type, &file.path)
}

fn key(subject: Subject<'_>, by: &str) -> Option<String> {
    let document = subject.document;
    match document.children_named(document.root(), by).next() {
        Some(element) if subject.replaced.hides_content(document, element) => None,
        Some(element) => {
            // Components with an empty reference are not related.
            let value = document.value(element);
            Some(value.text().to_owned()).filter(|key| !key.is_empty())
        }
        None => Some(subject.file.component.name.clone()),
    }
}
