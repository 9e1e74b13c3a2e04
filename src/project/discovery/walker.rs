//! The parallel walk.
//!
//! walkdir reads the folders. Those near the root are read one by one, and each folder a few levels below
//! is one task. Metadata files are passed in small batches to a sink while the walk runs. Links are followed
//! when everything that is reached without links has been found. With a [`Listing`], the walk finds only
//! the files in it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;
use walkdir::{DirEntry, WalkDir};

use super::bounds::{leaves, link_target};
use super::ignore_rules::{Applying, IgnoreRules, is_gitignored};
use super::listing::Listing;
use super::skipped::{SkipReason, Skipped};
use super::walked_folder::WalkedFolder;
use crate::project::constants::PROJECT_FILE;
use crate::project::paths::names_upwards;
use crate::project::project::Project;
use crate::project::projects::Projects;
use crate::project::source_file::{Deployment, SourceFile};
use crate::project::type_set::TypeSet;

/// The number of files in a batch: small enough to spread a large folder over all threads.
const BATCH_SIZE: usize = 32;

/// The number of levels whose folders are read one by one. `force-app/main/default/objects` has four.
const SPLIT_LEVELS: usize = 4;

/// What a walk did not pass to its sink.
#[derive(Debug, Default)]
pub(crate) struct WalkTally {
    /// Files of all kinds.
    pub files_seen: u64,
    /// Skipped files and folders.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Which ones. Empty unless the filter asks for it.
    pub skipped_paths: Vec<Skipped>,
    /// The walked folders without a metadata file of the requested types.
    pub without_metadata: Vec<PathBuf>,
    /// Folders and links that cannot be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Receives the files that the walk finds, on any thread.
pub(crate) trait WalkSink: Fn(Vec<SourceFile>) + Sync {}
impl<F: Fn(Vec<SourceFile>) + Sync> WalkSink for F {}

/// The files that a walk returns.
#[derive(Debug, Clone, Default)]
pub(crate) struct WalkFilter {
    pub types: TypeSet,
    /// Types whose files are returned even if `.forceignore` excludes them.
    pub include_forceignored: TypeSet,
    /// The files that replace the contents of the folders.
    pub listing: Option<Arc<Listing>>,
    /// The user named the folders, so that ignore files do not apply to the folders themselves.
    pub is_named: bool,
    /// The tally has the paths of skipped files and folders.
    pub lists_skipped: bool,
}

/// A walk.
pub(super) struct Walker<'a, S> {
    pub(super) filter: &'a WalkFilter,
    pub(super) projects: &'a Projects,
    sink: &'a S,
    files_seen: &'a AtomicU64,
    found: Mutex<Found>,
    /// Whether a file to check was found in each root.
    has_metadata: Vec<AtomicBool>,
}

/// Decides what a task reads.
pub(super) trait Visitor {
    /// Takes a folder, or returns it to be read by the same task.
    fn enter(&mut self, folder: WalkedFolder) -> Option<WalkedFolder>;

    /// Whether a file is not checked at another path.
    fn is_new(&mut self, file: &Path) -> bool;
}

/// Reads what is reached without links.
struct WithoutLinks<'v>(&'v mut dyn FnMut(WalkedFolder) -> Option<WalkedFolder>);

impl Visitor for WithoutLinks<'_> {
    fn enter(&mut self, folder: WalkedFolder) -> Option<WalkedFolder> {
        (self.0)(folder)
    }

    fn is_new(&mut self, _: &Path) -> bool {
        true
    }
}

/// What a task of the walk has found. It is added to the others at the end of the task.
#[derive(Default)]
pub(super) struct Found {
    batch: Vec<SourceFile>,
    files_seen: u64,
    skipped: BTreeMap<SkipReason, u64>,
    skipped_paths: Vec<Skipped>,
    unreadable: Vec<(PathBuf, String)>,
    /// Links, with the folders that they are in.
    pub(super) links: BTreeMap<PathBuf, WalkedFolder>,
}

impl<'a, S: WalkSink> Walker<'a, S> {
    /// A walk with this number of roots.
    pub(super) fn new(
        roots: usize,
        filter: &'a WalkFilter,
        projects: &'a Projects,
        files_seen: &'a AtomicU64,
        sink: &'a S,
    ) -> Self {
        Self {
            filter,
            projects,
            sink,
            files_seen,
            found: Mutex::default(),
            has_metadata: (0..roots).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// The root of the walk at `path`, unless it is skipped.
    pub(super) fn root(
        &self,
        at: usize,
        path: &Path,
        project: Arc<Project>,
    ) -> Option<WalkedFolder> {
        let mut found = Found::default();
        let root = self.entered_root(at, path, project, &mut found);
        self.absorb(found);
        root
    }

    fn entered_root(
        &self,
        at: usize,
        path: &Path,
        project: Arc<Project>,
        found: &mut Found,
    ) -> Option<WalkedFolder> {
        let is_listed = self.filter.listing.is_some();
        let is_named = self.filter.is_named;
        let is_excluded = self.projects.excludes.has(path, true);
        if is_excluded && !is_named {
            self.skip(found, path, SkipReason::Exclude);
            return None;
        }
        if !is_named && !is_listed && is_gitignored(path, true, &project, self.projects) {
            self.skip(found, path, SkipReason::Gitignore);
            return None;
        }
        let link = link_target(path, project.own_base());
        if let Some(target) = link.as_ref().filter(|_| !is_named)
            && !self.projects.bounds.contain(target, &[project.own_base()])
        {
            found.unreadable(path, leaves(target));
            return None;
        }
        let forceignore = project.forceignore_of(path);
        let is_forceignored = forceignore
            .as_ref()
            .is_some_and(|it| it.ignores(path, true));
        let is_audit = self.projects.is_audit;
        let applying = Applying {
            to_root: !is_named || is_audit,
            gitignore: !is_listed,
            excludes: !is_excluded,
            forceignore: !(is_named && is_forceignored) || is_audit,
        };
        let rules =
            IgnoreRules::in_root(path, forceignore, applying, link, &project, self.projects);
        Some(WalkedFolder::new(at, path.to_path_buf(), project, rules))
    }

    /// Walks a folder that is `level` levels below a root.
    pub(super) fn visit<'s>(&'s self, scope: &Scope<'s>, folder: WalkedFolder, level: usize) {
        let mut found = Found::default();
        match &self.filter.listing {
            Some(listing) => {
                let path = folder.path.clone();
                let visitor = &mut WithoutLinks(&mut Some);
                self.read_listed(folder, &path, listing, &mut found, visitor);
            }
            None if level < SPLIT_LEVELS => {
                let mut spawn = |child| {
                    scope.spawn(move |scope| self.visit(scope, child, level + 1));
                    None
                };
                self.read(scope, folder, 1, &mut found, &mut WithoutLinks(&mut spawn));
            }
            None => {
                let visitor = &mut WithoutLinks(&mut Some);
                self.read(scope, folder, usize::MAX, &mut found, visitor);
            }
        }
        self.finish_task(found);
    }

    /// Reads a folder and, up to `depth`, those below it.
    pub(super) fn read<'s>(
        &'s self,
        scope: &Scope<'s>,
        folder: WalkedFolder,
        depth: usize,
        found: &mut Found,
        visitor: &mut impl Visitor,
    ) {
        let mut entries = WalkDir::new(&folder.path)
            .min_depth(1)
            .max_depth(depth)
            .sort_by(|one, other| rank(one.path()).cmp(&rank(other.path())))
            .into_iter();
        // The folder, and those in it on the way to the current entry.
        let mut open = vec![folder];
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.walk_error(&error);
                    continue;
                }
            };
            open.truncate(entry.depth());
            let Some(parent) = open.last_mut() else {
                continue;
            };
            if !entry.file_type().is_dir() {
                found.files_seen += 1;
                self.visit_file(parent, &entry, visitor, found);
                self.hand_over(scope, found);
                continue;
            }
            let child = self.child(parent, entry.path(), found);
            match child.and_then(|child| visitor.enter(child)) {
                Some(child) => open.push(child),
                None if depth > 1 => entries.skip_current_dir(),
                None => {}
            }
        }
    }

    /// A folder in `parent`, unless it is skipped.
    pub(super) fn child(
        &self,
        parent: &mut WalkedFolder,
        path: &Path,
        found: &mut Found,
    ) -> Option<WalkedFolder> {
        if Special::of(path) == Some(Special::Git) {
            parent.rules.enter_repository(&parent.path, self.projects);
            return None;
        }
        let skipped = parent.rules.skips_folder(path, self.projects);
        if let Some(reason) = skipped.filter(|reason| !self.only_marks(*reason, path, true)) {
            self.skip(found, path, reason);
            return None;
        }
        Some(parent.enter(path.to_path_buf()))
    }

    fn visit_file(
        &self,
        parent: &mut WalkedFolder,
        entry: &DirEntry,
        visitor: &mut impl Visitor,
        found: &mut Found,
    ) {
        let (path, file_type) = (entry.path(), entry.file_type());
        let name = names_upwards(path).next().unwrap_or_default();
        match Special::of(path) {
            // In the root of a worktree or a submodule, `.git` is a file.
            Some(Special::Git) => parent.rules.enter_repository(&parent.path, self.projects),
            Some(Special::Gitignore) => parent.rules.read_gitignore(&parent.path),
            Some(Special::Project) if path.is_file() => parent.enter_project(self.projects),
            _ if file_type.is_symlink() => {
                found.links.insert(path.to_path_buf(), parent.clone());
            }
            _ if !self.filter.types.may_have(name) => {}
            _ if file_type.is_file() => {
                if visitor.is_new(path) {
                    self.add(parent, path.to_path_buf(), found);
                }
            }
            _ => self.skip(found, path, SkipReason::NotRegular),
        }
    }

    /// Adds a regular file to the batch, if it is metadata of a requested type and is not skipped.
    pub(super) fn add(&self, folder: &WalkedFolder, path: PathBuf, found: &mut Found) {
        let project = Arc::clone(&folder.project);
        let Some(mut file) = SourceFile::placed(path, project, || folder.placement()) else {
            return;
        };
        let metadata_type = file.component.metadata_type;
        let fate = folder.rules.fate(&file.path, self.projects);
        let is_forceignored = match fate.skip_reason() {
            Some(reason) if self.only_marks(reason, &file.path, false) => {
                file.deployment = Deployment::Ignored(reason);
                false
            }
            Some(SkipReason::Forceignore) => {
                file.deployment = folder.rules.deployment(true);
                true
            }
            Some(reason) => return self.skip(found, &file.path, reason),
            None => {
                file.deployment = folder.rules.deployment(false);
                false
            }
        };
        if is_forceignored {
            self.skip(found, &file.path, SkipReason::Forceignore);
            if !self.filter.include_forceignored.contains(metadata_type) {
                return;
            }
        } else if let Some(has_metadata) = self.has_metadata.get(folder.root) {
            has_metadata.store(true, Ordering::Relaxed);
        }
        found.batch.push(file);
    }

    /// Reads the files of a listing that are in a folder, whose path without links is `real`. Ignore files
    /// of git do not apply: git has listed them.
    pub(super) fn read_listed(
        &self,
        mut folder: WalkedFolder,
        real: &Path,
        listing: &Listing,
        found: &mut Found,
        visitor: &mut impl Visitor,
    ) {
        let Some(entries) = listing.entries(real) else {
            return;
        };
        if folder.path.join(PROJECT_FILE).is_file() {
            folder.enter_project(self.projects);
        }
        found.files_seen += entries.files.len() as u64;
        for name in entries
            .files
            .iter()
            .filter(|name| self.filter.types.may_have(name.as_encoded_bytes()))
        {
            let path = folder.path.join(name);
            if listing.is_on_disk() && !path.is_file() {
                if path.symlink_metadata().is_ok() {
                    self.skip(found, &path, SkipReason::NotRegular);
                }
            } else if visitor.is_new(&path) {
                self.add(&folder, path, found);
            }
        }
        for name in &entries.links {
            let link = folder.path.join(name);
            found.links.insert(link, folder.clone());
        }
        for name in &entries.folders {
            let path = folder.path.join(name);
            let child = self.child(&mut folder, &path, found);
            if let Some(child) = child.and_then(|child| visitor.enter(child)) {
                self.read_listed(child, &real.join(name), listing, found, visitor);
            }
        }
    }

    /// Whether what would be skipped for this reason is only marked.
    fn only_marks(&self, reason: SkipReason, path: &Path, is_folder: bool) -> bool {
        self.projects.is_audit
            && reason.is_ignore_file()
            && !self.projects.excludes.has_itself(path, is_folder)
    }

    /// Counts a skipped file or folder.
    pub(super) fn skip(&self, found: &mut Found, path: &Path, reason: SkipReason) {
        *found.skipped.entry(reason).or_default() += 1;
        if self.filter.lists_skipped {
            let path = path.to_path_buf();
            found.skipped_paths.push(Skipped { path, reason });
        }
    }

    /// Passes full batches to other threads.
    fn hand_over<'s>(&'s self, scope: &Scope<'s>, found: &mut Found) {
        if found.batch.len() > BATCH_SIZE {
            let batch = std::mem::take(&mut found.batch);
            self.files_seen
                .fetch_add(std::mem::take(&mut found.files_seen), Ordering::Relaxed);
            scope.spawn(move |_| (self.sink)(batch));
        }
    }

    /// Checks the remaining files of a task on the current thread, and adds the rest to what other tasks
    /// have found.
    pub(super) fn finish_task(&self, mut found: Found) {
        self.files_seen
            .fetch_add(found.files_seen, Ordering::Relaxed);
        let batch = std::mem::take(&mut found.batch);
        if !batch.is_empty() {
            (self.sink)(batch);
        }
        self.absorb(found);
    }

    fn absorb(&self, mut found: Found) {
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (reason, count) in found.skipped {
            *all.skipped.entry(reason).or_default() += count;
        }
        all.skipped_paths.append(&mut found.skipped_paths);
        all.unreadable.append(&mut found.unreadable);
        all.links.append(&mut found.links);
    }

    /// The links that were found, with the folders that they are in.
    pub(super) fn take_links(&self) -> BTreeMap<PathBuf, WalkedFolder> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut found.links)
    }

    pub(super) fn finish(self, folders: &[PathBuf]) -> WalkTally {
        let found = self
            .found
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut skipped_paths = found.skipped_paths;
        skipped_paths.sort();
        let has_none = |(_, found): &(_, &AtomicBool)| !found.load(Ordering::Relaxed);
        WalkTally {
            files_seen: self.files_seen.load(Ordering::Relaxed),
            skipped: found.skipped,
            skipped_paths,
            without_metadata: folders
                .iter()
                .zip(&self.has_metadata)
                .filter(has_none)
                .map(|(folder, _)| folder.clone())
                .collect(),
            unreadable: found.unreadable,
        }
    }
}

impl Found {
    /// Reports a folder that cannot be read, unless it was deleted after its parent was read.
    fn walk_error(&mut self, error: &walkdir::Error) {
        let io = error.io_error();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return;
        }
        let path = error.path().unwrap_or(Path::new(""));
        let reason = io.map_or_else(|| error.to_string(), ToString::to_string);
        self.unreadable(path, format!("cannot be read: {reason}"));
    }

    /// Reports something that the walk could not follow, with the reason, which continues a sentence that
    /// begins with the path.
    pub(super) fn unreadable(&mut self, path: &Path, reason: String) {
        self.unreadable.push((path.to_path_buf(), reason));
    }
}

/// Entries that change what happens to the others in their folder. They come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Special {
    Git,
    Gitignore,
    Project,
}

impl Special {
    fn of(path: &Path) -> Option<Self> {
        match names_upwards(path).next()? {
            b".git" => Some(Self::Git),
            b".gitignore" => Some(Self::Gitignore),
            name if name == PROJECT_FILE.as_bytes() => Some(Self::Project),
            _ => None,
        }
    }
}

/// The order of entries in a folder.
fn rank(path: &Path) -> (bool, Option<Special>) {
    let special = Special::of(path);
    (special.is_none(), special)
}
