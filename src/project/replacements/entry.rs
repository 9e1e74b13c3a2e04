//! An entry of `replacements` in `sfdx-project.json`.
//!
//! Entries mean what `convert/replacements.js` of `@salesforce/source-deploy-retrieve` 13.7.0 makes of
//! them, whatever the JSON schema says.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::glob::{Glob, UnknownGlob};
use super::regex_program::Program;
use crate::project::bounded;
use crate::project::javascript_characters::is_space;

/// An entry of `replacements`.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// The path ends with this text.
    filename: Option<String>,
    glob: Option<String>,
    /// What is replaced, or what forcelint cannot interpret.
    toward: What,
    new_text: NewText,
    compiled: OnceLock<Compiled>,
    file_text: OnceLock<Option<String>>,
}

#[derive(Debug)]
enum What {
    Text(String),
    Regex(String),
    /// Nothing is given, so the CLI inserts the new text everywhere or fails.
    Everything,
}

/// Where the new text comes from.
#[derive(Debug, PartialEq, Eq)]
enum NewText {
    /// A file, relative to the project.
    File(PathBuf),
    /// The environment at deployment, a condition on it, or nothing, which makes the deploy fail.
    Unknown,
}

#[derive(Debug)]
struct Compiled {
    glob: Option<Result<Glob, UnknownGlob>>,
    pattern: Pattern,
}

/// What is replaced.
#[derive(Debug)]
pub(super) enum Pattern {
    Text(String),
    Regex(Box<Program>),
    Unsupported,
}

/// Whether the CLI applies a replacement to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    Yes,
    No,
    Unknown,
}

/// The folders that determine what a replacement applies to and may read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folders<'a> {
    /// The folder of `sfdx-project.json`.
    pub project: &'a Path,
    /// Files outside this folder are not read.
    pub repository: &'a Path,
}

/// Longer files are not read.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

impl Replacement {
    pub(in crate::project) fn new(entry: &Map<String, Value>) -> Self {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let toward = match (text("stringToReplace"), text("regexToReplace")) {
            (Some(text), _) if text.is_empty() => What::Everything,
            (Some(text), _) => What::Text(text),
            (None, Some(regex)) => What::Regex(regex),
            (None, None) => What::Everything,
        };
        let is_unconditional = match entry.get("replaceWhenEnv") {
            None | Some(Value::Null | Value::Bool(false)) => true,
            Some(Value::Array(conditions)) => conditions.is_empty(),
            Some(_) => false,
        };
        let file = text("replaceWithFile").filter(|_| {
            is_unconditional && !entry.get("replaceWithEnv").is_some_and(Value::is_string)
        });
        Self {
            filename: text("filename"),
            glob: text("glob"),
            toward,
            new_text: file.map_or(NewText::Unknown, |file| NewText::File(PathBuf::from(file))),
            compiled: OnceLock::new(),
            file_text: OnceLock::new(),
        }
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled {
            // The CLI puts `**/` before every glob.
            glob: self
                .glob
                .as_ref()
                .map(|glob| Glob::new(&format!("**/{glob}"))),
            pattern: match &self.toward {
                What::Text(text) => Pattern::Text(text.clone()),
                What::Regex(regex) => match Program::new(regex) {
                    Ok(program) => Pattern::Regex(Box::new(program)),
                    Err(_) => Pattern::Unsupported,
                },
                What::Everything => Pattern::Unsupported,
            },
        })
    }

    pub(super) fn pattern(&self) -> &Pattern {
        &self.compiled().pattern
    }

    /// The text of the pattern, for messages.
    pub(super) fn pattern_text(&self) -> &str {
        match &self.toward {
            What::Text(text) | What::Regex(text) => text,
            What::Everything => "",
        }
    }

    /// Whether the CLI applies the entry to the file at an absolute path with `/` between its parts. The
    /// result is unknown if it depends on the folder in which the project is. Then it may be another one
    /// where the project is deployed.
    pub(super) fn applies_to(&self, path: &str, root: &str) -> Applies {
        let here = self.matches(path);
        match path.strip_prefix(root.trim_end_matches('/')) {
            Some(inside) if inside.starts_with('/') && self.matches(inside) != here => {
                Applies::Unknown
            }
            _ => here,
        }
    }

    fn matches(&self, path: &str) -> Applies {
        if self
            .filename
            .as_ref()
            .is_some_and(|name| path.ends_with(name.as_str()))
        {
            return Applies::Yes;
        }
        match &self.compiled().glob {
            None => Applies::No,
            Some(Ok(glob)) => match glob.matches(path) {
                Ok(true) => Applies::Yes,
                Ok(false) => Applies::No,
                Err(UnknownGlob) => Applies::Unknown,
            },
            Some(Err(UnknownGlob)) => Applies::Unknown,
        }
    }

    /// The new text, if it comes from a file that can be read. It is treated as a secret.
    pub(super) fn new_text(&self, folders: Folders<'_>) -> Option<&str> {
        let NewText::File(file) = &self.new_text else {
            return None;
        };
        let text = self.file_text.get_or_init(|| read(file, folders));
        text.as_deref()
    }
}

/// The text of a file in the repository, without white space around it. The CLI fails if it is empty.
fn read(file: &Path, folders: Folders<'_>) -> Option<String> {
    let path = crate::project::absolute(&folders.project.join(file)).ok()?;
    // Links can lead out of the repository.
    let real = crate::project::canonical(&path).ok()?;
    if !real.starts_with(crate::project::canonical(folders.repository).ok()?) {
        return None;
    }
    let bytes = bounded::read_at_most(&real, MAX_FILE_BYTES).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_matches(is_space);
    (!text.is_empty()).then(|| text.to_owned())
}
