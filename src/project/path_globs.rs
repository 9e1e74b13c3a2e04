//! Globs of files and folders, as `.gitignore` has them.
//!
//! In: globs and the folder that they are meant from. Out: whether one of them matches a path, or a
//! folder above it.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Some globs; none at all match nothing.
#[derive(Debug, Default, Clone)]
pub struct PathGlobs(Option<Gitignore>);

impl PathGlobs {
    /// Globs that are meant from `folder`.
    ///
    /// # Errors
    /// The place among `globs` of one that means nothing, and why.
    pub fn new<'g>(
        folder: &Path,
        globs: impl IntoIterator<Item = &'g str>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GitignoreBuilder::new(folder);
        let mut is_empty = true;
        for (at, glob) in globs.into_iter().enumerate() {
            if let Some(reason) = refused(glob) {
                return Err((at, reason.to_owned()));
            }
            // A comment for git, but nobody writes one here.
            let escape = if glob.starts_with('#') { "\\" } else { "" };
            let added = builder.add_line(None, &format!("{escape}{glob}"));
            added.map_err(|error| (at, format!("is no glob: {error}")))?;
            is_empty = false;
        }
        if is_empty {
            return Ok(Self::default());
        }
        let built = builder.build();
        built
            .map(|globs| Self(Some(globs)))
            .map_err(|error| (0, format!("is no glob: {error}")))
    }

    /// Whether a glob matches the path, which is that of something in a folder of which
    /// [`Self::has`] is not true.
    pub fn has_itself(&self, path: &Path, is_folder: bool) -> bool {
        self.0.as_ref().is_some_and(|globs| {
            path.starts_with(globs.path()) && globs.matched(path, is_folder).is_ignore()
        })
    }

    /// Whether a glob matches the path or a folder above it.
    pub fn has(&self, path: &Path, is_folder: bool) -> bool {
        let Some(globs) = &self.0 else { return false };
        let inside = path.strip_prefix(globs.path());
        inside.is_ok_and(|inside| {
            let mut parts = inside.ancestors().filter(|part| *part != Path::new(""));
            parts.any(|part| globs.matched(part, is_folder || part != inside).is_ignore())
        })
    }
}

fn refused(glob: &str) -> Option<&'static str> {
    match glob {
        _ if glob.trim().is_empty() => Some("names nothing"),
        _ if glob.starts_with('!') => Some("begins with `!`, but nothing can be taken in again"),
        _ if glob.contains(['\n', '\r']) => Some("has a line end in it"),
        _ if glob.split(['/', '\\']).any(|part| part == "..") => {
            Some("leaves the folder of forcelint.toml")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(glob: &str, path: &str) -> bool {
        let globs = PathGlobs::new(Path::new("/p"), [glob]).unwrap();
        globs.has(Path::new(path), false)
    }

    #[test]
    fn globs_are_those_of_gitignore() {
        for (glob, path, expected) in [
            ("legacy", "/p/a/legacy/x.app", true),
            ("/legacy", "/p/a/legacy/x.app", false),
            ("force-app/*/x.app", "/p/force-app/a/x.app", true),
            ("force-app/*/x.app", "/p/force-app/a/b/x.app", false),
            ("force-app/**/x.app", "/p/force-app/a/b/x.app", true),
            ("*.{a,b}", "/p/x.b", true),
            ("#x", "/p/#x", true),
            ("**", "/elsewhere/x", false),
        ] {
            assert_eq!(matched(glob, path), expected, "{glob} {path}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for glob in ["", " ", "!a", "../a", "a/../b", "a{b", "a\nb"] {
            assert!(PathGlobs::new(Path::new("/p"), [glob]).is_err(), "{glob}");
        }
        assert!(!PathGlobs::default().has(Path::new("/p"), true));
    }
}
