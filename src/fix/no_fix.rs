//! Why a finding has no automatic fix.

use std::fmt;

use crate::schema::ApiVersion;

/// Why a finding has no automatic fix. Rendered as sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoFix {
    /// The fields already have the values that the fix would set.
    AlreadySet,
    /// The finding is not about a value.
    NothingToChange,
    /// `replacements` match in the text that would change.
    ReplacementsMatch,
    /// Other fixes of the file took the time in which forcelint checks whether replacements match.
    TooManyReplacements,
    /// `replacements` change the field when it is deployed.
    Replaced {
        field: String,
    },
    /// The pattern of a replacement cannot be compiled, so what it matches is unknown.
    UnknownReplacement {
        pattern: String,
    },
    /// The parent of the field is nil.
    NilParent {
        parent: String,
        field: String,
    },
    /// The field occurs more than once.
    Repeated {
        field: String,
        to: Option<String>,
    },
    /// Only deleting the file would fix it.
    WholeFile,
    /// The component has no main file, into which the field belongs.
    NoMainFile {
        field: String,
    },
    /// The fix would change another file of the component.
    OtherFile,
    /// The value has comments, CDATA or entities in it.
    NotPlainText {
        field: String,
        action: ManualAction,
    },
    /// The item is the only one.
    OnlyItem {
        field: String,
    },
    /// The rule's pattern does not match, so the correct value is unknown.
    UnknownValue {
        field: String,
    },
    /// The rule's pattern cannot be compiled.
    UnusablePattern,
    /// The schema allows several corrections.
    Ambiguous,
    /// The element contains others.
    HasElements {
        field: String,
    },
    /// Another tool replaces the value before a deploy.
    Placeholder {
        field: String,
        to: String,
    },
    NotBoolean {
        field: String,
        to: String,
    },
    /// A comment interrupts the value.
    CommentInValue {
        field: String,
        to: String,
    },
    /// A comment is inside a nil element.
    CommentInNil {
        field: String,
        to: String,
    },
    /// A nil element declares the namespace of its name.
    NamespaceInNil {
        field: String,
        to: String,
    },
    /// `sfdx-project.json` cannot be read.
    ProjectFileUnreadable,
    /// The component belongs to another package.
    ForeignNamespace {
        namespace: String,
    },
    /// The API version cannot be determined.
    ManifestUnreadable {
        subject: String,
        since: ApiVersion,
    },
    /// The project deploys with an API version without the field.
    OldApiVersion {
        subject: String,
        since: ApiVersion,
        version: ApiVersion,
    },
}

/// What the user has to do by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManualAction {
    RemoveItem,
    Change,
}

const TOO_MANY_REPLACEMENTS: &str = "the file has too many fixes and `replacements` in sfdx-project.json to check \
     whether one matches in this fix. Fix the others first.";

impl fmt::Display for NoFix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadySet => f.write_str("the fields already have these values."),
            Self::NothingToChange => f.write_str("there is no value to change."),
            Self::ReplacementsMatch => {
                f.write_str("`replacements` in sfdx-project.json match the text to change.")
            }
            Self::TooManyReplacements => f.write_str(TOO_MANY_REPLACEMENTS),
            Self::Replaced { field } => write!(
                f,
                "`replacements` in sfdx-project.json can change `{field}` at deployment."
            ),
            Self::UnknownReplacement { pattern } => write!(
                f,
                "forcelint cannot interpret the pattern `{pattern}` of `replacements` in \
                 sfdx-project.json, which may match in this file."
            ),
            Self::NilParent { parent, field } => write!(
                f,
                "`{parent}`, the parent of `{field}`, is nil. Add its content first."
            ),
            Self::Repeated { field, to: None } => {
                write!(f, "`{field}` occurs more than once. Keep one of them.")
            }
            Self::Repeated {
                field,
                to: Some(to),
            } => write!(
                f,
                "`{field}` occurs more than once. Keep one of them, with the value `{to}`."
            ),
            Self::WholeFile => f.write_str("the whole file would have to be deleted."),
            Self::NoMainFile { field } => write!(
                f,
                "the component has no main file, into which `{field}` belongs. Add that file first."
            ),
            Self::OtherFile => {
                f.write_str("another file of the component would change, too. Change both by hand.")
            }
            Self::NotPlainText { field, action } => {
                let action = match action {
                    ManualAction::RemoveItem => "Remove the item by hand.",
                    ManualAction::Change => "Change it by hand.",
                };
                write!(f, "`{field}` contains more than plain text. {action}")
            }
            Self::OnlyItem { field } => write!(
                f,
                "it is the only item of `{field}`. Decide which value to use instead."
            ),
            Self::UnknownValue { field } => write!(
                f,
                "forcelint cannot determine the correct value of `{field}`."
            ),
            Self::UnusablePattern => f.write_str("the rule's pattern is not valid."),
            Self::Ambiguous => f.write_str("there is no single correct spelling."),
            Self::HasElements { field } => {
                write!(f, "`{field}` contains other elements. Remove them first.")
            }
            Self::Placeholder { field, to } => write!(
                f,
                "`{field}` is a placeholder. Make sure that its final value is `{to}`."
            ),
            Self::NotBoolean { field, to } => write_not_boolean(f, field, to),
            Self::CommentInValue { field, to } => write!(
                f,
                "the value of `{field}` contains a comment. Set it to `{to}` by hand."
            ),
            Self::CommentInNil { field, to } => write!(
                f,
                "the nil element `{field}` contains a comment. Set it to `{to}` by hand."
            ),
            Self::NamespaceInNil { field, to } => write!(
                f,
                "the nil element `{field}` declares its own namespace. Set it to `{to}` by hand."
            ),
            Self::ProjectFileUnreadable => f.write_str(
                "sfdx-project.json is not valid, so forcelint cannot determine which values change \
                 at deployment. Fix that file first.",
            ),
            Self::ForeignNamespace { namespace } => write!(
                f,
                "the component belongs to the package `{namespace}`. Only its vendor can change it."
            ),
            Self::ManifestUnreadable { subject, since } => write!(
                f,
                "{subject} needs API version {since}, but forcelint cannot read the API version \
                 from package.xml. Fix package.xml first."
            ),
            Self::OldApiVersion {
                subject,
                since,
                version,
            } => write!(
                f,
                "{subject} needs API version {since}, but the project deploys with {version}. \
                 Raise `sourceApiVersion` (or `<version>` in package.xml) first."
            ),
        }
    }
}

fn write_not_boolean(f: &mut fmt::Formatter<'_>, field: &str, to: &str) -> fmt::Result {
    write!(
        f,
        "`{field}` is not a boolean. Set it to `{to}` by hand, unless another tool replaces it \
         before the deployment."
    )
}
