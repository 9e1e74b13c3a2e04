//! What the metadata schema says about an element, for hover and completion.

use crate::project::{MetadataType, PieceKind};
use crate::schema::{Field, Kind, Structure};

/// The structure of the innermost element of `path`, which starts at the root.
pub(super) fn structure_at(path: &[&str], metadata_type: MetadataType) -> Option<Structure> {
    let (root, below) = path.split_first()?;
    let top = match metadata_type.accepts_root(root) {
        true => metadata_type.structure(root)?,
        false => {
            let whole = metadata_type.structure(metadata_type.name())?;
            match whole.field(element_of_piece(root, metadata_type)?)?.kind {
                Kind::Structure(inner) => inner,
                _ => return None,
            }
        }
    };
    below
        .iter()
        .try_fold(top, |structure, name| match structure.field(name)?.kind {
            Kind::Structure(inner) => Some(inner),
            _ => None,
        })
}

/// The element of a component that a piece with this root is.
pub(super) fn element_of_piece(root: &str, whole: MetadataType) -> Option<&'static str> {
    let is_of_whole = |kind: &PieceKind| kind.whole() == whole && kind.own_root() == Some(root);
    PieceKind::all().find(is_of_whole)?.element()
}

/// A field in a few words: its kind, default, and first API version.
pub(super) fn field_summary(field: Field) -> Vec<String> {
    let mut facts = vec![kind_name(field.kind)];
    match field.default {
        Some(default) => facts.push(format!("default `{default}`")),
        None if field.required => facts.push("required".to_owned()),
        None => {}
    }
    if let Some(since) = field.since {
        facts.push(format!("since API version {since}"));
    }
    if field.repeats {
        facts.push("can repeat".to_owned());
    }
    if field.removed {
        facts.push("removed from current API versions".to_owned());
    }
    facts
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Enumeration(values) => format!("one of `{}`", values.name()),
        Kind::Structure(inner) => format!("`{}`", inner.name()),
        Kind::Unknown => "any value".to_owned(),
    }
}
