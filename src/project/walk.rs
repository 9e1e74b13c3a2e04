//! The parallel walk, with one task per folder.
//!
//! It passes metadata files in small batches to a sink while it runs. The name of a file is tested
//! before ignore files, so that nothing else is read of most files. With a [`Listing`], the walk finds
//! only the files in it.
//!
//! Folders are read by `std::fs::read_dir`. walkdir, used for one level, opens every folder twice and
//! calls `stat` on it, which made a run on 20,000 files 50% slower.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{Scope, ThreadPool};

use super::constants::PROJECT_FILE;
use super::excluded::{is_skipped_folder, is_skipped_or_gitignored};
use super::ignore_files::{GITIGNORE, GitignoreChain};
use super::listing::Listing;
use super::paths::names_upwards;
use super::source_file::{Deployment, Placement, Project, Projects, SourceFile, git_root};
use super::type_set::{Endings, TypeSet};

/// The number of files in a batch: small enough to spread a large folder over all threads.
const BATCH_SIZE: usize = 32;

/// Counts of a walk.
#[derive(Debug, Default)]
pub(crate) struct WalkTally {
    /// Files of all kinds.
    pub files_seen: u64,
    /// Metadata files that `.forceignore` excludes.
    pub forceignored: u64,
    /// Metadata files and folders that `.gitignore` excludes.
    pub gitignored: u64,
    /// Metadata files and folders that the config excludes.
    pub excluded: u64,
    /// Entries with the name of a metadata file that are not regular files.
    pub not_regular: u64,
    /// Folders that cannot be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Receives the files that the walk finds, on any thread.
pub(crate) trait WalkSink: Fn(Vec<SourceFile>) + Sync {}
impl<F: Fn(Vec<SourceFile>) + Sync> WalkSink for F {}

struct Walk<'a, S> {
    filter: &'a WalkFilter,
    endings: Endings,
    projects: &'a Projects,
    sink: &'a S,
    files_seen: &'a AtomicU64,
    forceignored: AtomicU64,
    gitignored: AtomicU64,
    excluded: AtomicU64,
    not_regular: AtomicU64,
    unreadable: Mutex<Vec<(PathBuf, String)>>,
}

/// A folder to read.
struct Folder {
    path: PathBuf,
    project: Arc<Project>,
    gitignore: GitignoreChain,
    in_repository: bool,
    /// False in a folder that the user named although `.forceignore` excludes it.
    forceignore_applies: bool,
    /// Whether `.forceignore` excludes this folder or one above it.
    forceignored: bool,
    /// Whether a line of an ignore file may match everything in this folder or in one above it.
    /// Otherwise, only paths with certain names have to be matched.
    match_all: bool,
    /// False in a folder that the user named although the config excludes it.
    excludes_apply: bool,
    /// The package directory of its files.
    placement: OnceCell<Placement>,
}

/// The files that a walk returns.
#[derive(Debug, Clone, Default)]
pub(crate) struct WalkFilter {
    pub types: TypeSet,
    /// Types whose files are returned even if `.forceignore` excludes them.
    pub include_forceignored: TypeSet,
    /// The files that replace the contents of the folders.
    pub listing: Option<Arc<Listing>>,
}

/// The contents of a folder.
#[derive(Default)]
struct Contents {
    folders: Vec<OsString>,
    /// Files whose names are those of the requested types, and whether they are regular files.
    candidates: Vec<(bool, PathBuf)>,
    has_gitignore: bool,
    has_project: bool,
    has_git: bool,
}

/// Walks `folders` on the current thread pool. `files_seen` is updated during the walk, for a progress
/// bar.
///
/// With `exclude`, ignore files also apply to the folders themselves. Otherwise, a folder that
/// `.forceignore` excludes is walked as if there were no such file.
pub(crate) fn walk<S: WalkSink>(
    folders: &[PathBuf],
    filter: &WalkFilter,
    projects: &Projects,
    exclude: bool,
    files_seen: &AtomicU64,
    sink: &S,
) -> WalkTally {
    let walk = Walk::new(filter, projects, files_seen, sink);
    rayon::scope(|scope| {
        for path in folders {
            let project = projects.around(path, path);
            if exclude && is_skipped_or_gitignored(path, &project, true) {
                walk.gitignored.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let is_excluded = projects.excludes.has(path, true);
            if exclude && is_excluded {
                walk.excluded.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let forceignore_applies = exclude || !project.forceignores(path);
            let root = walk.root(path.clone(), project, forceignore_applies, !is_excluded);
            scope.spawn(|scope| walk.visit(scope, root));
        }
    });
    walk.finish()
}

/// Up to this number of folders, reading them in one thread is faster than starting others.
const MAX_FOLDERS_IN_ONE_THREAD: usize = 32;

/// Walks folders of one project that the user did not name, so ignore files apply. If there are many
/// folders, it uses the threads of `pool`.
pub(crate) fn walk_unnamed<'p, S: WalkSink>(
    project: &Arc<Project>,
    folders: &[PathBuf],
    filter: &WalkFilter,
    projects: &Projects,
    pool: impl FnOnce() -> &'p ThreadPool,
    sink: &S,
) -> WalkTally {
    let files_seen = AtomicU64::new(0);
    let walk = Walk::new(filter, projects, &files_seen, sink);
    let is_walked = |folder: &&PathBuf| {
        (filter.listing.is_some() || folder.is_dir()) && !projects.excludes.has(folder, true)
    };
    let roots = folders.iter().filter(is_walked);
    let mut remaining: Vec<Folder> = roots
        .map(|path| walk.root(path.clone(), Arc::clone(project), true, true))
        .collect();
    for _ in 0..MAX_FOLDERS_IN_ONE_THREAD {
        let Some(folder) = remaining.pop() else { break };
        let (folders, files) = walk.read_folder(folder);
        remaining.extend(folders);
        if !files.is_empty() {
            sink(files);
        }
    }
    if !remaining.is_empty() {
        pool().install(|| {
            rayon::scope(|scope| {
                for folder in remaining {
                    scope.spawn(|scope| walk.visit(scope, folder));
                }
            });
        });
    }
    walk.finish()
}

impl<'a, S: WalkSink> Walk<'a, S> {
    fn new(
        filter: &'a WalkFilter,
        projects: &'a Projects,
        files_seen: &'a AtomicU64,
        sink: &'a S,
    ) -> Self {
        Self {
            filter,
            endings: Endings::of(&filter.types),
            projects,
            sink,
            files_seen,
            forceignored: AtomicU64::new(0),
            gitignored: AtomicU64::new(0),
            excluded: AtomicU64::new(0),
            not_regular: AtomicU64::new(0),
            unreadable: Mutex::new(Vec::new()),
        }
    }

    fn finish(self) -> WalkTally {
        WalkTally {
            files_seen: self.files_seen.load(Ordering::Relaxed),
            forceignored: self.forceignored.into_inner(),
            gitignored: self.gitignored.into_inner(),
            excluded: self.excluded.into_inner(),
            not_regular: self.not_regular.into_inner(),
            unreadable: self
                .unreadable
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn root(
        &self,
        path: PathBuf,
        project: Arc<Project>,
        forceignore_applies: bool,
        excludes_apply: bool,
    ) -> Folder {
        let repository = git_root(&path);
        let gitignore = match (&repository, path.parent()) {
            (Some(root), Some(above)) if *root != path => GitignoreChain::from_root(root, above),
            _ => GitignoreChain::default(),
        };
        let match_all =
            names_upwards(&path).any(|name| may_have_all_in(name, &gitignore, &project));
        Folder {
            forceignored: forceignore_applies && project.forceignores(&path),
            match_all,
            path,
            project,
            gitignore,
            in_repository: repository.is_some(),
            forceignore_applies,
            excludes_apply,
            placement: OnceCell::new(),
        }
    }

    fn visit<'s>(&'s self, scope: &Scope<'s>, folder: Folder) {
        let (folders, mut files) = self.read_folder(folder);
        for folder in folders {
            scope.spawn(move |scope| self.visit(scope, folder));
        }
        while files.len() > BATCH_SIZE {
            let batch = files.split_off(files.len() - BATCH_SIZE);
            scope.spawn(move |_| (self.sink)(batch));
        }
        if !files.is_empty() {
            (self.sink)(files);
        }
    }

    /// The folders and the requested files in a folder.
    fn read_folder(&self, mut folder: Folder) -> (Vec<Folder>, Vec<SourceFile>) {
        let contents = match &self.filter.listing {
            None => self.read(&folder.path),
            Some(listing) => Ok(self.listed(&folder.path, listing)),
        };
        let contents = match contents {
            Ok(contents) => contents,
            Err(error) => {
                self.report(&folder.path, &error);
                return (Vec::new(), Vec::new());
            }
        };
        if contents.has_project && folder.project.root != folder.path {
            folder.project = self.projects.at(&folder.path);
            folder.forceignored = false;
        }
        if contents.has_git {
            folder.in_repository = true;
            folder.gitignore = GitignoreChain::default();
        }
        if contents.has_gitignore && folder.in_repository {
            folder.gitignore = folder.gitignore.with(&folder.path);
        }
        let mut folders = Vec::new();
        for name in contents.folders {
            let path = folder.path.join(&name);
            let name = name.as_encoded_bytes();
            let may_match = folder.may_match(name, true);
            if may_match && folder.gitignore.ignores(&path, true) {
                self.gitignored.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            if folder.excludes_apply && self.projects.excludes.has_itself(&path, true) {
                self.excluded.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            folders.push(Folder {
                forceignored: folder.forceignores(&path, true, may_match),
                match_all: folder.match_all
                    || may_have_all_in(name, &folder.gitignore, &folder.project),
                path,
                project: Arc::clone(&folder.project),
                gitignore: folder.gitignore.clone(),
                in_repository: folder.in_repository,
                forceignore_applies: folder.forceignore_applies,
                excludes_apply: folder.excludes_apply,
                placement: OnceCell::new(),
            });
        }
        let candidates = contents.candidates.into_iter();
        let files = candidates
            .filter_map(|(is_regular, path)| self.source_file(&folder, is_regular, path))
            .collect();
        (folders, files)
    }

    /// The contents of a folder on disk.
    fn read(&self, folder: &Path) -> io::Result<Contents> {
        let mut contents = Contents::default();
        let mut files_seen = 0;
        for entry in fs::read_dir(folder)? {
            let read = entry.and_then(|entry| Ok((entry.file_type()?, entry)));
            let (file_type, entry) = match read {
                Ok(entry) => entry,
                Err(error) => {
                    self.report(folder, &error);
                    continue;
                }
            };
            let name = entry.file_name();
            if file_type.is_dir() {
                if !is_skipped_folder(&name) {
                    contents.folders.push(name);
                } else if name == ".git" {
                    contents.has_git = true;
                }
                continue;
            }
            files_seen += 1;
            if self.endings.may_have(&name) && self.filter.types.may_have(&name) {
                let path = entry.path();
                contents
                    .candidates
                    .push((is_regular(file_type, &path), path));
            } else if name == GITIGNORE {
                contents.has_gitignore = is_regular(file_type, &entry.path());
            } else if name == PROJECT_FILE {
                contents.has_project = is_regular(file_type, &entry.path());
            } else if name == ".git" {
                // In the root of a worktree or a submodule, `.git` is a file.
                contents.has_git = true;
            }
        }
        self.files_seen.fetch_add(files_seen, Ordering::Relaxed);
        Ok(contents)
    }

    /// The contents of a folder in a listing. Ignore files and project files are those on disk.
    fn listed(&self, folder: &Path, listing: &Listing) -> Contents {
        let Some(entries) = listing.entries(folder) else {
            return Contents::default();
        };
        let files_seen = entries.files.len() as u64;
        self.files_seen.fetch_add(files_seen, Ordering::Relaxed);
        let folders = entries.folders.iter();
        let files = entries.files.iter();
        let files = files.filter(|name| self.filter.types.may_have(name));
        let candidates = files.filter_map(|name| {
            let path = folder.join(name);
            if !listing.is_on_disk() {
                return Some((true, path));
            }
            let file_type = fs::symlink_metadata(&path).ok()?.file_type();
            Some((is_regular(file_type, &path), path))
        });
        Contents {
            folders: folders
                .filter(|name| !is_skipped_folder(name))
                .cloned()
                .collect(),
            candidates: candidates.collect(),
            has_gitignore: folder.join(GITIGNORE).is_file(),
            has_project: folder.join(PROJECT_FILE).is_file(),
            has_git: folder.join(".git").exists(),
        }
    }

    fn source_file(&self, folder: &Folder, is_regular: bool, path: PathBuf) -> Option<SourceFile> {
        let name = names_upwards(&path).next()?;
        let may_match = folder.may_match(name, false);
        let counter = if !is_regular {
            &self.not_regular
        } else if may_match && folder.gitignore.ignores(&path, false) {
            &self.gitignored
        } else if folder.excludes_apply && self.projects.excludes.has_itself(&path, false) {
            &self.excluded
        } else {
            let is_forceignored = folder.forceignores(&path, false, may_match);
            let project = Arc::clone(&folder.project);
            let mut file = SourceFile::with_placement(path, project, || {
                let placement = || folder.project.placement(&folder.path);
                folder.placement.get_or_init(placement).clone()
            })?;
            file.deployment = match folder.forceignore_applies {
                false => Deployment::NotEvaluated,
                true if is_forceignored => Deployment::Forceignored,
                true => Deployment::Deployed,
            };
            if !file.is_forceignored() {
                return Some(file);
            }
            self.forceignored.fetch_add(1, Ordering::Relaxed);
            let metadata_type = file.component.metadata_type;
            let include_forceignored = &self.filter.include_forceignored;
            return Some(file).filter(|_| include_forceignored.contains(metadata_type));
        };
        counter.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Reports a folder that cannot be read, unless it was deleted after its parent was read.
    fn report(&self, folder: &Path, error: &io::Error) {
        if error.kind() == io::ErrorKind::NotFound {
            return;
        }
        self.unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((folder.to_path_buf(), error.to_string()));
    }
}

impl Folder {
    /// Whether `.forceignore` excludes a file or folder in this folder. `may_match` is the result of
    /// [`Self::may_match`].
    fn forceignores(&self, path: &Path, is_folder: bool, may_match: bool) -> bool {
        let ignores = || self.project.forceignore().ignores_itself(path, is_folder);
        self.forceignored || (self.forceignore_applies && may_match && ignores())
    }

    /// Whether a line of an ignore file may match a file or folder with this name in this folder.
    fn may_match(&self, name: &[u8], is_folder: bool) -> bool {
        let by_forceignore = self.project.forceignore().names();
        self.match_all
            || self.gitignore.may_have(name, is_folder)
            || by_forceignore.is_some_and(|names| names.may_have(name, is_folder))
    }
}

/// Whether a line of an ignore file may match everything in a folder with this name.
fn may_have_all_in(folder_name: &[u8], gitignore: &GitignoreChain, project: &Project) -> bool {
    let by_forceignore = project.forceignore().names();
    gitignore.may_have_all_in(folder_name)
        || by_forceignore.is_some_and(|names| names.may_have_all_in(folder_name))
}

/// Whether this is a regular file or a link to one. Reading a pipe or a device may never end.
fn is_regular(file_type: fs::FileType, path: &Path) -> bool {
    file_type.is_file()
        || (file_type.is_symlink() && fs::metadata(path).is_ok_and(|target| target.is_file()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::project::metadata_type::MetadataType;
    use crate::project::path_globs::PathGlobs;

    const FILES: [&str; 6] = [
        "A.connectedApp-meta.xml",
        "a/A.connectedApp-meta.xml",
        "a/b/B.connectedApp-meta.xml",
        "a/b/c/A.connectedApp-meta.xml",
        "b/c/B.connectedApp-meta.xml",
        "c/inner/b/B.connectedApp-meta.xml",
    ];

    /// Compares a walk, which matches folders and files one by one and only if their names may matter,
    /// with the functions for a single path, which match all folders above it.
    fn check(forceignored: &str, gitignored: &str, gitignored_below: &str, excluded: &[String]) {
        let sandbox = tempfile::tempdir().unwrap();
        let root = sandbox.path();
        for file in FILES {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "").unwrap();
        }
        fs::create_dir(root.join(".git")).unwrap();
        for (file, text) in [
            ("sfdx-project.json", "{}"),
            ("c/inner/sfdx-project.json", "{}"),
            (".forceignore", forceignored),
            (".gitignore", gitignored),
            ("a/.gitignore", gitignored_below),
        ] {
            fs::write(root.join(file), text).unwrap();
        }
        let mut projects = Projects::default();
        projects.excludes = PathGlobs::new(root, excluded.iter().map(String::as_str)).unwrap();
        let mut filter = WalkFilter::default();
        let connected_app = MetadataType::named("ConnectedApp").unwrap();
        filter.types.insert(connected_app);
        filter.include_forceignored = filter.types;
        let found = Mutex::new(Vec::new());
        let folders = [root.to_path_buf()];
        let sink = |files: Vec<SourceFile>| {
            let files = files.into_iter();
            let files = files.map(|file| (file.path.clone(), file.is_deployed()));
            found.lock().unwrap().extend(files);
        };
        walk(
            &folders,
            &filter,
            &projects,
            true,
            &AtomicU64::new(0),
            &sink,
        );
        let mut found = found.into_inner().unwrap();
        found.sort();
        let paths = FILES.iter().map(|file| root.join(file));
        let expected = paths.filter_map(|path| {
            let folder = path.parent().unwrap();
            let project = projects.around(folder, folder);
            let is_skipped = projects.excludes.has(&path, false)
                || is_skipped_or_gitignored(&path, &project, false);
            let is_deployed = !project.forceignores(&path);
            (!is_skipped).then_some((path, is_deployed))
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn folders_that_are_included_again() {
        for lines in ["a/**\n!b\n", "a/**\n!b/\n", "a/**\n!**/b\n!a/b/c\n"] {
            check(lines, "", "", &[]);
            check("", lines, "", &[]);
            check(
                "",
                "",
                &lines.replace("a/**", "b/**").replace("!b", "!c"),
                &[],
            );
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        let glob = prop_oneof![
            1 => r"\*\*|/?\*",
            8 => r"/?(\*\*/)?[abc](/[abc])?(/|/\*\*)?",
            4 => r"(\*\*/)?[AB]\.?\*|\*\*/inner|!B*",
        ];
        let line = ("!?", glob).prop_map(|(not, glob)| format!("{not}{glob}\n"));
        prop::collection::vec(line, 0..3).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn walk_agrees_with_single_paths(
            forceignored in lines(),
            gitignored in lines(),
            gitignored_below in lines(),
            excluded in prop::collection::vec(r"/?(\*\*/)?[abc](/[abc])?(/|/\*\*)?|A\*|\*\*?/", 0..2),
        ) {
            check(&forceignored, &gitignored, &gitignored_below, &excluded);
        }
    }
}
