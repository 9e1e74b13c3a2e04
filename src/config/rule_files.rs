//! Finds, reads and compiles custom rule files.
//!
//! Rule files can come from an untrusted repository: links out of their folder are not followed, and
//! files with unsafe text are rejected.

use std::io;
use std::path::{Path, PathBuf};

use miette::{NamedSource, SourceSpan};
use rayon::prelude::*;
use serde::Deserialize;
use toml::{Spanned, Table};
use walkdir::{DirEntry, WalkDir};

use super::file::CONFIG_FILE;
use super::rule_file::{LoadedRule, LoadedTests, RuleFileError, reject_unsafe_text};
use crate::project::{Overlay, canonical, slashed};
use crate::rule::{BUILT_IN, SharedConditions, verify_shared};
use crate::text::{sanitize, sanitize_lines};

/// Up to this number of files, reading them in one thread is faster than starting others.
const MAX_FILES_IN_ONE_THREAD: usize = 8;

/// The rules of some files and folders.
#[derive(Debug, Default)]
pub(crate) struct RuleFiles {
    /// Sorted by path.
    pub rules: Vec<LoadedRule>,
    /// The files that cannot be used.
    pub problems: Vec<RuleFileError>,
}

impl RuleFiles {
    /// Loads each of `paths`: a file, or a folder with rule files. Files outside `within`, if it is
    /// set, are errors. Texts in `overlay` replace files on disk. `display_path` returns a path for
    /// errors.
    pub(crate) fn load(
        paths: &[PathBuf],
        within: Option<&Path>,
        overlay: &Overlay,
        display_path: impl Fn(&Path) -> String + Sync,
    ) -> Self {
        let mut loaded = Self::default();
        let mut files = Vec::new();
        for path in paths {
            loaded.collect(path, &mut files, &display_path);
        }
        files.sort_unstable();
        // A file that is named and also found in a folder is a named one.
        files.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 |= same && later.1;
            same
        });
        let shared = loaded.shared_conditions(&files, within, overlay, &display_path);
        let mut empty: Vec<&PathBuf> = paths.iter().filter(|path| path.is_dir()).collect();
        files.retain(|(file, _)| !is_conditions(file) && !is_tests(file));
        let load = |(file, is_named): &(PathBuf, bool)| {
            let path = sanitize(&display_path(file)).into_owned();
            let unreadable = |error: &io::Error, path: String| RuleFileError::Unreadable {
                path,
                reason: reason(error),
            };
            match read(file, within, overlay) {
                Ok(text) => {
                    let tests = match tests_beside(file, within, overlay, &display_path) {
                        Ok(tests) => tests,
                        Err((path, error)) => return Some(Err(unreadable(&error, path))),
                    };
                    let rule = LoadedRule::parse_with(path, &text, tests, &shared);
                    (rule.is_ok() || *is_named || is_rule(&text)).then_some(rule)
                }
                Err(error) => Some(Err(unreadable(&error, path))),
            }
        };
        let rules: Vec<Option<Result<LoadedRule, RuleFileError>>> = match files.len() {
            0..=MAX_FILES_IN_ONE_THREAD => files.iter().map(load).collect(),
            _ => files.par_iter().map(load).collect(),
        };
        for ((file, _), rule) in files.iter().zip(rules) {
            match rule {
                Some(Ok(rule)) => loaded.rules.push(rule),
                Some(Err(error)) => loaded.problems.push(error),
                None => continue,
            }
            empty.retain(|folder| !file.starts_with(folder));
        }
        for folder in empty {
            // This is an error because the path is probably a mistake.
            loaded.problems.push(RuleFileError::Unreadable {
                path: sanitize(&display_path(folder)).into_owned(),
                reason: "contains no rule files".to_owned(),
            });
        }
        loaded
    }

    /// The shared conditions of the files in folders named `conditions`, and the built-in ones. A
    /// file takes precedence over the built-in file with the same name.
    fn shared_conditions(
        &mut self,
        files: &[(PathBuf, bool)],
        within: Option<&Path>,
        overlay: &Overlay,
        display_path: impl Fn(&Path) -> String,
    ) -> SharedConditions {
        let mut shared = SharedConditions::built_in().clone();
        let mut families = Vec::new();
        for (file, _) in files {
            let path = sanitize(&display_path(file)).into_owned();
            if let Some(tested) = tested_by(file).filter(|tested| !overlay.has_file(tested)) {
                let rule = tested.file_name().unwrap_or_default().to_string_lossy();
                self.problems.push(RuleFileError::TestsWithoutRule {
                    path: path.clone(),
                    rule: sanitize(&rule).into_owned(),
                });
            }
            if !is_conditions(file) {
                continue;
            }
            let family = file.file_stem().unwrap_or_default().to_string_lossy();
            let family = sanitize(&family).into_owned();
            let added = if families.contains(&family) {
                let path = path.clone();
                Err(RuleFileError::DuplicateFamily { path, family })
            } else {
                match read(file, within, overlay) {
                    Ok(text) => reject_unsafe_text(&path, &text).and_then(|()| {
                        let added = shared.add_file(&family, &path, &text);
                        families.push(family);
                        added.map_err(|error| RuleFileError::Invalid(Box::new(error)))
                    }),
                    Err(error) => Err(RuleFileError::Unreadable {
                        path,
                        reason: reason(&error),
                    }),
                }
            };
            self.problems.extend(added.err());
        }
        let problems = verify_shared(&shared, |family| families.iter().any(|it| it == family));
        let problems = problems.into_iter().map(Box::new);
        self.problems.extend(problems.map(RuleFileError::Invalid));
        shared
    }

    /// Adds `path`, or the rule files in it if it is a folder. The flag is whether the file was
    /// named itself.
    fn collect(
        &mut self,
        path: &Path,
        files: &mut Vec<(PathBuf, bool)>,
        display_path: impl Fn(&Path) -> String,
    ) {
        if !path.is_dir() {
            files.push((path.to_path_buf(), true));
            files.extend(
                conditions_around(path)
                    .into_iter()
                    .map(|file| (file, false)),
            );
            return;
        }
        let is_visible = |entry: &DirEntry| {
            let name = entry.file_name();
            entry.depth() == 0
                || !(name.as_encoded_bytes().starts_with(b".") || name == "node_modules")
        };
        for entry in WalkDir::new(path).into_iter().filter_entry(is_visible) {
            match entry {
                Ok(entry) => {
                    let is_toml = entry.path().extension().is_some_and(|end| end == "toml");
                    // Links to files are followed, links to folders are not.
                    if is_toml && entry.file_name() != CONFIG_FILE && !entry.path().is_dir() {
                        files.push((entry.into_path(), false));
                    }
                }
                Err(error) => {
                    let at = error.path().unwrap_or(path);
                    self.problems.push(RuleFileError::Unreadable {
                        path: sanitize(&display_path(at)).into_owned(),
                        reason: error
                            .io_error()
                            .map_or_else(|| "cannot be read".to_owned(), reason),
                    });
                }
            }
        }
    }

    /// Moves rules to the problems if a built-in rule or an earlier file has the same id.
    pub(crate) fn reject_duplicate_ids(&mut self) {
        let mut kept: Vec<LoadedRule> = Vec::new();
        for loaded in self.rules.drain(..) {
            let id = &loaded.rule.id;
            let other = match kept.iter().find(|other| other.rule.id == *id) {
                Some(other) => Some(format!("`{}:{}`", other.path, id_location(&other.text).0)),
                None => BUILT_IN
                    .iter()
                    .any(|built_in| built_in.id == id)
                    .then(|| "a built-in rule".to_owned()),
            };
            let Some(other) = other else {
                kept.push(loaded);
                continue;
            };
            let (line, span) = id_location(&loaded.text);
            self.problems.push(RuleFileError::DuplicateId {
                id: id.clone(),
                line,
                other,
                source_code: NamedSource::new(&loaded.path, sanitize_lines(&loaded.text)),
                span,
                path: loaded.path,
            });
        }
        self.rules = kept;
    }
}

/// Whether a file contains shared conditions.
fn is_conditions(file: &Path) -> bool {
    file.parent()
        .is_some_and(|folder| folder.ends_with("conditions"))
}

/// The files with shared conditions for a rule that was named itself: those in the nearest folder
/// `conditions` next to the rule or in a folder above it.
fn conditions_around(rule: &Path) -> Vec<PathBuf> {
    /// The number of folders above the rule that are searched.
    const LEVELS: usize = 3;
    let folders = rule.ancestors().skip(1).take(LEVELS);
    let mut conditions = folders.map(|folder| folder.join("conditions"));
    let Some(folder) = conditions.find(|folder| folder.is_dir()) else {
        return Vec::new();
    };
    let entries = WalkDir::new(folder).max_depth(1).into_iter().flatten();
    entries
        .map(DirEntry::into_path)
        .filter(|file| file.extension().is_some_and(|end| end == "toml"))
        .collect()
}

/// Whether a file contains the tests of a rule.
fn is_tests(file: &Path) -> bool {
    tested_by(file).is_some()
}

/// The rule file for a file with tests.
pub(crate) fn tested_by(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    let id = name.strip_suffix(".test.toml")?;
    Some(file.with_file_name(format!("{id}.toml")))
}

/// The separate file with the tests of a rule, if there is one.
fn tests_beside(
    rule: &Path,
    within: Option<&Path>,
    overlay: &Overlay,
    display_path: impl Fn(&Path) -> String,
) -> Result<Option<LoadedTests>, (String, io::Error)> {
    let file = rule.with_extension("test.toml");
    if !overlay.has_file(&file) {
        return Ok(None);
    }
    let path = sanitize(&display_path(&file)).into_owned();
    match read(&file, within, overlay) {
        Ok(text) => Ok(Some(LoadedTests { path, text })),
        Err(error) => Err((path, error)),
    }
}

/// The line and the span of the id in a valid rule file.
fn id_location(text: &str) -> (usize, SourceSpan) {
    #[derive(Deserialize)]
    struct Head {
        id: Spanned<String>,
    }
    let span = toml::from_str::<Head>(text).map_or(0..0, |head| head.id.span());
    (line_at(text, span.start), SourceSpan::from(span))
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The text of a rule file, with LF line ends, because locations in its tests assume them.
fn read(file: &Path, within: Option<&Path>, overlay: &Overlay) -> io::Result<String> {
    let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    if let Some(within) = within
        && !canonical(file)?.starts_with(canonical(within)?)
    {
        return Err(invalid(&format!(
            "it is a link to a file outside `{}`",
            sanitize(&slashed(Path::new(within.file_name().unwrap_or_default())))
        )));
    }
    let text =
        String::from_utf8(overlay.read_small(file)?).map_err(|_| invalid("it is not UTF-8"))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}

/// Whether a file that was found in a folder is probably a rule. The folder can contain other TOML
/// files.
fn is_rule(text: &str) -> bool {
    match text.parse::<Table>() {
        Ok(table) => table.contains_key("id") || table.contains_key("check"),
        Err(_) => true,
    }
}
