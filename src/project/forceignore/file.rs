//! A `.forceignore` file: which one applies, and what it ignores.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memchr::memmem;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::code_units::push_folded;
use super::js_regex::translate;
use super::literal::Literals;
use super::rewrite::Pattern;
use crate::project::constants::FORCEIGNORE;
use crate::project::control_files::ControlFiles;

/// Lines that the CLI adds before those of a `.forceignore`
/// (`resolve/forceIgnore.js` of `@salesforce/source-deploy-retrieve` 13.7.0).
const BUILT_IN: &str = "\
**/*.dup
**/.*
!.sf
**/.sf/**
!**/.sf/orgs
!**/.sf/orgs/**
**/.sf/orgs/*/**
!**/.sf/orgs/*/remoteMetadata
!**/.sf/orgs/*/remoteMetadata/**
**/package2-descriptor.json
**/package2-manifest.json
";

/// The longest usable line, in UTF-16 code units. No path is longer.
const MAX_LINE: usize = 4096;

/// The total length of the regular expressions that lines become. Repeated lines, and lines without
/// wildcards, are free. It is enough for 5,000 lines, and a hostile file costs 0.2 seconds.
const MAX_SOURCE: usize = 1 << 18;

/// The length of the regular expressions that are compiled together. Compiling takes much more memory
/// than the result.
const MAX_SET_SOURCE: usize = 1 << 14;

/// The largest memory of regular expressions that are compiled together, in bytes.
const MAX_SET_BYTES: usize = 4 << 20;

/// A `.forceignore`.
#[derive(Debug)]
pub(crate) struct Forceignore {
    /// Its folder.
    pub(crate) folder: PathBuf,
    text: String,
    /// Compiled when a path is matched for the first time. `None` if the CLI cannot use the lines either.
    lines: OnceLock<Option<Lines>>,
}

#[derive(Debug)]
struct Lines {
    literals: Literals,
    sets: Vec<PatternSet>,
    /// Which lines include paths again.
    are_negative: Vec<bool>,
}

/// What the files in a folder have in common.
#[derive(Debug, Clone)]
pub(crate) struct MatchedFolder {
    /// Whether the CLI ignores the folder, or one above it.
    is_ignored: bool,
    /// The folder's path for the library, folded. `None` if it rejects the paths in the folder.
    path: Option<String>,
}

/// Lines with wildcards.
#[derive(Debug)]
struct PatternSet {
    patterns: RegexSet,
    /// The line of each pattern, in order.
    lines: Vec<usize>,
}

impl Forceignore {
    /// The folder of the nearest file at or above `folder`. The CLI reads one file only.
    pub(crate) fn folder_of<'f>(folder: &'f Path, files: &ControlFiles) -> Option<&'f Path> {
        folder
            .ancestors()
            .find(|above| files.exists(&above.join(FORCEIGNORE)))
    }

    /// Reads the file in `folder`. If it cannot be read, the CLI ignores nothing.
    pub(crate) fn read(folder: &Path, files: &ControlFiles) -> Option<Self> {
        let text = files.read_text(&folder.join(FORCEIGNORE)).ok()?;
        Some(Self::new(folder, text))
    }

    fn new(folder: &Path, text: String) -> Self {
        Self {
            folder: folder.to_path_buf(),
            text,
            lines: OnceLock::new(),
        }
    }

    /// Whether the CLI ignores this path, or a folder above it.
    ///
    /// The CLI enters ignored folders, so what counts in a folder is whether the library ignores the
    /// files in it: if it ignores the folder's path with a slash at the end. In `node_modules`, the CLI
    /// does not enter folders that it ignores without a slash, either.
    pub(crate) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let relative = self.relative(path);
        let Some(mut relative) = relative.filter(|relative| !relative.is_empty()) else {
            return false;
        };
        if is_folder {
            relative.push('/');
        } else if self.matches(&relative) {
            return true;
        }
        let folders = path.ancestors().skip(usize::from(!is_folder));
        folders
            .zip(relative.rmatch_indices('/'))
            .any(|(folder, (end, _))| {
                self.matches(&relative[..=end])
                    || (in_node_modules(folder) && self.matches(&relative[..end]))
            })
    }

    /// What the files in `folder` have in common.
    pub(crate) fn folder(&self, folder: &Path) -> MatchedFolder {
        MatchedFolder {
            is_ignored: self.ignores(folder, true),
            path: self.relative(folder),
        }
    }

    /// The same for a folder in `above`.
    pub(crate) fn folder_in(&self, above: &MatchedFolder, folder: &Path) -> MatchedFolder {
        let mut path = above.path.clone();
        let name = folder.file_name().unwrap_or_default();
        path = path.and_then(|mut path| push(&mut path, name).map(|()| path));
        let is_ignored = above.is_ignored
            || path.as_ref().is_some_and(|path| {
                self.matches(&format!("{path}/")) || (in_node_modules(folder) && self.matches(path))
            });
        MatchedFolder { is_ignored, path }
    }

    /// Whether the CLI ignores the file with this name in a folder.
    pub(crate) fn ignores_file(&self, folder: &MatchedFolder, name: &OsStr) -> bool {
        let path = || {
            let folder = folder.path.as_deref()?;
            let mut path = String::with_capacity(folder.len() + 1 + name.len());
            path.push_str(folder);
            push(&mut path, name)?;
            Some(path)
        };
        folder.is_ignored || path().is_some_and(|path| self.matches(&path))
    }

    /// The path that the library receives, folded. Empty for the folder of the file, and `None` for a path
    /// that the library rejects.
    fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.folder).ok()?;
        let mut folded = String::with_capacity(relative.as_os_str().len());
        relative
            .iter()
            .try_for_each(|name| push(&mut folded, name))?;
        Some(folded)
    }

    /// Whether the last matching line ignores a folded path. A folder ends with a slash.
    fn matches(&self, path: &str) -> bool {
        let lines = self.lines.get_or_init(|| Lines::compile(&self.text));
        lines.as_ref().is_some_and(|lines| lines.ignore(path))
    }
}

/// Adds the name of a file or folder to a folded path. `None` if the library rejects the path.
fn push(path: &mut String, name: &OsStr) -> Option<()> {
    let name = name.to_string_lossy();
    if !path.is_empty() {
        path.push('/');
    } else if name.bytes().all(|byte| byte == b'.') {
        // A first name of dots looks like a relative path to the library.
        return None;
    }
    push_folded(path, &name);
    Some(())
}

/// Whether the path is in a folder `node_modules`, or is one.
pub(crate) fn in_node_modules(path: &Path) -> bool {
    const NAME: &str = "node_modules";
    // Most paths do not contain the text, which is faster to find out.
    memmem::find(path.as_os_str().as_encoded_bytes(), NAME.as_bytes()).is_some()
        && path.iter().any(|name| name == NAME)
}

impl Lines {
    /// `None` if a line is not valid, so that the CLI ignores nothing, or if the lines are too long.
    fn compile(text: &str) -> Option<Self> {
        let whole = format!("{BUILT_IN}{text}").replace("\r\n", "\n");
        let lines = whole.split('\n');
        // A line that is repeated later has no effect.
        let last: HashMap<&str, usize> = lines.clone().zip(0..).collect();
        let mut literals = Literals::default();
        let mut are_negative = Vec::new();
        let mut sources = Vec::new();
        for (_, line) in (0..).zip(lines).filter(|(at, line)| last[line] == *at) {
            let line: Vec<u16> = line.encode_utf16().collect();
            if !Pattern::is_in(&line) {
                continue;
            }
            if line.len() > MAX_LINE {
                return None;
            }
            let pattern = Pattern::of(&line);
            if !literals.add(are_negative.len(), &pattern) {
                sources.push((are_negative.len(), pattern.source));
            }
            are_negative.push(pattern.is_negative);
        }
        if sources
            .iter()
            .map(|(_, source)| source.len())
            .sum::<usize>()
            > MAX_SOURCE
        {
            return None;
        }
        Some(Self {
            literals,
            sets: PatternSet::compile(&sources)?,
            are_negative,
        })
    }

    /// Whether the last matching line ignores a folded path. A folder ends with a slash.
    fn ignore(&self, path: &str) -> bool {
        let in_sets = self.sets.iter().rev().find_map(|set| set.last_match(path));
        let last = self.literals.last_match(path).max(in_sets);
        last.is_some_and(|last| !self.are_negative[last])
    }
}

impl PatternSet {
    /// Compiles the sources of lines. `None` if one is not valid.
    fn compile(mut sources: &[(usize, Vec<u16>)]) -> Option<Vec<Self>> {
        let mut sets = Vec::new();
        while !sources.is_empty() {
            let mut length = 0;
            let fitting = sources.iter().take_while(|(_, source)| {
                length += source.len();
                length <= MAX_SET_SOURCE
            });
            let count = fitting.count().max(1);
            let (first, rest) = sources.split_at(count);
            let patterns: Vec<String> = first
                .iter()
                .map(|(_, source)| translate(source).ok())
                .collect::<Option<_>>()?;
            sets.push(Self {
                patterns: RegexSetBuilder::new(patterns)
                    .size_limit(MAX_SET_BYTES)
                    .build()
                    .ok()?,
                lines: first.iter().map(|(line, _)| *line).collect(),
            });
            sources = rest;
        }
        Some(sets)
    }

    /// The last line that matches a folded path.
    fn last_match(&self, path: &str) -> Option<usize> {
        // Most paths match no line, which is faster to find out.
        if !self.patterns.is_match(path.as_bytes()) {
            return None;
        }
        let matches = self.patterns.matches(path.as_bytes());
        matches.iter().next_back().map(|last| self.lines[last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(text: &str, path: &str) -> bool {
        let folder = Path::new("/p");
        let forceignore = Forceignore::new(folder, text.to_owned());
        forceignore.ignores(&folder.join(path), false)
    }

    #[test]
    fn last_matching_line_decides_in_large_files() {
        let filler = |name: &str| -> String {
            (0..1000)
                .map(|at| format!("**/{name}{at}/*.x\n**/{name}{at}.y\n"))
                .collect()
        };
        let (one, two, three) = (filler("one"), filler("two"), filler("three"));
        let text = format!("{one}*.z\na\n{two}!b*.z\n!**/a\n{three}bc.*\n");
        let lines = Lines::compile(&text).unwrap();
        assert!(lines.sets.len() > 3);
        for (path, expected) in [
            ("c.z", true),
            ("b.z", false),
            ("bc.z", true),
            ("a", false),
            ("two999/q.x", true),
            ("q/three0.y", true),
            ("q/three0.y/q", true),
            ("three0.x", false),
        ] {
            assert_eq!(ignores(&text, path), expected, "{path}");
        }
    }

    #[test]
    fn too_long_lines_ignore_nothing() {
        let long = "a".repeat(MAX_LINE);
        assert!(ignores(&format!("b\n{long}\n# {long}\n"), "b"));
        assert!(!ignores(&format!("b\n{long}a\n"), "b"));
        // Repeated lines count once.
        assert!(ignores(&"*b*\n".repeat(MAX_SOURCE), "b"));
        let different = |count| (0..count).map(|at| format!("*{at}*\n"));
        assert!(ignores(&different(5000).collect::<String>(), "4999"));
        assert!(!ignores(&different(20_000).collect::<String>(), "1"));
    }
}
