//! What can stand at a place of a metadata file.
//!
//! In: a document and an offset. Out: the fields that the schema has there, in its order, those
//! that can stand once only if they do not yet; or the values that a field can have.

use std::ops::Range;

use gen_lsp_types as lsp;

use super::hover::{facts_of, structure_at};
use super::positions::Text;
use super::xml_place::{Inside, xml_place};
use crate::project::MetadataType;
use crate::schema::{Field, Kind};

/// Something that can be put at a place.
pub(super) struct Choice {
    /// How it is called.
    pub label: String,
    /// What it is.
    pub detail: String,
    /// What kind of thing it is.
    pub kind: lsp::CompletionItemKind,
    /// The bytes that it replaces.
    pub range: Range<usize>,
    /// What is put there.
    pub text: String,
    /// The same with places to fill in, where there are any.
    pub snippet: Option<String>,
}

/// What can stand at a place.
pub(super) fn choices(text: &Text, metadata_type: MetadataType, at: usize) -> Vec<Choice> {
    let source = text.as_str();
    let place = xml_place(source, at);
    match place.inside {
        Inside::Name(name) => {
            let Some(structure) = structure_at(&place.path, metadata_type) else {
                return Vec::new();
            };
            // A tag that has its end already only gets another name.
            let is_whole = source[name.end..].starts_with(['>', '/', ' ']);
            let range = match is_whole {
                true => name,
                false => name.start - 1..name.end,
            };
            let missing = structure
                .fields()
                .filter(|field| is_free(field, &place.siblings));
            missing
                .map(|field| element(field, range.clone(), is_whole))
                .collect()
        }
        Inside::EndName(name) => {
            let open = place.path.last().copied().unwrap_or_default();
            let is_whole = source[name.end..].starts_with('>');
            let end = if is_whole { "" } else { ">" };
            vec![Choice {
                label: open.to_owned(),
                detail: "the end of the element".to_owned(),
                kind: lsp::CompletionItemKind::Field,
                range: name,
                text: format!("{open}{end}"),
                snippet: None,
            }]
        }
        Inside::Content(content) => {
            let before = source[content.clone()].len() - source[content.clone()].trim_start().len();
            let inner = source[content.clone()].trim();
            let start = (content.start + before).min(at);
            let range = match inner.is_empty() {
                true => at..at,
                false => start..start + inner.len(),
            };
            if let Some(structure) = structure_at(&place.path, metadata_type) {
                // Between elements: whole ones.
                if !inner.is_empty() {
                    return Vec::new();
                }
                let free = structure
                    .fields()
                    .filter(|field| is_free(field, &place.siblings));
                return free.map(|field| element(field, at..at, false)).collect();
            }
            let Some((name, above)) = place.path.split_last() else {
                return Vec::new();
            };
            let field = structure_at(above, metadata_type).and_then(|it| it.field(name));
            field.map_or_else(Vec::new, |field| values(field, &range))
        }
        Inside::Elsewhere => Vec::new(),
    }
}

fn is_free(field: &Field, siblings: &[&str]) -> bool {
    !field.removed && (field.repeats || !siblings.contains(&field.name))
}

fn element(field: Field, range: Range<usize>, name_alone: bool) -> Choice {
    let name = field.name;
    let (text, snippet) = match name_alone {
        true => (name.to_owned(), None),
        false => {
            let inner = match field.kind {
                Kind::Boolean => "${1|true,false|}".to_owned(),
                Kind::Structure(_) => "\n    $0\n".to_owned(),
                _ => "$0".to_owned(),
            };
            (
                format!("<{name}></{name}>"),
                Some(format!("<{name}>{inner}</{name}>")),
            )
        }
    };
    Choice {
        label: name.to_owned(),
        detail: facts_of(field).join(" · ").replace('`', ""),
        kind: lsp::CompletionItemKind::Field,
        range,
        text,
        snippet,
    }
}

fn values(field: Field, range: &Range<usize>) -> Vec<Choice> {
    let values: Vec<&str> = match field.kind {
        Kind::Boolean => vec!["true", "false"],
        Kind::Enumeration(values) => values.values().collect(),
        _ => Vec::new(),
    };
    let choice = |value: &str| Choice {
        label: value.to_owned(),
        detail: match field.default == Some(value) {
            true => format!("what a missing {} means", field.name),
            false => field.name.to_owned(),
        },
        kind: lsp::CompletionItemKind::EnumMember,
        range: range.clone(),
        text: value.to_owned(),
        snippet: None,
    };
    values.into_iter().map(choice).collect()
}
