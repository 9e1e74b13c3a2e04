//! `.gitignore` and `.forceignore`.
//!
//! In: the ignore files around a path. Out: whether the repository, or the Salesforce CLI, leaves
//! the path out. Matching is that of the `ignore` crate; its walker is not used, because only
//! folders and files of metadata are ever asked for.

use std::path::Path;
use std::sync::Arc;
use std::{fs, iter};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::bounded;
use super::ignored_names::IgnoredNames;

/// The name of git's ignore files.
pub const GITIGNORE: &str = ".gitignore";
/// The name of the CLI's ignore file.
pub const FORCEIGNORE: &str = ".forceignore";

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

/// The `.gitignore` files that hold in a folder: its own and, behind it, those above.
#[derive(Debug, Clone, Default)]
pub struct GitignoreChain(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    rules: Gitignore,
    names: IgnoredNames,
    above: GitignoreChain,
}

impl GitignoreChain {
    /// The chain with the `.gitignore` of `folder`, if that can be read, in front.
    pub fn with(&self, folder: &Path) -> Self {
        let file = folder.join(GITIGNORE);
        // Git does not follow a link here either.
        let is_link = fs::symlink_metadata(&file).is_ok_and(|file| file.is_symlink());
        let text = match bounded::read_text(&file) {
            Ok(text) if !is_link => text,
            _ => return self.clone(),
        };
        let mut builder = GitignoreBuilder::new(folder);
        let mut names = IgnoredNames::default();
        add_lines(&mut builder, &mut names, &text);
        match builder.build() {
            Ok(rules) if !rules.is_empty() => Self(Some(Arc::new(Link {
                rules,
                names,
                above: self.clone(),
            }))),
            _ => self.clone(),
        }
    }

    /// The chain for `folder` in the repository at `root`.
    pub fn from_root(root: &Path, folder: &Path) -> Self {
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

    /// Whether a line can be about a file or folder because of its name. Where it is not, only lines
    /// about all in a folder ([`Self::may_have_all_in`]) can be about it.
    pub fn may_have(&self, name: &[u8], is_folder: bool) -> bool {
        self.links()
            .any(|link| link.names.may_have(name, is_folder))
    }

    /// Whether a line can be about all that is in a folder of this name, or deeper in it.
    pub fn may_have_all_in(&self, folder_name: &[u8]) -> bool {
        self.links()
            .any(|link| link.names.may_have_all_in(folder_name))
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        iter::successors(self.0.as_deref(), |link| link.above.0.as_deref())
    }

    /// Whether git ignores this path, given that it ignores no folder above it.
    pub fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut said = self.links().map(|link| link.rules.matched(path, is_folder));
        said.find(|it| !it.is_none())
            .is_some_and(|it| it.is_ignore())
    }
}

/// The `.forceignore` of a project.
#[derive(Debug)]
pub struct Forceignore(Option<(Gitignore, IgnoredNames)>);

impl Forceignore {
    /// Reads the one in `root`, the folder of `sfdx-project.json`.
    pub fn read(root: &Path) -> Self {
        let Ok(text) = bounded::read_text(&root.join(FORCEIGNORE)) else {
            return Self(None);
        };
        let mut builder = GitignoreBuilder::new(root);
        // So does the library of the CLI by default; the flag itself cannot be refused.
        let _ = builder.case_insensitive(true);
        let mut names = IgnoredNames::default();
        add_lines(&mut builder, &mut names, FORCEIGNORE_BUILT_IN);
        add_lines(&mut builder, &mut names, &text);
        Self(builder.build().ok().map(|rules| (rules, names)))
    }

    /// Whether a rule leaves out this path, which lies below the folder of the ignore file. Whether one
    /// leaves out a folder above it is not asked.
    pub fn ignores_itself(&self, path: &Path, is_folder: bool) -> bool {
        let rules = self.0.as_ref().map(|(rules, _)| rules);
        rules.is_some_and(|rules| rules.matched(path, is_folder).is_ignore())
    }

    /// Which names its lines can be about; none without such a file.
    pub fn names(&self) -> Option<&IgnoredNames> {
        self.0.as_ref().map(|(_, names)| names)
    }

    /// Whether the CLI would not deploy this file.
    pub fn ignores(&self, file: &Path) -> bool {
        let Some((rules, _)) = &self.0 else {
            return false;
        };
        let Ok(inside) = file.strip_prefix(rules.path()) else {
            return false;
        };
        // From the top: below a folder that is left out nothing can be taken in again.
        let mut path = rules.path().to_path_buf();
        let parts = inside.components().count();
        inside.components().enumerate().any(|(at, part)| {
            path.push(part);
            rules
                .matched(&path, at + 1 < parts || path.is_dir())
                .is_ignore()
        })
    }
}

/// Adds the lines of an ignore file, those that git and the matcher read differently rewritten. A
/// line that is no glob is passed over, as git does.
fn add_lines(builder: &mut GitignoreBuilder, names: &mut IgnoredNames, text: &str) {
    for line in text.lines() {
        let line = with_literal_braces(line);
        if line.trim_end() != "!" {
            let _ = builder.add_line(None, &line);
            names.add_line(&line);
        }
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
