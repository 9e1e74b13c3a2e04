//! Reads `sfdx-project.json`.
//!
//! The keys are those of `sfdx-project.schema.json` in `@salesforce/schemas` 1.10.3. Other keys are
//! ignored.

use std::path::{Component, Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use thiserror::Error;

use super::constants::PROJECT_FILE;
use super::custom_suffix::{CustomSuffix, custom_suffixes};
use super::paths::in_case_of_disk;
use super::replacements::Replacement;
use crate::schema::ApiVersion;
use crate::text::{drawable, sanitize, sanitize_lines, without_secret_words};

/// Why an `sfdx-project.json` cannot be used.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{display_path} {problem}")]
#[diagnostic(help(
    "fix the file; until then, forcelint checks its whole folder and offers no fixes there"
))]
pub struct ProjectError {
    pub file: PathBuf,
    /// The path relative to the git root, else the name of the file.
    pub path: String,
    /// What is wrong, and where in the file. It continues a sentence that begins with the path.
    pub problem: String,
    /// The sanitized path for the terminal.
    display_path: String,
    /// The sanitized text.
    text: String,
    /// `None` for a file without text, because there is nothing to show.
    #[source_code]
    source_code: Option<NamedSource<String>>,
    #[label("here")]
    span: Option<SourceSpan>,
}

impl ProjectError {
    pub(crate) fn unreadable(file: &Path, path: &str, error: &std::io::Error) -> Self {
        Self::new(file, path, "", 0, format!("cannot be read: {error}"))
    }

    /// The error for an invalid file. `at` is the offset of the problem in `text`.
    fn invalid(file: &Path, path: &str, text: &str, at: usize, reason: &str) -> Self {
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        let problem = format!("is not valid at {line}:{column}: {}", sanitize(reason));
        // Sanitizing can change the length of the text before the location.
        Self::new(file, path, text, sanitize_lines(before).len(), problem)
    }

    fn new(file: &Path, path: &str, text: &str, at: usize, problem: String) -> Self {
        let text = sanitize_lines(text);
        let at = at.min(text.len());
        let span = (!text.trim().is_empty()).then(|| drawable(at..at, &text).into());
        let error = Self {
            file: file.to_path_buf(),
            path: path.to_owned(),
            problem,
            display_path: String::new(),
            text,
            source_code: None,
            span,
        };
        error.with_display_path(path)
    }

    /// The same error with another path for the terminal.
    pub fn with_display_path(mut self, path: &str) -> Self {
        self.display_path = sanitize(path).into_owned();
        let source = NamedSource::new(&self.display_path, self.text.clone());
        self.source_code = self.span.map(|_| source);
        self
    }
}

/// The offset in `text` of a line and a column, both counted from 1. As in serde_json, the column is in
/// bytes.
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
    /// A value of any type, because a wrong type does not matter.
    name: Option<serde_json::Value>,
    replacements: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// Types of metadata that the CLI adds to those it knows. A value of any type, because the CLI reads it.
    registry_customizations: Option<serde_json::Value>,
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

/// The settings of a project.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Absolute paths, in the order of the file.
    pub package_directories: Vec<PathBuf>,
    pub has_package_directory_outside: bool,
    pub source_api_version: Option<ApiVersion>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub replacements: Vec<Replacement>,
    /// Files that the CLI deploys as a metadata type although they do not have a suffix of that type.
    pub custom_suffixes: Vec<CustomSuffix>,
}

impl Settings {
    /// Reads the text of the project file in the folder `root`. Errors contain `path`.
    ///
    /// # Errors
    /// If the text is not JSON, a key has the wrong type, or the path of a package directory is absolute.
    pub(super) fn read(root: &Path, path: &str, text: &str) -> Result<Self, ProjectError> {
        let file = root.join(PROJECT_FILE);
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let invalid_value = |value: &str, problem: &str| {
            let quoted = serde_json::to_string(value).unwrap_or_default();
            let at = json.find(&quoted).or_else(|| json.find(value));
            let reason = format!("{quoted} {problem}");
            ProjectError::invalid(&file, path, json, at.unwrap_or(0), &reason)
        };
        let project: ProjectJson = serde_json::from_str(json).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let reason = &without_secret_words(reason);
            let at = offset_of(json, error.line(), error.column());
            ProjectError::invalid(&file, path, json, at, reason)
        })?;
        let mut package_directories = Vec::new();
        for directory in &project.package_directories {
            let Some(path) = path_from(root, &directory.path) else {
                let problem = "is an absolute path; a package directory is relative to the project";
                return Err(invalid_value(&directory.path, problem));
            };
            package_directories.push(path);
        }
        let source_api_version = match &project.source_api_version {
            None => None,
            Some(version) => {
                let text = match version {
                    Version::Text(text) => text.clone(),
                    Version::Number(number) => number.to_string(),
                };
                let version = ApiVersion::parse(&text);
                Some(version.ok_or_else(|| {
                    invalid_value(&text, "is not an API version such as \"66.0\"")
                })?)
            }
        };
        Ok(Self {
            has_package_directory_outside: package_directories
                .iter()
                .any(|it| !it.starts_with(root)),
            package_directories,
            source_api_version,
            namespace: project.namespace.filter(|namespace| !namespace.is_empty()),
            name: project
                .name
                .and_then(|name| name.as_str().map(str::to_owned))
                .filter(|name| !name.trim().is_empty()),
            replacements: project
                .replacements
                .iter()
                .flatten()
                .map(Replacement::new)
                .collect(),
            custom_suffixes: project
                .registry_customizations
                .as_ref()
                .map_or_else(Vec::new, custom_suffixes),
        })
    }
}

impl Settings {
    /// Uses the case of the disk for package directories, because files are found in them by path.
    pub(super) fn use_case_of_disk(&mut self) {
        for directory in &mut self.package_directories {
            *directory = in_case_of_disk(std::mem::take(directory));
        }
    }

    /// Removes package directories outside `folder`.
    pub(super) fn stay_inside(&mut self, folder: &Path) {
        self.package_directories.retain(|it| it.starts_with(folder));
        self.has_package_directory_outside = false;
    }
}

/// Keys of the project file that cannot affect findings. Package directories are compared by their paths.
const HARMLESS: [&str; 9] = [
    "name",
    "oauthLocalPort",
    "packageAliases",
    "packageBundleAliases",
    "packageBundles",
    "packageDirectories",
    "plugins",
    "sfdcLoginUrl",
    "signupTargetLoginUrl",
];

/// The part of a project file that can affect findings, except for package directories.
pub(super) fn decisive_settings(text: &str) -> String {
    let json = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json) {
        Ok(mut settings) => {
            settings.retain(|key, _| !HARMLESS.contains(&key.as_str()));
            serde_json::Value::from(settings).to_string()
        }
        Err(_) => text.to_owned(),
    }
}

/// The absolute path of `path`, which is relative to `root`. `None` if it is absolute.
fn path_from(root: &Path, path: &str) -> Option<PathBuf> {
    let mut result = root.to_path_buf();
    for component in Path::new(&path.replace('\\', "/")).components() {
        match component {
            Component::Normal(part) => result.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_settings() {
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
    fn errors_have_a_location() {
        let text = "{\n  \"packageDirectories\": [{ \"path\": \"/other\" }]\n}";
        let error = Settings::read(Path::new("/p"), "sfdx-project.json", text).unwrap_err();
        assert_eq!(
            error.problem,
            "is not valid at 2:36: \"/other\" is an absolute path; a package directory is relative to the \
             project"
        );
        let error = Settings::read(
            Path::new("/p"),
            "sfdx-project.json",
            "{\n \"namespace\": 1 }",
        )
        .unwrap_err();
        assert!(error.problem.starts_with("is not valid at 2:"), "{error}");
        let error = Settings::read(Path::new("/p"), "sfdx-project.json", "").unwrap_err();
        assert!(
            error.problem.starts_with("is not valid at 1:1: "),
            "{error}"
        );
    }

    #[test]
    fn errors_are_sanitized() {
        let text = "{ \"namespace\": \"é\u{202e}\u{1b}[2J\",\r\n \"x\": 1, }";
        let error =
            Settings::read(Path::new("/p"), "\u{1b}[31m/sfdx-project.json", text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\u{241b}[31m/sfdx-project.json is not valid at 1:19: control character \
             (\\u0000-\\u001F) found while parsing a string"
        );
        assert!(!error.text.contains(['\u{1b}', '\r', '\u{202e}']));
        let span = error.span.unwrap();
        assert!(error.text[span.offset()..].starts_with("\u{241b}"));
    }
}
