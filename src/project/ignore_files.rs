//! `.gitignore` and `.forceignore`.
//!
//! In: the ignore files around a path. Out: whether the repository, or the Salesforce CLI, leaves
//! the path out. Matching is that of the `ignore` crate; its walker is not used, because only
//! folders and files of metadata are ever asked for.

use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The name of git's ignore files.
pub const GITIGNORE: &str = ".gitignore";
/// The name of the CLI's ignore file.
pub const FORCEIGNORE: &str = ".forceignore";

/// What the CLI leaves out in a project that has a `.forceignore`
/// (`resolve/forceIgnore.js` of `@salesforce/source-deploy-retrieve` 13.7.0).
const FORCEIGNORE_BUILT_IN: &[&str] = &[
    "**/*.dup",
    "**/.*",
    "!**/.sf/orgs/*/remoteMetadata",
    "!**/.sf/orgs/*/remoteMetadata/**",
    "**/package2-descriptor.json",
    "**/package2-manifest.json",
];

/// The `.gitignore` files that hold in a folder: its own and, behind it, those above.
#[derive(Debug, Clone, Default)]
pub struct GitignoreChain(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    rules: Gitignore,
    above: GitignoreChain,
}

impl GitignoreChain {
    /// The chain with the `.gitignore` of `folder`, if that can be read, in front.
    pub fn with(&self, folder: &Path) -> Self {
        let mut builder = GitignoreBuilder::new(folder);
        // A line that is no glob is passed over, as git does.
        builder.add(folder.join(GITIGNORE));
        match builder.build() {
            Ok(rules) if !rules.is_empty() => Self(Some(Arc::new(Link {
                rules,
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

    /// Whether git ignores this path, given that it ignores no folder above it.
    pub fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut next = self;
        while let Some(link) = &next.0 {
            match link.rules.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => next = &link.above,
            }
        }
        false
    }
}

/// The `.forceignore` of a project.
#[derive(Debug)]
pub struct Forceignore(Option<Gitignore>);

impl Forceignore {
    /// Reads the one in `root`, the folder of `sfdx-project.json`.
    pub fn read(root: &Path) -> Self {
        let file = root.join(FORCEIGNORE);
        if !file.is_file() {
            return Self(None);
        }
        let mut builder = GitignoreBuilder::new(root);
        for line in FORCEIGNORE_BUILT_IN {
            // These are constant and valid; were one not, less would be left out, never more.
            let _ = builder.add_line(None, line);
        }
        builder.add(file);
        Self(builder.build().ok())
    }

    /// Whether the CLI would not deploy this file.
    pub fn ignores(&self, file: &Path) -> bool {
        self.0.as_ref().is_some_and(|rules| {
            file.starts_with(rules.path())
                && rules.matched_path_or_any_parents(file, false).is_ignore()
        })
    }
}
