//! Users' rule files: found, read and compiled.
//!
//! In: files and folders. Out: every rule that can be used, and a [`RuleFileError`] for each file
//! that cannot. A rule file may come with a repository that nobody has looked at: none is read
//! through a link that leaves the folder it has to stay in, and none of its texts can reach a
//! terminal with something that the terminal acts on.

use std::io;
use std::path::{Path, PathBuf};

use miette::{NamedSource, SourceSpan};
use rayon::prelude::*;
use serde::Deserialize;
use toml::{Spanned, Table};
use walkdir::{DirEntry, WalkDir};

use super::file::CONFIG_FILE;
use super::rule_file::{LoadedRule, LoadedTests, RuleFileError, refuse_acting};
use crate::project::{Overlay, slashed};
use crate::rule::{BUILT_IN, SharedConditions, verify_shared};
use crate::text::{sanitize, sanitize_lines};

/// So many files are read by the thread that asks for them: starting others takes longer.
const FILES_ALONE: usize = 8;

/// What came out of some files and folders.
#[derive(Debug, Default)]
pub(crate) struct RuleFiles {
    /// The rules, by path.
    pub rules: Vec<LoadedRule>,
    /// What cannot be used.
    pub problems: Vec<RuleFileError>,
}

impl RuleFiles {
    /// Loads each of `paths`: a file, or a folder with the rule files below it. Errors show paths
    /// as `shown` writes them. Nothing outside of `within` is read, if that is given. Texts of
    /// `overlay` count in place of files.
    pub(crate) fn load(
        paths: &[PathBuf],
        within: Option<&Path>,
        overlay: &Overlay,
        shown: impl Fn(&Path) -> String + Sync,
    ) -> Self {
        let mut loaded = Self::default();
        let mut files = Vec::new();
        for path in paths {
            loaded.collect(path, &mut files, &shown);
        }
        files.sort_unstable();
        // What is named and found as well is named.
        files.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 |= same && later.1;
            same
        });
        let shared = loaded.shared_conditions(&files, within, overlay, &shown);
        let mut empty: Vec<&PathBuf> = paths.iter().filter(|path| path.is_dir()).collect();
        files.retain(|(file, _)| !is_conditions(file) && !is_tests(file));
        let load = |(file, is_named): &(PathBuf, bool)| {
            let path = sanitize(&shown(file)).into_owned();
            let unreadable = |error: &io::Error, path: String| RuleFileError::Unreadable {
                path,
                reason: reason(error),
            };
            match read(file, within, overlay) {
                Ok(text) => {
                    let tests = match tests_beside(file, within, overlay, &shown) {
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
            0..=FILES_ALONE => files.iter().map(load).collect(),
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
            // Most likely another was meant, and a rule that is not there finds nothing.
            loaded.problems.push(RuleFileError::Unreadable {
                path: sanitize(&shown(folder)).into_owned(),
                reason: "is a folder without a rule".to_owned(),
            });
        }
        loaded
    }

    /// The shared conditions of the files in folders called `conditions`, with the built-in ones.
    /// A file takes precedence over the built-in one of the same name.
    fn shared_conditions(
        &mut self,
        files: &[(PathBuf, bool)],
        within: Option<&Path>,
        overlay: &Overlay,
        shown: impl Fn(&Path) -> String,
    ) -> SharedConditions {
        let mut shared = SharedConditions::built_in().clone();
        let mut families = Vec::new();
        for (file, _) in files {
            let path = sanitize(&shown(file)).into_owned();
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
                Err(RuleFileError::FamilyClash { path, family })
            } else {
                match read(file, within, overlay) {
                    Ok(text) => refuse_acting(&path, &text).and_then(|()| {
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

    /// Adds the rule files that `path` is or holds, each with whether it was named itself.
    fn collect(
        &mut self,
        path: &Path,
        files: &mut Vec<(PathBuf, bool)>,
        shown: impl Fn(&Path) -> String,
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
                    // A link may lead to a file. One to a folder is not followed.
                    if is_toml && entry.file_name() != CONFIG_FILE && !entry.path().is_dir() {
                        files.push((entry.into_path(), false));
                    }
                }
                Err(error) => {
                    let at = error.path().unwrap_or(path);
                    self.problems.push(RuleFileError::Unreadable {
                        path: sanitize(&shown(at)).into_owned(),
                        reason: error
                            .io_error()
                            .map_or_else(|| "cannot be read".to_owned(), reason),
                    });
                }
            }
        }
    }

    /// Makes an id that a built-in rule or an earlier file has a problem.
    pub(crate) fn refuse_clashes(&mut self) {
        let mut kept: Vec<LoadedRule> = Vec::new();
        for loaded in self.rules.drain(..) {
            let id = &loaded.rule.id;
            let other = match kept.iter().find(|other| other.rule.id == *id) {
                Some(other) => Some(format!("`{}:{}`", other.path, id_place(&other.text).0)),
                None => BUILT_IN
                    .iter()
                    .any(|built_in| built_in.id == id)
                    .then(|| "one that is built into forcelint".to_owned()),
            };
            let Some(other) = other else {
                kept.push(loaded);
                continue;
            };
            let (line, span) = id_place(&loaded.text);
            self.problems.push(RuleFileError::Clash {
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

/// Whether a file has shared conditions.
fn is_conditions(file: &Path) -> bool {
    file.parent()
        .is_some_and(|folder| folder.ends_with("conditions"))
}

/// The files of shared conditions for a rule that was named itself: those of the nearest folder
/// `conditions` beside it or around it.
fn conditions_around(rule: &Path) -> Vec<PathBuf> {
    /// How far from its rules a folder with conditions can be.
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

/// Whether a file has the tests of a rule beside it.
fn is_tests(file: &Path) -> bool {
    tested_by(file).is_some()
}

/// The file of the rule whose tests these are.
fn tested_by(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    let id = name.strip_suffix(".test.toml")?;
    Some(file.with_file_name(format!("{id}.toml")))
}

/// The tests in the file beside a rule's, if there is one.
fn tests_beside(
    rule: &Path,
    within: Option<&Path>,
    overlay: &Overlay,
    shown: impl Fn(&Path) -> String,
) -> Result<Option<LoadedTests>, (String, io::Error)> {
    let file = rule.with_extension("test.toml");
    if !overlay.has_file(&file) {
        return Ok(None);
    }
    let path = sanitize(&shown(&file)).into_owned();
    match read(&file, within, overlay) {
        Ok(text) => Ok(Some(LoadedTests { path, text })),
        Err(error) => Err((path, error)),
    }
}

/// The line of the id in a rule file that compiled, and its span.
fn id_place(text: &str) -> (usize, SourceSpan) {
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

/// The text of a rule file. Line ends are made those that its tests are counted in.
fn read(file: &Path, within: Option<&Path>, overlay: &Overlay) -> io::Result<String> {
    let refused = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    if let Some(within) = within
        && !file.canonicalize()?.starts_with(within.canonicalize()?)
    {
        return Err(refused(&format!(
            "it is a link that leaves `{}`",
            sanitize(&slashed(Path::new(within.file_name().unwrap_or_default())))
        )));
    }
    let text =
        String::from_utf8(overlay.read_small(file)?).map_err(|_| refused("it is not UTF-8"))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}

/// Whether a file that nobody named can be meant as a rule: other TOML files may lie beside.
fn is_rule(text: &str) -> bool {
    match text.parse::<Table>() {
        Ok(table) => table.contains_key("id") || table.contains_key("check"),
        Err(_) => true,
    }
}
