//! `.gitignore`.
//!
//! The `ignore` crate matches paths. Its walker is not used, because it matches every file, and here
//! only folders and metadata files are matched.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, iter};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::project::bounded;

pub(crate) const GITIGNORE: &str = ".gitignore";

/// One ignore file.
#[derive(Debug)]
struct IgnoreFile {
    folder: PathBuf,
    /// Rewritten so that the matcher reads them as git does.
    lines: Vec<String>,
    /// Built when a path is matched for the first time.
    matcher: OnceLock<Gitignore>,
}

impl IgnoreFile {
    fn new(folder: &Path, text: &str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let lines = text.lines().map(with_literal_braces);
        // A line with only `!` matches nothing in git, but everything in the matcher.
        let lines: Vec<String> = lines.filter(|line| line.trim_end() != "!").collect();
        Self {
            folder: folder.to_path_buf(),
            lines,
            matcher: OnceLock::new(),
        }
    }

    /// Whether the last matching line excludes a path in the folder of the file. `None` if no line
    /// matches. Folders above the path are not matched.
    fn ignores(&self, path: &Path, is_folder: bool) -> Option<bool> {
        let matcher = self.matcher.get_or_init(|| self.matcher());
        match matcher.matched(path, is_folder) {
            Match::None => None,
            matched => Some(matched.is_ignore()),
        }
    }

    fn matcher(&self) -> Gitignore {
        let mut builder = GitignoreBuilder::new(&self.folder);
        for line in &self.lines {
            // Invalid globs are ignored, as in git.
            let _ = builder.add_line(None, line);
        }
        builder.build().unwrap_or_else(|_| Gitignore::empty())
    }
}

/// The `.gitignore` files that apply in a folder: its own, and then those above it.
#[derive(Debug, Clone, Default)]
pub(super) struct GitignoreChain(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    file: IgnoreFile,
    above: GitignoreChain,
}

impl GitignoreChain {
    /// This chain with the `.gitignore` of `folder` before it, if the file can be read.
    pub(super) fn with(&self, folder: &Path) -> Self {
        let file = folder.join(GITIGNORE);
        // git does not follow a link here, either.
        let is_link = fs::symlink_metadata(&file).is_ok_and(|file| file.is_symlink());
        match bounded::read_text(&file) {
            Ok(text) if !is_link => Self(Some(Arc::new(Link {
                file: IgnoreFile::new(folder, &text),
                above: self.clone(),
            }))),
            _ => self.clone(),
        }
    }

    /// The chain for `folder` in the repository at `root`.
    pub(super) fn from_root(root: &Path, folder: &Path) -> Self {
        let mut folders: Vec<&Path> = folder
            .ancestors()
            .take_while(|above| above.starts_with(root))
            .collect();
        folders.reverse();
        folders
            .into_iter()
            .filter(|folder| folder.join(GITIGNORE).is_file())
            .fold(Self::default(), |chain, folder| chain.with(folder))
    }

    /// Whether git ignores this path, if it ignores no folder above it.
    pub(super) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let decision = self.files().find_map(|file| file.ignores(path, is_folder));
        decision.unwrap_or(false)
    }

    fn files(&self) -> impl Iterator<Item = &IgnoreFile> {
        let links = iter::successors(self.0.as_deref(), |link| link.above.0.as_deref());
        links.map(|link| &link.file)
    }
}

/// Escapes braces: alternatives in braces do not exist in git.
fn with_literal_braces(line: &str) -> String {
    let mut literal = String::with_capacity(line.len());
    let mut is_escaped = false;
    for character in line.chars() {
        if matches!(character, '{' | '}') && !is_escaped {
            literal.push('\\');
        }
        is_escaped = character == '\\' && !is_escaped;
        literal.push(character);
    }
    literal
}
