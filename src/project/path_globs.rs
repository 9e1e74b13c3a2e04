//! Globs of files and folders, with the syntax of `.gitignore`.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Compiled globs. Without any, nothing matches.
#[derive(Debug, Default, Clone)]
pub struct PathGlobs(Option<Gitignore>);

impl PathGlobs {
    /// Compiles globs, which are relative to `folder`.
    ///
    /// # Errors
    /// The index of a glob that is not valid, and why it is not.
    pub fn new<'g>(
        folder: &Path,
        globs: impl IntoIterator<Item = &'g str>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GitignoreBuilder::new(folder);
        let mut is_empty = true;
        for (at, glob) in globs.into_iter().enumerate() {
            if let Some(reason) = invalid(glob) {
                return Err((at, reason.to_owned()));
            }
            // In a `.gitignore` this would be a comment.
            let escape = if glob.starts_with('#') { "\\" } else { "" };
            let added = builder.add_line(None, &format!("{escape}{glob}"));
            added.map_err(|error| (at, format!("is not a valid glob: {error}")))?;
            is_empty = false;
        }
        if is_empty {
            return Ok(Self::default());
        }
        let built = builder.build();
        built
            .map(|globs| Self(Some(globs)))
            .map_err(|error| (0, format!("is not a valid glob: {error}")))
    }

    /// The folder that the globs are relative to. Empty without any.
    pub fn folder(&self) -> &Path {
        self.0.as_ref().map_or(Path::new(""), Gitignore::path)
    }

    /// Whether a glob matches the path itself. Folders above it are not matched.
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

fn invalid(glob: &str) -> Option<&'static str> {
    match glob {
        _ if glob.trim().is_empty() => Some("is empty"),
        _ if glob.starts_with('!') => Some("begins with `!`, which is not supported here"),
        _ if glob.contains(['\n', '\r']) => Some("contains a line end"),
        _ if glob.split(['/', '\\']).any(|part| part == "..") => {
            Some("is outside the folder of forcelint.toml")
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
    fn syntax_of_gitignore() {
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
    fn invalid_globs() {
        for glob in ["", " ", "!a", "../a", "a/../b", "a{b", "a\nb"] {
            assert!(PathGlobs::new(Path::new("/p"), [glob]).is_err(), "{glob}");
        }
        assert!(!PathGlobs::default().has(Path::new("/p"), true));
    }
}
