//! Conditions as rules use them once compiled.
//!
//! In: what `compile` understood. Out: plain data that `lint` evaluates in three values.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::{BuildError, Regex};

use crate::project::MetadataType;

/// Something that holds, fails or cannot be told of a context element.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A question about the values of a field.
    Field(FieldTest),
    /// All of them hold.
    All(Vec<Condition>),
    /// Some of them holds.
    Any(Vec<Condition>),
    /// The inner one fails.
    Not(Box<Condition>),
    /// Some component of a type in the same package directory satisfies the inner one.
    Project(Box<CrossFile>),
    /// The components that belong to this one satisfy the inner one.
    Related(Box<CrossFile>),
}

impl Condition {
    /// Whether it cannot be told from the file alone.
    pub fn needs_other_files(&self) -> bool {
        match self {
            Self::Field(_) => false,
            Self::All(all) => all.iter().any(Self::needs_other_files),
            Self::Any(any) => any.iter().any(Self::needs_other_files),
            Self::Not(inner) => inner.needs_other_files(),
            Self::Project(_) | Self::Related(_) => true,
        }
    }
}

/// A question about other files.
#[derive(Debug, Clone)]
pub struct CrossFile {
    /// The type of component that is asked.
    pub metadata_type: MetadataType,
    /// For `related`: the element by whose text components name each other.
    pub by: String,
    /// For `related`: what it means that there is no such component.
    pub absent: Absent,
    /// What it has to satisfy.
    pub condition: Condition,
}

/// What a missing value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// As if the condition held.
    Complies,
    /// As if it failed.
    Violates,
    /// It cannot be told.
    Unknown,
}

/// Where a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// Counted from the root element, not from the context.
    pub from_root: bool,
    /// Local names; none means the start itself.
    pub names: Vec<String>,
}

impl FieldPath {
    /// Reads `a/b`, `/a/b` (from the root) or `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from_root, rest) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let names: Vec<String> = if rest == "." {
            Vec::new()
        } else {
            rest.split('/').map(str::to_owned).collect()
        };
        let valid = names.iter().all(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        valid.then_some(Self { from_root, names })
    }

    /// The name of the field itself.
    pub fn last(&self) -> &str {
        self.names.last().map_or(".", String::as_str)
    }
}

/// How one value is cut into several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// An item a line.
    Lines,
    /// Items between commas.
    Commas,
}

impl Split {
    /// The character between items.
    pub fn separator(self) -> char {
        match self {
            Self::Lines => '\n',
            Self::Commas => ',',
        }
    }
}

/// A question about the values of a field. All operators that are given have to hold of the same
/// value.
#[derive(Debug, Clone)]
pub struct FieldTest {
    /// The field.
    pub path: FieldPath,
    /// Whether it has to be there with a value, or has to be missing.
    pub exists: Option<bool>,
    /// The value that it has to have.
    pub is: Option<Expected>,
    /// Values of which it has to have one.
    pub one_of: Vec<String>,
    /// A pattern that has to match.
    pub matches: Option<Arc<Pattern>>,
    /// A pattern that must not match.
    pub except: Option<Arc<Pattern>>,
    /// How values are cut.
    pub split: Option<Split>,
    /// All values have to satisfy it, and there has to be one.
    pub every: bool,
    /// What a missing value means.
    pub absent: Absent,
    /// What to write under a value that satisfies it.
    pub label: Option<String>,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// An xsd:boolean.
    Boolean(bool),
    /// A text.
    Text(String),
}

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that is not looked at yet.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// Why the pattern cannot be used, if so.
    pub fn error(&self) -> Option<BuildError> {
        compile(&self.text).err()
    }

    /// Whether it matches somewhere in `text`. A pattern that does not compile matches nothing;
    /// rule files with one are turned away when they are loaded.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled
            .get_or_init(|| compile(&self.text).ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }
}

/// The syntax and the linear time of the `regex` crate, whose engine this is, but without the
/// automata that it builds for long texts: values of metadata are short, and building them took
/// most of a run over one file.
fn compile(text: &str) -> Result<Regex, BuildError> {
    let config = Regex::config().hybrid(false).dfa(false).onepass(false);
    Regex::builder().configure(config).build(text)
}
