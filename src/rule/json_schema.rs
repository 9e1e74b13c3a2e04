//! The JSON Schemas of rule files and of files with shared conditions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::model::{ConditionTable, RuleFile};

/// The checked-in JSON Schema of rule files. Code that generates it would add 100 KB to the program.
pub(crate) const SCHEMA: &str = include_str!("../../docs/rule.schema.json");

/// The checked-in JSON Schema of files with shared conditions.
pub(super) const CONDITIONS_SCHEMA: &str = include_str!("../../docs/conditions.schema.json");

/// The JSON Schema of a separate file with the tests of a rule.
pub(super) fn tests_schema() -> String {
    let rule: Value = serde_json::from_str(SCHEMA).expect("the embedded schema is valid JSON");
    json!({
        "$defs": rule["$defs"],
        "type": "object",
        "properties": { "test": rule["properties"]["test"] },
        "required": ["test"],
        "additionalProperties": false,
    })
    .to_string()
}

/// Conditions that rules use as `FILE/NAME`. `FILE` is the file's name without its extension.
#[derive(JsonSchema)]
#[schemars(title = "forcelint shared conditions")]
#[expect(dead_code, reason = "only its schema is used")]
struct ConditionFile {
    /// Regular expressions, which rules use as `@FILE/NAME`.
    patterns: Option<BTreeMap<String, String>>,
    /// Lists of metadata types, which rules use as `@FILE/NAME`.
    types: Option<BTreeMap<String, Vec<String>>>,
    #[serde(flatten)]
    conditions: BTreeMap<String, ConditionTable>,
}

/// The JSON Schema of rule files, generated from their types.
pub fn json_schema() -> String {
    text(schemars::schema_for!(RuleFile))
}

/// The JSON Schema of files with shared conditions, generated from their types.
pub fn conditions_schema() -> String {
    text(schemars::schema_for!(ConditionFile))
}

fn text(schema: schemars::Schema) -> String {
    format!("{:#}\n", schema.to_value())
}
