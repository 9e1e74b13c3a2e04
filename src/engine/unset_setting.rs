//! Org settings that a file does not have.

use super::subject::{Found, Subject};
use crate::rule::{Condition, Counted, FieldPath};
use crate::xml::NodeId;

/// Whether a requirement is about an org setting that the file does not have. A deploy does not change such a
/// setting, so the file does not show its value.
pub(super) fn is_unset(require: &Condition, subject: Subject<'_>, element: NodeId) -> bool {
    let is_settings = subject.file.component.metadata_type.is_settings();
    is_settings && reads_missing(require, subject, element)
}

fn reads_missing(condition: &Condition, subject: Subject<'_>, element: NodeId) -> bool {
    let is_missing = |path: &FieldPath| matches!(subject.find(path, element), Found::Missing(_));
    let part = |it: &Condition| reads_missing(it, subject, element);
    match condition {
        Condition::Field(test) => is_missing(&test.path),
        Condition::Some(path, _) => is_missing(path),
        Condition::AllIpv4(ranges) => is_missing(&ranges.each),
        Condition::All(all) => all.iter().any(part),
        // A part whose field exists may be the one that is true.
        Condition::Any(any) => any.iter().all(part),
        Condition::Not(inner) | Condition::AboutFile(_, inner) => part(inner),
        Condition::Count(count) => match &count.counted {
            Counted::Elements(path, _) => is_missing(path),
            Counted::Components(_) => false,
        },
        Condition::Project(_)
        | Condition::Related(_)
        | Condition::Name(..)
        | Condition::Schema(_) => false,
    }
}
