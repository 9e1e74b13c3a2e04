//! `forcelint.toml`.
//!
//! In: a project, or a file that was named. Out: the [`Config`] that holds for it, or every place
//! where it is wrong. The file may come with a repository that nobody has looked at: it names
//! nothing outside of its folder.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, OwnRulesError, toml_problem};
use super::exceptions::{Exception, Placing};
use super::file::{CONFIG_FILE, ConfigTable, ExceptionTable, Level, schema};
use super::rule_file::LoadedRule;
use super::rule_files::RuleFiles;
use crate::project::{Overlay, PathGlobs, Project};
use crate::rule::{BUILT_IN, MALFORMED, Problem, Severity, Spanned, repair};
use crate::text::nearest;
use crate::text::sanitize;

/// A value of the config and its line there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue<T> {
    /// The value.
    pub value: T,
    /// The line, from 1.
    pub line: usize,
}

/// What a project sets.
#[derive(Debug, Default)]
pub struct Config {
    /// The file, as people open it; empty without one, and then nothing is set.
    pub shown: String,
    /// Its folder.
    pub folder: Option<PathBuf>,
    /// Rules and tags of which alone something is wanted.
    pub select: Option<ConfigValue<Vec<String>>>,
    /// Rules and tags of which nothing is.
    pub ignore: Option<ConfigValue<Vec<String>>>,
    /// The globs of what is not looked at.
    pub exclude: Option<ConfigValue<Vec<String>>>,
    /// Users' rule files and folders of them, as they are written.
    pub rule_paths: Option<ConfigValue<Vec<String>>>,
    /// What is reported.
    pub min_severity: Option<ConfigValue<Severity>>,
    /// What fails the run; the value is none for nothing.
    pub fail_on: Option<ConfigValue<Option<Severity>>>,
    /// The baseline, absolute. It need not exist.
    pub baseline: Option<ConfigValue<PathBuf>>,
    /// For each rule that it names a severity, or none for off.
    pub rules: BTreeMap<String, ConfigValue<Option<Severity>>>,
    /// What does not count, in the order of the file.
    pub exceptions: Vec<Exception>,
    /// The file itself.
    pub file: Option<PathBuf>,
    /// The text, for complaints.
    text: String,
    /// Texts of rule files that take precedence over files on disk.
    overlay: Overlay,
    /// Places of rules and tags, which can only be looked at once users' rules are there.
    names: Vec<(NameIn, Spanned<String>)>,
    /// Absolute. They exist, and lie in `folder`.
    own_rule_paths: Vec<PathBuf>,
    excludes: PathGlobs,
}

/// Where a rule, or a rule or tag, is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameIn {
    Select,
    Ignore,
    Rules,
    Exception,
}

impl Config {
    /// The config of a project: the nearest from its root up to the top of its repository. Texts of
    /// `overlay` count in place of files. Errors show paths as `shown` writes them.
    ///
    /// # Errors
    /// When it cannot be read, or holds something that means nothing.
    pub fn of(
        project: &Project,
        overlay: &Overlay,
        shown: impl Fn(&Path) -> String,
    ) -> Result<Self, ConfigError> {
        let Some(file) = Self::place(project, overlay) else {
            return Ok(Self::default());
        };
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        if file.is_symlink() && leaves(&file, top) {
            let reason = "is a link that leaves the repository";
            return Err(ConfigError::unreadable(&shown(&file), reason));
        }
        let folder = file.parent().unwrap_or(&file);
        Self::read(&file, folder, overlay, &shown(&file))
    }

    /// The path of a project's config, if it has one.
    pub fn place(project: &Project, overlay: &Overlay) -> Option<PathBuf> {
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        let folders = project.root.ancestors();
        let folders = folders.take_while(|folder| folder.starts_with(top));
        let mut files = folders.map(|folder| folder.join(CONFIG_FILE));
        // The run itself reports a folder that cannot be read.
        files.find(|file| overlay.has_file(file))
    }

    /// The config that the user named, an absolute path.
    ///
    /// # Errors
    /// As [`Config::of`].
    pub fn at(
        file: &Path,
        project: &Project,
        overlay: &Overlay,
        shown: impl Fn(&Path) -> String,
    ) -> Result<Self, ConfigError> {
        let folder = file.parent().unwrap_or(file);
        // Paths in a config outside the project are relative to the project.
        let globs_from = if project.root.starts_with(folder) {
            folder
        } else {
            &project.root
        };
        Self::read(file, globs_from, overlay, &shown(file))
    }

    fn read(
        file: &Path,
        globs_from: &Path,
        overlay: &Overlay,
        shown: &str,
    ) -> Result<Self, ConfigError> {
        let folder = file.parent().unwrap_or(file);
        match read(file, overlay) {
            Ok(text) => Self::parse(folder, globs_from, &text, shown).map(|config| Self {
                file: Some(file.to_path_buf()),
                overlay: overlay.clone(),
                ..config
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ConfigError::unreadable(shown, "does not exist"))
            }
            Err(error) => {
                let reason = format!("cannot be read: {error}");
                Err(ConfigError::unreadable(shown, &reason))
            }
        }
    }

    /// The config that is written in `text`: the file `shown` in `folder`, whose globs begin at
    /// `globs_from`.
    ///
    /// # Errors
    /// When it holds something that means nothing.
    pub fn parse(
        folder: &Path,
        globs_from: &Path,
        text: &str,
        shown: &str,
    ) -> Result<Self, ConfigError> {
        let (mut table, syntax) = DeTable::parse_recoverable(text);
        let refuse = |problems: Vec<Problem>| Err(ConfigError::mistaken(shown, text, problems));
        if !syntax.is_empty() {
            // What the parser made of the rest is guesswork.
            return refuse(syntax.iter().map(toml_problem).collect());
        }
        let repaired = repair(&mut table, CONFIG_SCHEMA);
        let mut problems = repaired.problems;
        let lines = KeyLines::of(table.get_ref(), text);
        let file = match ConfigTable::deserialize(toml::de::Deserializer::from(table)) {
            Ok(file) => file,
            Err(error) => {
                problems.push(toml_problem(&error));
                return refuse(problems);
            }
        };
        let mut reader = ConfigReader {
            folder,
            globs_from,
            text,
            problems: Vec::new(),
        };
        let config = reader.config(file, &lines, shown);
        let found = reader.problems.into_iter();
        problems.extend(found.filter(|it| !repaired.placeholders.contains(&it.span)));
        if problems.is_empty() {
            Ok(config)
        } else {
            refuse(problems)
        }
    }

    /// The rules that it names, with the severities that it gives them, once every rule and tag
    /// that it names is known to be there.
    ///
    /// # Errors
    /// All that is wrong with them. A rule that cannot be used might have found something, so that
    /// none of them is skipped.
    pub fn own_rules(
        &self,
        shown: impl Fn(&Path) -> String + Sync,
    ) -> Result<Vec<LoadedRule>, OwnRulesError> {
        let mut rules = Vec::new();
        if let Some(folder) = self
            .folder
            .as_ref()
            .filter(|_| !self.own_rule_paths.is_empty())
        {
            let mut files =
                RuleFiles::load(&self.own_rule_paths, Some(folder), &self.overlay, &shown);
            files.refuse_clashes();
            if !files.problems.is_empty() {
                return Err(OwnRulesError::Rules {
                    config: self.shown.clone(),
                    problems: files.problems,
                });
            }
            rules = files.rules;
        }
        self.check_names(&rules)
            .map_err(|error| OwnRulesError::Config(Box::new(error)))?;
        for loaded in &mut rules {
            let severity = self.rules.get(&loaded.rule.id).and_then(|it| it.value);
            // Nobody else has the rule yet.
            if let (Some(severity), Some(rule)) = (severity, Arc::get_mut(&mut loaded.rule)) {
                rule.override_severity(severity);
            }
        }
        Ok(rules)
    }

    /// The globs of what is not looked at.
    pub fn take_excludes(&mut self) -> PathGlobs {
        std::mem::take(&mut self.excludes)
    }

    /// Whether there are rules and tags of the names in the file.
    fn check_names(&self, own: &[LoadedRule]) -> Result<(), ConfigError> {
        if self.names.is_empty() {
            return Ok(());
        }
        let own = || own.iter().map(|loaded| &*loaded.rule);
        let ids: Vec<&str> = BUILT_IN
            .iter()
            .map(|rule| rule.id)
            .chain(own().map(|rule| rule.id.as_str()))
            .collect();
        let own_tags = own().flat_map(|rule| &rule.tags).map(String::as_str);
        let built_in = BUILT_IN.iter().flat_map(|rule| rule.tags);
        let tags: Vec<&str> = built_in.copied().chain(own_tags).collect();
        let mut problems = Vec::new();
        for (place, name) in &self.names {
            let text = name.get_ref().as_str();
            let takes_tags = matches!(place, NameIn::Select | NameIn::Ignore);
            if text == MALFORMED && *place != NameIn::Select {
                let problem = Problem::new(
                    name.span(),
                    format!("`{MALFORMED}` always counts: what it finds could not be judged"),
                );
                problems.push(
                    problem.help(
                        "mend the file, or name it in `exclude` if it is not to be looked at",
                    ),
                );
                continue;
            }
            let tags = if takes_tags { &*tags } else { &[] };
            if ids.contains(&text) || tags.contains(&text) {
                continue;
            }
            let what = if takes_tags {
                "neither a rule nor a tag"
            } else {
                "no rule"
            };
            let problem = Problem::new(name.span(), format!("`{text}` is {what}"));
            let near = nearest(text, ids.iter().chain(tags).copied());
            let near = near.map(|near| format!("did you mean `{near}`?"));
            problems.push(match near {
                Some(near) => problem.help(near),
                None => problem.help("`forcelint rules list` shows those that there are"),
            });
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(ConfigError::mistaken(&self.shown, &self.text, problems))
    }
}

/// Converts the tables of a config, and collects what is wrong with them.
struct ConfigReader<'a> {
    folder: &'a Path,
    globs_from: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
}

impl ConfigReader<'_> {
    fn config(&mut self, file: ConfigTable, lines: &KeyLines, shown: &str) -> Config {
        let own_rule_paths = self.own_rule_paths(&file.rule_paths);
        let excludes = self.globs(&file.exclude);
        let baseline = self.baseline(file.baseline.as_ref());
        let exceptions = self.exceptions(&file.exception);
        let listed = |key: &str, list: &[Spanned<String>]| {
            let line = *lines.top.get(key)?;
            let value = list.iter().map(|it| it.get_ref().clone()).collect();
            Some(ConfigValue { value, line })
        };
        Config {
            shown: sanitize(shown).into_owned(),
            folder: Some(self.folder.to_path_buf()),
            select: listed("select", &file.select),
            ignore: listed("ignore", &file.ignore),
            exclude: listed("exclude", &file.exclude),
            rule_paths: listed("rule-paths", &file.rule_paths),
            min_severity: file
                .min_severity
                .as_ref()
                .map(|it| self.value(it, |it| *it)),
            fail_on: file
                .fail_on
                .as_ref()
                .map(|it| self.value(it, |it| it.severity())),
            baseline,
            rules: file
                .rules
                .iter()
                .map(|(id, level)| (id.clone(), self.value(level, |it| Level::severity(*it))))
                .collect(),
            exceptions,
            file: None,
            text: self.text.to_owned(),
            overlay: Overlay::default(),
            names: names(&file, lines),
            own_rule_paths,
            excludes,
        }
    }

    fn value<T, U>(&self, placed: &Spanned<T>, convert: impl Fn(&T) -> U) -> ConfigValue<U> {
        ConfigValue {
            value: convert(placed.get_ref()),
            line: line_of(self.text, placed.span().start),
        }
    }

    fn own_rule_paths(&mut self, paths: &[Spanned<String>]) -> Vec<PathBuf> {
        let mut existing = Vec::new();
        for path in paths {
            match existing_inside(self.folder, path.get_ref()) {
                Ok(path) => existing.push(path),
                Err(reason) => self.refuse(path, reason),
            }
        }
        existing
    }

    fn baseline(&mut self, path: Option<&Spanned<String>>) -> Option<ConfigValue<PathBuf>> {
        let path = path?;
        match inside(self.folder, path.get_ref()) {
            Ok(inside) => Some(self.value(path, |_| inside.clone())),
            Err(reason) => {
                self.refuse(path, reason);
                None
            }
        }
    }

    fn exceptions(&mut self, tables: &[Spanned<ExceptionTable>]) -> Vec<Exception> {
        let exceptions = tables.iter().filter_map(|table| {
            let placing = Placing {
                line: line_of(self.text, table.span().start),
                globs_from: self.globs_from,
            };
            Exception::read(table, placing, &mut self.problems)
        });
        exceptions.collect()
    }

    fn refuse(&mut self, wrong: &Spanned<String>, reason: &str) {
        let message = format!("{:?} {reason}", wrong.get_ref());
        self.problems.push(Problem::new(wrong.span(), message));
    }

    fn globs(&mut self, globs: &[Spanned<String>]) -> PathGlobs {
        let mut good = Vec::new();
        for glob in globs {
            match PathGlobs::new(self.globs_from, [glob.get_ref().as_str()]) {
                Ok(_) => good.push(glob.get_ref().as_str()),
                Err((_, reason)) => self.refuse(glob, &reason),
            }
        }
        // Each of them has been looked at.
        PathGlobs::new(self.globs_from, good).unwrap_or_default()
    }
}

/// The rules and tags that the config names.
fn names(file: &ConfigTable, lines: &KeyLines) -> Vec<(NameIn, Spanned<String>)> {
    let rules = file.rules.keys().map(|id| {
        let span = lines.rules.get(id).cloned().unwrap_or(0..0);
        (NameIn::Rules, Spanned::new(span, id.clone()))
    });
    let exceptions = file.exception.iter();
    let exceptions = exceptions.map(|it| (NameIn::Exception, it.get_ref().rule.clone()));
    let select = file.select.iter().map(|it| (NameIn::Select, it.clone()));
    let ignore = file.ignore.iter().map(|it| (NameIn::Ignore, it.clone()));
    select
        .chain(ignore)
        .chain(rules)
        .chain(exceptions)
        .collect()
}

/// Positions of keys: lines of those at the top, ranges of the ids below `rules`.
struct KeyLines {
    top: HashMap<String, usize>,
    rules: HashMap<String, Range<usize>>,
}

impl KeyLines {
    fn of(table: &DeTable<'_>, text: &str) -> Self {
        let top = table.iter().map(|(key, _)| {
            let line = line_of(text, key.span().start);
            (key.get_ref().to_string(), line)
        });
        let rules = table.iter().filter(|(key, _)| key.get_ref() == "rules");
        let rules = rules.filter_map(|(_, value)| match value.get_ref() {
            DeValue::Table(rules) => Some(rules),
            _ => None,
        });
        let rules = rules.flat_map(|rules| rules.iter());
        Self {
            top: top.collect(),
            rules: rules
                .map(|(key, _)| (key.get_ref().to_string(), key.span()))
                .collect(),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

fn read(file: &Path, overlay: &Overlay) -> io::Result<String> {
    let text = String::from_utf8(overlay.read_small(file)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned())
}

/// Whether a path leads out of `top` once links are resolved.
fn leaves(path: &Path, top: &Path) -> bool {
    match (path.canonicalize(), top.canonicalize()) {
        (Ok(path), Ok(top)) => !path.starts_with(top),
        _ => true,
    }
}

/// The path of something in `folder`, which need not exist.
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
    // A file that does not exist yet is in its folder.
    let there = path
        .ancestors()
        .find(|above| fs::symlink_metadata(above).is_ok());
    if there.is_some_and(|there| leaves(there, folder)) {
        return Err("is a link that leaves the folder of forcelint.toml");
    }
    Ok(path)
}

/// The path of something that exists in `folder`.
fn existing_inside(folder: &Path, path: &str) -> Result<PathBuf, &'static str> {
    let path = inside(folder, path)?;
    if path.exists() {
        Ok(path)
    } else {
        Err("does not exist")
    }
}

/// The JSON Schema of `forcelint.toml`. A test compares it with [`config_schema`].
pub(crate) const CONFIG_SCHEMA: &str = include_str!("../../docs/forcelint.schema.json");

/// The JSON Schema of `forcelint.toml`, made from its types.
pub fn config_schema() -> String {
    let mut text = format!("{:#}", schema());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a text, each mistake with its help.
    fn complaints(text: &str) -> Vec<(String, Option<String>)> {
        let folder = tempfile::TempDir::new().unwrap();
        let config = Config::parse(folder.path(), folder.path(), text, "forcelint.toml");
        match config.unwrap_err() {
            ConfigError::Mistaken { mistakes, .. } => mistakes
                .iter()
                .map(|it| (it.message().to_owned(), it.help().map(str::to_owned)))
                .collect(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        let wrong = complaints("rule-path = []");
        let (message, help) = &wrong[0];
        assert_eq!(message, "unknown key `rule-path`");
        assert_eq!(help.as_deref(), Some("did you mean `rule-paths`?"));
        let label = |paths: &str| {
            complaints(&format!("rule-paths = [\"{paths}\"]"))[0]
                .0
                .clone()
        };
        assert!(label("").ends_with("names no file or folder"));
        assert_eq!(label("missing"), "\"missing\" does not exist");
        for outside in ["..", "a/../b", "/etc", "..\\\\a"] {
            assert!(label(outside).ends_with("leaves the folder of forcelint.toml"));
        }
    }

    #[test]
    fn an_error_has_nothing_that_a_terminal_acts_on() {
        let text = "\"\\u001b[2J\" = 1 # \u{202e}\nx = 2";
        let folder = Path::new("/");
        let error = Config::parse(folder, folder, text, "\u{1b}.toml").unwrap_err();
        let handler = miette::NarratableReportHandler::new();
        let mut shown = String::new();
        handler.render_report(&mut shown, &error).unwrap();
        assert!(!shown.contains(['\u{1b}', '\r', '\u{202e}']), "{shown}");
    }
}
