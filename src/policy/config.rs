//! `forcelint.toml`.
//!
//! In: a project. Out: the [`Config`] that holds for it, or the place where it is wrong. The file
//! may come with a repository that nobody has looked at: it names nothing outside of its folder.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::rule_files::{LoadedRule, RuleFileError, RuleFiles};
use crate::inert::{inert, inert_lines};
use crate::project::{Project, bounded};
use crate::rule::nearest;

/// The name of the file.
pub const CONFIG_FILE: &str = "forcelint.toml";

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ConfigTable {
    #[serde(default)]
    rule_paths: Vec<Spanned<String>>,
}

/// What a project sets.
#[derive(Debug, Default)]
pub struct Config {
    /// The folder of the file; without one, nothing is set.
    folder: Option<PathBuf>,
    /// Users' rule files and folders of them, absolute. They exist, and lie in `folder`.
    pub rule_paths: Vec<PathBuf>,
}

/// A `forcelint.toml` that cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[error("`{path}` {problem}")]
#[diagnostic(code("config"))]
pub struct ConfigError {
    path: String,
    problem: String,
    #[source_code]
    source_code: Option<NamedSource<String>>,
    #[label("here")]
    span: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

/// A config that cannot be used, or rules of it that cannot.
#[derive(Debug, Error, Diagnostic)]
pub enum OwnRulesError {
    /// The config.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    /// Some rule files.
    #[error("rules of `{config}` cannot be used")]
    #[diagnostic(code("config"))]
    Rules {
        /// The config, as people open it.
        config: String,
        /// What is wrong.
        #[related]
        problems: Vec<RuleFileError>,
    },
}

impl Config {
    /// The config of a project: the nearest from its root up to the top of its repository. Errors
    /// show paths as `shown` writes them.
    ///
    /// # Errors
    /// When it cannot be read, or holds something that means nothing.
    pub fn of(project: &Project, shown: impl Fn(&Path) -> String) -> Result<Self, ConfigError> {
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        let folders = project.root.ancestors();
        for folder in folders.take_while(|folder| folder.starts_with(top)) {
            let file = folder.join(CONFIG_FILE);
            match fs::symlink_metadata(&file) {
                Ok(metadata) if metadata.is_symlink() && leaves(&file, top) => {
                    let reason = "is a link that leaves the repository";
                    return Err(ConfigError::unreadable(&shown(&file), reason));
                }
                Ok(_) => {}
                // Of a folder that cannot be looked into the run itself has to tell.
                Err(_) => continue,
            }
            return match read(&file) {
                Ok(text) => Self::parse(folder, &text, &shown(&file)),
                Err(error) => {
                    let reason = format!("cannot be read: {error}");
                    Err(ConfigError::unreadable(&shown(&file), &reason))
                }
            };
        }
        Ok(Self::default())
    }

    fn parse(folder: &Path, text: &str, shown: &str) -> Result<Self, ConfigError> {
        let table: ConfigTable =
            toml::from_str(text).map_err(|error| ConfigError::of_toml(shown, text, &error))?;
        let mut rule_paths = Vec::new();
        for path in &table.rule_paths {
            match inside(folder, path.get_ref()) {
                Ok(path) => rule_paths.push(path),
                Err(reason) => {
                    let reason = format!("{:?} {reason}", path.get_ref());
                    return Err(ConfigError::new(shown, text, path.span(), &reason));
                }
            }
        }
        Ok(Self {
            folder: Some(folder.to_path_buf()),
            rule_paths,
        })
    }

    /// The rules that it names.
    ///
    /// # Errors
    /// All that is wrong with them. A rule that cannot be used might have found something, so that
    /// none of them is passed over.
    pub fn own_rules(
        &self,
        shown: impl Fn(&Path) -> String,
    ) -> Result<Vec<LoadedRule>, OwnRulesError> {
        let Some(folder) = self.folder.as_ref().filter(|_| !self.rule_paths.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut files = RuleFiles::load(&self.rule_paths, Some(folder), &shown);
        files.refuse_clashes();
        if files.problems.is_empty() {
            return Ok(files.rules);
        }
        Err(OwnRulesError::Rules {
            config: inert(&shown(&folder.join(CONFIG_FILE))).into_owned(),
            problems: files.problems,
        })
    }
}

fn read(file: &Path) -> io::Result<String> {
    String::from_utf8(bounded::read(file)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Whether a path leads out of `top` once links are resolved.
fn leaves(path: &Path, top: &Path) -> bool {
    match (path.canonicalize(), top.canonicalize()) {
        (Ok(path), Ok(top)) => !path.starts_with(top),
        _ => true,
    }
}

/// The path of something that exists in `folder`.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, &'static str> {
    // Windows writes the other one.
    let relative = PathBuf::from(path.replace('\\', "/"));
    let mut parts = relative.components();
    if path.is_empty() {
        return Err("names no file or folder");
    }
    if !parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err("leaves the folder of forcelint.toml");
    }
    let path: PathBuf = folder.join(relative).components().collect();
    if !path.exists() {
        return Err("does not exist");
    }
    if leaves(&path, folder) {
        return Err("is a link that leaves the folder of forcelint.toml");
    }
    Ok(path)
}

impl ConfigError {
    /// A problem at a place of `text`, which a terminal may not take for commands.
    fn new(path: &str, text: &str, span: std::ops::Range<usize>, reason: &str) -> Self {
        let path = inert(path).into_owned();
        let before = inert_lines(&text[..span.start]).len();
        let inside = inert_lines(&text[span]).len();
        Self {
            source_code: Some(NamedSource::new(&path, inert_lines(text))),
            path,
            span: Some(SourceSpan::from((before, inside))),
            problem: format!("cannot be used: {}", inert(reason)),
            help: None,
        }
    }

    fn unreadable(path: &str, reason: &str) -> Self {
        Self {
            path: inert(path).into_owned(),
            problem: inert(reason).into_owned(),
            source_code: None,
            span: None,
            help: None,
        }
    }

    /// What the parser complains about. Its message on an unknown key lists those that there are,
    /// all in backticks, the wrong one first.
    fn of_toml(path: &str, text: &str, error: &toml::de::Error) -> Self {
        let message = error.message();
        let span = error.span().unwrap_or(0..0);
        let mut complaint = Self::new(path, text, span, message);
        let mut names = message.split('`').skip(1).step_by(2);
        if let Some(wrong) = names.next().filter(|_| message.starts_with("unknown")) {
            complaint.help = nearest(wrong, names).map(|name| format!("did you mean `{name}`?"));
        }
        complaint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> (String, Option<String>) {
        let folder = tempfile::TempDir::new().unwrap();
        let error = Config::parse(folder.path(), text, "forcelint.toml").unwrap_err();
        (error.problem, error.help)
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        let (label, help) = complaint("rule-path = []");
        assert!(label.contains(": unknown field `rule-path`"), "{label}");
        assert_eq!(help.as_deref(), Some("did you mean `rule-paths`?"));
        let label = |paths: &str| complaint(&format!("rule-paths = [\"{paths}\"]")).0;
        assert!(label("").ends_with("names no file or folder"));
        assert!(label("missing").ends_with(": \"missing\" does not exist"));
        for outside in ["..", "a/../b", "/etc", "..\\\\a"] {
            assert!(label(outside).ends_with("leaves the folder of forcelint.toml"));
        }
    }

    #[test]
    fn an_error_has_nothing_that_a_terminal_acts_on() {
        let text = "\"\\u001b[2J\" = 1 # \u{202e}\r\nx = ";
        let error = Config::parse(Path::new("/"), text, "\u{1b}.toml").unwrap_err();
        let shown = format!("{error}{}", error.source_code.as_ref().unwrap().inner());
        assert!(!shown.contains(['\u{1b}', '\r', '\u{202e}']), "{shown}");
    }
}
