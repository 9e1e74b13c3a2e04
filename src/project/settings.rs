//! `sfdx-project.json`: what of it decides where to look, what may be fixed and what is unknown.
//!
//! In: the text of the file. Out: [`Settings`], or the place where it is wrong. Keys as in
//! `sfdx-project.schema.json` of `@salesforce/schemas` 1.10.3; those not read here are left alone.

use std::path::{Component, Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use thiserror::Error;

use super::constants::PROJECT_FILE;
use super::replacements::Replacement;
use crate::schema::ApiVersion;
use crate::text::{sanitize, sanitize_lines};

/// A broken `sfdx-project.json`.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{shown} {problem}")]
#[diagnostic(
    code("project"),
    help(
        "Mend the file. Until then its folder is linted as a whole, and no fix is offered there."
    )
)]
pub struct ProjectError {
    /// The file.
    pub file: PathBuf,
    /// The file, relative to the git root, else its name alone.
    pub path: String,
    /// What is wrong, and where in the file.
    pub problem: String,
    /// The path as a terminal may have it.
    shown: String,
    text: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
}

impl ProjectError {
    pub(crate) fn unreadable(file: &Path, path: &str, error: &std::io::Error) -> Self {
        Self::new(file, path, "", 0, format!("cannot be read: {error}"))
    }

    /// `reason` at the byte `at` of `text`.
    fn broken(file: &Path, path: &str, text: &str, at: usize, reason: &str) -> Self {
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        let problem = format!("is broken at {line}:{column}: {}", sanitize(reason));
        // What stands before the place may be shown with other characters.
        Self::new(file, path, text, sanitize_lines(before).len(), problem)
    }

    fn new(file: &Path, path: &str, text: &str, at: usize, problem: String) -> Self {
        let shown = sanitize(path).into_owned();
        let text = sanitize_lines(text);
        Self {
            file: file.to_path_buf(),
            path: path.to_owned(),
            problem,
            source_code: NamedSource::new(&shown, text.clone()),
            span: SourceSpan::from((at.min(text.len()), 0)),
            shown,
            text,
        }
    }

    /// The same error with another path in what people see.
    pub fn shown_as(mut self, path: &str) -> Self {
        self.shown = sanitize(path).into_owned();
        self.source_code = NamedSource::new(&self.shown, self.text.clone());
        self
    }
}

/// The offset in `text` of a line and a column from 1, the latter in bytes, as serde_json counts.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (line_start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "expected an object with packageDirectories"
)]
struct ProjectJson {
    #[serde(default)]
    package_directories: Vec<PackageDirectory>,
    source_api_version: Option<Version>,
    namespace: Option<String>,
    /// Of any type: nothing depends on it, so it breaks nothing.
    name: Option<serde_json::Value>,
    #[serde(default)]
    replacements: Vec<Replacement>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "expected an object with a path")]
struct PackageDirectory {
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected an API version such as \"66.0\"")]
enum Version {
    Text(String),
    Number(f64),
}

/// What a project says of itself.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Absolute paths, in the file's order.
    pub package_directories: Vec<PathBuf>,
    pub source_api_version: Option<ApiVersion>,
    pub namespace: Option<String>,
    /// What the project calls itself.
    pub name: Option<String>,
    pub replacements: Vec<Replacement>,
}

impl Settings {
    /// Reads the text of the project file in the folder `root`. Errors call it `path`.
    ///
    /// # Errors
    /// When it is not JSON, a key that is read here has another type, or a package directory lies
    /// outside of the project.
    pub(super) fn read(root: &Path, path: &str, text: &str) -> Result<Self, ProjectError> {
        let file = root.join(PROJECT_FILE);
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let place = |value: &str, problem: &str| {
            let quoted = serde_json::to_string(value).unwrap_or_default();
            let at = json.find(&quoted).or_else(|| json.find(value));
            let reason = format!("{quoted} {problem}");
            ProjectError::broken(&file, path, json, at.unwrap_or(0), &reason)
        };
        let project: ProjectJson = serde_json::from_str(json).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let at = offset_of(json, error.line(), error.column());
            ProjectError::broken(&file, path, json, at, reason)
        })?;
        let mut package_directories = Vec::new();
        for directory in &project.package_directories {
            let Some(inside) = inside_of(root, &directory.path) else {
                return Err(place(&directory.path, "leaves the project"));
            };
            package_directories.push(inside);
        }
        let source_api_version = match &project.source_api_version {
            None => None,
            Some(version) => {
                let text = match version {
                    Version::Text(text) => text.clone(),
                    Version::Number(number) => number.to_string(),
                };
                Some(
                    ApiVersion::parse(&text)
                        .ok_or_else(|| place(&text, "is no API version such as \"66.0\""))?,
                )
            }
        };
        Ok(Self {
            package_directories,
            source_api_version,
            namespace: project.namespace.filter(|namespace| !namespace.is_empty()),
            name: project
                .name
                .and_then(|name| name.as_str().map(str::to_owned))
                .filter(|name| !name.trim().is_empty()),
            replacements: project.replacements,
        })
    }
}

/// `path` below `root`, or `None` when it is absolute or climbs out.
fn inside_of(root: &Path, path: &str) -> Option<PathBuf> {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&std::ffi::OsStr> = Vec::new();
    for component in Path::new(path.as_str()).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(root.join(parts.iter().collect::<PathBuf>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_decides() {
        let text = r#"{"packageDirectories":[{"path":"./force-app/"},{"path":"a/../b","default":true}],
            "sourceApiVersion":"58.0","namespace":"","unknown":[1]}"#;
        let settings = Settings::read(Path::new("/p"), "sfdx-project.json", text).unwrap();
        assert_eq!(
            settings.package_directories,
            [PathBuf::from("/p/force-app"), PathBuf::from("/p/b")]
        );
        assert_eq!(settings.source_api_version, ApiVersion::parse("58"));
        assert_eq!(settings.namespace, None);
    }

    #[test]
    fn says_where_it_is_wrong() {
        let text = "{\n  \"packageDirectories\": [{ \"path\": \"../other\" }]\n}";
        let error = Settings::read(Path::new("/p"), "sfdx-project.json", text).unwrap_err();
        assert_eq!(
            error.problem,
            "is broken at 2:36: \"../other\" leaves the project"
        );
        let error = Settings::read(
            Path::new("/p"),
            "sfdx-project.json",
            "{\n \"namespace\": 1 }",
        )
        .unwrap_err();
        assert!(error.problem.starts_with("is broken at 2:"), "{error}");
        let error = Settings::read(Path::new("/p"), "sfdx-project.json", "").unwrap_err();
        assert!(error.problem.starts_with("is broken at 1:1: "), "{error}");
    }

    #[test]
    fn an_error_has_nothing_that_a_terminal_acts_on() {
        let text = "{ \"namespace\": \"é\u{202e}\u{1b}[2J\",\r\n \"x\": 1, }";
        let error =
            Settings::read(Path::new("/p"), "\u{1b}[31m/sfdx-project.json", text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\u{241b}[31m/sfdx-project.json is broken at 1:19: control character \
             (\\u0000-\\u001F) found while parsing a string"
        );
        assert!(!error.text.contains(['\u{1b}', '\r', '\u{202e}']));
        assert!(error.text[error.span.offset()..].starts_with("\u{241b}"));
    }
}
