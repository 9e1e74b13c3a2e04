//! Completion in `forcelint.toml` and rule files: the keys and values of their JSON Schema, and the names
//! of rules, tags, components, metadata types and fields.

use std::sync::LazyLock;

use gen_lsp_types as lsp;
use serde_json::Value as Json;

use super::candidate::Candidate;
use super::toml_cursor::{TomlCursor, Writes, toml_cursor};
use crate::config::CONFIG_SCHEMA;
use crate::project::MetadataType;
use crate::rule::SCHEMA;
use crate::schema::{Kind, Structure};
use crate::text::secret_spans;

static CONFIG: LazyLock<Json> = LazyLock::new(|| read(CONFIG_SCHEMA));
static RULE: LazyLock<Json> = LazyLock::new(|| read(SCHEMA));

fn read(schema: &str) -> Json {
    // A test reads both schemas.
    serde_json::from_str(schema).unwrap_or_default()
}

/// How many structures deep the fields of a metadata type are listed.
const MAX_DEPTH: usize = 2;

/// One of forcelint's own files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lsp) enum TomlFile {
    /// `forcelint.toml`.
    Config,
    /// A rule.
    Rule,
}

/// The names that can be written.
#[derive(Debug, Default)]
pub(in crate::lsp) struct KnownNames {
    /// The ids of all rules.
    pub rules: Vec<String>,
    /// The tags of all rules.
    pub tags: Vec<String>,
    /// Components with findings, as `Type:Name`.
    pub components: Vec<String>,
}

/// What can be written at a byte offset.
pub(in crate::lsp) fn candidates(
    text: &str,
    file: TomlFile,
    names: &KnownNames,
    at: usize,
) -> Vec<Candidate> {
    let schema = match file {
        TomlFile::Config => &*CONFIG,
        TomlFile::Rule => &*RULE,
    };
    let cursor = toml_cursor(text, at);
    let path: Vec<&str> = cursor.path.iter().map(String::as_str).collect();
    match cursor.writes {
        Writes::Nothing => Vec::new(),
        Writes::Header => tables(schema, &cursor),
        Writes::Key if file == TomlFile::Config && path == ["rules"] => {
            let kind = lsp::CompletionItemKind::Property;
            let ids = names.rules.iter();
            ids.map(|id| candidate(id, "a rule", kind, &cursor, id.clone()))
                .collect()
        }
        Writes::Key => keys(schema, &path, &cursor),
        Writes::Value | Writes::Text => {
            let before = &text[..cursor.range.start];
            let mut values = known_values(file, &path, names, before);
            values.extend(schema_values(schema, &path));
            let quoted = |value: &str| match cursor.writes {
                Writes::Text => value.to_owned(),
                _ => format!("\"{value}\""),
            };
            let kind = lsp::CompletionItemKind::EnumMember;
            let values = values.iter();
            values
                .map(|(value, detail)| candidate(value, detail, kind, &cursor, quoted(value)))
                .collect()
        }
    }
}

/// The keys that the schema has at a path.
fn keys(schema: &Json, path: &[&str], cursor: &TomlCursor) -> Vec<Candidate> {
    let shapes = shapes(schema, path);
    let properties = shapes.iter().filter_map(|it| it["properties"].as_object());
    properties
        .flatten()
        .map(|(key, value)| {
            let kind = lsp::CompletionItemKind::Property;
            candidate(key, &description(value), kind, cursor, key.clone())
        })
        .collect()
}

/// The names that can be written at a path, each with what it is. `before` is the text before the cursor.
fn known_values(
    file: TomlFile,
    path: &[&str],
    names: &KnownNames,
    before: &str,
) -> Vec<(String, String)> {
    let list = |values: &[String], detail: &str| -> Vec<(String, String)> {
        let values = values.iter();
        values
            .map(|value| (value.clone(), detail.to_owned()))
            .collect()
    };
    match (file, path) {
        (TomlFile::Config, ["select" | "ignore"]) => {
            let rules = list(&names.rules, "a rule");
            [rules, list(&names.tags, "a tag")].concat()
        }
        (TomlFile::Config, ["exception", "rule"]) => list(&names.rules, "a rule"),
        (TomlFile::Config, ["exception", "component"]) => {
            let mut components = list(&names.components, "a component with findings");
            components.retain(|(name, _)| secret_spans(name).is_empty());
            components
        }
        (TomlFile::Rule, [.., "metadata"]) => {
            let types = MetadataType::all().map(|it| it.rule_name().to_owned());
            list(&types.collect::<Vec<_>>(), "a metadata type")
        }
        (TomlFile::Rule, ["check" | "condition", ..]) => {
            list(&known_fields(path, before), "a field")
        }
        _ => Vec::new(),
    }
}

/// The enumeration values that the schema has at a path, each with its description.
fn schema_values(schema: &Json, path: &[&str]) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for shape in shapes(schema, path) {
        let listed = shape["enum"].as_array().into_iter().flatten();
        let listed = listed.filter_map(|value| value.as_str());
        values.extend(listed.map(|value| (value.to_owned(), String::new())));
        if let Some(value) = shape["const"].as_str() {
            values.push((value.to_owned(), description(shape)));
        }
    }
    values
}

fn candidate(
    label: &str,
    detail: &str,
    kind: lsp::CompletionItemKind,
    cursor: &TomlCursor,
    text: String,
) -> Candidate {
    Candidate {
        label: label.to_owned(),
        detail: detail.to_owned(),
        kind,
        range: cursor.range.clone(),
        text,
        snippet: None,
    }
}

/// The tables that a header can name.
fn tables(schema: &Json, cursor: &TomlCursor) -> Vec<Candidate> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let is_table = |value: &Json| {
        let shapes = resolved(schema, value);
        shapes.iter().any(|shape| shape["type"] == "object")
    };
    properties
        .filter(|(_, value)| is_table(value))
        .map(|(key, value)| {
            let kind = lsp::CompletionItemKind::Struct;
            candidate(key, &description(value), kind, cursor, key.clone())
        })
        .collect()
}

fn description(schema: &Json) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .replace('\n', " ")
}

/// The schemas behind one: itself, the one it refers to, its alternatives, or the items of a list.
fn resolved<'s>(root: &'s Json, schema: &'s Json) -> Vec<&'s Json> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return resolved(root, &root["$defs"][name]);
    }
    let choices = ["anyOf", "oneOf"]
        .into_iter()
        .find_map(|key| schema[key].as_array());
    if let Some(choices) = choices {
        return choices
            .iter()
            .flat_map(|choice| resolved(root, choice))
            .collect();
    }
    if schema["items"].is_object() {
        return resolved(root, &schema["items"]);
    }
    vec![schema]
}

/// The schemas at a path of keys.
fn shapes<'s>(root: &'s Json, path: &[&str]) -> Vec<&'s Json> {
    path.iter().fold(vec![root], |shapes, key| {
        let below = shapes.into_iter().filter_map(|shape| {
            let property = shape["properties"].get(key);
            property.or_else(|| Some(&shape["additionalProperties"]).filter(|it| it.is_object()))
        });
        below.flat_map(|schema| resolved(root, schema)).collect()
    })
}

/// The fields that can be written at a path: those of the checked component, or of another one that a condition
/// is about.
fn known_fields(path: &[&str], before: &str) -> Vec<String> {
    let is_cross_file = |key: &&str| matches!(*key, "project" | "related" | "none" | "count");
    let Some(at) = path.iter().rposition(is_cross_file) else {
        return match path {
            ["check", .., "field" | "set" | "remove"] | ["check", "each"] => {
                fields_of_check(before)
            }
            _ => Vec::new(),
        };
    };
    let inside = before.rfind(&format!("{} = {{", path[at]));
    let other = inside.and_then(|inside| metadata_type_in(&before[inside..], |_| true));
    match (path[at + 1..].as_ref(), other) {
        (["from"] | ["from", "field"], _) => fields_of_check(before),
        // A count of elements has no metadata type.
        (["each"], None) => fields_of_check(before),
        (["by" | "to" | "each"] | [.., "field"], Some(other)) => fields_of(other),
        _ => Vec::new(),
    }
}

/// The fields of the metadata type of the check before the cursor.
fn fields_of_check(before: &str) -> Vec<String> {
    let check = before.rfind("[[check]]").map_or(before, |at| &before[at..]);
    let own = metadata_type_in(check, |line| line.trim_start().starts_with("metadata"));
    own.map(fields_of).unwrap_or_default()
}

/// The first type that a line of `text` names as `metadata`.
fn metadata_type_in(text: &str, is_line: impl Fn(&str) -> bool) -> Option<MetadataType> {
    let mut lines = text.lines().filter(|line| is_line(line));
    let (_, after) = lines.find_map(|line| line.split_once("metadata"))?;
    MetadataType::named(after.split('"').nth(1)?)
}

fn fields_of(metadata_type: MetadataType) -> Vec<String> {
    let mut found = Vec::new();
    for structure in metadata_type.structures() {
        add_fields(structure, "", 0, &mut found);
    }
    found
}

fn add_fields(structure: Structure, above: &str, depth: usize, found: &mut Vec<String>) {
    for field in structure.fields().filter(|field| !field.removed) {
        let path = format!("{above}{}", field.name);
        if let Kind::Structure(inner) = field.kind
            && depth < MAX_DEPTH
        {
            add_fields(inner, &format!("{path}/"), depth + 1, found);
        }
        found.push(path);
    }
}
