//! An index of the files of a project that conditions read.
//!
//! It is built once per project, and only if a condition needs it.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use rayon::prelude::*;

use super::evidence::{Evaluated, Tally};
use super::indexed_component::IndexedComponent;
use super::keyed_elements::{ElementList, ElementsByKey, IndexedElement, ListIds};
use super::keys::FoundKeys;
use super::long_texts::{LongText, LongTexts};
use super::subject::Subject;
use super::truth::Quantifier;
use crate::project::{ComponentFiles, MetadataType, SkipReason, SourceFile, TypeSet};
use crate::rule::{ConditionId, Join, KeyedElements, RuleSet};
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
    /// By the type and by what is looked up: few of each, because they are those of all rules.
    by_key: Mutex<HashMap<MetadataType, Vec<Lookup>>>,
    directories: Mutex<HashMap<MetadataType, Arc<ByDirectory>>>,
    lists: ListIds,
    long_texts: LongTexts,
    answers: Mutex<HashMap<Question, Arc<Evaluated>>>,
    tallies: Mutex<HashMap<Question, Arc<Tally>>>,
    /// The changed files, with their new and their former texts.
    changed: Option<Box<ComponentIndex>>,
    /// The types and package directories whose first component was added, or whose last was removed.
    first_or_last: HashSet<(MetadataType, PathBuf)>,
}

/// What is looked up, and the elements by their keys.
type Lookup = (KeyedElements, Arc<ElementsByKey>);

/// Components by their package directories.
type ByDirectory = HashMap<PathBuf, Arc<ElementList>>;

/// A condition that has the same answer for many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub condition: ConditionId,
    pub quantifier: Quantifier,
    pub today: Date,
    pub about: About,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum About {
    /// The list with this id.
    List(u32),
    /// The component at this position.
    Component(usize),
}

/// The components, or their elements, that a condition is about.
pub(crate) struct RelatedElements {
    pub list: Arc<ElementList>,
    /// A file that cannot be parsed may be one of them.
    pub some_unreadable: bool,
    /// A component may be one of them, because its reference is replaced at deploy.
    pub some_replaced: bool,
    /// All with the key, if some are in other package directories, which may be deployed separately, and are
    /// not a copy of one in `list`.
    pub elsewhere: Arc<ElementList>,
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
        self.long_texts.clear();
        self.unreadable_types = TypeSet::default();
        for file in &self.unreadable {
            self.unreadable_types.insert(file.component.metadata_type);
        }
        let changed = file.component.metadata_type;
        let by_key = self.by_key.get_mut();
        // Those of other types stay valid as long as no component has moved.
        by_key
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|of, _| was_there == is_there && *of != changed);
        let directories = self.directories.get_mut();
        let directories = directories.unwrap_or_else(PoisonError::into_inner);
        directories.retain(|of, _| was_there == is_there && *of != changed);
        let answers = self.answers.get_mut();
        answers.unwrap_or_else(PoisonError::into_inner).clear();
        let tallies = self.tallies.get_mut();
        tallies.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Adds the changed files, with their new and their former texts.
    pub(crate) fn with_changed(mut self, versions: [Self; 2]) -> Self {
        let [mut changed, former] = versions;
        self.first_or_last = self.changes_of_existence(&changed, &former);
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

    /// The types and package directories that have components only before or only after the change.
    fn changes_of_existence(&self, new: &Self, former: &Self) -> HashSet<(MetadataType, PathBuf)> {
        fn place(it: &IndexedComponent) -> (MetadataType, &Path) {
            (it.file.component.metadata_type, it.file.package_directory())
        }
        let new_paths: HashSet<&Path> = new.components.iter().map(|it| &*it.file.path).collect();
        let unchanged = self.components.iter();
        let unchanged = unchanged.filter(|it| !new_paths.contains(&*it.file.path));
        let before: HashSet<_> = former
            .components
            .iter()
            .chain(unchanged)
            .map(place)
            .collect();
        let now: HashSet<_> = self.components.iter().map(place).collect();
        let different = before.symmetric_difference(&now);
        different
            .map(|(of, folder)| (*of, (*folder).to_owned()))
            .collect()
    }

    /// Whether the first component of a type in the package directory of `file` was added, or the last removed.
    pub(crate) fn changed_existence(&self, metadata_type: MetadataType, file: &SourceFile) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            let key = (metadata_type, file.package_directory().to_owned());
            changed.has_unreadable(metadata_type) || self.first_or_last.contains(&key)
        })
    }

    /// Whether a component of a type in the package directory of `file` was changed, added or removed.
    pub(crate) fn changed_in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            changed.has_unreadable(metadata_type)
                || changed.has_in_package_directory(metadata_type, file)
        })
    }

    /// Whether a component that is related by one of `keys`, or may be, was changed, added or removed.
    pub(crate) fn changed_related(
        &self,
        metadata_type: MetadataType,
        join: &Join,
        keys: &FoundKeys,
    ) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            let by_key = changed.by_key(metadata_type, &join.to);
            let mut texts = keys.texts.iter();
            changed.has_unreadable(metadata_type)
                || by_key.some_replaced
                || (keys.some_replaced && changed.of_type(metadata_type).next().is_some())
                || texts.any(|key| by_key.get(key).is_some())
        })
    }

    /// The component at this position.
    pub(crate) fn component(&self, position: usize) -> &IndexedComponent {
        &self.components[position]
    }

    /// The text of the component at this position, if it is one long file. `read` returns the bytes of a file.
    pub(crate) fn long_text(
        &self,
        position: usize,
        read: impl FnOnce(&Path) -> io::Result<Vec<u8>>,
    ) -> Option<Arc<LongText>> {
        if let Some(known) = self.long_texts.get(position) {
            return Some(known);
        }
        let component = self.component(position);
        let is_long = component.files.is_empty() && component.is_long();
        is_long.then(|| self.long_texts.keep(position, &component.text(read)))?
    }

    /// The component at this position, for conditions.
    pub(crate) fn subject(&self, position: usize) -> Subject<'_> {
        let component = &self.components[position];
        Subject {
            is_piece: false,
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

    /// Whether there is a component of a type in the package directory of `file`.
    pub(crate) fn has_in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> bool {
        let list = self.in_package_directory(metadata_type, file);
        !list.elements.is_empty()
    }

    /// The components of a type in the package directory of `file`. If that is an `sfdx-project.json`: in all of the
    /// project.
    pub(crate) fn in_package_directory(
        &self,
        metadata_type: MetadataType,
        file: &SourceFile,
    ) -> Arc<ElementList> {
        if file.component.metadata_type.is_project() && file.is_packaged() {
            return self.in_project(metadata_type);
        }
        let lock = self.directories.lock();
        let mut all = lock.unwrap_or_else(PoisonError::into_inner);
        let by_directory = all
            .entry(metadata_type)
            .or_insert_with(|| Arc::new(self.by_directory(metadata_type)));
        let found = by_directory.get(file.package_directory());
        found.map(Arc::clone).unwrap_or_default()
    }

    /// The list is not kept, because few conditions need it.
    fn in_project(&self, metadata_type: MetadataType) -> Arc<ElementList> {
        let elements = self.of_type(metadata_type).map(|component| IndexedElement {
            component,
            node: self.subject(component).document.root(),
        });
        let elements: Vec<_> = elements.collect();
        match elements.is_empty() {
            true => Arc::default(),
            false => self.lists.list(elements),
        }
    }

    fn by_directory(&self, metadata_type: MetadataType) -> ByDirectory {
        let mut by_directory: HashMap<&Path, Vec<IndexedElement>> = HashMap::new();
        for component in self.of_type(metadata_type) {
            let directory = self.components[component].file.package_directory();
            let node = self.subject(component).document.root();
            let elements = by_directory.entry(directory).or_default();
            elements.push(IndexedElement { component, node });
        }
        let by_directory = by_directory.into_iter();
        by_directory
            .map(|(directory, elements)| (directory.to_owned(), self.lists.list(elements)))
            .collect()
    }

    /// The known answer to a question.
    pub(super) fn answer(&self, question: &Question) -> Option<Arc<Evaluated>> {
        let answers = self.answers.lock();
        let answers = answers.unwrap_or_else(PoisonError::into_inner);
        answers.get(question).map(Arc::clone)
    }

    pub(super) fn add_answer(&self, question: Question, answer: &Arc<Evaluated>) {
        let answers = self.answers.lock();
        let mut answers = answers.unwrap_or_else(PoisonError::into_inner);
        answers.insert(question, Arc::clone(answer));
    }

    /// The known number of elements that satisfy a condition.
    pub(super) fn tally(&self, question: &Question) -> Option<Arc<Tally>> {
        let tallies = self.tallies.lock();
        let tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        tallies.get(question).map(Arc::clone)
    }

    pub(super) fn add_tally(&self, question: Question, tally: &Arc<Tally>) {
        let tallies = self.tallies.lock();
        let mut tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        tallies.insert(question, Arc::clone(tally));
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

    /// The components of a type that have the key, and are deployed together with `subject`: from the same
    /// package directory or, between an External Client App and its policies, from any.
    pub(crate) fn related(
        &self,
        metadata_type: MetadataType,
        join: &Join,
        key: &str,
        subject: Subject<'_>,
    ) -> RelatedElements {
        let by_key = self.by_key(metadata_type, &join.to);
        let mut related = RelatedElements {
            list: Arc::default(),
            some_unreadable: self.has_unreadable(metadata_type),
            some_replaced: by_key.some_replaced,
            elsewhere: Arc::default(),
        };
        let Some(same_key) = by_key.get(key) else {
            return related;
        };
        let of_subject = subject.file.component.metadata_type;
        if metadata_type.is_app_policy() || of_subject.is_app_policy() {
            related.list = Arc::clone(&same_key.all);
            return related;
        }
        let directory_of = |at: usize| self.components[at].file.package_directory();
        let together = same_key.in_directory(subject.file.package_directory(), directory_of);
        // One that is deployed together is the related one, if there can only be one.
        let has_others = together
            .as_ref()
            .is_none_or(|together| together.others_elsewhere && !join.is_one_to_one);
        if has_others {
            related.elsewhere = Arc::clone(&same_key.all);
        }
        related.list = together.map(|it| it.list).unwrap_or_default();
        related
    }

    /// Whether the component at this position is in another package directory than `subject`.
    pub(crate) fn is_elsewhere(&self, position: usize, subject: Subject<'_>) -> bool {
        let file = &self.components[position].file;
        file.package_directory() != subject.file.package_directory()
    }

    fn by_key(&self, metadata_type: MetadataType, to: &KeyedElements) -> Arc<ElementsByKey> {
        let mut all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = all.entry(metadata_type).or_default();
        if let Some((_, known)) = of_type.iter().find(|(known, _)| known == to) {
            return Arc::clone(known);
        }
        let positions = self.of_type(metadata_type);
        let subject = |position: usize| self.subject(position);
        let by_key = ElementsByKey::new(positions, subject, to, &self.lists);
        let by_key = Arc::new(by_key);
        of_type.push((to.clone(), Arc::clone(&by_key)));
        by_key
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
