//! Conditions that several rules use by name.
//!
//! The tables of a file `conditions/FAMILY.toml` are conditions (`[public-client]`), which rules use as
//! `FAMILY/NAME`. Within the file, `NAME` is enough. Its tables `[patterns]` and `[types]` contain regular
//! expressions and lists of metadata types, which rules use as `@FAMILY/NAME`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::DeTable;

use super::built_in::CONDITION_FILES;
use super::json_schema::CONDITIONS_SCHEMA;
use super::model::ConditionTable;
use super::problem::{Problem, RuleError};
use super::shape;
use super::spanned::Spanned;
use crate::text::without_secret_words;

/// The shared conditions that rules can use.
#[derive(Debug, Default, Clone)]
pub struct SharedConditions {
    /// By `FAMILY/NAME`.
    conditions: BTreeMap<String, SharedCondition>,
    /// Regular expressions by `@FAMILY/NAME`.
    patterns: BTreeMap<String, String>,
    /// Lists of metadata types by `@FAMILY/NAME`.
    types: BTreeMap<String, Vec<String>>,
}

/// A condition with the file it comes from.
#[derive(Debug, Clone)]
pub(super) struct SharedCondition {
    pub table: Arc<Spanned<ConditionTable>>,
    file: Arc<ConditionFile>,
}

#[derive(Debug)]
struct ConditionFile {
    family: String,
    /// The file name that errors show.
    name: String,
    text: String,
}

static BUILT_IN: LazyLock<SharedConditions> = LazyLock::new(|| {
    let mut shared = SharedConditions::default();
    for (family, text) in CONDITION_FILES {
        let name = format!("conditions/{family}.toml");
        if let Err(error) = shared.add_file(family, &name, text) {
            // A test reads every embedded file.
            panic!("{:?}", miette::Report::new(error));
        }
    }
    shared
});

impl SharedConditions {
    /// The built-in shared conditions.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Adds the conditions of a file. They replace those of the same family. They can also use conditions
    /// of files that are added later; `verify_shared` verifies that these exist.
    ///
    /// # Errors
    /// If the text is not TOML with condition tables.
    pub fn add_file(&mut self, family: &str, name: &str, text: &str) -> Result<(), RuleError> {
        let invalid = |error: toml::de::Error| {
            let mut problems = shape::mismatches(text, CONDITIONS_SCHEMA);
            if problems.is_empty() {
                let span = error.span().unwrap_or(0..0);
                let message = without_secret_words(error.message());
                problems.push(Problem::new(span, message));
            }
            RuleError::new(name, text, problems)
        };
        let mut table = DeTable::parse(text).map_err(invalid)?;
        let patterns: Option<BTreeMap<String, String>> =
            remove(table.get_mut(), "patterns").map_err(invalid)?;
        let types: Option<BTreeMap<String, Vec<String>>> =
            remove(table.get_mut(), "types").map_err(invalid)?;
        let conditions = toml::de::Deserializer::from(table);
        let conditions: BTreeMap<String, Spanned<ConditionTable>> =
            Deserialize::deserialize(conditions).map_err(invalid)?;
        let file = Arc::new(ConditionFile {
            family: family.to_owned(),
            name: name.to_owned(),
            text: text.to_owned(),
        });
        self.conditions.retain(|_, it| it.file.family != family);
        for (key, table) in conditions {
            let condition = SharedCondition {
                table: Arc::new(table),
                file: Arc::clone(&file),
            };
            self.conditions.insert(format!("{family}/{key}"), condition);
        }
        let named = |key: String| format!("@{family}/{key}");
        let patterns = patterns.unwrap_or_default().into_iter();
        self.patterns
            .extend(patterns.map(|(key, pattern)| (named(key), pattern)));
        let types = types.unwrap_or_default().into_iter();
        self.types
            .extend(types.map(|(key, types)| (named(key), types)));
        Ok(())
    }

    /// The conditions of the families that `of` selects: for each file name, the text and the conditions.
    pub(super) fn by_file(
        &self,
        of: impl Fn(&str) -> bool,
    ) -> BTreeMap<&str, (&str, Vec<&SharedCondition>)> {
        let mut by_file: BTreeMap<&str, (&str, Vec<&SharedCondition>)> = BTreeMap::new();
        for condition in self.conditions.values().filter(|it| of(&it.file.family)) {
            let file = &condition.file;
            let entry = by_file.entry(&file.name);
            let (_, conditions) = entry.or_insert((&file.text, Vec::new()));
            conditions.push(condition);
        }
        by_file
    }

    /// The regular expression `@FAMILY/NAME`.
    pub(super) fn pattern(&self, name: &str) -> Option<&str> {
        self.patterns.get(name).map(String::as_str)
    }

    /// The metadata types `@FAMILY/NAME`.
    pub(super) fn types(&self, name: &str) -> Option<&[String]> {
        self.types.get(name).map(Vec::as_slice)
    }

    /// The names of all patterns and lists of types.
    pub(super) fn value_names(&self) -> impl Iterator<Item = &str> {
        self.patterns
            .keys()
            .chain(self.types.keys())
            .map(String::as_str)
    }

    pub(super) fn get(&self, name: &str) -> Option<&SharedCondition> {
        self.conditions.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.conditions.keys().map(String::as_str)
    }
}

/// Whether a text has the form `@FAMILY/NAME`.
pub(super) fn is_shared_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !word.is_empty() && word.bytes().all(is_part)
    };
    let parts = text.strip_prefix('@').and_then(|name| name.split_once('/'));
    parts.is_some_and(|(family, name)| is_word(family) && is_word(name))
}

/// Removes a table from another one, and deserializes it.
fn remove<T: DeserializeOwned>(
    table: &mut DeTable<'_>,
    key: &str,
) -> Result<Option<T>, toml::de::Error> {
    let Some(value) = table.remove(key) else {
        return Ok(None);
    };
    T::deserialize(toml::de::ValueDeserializer::from(value)).map(Some)
}

impl SharedCondition {
    /// The family of the names without a slash in this condition.
    pub(super) fn family(&self) -> &str {
        &self.file.family
    }

    /// The file and line of an offset, for a message.
    pub(super) fn location(&self, offset: usize) -> String {
        let before = self.file.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("{}:{line}", self.file.name)
    }
}
