//! Rules that have no answer for a component, and why.

use std::fmt;

use crate::project::Component;
use crate::rule::Mistyped;
use crate::schema::NEWEST;

/// A rule that could not be checked for a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// The rule's id.
    pub rule: String,
    pub component: Component,
    pub reason: UnknownReason,
}

/// Why a condition is unknown. Shown as a clause without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownReason {
    /// The component has no such element, and no default is documented.
    Missing { field: String },
    /// The element occurs more than once.
    Repeated { field: String },
    /// `replacements` change the element when it is deployed.
    Replaced { field: String },
    /// The value is not of the type that the rule asks for.
    Mistyped(MistypedValue),
    /// A value that is filled in elsewhere.
    Placeholder { field: String, value: String },
    /// A package can be installed in orgs whose settings are not in this project.
    ManagedPackage,
    /// `sfdx-project.json` cannot be read.
    ProjectFileUnreadable,
    /// A file of a type that the condition asks about cannot be read.
    FileUnreadable { metadata_type: &'static str },
    /// The project has no component of this type that belongs to the checked one.
    NoRelatedComponent { metadata_type: &'static str },
    /// A file that `.forceignore` excludes need not be well-formed.
    MalformedForceignored,
    /// The schema has no such type.
    UnknownType { name: String },
    /// A field that an API version newer than the schema may have.
    NewerField { description: String },
    /// A value that an API version newer than the schema may have.
    NewerValue { field: String, value: String },
    /// The condition asks about files that have not been read yet. Never reported.
    OtherFilesNotRead,
}

/// A value that is not of the type that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MistypedValue {
    pub field: String,
    /// As it may be displayed: shortened, and masked if it is a secret.
    pub value: String,
    pub expected: Mistyped,
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field } => write!(f, "`{field}` is missing"),
            Self::Repeated { field } => write!(f, "`{field}` stands twice"),
            Self::Replaced { field } => write!(
                f,
                "`{field}` is replaced at deploy by `replacements` of sfdx-project.json"
            ),
            Self::Mistyped(value) => value.fmt(f),
            Self::Placeholder { field, value } => {
                write!(f, "`{field}` is the placeholder `{value}`")
            }
            Self::ManagedPackage => f.write_str(
                "the package is installed in other orgs, of which the source tells nothing",
            ),
            Self::ProjectFileUnreadable => f.write_str("sfdx-project.json cannot be read"),
            Self::FileUnreadable { metadata_type } => {
                write!(f, "a file of the type {metadata_type} cannot be read")
            }
            Self::NoRelatedComponent { metadata_type } => {
                write!(f, "no {metadata_type} in the project belongs to it")
            }
            Self::MalformedForceignored => {
                f.write_str("the file cannot be parsed (and .forceignore names it)")
            }
            Self::UnknownType { name } => {
                write!(f, "the metadata schema does not know {name}")
            }
            Self::NewerField { description } => write!(
                f,
                "{description}, as far as forcelint knows API version {NEWEST}"
            ),
            Self::NewerValue { field, value } => write!(
                f,
                "`{field}` is `{value}`, which forcelint does not know of API version {NEWEST}"
            ),
            Self::OtherFilesNotRead => f.write_str("other files have not been read"),
        }
    }
}

impl fmt::Display for MistypedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            value,
            expected,
        } = self;
        let kind = match expected {
            Mistyped::Boolean => "no boolean",
            Mistyped::Number => "no number",
            Mistyped::Date => "no date",
            Mistyped::Order => "no value that the rule knows",
        };
        if value.is_empty() {
            return write!(f, "`{field}` is empty, which is {kind}");
        }
        let values = match expected {
            Mistyped::Boolean => " (true, false, 1 or 0)",
            _ => "",
        };
        write!(f, "`{field}` is `{value}`, which is {kind}{values}")
    }
}
