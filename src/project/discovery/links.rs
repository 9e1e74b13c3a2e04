//! Follows links, after everything that is reached without links was found.
//!
//! Links are followed in the order of their paths. Each folder is walked once for each root of the walk,
//! and each file is checked once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::Scope;

use super::bounds::leaves;
use super::ignore_rules::Fate;
use super::listing::{Listed, Listing};
use super::skipped::SkipReason;
use super::walked_folder::WalkedFolder;
use super::walker::{Found, Visitor, WalkSink, Walker};
use crate::project::classify::classify_at;
use crate::project::paths::{canonical, slashed};

/// What a link leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
    /// A pipe or the like.
    Other,
    /// Something that the listing of the walk does not have.
    Unlisted,
}

/// Why the target of a staged link is not checked. It continues a sentence that begins with the link.
fn unlisted(target: &Path) -> String {
    format!(
        "is a staged link to {}, which is not in git's index, so `--staged` cannot check it; stage it \
         with `git add`",
        slashed(target)
    )
}

/// The links of a walk, and what was reached through them. Paths are without links.
struct Links<'w, 'a, S> {
    walk: &'w Walker<'a, S>,
    roots: &'w [WalkedFolder],
    real_roots: Vec<Option<PathBuf>>,
    /// The folders that were reached through links, by root.
    folders: HashSet<(usize, PathBuf)>,
    files: HashSet<PathBuf>,
    /// The folders that were looked up among those that are reached without links, by root. `None` for
    /// those that are not.
    looked_up: HashMap<(usize, PathBuf), Option<WalkedFolder>>,
}

/// Follows the links that a walk of `roots` has found.
pub(super) fn follow_links<S: WalkSink>(walk: &Walker<S>, roots: &[WalkedFolder]) {
    let mut waiting = walk.take_links();
    if waiting.is_empty() {
        return;
    }
    let mut links = Links {
        walk,
        roots,
        real_roots: roots
            .iter()
            .map(|root| canonical(&root.path).ok())
            .collect(),
        folders: HashSet::new(),
        files: HashSet::new(),
        looked_up: HashMap::new(),
    };
    let mut found = Found::default();
    rayon::scope(|scope| {
        while let Some((link, parent)) = waiting.pop_first() {
            links.follow(scope, &link, &parent, &mut found);
            waiting.append(&mut found.links);
        }
    });
    walk.finish_task(found);
}

impl<'w, S: WalkSink> Links<'w, '_, S> {
    fn follow<'s>(
        &mut self,
        scope: &Scope<'s>,
        link: &Path,
        parent: &WalkedFolder,
        found: &mut Found,
    ) where
        'w: 's,
    {
        let may_be_metadata = link
            .file_name()
            .is_some_and(|name| self.walk.filter.types.may_have(name.as_encoded_bytes()));
        let (kind, target) = match self.kind_of(link) {
            Some((kind, target)) if kind != Kind::File || may_be_metadata => (kind, target),
            Some(_) => return,
            // Nothing is deployed through a broken link: the CLI fails, too.
            None if may_be_metadata => {
                return self.walk.skip(found, link, SkipReason::NotRegular);
            }
            None => return,
        };
        let is_folder = kind == Kind::Folder;
        let skipped = match is_folder {
            true => parent.rules.enter(link, self.walk.projects).1,
            false => parent.rules.skips_file(link, self.walk.projects),
        };
        if let Some(reason) = skipped {
            return self.walk.skip(found, link, reason);
        }
        let bounds = &self.walk.projects.bounds;
        let root = self.roots.iter().find(|root| root.root == parent.root);
        let around = parent
            .project
            .bounds(root.map_or(&*parent.path, |root| &root.path));
        if kind == Kind::Unlisted && bounds.contain(&target, &around) {
            found.unreadable(link, unlisted(&target));
        } else if is_folder {
            if self.is_walked(parent.root, &target) || target.ends_with(".git") {
                return;
            }
            if !bounds.contain(&target, &around) {
                return found.unreadable(link, leaves(&target));
            }
            self.folders.insert((parent.root, target.clone()));
            self.walk_target(
                scope,
                parent.follow(link, &target, self.walk.projects),
                &target,
                found,
            );
        } else if kind == Kind::Other {
            self.walk.skip(found, link, SkipReason::NotRegular);
        } else if !bounds.contain(&target, &around) {
            found.unreadable(link, leaves(&target));
        } else if self.is_first(&target) {
            self.walk.add(parent, link.to_path_buf(), found);
        }
    }

    /// What a link leads to, and the path of that without links. `None` if that does not exist.
    fn kind_of(&self, link: &Path) -> Option<(Kind, PathBuf)> {
        if let Some(listing) = self.listing() {
            let (listed, target) = listing.follow(link);
            let kind = match listed {
                Listed::Folder => Kind::Folder,
                Listed::File => Kind::File,
                Listed::Unlisted => Kind::Unlisted,
                Listed::Missing => return None,
            };
            return Some((kind, target));
        }
        let target = canonical(link).ok()?;
        let kind = match fs::metadata(&target).ok()? {
            metadata if metadata.is_dir() => Kind::Folder,
            metadata if metadata.is_file() => Kind::File,
            _ => Kind::Other,
        };
        Some((kind, target))
    }

    fn listing(&self) -> Option<&'w Listing> {
        self.walk.filter.listing.as_deref()
    }

    /// Walks the target of a link to a folder.
    fn walk_target<'s>(
        &mut self,
        scope: &Scope<'s>,
        folder: WalkedFolder,
        target: &Path,
        found: &mut Found,
    ) where
        'w: 's,
    {
        let (walk, listing) = (self.walk, self.listing());
        let mut visitor = InTarget {
            root: folder.root,
            link: folder.path.clone(),
            target: target.to_path_buf(),
            links: self,
        };
        match listing {
            Some(listing) => walk.read_listed(folder, target, listing, found, &mut visitor),
            None => walk.read_subtree(scope, folder, found, &mut visitor),
        }
    }

    /// Whether a folder is reached without links, or was reached through one.
    fn is_walked(&mut self, root: usize, real: &Path) -> bool {
        self.folders.contains(&(root, real.to_path_buf()))
            || self.reached_folder(root, real).is_some()
    }

    /// Whether a file is not checked without links, nor through an earlier one.
    fn is_first(&mut self, real: &Path) -> bool {
        !self.is_reached_file(real) && self.files.insert(real.to_path_buf())
    }

    /// Whether a file is checked because it is reached without links.
    fn is_reached_file(&mut self, real: &Path) -> bool {
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return false;
        };
        if classify_at(real).is_none() || !self.walk.filter.types.may_have(name.as_encoded_bytes())
        {
            return false;
        }
        self.roots
            .iter()
            .map(|root| root.root)
            .collect::<Vec<_>>()
            .into_iter()
            .any(|root| {
                let projects = self.walk.projects;
                let reached = self.reached_folder(root, folder);
                reached.is_some_and(|folder| {
                    let path = folder.path.join(name);
                    folder.rules.fate(&path, projects) == Fate::Deployed
                })
            })
    }

    /// The folder of the walk at this path, if it is reached without links.
    fn reached_folder(&mut self, root: usize, real: &Path) -> Option<&WalkedFolder> {
        let key = (root, real.to_path_buf());
        if !self.looked_up.contains_key(&key) {
            let folder = self.look_up(root, real);
            self.looked_up.insert(key.clone(), folder);
        }
        self.looked_up.get(&key)?.as_ref()
    }

    fn look_up(&mut self, root: usize, real: &Path) -> Option<WalkedFolder> {
        let at = self.roots.iter().position(|it| it.root == root)?;
        let real_root = self.real_roots[at].clone()?;
        let mut folder = if real == real_root {
            self.roots[at].clone()
        } else if real.starts_with(&real_root) {
            let walk = self.walk;
            let parent = self.reached_folder(root, real.parent()?)?;
            walk.child(parent, real.file_name()?, &mut Found::default())?
        } else {
            return None;
        };
        folder.read_special(self.walk.projects);
        Some(folder)
    }
}

/// Reads the target of a link.
struct InTarget<'l, 'w, 'a, S> {
    root: usize,
    link: PathBuf,
    target: PathBuf,
    links: &'l mut Links<'w, 'a, S>,
}

impl<S: WalkSink> InTarget<'_, '_, '_, S> {
    /// The path without links.
    fn real(&self, path: &Path) -> PathBuf {
        let below = path.strip_prefix(&self.link);
        self.target.join(below.unwrap_or(Path::new("")))
    }
}

impl<S: WalkSink> Visitor for InTarget<'_, '_, '_, S> {
    fn enters(&mut self, folder: &WalkedFolder) -> bool {
        let real = self.real(&folder.path);
        let is_new = !self.links.is_walked(self.root, &real);
        self.links.folders.insert((self.root, real));
        is_new
    }

    fn is_new(&mut self, file: &Path) -> bool {
        let real = self.real(file);
        self.links.is_first(&real)
    }
}
