//! Finds the changes in all repositories of a run.
//!
//! Outer repositories come first. A submodule is compared with its commit in the base of the outer
//! repository. A repository that the outer one does not track is new as a whole. All others are compared
//! on their own.
//!
//! A link in one repository can lead into any other, so the comparison starts again when it finds one.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::changes::{Change, Changes, Comparison};
use super::command::{Git, find_git, os_string};
use super::error::ChangesError;
use super::paths::RunPaths;
use super::renames::{RenameContext, drop_unchanged};
use super::repository::{Entry, FileState, IndexEntry, Repository, Untracked};
use crate::project::{
    Listing, Projects, Targets, absolute, canonical, classify_at, git_root, slashed,
};

/// What a repository is compared with.
enum Base {
    /// The base of the comparison.
    Own,
    /// The commit of a submodule.
    Commit(String),
    /// For staged changes: from the commit of a submodule in HEAD, if it has one, to the staged one.
    Staged {
        former: Option<String>,
        staged: String,
    },
    /// Nothing, because the repository is new.
    Nothing,
}

/// The roots of repositories inside another one.
type NestedRepositories = Vec<(PathBuf, Base)>;

/// Files that differ, with the indexes of their repositories.
type AllEntries = Vec<(usize, Entry)>;

impl Changes {
    /// Finds the changes in the repositories of the targets. `also` has other files and folders that the
    /// run reads.
    ///
    /// # Errors
    /// If git fails.
    pub fn find(
        comparison: &Comparison,
        targets: &Targets,
        projects: &Projects,
        also: &[PathBuf],
    ) -> Result<Self, ChangesError> {
        let program = find_git()?;
        let run_paths = RunPaths::of(targets, projects, also)?;
        let mut has_links = false;
        let (mut changes, files) = loop {
            match compare_all(&program, comparison, projects, &run_paths, has_links)? {
                Some(compared) => break compared,
                None => has_links = true,
            }
        };
        for (repository, entry) in files {
            if entry.state == FileState::Link {
                changes.changed_links.insert(entry.path.clone());
            }
            if let Some(blob) = &entry.former_link {
                let repository = &changes.repositories[repository];
                let target = repository.text(blob);
                let target = target.map_err(|error| repository.git.failed(&error))?;
                let target = PathBuf::from(os_string(&target));
                changes.former_links.insert(entry.path.clone(), target);
            }
            for path in run_paths.aliases(&entry.path) {
                let change = Change {
                    repository,
                    former: entry.former.clone(),
                    state: entry.state.clone(),
                    is_renamed: entry.is_renamed,
                    is_newly_checked: false,
                };
                changes.changed.insert(path, change);
            }
        }
        let existing = changes.changed.iter();
        let existing = existing.filter(|(_, change)| change.state.is_file());
        let paths = existing.map(|(path, _)| path.clone());
        changes.listing = Arc::new(Listing::new(paths, !changes.is_staged));
        changes.run_paths = run_paths;
        Ok(changes)
    }
}

/// Compares all repositories. `None` if the run could follow a link although there are none according to `has_links`.
fn compare_all(
    program: &Path,
    comparison: &Comparison,
    projects: &Projects,
    run_paths: &RunPaths,
    has_links: bool,
) -> Result<Option<(Changes, AllEntries)>, ChangesError> {
    let mut changes = Changes {
        is_staged: *comparison == Comparison::Staged,
        has_links,
        ..Changes::default()
    };
    let mut files = AllEntries::new();
    let index = index_of_hook();
    let own = run_paths.repositories.iter();
    let mut remaining: BTreeMap<PathBuf, Base> = own.map(|it| (it.clone(), Base::Own)).collect();
    // Outer repositories come first because their paths are shorter.
    while let Some((root, base)) = remaining.pop_first() {
        let index = index.as_ref().filter(|(top, _)| *top == root);
        let git = Git::new(program, &root, index.map(|(_, index)| index.clone()));
        let repository = Repository::open(git)?;
        let compared = resolve(&repository, comparison, base)?;
        let differences =
            Differences::find(&repository, comparison, &compared, run_paths, has_links)?;
        let Some(differences) = differences else {
            return Ok(None);
        };
        remaining.extend(differences.nested);
        let context = RenameContext {
            repository: &repository,
            projects,
            has_links,
        };
        let (entries, moves) = drop_unchanged(merged(differences.entries), &context);
        changes.moves.extend(moves);
        let is_alone = changes.repositories.is_empty() && remaining.is_empty();
        let named_root = if is_alone { None } else { Some(root.as_path()) };
        changes
            .compared
            .push(description(&compared.description, &entries, named_root));
        let at = changes.repositories.len();
        files.extend(entries.into_iter().map(|entry| (at, entry)));
        changes.repositories.push(repository);
    }
    Ok(Some((changes, files)))
}

/// The differences between a repository and what it is compared with.
struct Differences {
    entries: Vec<Entry>,
    /// The repositories in it, each with what to compare it with.
    nested: NestedRepositories,
}

impl Differences {
    /// `None` if the run could follow a link although there are none according to `has_links`.
    fn find(
        repository: &Repository,
        comparison: &Comparison,
        compared: &Compared,
        run_paths: &RunPaths,
        has_links: bool,
    ) -> Result<Option<Self>, ChangesError> {
        let index = repository.index()?;
        if !has_links && index.links.keys().any(|link| run_paths.may_follow(link)) {
            return Ok(None);
        }
        let mut entries = match comparison {
            // The commit of the outer repository has the files of the submodule's commit, whatever
            // else is staged in the submodule.
            Comparison::Staged => {
                let mut entries = match &compared.staged {
                    Some(staged) => repository.between(&compared.base, staged)?,
                    None => Vec::new(),
                };
                entries.extend(repository.staged(&compared.index_base)?);
                entries
            }
            Comparison::Since(_) => {
                let mut entries = repository.differing(&compared.base)?;
                add_not_compared(&mut entries, index.not_compared);
                entries
            }
        };
        let is_link = |it: &Entry| it.state == FileState::Link && run_paths.may_follow(&it.path);
        if !has_links && entries.iter().any(is_link) {
            return Ok(None);
        }
        let mut nested = NestedRepositories::new();
        for (path, commit) in index.submodules {
            let base = submodule_base(repository, comparison, compared, (&path, commit))?;
            if !is_repository(&path) {
                // Links can lead into any submodule, but only these are certainly a part of the run.
                if base.is_some() && run_paths.overlap(&path) {
                    return Err(ChangesError::SubmoduleNotCheckedOut(slashed(&path)));
                }
            } else if has_links || run_paths.overlap(&path) {
                nested.push((path, base.unwrap_or(Base::Own)));
            }
        }
        if *comparison == Comparison::Staged {
            return Ok(Some(Self { entries, nested }));
        }
        let mut untracked = untracked(repository, run_paths, has_links)?;
        if !has_links && untracked.files.iter().any(|path| path.is_symlink()) {
            return Ok(None);
        }
        let control_files = run_paths.control_files(&repository.git.root);
        untracked
            .files
            .extend(repository.untracked_among(&control_files)?);
        let new = untracked.files.into_iter().map(|path| Entry {
            former: None,
            former_link: None,
            state: match path.is_symlink() {
                true => FileState::Link,
                false => FileState::OnDisk(None),
            },
            path,
            is_renamed: false,
        });
        entries.extend(new);
        let repositories = untracked.repositories.into_iter();
        let repositories = repositories.filter(|it| has_links || run_paths.overlap(it));
        nested.extend(repositories.map(|path| (path, Base::Nothing)));
        Ok(Some(Self { entries, nested }))
    }
}

/// What to compare a submodule with. `None` if its commit is the same as before.
fn submodule_base(
    repository: &Repository,
    comparison: &Comparison,
    compared: &Compared,
    (path, commit): (&Path, String),
) -> Result<Option<Base>, ChangesError> {
    let former = repository.submodule_commit(&compared.base, path)?;
    let commit = match &compared.staged {
        Some(staged) => repository.submodule_commit(staged, path)?.unwrap_or(commit),
        None => commit,
    };
    let is_changed = former.as_ref() != Some(&commit);
    Ok(match (comparison, former) {
        (Comparison::Staged, _) if !is_changed => None,
        (Comparison::Staged, former) => Some(Base::Staged {
            former,
            staged: commit,
        }),
        // The working tree of the submodule can differ, too.
        (Comparison::Since(_), Some(former)) if is_changed || is_repository(path) => {
            Some(Base::Commit(former))
        }
        (Comparison::Since(_), Some(_)) => None,
        (Comparison::Since(_), None) => Some(Base::Nothing),
    })
}

/// What a repository is compared with.
struct Compared {
    /// The commit or tree before the changes.
    base: String,
    /// The commit or tree that the index is compared with.
    index_base: String,
    /// The commit of a submodule that is staged in the outer repository.
    staged: Option<String>,
    /// Continues "compared: ".
    description: String,
}

impl Compared {
    fn with(base: String, description: String) -> Self {
        Self {
            index_base: base.clone(),
            base,
            staged: None,
            description,
        }
    }
}

/// The commit or tree to compare a repository with, and a description of the comparison.
fn resolve(
    repository: &Repository,
    comparison: &Comparison,
    base: Base,
) -> Result<Compared, ChangesError> {
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let working_tree = |commit: String, with: String| {
        Ok(Compared::with(
            commit,
            format!("the working tree with {with}"),
        ))
    };
    let existing = |commit: String| match repository.has_commit(&commit)? {
        true => Ok(commit),
        false => Err(ChangesError::NoSubmoduleCommit {
            repository: repository.git.display_root(),
            commit,
        }),
    };
    match (comparison, base) {
        (Comparison::Since(_), Base::Commit(commit)) => {
            let commit = existing(commit)?;
            let with = format!(
                "{} (the commit of this submodule in the outer repository)",
                short(&commit)
            );
            working_tree(commit, with)
        }
        (Comparison::Since(name), Base::Own) => {
            let commit = repository.merge_base(name)?;
            let with = format!("{} (the merge base of HEAD and `{name}`)", short(&commit));
            working_tree(commit, with)
        }
        (Comparison::Since(_), _) => {
            let with = "nothing (the outer repository does not track it)".to_owned();
            working_tree(repository.empty_tree()?, with)
        }
        (Comparison::Staged, Base::Staged { former, staged }) => {
            let staged = existing(staged)?;
            let with = match &former {
                Some(former) => short(former),
                None => "nothing".to_owned(),
            };
            let base = match former {
                Some(former) => existing(former)?,
                None => repository.empty_tree()?,
            };
            let index_base = match &repository.head {
                Some(head) => head.clone(),
                None => repository.empty_tree()?,
            };
            Ok(Compared {
                description: format!("the staged commit {} with {with}", short(&staged)),
                base,
                index_base,
                staged: Some(staged),
            })
        }
        (Comparison::Staged, _) => match &repository.head {
            Some(head) => {
                let with = format!("staged files with HEAD ({})", short(head));
                Ok(Compared::with(head.clone(), with))
            }
            None => {
                let with = "staged files with nothing (there are no commits yet)".to_owned();
                Ok(Compared::with(repository.empty_tree()?, with))
            }
        },
    }
}

/// Adds the files in the working tree that git does not compare. Some may be unchanged.
fn add_not_compared(entries: &mut Vec<Entry>, not_compared: Vec<IndexEntry>) {
    let files = not_compared.into_iter().map(|file| (file.path, file.blob));
    let mut files: BTreeMap<PathBuf, Option<String>> = files.collect();
    // In a sparse checkout, most of them are not on disk.
    files.retain(|path, _| path.symlink_metadata().is_ok_and(|it| it.is_file()));
    for entry in &mut *entries {
        if files.remove(&entry.path).is_some() {
            entry.state = FileState::OnDisk(None);
        }
    }
    entries.extend(files.into_iter().map(|(path, former)| Entry {
        path,
        former,
        former_link: None,
        state: FileState::OnDisk(None),
        is_renamed: false,
    }));
}

/// Files and repositories that git does not track, where the run could find them.
fn untracked(
    repository: &Repository,
    run_paths: &RunPaths,
    is_everywhere: bool,
) -> Result<Untracked, ChangesError> {
    let root = &repository.git.root;
    if is_everywhere {
        return repository.untracked(std::slice::from_ref(root));
    }
    let within = run_paths.scopes.iter().filter_map(|scope| {
        if root.starts_with(scope) {
            return Some(root.clone());
        }
        // git would reject a path in another repository.
        (git_root(scope).as_ref() == Some(root)).then(|| scope.clone())
    });
    let within: Vec<PathBuf> = within.collect();
    if within.is_empty() {
        return Ok(Untracked::default());
    }
    repository.untracked(&within)
}

/// One entry per path. There are two for a file that is on disk but not in the index, and for one with
/// a merge conflict.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let mut indexes: HashMap<PathBuf, usize> = HashMap::new();
    let mut merged: Vec<Entry> = Vec::new();
    for entry in entries {
        match indexes.get(&entry.path) {
            None => {
                indexes.insert(entry.path.clone(), merged.len());
                merged.push(entry);
            }
            Some(&at) => {
                let known = &mut merged[at];
                known.former = known.former.take().or(entry.former);
                if known.state == FileState::Deleted || entry.state == FileState::Unmerged {
                    known.state = entry.state;
                }
            }
        }
    }
    merged
}

fn description(with: &str, entries: &[Entry], root: Option<&Path>) -> String {
    let changed = || entries.iter().filter(|entry| !entry.is_renamed);
    let metadata = changed().filter(|it| classify_at(&it.path).is_some());
    let mut text = match root {
        Some(root) => format!("in {}: ", slashed(root)),
        None => String::new(),
    };
    let files = match metadata.count() {
        0 => "no metadata files changed".to_owned(),
        1 => "1 metadata file changed".to_owned(),
        count => format!("{count} metadata files changed"),
    };
    text.push_str(&format!("{with}: {files}"));
    text
}

/// Whether a folder is the root of a repository.
fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// The index that git passes to a hook, and the root of its repository. During `git commit --all`, it is
/// not the default one.
fn index_of_hook() -> Option<(PathBuf, PathBuf)> {
    let index = env::var_os("GIT_INDEX_FILE")?;
    let here = canonical(&env::current_dir().ok()?).ok()?;
    Some((git_root(&here)?, absolute(Path::new(&index)).ok()?))
}
