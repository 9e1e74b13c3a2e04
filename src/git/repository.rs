//! One repository: commits to compare with, files that differ, the index, and texts of blobs.
//!
//! Paths are absolute and begin with the root of the working tree.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::command::{Git, os_string, split};
use super::error::ChangesError;
use super::objects::Objects;
use super::tree::{LINK, SUBMODULE, hexadecimal, is_file, parse_line};
use crate::text::nearest;

/// Arguments after `diff-index` and `diff-tree`: compare only names and ids, without submodules.
const RAW: [&str; 7] = [
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=all",
];

/// A repository with a working tree.
#[derive(Debug)]
pub(crate) struct Repository {
    pub git: Git,
    /// The commit of HEAD. `None` before the first commit.
    pub head: Option<String>,
    is_shallow: bool,
    objects: Mutex<Option<Objects>>,
}

/// A file that differs.
#[derive(Debug)]
pub(crate) struct Entry {
    pub path: PathBuf,
    /// The old blob.
    pub former: Option<String>,
    /// The old blob of a symbolic link, whose text is the target.
    pub former_link: Option<String>,
    pub state: FileState,
    /// Only the name of the component is changed. This is set for the old and the new path.
    pub is_renamed: bool,
}

/// The current state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileState {
    Deleted,
    /// In the working tree, with this blob if it is known.
    OnDisk(Option<String>),
    /// Staged with this blob.
    Staged(String),
    /// In an unresolved merge conflict, without a staged text.
    Unmerged,
    /// A symbolic link that is new or has another target.
    Link,
}

impl FileState {
    /// Whether there is a regular file.
    pub(crate) fn is_file(&self) -> bool {
        !matches!(self, Self::Deleted | Self::Link)
    }
}

/// What is in the index of a repository.
#[derive(Debug, Default)]
pub(crate) struct IndexEntries {
    pub files: Vec<IndexEntry>,
    /// Those of the files that git does not compare with the working tree, because of
    /// `git update-index --assume-unchanged` or `--skip-worktree`, or in a sparse checkout.
    pub not_compared: Vec<IndexEntry>,
    /// Symbolic links. The text of the blob is the target.
    pub links: BTreeMap<PathBuf, String>,
    /// The roots of submodules, with their commits.
    pub submodules: BTreeMap<PathBuf, String>,
}

/// A file in the index.
#[derive(Debug, Clone)]
pub(crate) struct IndexEntry {
    pub path: PathBuf,
    /// `None` during a merge.
    pub blob: Option<String>,
}

impl Repository {
    /// Opens the repository whose working tree `git` is in.
    pub(crate) fn open(git: Git) -> Result<Self, ChangesError> {
        let output = git.output([
            "rev-parse",
            "--is-inside-work-tree",
            "--show-cdup",
            "--is-shallow-repository",
            "HEAD^{commit}",
        ])?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = printed.lines();
        let (inside, up, shallow) = (lines.next(), lines.next(), lines.next());
        let message = String::from_utf8_lossy(&output.stderr);
        match (inside, up) {
            (Some("true"), Some("")) if shallow.is_some() => {}
            // The config can set another working tree.
            (Some(_), _) => return Err(ChangesError::NoRepository(git.display_root())),
            _ if message.contains("not a git repository") => {
                return Err(ChangesError::NoRepository(git.display_root()));
            }
            _ => return Err(git.failed(&message.trim())),
        }
        Ok(Self {
            head: lines
                .next()
                .filter(|_| output.status.success())
                .map(str::to_owned),
            is_shallow: shallow == Some("true"),
            objects: Mutex::default(),
            git,
        })
    }

    /// The commit with a name, if it exists.
    fn commit(&self, name: &str) -> Result<Option<String>, ChangesError> {
        // git would read such a name as an option. It is not a valid name.
        if name.is_empty() || name.starts_with('-') {
            return Ok(None);
        }
        let name = format!("{name}^{{commit}}");
        let output = self
            .git
            .output(["rev-parse", "--verify", "--quiet", &name])?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let commit = printed.trim();
        Ok((output.status.success() && !commit.is_empty()).then(|| commit.to_owned()))
    }

    /// The merge base of HEAD and `name`.
    pub(crate) fn merge_base(&self, name: &str) -> Result<String, ChangesError> {
        let repository = self.git.display_root();
        let Some(head) = &self.head else {
            return Err(ChangesError::NoCommit(repository));
        };
        let Some(commit) = self.commit(name)? else {
            return Err(ChangesError::UnknownRef {
                name: name.to_owned(),
                repository,
                help: self.help_for_unknown(name)?,
            });
        };
        let output = self.git.output(["merge-base", commit.as_str(), head])?;
        let printed = String::from_utf8_lossy(&output.stdout);
        match printed.lines().next() {
            Some(base) if output.status.success() => Ok(base.to_owned()),
            _ => Err(ChangesError::NoMergeBase {
                name: name.to_owned(),
                repository,
                help: self.help_for_no_merge_base(),
            }),
        }
    }

    fn help_for_no_merge_base(&self) -> String {
        if self.is_shallow {
            "the clone is shallow; fetch more history with `git fetch --deepen=200`, or all of it \
             with `git fetch --unshallow` (`fetch-depth: 0` of actions/checkout)"
                .to_owned()
        } else {
            "they share no history; pass a ref that shares history with HEAD".to_owned()
        }
    }

    fn help_for_unknown(&self, name: &str) -> Result<String, ChangesError> {
        let listed = self
            .git
            .run(["for-each-ref", "--format=%(refname:short)"])?;
        let listed = String::from_utf8_lossy(&listed);
        let remote = listed.lines().find(|it| {
            let below = it.split_once('/');
            !name.is_empty() && below.is_some_and(|(_, below)| below == name)
        });
        if let Some(near) = remote.or_else(|| nearest(name, listed.lines())) {
            return Ok(format!("did you mean `{near}`?"));
        }
        if !name.is_empty() && name.bytes().all(|byte| byte == b'0') {
            let zeros = "zeros mean that the branch is new; pass the branch that it will be \
                         merged into";
            return Ok(zeros.to_owned());
        }
        if name.is_empty() {
            return Ok("pass a branch, a tag or a commit; a variable may be unset".to_owned());
        }
        Ok(if self.is_shallow {
            "the clone is shallow; fetch the commit, with enough history to find its merge base \
             with HEAD (`fetch-depth: 0` of actions/checkout)"
                .to_owned()
        } else {
            "pass a branch, a tag or a commit; fetch remote branches first".to_owned()
        })
    }

    /// The id of the empty tree, to compare with before the first commit.
    pub(crate) fn empty_tree(&self) -> Result<String, ChangesError> {
        // The id depends on the hash algorithm. Stdin is empty.
        let printed = self.git.run(["hash-object", "-t", "tree", "--stdin"])?;
        Ok(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// The commit of the submodule at `path` in the commit `base`. `None` if it has no submodule
    /// there.
    pub(crate) fn submodule_commit(
        &self,
        base: &str,
        path: &Path,
    ) -> Result<Option<String>, ChangesError> {
        let path = path.strip_prefix(&self.git.root).unwrap_or(path);
        let mut arguments = ["ls-tree", "-z", base, "--"].map(Into::into).to_vec();
        arguments.push(path.as_os_str().to_owned());
        let printed = self.git.run(arguments)?;
        let mut lines = split(&printed).filter_map(parse_line);
        let commit = lines.find(|([mode, ..], _)| *mode == SUBMODULE);
        Ok(commit.map(|([_, _, id], _)| hexadecimal(id)))
    }

    pub(crate) fn has_commit(&self, commit: &str) -> Result<bool, ChangesError> {
        self.commit(commit).map(|found| found.is_some())
    }

    /// Tracked files that differ between the working tree and `base`. git does not read them, so some
    /// of them may be unchanged.
    pub(crate) fn differing(&self, base: &str) -> Result<Vec<Entry>, ChangesError> {
        let arguments = ["diff-index"].into_iter().chain(RAW);
        let printed = self.git.run_over_files(arguments.chain([base, "--"]))?;
        Ok(self.entries(&printed, false))
    }

    /// Files that differ between the index and `base`.
    pub(crate) fn staged(&self, base: &str) -> Result<Vec<Entry>, ChangesError> {
        let cached = ["--cached", "--ita-invisible-in-index", base, "--"];
        let arguments = ["diff-index"].into_iter().chain(RAW);
        let printed = self.git.run(arguments.chain(cached))?;
        Ok(self.entries(&printed, true))
    }

    /// Files that differ between two commits or trees, as if those of `new` were staged.
    pub(crate) fn between(&self, base: &str, new: &str) -> Result<Vec<Entry>, ChangesError> {
        let arguments = ["diff-tree", "-r"].into_iter().chain(RAW);
        let printed = self.git.run(arguments.chain([base, new, "--"]))?;
        Ok(self.entries(&printed, true))
    }

    fn entries(&self, printed: &[u8], staged: bool) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut tokens = split(printed);
        while let (Some(header), Some(path)) = (tokens.next(), tokens.next()) {
            let words: Vec<&[u8]> = header.split(|&byte| byte == b' ').collect();
            let [old_mode, mode, old, new, status] = words.as_slice() else {
                continue;
            };
            let old_mode = &old_mode[1..];
            if old_mode == SUBMODULE || *mode == SUBMODULE {
                continue;
            }
            let (old, new) = (hexadecimal(old), hexadecimal(new));
            let known = Some(new.clone()).filter(|id| id.bytes().any(|byte| byte != b'0'));
            if known.as_ref() == Some(&old) && is_file(old_mode) == is_file(mode) {
                // Only the mode is changed.
                continue;
            }
            let path = self.git.root.join(os_string(path));
            let is_link = *mode == LINK;
            if is_link && old_mode == LINK && known.is_none() && self.has_target(&old, &path) {
                continue;
            }
            let is_unmerged = status.first() == Some(&b'U');
            let state = match known {
                _ if is_link => FileState::Link,
                _ if is_unmerged && staged => FileState::Unmerged,
                _ if is_unmerged => FileState::OnDisk(None),
                Some(blob) if staged && is_file(mode) => FileState::Staged(blob),
                _ if staged || *mode == b"000000" => FileState::Deleted,
                blob => FileState::OnDisk(blob),
            };
            entries.push(Entry {
                path,
                former_link: (old_mode == LINK).then(|| old.clone()),
                former: is_file(old_mode).then_some(old),
                state,
                is_renamed: false,
            });
        }
        entries
    }

    /// Whether the link at a path of the working tree has the target in this blob.
    fn has_target(&self, blob: &str, path: &Path) -> bool {
        let target = self.text(blob).map(|text| PathBuf::from(os_string(&text)));
        target.is_ok_and(|target| path.read_link().is_ok_and(|it| it == target))
    }

    /// Files and repositories in these folders that are neither tracked nor ignored.
    pub(crate) fn untracked(&self, within: &[PathBuf]) -> Result<Untracked, ChangesError> {
        // A check of all files does not read `.git/info/exclude`, either.
        let ignored = "--exclude-per-directory=.gitignore";
        let options = ["ls-files", "-z", "--others", ignored, "--"];
        let mut arguments = options.map(Into::into).to_vec();
        let below = |path: &PathBuf| {
            path.strip_prefix(&self.git.root)
                .ok()
                .map(Path::to_path_buf)
        };
        let within: Vec<PathBuf> = within.iter().filter_map(below).collect();
        let is_everywhere = within.iter().any(|path| path.as_os_str().is_empty());
        if !is_everywhere && within.len() <= MAX_PATHS {
            arguments.extend(within.into_iter().map(PathBuf::into_os_string));
        }
        let printed = self.git.run(arguments)?;
        let mut untracked = Untracked::default();
        for name in split(&printed) {
            let path = self.git.root.join(os_string(name));
            if name.ends_with(b"/") {
                untracked.repositories.push(path);
            } else {
                untracked.files.push(path);
            }
        }
        Ok(untracked)
    }

    /// Those of these paths that git does not track, and files in them. Ignored ones are included.
    pub(crate) fn untracked_among(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, ChangesError> {
        let mut untracked = Vec::new();
        for paths in paths.chunks(MAX_PATHS) {
            let below = paths
                .iter()
                .filter_map(|it| it.strip_prefix(&self.git.root).ok());
            let below = below.map(|path| path.as_os_str().to_owned());
            let options = ["ls-files", "-z", "--others", "--"].map(Into::into);
            let printed = self.git.run(options.into_iter().chain(below))?;
            untracked.extend(split(&printed).map(|path| self.git.root.join(os_string(path))));
        }
        Ok(untracked)
    }

    /// What is in the index.
    pub(crate) fn index(&self) -> Result<IndexEntries, ChangesError> {
        let printed = self.git.run(["ls-files", "-z", "--stage", "-v"])?;
        let mut index = IndexEntries::default();
        let files = &mut index.files;
        for (tag, line) in split(&printed).filter_map(|line| line.split_first_chunk::<2>()) {
            let Some(([mode, id, stage], path)) = parse_line(line) else {
                continue;
            };
            let path = self.git.root.join(os_string(path));
            if mode == SUBMODULE {
                index.submodules.insert(path, hexadecimal(id));
            } else if mode == LINK {
                index.links.insert(path, hexadecimal(id));
            } else if is_file(mode) && files.last().is_none_or(|last| last.path != path) {
                let blob = (stage == b"0").then(|| hexadecimal(id));
                let entry = IndexEntry { path, blob };
                if tag == b"S " || tag[0].is_ascii_lowercase() {
                    index.not_compared.push(entry.clone());
                }
                files.push(entry);
            }
        }
        Ok(index)
    }

    /// Files that are in the index without a text (`git add --intent-to-add`).
    pub(crate) fn intent_to_add(&self) -> Result<HashSet<PathBuf>, ChangesError> {
        let arguments = ["diff-files", "--name-only", "-z", "--diff-filter=A"];
        let rest = ["--no-ext-diff", "--ignore-submodules=all", "--"];
        let printed = self.git.run_over_files(arguments.into_iter().chain(rest))?;
        let paths = split(&printed).map(|path| self.git.root.join(os_string(path)));
        Ok(paths.collect())
    }

    /// The bytes of a blob.
    pub(crate) fn text(&self, blob: &str) -> io::Result<Vec<u8>> {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match &mut *objects {
            Some(running) => running,
            none => none.insert(Objects::start(&self.git)?),
        };
        let text = running.text(blob);
        if text.is_err() {
            *objects = None;
        }
        text?
    }
}

/// The most paths on a command line, whose length the system limits.
const MAX_PATHS: usize = 64;

/// Files and repositories that git does not track.
#[derive(Debug, Default)]
pub(crate) struct Untracked {
    pub files: Vec<PathBuf>,
    pub repositories: Vec<PathBuf>,
}
