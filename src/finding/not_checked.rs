//! Rules that cannot be checked for a component, and why.

use std::fmt;

use crate::project::{Component, MetadataType, SkipReason};
use crate::rule::Mistyped;
use crate::schema::NEWEST;

/// A rule that cannot be checked for a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// The rule's id.
    pub rule: String,
    pub component: Component,
    /// The component's file, as in [`Location`](super::Location).
    pub path: String,
    pub reason: UnknownReason,
}

/// Why a condition is unknown. Rendered as a clause without a period.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnknownReason {
    /// The component has no such element, or an empty one, and no default is documented.
    Missing { field: String },
    /// The element occurs more than once.
    Repeated { field: String },
    /// `replacements` change the element when it is deployed.
    Replaced { field: String },
    /// The value does not have the type that the rule expects.
    Mistyped(MistypedValue),
    /// Another tool replaces the value before a deploy.
    Placeholder { field: String, value: String },
    /// The package can be installed in other orgs, whose settings are not in this project.
    ManagedPackage,
    /// `sfdx-project.json` cannot be read.
    ProjectFileUnreadable,
    /// A file of a type that the condition reads cannot be read.
    FileUnreadable { metadata_type: &'static str },
    /// In an audit: an ignore file excludes a file of a type that the condition reads.
    FileIgnored {
        metadata_type: &'static str,
        by: SkipReason,
    },
    /// The project has no component of this type that is related to the checked one.
    NoRelatedComponent { metadata_type: &'static str },
    /// The project has no component of this type.
    NoComponent { metadata_type: &'static str },
    /// The project has components of this type, but none that satisfies the condition.
    NoComponentComplies { metadata_type: &'static str },
    /// The component has pieces, but no main file.
    NoMainFile,
    /// A file of the component is malformed or cannot be read.
    ComponentIncomplete { path: String },
    /// The related component of this type is in another package directory, which may be deployed
    /// separately.
    OtherPackageDirectory { metadata_type: &'static str },
    /// A malformed file that `.forceignore` excludes. That is not a finding.
    MalformedForceignored,
    /// The schema does not have this metadata type.
    UnknownType { name: String },
    /// A field that may exist in an API version that is newer than the schema.
    NewerField { description: String },
    /// A value that may exist in an API version that is newer than the schema.
    NewerValue { field: String, value: String },
    /// The condition reads files that have not been read yet. Never reported.
    OtherFilesNotRead,
}

impl UnknownReason {
    /// What to retrieve from the org to check the component, as `--metadata` of the Salesforce CLI takes it.
    pub(crate) fn to_retrieve(&self) -> Option<String> {
        let (Self::NoRelatedComponent { metadata_type } | Self::NoComponent { metadata_type }) =
            self
        else {
            return None;
        };
        let known = MetadataType::named(metadata_type);
        let settings = known.and_then(MetadataType::settings_name);
        Some(settings.map_or_else(
            || (*metadata_type).to_owned(),
            |name| format!("Settings:{name}"),
        ))
    }
}

/// A value that does not have the expected type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MistypedValue {
    pub field: String,
    /// For messages: shortened, and masked if it is a secret.
    pub value: String,
    pub expected: Mistyped,
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field } => write!(f, "`{field}` is missing or empty"),
            Self::Repeated { field } => write!(f, "`{field}` occurs more than once"),
            Self::Replaced { field } => write!(
                f,
                "`replacements` in sfdx-project.json can change `{field}` at deployment"
            ),
            Self::Mistyped(value) => value.fmt(f),
            Self::Placeholder { field, value } => {
                write!(f, "`{field}` is the placeholder `{value}`")
            }
            Self::ManagedPackage => f.write_str(
                "the package can be installed in other orgs, whose settings are not in this project",
            ),
            Self::ProjectFileUnreadable => f.write_str("sfdx-project.json cannot be read"),
            Self::FileUnreadable { metadata_type } => {
                write!(f, "a file of the type {metadata_type} cannot be read")
            }
            Self::FileIgnored { metadata_type, by } => write!(
                f,
                "a file of the type {metadata_type} is excluded by {}, so that it may not be deployed",
                by.source()
            ),
            Self::NoRelatedComponent { metadata_type } => {
                write!(f, "the project has no {metadata_type} for this component")
            }
            Self::NoComponent { metadata_type } => write!(f, "the project has no {metadata_type}"),
            Self::NoComponentComplies { metadata_type } => {
                write!(f, "no {metadata_type} of the project satisfies the condition")
            }
            Self::NoMainFile => f.write_str("the project has no main file of the component"),
            Self::ComponentIncomplete { path } => {
                write!(f, "{path}, a part of the component, cannot be read")
            }
            Self::OtherPackageDirectory { metadata_type } => write!(
                f,
                "the {metadata_type} for this component is in another package directory, which may be \
                 deployed separately"
            ),
            Self::MalformedForceignored => {
                f.write_str("the file is malformed, and .forceignore excludes it")
            }
            Self::UnknownType { name } => {
                write!(f, "the metadata schema has no type {name}")
            }
            Self::NewerField { description } => write!(
                f,
                "{description} in API version {NEWEST}, the newest that forcelint supports"
            ),
            Self::NewerValue { field, value } => write!(
                f,
                "`{field}` is `{value}`, which is unknown in API version {NEWEST}, the newest that \
                 forcelint supports"
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
        // The value can be long, and anything else than a certificate or markup.
        let is_shown = !matches!(expected, Mistyped::Certificate | Mistyped::StartTag);
        let expected = match expected {
            Mistyped::Boolean => "a boolean (use `true` or `false`)",
            Mistyped::Number => "a number",
            Mistyped::Date => "a date",
            Mistyped::Order => "one of the values that the rule compares",
            Mistyped::Certificate => "a certificate that forcelint can read",
            Mistyped::StartTag => "markup whose first tag forcelint can read",
            Mistyped::CertificateName => {
                "the text of a certificate (a named certificate is checked in its own file)"
            }
        };
        if value.is_empty() {
            return write!(f, "`{field}` is empty, not {expected}");
        }
        match is_shown {
            true => write!(f, "`{field}` is `{value}`, not {expected}"),
            false => write!(f, "`{field}` is not {expected}"),
        }
    }
}
