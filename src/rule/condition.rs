//! Compiled conditions, which the engine evaluates to true, false or unknown.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;

use super::certificate::CertificateTest;
use super::field_path::{FieldPath, Split};
use super::join::Join;
use super::pattern::Pattern;
use super::start_tag::StartTagTest;
use crate::project::MetadataType;
use crate::text::NotCertificate;

/// A condition about an element, its context. It is true, false or unknown.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The values of a field satisfy a test.
    Field(FieldTest),
    /// All of these are true.
    All(Vec<Condition>),
    /// At least one of these is true.
    Any(Vec<Condition>),
    /// This is false.
    Not(Box<Condition>),
    /// At least one component of a type in the same package directory satisfies a condition.
    Project(Box<CrossFile>),
    /// The component that is related to this one satisfies a condition.
    Related(Box<CrossFile>),
    /// The number of elements or other components that satisfy a condition.
    Count(Box<Count>),
    /// At least one element at the path satisfies a condition.
    Some(FieldPath, Box<Condition>),
    /// The IP ranges contain together almost all public IPv4 addresses.
    AllIpv4(IpRanges),
    /// A part of the component's name matches.
    Name(NamePart, Arc<Pattern>),
    /// The file is valid according to the metadata schema. Only allowed as a whole `require`.
    Schema(SchemaQuestion),
    /// A condition whose result is the same for every element of a file.
    AboutFile(ConditionId, Box<Condition>),
}

/// What the name of a file determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamePart {
    /// The component's full name.
    FullName,
    /// The suffix of the file, such as `cmp` of `Panel.cmp-meta.xml`.
    Suffix,
}

/// Identifies a condition whose result is cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConditionId(u32);

impl ConditionId {
    /// An id that is unique in this process.
    pub(super) fn next() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What is checked against the metadata schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaQuestion {
    /// Every element is valid in its parent.
    Fields,
    /// Every value is valid for its element.
    Values,
}

impl Condition {
    /// Whether the condition reads other files.
    pub fn needs_other_files(&self) -> bool {
        match self {
            Self::Field(_) | Self::AllIpv4(_) | Self::Name(..) | Self::Schema(_) => false,
            Self::All(all) => all.iter().any(Self::needs_other_files),
            Self::Any(any) => any.iter().any(Self::needs_other_files),
            Self::Not(inner) | Self::Some(_, inner) => inner.needs_other_files(),
            Self::Project(_) | Self::Related(_) => true,
            Self::Count(count) => match &count.counted {
                Counted::Elements(_, inner) => inner.needs_other_files(),
                Counted::Components(_) => true,
            },
            Self::AboutFile(_, inner) => inner.needs_other_files(),
        }
    }

    /// Whether it only depends on the components of the project, so that a check of the project can use it.
    pub(super) fn is_about_project(&self) -> bool {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().all(Self::is_about_project),
            Self::Not(inner) | Self::AboutFile(_, inner) => inner.is_about_project(),
            Self::Project(other) | Self::Related(other) => other.join.is_none(),
            Self::Count(count) => match &count.counted {
                Counted::Components(other) => other.join.is_none(),
                Counted::Elements(..) => false,
            },
            Self::Name(part, _) => *part == NamePart::FullName,
            Self::Field(_) | Self::Some(..) | Self::AllIpv4(_) | Self::Schema(_) => false,
        }
    }

    /// Adds the metadata types of the other files that the condition reads.
    pub fn read_types(&self, types: &mut Vec<MetadataType>) {
        match self {
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|it| it.read_types(types));
            }
            Self::Not(inner) | Self::Some(_, inner) | Self::AboutFile(_, inner) => {
                inner.read_types(types);
            }
            Self::Project(other) | Self::Related(other) => other.read_types(types),
            Self::Count(count) => match &count.counted {
                Counted::Elements(_, inner) => inner.read_types(types),
                Counted::Components(other) => other.read_types(types),
            },
            Self::Field(_) | Self::AllIpv4(_) | Self::Name(..) | Self::Schema(_) => {}
        }
    }

    /// Gives the condition an id to cache its result by, if the result is the same for every element of a
    /// file.
    pub(crate) fn with_id(self) -> Self {
        let is_about_file = match &self {
            Self::Field(test) => test.path.from_root,
            Self::Some(path, _) => path.from_root,
            Self::AllIpv4(ranges) => ranges.each.from_root,
            Self::Name(..) => true,
            Self::Project(other) | Self::Related(other) => other.is_about_file(),
            Self::Count(count) => match &count.counted {
                Counted::Elements(path, _) => path.from_root,
                Counted::Components(other) => other.is_about_file(),
            },
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

/// Where the ranges of IP addresses are.
#[derive(Debug, Clone)]
pub struct IpRanges {
    /// The elements, one per range.
    pub each: FieldPath,
    /// The first address, starting at the element.
    pub start: FieldPath,
    /// The last address, starting at the element.
    pub end: FieldPath,
}

/// A condition about other components.
#[derive(Debug, Clone)]
pub struct CrossFile {
    /// Identifies the condition in the cache of a component index.
    pub id: ConditionId,
    pub metadata_type: MetadataType,
    /// `None`: about all components of the type in the package directory.
    pub join: Option<Join>,
    /// The result if there is no such component.
    pub absent: Absent,
    pub condition: Condition,
}

impl CrossFile {
    /// Whether the result is the same for every element of a file.
    fn is_about_file(&self) -> bool {
        let join = self.join.as_ref();
        join.is_none_or(|join| join.from.is_about_file())
    }

    fn read_types(&self, types: &mut Vec<MetadataType>) {
        types.push(self.metadata_type);
        self.condition.read_types(types);
    }
}

/// A condition about how many elements or other components satisfy a condition.
#[derive(Debug, Clone)]
pub struct Count {
    pub counted: Counted,
    pub at_least: Option<usize>,
    pub at_most: Option<usize>,
}

/// What is counted.
#[derive(Debug, Clone)]
pub enum Counted {
    /// The elements at a path that satisfy a condition.
    Elements(FieldPath, Condition),
    /// The components, or their elements, that satisfy a condition.
    Components(CrossFile),
}

/// The result of a condition about a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// True.
    Complies,
    /// False.
    Violates,
    Unknown,
}

/// A test of the values of a field.
#[derive(Debug, Clone)]
pub struct FieldTest {
    pub path: FieldPath,
    /// The field has to exist with a value, or has to be missing.
    pub exists: Option<bool>,
    /// The same value has to satisfy all of these. Only empty if `exists` is set.
    pub operators: Vec<Operator>,
    pub split: Option<Split>,
    /// All values have to satisfy the test, and there has to be at least one.
    pub every: bool,
    pub absent: Absent,
    /// The documented default that `absent` follows from.
    pub default: Option<&'static str>,
    /// The field is a boolean that the metadata type has at most once. If it is repeated, the value that
    /// applies is undefined. Repeated texts are tested one by one.
    pub is_single: bool,
    /// The label of a value that satisfies the test.
    pub label: Option<String>,
}

impl FieldTest {
    /// Whether the test expects an xsd:boolean.
    pub fn is_boolean(&self) -> bool {
        let is_boolean = |operator: &Operator| matches!(operator, Operator::IsBoolean(_));
        self.operators.iter().any(is_boolean)
    }

    /// Whether the test is only about a tag in the text.
    pub(super) fn is_about_markup(&self) -> bool {
        let is_about_tag = |operator: &Operator| matches!(operator, Operator::StartTag(_));
        self.exists.is_none() && self.operators.iter().all(is_about_tag)
    }
}

/// A comparison of a value.
#[derive(Debug, Clone)]
pub enum Operator {
    /// The value is this xsd:boolean.
    IsBoolean(bool),
    /// The value is one of these texts.
    In(Vec<String>),
    /// The pattern matches somewhere in the value.
    Matches(Arc<Pattern>),
    /// The pattern does not match in the value.
    Except(Arc<Pattern>),
    /// The value contains this text.
    Contains(String),
    /// The value is a number of at least this.
    AtLeast(f64),
    /// The value is a number of at most this.
    AtMost(f64),
    /// The value is one of `order`, at one of `positions`.
    Ordered {
        /// The values from the lowest to the highest.
        order: Vec<String>,
        positions: RangeInclusive<usize>,
    },
    /// The value is a date later than today.
    AfterToday,
    /// The value is the text of a certificate that satisfies this.
    Certificate(CertificateTest),
    /// The value is markup whose first tag satisfies this.
    StartTag(StartTagTest),
}

/// The type that an operator expects and a text does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mistyped {
    /// An xsd:boolean.
    Boolean,
    Number,
    Date,
    /// One of the values of an order.
    Order,
    /// The text of a certificate.
    Certificate,
    /// The text of a certificate instead of its name.
    CertificateName,
    /// Markup that starts with the tag of the rule.
    StartTag,
}

impl Mistyped {
    /// Whether the value may be right, so that a requirement is not checked.
    pub fn may_be_right(self) -> bool {
        matches!(
            self,
            Self::Order | Self::Certificate | Self::CertificateName | Self::StartTag
        )
    }
}

impl Operator {
    /// Whether the trimmed `text` satisfies the operator on the day `today`.
    ///
    /// # Errors
    /// If the text does not have the type that the operator expects.
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
            Self::Ordered { order, positions } => {
                let position = order.iter().position(|value| value == text);
                positions.contains(&position.ok_or(Mistyped::Order)?)
            }
            Self::Certificate(test) => test.satisfied_by(text, today).map_err(mistyped)?,
            Self::StartTag(test) => test.satisfied_by(text).ok_or(Mistyped::StartTag)?,
            Self::AfterToday => date(text).ok_or(Mistyped::Date)? > today,
        })
    }
}

fn mistyped(reason: NotCertificate) -> Mistyped {
    match reason {
        NotCertificate::Name => Mistyped::CertificateName,
        NotCertificate::Unreadable => Mistyped::Certificate,
    }
}

/// The value of an xsd:boolean.
#[inline]
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The date of an xsd:date or xsd:dateTime, without the time of day.
fn date(text: &str) -> Option<Date> {
    let end = text.find('T').unwrap_or(text.len());
    text[..end].parse().ok()
}
