//! Globs of files and folders, with the syntax of `.gitignore`.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Compiled globs. Without any, nothing matches.
#[derive(Debug, Default, Clone)]
pub struct PathGlobs {
    /// The folder that paths are relative to.
    folder: PathBuf,
    globs: GlobSet,
    /// Which of the globs match only folders.
    of_folders: Vec<bool>,
}

impl PathGlobs {
    /// Compiles globs, which are relative to `folder`.
    ///
    /// # Errors
    /// The index of a glob that is not valid, and why it is not.
    pub fn new<'g>(
        folder: &Path,
        globs: impl IntoIterator<Item = &'g str>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GlobSetBuilder::new();
        let mut of_folders = Vec::new();
        for (at, glob) in globs.into_iter().enumerate() {
            if let Some(reason) = invalid(glob) {
                return Err((at, reason.to_owned()));
            }
            let (pattern, is_of_folders) = anchored(glob);
            let compiled = GlobBuilder::new(&pattern)
                .literal_separator(true)
                .backslash_escape(true)
                .build();
            builder.add(
                compiled.map_err(|error| (at, format!("is not a valid glob: {}", error.kind())))?,
            );
            of_folders.push(is_of_folders);
        }
        let globs = builder.build();
        Ok(Self {
            folder: folder.to_path_buf(),
            globs: globs.map_err(|error| (0, format!("is not a valid glob: {}", error.kind())))?,
            of_folders,
        })
    }

    /// The folder that the globs are relative to. Empty without any.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a glob matches the path itself. Folders above it are not matched.
    pub fn has_itself(&self, path: &Path, is_folder: bool) -> bool {
        let inside = path.strip_prefix(&self.folder);
        !self.globs.is_empty() && inside.is_ok_and(|inside| self.matches(inside, is_folder))
    }

    /// Whether a glob matches the path or a folder above it.
    pub fn has(&self, path: &Path, is_folder: bool) -> bool {
        let inside = path.strip_prefix(&self.folder);
        !self.globs.is_empty()
            && inside.is_ok_and(|inside| {
                let mut parts = inside.ancestors().filter(|part| *part != Path::new(""));
                parts.any(|part| self.matches(part, is_folder || part != inside))
            })
    }

    fn matches(&self, inside: &Path, is_folder: bool) -> bool {
        let matching = self.globs.matches(inside).into_iter();
        let mut matching = matching.filter(|at| is_folder || !self.of_folders[*at]);
        matching.next().is_some()
    }
}

/// The glob for the whole path, and whether it matches only folders. A glob without a slash matches at any
/// level.
fn anchored(glob: &str) -> (String, bool) {
    let glob = if glob.ends_with("\\ ") {
        glob
    } else {
        glob.trim_end()
    };
    let (glob, is_of_folders) = match glob.strip_suffix('/') {
        Some(glob) => (glob, true),
        None => (glob, false),
    };
    let pattern = match glob.strip_prefix('/') {
        Some(below) => below.to_owned(),
        None if glob.contains('/') => glob.to_owned(),
        None => format!("**/{glob}"),
    };
    // `build/**` matches what is in the folder, and not the folder.
    let pattern = if pattern.ends_with("/**") {
        format!("{pattern}/*")
    } else {
        pattern
    };
    (pattern, is_of_folders)
}

fn invalid(glob: &str) -> Option<&'static str> {
    match glob {
        _ if glob.trim().is_empty() => Some("is empty"),
        _ if glob.starts_with('!') => Some("begins with `!`, which is not supported here"),
        _ if glob.contains(['\n', '\r']) => Some("contains a line end"),
        _ if has_backslash(glob) => Some(
            "contains `\\`; separate folders with `/`, and put a wildcard in brackets to match the character \
             itself: `[*]`",
        ),
        _ if glob.split('/').any(|part| part == "..") => {
            Some("is outside the folder of forcelint.toml")
        }
        _ => None,
    }
}

/// Whether there is a backslash that does not escape what begins a comment or an exclusion in `.gitignore`,
/// or a space. Users of Windows write backslashes between folders, and such a glob would match nothing.
fn has_backslash(glob: &str) -> bool {
    let mut after = glob.split('\\').skip(1);
    after.any(|rest| !rest.starts_with(['#', '!', ' ']))
}

#[cfg(test)]
mod tests {
    use ignore::gitignore::GitignoreBuilder;
    use proptest::prelude::*;

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

    proptest! {
        /// The syntax is that of `.gitignore`, apart from lines that begin with `!` or `#`.
        #[test]
        fn globs_match_as_in_gitignore(
            glob in r"/?(\*\*/)?[ab*?]{1,2}(/(\*\*|[ab*?]{1,2}|\{a,b\}|[ab])){0,2}/?",
            names in prop::collection::vec("[ab]{1,2}", 1..4),
            is_folder in any::<bool>(),
        ) {
            let mut lines = GitignoreBuilder::new("/p");
            lines.add_line(None, &glob).unwrap();
            let path = format!("/p/{}", names.join("/"));
            let expected = lines.build().unwrap().matched(&path, is_folder).is_ignore();
            let globs = PathGlobs::new(Path::new("/p"), [glob.as_str()]).unwrap();
            prop_assert_eq!(globs.has_itself(Path::new(&path), is_folder), expected, "{} {}", glob, path);
        }
    }

    #[test]
    fn backslashes_are_not_separators() {
        for glob in ["a\\b", "force-app\\*", "a\\", "a/\\[x]", "..\\a"] {
            let (_, reason) = PathGlobs::new(Path::new("/p"), [glob]).unwrap_err();
            assert!(reason.starts_with("contains `\\`; separate"), "{reason}");
        }
        assert!(matched("\\#x", "/p/a/#x"));
        assert!(matched("[*].app", "/p/*.app"));
        assert!(!matched("[*].app", "/p/a.app"));
    }

    #[test]
    fn invalid_globs() {
        for glob in ["", " ", "!a", "../a", "a/../b", "a{b", "a\nb"] {
            assert!(PathGlobs::new(Path::new("/p"), [glob]).is_err(), "{glob}");
        }
        assert!(!PathGlobs::default().has(Path::new("/p"), true));
    }
}
