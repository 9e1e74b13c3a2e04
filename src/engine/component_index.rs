//! An index of the files of a project that conditions read.
//!
//! It is built once per project, and only if a condition needs it.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use rayon::prelude::*;

use super::evidence::Evaluated;
use super::indexed_component::IndexedComponent;
use super::subject::Subject;
use super::truth::Quantifier;
use crate::project::{ComponentFiles, MetadataType, SkipReason, SourceFile, TypeSet};
use crate::rule::{ConditionId, RuleSet};
use crate::xml::Document;

/// The components of a project that conditions can read. A component is identified by its position.
#[derive(Default)]
pub(crate) struct ComponentIndex {
    /// By type, then by path.
    components: Vec<IndexedComponent>,
    /// Files that could not be parsed or read, and in an audit those that an ignore file excludes.
    unreadable: Vec<SourceFile>,
    /// A folder could not be read, so any file may be missing.
    folder_unreadable: bool,
    /// The types of the unreadable files.
    unreadable_types: TypeSet,
    /// The types of those that an ignore file excludes, each with one of these ignore files.
    ignored_types: HashMap<MetadataType, SkipReason>,
    keys: Mutex<HashMap<(MetadataType, String), Arc<Keys>>>,
    directories: Mutex<HashMap<MetadataType, Arc<ByDirectory>>>,
    /// Whether several components satisfy a condition.
    answers: Mutex<HashMap<Question, Answer>>,
    /// The changed files, with their new and their former texts.
    changed: Option<Box<ComponentIndex>>,
}

/// Components by the text of the element through which they refer to each other.
#[derive(Default)]
struct Keys {
    known: HashMap<String, SameKey>,
    /// `replacements` change this text in a component, so it can be any text.
    some_replaced: bool,
}

/// The components with the same key.
#[derive(Default)]
struct SameKey {
    all: Arc<[usize]>,
    /// Empty if they are in one package directory.
    by_directory: ByDirectory,
}

/// Components by their package directories.
type ByDirectory = HashMap<PathBuf, Arc<[usize]>>;

/// A condition about several components, which has the same answer for many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub condition: ConditionId,
    pub quantifier: Quantifier,
    pub today: Date,
    /// The first of the components. A list for one condition is the only one with this component and length:
    /// it has all components with a key, or those in a package directory.
    pub first: usize,
    pub count: usize,
}

/// The answer to a question, and what it is based on.
pub(super) type Answer = Arc<Evaluated>;

/// The components that a condition is about.
pub(crate) struct RelatedComponents {
    pub components: Arc<[usize]>,
    /// A file that cannot be parsed may be one of them.
    pub some_unreadable: bool,
    /// A component may be one of them, because its reference is replaced at deploy.
    pub some_replaced: bool,
    /// If there are no `components`, those in other package directories, which may be deployed
    /// separately.
    pub elsewhere: Arc<[usize]>,
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
            if component.file.ignored_by().is_some() {
                return Ok(Err(component.file));
            }
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
                Ok(Err(malformed)) => index.add_unreadable(malformed),
                Err((file, error)) => {
                    index.add_unreadable(file.clone());
                    unread.push((file, error));
                }
            }
        }
        (index, unread)
    }

    fn add_unreadable(&mut self, file: SourceFile) {
        let metadata_type = file.component.metadata_type;
        self.unreadable_types.insert(metadata_type);
        if let Some(by) = file.ignored_by() {
            self.ignored_types.insert(metadata_type, by);
        }
        self.unreadable.push(file);
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
        self.unreadable_types = TypeSet::default();
        for file in &self.unreadable {
            self.unreadable_types.insert(file.component.metadata_type);
        }
        let changed = file.component.metadata_type;
        let keys = self.keys.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Keys of other types stay valid as long as no component has moved.
        keys.retain(|(of, _), _| was_there == is_there && *of != changed);
        let directories = self.directories.get_mut();
        let directories = directories.unwrap_or_else(PoisonError::into_inner);
        directories.retain(|of, _| was_there == is_there && *of != changed);
        let answers = self.answers.get_mut();
        answers.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Adds the changed files, with their new and their former texts.
    pub(crate) fn with_changed(mut self, versions: [Self; 2]) -> Self {
        let [mut changed, former] = versions;
        changed.components.extend(former.components);
        changed
            .components
            .sort_by(|one, other| sort_key(&one.file).cmp(&sort_key(&other.file)));
        former
            .unreadable
            .into_iter()
            .for_each(|file| changed.add_unreadable(file));
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
        self.folder_unreadable || self.unreadable_types.contains(metadata_type)
    }

    /// In an audit: the ignore file that excludes a file of the type.
    pub(crate) fn ignored_by(&self, metadata_type: MetadataType) -> Option<SkipReason> {
        self.ignored_types.get(&metadata_type).copied()
    }

    /// The components of a type in the package directory of `file`.
    pub(crate) fn in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> Arc<[usize]> {
        let lock = self.directories.lock();
        let mut all = lock.unwrap_or_else(PoisonError::into_inner);
        let by_directory = all
            .entry(metadata_type)
            .or_insert_with(|| Arc::new(self.by_directory(self.of_type(metadata_type))));
        let found = by_directory.get(file.package_directory());
        found.map(Arc::clone).unwrap_or_default()
    }

    fn by_directory(&self, positions: impl Iterator<Item = usize>) -> ByDirectory {
        let mut by_directory: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for position in positions {
            let directory = self.components[position].file.package_directory();
            match by_directory.get_mut(directory) {
                Some(positions) => positions.push(position),
                None => drop(by_directory.insert(directory.to_owned(), vec![position])),
            }
        }
        shared(by_directory)
    }

    /// The components with a key, which are at these positions.
    fn same_key(&self, positions: Vec<usize>) -> SameKey {
        let directory = |&at: &usize| self.components[at].file.package_directory();
        let mut directories = positions.iter().map(directory);
        let first = directories.next();
        let are_together = directories.all(|it| Some(it) == first);
        SameKey {
            by_directory: match are_together {
                true => ByDirectory::default(),
                false => self.by_directory(positions.iter().copied()),
            },
            all: positions.into(),
        }
    }

    /// The known answer to a question.
    pub(super) fn answer(&self, question: &Question) -> Option<Answer> {
        let answers = self.answers.lock();
        let answers = answers.unwrap_or_else(PoisonError::into_inner);
        answers.get(question).map(Arc::clone)
    }

    pub(super) fn add_answer(&self, question: Question, answer: &Answer) {
        let answers = self.answers.lock();
        let mut answers = answers.unwrap_or_else(PoisonError::into_inner);
        answers.insert(question, Arc::clone(answer));
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
        let known = keys.known.get(&key);
        Some(RelatedComponents {
            components: known.map(|it| Arc::clone(&it.all)).unwrap_or_default(),
            some_unreadable: self.has_unreadable(metadata_type),
            some_replaced: keys.some_replaced,
            elsewhere: Arc::default(),
        })
    }

    /// As [`Self::related`], but only those components that are deployed together with `subject`: from the
    /// same package directory or, between an External Client App and its policies, from any.
    pub(crate) fn related_and_deployed(
        &self,
        metadata_type: MetadataType,
        by: &str,
        subject: Subject<'_>,
    ) -> Option<RelatedComponents> {
        let mut related = self.related(metadata_type, by, subject)?;
        let of_subject = subject.file.component.metadata_type;
        let Some(&first) = related.components.first() else {
            return Some(related);
        };
        if metadata_type.is_app_policy() || of_subject.is_app_policy() {
            return Some(related);
        }
        let key = key(subject, by)?;
        let keys = self.keys(metadata_type, by);
        let by_directory = keys.known.get(&key).map(|it| &it.by_directory);
        let by_directory = by_directory.filter(|it| !it.is_empty());
        let together = match by_directory {
            Some(by_directory) => by_directory.get(subject.file.package_directory()).cloned(),
            None if self.is_elsewhere(first, subject) => None,
            None => Some(Arc::clone(&related.components)),
        };
        match together {
            Some(together) => related.components = together,
            None => related.elsewhere = std::mem::take(&mut related.components),
        }
        Some(related)
    }

    /// Whether the component at this position is in another package directory than `subject`.
    pub(crate) fn is_elsewhere(&self, position: usize, subject: Subject<'_>) -> bool {
        let file = &self.components[position].file;
        file.package_directory() != subject.file.package_directory()
    }

    fn keys(&self, metadata_type: MetadataType, by: &str) -> Arc<Keys> {
        let mut all = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = all
            .entry((metadata_type, by.to_owned()))
            .or_insert_with(|| {
                let mut known: HashMap<String, Vec<usize>> = HashMap::new();
                let mut some_replaced = false;
                for position in self.of_type(metadata_type) {
                    match key(self.subject(position), by) {
                        Some(key) => known.entry(key).or_default().push(position),
                        None => some_replaced = true,
                    }
                }
                let known = known.into_iter();
                Arc::new(Keys {
                    known: known
                        .map(|(key, positions)| (key, self.same_key(positions)))
                        .collect(),
                    some_replaced,
                })
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

fn shared<K: Eq + Hash>(lists: HashMap<K, Vec<usize>>) -> HashMap<K, Arc<[usize]>> {
    let lists = lists.into_iter();
    lists.map(|(key, list)| (key, list.into())).collect()
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
