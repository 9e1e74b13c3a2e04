//! Conditions as rules use them once compiled.
//!
//! In: what `compile` understood. Out: plain data that `lint` evaluates in three values.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;

use super::pattern::Pattern;
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
    /// Some element at the path satisfies the inner one.
    Some(FieldPath, Box<Condition>),
    /// The component's full name matches.
    Component(Arc<Pattern>),
    /// Everything in the file is as the metadata schema says; in `require` alone.
    Schema(SchemaQuestion),
    /// The inner one, whose answer is the same for every element of a file.
    AboutFile(ConditionId, Box<Condition>),
}

/// Identifies a condition whose answer is cached for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConditionId(u32);

impl ConditionId {
    /// An id that no other condition of this process has.
    fn next() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What is held against the metadata schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaQuestion {
    /// Every element is one that its parent can have.
    Fields,
    /// Every value is one that its element can have.
    Values,
}

impl Condition {
    /// Whether it cannot be told from the file alone.
    pub fn needs_other_files(&self) -> bool {
        match self {
            Self::Field(_) | Self::Component(_) | Self::Schema(_) => false,
            Self::All(all) => all.iter().any(Self::needs_other_files),
            Self::Any(any) => any.iter().any(Self::needs_other_files),
            Self::Not(inner) | Self::Some(_, inner) => inner.needs_other_files(),
            Self::Project(_) | Self::Related(_) => true,
            Self::AboutFile(_, inner) => inner.needs_other_files(),
        }
    }

    /// Adds the types that it asks about from other files.
    pub fn read_types(&self, types: &mut Vec<MetadataType>) {
        match self {
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|it| it.read_types(types));
            }
            Self::Not(inner) | Self::Some(_, inner) | Self::AboutFile(_, inner) => {
                inner.read_types(types);
            }
            Self::Project(other) | Self::Related(other) => {
                types.push(other.metadata_type);
                other.condition.read_types(types);
            }
            Self::Field(_) | Self::Component(_) | Self::Schema(_) => {}
        }
    }

    /// The condition, with an id by which its answer can be cached if that is the same for every
    /// element of a file.
    pub(crate) fn with_id(self) -> Self {
        let is_about_file = match &self {
            Self::Field(test) => test.path.from_root,
            Self::Some(path, _) => path.from_root,
            Self::Project(_) | Self::Related(_) | Self::Component(_) => true,
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Schema(_) => false,
            Self::AboutFile(..) => false,
        };
        match is_about_file {
            true => Self::AboutFile(ConditionId::next(), Box::new(self)),
            false => self,
        }
    }

    /// The condition without its id.
    pub(crate) fn inner(&self) -> &Self {
        match self {
            Self::AboutFile(_, inner) => inner,
            other => other,
        }
    }
}

/// A question about other files.
#[derive(Debug, Clone)]
pub struct CrossFile {
    /// The type of component that is asked.
    pub metadata_type: MetadataType,
    /// For `related`: the element below the root by whose text components name each other.
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

    /// Whether it is the context, or the root element.
    pub fn is_start(&self) -> bool {
        self.names.is_empty()
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

/// A question about the values of a field.
#[derive(Debug, Clone)]
pub struct FieldTest {
    /// The field.
    pub path: FieldPath,
    /// Whether it has to be there with a value, or has to be missing.
    pub exists: Option<bool>,
    /// What has to hold of the same value; empty only beside `exists`.
    pub operators: Vec<Operator>,
    /// How values are cut.
    pub split: Option<Split>,
    /// All values have to satisfy it, and there has to be one.
    pub every: bool,
    /// What a missing value means.
    pub absent: Absent,
    /// The documented default that `absent` was taken from.
    pub default: Option<&'static str>,
    /// A boolean that the metadata type has once at most: an element that stands twice says
    /// nothing. Texts that stand twice are judged both.
    pub is_single: bool,
    /// What to write under a value that satisfies it.
    pub label: Option<String>,
}

impl FieldTest {
    /// Whether it asks for an xsd:boolean.
    pub fn is_boolean(&self) -> bool {
        let is_boolean = |operator: &Operator| matches!(operator, Operator::IsBoolean(_));
        self.operators.iter().any(is_boolean)
    }
}

/// Something that a value satisfies or does not.
#[derive(Debug, Clone)]
pub enum Operator {
    /// It is this xsd:boolean.
    IsBoolean(bool),
    /// It is one of these texts.
    In(Vec<String>),
    /// The pattern matches somewhere in it.
    Matches(Arc<Pattern>),
    /// The pattern does not match in it.
    Except(Arc<Pattern>),
    /// It has this text in it.
    Contains(String),
    /// It is a number of at least this.
    AtLeast(f64),
    /// It is a number of at most this.
    AtMost(f64),
    /// It is one of `order` within these places.
    Ordered {
        /// The values from the least to the greatest.
        order: Vec<String>,
        /// The least and the greatest place in `order`, both included.
        places: RangeInclusive<usize>,
    },
    /// It is a date later than today.
    AfterToday,
}

/// Why an operator has no answer for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistyped {
    /// It is no xsd:boolean.
    Boolean,
    /// It is no number.
    Number,
    /// It is no date.
    Date,
    /// It is no value of the order.
    Order,
}

impl Operator {
    /// Whether `text`, trimmed, satisfies it on the day `today`.
    ///
    /// # Errors
    /// When the text is not of the kind that the operator is about.
    pub fn satisfied_by(&self, text: &str, today: Date) -> Result<bool, Mistyped> {
        let number = || {
            text.parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .ok_or(Mistyped::Number)
        };
        Ok(match self {
            Self::IsBoolean(expected) => boolean(text).ok_or(Mistyped::Boolean)? == *expected,
            Self::In(values) => values.iter().any(|value| value == text),
            Self::Matches(pattern) => pattern.is_match(text),
            Self::Except(pattern) => !pattern.is_match(text),
            Self::Contains(part) => text.contains(part),
            Self::AtLeast(least) => number()? >= *least,
            Self::AtMost(most) => number()? <= *most,
            Self::Ordered { order, places } => {
                let place = order.iter().position(|value| value == text);
                places.contains(&place.ok_or(Mistyped::Order)?)
            }
            Self::AfterToday => date(text).ok_or(Mistyped::Date)? > today,
        })
    }
}

/// An xsd:boolean.
#[inline]
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The day of an xsd:date or xsd:dateTime, without the time of day.
fn date(text: &str) -> Option<Date> {
    let end = text.find('T').unwrap_or(text.len());
    text[..end].parse().ok()
}
