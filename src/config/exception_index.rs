//! Finds the exceptions that apply to a finding, without comparing it with each of them.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::exceptions::{Exception, Subject};
use crate::project::{SourceFile, slashed};

/// The exceptions of a config.
#[derive(Debug, Default)]
pub struct Exceptions {
    /// In the order of the file.
    all: Vec<Exception>,
    /// By rule and component.
    by_component: HashMap<(String, String), Vec<usize>>,
    /// By rule.
    by_path: HashMap<String, PathIndex>,
}

impl From<Vec<Exception>> for Exceptions {
    fn from(all: Vec<Exception>) -> Self {
        let mut by_component: HashMap<(String, String), Vec<usize>> = HashMap::new();
        let mut by_path: HashMap<String, PathIndex> = HashMap::new();
        for (at, exception) in all.iter().enumerate() {
            let rule = exception.rule.clone();
            match &exception.subject {
                Subject::Component(name) => {
                    let same = by_component.entry((rule, name.clone())).or_default();
                    same.push(at);
                }
                Subject::Path { glob, globs } => {
                    let index = by_path.entry(rule).or_default();
                    index.add(glob, globs.folder(), at);
                }
            }
        }
        Self {
            all,
            by_component,
            by_path,
        }
    }
}

impl Exceptions {
    pub fn iter(&self) -> std::slice::Iter<'_, Exception> {
        self.all.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The positions of the exceptions for findings of a rule in a file, also of those that have expired. In
    /// ascending order.
    pub(super) fn about(&self, rule: &str, file: &SourceFile) -> Vec<usize> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let key = (rule.to_owned(), file.component.to_string());
        let mut found = self.by_component.get(&key).cloned().unwrap_or_default();
        if let Some(index) = self.by_path.get(rule) {
            let candidates = index.candidates(&file.path);
            found.extend(candidates.filter(|at| self.all[*at].covers(file)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn get(&self, at: usize) -> &Exception {
        &self.all[at]
    }
}

/// Globs by the text before their first wildcard.
#[derive(Debug, Default)]
struct PathIndex {
    /// The folder that the globs are relative to.
    folder: PathBuf,
    /// Globs that begin in the folder.
    anchored: Prefixes,
    /// Globs that begin in any folder below it.
    anywhere: Prefixes,
}

/// Positions of exceptions by a text with which a path begins.
#[derive(Debug, Default)]
struct Prefixes {
    positions: HashMap<String, Vec<usize>>,
    /// The lengths of the texts.
    lengths: BTreeSet<usize>,
}

impl PathIndex {
    fn add(&mut self, glob: &str, folder: &Path, at: usize) {
        self.folder = folder.to_owned();
        let glob = glob.trim_end();
        let (prefixes, glob) = match glob.strip_prefix("**/") {
            Some(rest) => (&mut self.anywhere, rest),
            // As in `.gitignore`: without a slash before its end, it is a name.
            None if !glob.trim_end_matches('/').contains('/') => (&mut self.anywhere, glob),
            None => (&mut self.anchored, glob.trim_start_matches('/')),
        };
        let wildcard = glob.find(['*', '?', '[', '{', '\\']);
        let literal = &glob[..wildcard.unwrap_or(glob.len())];
        prefixes.lengths.insert(literal.len());
        let same = prefixes.positions.entry(literal.to_owned()).or_default();
        same.push(at);
    }

    /// The positions of the globs that may match a path.
    fn candidates(&self, path: &Path) -> impl Iterator<Item = usize> {
        let mut found = Vec::new();
        if let Ok(inside) = path.strip_prefix(&self.folder) {
            let inside = slashed(inside);
            self.anchored.find(&inside, &mut found);
            self.anywhere.find(&inside, &mut found);
            for (slash, _) in inside.match_indices('/') {
                self.anywhere.find(&inside[slash + 1..], &mut found);
            }
        }
        found.into_iter()
    }
}

impl Prefixes {
    fn find(&self, path: &str, found: &mut Vec<usize>) {
        let prefixes = self
            .lengths
            .iter()
            .map_while(|length| match path.len() < *length {
                true => None,
                false => Some(path.get(..*length)),
            });
        for prefix in prefixes.flatten() {
            found.extend(self.positions.get(prefix).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::PathGlobs;

    /// The globs that may match a path.
    fn candidates<'g>(globs: &[&'g str], path: &str) -> Vec<&'g str> {
        let mut index = PathIndex::default();
        for (at, glob) in globs.iter().enumerate() {
            index.add(glob, Path::new("/p"), at);
        }
        let found: BTreeSet<usize> = index.candidates(Path::new(path)).collect();
        found.into_iter().map(|at| globs[at]).collect()
    }

    #[test]
    fn every_glob_that_matches_is_a_candidate() {
        let globs = [
            "legacy",
            "legacy/",
            "/legacy",
            "a/legacy",
            "a/*/x.app",
            "a/b*",
            "**/legacy/x.app",
            "**/x.*",
            "*.app",
            "x.app",
            "#x",
            "a/legacy/**",
            "é*",
            "{a,b}/**",
        ];
        for path in [
            "/p/a/legacy/x.app",
            "/p/legacy/x.app",
            "/p/a/bc/x.app",
            "/p/é/x.app",
            "/p/#x/x.app",
            "/p/x.app",
            "/q/x.app",
        ] {
            let candidates = candidates(&globs, path);
            for glob in globs {
                let matcher = PathGlobs::new(Path::new("/p"), [glob]).unwrap();
                let is_candidate = candidates.contains(&glob);
                assert!(
                    is_candidate || !matcher.has(Path::new(path), false),
                    "{glob} {path}"
                );
            }
        }
    }

    #[test]
    fn other_globs_are_not_candidates() {
        let globs = ["a/b.app", "**/b.app", "b.app", "/c", "c/**"];
        assert_eq!(candidates(&globs, "/p/a/d.app"), [""; 0]);
        assert_eq!(candidates(&globs, "/p/c/d.app"), ["/c", "c/**"]);
    }
}
