//! What files have to do with each other in a run.
//!
//! In: a [`Sphere`], and which files changed. Out: the [`Facts`] of its files, gathered once; and of
//! the files that did not change those whose findings may have, because a file changed that they
//! ask about.
//!
//! A finding of such a file counts if a condition on its way asked about a component that changed,
//! came or went (or got its name), whatever the answer was: evidence that is gone leaves no trace in the finding, and
//! a settings file that no longer lowers a severity is just what a reviewer has to see.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::linter::{Linter, lock};
use super::partial_report::{Gathered, Seen, Sphere};
use crate::engine::Facts;
use crate::finding::{Report, RunError};
use crate::git::Changes;
use crate::project::{Project, SourceFile, Targets, TypeSet, Wanted, walk, walk_unasked};

/// So many files are read and parsed on the thread that asks for them.
const FILES_ALONE: usize = 4;

impl Linter {
    /// Whether all findings of a file count: it changed, or nobody asked what did.
    pub(crate) fn is_changed(&self, file: &SourceFile) -> bool {
        let changes = self.changes.as_deref();
        changes.is_none_or(|changes| changes.has(&file.path))
    }

    /// What the other files of a project say, of the types that are `asked` about at least. `seen`
    /// has those files if a walk met all of them.
    pub(crate) fn facts(
        &self,
        sphere: &Sphere,
        project: &Arc<Project>,
        asked: TypeSet,
        seen: Option<Seen>,
    ) -> Arc<Facts> {
        let mut asked = asked;
        if let Some((known, facts)) = lock(&self.facts).get(sphere) {
            if known.has_all_of(asked) {
                return Arc::clone(facts);
            }
            asked = asked.union(*known);
        }
        let mut errors = Vec::new();
        let mut seen =
            seen.unwrap_or_else(|| self.look_around(sphere, project, asked, &mut errors));
        self.add_unsaved(sphere, &mut seen);
        let is_asked = |file: &SourceFile| asked.contains(file.component.metadata_type);
        seen.files.retain(is_asked);
        let count = seen.files.len();
        let gather = || {
            let read = |path: &Path| self.read_text(path);
            Facts::gather(seen.files, seen.folder_unreadable, &self.rules, read)
        };
        let (mut facts, unread) = match count {
            // Starting threads costs more than a few files.
            0..=FILES_ALONE => gather(),
            _ => self.pool().install(gather),
        };
        errors.extend(unread.into_iter().map(|(file, error)| RunError {
            path: file.report_path(),
            message: format!("cannot be read: {error}"),
        }));
        if let Some(changes) = self.changes.as_deref() {
            let changed = self.pool().install(|| self.changed_facts(changes, sphere));
            facts = facts.with_changed(changed);
        }
        lock(&self.facts_errors).append(&mut errors);
        let facts = Arc::new(facts);
        lock(&self.facts).insert(sphere.clone(), (asked, Arc::clone(&facts)));
        facts
    }

    /// The files of a sphere that conditions may ask about.
    fn look_around(
        &self,
        sphere: &Sphere,
        project: &Arc<Project>,
        types: TypeSet,
        errors: &mut Vec<RunError>,
    ) -> Seen {
        let found = Mutex::new(Vec::new());
        let mut wanted = Wanted {
            types,
            ..Wanted::default()
        };
        if let Err(error) = self.use_staged_files(&mut wanted) {
            errors.push(error);
        }
        let folders = sphere.folders(project);
        let walked = walk_unasked(
            project,
            &folders,
            &wanted,
            &self.projects,
            || self.pool(),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| Sphere::of(file) == *sphere);
                lock(&found).append(&mut files);
            },
        );
        let folder_unreadable = !walked.unreadable.is_empty();
        errors.extend(self.folder_errors(walked.unreadable, &[]));
        Seen {
            files: found.into_inner().unwrap_or_else(PoisonError::into_inner),
            folder_unreadable,
        }
    }

    /// No walk meets a file that is on no disk yet.
    fn add_unsaved(&self, sphere: &Sphere, seen: &mut Seen) {
        for path in self.overlay.paths() {
            let file = self.partner(path).filter(|it| Sphere::of(it) == *sphere);
            let Some(file) = file else { continue };
            if !seen.files.iter().any(|it| it.path == file.path) {
                seen.files.push(file);
            }
        }
    }

    /// The file at a path, if conditions may ask about it.
    fn partner(&self, path: &Path) -> Option<SourceFile> {
        let (metadata_type, _) = crate::project::classify_at(path)?;
        if !self.rules.read_types().contains(metadata_type) {
            return None;
        }
        let file = self.source_file(path)?;
        Some(file).filter(|file| !file.is_forceignored())
    }

    /// Takes note that the file at `path` holds another text now, came or went. Tells whether that
    /// may matter to findings of other files: what was found in those before is out of date.
    pub fn note_change(&self, path: &Path) -> bool {
        let Some(file) = self.partner(path) else {
            return false;
        };
        let sphere = Sphere::of(&file);
        let mut all = lock(&self.facts);
        if let Some((_, facts)) = all.get_mut(&sphere) {
            let is_there = self.overlay.has_file(path);
            // What is there and cannot be read may say anything: the bytes are those of no text.
            let now = is_there.then(|| self.read_text(path).unwrap_or_else(|_| vec![0xFF]));
            match Arc::get_mut(facts) {
                Some(facts) => facts.note_file(&file, now, &self.rules),
                // Somebody still looks at them; the next one has them gathered anew.
                None => drop(all.remove(&sphere)),
            }
        }
        true
    }

    /// Gives back the memory of what files say about each other. Not before fixes are done: each of
    /// their passes asks it.
    pub fn forget_facts(&self) {
        lock(&self.facts).clear();
    }

    /// Takes over what `former` knows of projects and of what files say: of the same files, for
    /// rules that ask about the same types. Of long files it knows what its own rules asked about;
    /// where that is not enough, they are read anew.
    pub fn take_over(&mut self, former: Self) {
        self.projects = former.projects;
        self.facts = former.facts;
        let asks_no_more = OnceCell::new();
        lock(&self.facts).retain(|_, (_, facts)| {
            facts.are_whole()
                || *asks_no_more.get_or_init(|| self.rules.asks_no_more_than(&former.rules))
        });
        self.pool = former.pool;
    }

    /// The file at a path as a run meets it that looks at no more than a walk of its project would;
    /// nothing if that would pass it by.
    pub fn source_file(&self, path: &Path) -> Option<SourceFile> {
        self.named_file(path.to_path_buf(), true, &mut Default::default())
    }

    /// Lints one file with what is known of the others, which is gathered the first time.
    pub fn lint_one(&self, file: &SourceFile) -> Report {
        let mut gathered = Gathered::default();
        match self.read_text(&file.path) {
            Ok(text) => gathered.absorb(self.lint_text(file, &text).into()),
            Err(error) => gathered.unreadable(file, &error, true),
        }
        gathered.errors.append(&mut lock(&self.facts_errors));
        if !file.is_forceignored() {
            gathered.count(file);
        }
        self.report(gathered, Default::default(), &Targets::default())
    }

    /// Where staged files count, a walk meets these.
    fn use_staged_files(&self, wanted: &mut Wanted) -> Result<(), RunError> {
        let changes = self.changes.as_deref();
        let listing = changes.and_then(Changes::staged_listing);
        wanted.listing = listing.transpose().map_err(|message| RunError {
            path: "the index".to_owned(),
            message: format!("cannot be read: {message}"),
        })?;
        Ok(())
    }

    /// The changed files that conditions may ask about.
    fn changed_partners(&self, changes: &Changes) -> Vec<SourceFile> {
        let of_path = |path: &Path| {
            let (metadata_type, _) = crate::project::classify_at(path)?;
            let folder = path.parent()?;
            if !self.rules.read_types().contains(metadata_type) {
                return None;
            }
            let project = self.projects.around(folder, folder);
            let file = SourceFile::new(path.to_path_buf(), project)?;
            Some(file).filter(SourceFile::is_deployed)
        };
        changes.paths().filter_map(of_path).collect()
    }

    /// What the changed files of a sphere say, and what they said before.
    fn changed_facts(&self, changes: &Changes, sphere: &Sphere) -> [Facts; 2] {
        let mut files = self.changed_partners(changes);
        files.retain(|file| Sphere::of(file) == *sphere);
        // One that cannot be read may be the partner of any, which the facts know without a word.
        let is_there = |path: &Path| changes.has(path) || changes.is_renamed(path);
        let there = files.iter().filter(|file| is_there(&file.path));
        let read = |path: &Path| self.read_text(path);
        let now = Facts::gather(there.cloned().collect(), false, &self.rules, read).0;
        files.retain(|file| changes.former_text(&file.path).is_some());
        let former = Facts::gather(files, false, &self.rules, |path| {
            let text = changes.former_text(path);
            text.unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
        });
        [now, former.0]
    }

    /// Lints the files that did not change and may ask about others that did.
    pub(crate) fn lint_dependents(&self, targets: &Targets, gathered: &Mutex<Gathered>) {
        let Some(changes) = self.changes.as_deref() else {
            return;
        };
        let partners = self.changed_partners(changes);
        let spheres: HashSet<Sphere> = partners.iter().map(Sphere::of).collect();
        if spheres.is_empty() {
            return;
        }
        let types = self.rules.asking_types();
        let may_depend = |file: &SourceFile| {
            types.contains(file.component.metadata_type)
                && !self.is_changed(file)
                && !changes.is_renamed(&file.path)
                && spheres.contains(&Sphere::of(file))
        };
        let mut wanted = Wanted {
            types,
            ..Wanted::default()
        };
        if let Err(error) = self.use_staged_files(&mut wanted) {
            lock(gathered).errors.push(error);
            return;
        }
        let mut uncounted = Default::default();
        let there = targets.files.iter().filter(|path| changes.is_there(path));
        let mut named = self.named_files(there.cloned(), &mut uncounted);
        named.retain(may_depend);
        self.pool().install(|| {
            let walked = walk(
                &targets.folders,
                &wanted,
                &self.projects,
                self.force_exclude || !targets.folders_are_named,
                &Default::default(),
                &|mut files: Vec<SourceFile>| {
                    files.retain(|file| {
                        may_depend(file) && targets.files.binary_search(&file.path).is_err()
                    });
                    self.lint_files(files, false, gathered);
                },
            );
            let errors = self.folder_errors(walked.unreadable, &targets.folders);
            lock(gathered).errors.extend(errors);
            named
                .into_par_iter()
                .for_each(|file| self.lint_files(vec![file], true, gathered));
        });
    }
}
