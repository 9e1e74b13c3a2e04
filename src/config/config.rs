//! Reads and checks `forcelint.toml`.
//!
//! The file can come from an untrusted repository, so it can only name paths in its own folder.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, OwnRulesError, toml_problem};
use super::exceptions::{Exception, ExceptionContext};
use super::file::{CONFIG_FILE, ConfigTable, ExceptionTable, Level, schema};
use super::rule_file::LoadedRule;
use super::rule_files::RuleFiles;
use crate::project::{Overlay, PathGlobs, Project, canonical};
use crate::rule::{BUILT_IN, MALFORMED, Problem, Severity, Spanned, repair};
use crate::text::{LineIndex, nearest, sanitize};

/// A value of the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue<T> {
    pub value: T,
    /// The line in the file, from 1.
    pub line: usize,
}

/// The settings of a project. Without a file, all of them are empty.
#[derive(Debug, Default)]
pub struct Config {
    /// The path of the file for messages. Empty without a file.
    pub display_path: String,
    /// The folder of the file.
    pub folder: Option<PathBuf>,
    pub select: Option<ConfigValue<Vec<String>>>,
    pub ignore: Option<ConfigValue<Vec<String>>>,
    pub exclude: Option<ConfigValue<Vec<String>>>,
    /// The paths of custom rules, as in the file.
    pub rule_paths: Option<ConfigValue<Vec<String>>>,
    pub min_severity: Option<ConfigValue<Severity>>,
    /// The inner value is `None` for `never`.
    pub fail_on: Option<ConfigValue<Option<Severity>>>,
    pub fail_on_unchecked: Option<ConfigValue<bool>>,
    /// The absolute path of the baseline, which may not exist.
    pub baseline: Option<ConfigValue<PathBuf>>,
    /// The severity of each rule that the file names, or `None` for `off`.
    pub rules: BTreeMap<String, ConfigValue<Option<Severity>>>,
    /// In the order of the file.
    pub exceptions: Vec<Exception>,
    /// The path of the file.
    pub file: Option<PathBuf>,
    /// The text of the file, for errors.
    text: String,
    /// Texts of rule files that take precedence over files on disk.
    overlay: Overlay,
    /// The names of rules and tags. They can only be checked after custom rules are loaded.
    names: Vec<(NameIn, Spanned<String>)>,
    /// The absolute paths of custom rules. All of them exist and are in `folder`.
    own_rule_paths: Vec<PathBuf>,
    excludes: PathGlobs,
}

/// The part of the config that names a rule or a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameIn {
    Select,
    Ignore,
    Rules,
    Exception,
}

impl Config {
    /// The config of a project: the nearest one from its root up to the root of its repository.
    /// Texts in `overlay` replace files on disk. `display_path` returns a path for errors.
    ///
    /// # Errors
    /// If the file cannot be read or is not valid.
    pub fn of(
        project: &Project,
        overlay: &Overlay,
        display_path: impl Fn(&Path) -> String,
    ) -> Result<Self, ConfigError> {
        let Some(file) = Self::find(project, overlay) else {
            return Ok(Self::default());
        };
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        if file.is_symlink() && is_outside(&file, top) {
            let reason = "is a link to a file outside the repository";
            return Err(ConfigError::unreadable(&display_path(&file), reason));
        }
        let folder = file.parent().unwrap_or(&file);
        Self::read(&file, folder, overlay, &display_path(&file))
    }

    /// The path of a project's config, if it has one.
    pub fn find(project: &Project, overlay: &Overlay) -> Option<PathBuf> {
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        let folders = project.root.ancestors();
        let folders = folders.take_while(|folder| folder.starts_with(top));
        let mut files = folders.map(|folder| folder.join(CONFIG_FILE));
        // The run reports folders that cannot be read.
        files.find(|file| overlay.has_file(file))
    }

    /// The config at an absolute path, which the user passed.
    ///
    /// # Errors
    /// As for [`Config::of`].
    pub fn at(
        file: &Path,
        project: &Project,
        overlay: &Overlay,
        display_path: impl Fn(&Path) -> String,
    ) -> Result<Self, ConfigError> {
        let folder = file.parent().unwrap_or(file);
        // Paths in a config outside the project are relative to the project.
        let globs_from = if project.root.starts_with(folder) {
            folder
        } else {
            &project.root
        };
        Self::read(file, globs_from, overlay, &display_path(file))
    }

    fn read(
        file: &Path,
        globs_from: &Path,
        overlay: &Overlay,
        display_path: &str,
    ) -> Result<Self, ConfigError> {
        let folder = file.parent().unwrap_or(file);
        match read(file, overlay) {
            Ok(text) => Self::parse(folder, globs_from, &text, display_path).map(|config| Self {
                file: Some(file.to_path_buf()),
                overlay: overlay.clone(),
                ..config
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ConfigError::unreadable(display_path, "does not exist"))
            }
            Err(error) => {
                let reason = format!("cannot be read: {error}");
                Err(ConfigError::unreadable(display_path, &reason))
            }
        }
    }

    /// Parses the text of a config in `folder`. Its globs are relative to `globs_from`.
    ///
    /// # Errors
    /// If the text is not valid.
    pub fn parse(
        folder: &Path,
        globs_from: &Path,
        text: &str,
        display_path: &str,
    ) -> Result<Self, ConfigError> {
        let (mut table, syntax) = DeTable::parse_recoverable(text);
        let reject =
            |problems: Vec<Problem>| Err(ConfigError::invalid(display_path, text, problems));
        if !syntax.is_empty() {
            // The rest of the table is a guess of the parser, so it is not checked.
            return reject(syntax.iter().map(toml_problem).collect());
        }
        let repaired = repair(&mut table, CONFIG_SCHEMA);
        let mut problems = repaired.problems;
        let lines = LineIndex::new(text);
        let keys = KeyLines::of(table.get_ref(), &lines);
        let file = match ConfigTable::deserialize(toml::de::Deserializer::from(table)) {
            Ok(file) => file,
            Err(error) => {
                problems.push(toml_problem(&error));
                return reject(problems);
            }
        };
        let mut reader = ConfigReader {
            folder,
            globs_from,
            lines: &lines,
            problems: Vec::new(),
        };
        let config = reader.config(file, &keys, display_path);
        let found = reader.problems.into_iter();
        problems.extend(found.filter(|it| !repaired.placeholders.contains(&it.span)));
        if problems.is_empty() {
            Ok(config)
        } else {
            reject(problems)
        }
    }

    /// Loads the custom rules, with the severities that the config sets, and checks that all rules
    /// and tags in the config exist.
    ///
    /// # Errors
    /// All problems of these rules. No invalid rule is skipped, because it could have findings.
    pub fn own_rules(
        &self,
        display_path: impl Fn(&Path) -> String + Sync,
    ) -> Result<Vec<LoadedRule>, OwnRulesError> {
        let RuleFiles {
            mut rules,
            problems,
        } = self.rule_files(display_path);
        if !problems.is_empty() {
            return Err(OwnRulesError::Rules {
                config: self.display_path.clone(),
                problems,
            });
        }
        self.check_names(&rules)
            .map_err(|error| OwnRulesError::Config(Box::new(error)))?;
        for loaded in &mut rules {
            let severity = self.rules.get(&loaded.rule.id).and_then(|it| it.value);
            // There is no other reference to the rule yet.
            if let (Some(severity), Some(rule)) = (severity, Arc::get_mut(&mut loaded.rule)) {
                rule.override_severity(severity);
            }
        }
        Ok(rules)
    }

    /// The custom rules, and the files that cannot be used.
    pub(crate) fn rule_files(&self, display_path: impl Fn(&Path) -> String + Sync) -> RuleFiles {
        let Some(folder) = self.folder.as_ref() else {
            return RuleFiles::default();
        };
        if self.own_rule_paths.is_empty() {
            return RuleFiles::default();
        }
        let paths = &self.own_rule_paths;
        let mut files = RuleFiles::load(paths, Some(folder), &self.overlay, display_path);
        files.reject_duplicate_ids();
        files
    }

    /// The absolute paths of custom rules.
    pub(crate) fn own_rule_paths(&self) -> &[PathBuf] {
        &self.own_rule_paths
    }

    pub(super) fn excludes(&self) -> &PathGlobs {
        &self.excludes
    }

    /// The globs of excluded files and folders.
    pub fn take_excludes(&mut self) -> PathGlobs {
        std::mem::take(&mut self.excludes)
    }

    /// Checks that all rules and tags in the file exist.
    fn check_names(&self, own: &[LoadedRule]) -> Result<(), ConfigError> {
        if self.names.is_empty() {
            return Ok(());
        }
        let own = || own.iter().map(|loaded| &*loaded.rule);
        let ids: HashSet<&str> = BUILT_IN
            .iter()
            .map(|rule| rule.id)
            .chain(own().map(|rule| rule.id.as_str()))
            .collect();
        let own_tags = own().flat_map(|rule| &rule.tags).map(String::as_str);
        let built_in = BUILT_IN.iter().flat_map(|rule| rule.tags);
        let tags: HashSet<&str> = built_in.copied().chain(own_tags).collect();
        let no_tags = HashSet::new();
        let mut problems = Vec::new();
        for (place, name) in &self.names {
            let text = name.get_ref().as_str();
            let takes_tags = matches!(place, NameIn::Select | NameIn::Ignore);
            if text == MALFORMED && *place != NameIn::Select {
                let problem = Problem::new(
                    name.span(),
                    format!(
                        "`{MALFORMED}` cannot be changed or suppressed, because no rule can check \
                         a malformed file"
                    ),
                );
                problems.push(problem.help("fix the file, or skip it by a glob in `exclude`"));
                continue;
            }
            if ids.contains(text) || takes_tags && tags.contains(text) {
                continue;
            }
            if tags.contains(text) {
                let problem = Problem::new(name.span(), format!("`{text}` is a tag, not a rule"));
                problems.push(problem.help(format!(
                    "list its rules with `forcelint rules list --select {text}`"
                )));
                continue;
            }
            let tags = if takes_tags { &tags } else { &no_tags };
            let kind = if takes_tags { "rule or tag" } else { "rule" };
            let problem = Problem::new(name.span(), format!("unknown {kind} `{text}`"));
            let near = nearest(text, ids.iter().chain(tags).copied());
            let near = near.map(|near| format!("did you mean `{near}`?"));
            problems.push(match near {
                Some(near) => problem.help(near),
                None => problem.help(format!("run `forcelint rules list` to see every {kind}")),
            });
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(ConfigError::invalid(
            &self.display_path,
            &self.text,
            problems,
        ))
    }
}

/// Converts the tables of a config, and collects their problems.
struct ConfigReader<'a> {
    folder: &'a Path,
    globs_from: &'a Path,
    lines: &'a LineIndex<'a>,
    problems: Vec<Problem>,
}

impl ConfigReader<'_> {
    fn config(&mut self, file: ConfigTable, lines: &KeyLines, display_path: &str) -> Config {
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
            display_path: sanitize(display_path).into_owned(),
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
            fail_on_unchecked: file
                .fail_on_unchecked
                .as_ref()
                .map(|it| self.value(it, |it| *it)),
            baseline,
            rules: file
                .rules
                .iter()
                .map(|(id, level)| (id.clone(), self.value(level, |it| Level::severity(*it))))
                .collect(),
            exceptions,
            file: None,
            text: self.lines.text().to_owned(),
            overlay: Overlay::default(),
            names: names(&file, lines),
            own_rule_paths,
            excludes,
        }
    }

    fn value<T, U>(&self, placed: &Spanned<T>, convert: impl Fn(&T) -> U) -> ConfigValue<U> {
        ConfigValue {
            value: convert(placed.get_ref()),
            line: self.lines.position(placed.span().start).line,
        }
    }

    fn own_rule_paths(&mut self, paths: &[Spanned<String>]) -> Vec<PathBuf> {
        let mut existing = Vec::new();
        for path in paths {
            match existing_inside(self.folder, path.get_ref()) {
                Ok(path) => existing.push(path),
                Err(reason) => self.reject(path, reason),
            }
        }
        existing
    }

    fn baseline(&mut self, path: Option<&Spanned<String>>) -> Option<ConfigValue<PathBuf>> {
        let path = path?;
        match inside(self.folder, path.get_ref()) {
            Ok(inside) => Some(self.value(path, |_| inside.clone())),
            Err(reason) => {
                self.reject(path, reason);
                None
            }
        }
    }

    fn exceptions(&mut self, tables: &[Spanned<ExceptionTable>]) -> Vec<Exception> {
        let exceptions = tables.iter().filter_map(|table| {
            let context = ExceptionContext {
                line: self.lines.position(table.span().start).line,
                globs_from: self.globs_from,
            };
            Exception::read(table, context, &mut self.problems)
        });
        exceptions.collect()
    }

    fn reject(&mut self, value: &Spanned<String>, reason: &str) {
        let message = format!("{:?} {reason}", value.get_ref());
        self.problems.push(Problem::new(value.span(), message));
    }

    fn globs(&mut self, globs: &[Spanned<String>]) -> PathGlobs {
        let mut valid = Vec::new();
        for glob in globs {
            match PathGlobs::new(self.globs_from, [glob.get_ref().as_str()]) {
                Ok(_) => valid.push(glob.get_ref().as_str()),
                Err((_, reason)) => self.reject(glob, &reason),
            }
        }
        // Each of them was compiled above, so this cannot fail.
        PathGlobs::new(self.globs_from, valid).unwrap_or_default()
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

/// Positions of keys.
struct KeyLines {
    /// The lines of top-level keys.
    top: HashMap<String, usize>,
    /// The ranges of the rule ids in `rules`.
    rules: HashMap<String, Range<usize>>,
}

impl KeyLines {
    fn of(table: &DeTable<'_>, lines: &LineIndex<'_>) -> Self {
        let top = table.iter().map(|(key, _)| {
            let line = lines.position(key.span().start).line;
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

fn read(file: &Path, overlay: &Overlay) -> io::Result<String> {
    let text = String::from_utf8(overlay.read_small(file)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned())
}

/// Whether a path is outside `top` after its links are resolved.
fn is_outside(path: &Path, top: &Path) -> bool {
    match (canonical(path), canonical(top)) {
        (Ok(path), Ok(top)) => !path.starts_with(top),
        _ => true,
    }
}

/// The absolute path of a file or folder in `folder`, which may not exist.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, &'static str> {
    // Windows users may write backslashes.
    let relative = PathBuf::from(path.replace('\\', "/"));
    let mut parts = relative.components();
    if path.is_empty() {
        return Err("is not a path");
    }
    if !parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err("is outside the folder of forcelint.toml");
    }
    let path: PathBuf = folder.join(relative).components().collect();
    // For a file that does not exist yet, links in the folders above it are resolved. A folder in memory has no links.
    let existing = path
        .ancestors()
        .take_while(|above| above.starts_with(folder))
        .find(|above| fs::symlink_metadata(above).is_ok());
    if existing.is_some_and(|existing| is_outside(existing, folder)) {
        return Err("is a link to a path outside the folder of forcelint.toml");
    }
    Ok(path)
}

/// The absolute path of an existing file or folder in `folder`.
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

/// The JSON Schema of `forcelint.toml`, generated from its types.
pub fn config_schema() -> String {
    let mut text = format!("{:#}", schema());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages for a text, each with its help.
    fn messages(text: &str) -> Vec<(String, Option<String>)> {
        let folder = tempfile::TempDir::new().unwrap();
        let config = Config::parse(folder.path(), folder.path(), text, "forcelint.toml");
        match config.unwrap_err() {
            ConfigError::Invalid { mistakes, .. } => mistakes
                .iter()
                .map(|it| (it.message().to_owned(), it.help().map(str::to_owned)))
                .collect(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn invalid_values_are_errors() {
        let messages_of_key = messages("rule-path = []");
        let (message, help) = &messages_of_key[0];
        assert_eq!(message, "unknown key `rule-path`");
        assert_eq!(help.as_deref(), Some("did you mean `rule-paths`?"));
        let message = |path: &str| messages(&format!("rule-paths = [\"{path}\"]"))[0].0.clone();
        assert_eq!(message(""), "\"\" is not a path");
        assert_eq!(message("missing"), "\"missing\" does not exist");
        for outside in ["..", "a/../b", "/etc", "..\\\\a"] {
            assert!(message(outside).ends_with(" is outside the folder of forcelint.toml"));
        }
    }

    #[test]
    fn errors_are_sanitized() {
        let text = "\"\\u001b[2J\" = 1 # \u{202e}\nx = 2";
        let folder = Path::new("/");
        let error = Config::parse(folder, folder, text, "\u{1b}.toml").unwrap_err();
        let handler = miette::NarratableReportHandler::new();
        let mut output = String::new();
        handler.render_report(&mut output, &error).unwrap();
        assert!(!output.contains(['\u{1b}', '\r', '\u{202e}']), "{output}");
    }
}
