//! Why a finding has no automatic fix.

use std::fmt;

use crate::schema::ApiVersion;

/// Why a finding has no automatic fix. Shown as sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoFix {
    /// The values are already what the fix would make them.
    AlreadySet,
    /// The finding is not about a value, or about none that can be corrected.
    NothingToChange,
    /// `replacements` match in the text that would change.
    ReplacementsMatch,
    /// `replacements` change the field when it is deployed.
    Replaced { field: String },
    /// The pattern of a replacement cannot be compiled, so what it matches is unknown.
    UnknownReplacement { pattern: String },
    /// The parent of the field is nil.
    NilParent { parent: String, field: String },
    /// The field occurs more than once.
    Repeated { field: String, to: Option<String> },
    /// Only deleting the file would fix it.
    WholeFile,
    /// The value has comments, CDATA or entities in it.
    NotPlainText { field: String, action: ManualAction },
    /// The item is the only one.
    OnlyItem { field: String },
    /// The rule's pattern does not say what the value should be.
    UnknownValue { field: String },
    /// The rule's pattern cannot be compiled.
    UnusablePattern,
    /// The schema allows several corrections.
    Ambiguous,
    /// The element contains others.
    HasElements { field: String },
    /// The value is filled in elsewhere.
    Placeholder { field: String, to: String },
    /// A comment interrupts the value.
    CommentInValue { field: String, to: String },
    /// A comment is inside a nil element.
    CommentInNil { field: String, to: String },
    /// A nil element declares the namespace of its own name.
    NamespaceInNil { field: String, to: String },
    /// `sfdx-project.json` cannot be read.
    ProjectFileUnreadable,
    /// The component belongs to another package.
    ForeignNamespace { namespace: String },
    /// The API version cannot be determined.
    ManifestUnreadable { subject: String, since: ApiVersion },
    /// The project deploys with an API version that does not know the field.
    OldApiVersion {
        subject: String,
        since: ApiVersion,
        version: ApiVersion,
    },
}

/// What has to be done by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManualAction {
    RemoveItem,
    Change,
}

impl fmt::Display for NoFix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadySet => f.write_str("the values are in place already."),
            Self::NothingToChange => f.write_str("there is no value to change."),
            Self::ReplacementsMatch => {
                f.write_str("`replacements` of sfdx-project.json match what it would change.")
            }
            Self::Replaced { field } => write!(
                f,
                "`{field}` is replaced at deploy by `replacements` of sfdx-project.json."
            ),
            Self::UnknownReplacement { pattern } => write!(
                f,
                "the pattern `{pattern}` among the `replacements` of sfdx-project.json cannot be \
                 read here, and may match in this file."
            ),
            Self::NilParent { parent, field } => write!(
                f,
                "`{parent}`, which should hold `{field}`, is nil. Give it its content first."
            ),
            Self::Repeated { field, to: None } => {
                write!(f, "`{field}` stands twice. Keep one of them.")
            }
            Self::Repeated {
                field,
                to: Some(to),
            } => write!(
                f,
                "`{field}` stands twice. Keep one of them, set to `{to}`."
            ),
            Self::WholeFile => f.write_str("it is the whole file that has to go."),
            Self::NotPlainText { field, action } => {
                let action = match action {
                    ManualAction::RemoveItem => "Take the item out by hand.",
                    ManualAction::Change => "Change it by hand.",
                };
                write!(f, "`{field}` holds more than plain text. {action}")
            }
            Self::OnlyItem { field } => write!(
                f,
                "it is the only item of `{field}`. Decide what should stand there instead."
            ),
            Self::UnknownValue { field } => {
                write!(f, "nobody knows what `{field}` should say instead.")
            }
            Self::UnusablePattern => f.write_str("its pattern cannot be read."),
            Self::Ambiguous => f.write_str("what was meant is not certain."),
            Self::HasElements { field } => {
                write!(f, "`{field}` holds other elements. Remove them first.")
            }
            Self::Placeholder { field, to } => write!(
                f,
                "`{field}` is a placeholder. Set its value to `{to}` where it is filled in."
            ),
            Self::CommentInValue { field, to } => write!(
                f,
                "a comment stands in the middle of the value of `{field}`. Set it to `{to}` by \
                 hand."
            ),
            Self::CommentInNil { field, to } => write!(
                f,
                "a comment stands in the nil element `{field}`. Set it to `{to}` by hand."
            ),
            Self::NamespaceInNil { field, to } => write!(
                f,
                "the nil element `{field}` declares the namespace that it is of. Set it to `{to}` \
                 by hand."
            ),
            Self::ProjectFileUnreadable => f.write_str(
                "sfdx-project.json cannot be read, so nobody knows what may be edited. Mend it \
                 first.",
            ),
            Self::ForeignNamespace { namespace } => write!(
                f,
                "the component belongs to the package `{namespace}`, whose owner has to act."
            ),
            Self::ManifestUnreadable { subject, since } => write!(
                f,
                "{subject} needs API version {since}, and package.xml, which tells the project's, \
                 cannot be read. Mend it first."
            ),
            Self::OldApiVersion {
                subject,
                since,
                version,
            } => write!(
                f,
                "{subject} needs API version {since}, and the project deploys with {version}. \
                 Raise `sourceApiVersion` (or `<version>` in package.xml) first."
            ),
        }
    }
}
