//! Users' rule files: found, read and compiled.
//!
//! In: files and folders. Out: every rule that can be used, and a [`RuleFileError`] for each file
//! that cannot. A rule file may come with a repository that nobody has looked at: none is read
//! through a link that leaves the folder it has to stay in, and none of its texts can reach a
//! terminal with something that the terminal acts on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use rayon::prelude::*;
use serde::Deserialize;
use thiserror::Error;
use toml::{Spanned, Table, Value};
use walkdir::{DirEntry, WalkDir};

use super::file::CONFIG_FILE;
use crate::project::{Overlay, slashed};
use crate::rule::{
    BUILT_IN, Rule, RuleError, SharedConditions, compile_tests, compile_with, verify_shared,
};
use crate::text::{sanitize, sanitize_lines};

/// A rule and its file.
#[derive(Debug, Clone)]
pub struct LoadedRule {
    /// The file, as people open it from the working directory.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The file with its tests, if they are not in its own.
    pub tests: Option<LoadedTests>,
    /// The rule.
    pub rule: Arc<Rule>,
}

/// A file with the tests of a rule.
#[derive(Debug, Clone)]
pub struct LoadedTests {
    /// The file, as people open it from the working directory.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl LoadedRule {
    /// The rule in `text`, which is the file `path`, with the built-in shared conditions.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn parse(path: String, text: &str) -> Result<Self, RuleFileError> {
        Self::parse_with(path, text, None, SharedConditions::built_in())
    }

    /// The rule in `text`, which is the file `path`, with the tests in a file of their own.
    fn parse_with(
        path: String,
        text: &str,
        tests: Option<LoadedTests>,
        shared: &SharedConditions,
    ) -> Result<Self, RuleFileError> {
        refuse_acting(&path, text)?;
        let invalid = |error| RuleFileError::Invalid(Box::new(error));
        let mut rule = compile_with(&path, text, shared).map_err(invalid)?;
        if let Some(tests) = &tests {
            refuse_acting(&tests.path, &tests.text)?;
            if !rule.examples.is_empty() {
                return Err(RuleFileError::TestsTwice {
                    rule: path,
                    tests: tests.path.clone(),
                });
            }
            rule.examples = compile_tests(&tests.path, &tests.text).map_err(invalid)?;
        }
        Ok(Self {
            path,
            text: text.to_owned(),
            tests,
            rule: Arc::new(rule),
        })
    }
}

/// Refuses a file with a text that a terminal acts on: every report would have to look out for it.
fn refuse_acting(path: &str, text: &str) -> Result<(), RuleFileError> {
    let Some(span) = acting(text) else {
        return Ok(());
    };
    let before = sanitize_lines(&text[..span.start]).len();
    let shown = sanitize_lines(&text[span.clone()]).len();
    Err(RuleFileError::Acts {
        source_code: NamedSource::new(path, sanitize_lines(text)),
        span: SourceSpan::from((before, shown)),
        path: path.to_owned(),
    })
}

/// A rule file that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum RuleFileError {
    /// It could not be read.
    #[error("`{path}` {reason}")]
    #[diagnostic(code("rule"))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The tests of a rule are in two files.
    #[error("`{rule}` has tests, and `{tests}` beside it, too")]
    #[diagnostic(code("rule"), help("keep all tests of a rule in one of the two files"))]
    TestsTwice {
        /// The rule's file.
        rule: String,
        /// The file with its tests.
        tests: String,
    },
    /// A test file without its rule.
    #[error("`{path}` has tests, but there is no `{rule}` beside it")]
    #[diagnostic(code("rule"))]
    TestsWithoutRule {
        /// The file with the tests.
        path: String,
        /// The file name of the rule.
        rule: String,
    },
    /// Two files of shared conditions have the same name.
    #[error("`{path}`: there are other shared conditions with the name `{family}`")]
    #[diagnostic(
        code("rule"),
        help("give the file another name, by which rules call its conditions")
    )]
    FamilyClash {
        /// The file.
        path: String,
        /// Its name without the ending.
        family: String,
    },
    /// It is no rule.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<RuleError>),
    /// A terminal, or what runs the build, would take a part of it for a command.
    #[error("`{path}` is no valid rule")]
    #[diagnostic(
        code("rule"),
        help(
            "leave it out, or write it as an escape of the regular expression, such as \\x{{1B}}"
        )
    )]
    Acts {
        /// The file.
        path: String,
        /// Its text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("this is not text alone: terminals or build servers act on a part of it")]
        span: SourceSpan,
    },
    /// Another rule has its id.
    #[error("`{path}:{line}` and {other} are both the rule `{id}`")]
    #[diagnostic(code("rule"), help("give the rule another id"))]
    Clash {
        /// The id.
        id: String,
        /// The file.
        path: String,
        /// Where in it the id stands.
        line: usize,
        /// The other rule's place.
        other: String,
        /// Its text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("this id is taken")]
        span: SourceSpan,
    },
}

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

/// Where a text is that a terminal, or whatever shows it, would act on: as it stands, or once
/// escapes are worked out. The files of an example are only shown by `rules test`, which makes
/// them sanitized, so that they may hold anything.
fn acting(text: &str) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if sanitize(content) != content {
            return Some(start..start + content.len());
        }
        start += line.len();
    }
    if !has_escapes(text) {
        return None;
    }
    // What the parser says of a text that is no TOML quotes it as it stands.
    let table: Table = text.parse().ok()?;
    let mut found = None;
    for (key, value) in &table {
        acting_value(key, value, &mut found);
    }
    // The place is the line with what stands before the escape.
    let wrong = found?;
    let is_plain = |character: &char| !character.is_control() && is_sanitized(*character);
    let head: String = wrong.chars().take_while(is_plain).collect();
    let at = text.find(&format!("{head}\\")).unwrap_or(0);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    Some(at..end)
}

/// Whether the text has an escape that can stand for what a text alone cannot hold unseen: a
/// control character, any character by its number, or a line end that joins two lines. Reading the
/// whole of a rule for it took as long as compiling it.
fn has_escapes(text: &str) -> bool {
    let escaped = text.split('\\').skip(1).map(str::as_bytes);
    let mut first = escaped.map(|behind| behind.first());
    first.any(|it| it.is_some_and(|byte| b"befnruUx \t\n".contains(byte)))
}

fn is_sanitized(character: char) -> bool {
    let mut buffer = [0; 4];
    let text = character.encode_utf8(&mut buffer);
    sanitize(text) == *text
}

fn acting_value(key: &str, value: &Value, found: &mut Option<String>) {
    const FILES: [&str; 4] = ["xml", "fixed", "project", "forceignore"];
    if sanitize(key) != key {
        found.get_or_insert_with(|| key.to_owned());
    }
    match value {
        Value::String(text) if !FILES.contains(&key) && sanitize_lines(text) != *text => {
            found.get_or_insert_with(|| text.clone());
        }
        Value::Array(values) => values.iter().for_each(|it| acting_value(key, it, found)),
        Value::Table(table) => table
            .iter()
            .for_each(|(key, value)| acting_value(key, value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_only_once_escapes_are_worked_out_is_found() {
        for value in [
            r#""\u001B[2J""#,
            r#""\U0000001B[2J""#,
            r#""\u202E""#,
            r#""a\b""#,
            r#""a\f""#,
            r#""a\rb""#,
            r##""#\u0023[error]""##,
            "\"\"\"#\\\n  #[error]\"\"\"",
            "\"\"\"#\\   \n#vso[task]\"\"\"",
        ] {
            let text = format!("id = 'x'\ntitle = {value}\n");
            assert!(text.parse::<Table>().is_ok(), "{text}");
            assert!(acting(&text).is_some(), "{text}");
            assert!(acting(&text.replace("title", "[[test]]\nxml")).is_none());
        }
        assert!(acting("title = \"a \\\\ \\\" b\"\nmatches = '\\d\\.\\b'\n").is_none());
    }
}
