//! What can stand at a place of `forcelint.toml` or of a rule file.
//!
//! In: a document, an offset, and the names of rules and components that are known. Out: keys and
//! words of the JSON Schema that is made from the types of these files, and the names.

use std::sync::LazyLock;

use gen_lsp_types as lsp;
use serde_json::Value as Json;

use super::toml_place::{TomlPlace, Writes, toml_place};
use super::xml_completion::Choice;
use crate::config::CONFIG_SCHEMA;
use crate::project::MetadataType;
use crate::rule::SCHEMA;
use crate::schema::{Kind, Structure};

static CONFIG: LazyLock<Json> = LazyLock::new(|| read(CONFIG_SCHEMA));
static RULE: LazyLock<Json> = LazyLock::new(|| read(SCHEMA));

fn read(schema: &str) -> Json {
    // A test has read it.
    serde_json::from_str(schema).unwrap_or_default()
}

/// How deep fields of a metadata type are named.
const MAX_DEPTH: usize = 2;

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TomlFile {
    /// `forcelint.toml`.
    Config,
    /// A rule.
    Rule,
}

/// Names that can be written.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The ids of all rules.
    pub rules: Vec<String>,
    /// Their tags.
    pub tags: Vec<String>,
    /// Components with findings, as `Type:Name`.
    pub components: Vec<String>,
}

/// What can stand at a place.
pub(super) fn choices(text: &str, file: TomlFile, names: &Names, at: usize) -> Vec<Choice> {
    let schema = match file {
        TomlFile::Config => &*CONFIG,
        TomlFile::Rule => &*RULE,
    };
    let place = toml_place(text, at);
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    match place.writes {
        Writes::Nothing => Vec::new(),
        Writes::Header => tables(schema, &place),
        Writes::Key if file == TomlFile::Config && path == ["rules"] => {
            let ids = names.rules.iter();
            ids.map(|id| {
                choice(
                    id,
                    "a rule",
                    lsp::CompletionItemKind::Property,
                    &place,
                    id.clone(),
                )
            })
            .collect()
        }
        Writes::Key => {
            let mut found = Vec::new();
            for shape in shapes(schema, &path) {
                for (key, value) in shape["properties"].as_object().into_iter().flatten() {
                    let detail = description(value);
                    let kind = lsp::CompletionItemKind::Property;
                    found.push(choice(key, &detail, kind, &place, key.clone()));
                }
            }
            found
        }
        Writes::Value | Writes::Text => {
            let mut words: Vec<(String, String)> = Vec::new();
            let mut add = |list: &[String], what: &str| {
                words.extend(list.iter().map(|word| (word.clone(), what.to_owned())));
            };
            match (file, path.as_slice()) {
                (TomlFile::Config, ["select" | "ignore"]) => {
                    add(&names.rules, "a rule");
                    add(&names.tags, "a tag");
                }
                (TomlFile::Config, ["exception", "rule"]) => add(&names.rules, "a rule"),
                (TomlFile::Config, ["exception", "component"]) => {
                    add(&names.components, "a component with findings");
                }
                (TomlFile::Rule, [.., "metadata"]) => {
                    let types = MetadataType::all().map(|it| it.rule_name().to_owned());
                    add(&types.collect::<Vec<_>>(), "a metadata type");
                }
                (TomlFile::Rule, ["check", .., "field" | "set" | "remove"] | ["check", "each"]) => {
                    add(&fields(&text[..place.range.start]), "a field");
                }
                _ => {}
            }
            for shape in shapes(schema, &path) {
                for word in shape["enum"].as_array().into_iter().flatten() {
                    if let Some(word) = word.as_str() {
                        words.push((word.to_owned(), String::new()));
                    }
                }
                if let Some(word) = shape["const"].as_str() {
                    words.push((word.to_owned(), description(shape)));
                }
            }
            let quoted = |word: &str| match place.writes {
                Writes::Text => word.to_owned(),
                _ => format!("\"{word}\""),
            };
            let kind = lsp::CompletionItemKind::EnumMember;
            let words = words.iter();
            words
                .map(|(word, what)| choice(word, what, kind, &place, quoted(word)))
                .collect()
        }
    }
}

fn choice(
    label: &str,
    detail: &str,
    kind: lsp::CompletionItemKind,
    place: &TomlPlace,
    text: String,
) -> Choice {
    Choice {
        label: label.to_owned(),
        detail: detail.to_owned(),
        kind,
        range: place.range.clone(),
        text,
        snippet: None,
    }
}

/// The tables that a header can name.
fn tables(schema: &Json, place: &TomlPlace) -> Vec<Choice> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let is_table = |value: &Json| {
        let shapes = resolved(schema, value);
        shapes.iter().any(|shape| shape["type"] == "object")
    };
    properties
        .filter(|(_, value)| is_table(value))
        .map(|(key, value)| {
            let kind = lsp::CompletionItemKind::Struct;
            choice(key, &description(value), kind, place, key.clone())
        })
        .collect()
}

fn description(schema: &Json) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .replace('\n', " ")
}

/// What a schema stands for: itself, what it refers to, any of its choices, the items of a list.
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

/// What can stand at a path of keys.
fn shapes<'s>(root: &'s Json, path: &[&str]) -> Vec<&'s Json> {
    path.iter().fold(vec![root], |shapes, key| {
        let below = shapes.into_iter().filter_map(|shape| {
            let property = shape["properties"].get(key);
            property.or_else(|| Some(&shape["additionalProperties"]).filter(|it| it.is_object()))
        });
        below.flat_map(|schema| resolved(root, schema)).collect()
    })
}

/// The fields of the type that the check before the place is about.
fn fields(before: &str) -> Vec<String> {
    let check = before.rfind("[[check]]").map_or(before, |at| &before[at..]);
    let line = check
        .lines()
        .find(|line| line.trim_start().starts_with("metadata"));
    let name = line.and_then(|line| line.split('"').nth(1));
    let Some(metadata_type) = name.and_then(MetadataType::named) else {
        return Vec::new();
    };
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
