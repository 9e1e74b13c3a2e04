//! `.gitignore` and `.forceignore`.
//!
//! In: the ignore files around a path. Out: whether the repository, or the Salesforce CLI, leaves
//! the path out. Matching is that of the `ignore` crate; its walker is not used, because only
//! folders and files of metadata are ever asked for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, iter};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::ignored_names::IgnoredNames;
use crate::project::bounded;

/// The name of git's ignore files.
pub(crate) const GITIGNORE: &str = ".gitignore";
/// The name of the CLI's ignore file.
pub(crate) const FORCEIGNORE: &str = ".forceignore";

/// What the CLI leaves out in a project that has a `.forceignore`
/// (`resolve/forceIgnore.js` of `@salesforce/source-deploy-retrieve` 13.7.0).
const FORCEIGNORE_BUILT_IN: &str = "\
**/*.dup
**/.*
!**/.sf/orgs/*/remoteMetadata
!**/.sf/orgs/*/remoteMetadata/**
**/package2-descriptor.json
**/package2-manifest.json
";

/// One ignore file.
#[derive(Debug)]
struct IgnoreFile {
    /// Where it lies.
    folder: PathBuf,
    /// Those that git and the matcher read differently are rewritten.
    lines: Vec<String>,
    is_caseless: bool,
    names: IgnoredNames,
    /// Made when a line can be about a path, which in most projects is never the case for metadata:
    /// making it takes as long as checking a dozen files.
    matcher: OnceLock<Gitignore>,
}

impl IgnoreFile {
    fn new(folder: &Path, text: &str, is_caseless: bool) -> Self {
        let lines = text.lines().map(with_literal_braces);
        // A lone `!` is nothing for git, and everything for the matcher.
        let lines: Vec<String> = lines.filter(|line| line.trim_end() != "!").collect();
        let mut names = IgnoredNames::default();
        for line in &lines {
            names.add_line(line);
        }
        Self {
            folder: folder.to_path_buf(),
            lines,
            is_caseless,
            names,
            matcher: OnceLock::new(),
        }
    }

    /// Whether a path is left out; nothing where no line is about it. The path lies below the folder
    /// of the file, and what the lines say about folders above it is not asked.
    fn ignores(&self, path: &Path, is_folder: bool) -> Option<bool> {
        let matcher = self.matcher.get_or_init(|| self.matcher());
        match matcher.matched(path, is_folder) {
            Match::None => None,
            said => Some(said.is_ignore()),
        }
    }

    fn matcher(&self) -> Gitignore {
        let mut builder = GitignoreBuilder::new(&self.folder);
        // The flag itself cannot be refused.
        let _ = builder.case_insensitive(self.is_caseless);
        for line in &self.lines {
            // A line that is no glob is passed over, as git does.
            let _ = builder.add_line(None, line);
        }
        builder.build().unwrap_or_else(|_| Gitignore::empty())
    }
}

/// The `.gitignore` files that hold in a folder: its own and, behind it, those above.
#[derive(Debug, Clone, Default)]
pub(super) struct GitignoreChain(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    file: IgnoreFile,
    above: GitignoreChain,
}

impl GitignoreChain {
    /// The chain with the `.gitignore` of `folder`, if that can be read, in front.
    pub(super) fn with(&self, folder: &Path) -> Self {
        let file = folder.join(GITIGNORE);
        // Git does not follow a link here either.
        let is_link = fs::symlink_metadata(&file).is_ok_and(|file| file.is_symlink());
        match bounded::read_text(&file) {
            Ok(text) if !is_link => Self(Some(Arc::new(Link {
                file: IgnoreFile::new(folder, &text, false),
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

    /// Whether a line can be about a file or folder because of its name. Where it is not, only
    /// lines about all in a folder ([`Self::may_have_all_in`]) can be about it.
    pub(super) fn may_have(&self, name: &[u8], is_folder: bool) -> bool {
        let mut files = self.files();
        files.any(|file| file.names.may_have(name, is_folder))
    }

    /// Whether a line can be about all that is in a folder of this name, or deeper in it.
    pub(super) fn may_have_all_in(&self, folder_name: &[u8]) -> bool {
        let mut files = self.files();
        files.any(|file| file.names.may_have_all_in(folder_name))
    }

    /// Whether git ignores this path, given that it ignores no folder above it.
    pub(super) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let said = self.files().find_map(|file| file.ignores(path, is_folder));
        said.unwrap_or(false)
    }

    fn files(&self) -> impl Iterator<Item = &IgnoreFile> {
        let links = iter::successors(self.0.as_deref(), |link| link.above.0.as_deref());
        links.map(|link| &link.file)
    }
}

/// The `.forceignore` of a project.
#[derive(Debug)]
pub(crate) struct Forceignore(Option<IgnoreFile>);

impl Forceignore {
    /// Reads the one in `root`, the folder of `sfdx-project.json`.
    pub(crate) fn read(root: &Path) -> Self {
        let text = bounded::read_text(&root.join(FORCEIGNORE)).ok();
        // The library of the CLI does not look at case by default.
        let file =
            text.map(|text| IgnoreFile::new(root, &format!("{FORCEIGNORE_BUILT_IN}{text}"), true));
        Self(file)
    }

    /// Whether a line leaves out this path, which lies below the folder of the ignore file. Whether
    /// one leaves out a folder above it is not asked.
    pub(crate) fn ignores_itself(&self, path: &Path, is_folder: bool) -> bool {
        let said = self
            .0
            .as_ref()
            .and_then(|file| file.ignores(path, is_folder));
        said.unwrap_or(false)
    }

    /// Which names its lines can be about; none without such a file.
    pub(crate) fn names(&self) -> Option<&IgnoredNames> {
        self.0.as_ref().map(|file| &file.names)
    }

    /// Whether the CLI would not deploy this file.
    pub(crate) fn ignores(&self, path: &Path) -> bool {
        let Some(file) = &self.0 else { return false };
        let Ok(inside) = path.strip_prefix(&file.folder) else {
            return false;
        };
        // From the top: below a folder that is left out nothing can be taken in again.
        let mut part = file.folder.clone();
        let mut all_asked = false;
        let count = inside.components().count();
        inside.components().enumerate().any(|(at, component)| {
            part.push(component);
            let name = component.as_os_str().as_encoded_bytes();
            let is_asked = all_asked || file.names.may_have(name, true);
            all_asked |= file.names.may_have_all_in(name);
            is_asked && file.ignores(&part, at + 1 < count || part.is_dir()) == Some(true)
        })
    }
}

/// Git knows no alternatives in braces, so each that is not escaped already gets a backslash.
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
