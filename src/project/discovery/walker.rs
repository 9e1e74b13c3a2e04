//! The parallel walk.
//!
//! Near the root, folders are read one by one, and those in them become tasks; below, a task walks whole
//! folders with walkdir. In a folder, everything else is applied before the folders. Metadata files are
//! passed in small batches to a sink while the walk runs. Links are followed when everything that is
//! reached without links has been found. With a [`Listing`], the walk finds only the files in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;
use walkdir::WalkDir;

use super::bounds::{leaves, link_target};
use super::folder_entries::FolderEntries;
use super::ignore_rules::{Applying, IgnoreRules, is_gitignored};
use super::listing::Listing;
use super::skipped::{SkipReason, Skipped};
use super::walked_folder::WalkedFolder;
use crate::project::constants::PROJECT_FILE;
use crate::project::project::Project;
use crate::project::projects::Projects;
use crate::project::source_file::{Deployment, SourceFile};
use crate::project::type_set::TypeSet;

/// The number of files in a batch: small enough to spread a large folder over all threads.
const BATCH_SIZE: usize = 32;

/// The number of levels whose folders are read one by one. `force-app/main/default/objects` has four.
const SPLIT_LEVELS: usize = 4;

/// With more folders in a folder, each is walked as a whole. Starting a walk takes longer than reading a folder.
const FEW_FOLDERS: usize = 32;

/// The most tasks for the folders in one folder.
const MAX_TASKS: usize = 64;

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
    /// Whether a folder is not read at another path.
    fn enters(&mut self, folder: &WalkedFolder) -> bool;

    /// Whether a file is not checked at another path.
    fn is_new(&mut self, file: &Path) -> bool;
}

/// Reads what is reached without links.
struct WithoutLinks;

impl Visitor for WithoutLinks {
    fn enters(&mut self, _: &WalkedFolder) -> bool {
        true
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

    /// Walks a root.
    pub(super) fn visit_root<'s>(&'s self, scope: &Scope<'s>, root: WalkedFolder) {
        let mut found = Found::default();
        match &self.filter.listing {
            Some(listing) => {
                let path = root.path.clone();
                self.read_listed(root, &path, listing, &mut found, &mut WithoutLinks);
            }
            None => self.visit(scope, root, 0, &mut found),
        }
        self.finish_task(found);
    }

    /// Walks a folder that is `level` levels below a root. Near the root, the folders in it become tasks.
    fn visit<'s>(
        &'s self,
        scope: &Scope<'s>,
        folder: WalkedFolder,
        level: usize,
        found: &mut Found,
    ) {
        if level > SPLIT_LEVELS {
            return self.read_subtree(scope, folder, found, &mut WithoutLinks);
        }
        let (folder, names) = self.read(scope, folder, found);
        let folder = Arc::new(folder);
        // That many are enough tasks.
        let level = match names.len() {
            ..=FEW_FOLDERS => level + 1,
            _ => SPLIT_LEVELS + 1,
        };
        for names in names.chunks(names.len().div_ceil(MAX_TASKS).max(1)) {
            let (folder, names) = (Arc::clone(&folder), names.to_vec());
            scope.spawn(move |scope| {
                let mut found = Found::default();
                for name in &names {
                    if let Some(child) = self.child(&folder, name, &mut found) {
                        self.visit(scope, child, level, &mut found);
                    }
                }
                self.finish_task(found);
            });
        }
    }

    /// Reads the files of a folder. Returns it with the names of the folders in it.
    fn read<'s>(
        &'s self,
        scope: &Scope<'s>,
        mut folder: WalkedFolder,
        found: &mut Found,
    ) -> (WalkedFolder, Vec<OsString>) {
        let mut entries = FolderEntries::default();
        let mut folders = Vec::new();
        for entry in read_folder(&folder.path) {
            match entry {
                Ok((name, file_type)) if is_folder(&name, file_type) => folders.push(name),
                Ok((name, file_type)) => {
                    entries.add(&folder.path, &name, file_type, &self.filter.types);
                }
                Err(error) => found.read_error(&folder.path, &error),
            }
        }
        self.use_entries(scope, &mut folder, entries, found, &mut WithoutLinks);
        (folder, folders)
    }

    /// Reads a folder and everything below it.
    pub(super) fn read_subtree<'s>(
        &'s self,
        scope: &Scope<'s>,
        folder: WalkedFolder,
        found: &mut Found,
        visitor: &mut impl Visitor,
    ) {
        let mut entries = WalkDir::new(&folder.path)
            .min_depth(1)
            .sort_by_key(|entry| is_folder(entry.file_name(), entry.file_type()))
            .into_iter();
        // The folder, and those in it on the way to the current entry, each with what else is in it.
        let mut open = vec![(folder, FolderEntries::default())];
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.walk_error(&error);
                    continue;
                }
            };
            while open.len() > entry.depth() {
                if let Some((mut ended, of_it)) = open.pop() {
                    self.use_entries(scope, &mut ended, of_it, found, visitor);
                }
            }
            let Some((parent, of_parent)) = open.last_mut() else {
                continue;
            };
            let (name, file_type) = (entry.file_name(), entry.file_type());
            if !is_folder(name, file_type) {
                of_parent.add(&parent.path, name, file_type, &self.filter.types);
                if file_type.is_dir() {
                    entries.skip_current_dir();
                }
                continue;
            }
            // Everything else in the parent came before.
            self.use_entries(scope, parent, std::mem::take(of_parent), found, visitor);
            let child = self.child(parent, name, found);
            match child.filter(|child| visitor.enters(child)) {
                Some(child) => open.push((child, FolderEntries::default())),
                None => entries.skip_current_dir(),
            }
        }
        while let Some((mut ended, of_it)) = open.pop() {
            self.use_entries(scope, &mut ended, of_it, found, visitor);
        }
    }

    /// Applies what a folder has beside folders.
    fn use_entries<'s>(
        &'s self,
        scope: &Scope<'s>,
        folder: &mut WalkedFolder,
        entries: FolderEntries,
        found: &mut Found,
        visitor: &mut impl Visitor,
    ) {
        found.files_seen += entries.files_seen;
        if entries.has_git {
            folder.rules.enter_repository(&folder.path, self.projects);
        }
        if entries.has_gitignore {
            folder.rules.read_gitignore(&folder.path);
        }
        if entries.has_project {
            folder.enter_project(self.projects);
        }
        for name in entries.links {
            let link = folder.path.join(name);
            found.links.insert(link, folder.clone());
        }
        for name in entries.not_regular {
            self.skip(found, &folder.path.join(name), SkipReason::NotRegular);
        }
        // Sorted names are faster to sort again in the files of a component.
        let mut files = entries.files;
        files.sort_unstable();
        for name in files {
            let path = folder.path.join(name);
            if visitor.is_new(&path) {
                self.add(folder, path, found);
                self.hand_over(scope, found);
            }
        }
    }

    /// A folder in `parent`, unless it is skipped.
    pub(super) fn child(
        &self,
        parent: &WalkedFolder,
        name: &OsStr,
        found: &mut Found,
    ) -> Option<WalkedFolder> {
        if name == ".git" {
            return None;
        }
        let (mut child, skipped) = parent.enter(parent.path.join(name), self.projects);
        let skipped = skipped.filter(|reason| !self.only_marks(*reason, &child.path, true));
        if let Some(reason) = skipped {
            self.skip(found, &child.path, reason);
            return None;
        }
        child.use_forceignore();
        Some(child)
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
            let child = self.child(&folder, name, found);
            if let Some(child) = child.filter(|child| visitor.enters(child)) {
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

/// The entries of a folder. walkdir would also open the folders in it, which are opened again in their tasks.
fn read_folder(folder: &Path) -> impl Iterator<Item = io::Result<(OsString, FileType)>> {
    let (entries, error) = match fs::read_dir(folder) {
        Ok(entries) => (Some(entries), None),
        Err(error) => (None, Some(Err(error))),
    };
    let entries = entries.into_iter().flatten();
    let entries = entries.map(|entry| entry.and_then(|it| Ok((it.file_name(), it.file_type()?))));
    error.into_iter().chain(entries)
}

/// Whether an entry is a folder that can have metadata.
fn is_folder(name: &OsStr, file_type: FileType) -> bool {
    file_type.is_dir() && name != ".git"
}

impl Found {
    /// Reports something that cannot be read, unless it was deleted after its folder was read.
    fn walk_error(&mut self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(Path::new(""));
        match error.io_error() {
            Some(io) => self.read_error(path, io),
            None => self.unreadable(path, format!("cannot be read: {error}")),
        }
    }

    fn read_error(&mut self, path: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.unreadable(path, format!("cannot be read: {error}"));
        }
    }

    /// Reports something that the walk could not follow, with the reason, which continues a sentence that
    /// begins with the path.
    pub(super) fn unreadable(&mut self, path: &Path, reason: String) {
        self.unreadable.push((path.to_path_buf(), reason));
    }
}
