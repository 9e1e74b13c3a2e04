//! Completion in metadata: the fields that the schema has at the cursor, in its order and without those
//! that are present and cannot repeat, or the values of a field.

use std::ops::Range;

use gen_lsp_types as lsp;

use super::candidate::Candidate;
use super::xml_cursor::{Inside, xml_cursor};
use crate::lsp::document_text::DocumentText;
use crate::lsp::schema_lookup::{field_summary, structure_at};
use crate::project::MetadataType;
use crate::schema::{Field, Kind};
use crate::text::secret_spans;

/// What can be written at a byte offset.
pub(in crate::lsp) fn candidates(
    text: &DocumentText,
    metadata_type: MetadataType,
    at: usize,
) -> Vec<Candidate> {
    let source = text.as_str();
    let cursor = xml_cursor(source, at);
    match cursor.inside {
        Inside::Name(name) => {
            let Some(structure) = structure_at(&cursor.path, metadata_type) else {
                return Vec::new();
            };
            // A complete tag only gets another name.
            let is_whole = source[name.end..].starts_with(['>', '/', ' ']);
            let range = match is_whole {
                true => name,
                false => name.start - 1..name.end,
            };
            let missing = structure
                .fields()
                .filter(|field| is_free(field, &cursor.siblings));
            missing
                .map(|field| element(field, range.clone(), is_whole))
                .collect()
        }
        Inside::EndName(name) => {
            let open = cursor.path.last().copied().unwrap_or_default();
            if !secret_spans(open).is_empty() {
                return Vec::new();
            }
            let is_whole = source[name.end..].starts_with('>');
            let end = if is_whole { "" } else { ">" };
            vec![Candidate {
                label: open.to_owned(),
                detail: "end tag".to_owned(),
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
            if let Some(structure) = structure_at(&cursor.path, metadata_type) {
                // Between elements: a new element.
                if !inner.is_empty() {
                    return Vec::new();
                }
                let free = structure
                    .fields()
                    .filter(|field| is_free(field, &cursor.siblings));
                return free.map(|field| element(field, at..at, false)).collect();
            }
            let Some((name, above)) = cursor.path.split_last() else {
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

fn element(field: Field, range: Range<usize>, only_name: bool) -> Candidate {
    let name = field.name;
    let (text, snippet) = match only_name {
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
    Candidate {
        label: name.to_owned(),
        detail: field_summary(field).join(" · ").replace('`', ""),
        kind: lsp::CompletionItemKind::Field,
        range,
        text,
        snippet,
    }
}

fn values(field: Field, range: &Range<usize>) -> Vec<Candidate> {
    let values: Vec<&str> = match field.kind {
        Kind::Boolean => vec!["true", "false"],
        Kind::Enumeration(values) => values.values().collect(),
        _ => Vec::new(),
    };
    let candidate = |value: &str| Candidate {
        label: value.to_owned(),
        detail: match field.default == Some(value) {
            true => "default".to_owned(),
            false => field.name.to_owned(),
        },
        kind: lsp::CompletionItemKind::EnumMember,
        range: range.clone(),
        text: value.to_owned(),
        snippet: None,
    };
    values.into_iter().map(candidate).collect()
}
