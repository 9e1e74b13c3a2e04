//! What the other files of a project say.
//!
//! In: the files of the types that conditions ask about. Out: [`Facts`], gathered once for a
//! project and only when a finding needs them.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::conditions::Scene;
use super::indexed_component::Fact;
use crate::project::{MetadataType, SourceFile};
use crate::rule::RuleSet;
use crate::xml::Document;

/// Components by the text of the element through which they name each other.
#[derive(Default)]
struct Keys {
    known: HashMap<String, Vec<usize>>,
    /// For some component that text is replaced at deploy, so that it may be anything.
    some_replaced: bool,
}

/// The components that a condition about other files asks.
pub(crate) struct Partners {
    /// Their places among the facts.
    pub facts: Vec<usize>,
    /// A file that cannot be parsed may be one of them.
    pub some_unreadable: bool,
    /// A component may be one of them, but whom it belongs to is replaced at deploy.
    pub some_replaced: bool,
}

/// Every component of a project that conditions ask about.
#[derive(Default)]
pub(crate) struct Facts {
    /// By type, and then by path.
    facts: Vec<Fact>,
    /// Files that could not be parsed or read.
    unreadable: Vec<SourceFile>,
    /// A folder could not be read, so that any file may be missing.
    folder_unreadable: bool,
    keys: Mutex<HashMap<(MetadataType, String), Arc<Keys>>>,
    /// What the files that changed say, and what they said before.
    changed: Option<Box<Facts>>,
}

impl Facts {
    /// Reads the files for `rules`, on the current thread pool if there is one. `read` gives a file's
    /// bytes; files that it cannot give are returned with the reason.
    pub(crate) fn gather(
        mut files: Vec<SourceFile>,
        folder_unreadable: bool,
        rules: &RuleSet,
        read: impl Fn(&Path) -> io::Result<Vec<u8>> + Sync,
    ) -> (Self, Vec<(SourceFile, io::Error)>) {
        files.sort_by(|one, other| place(one).cmp(&place(other)));
        let count = files.len();
        let parsed = |file: SourceFile| match read(&file.path) {
            Ok(bytes) => Ok(Fact::parse(&file, bytes, rules, count).ok_or(file)),
            Err(error) => Err((file, error)),
        };
        // Outside of a pool rayon would start one.
        let gathered: Vec<_> = match rayon::current_thread_index() {
            None => files.into_iter().map(parsed).collect(),
            Some(_) => files.into_par_iter().map(parsed).collect(),
        };
        let mut facts = Self {
            folder_unreadable,
            ..Self::default()
        };
        let mut unread = Vec::new();
        for fact in gathered {
            match fact {
                Ok(Ok(fact)) => facts.facts.push(fact),
                Ok(Err(file)) => facts.unreadable.push(file),
                Err((file, error)) => {
                    facts.unreadable.push(file.clone());
                    unread.push((file, error));
                }
            }
        }
        (facts, unread)
    }

    /// Takes note that one file changed: it holds these bytes now, or is not there any more.
    pub(crate) fn note_file(&mut self, file: &SourceFile, now: Option<Vec<u8>>, rules: &RuleSet) {
        let at = self
            .facts
            .partition_point(|it| place(&it.file) < place(file));
        let was_there = self.facts.get(at).map(|it| &it.file.path) == Some(&file.path);
        let before = at..at + usize::from(was_there);
        self.unreadable.retain(|it| it.path != file.path);
        let fact = now.map(|bytes| Fact::parse(file, bytes, rules, self.facts.len()));
        let is_there = matches!(fact, Some(Some(_)));
        match fact {
            Some(Some(fact)) => drop(self.facts.splice(before, [fact])),
            gone => {
                self.facts.drain(before);
                self.unreadable.extend(gone.map(|_| file.clone()));
            }
        }
        let changed = file.component.metadata_type;
        let keys = self.keys.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Keys of other types stay right as long as every fact stays in its place.
        keys.retain(|(of, _), _| was_there == is_there && *of != changed);
    }

    /// The same facts with those of the files that changed, in their new and their former texts.
    pub(crate) fn with_changed(mut self, versions: [Self; 2]) -> Self {
        let [mut changed, former] = versions;
        changed.facts.extend(former.facts);
        changed
            .facts
            .sort_by(|one, other| place(&one.file).cmp(&place(&other.file)));
        changed.unreadable.extend(former.unreadable);
        self.changed = Some(Box::new(changed));
        self
    }

    /// Whether a component of a type in the package directory of `file` changed, came or went.
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

    /// Whether a component changed, came or went that belongs to the one of `scene`, or may.
    pub(crate) fn changed_related(
        &self,
        metadata_type: MetadataType,
        by: &str,
        scene: Scene<'_>,
    ) -> bool {
        self.changed.as_ref().is_some_and(|changed| {
            let partners = changed.related(metadata_type, by, scene);
            partners.is_none_or(|partners| {
                !partners.facts.is_empty() || partners.some_unreadable || partners.some_replaced
            })
        })
    }

    /// What conditions about the fact at this place look at.
    pub(crate) fn scene(&self, fact: usize) -> Scene<'_> {
        let place = fact;
        let fact = &self.facts[place];
        Scene {
            document: Document::new(&fact.source, &fact.tree),
            replaced: &fact.replaced,
            file: &fact.file,
            facts: Some(self),
            fact: Some(place),
            answers: None,
            is_renamed: false,
        }
    }

    /// The fact at this place.
    pub(crate) fn fact(&self, place: usize) -> &Fact {
        &self.facts[place]
    }

    /// Whether every file is kept whole, so that any rules can ask about it.
    pub(crate) fn are_whole(&self) -> bool {
        self.facts.iter().all(Fact::is_whole)
    }

    /// Whether a file of the type may have said anything, because it could not be read or parsed.
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
            .filter(|&fact| self.facts[fact].file.package_directory() == directory)
            .collect()
    }

    fn of_type(&self, metadata_type: MetadataType) -> impl Iterator<Item = usize> {
        let type_of = |fact: &Fact| fact.file.component.metadata_type;
        let start = self.facts.partition_point(|it| type_of(it) < metadata_type);
        let end = self
            .facts
            .partition_point(|it| type_of(it) <= metadata_type);
        start..end
    }

    /// The components of a type that belong together with the one of `scene`: both have the same
    /// key, which is the text of the element `by`, or for a component without that element its own
    /// full name. `None` when this component's key is unknown.
    pub(crate) fn related(
        &self,
        metadata_type: MetadataType,
        by: &str,
        scene: Scene<'_>,
    ) -> Option<Partners> {
        let key = key(scene, by)?;
        let keys = self.keys(metadata_type, by);
        Some(Partners {
            facts: keys.known.get(&key).cloned().unwrap_or_default(),
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
                for fact in self.of_type(metadata_type) {
                    match key(self.scene(fact), by) {
                        Some(key) => keys.known.entry(key).or_default().push(fact),
                        None => keys.some_replaced = true,
                    }
                }
                Arc::new(keys)
            });
        Arc::clone(keys)
    }
}

/// Where a file stands among the facts.
fn place(file: &SourceFile) -> (MetadataType, &Path) {
    (file.component.metadata_type, &file.path)
}

fn key(scene: Scene<'_>, by: &str) -> Option<String> {
    let document = scene.document;
    match document.children_named(document.root(), by).next() {
        Some(element) if scene.replaced.hides_content(document, element) => None,
        Some(element) => {
            // Components that name nobody do not belong together.
            let value = document.value(element);
            Some(value.text().to_owned()).filter(|key| !key.is_empty())
        }
        None => Some(scene.file.component.name.clone()),
    }
}
