//! Follows symbolic links of the disk or of git's index.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The most links in one path, as in Linux.
const MAX_LINKS: usize = 40;

/// A path whose links were followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    /// The path without links. It may not exist.
    pub path: PathBuf,
    /// The links on the way. The folders above each are without links.
    pub links: Vec<PathBuf>,
}

/// Follows the links in an absolute path. `target_of` returns the target of a link as it is written.
/// `None` if there are too many links, which are then probably in a circle.
pub(crate) fn resolve_links(
    path: &Path,
    target_of: impl Fn(&Path) -> Option<PathBuf>,
) -> Option<Resolved> {
    let mut resolved = Resolved::default();
    let mut rest = Vec::new();
    push_names(&mut rest, path);
    while let Some(name) = rest.pop() {
        match Path::new(&name).components().next() {
            None | Some(Component::CurDir) => {}
            Some(Component::ParentDir) => {
                resolved.path.pop();
            }
            Some(Component::Normal(_)) => {
                resolved.path.push(&name);
                let Some(target) = target_of(&resolved.path) else {
                    continue;
                };
                if resolved.links.len() == MAX_LINKS {
                    return None;
                }
                resolved.links.push(resolved.path.clone());
                resolved.path.pop();
                push_names(&mut rest, &target);
            }
            // An absolute path replaces the one before it.
            Some(Component::RootDir | Component::Prefix(_)) => resolved.path.push(&name),
        }
    }
    Some(resolved)
}

/// Adds the names of a path to a stack, the first one at the end.
fn push_names(stack: &mut Vec<OsString>, path: &Path) {
    let names: Vec<_> = path.components().collect();
    let names = names.into_iter().rev();
    stack.extend(names.map(|name| name.as_os_str().to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed() {
        let links = [
            ("/r/a", "b"),
            ("/r/b", "./c/../d"),
            ("/r/d/up", ".."),
            ("/r/whole", "/r/d"),
            ("/r/circle", "circle"),
        ];
        let target_of = |path: &Path| {
            let found = links.iter().find(|(link, _)| Path::new(link) == path);
            found.map(|(_, target)| PathBuf::from(target))
        };
        let resolve = |path: &str| Some(resolve_links(Path::new(path), target_of)?.path);
        for (path, expected) in [
            ("/r/x", "/r/x"),
            ("/r/a/x", "/r/d/x"),
            ("/r/a/up/whole/x", "/r/d/x"),
        ] {
            assert_eq!(resolve(path), Some(PathBuf::from(expected)), "{path}");
        }
        assert_eq!(resolve("/r/circle/x"), None);
        let links = resolve_links(Path::new("/r/a"), target_of).unwrap().links;
        assert_eq!(links, [Path::new("/r/a"), Path::new("/r/b")]);
    }
}
