//! A `.forceignore` file: which one applies, and what it ignores.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use regex::{RegexSet, RegexSetBuilder};

use super::code_units::folded;
use super::js_regex::translate;
use super::rewrite::Pattern;
use crate::project::control_files::ControlFiles;

pub(crate) const FORCEIGNORE: &str = ".forceignore";

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

/// The largest memory of the compiled lines, in bytes.
const MAX_COMPILED_BYTES: usize = 32 << 20;

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
    patterns: RegexSet,
    /// Which of the patterns include paths again.
    are_negative: Vec<bool>,
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
    pub(crate) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let Some(path) = self.relative(path) else {
            return false;
        };
        let is_folder_ignored = |(at, _): (usize, _)| self.matches(&path[..=at]);
        path.match_indices('/').any(is_folder_ignored)
            || self.matches(&path)
            || (is_folder && self.matches(&format!("{path}/")))
    }

    /// As [`Self::ignores`], if it is known that no folder above the path is ignored.
    pub(crate) fn ignores_itself(&self, path: &Path, is_folder: bool) -> bool {
        let Some(path) = self.relative(path) else {
            return false;
        };
        self.matches(&path) || (is_folder && self.matches(&format!("{path}/")))
    }

    /// The path that the library receives, folded. `None` for one that it rejects.
    fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.folder).ok()?;
        let mut names = relative.components();
        // A first name of dots looks like a relative path to the library.
        let first = names.next()?.as_os_str().to_string_lossy();
        if first.bytes().all(|byte| byte == b'.') {
            return None;
        }
        let mut text = folded(&first);
        for name in names {
            text.push('/');
            if let Component::Normal(name) = name {
                text.push_str(&folded(&name.to_string_lossy()));
            }
        }
        Some(text)
    }

    /// Whether the last matching line ignores a folded path. A folder ends with a slash.
    fn matches(&self, path: &str) -> bool {
        let lines = self.lines.get_or_init(|| Lines::compile(&self.text));
        let Some(lines) = lines else { return false };
        // Most paths match no line, which is faster to find out.
        lines.patterns.is_match(path)
            && lines
                .patterns
                .matches(path)
                .iter()
                .next_back()
                .is_some_and(|last| !lines.are_negative[last])
    }
}

impl Lines {
    /// `None` if a line is not valid. The CLI ignores nothing then.
    fn compile(text: &str) -> Option<Self> {
        let whole = format!("{BUILT_IN}{text}");
        let mut sources = Vec::new();
        let mut are_negative = Vec::new();
        for line in whole.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line: Vec<u16> = line.encode_utf16().collect();
            if let Some(pattern) = Pattern::of(&line) {
                sources.push(translate(&pattern.source).ok()?);
                are_negative.push(pattern.is_negative);
            }
        }
        let patterns = RegexSetBuilder::new(sources)
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .ok()?;
        Some(Self {
            patterns,
            are_negative,
        })
    }
}
