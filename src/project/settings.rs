//! `sfdx-project.json`: what of it decides where to look, what may be fixed and what is unknown.
//!
//! In: the text of the file. Out: [`Settings`], or the place where it is wrong. Keys as in
//! `sfdx-project.schema.json` of `@salesforce/schemas` 1.10.3; those not read here are left alone.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use thiserror::Error;

use super::replacements::Replacement;

/// An API version, such as 59.0; metadata has no minor ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(u32);

impl ApiVersion {
    /// Reads `59.0` or `59`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = text.strip_suffix(".0").unwrap_or(text);
        whole.parse().ok().map(Self)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

/// A broken `sfdx-project.json`.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{path} is broken at {line}:{column}: {reason}")]
#[diagnostic(
    code("project"),
    help(
        "Mend the file. Until then its folder is linted as a whole, and no fix is offered there."
    )
)]
pub struct ProjectError {
    /// The file, relative to the git root, else its name alone.
    pub path: String,
    line: usize,
    column: usize,
    reason: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
}

impl ProjectError {
    pub(super) fn unreadable(shown: &str, error: &std::io::Error) -> Self {
        Self::new(shown, "", 1, 1, format!("cannot be read: {error}"))
    }

    fn new(path: &str, text: &str, line: usize, column: usize, reason: String) -> Self {
        let line_start = text
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let mut at = (line_start + column.saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let visible: String = text
            .chars()
            .map(|c| {
                if c.is_control() && !c.is_whitespace() {
                    '.'
                } else {
                    c
                }
            })
            .collect();
        Self {
            source_code: NamedSource::new(path, visible),
            span: SourceSpan::from((at, 0)),
            path: path.to_owned(),
            line,
            column,
            reason,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectJson {
    #[serde(default)]
    package_directories: Vec<PackageDirectory>,
    source_api_version: Option<Version>,
    namespace: Option<String>,
    #[serde(default)]
    replacements: Vec<Replacement>,
}

#[derive(Debug, Deserialize)]
struct PackageDirectory {
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Version {
    Text(String),
    Number(f64),
}

/// What a project says of itself.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Absolute paths, in the file's order.
    pub package_directories: Vec<PathBuf>,
    pub source_api_version: Option<ApiVersion>,
    pub namespace: Option<String>,
    pub replacements: Vec<Replacement>,
}

impl Settings {
    /// Reads the text of the project file in the folder `root`. Errors call it `shown`.
    ///
    /// # Errors
    /// When it is not JSON, a key that is read here has another type, or a package directory lies
    /// outside of the project.
    pub fn read(root: &Path, shown: &str, text: &str) -> Result<Self, ProjectError> {
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let project: ProjectJson = serde_json::from_str(json).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            ProjectError::new(shown, json, error.line(), error.column(), reason.to_owned())
        })?;
        let mut package_directories = Vec::new();
        for directory in &project.package_directories {
            let Some(inside) = inside_of(root, &directory.path) else {
                return Err(place(shown, json, &directory.path, "leaves the project"));
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
                Some(ApiVersion::parse(&text).ok_or_else(|| {
                    place(shown, json, &text, "is no API version such as \"66.0\"")
                })?)
            }
        };
        Ok(Self {
            package_directories,
            source_api_version,
            namespace: project.namespace.filter(|namespace| !namespace.is_empty()),
            replacements: project.replacements,
        })
    }
}

/// An error at the first place where `value` stands in the file.
fn place(shown: &str, json: &str, value: &str, problem: &str) -> ProjectError {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let at = json.find(&quoted).or_else(|| json.find(value)).unwrap_or(0);
    let before = &json[..at];
    let line = before.matches('\n').count() + 1;
    let column = at - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    ProjectError::new(shown, json, line, column, format!("{quoted} {problem}"))
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
        assert_eq!((error.line, error.column), (2, 36));
        assert!(error.to_string().contains("leaves the project"), "{error}");
        let error = Settings::read(
            Path::new("/p"),
            "sfdx-project.json",
            "{\n \"namespace\": 1 }",
        )
        .unwrap_err();
        assert_eq!(error.line, 2);
    }
}
