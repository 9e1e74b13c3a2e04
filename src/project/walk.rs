//! The parallel walk: one task a folder.
//!
//! In: folders. Out: the [`SourceFile`]s of the wanted types, handed over in small groups while
//! the walk goes on, and a [`WalkTally`]. A file's name is looked at before any ignore rule: of
//! most files nothing but the name is ever touched. With a [`Listing`] the walk meets the files in
//! that alone.
//!
//! Folders are read by `std::fs::read_dir`: walkdir, asked for one level, opens every folder twice
//! and stats it besides, which made a whole run on 20,000 files half as long again.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{Scope, ThreadPool};

use super::constants::PROJECT_FILE;
use super::excluded::{is_out_of_repository, is_skipped_folder};
use super::ignore_files::{GITIGNORE, GitignoreChain};
use super::listing::Listing;
use super::paths::names_upwards;
use super::source_file::{Deployment, Placement, Project, Projects, SourceFile, git_root};
use super::type_set::{Endings, TypeSet};

/// Files handed over at a time: enough to spread one large folder over all threads.
const GROUP: usize = 32;

/// What the walk passed by.
#[derive(Debug, Default)]
pub(crate) struct WalkTally {
    /// Files of any kind.
    pub files_seen: u64,
    /// Metadata files that `.forceignore` leaves out.
    pub forceignored: u64,
    /// Metadata files and folders that `.gitignore` leaves out.
    pub gitignored: u64,
    /// Metadata files and folders that the config leaves out.
    pub excluded: u64,
    /// Entries named like metadata that are no regular files.
    pub not_regular: u64,
    /// Folders that could not be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Takes the files that the walk finds, on any thread.
pub(crate) trait WalkSink: Fn(Vec<SourceFile>) + Sync {}
impl<F: Fn(Vec<SourceFile>) + Sync> WalkSink for F {}

struct Walk<'a, S> {
    wanted: &'a Wanted,
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

/// A folder on its way to be read.
struct Folder {
    path: PathBuf,
    project: Arc<Project>,
    gitignore: GitignoreChain,
    in_repository: bool,
    /// False below a folder that the user named although `.forceignore` has it.
    forceignore_holds: bool,
    /// Whether `.forceignore` has it, or a folder above it.
    forceignored: bool,
    /// Whether an ignore file may have a line about all that is in this folder, or in one above it.
    /// Else only what has some names is looked up in them.
    all_looked_up: bool,
    /// False below a folder that the user named although the config excludes it.
    excludes_hold: bool,
    /// What the wanted files in it are deployed with.
    placement: OnceCell<Placement>,
}

/// The files that a walk brings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Their types.
    pub types: TypeSet,
    /// Those of them that are brought even if `.forceignore` has them.
    pub even_forceignored: TypeSet,
    /// The walk meets these files in place of what lies in the folders.
    pub listing: Option<Arc<Listing>>,
}

/// What a folder holds.
#[derive(Default)]
struct Contents {
    folders: Vec<OsString>,
    /// Files named like metadata that is wanted, and whether they are regular ones.
    candidates: Vec<(bool, PathBuf)>,
    has_gitignore: bool,
    has_project: bool,
    has_git: bool,
}

/// Walks `folders` on the current thread pool. `files_seen` counts along, for a progress bar.
///
/// With `exclude`, ignore files hold for the folders themselves too; else a folder that
/// `.forceignore` leaves out is walked as if there were none.
pub(crate) fn walk<S: WalkSink>(
    folders: &[PathBuf],
    wanted: &Wanted,
    projects: &Projects,
    exclude: bool,
    files_seen: &AtomicU64,
    sink: &S,
) -> WalkTally {
    let walk = Walk::new(wanted, projects, files_seen, sink);
    rayon::scope(|scope| {
        for path in folders {
            let project = projects.around(path, path);
            if exclude && is_out_of_repository(path, &project, true) {
                walk.gitignored.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let is_excluded = projects.excludes.has(path, true);
            if exclude && is_excluded {
                walk.excluded.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let forceignore_holds = exclude || !project.forceignores(path);
            let root = walk.root(path.clone(), project, forceignore_holds, !is_excluded);
            scope.spawn(|scope| walk.visit(scope, root));
        }
    });
    walk.finish()
}

/// So many folders are read by the thread that asks for them before others help: starting those
/// takes longer than reading a few folders.
const FOLDERS_ALONE: usize = 32;

/// Walks folders of one project that the user did not ask about: ignore files hold. Where there
/// are many of them, on the threads of `pool`.
pub(crate) fn walk_unasked<'p, S: WalkSink>(
    project: &Arc<Project>,
    folders: &[PathBuf],
    wanted: &Wanted,
    projects: &Projects,
    pool: impl FnOnce() -> &'p ThreadPool,
    sink: &S,
) -> WalkTally {
    let files_seen = AtomicU64::new(0);
    let walk = Walk::new(wanted, projects, &files_seen, sink);
    let is_wanted = |folder: &&PathBuf| {
        (wanted.listing.is_some() || folder.is_dir()) && !projects.excludes.has(folder, true)
    };
    let roots = folders.iter().filter(is_wanted);
    let mut waiting: Vec<Folder> = roots
        .map(|path| walk.root(path.clone(), Arc::clone(project), true, true))
        .collect();
    for _ in 0..FOLDERS_ALONE {
        let Some(folder) = waiting.pop() else { break };
        let (folders, files) = walk.look_into(folder);
        waiting.extend(folders);
        if !files.is_empty() {
            sink(files);
        }
    }
    if !waiting.is_empty() {
        pool().install(|| {
            rayon::scope(|scope| {
                for folder in waiting {
                    scope.spawn(|scope| walk.visit(scope, folder));
                }
            });
        });
    }
    walk.finish()
}

impl<'a, S: WalkSink> Walk<'a, S> {
    fn new(
        wanted: &'a Wanted,
        projects: &'a Projects,
        files_seen: &'a AtomicU64,
        sink: &'a S,
    ) -> Self {
        Self {
            wanted,
            endings: Endings::of(&wanted.types),
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
        forceignore_holds: bool,
        excludes_hold: bool,
    ) -> Folder {
        let repository = git_root(&path);
        let gitignore = match (&repository, path.parent()) {
            (Some(root), Some(above)) if *root != path => GitignoreChain::from_root(root, above),
            _ => GitignoreChain::default(),
        };
        let all_looked_up =
            names_upwards(&path).any(|name| may_have_all_in(name, &gitignore, &project));
        Folder {
            forceignored: forceignore_holds && project.forceignores(&path),
            all_looked_up,
            path,
            project,
            gitignore,
            in_repository: repository.is_some(),
            forceignore_holds,
            excludes_hold,
            placement: OnceCell::new(),
        }
    }

    fn visit<'s>(&'s self, scope: &Scope<'s>, folder: Folder) {
        let (folders, mut files) = self.look_into(folder);
        for folder in folders {
            scope.spawn(move |scope| self.visit(scope, folder));
        }
        while files.len() > GROUP {
            let group = files.split_off(files.len() - GROUP);
            scope.spawn(move |_| (self.sink)(group));
        }
        if !files.is_empty() {
            (self.sink)(files);
        }
    }

    /// The folders in a folder, and the files that are wanted.
    fn look_into(&self, mut folder: Folder) -> (Vec<Folder>, Vec<SourceFile>) {
        let contents = match &self.wanted.listing {
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
            let is_looked_up = folder.looks_up(name, true);
            if is_looked_up && folder.gitignore.ignores(&path, true) {
                self.gitignored.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            if folder.excludes_hold && self.projects.excludes.has_itself(&path, true) {
                self.excluded.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            folders.push(Folder {
                forceignored: folder.forceignores(&path, true, is_looked_up),
                all_looked_up: folder.all_looked_up
                    || may_have_all_in(name, &folder.gitignore, &folder.project),
                path,
                project: Arc::clone(&folder.project),
                gitignore: folder.gitignore.clone(),
                in_repository: folder.in_repository,
                forceignore_holds: folder.forceignore_holds,
                excludes_hold: folder.excludes_hold,
                placement: OnceCell::new(),
            });
        }
        let candidates = contents.candidates.into_iter();
        let files = candidates
            .filter_map(|(is_regular, path)| self.source_file(&folder, is_regular, path))
            .collect();
        (folders, files)
    }

    /// What lies in a folder.
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
            if self.endings.may_have(&name) && self.wanted.types.may_have(&name) {
                let path = entry.path();
                contents
                    .candidates
                    .push((is_regular(file_type, &path), path));
            } else if name == GITIGNORE {
                contents.has_gitignore = is_regular(file_type, &entry.path());
            } else if name == PROJECT_FILE {
                contents.has_project = is_regular(file_type, &entry.path());
            } else if name == ".git" {
                // The top of a worktree or a submodule has a file of that name.
                contents.has_git = true;
            }
        }
        self.files_seen.fetch_add(files_seen, Ordering::Relaxed);
        Ok(contents)
    }

    /// What a listing has of a folder. The files that say how to read the others are those on
    /// disk.
    fn listed(&self, folder: &Path, listing: &Listing) -> Contents {
        let Some(entries) = listing.entries(folder) else {
            return Contents::default();
        };
        let files_seen = entries.files.len() as u64;
        self.files_seen.fetch_add(files_seen, Ordering::Relaxed);
        let folders = entries.folders.iter();
        let files = entries.files.iter();
        let wanted = files.filter(|name| self.wanted.types.may_have(name));
        let candidates = wanted.filter_map(|name| {
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
        let is_looked_up = folder.looks_up(name, false);
        let counter = if !is_regular {
            &self.not_regular
        } else if is_looked_up && folder.gitignore.ignores(&path, false) {
            &self.gitignored
        } else if folder.excludes_hold && self.projects.excludes.has_itself(&path, false) {
            &self.excluded
        } else {
            let is_forceignored = folder.forceignores(&path, false, is_looked_up);
            let project = Arc::clone(&folder.project);
            let mut file = SourceFile::placed(path, project, |project, above| {
                let placement = || project.placement(above);
                folder.placement.get_or_init(placement).clone()
            })?;
            file.deployment = match folder.forceignore_holds {
                false => Deployment::Unasked,
                true if is_forceignored => Deployment::Forceignored,
                true => Deployment::Deployed,
            };
            if !file.is_forceignored() {
                return Some(file);
            }
            self.forceignored.fetch_add(1, Ordering::Relaxed);
            let metadata_type = file.component.metadata_type;
            return Some(file).filter(|_| self.wanted.even_forceignored.contains(metadata_type));
        };
        counter.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// A folder that vanished since its parent was read is nothing to speak of.
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
    /// Whether `.forceignore` leaves out what lies in this folder at `path`, given whether
    /// [`Self::looks_up`] says so of its name.
    fn forceignores(&self, path: &Path, is_folder: bool, is_looked_up: bool) -> bool {
        let ignores = || self.project.forceignore().ignores_itself(path, is_folder);
        self.forceignored || (self.forceignore_holds && is_looked_up && ignores())
    }

    /// Whether a line of an ignore file can be about what lies in it and is called so.
    fn looks_up(&self, name: &[u8], is_folder: bool) -> bool {
        let by_forceignore = self.project.forceignore().names();
        self.all_looked_up
            || self.gitignore.may_have(name, is_folder)
            || by_forceignore.is_some_and(|names| names.may_have(name, is_folder))
    }
}

/// Whether a line of an ignore file can be about all that is in a folder of this name.
fn may_have_all_in(folder_name: &[u8], gitignore: &GitignoreChain, project: &Project) -> bool {
    let by_forceignore = project.forceignore().names();
    gitignore.may_have_all_in(folder_name)
        || by_forceignore.is_some_and(|names| names.may_have_all_in(folder_name))
}

/// A file, or a link to one. Opening a pipe could block for ever, and reading a device may not end.
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

    /// A walk asks about folders and files one by one, and only where a name may matter; a path
    /// that is named is asked about from the top, with all folders above it.
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
        let mut wanted = Wanted::default();
        let connected_app = MetadataType::named("ConnectedApp").unwrap();
        wanted.types.insert(connected_app);
        wanted.even_forceignored = wanted.types;
        let met = Mutex::new(Vec::new());
        let folders = [root.to_path_buf()];
        let sink = |files: Vec<SourceFile>| {
            let files = files.into_iter();
            let files = files.map(|file| (file.path.clone(), file.is_deployed()));
            met.lock().unwrap().extend(files);
        };
        walk(
            &folders,
            &wanted,
            &projects,
            true,
            &AtomicU64::new(0),
            &sink,
        );
        let mut met = met.into_inner().unwrap();
        met.sort();
        let paths = FILES.iter().map(|file| root.join(file));
        let expected = paths.filter_map(|path| {
            let folder = path.parent().unwrap();
            let project = projects.around(folder, folder);
            let is_out =
                projects.excludes.has(&path, false) || is_out_of_repository(&path, &project, false);
            let is_deployed = !project.forceignores(&path);
            (!is_out).then_some((path, is_deployed))
        });
        assert_eq!(met, expected.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_in_a_folder_taken_in_again_is_left_out_by_a_line_about_the_one_above() {
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
        fn a_walk_leaves_out_what_each_path_by_itself_would_be(
            forceignored in lines(),
            gitignored in lines(),
            gitignored_below in lines(),
            excluded in prop::collection::vec(r"/?(\*\*/)?[abc](/[abc])?(/|/\*\*)?|A\*|\*\*?/", 0..2),
        ) {
            check(&forceignored, &gitignored, &gitignored_below, &excluded);
        }
    }
}
