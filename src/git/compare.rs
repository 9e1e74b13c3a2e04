//! From the paths of a run to what changed.
//!
//! In: a comparison and targets. Out: [`Changes`]. Repositories are taken from the outside in: one
//! that the repository around it tracks as a submodule is compared with the commit that it was at
//! there; one that the repository around it does not track is new as a whole; any other is compared
//! as if it were alone.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::changes::{Change, Changes, Comparison};
use super::command::{Git, find_git};
use super::error::ChangesError;
use super::paths::Places;
use super::renames::{Questions, drop_unchanged};
use super::repository::{Entry, Now, Repository};
use crate::project::{
    FORCEIGNORE, GITIGNORE, Listing, PROJECT_FILE, Projects, Targets, absolute, classify_at,
    git_root, slashed,
};

/// Files that decide what is found in others, and how.
const DECISIVE: [&str; 4] = [PROJECT_FILE, FORCEIGNORE, GITIGNORE, "forcelint.toml"];

/// What a repository is compared with.
enum Base {
    /// What the comparison says.
    Own,
    /// This commit: it is a submodule.
    Commit(String),
    /// Nothing: it was not there.
    Nothing,
}

impl Changes {
    /// Asks git what changed around the targets.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn find(
        comparison: &Comparison,
        targets: &Targets,
        projects: &Projects,
    ) -> Result<Self, ChangesError> {
        let program = find_git()?;
        let places = Places::of(targets, projects)?;
        let mut changes = Self {
            is_staged: *comparison == Comparison::Staged,
            ..Self::default()
        };
        let index = index_of_hook();
        let mut left: BTreeMap<PathBuf, Base> = BTreeMap::new();
        for own in &places.repositories {
            left.insert(own.clone(), Base::Own);
        }
        let mut files = Vec::new();
        // The outer ones first: their paths are the shorter ones.
        while let Some((root, base)) = left.pop_first() {
            let index = index.as_ref().filter(|(top, _)| *top == root);
            let git = Git::new(&program, &root, index.map(|(_, index)| index.clone()));
            let repository = Repository::open(git)?;
            let (commit, with) = resolve(&repository, comparison, base)?;
            let mut nested: Vec<(PathBuf, Base)> = Vec::new();
            let entries = match comparison {
                Comparison::Since(_) => {
                    for path in repository.index()?.1 {
                        if is_repository(&path) && places.touch(&path) {
                            let base = submodule_base(&repository, &commit, &path)?;
                            nested.push((path, base));
                        }
                    }
                    let (entries, repositories) = since(&repository, &commit, &places)?;
                    let untracked = repositories.into_iter().filter(|path| places.touch(path));
                    nested.extend(untracked.map(|path| (path, Base::Nothing)));
                    entries
                }
                Comparison::Staged => {
                    // Most repositories have none, and then the index need not be listed.
                    if root.join(".gitmodules").exists() {
                        let submodules = repository.index()?.1.into_iter();
                        let there = submodules.filter(|it| is_repository(it) && places.touch(it));
                        nested.extend(there.map(|path| (path, Base::Own)));
                    }
                    repository.staged(&commit)?
                }
            };
            left.extend(nested);
            let questions = Questions {
                repository: &repository,
                projects,
            };
            let entries = drop_unchanged(merged(entries), &questions);
            let is_alone = changes.repositories.is_empty() && left.is_empty();
            let place = if is_alone { None } else { Some(root.as_path()) };
            changes.compared.push(sentence(&with, &entries, place));
            let at = changes.repositories.len();
            files.extend(entries.into_iter().map(|entry| (at, entry)));
            changes.repositories.push(repository);
        }
        for (repository, entry) in files {
            for path in places.shown(&entry.path) {
                let change = Change {
                    repository,
                    former: entry.former.clone(),
                    now: entry.now.clone(),
                    is_renamed: entry.is_renamed,
                };
                changes.changed.insert(path, change);
            }
        }
        let there = changes.changed.iter();
        let there = there.filter(|(_, change)| change.now != Now::Gone);
        let paths = there.map(|(path, _)| path.clone());
        changes.listing = Arc::new(Listing::new(paths, !changes.is_staged));
        changes.places = places;
        Ok(changes)
    }
}

/// What to compare a repository with: the commit or tree, and the comparison in words.
fn resolve(
    repository: &Repository,
    comparison: &Comparison,
    base: Base,
) -> Result<(String, String), ChangesError> {
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let working_tree = |with: String| format!("the working tree with {with}");
    Ok(match (comparison, base) {
        (Comparison::Since(_), Base::Commit(commit)) => {
            if !repository.has_commit(&commit)? {
                return Err(ChangesError::NoSubmoduleCommit {
                    repository: repository.git.shown(),
                    commit,
                });
            }
            let with = format!("{} (the commit of this submodule there)", short(&commit));
            (commit, working_tree(with))
        }
        (Comparison::Since(_), Base::Nothing) => {
            let with = "nothing (the repository around it did not have it)".to_owned();
            (repository.empty_tree()?, working_tree(with))
        }
        (Comparison::Since(name), Base::Own) => {
            let commit = repository.merge_base(name)?;
            let with = format!("{} (the merge base of HEAD and `{name}`)", short(&commit));
            (commit, working_tree(with))
        }
        (Comparison::Staged, _) => match &repository.head {
            Some(head) => {
                let sentence = format!("what is staged with HEAD ({})", short(head));
                (head.clone(), sentence)
            }
            None => {
                let sentence = "what is staged with nothing (there is no commit yet)".to_owned();
                (repository.empty_tree()?, sentence)
            }
        },
    })
}

/// What the working tree has that `base` has not, and the repositories in it that are not tracked.
fn since(
    repository: &Repository,
    base: &str,
    places: &Places,
) -> Result<(Vec<Entry>, Vec<PathBuf>), ChangesError> {
    let root = &repository.git.root;
    let mut entries = repository.differing(base)?;
    let within = places.scopes.iter().filter_map(|scope| {
        if root.starts_with(scope) {
            return Some(root.clone());
        }
        // A path in another repository would be refused.
        (git_root(scope).as_ref() == Some(root)).then(|| scope.clone())
    });
    let within: Vec<PathBuf> = within.collect();
    if within.is_empty() {
        return Ok((entries, Vec::new()));
    }
    let untracked = repository.untracked(&within)?;
    entries.extend(untracked.files.into_iter().map(|path| Entry {
        path,
        former: None,
        now: Now::OnDisk(None),
        is_renamed: false,
    }));
    Ok((entries, untracked.repositories))
}

fn submodule_base(around: &Repository, commit: &str, path: &Path) -> Result<Base, ChangesError> {
    Ok(match around.submodule_commit(commit, path)? {
        Some(commit) => Base::Commit(commit),
        None => Base::Nothing,
    })
}

/// One entry a path. A file that is gone from the index and still on disk comes twice, and so does
/// one that is being merged.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut merged: Vec<Entry> = Vec::new();
    for entry in entries {
        match places.get(&entry.path) {
            None => {
                places.insert(entry.path.clone(), merged.len());
                merged.push(entry);
            }
            Some(&at) => {
                let known = &mut merged[at];
                known.former = known.former.take().or(entry.former);
                if known.now == Now::Gone || entry.now == Now::Unmerged {
                    known.now = entry.now;
                }
            }
        }
    }
    merged
}

fn sentence(with: &str, entries: &[Entry], root: Option<&Path>) -> String {
    let changed = || entries.iter().filter(|entry| !entry.is_renamed);
    let metadata = changed().filter(|it| classify_at(&it.path).is_some());
    let mut text = match root {
        Some(root) => format!("in {}: ", slashed(root)),
        None => String::new(),
    };
    let files = match metadata.count() {
        0 => "no metadata file changed".to_owned(),
        1 => "1 metadata file changed".to_owned(),
        count => format!("{count} metadata files changed"),
    };
    text.push_str(&format!("{with}: {files}"));
    let names = changed().filter_map(|entry| entry.path.file_name());
    let decisive = |name: &&OsStr| DECISIVE.iter().any(|it| *name == *it);
    if let Some(name) = names.filter(decisive).min() {
        text.push_str(&format!(
            "; so did {}: what that means for the other files only a run over all of them shows",
            name.to_string_lossy()
        ));
    }
    text
}

/// Whether a folder is the top of a repository.
fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// The index that git wants a hook to look at, and the top of its repository: while
/// `git commit --all` runs, what will be committed is not yet in the usual one.
fn index_of_hook() -> Option<(PathBuf, PathBuf)> {
    let index = env::var_os("GIT_INDEX_FILE")?;
    let here = env::current_dir().ok()?.canonicalize().ok()?;
    Some((git_root(&here)?, absolute(Path::new(&index)).ok()?))
}
