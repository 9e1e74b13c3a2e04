//! `.gitignore` and `.forceignore`.
//!
//! The `ignore` crate matches paths. Its walker is not used, because it matches every file, and here
//! only folders and metadata files are matched.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, iter};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::ignored_names::IgnoredNames;
use crate::project::bounded;

pub(crate) const GITIGNORE: &str = ".gitignore";
pub(crate) const FORCEIGNORE: &str = ".forceignore";

/// Lines that the CLI adds to a `.forceignore`
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
    folder: PathBuf,
    /// Rewritten so that the matcher reads them as git does.
    lines: Vec<String>,
    is_caseless: bool,
    names: IgnoredNames,
    /// Built when a line may match a path. In most projects, none does for metadata, and building it
    /// takes as long as checking a dozen files.
    matcher: OnceLock<Gitignore>,
}

impl IgnoreFile {
    fn new(folder: &Path, text: &str, is_caseless: bool) -> Self {
        let lines = text.lines().map(with_literal_braces);
        // A line with only `!` matches nothing in git, but everything in the matcher.
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
        // This always succeeds.
        let _ = builder.case_insensitive(self.is_caseless);
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

    /// Whether a line may match a file or folder because of its name. Otherwise, only lines for
    /// everything in a folder can match it; see [`Self::may_have_all_in`].
    pub(super) fn may_have(&self, name: &[u8], is_folder: bool) -> bool {
        let mut files = self.files();
        files.any(|file| file.names.may_have(name, is_folder))
    }

    /// Whether a line may match everything in a folder with this name.
    pub(super) fn may_have_all_in(&self, folder_name: &[u8]) -> bool {
        let mut files = self.files();
        files.any(|file| file.names.may_have_all_in(folder_name))
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

/// The `.forceignore` of a project.
#[derive(Debug)]
pub(crate) struct Forceignore(Option<IgnoreFile>);

impl Forceignore {
    /// Reads the file in `root`, the folder of `sfdx-project.json`.
    pub(crate) fn read(root: &Path) -> Self {
        let text = bounded::read_text(&root.join(FORCEIGNORE)).ok();
        // The library that the CLI uses ignores case by default.
        let file =
            text.map(|text| IgnoreFile::new(root, &format!("{FORCEIGNORE_BUILT_IN}{text}"), true));
        Self(file)
    }

    /// Whether a line excludes this path, which is in the folder of the ignore file. Folders above the
    /// path are not matched.
    pub(crate) fn ignores_itself(&self, path: &Path, is_folder: bool) -> bool {
        let decision = self
            .0
            .as_ref()
            .and_then(|file| file.ignores(path, is_folder));
        decision.unwrap_or(false)
    }

    /// The names that its lines may match. `None` without a file.
    pub(crate) fn names(&self) -> Option<&IgnoredNames> {
        self.0.as_ref().map(|file| &file.names)
    }

    /// Whether the CLI does not deploy this file.
    pub(crate) fn ignores(&self, path: &Path) -> bool {
        let Some(file) = &self.0 else { return false };
        let Ok(inside) = path.strip_prefix(&file.folder) else {
            return false;
        };
        // From the top: in an excluded folder, nothing can be included again.
        let mut part = file.folder.clone();
        let mut match_all = false;
        let count = inside.components().count();
        inside.components().enumerate().any(|(at, component)| {
            part.push(component);
            let name = component.as_os_str().as_encoded_bytes();
            let may_match = match_all || file.names.may_have(name, true);
            match_all |= file.names.may_have_all_in(name);
            may_match && file.ignores(&part, at + 1 < count || part.is_dir()) == Some(true)
        })
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
