//! Checks the shape of a rule file or config against the JSON Schema of the format.
//!
//! Invalid parts are repaired in the tree, so that one run reports all problems: unknown keys are removed,
//! and placeholders replace missing values and values of the wrong type.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Date, Datetime};

use super::problem::Problem;
use crate::text::nearest;

/// The placeholder for a date.
const PLACEHOLDER_DATE: Datetime = Datetime {
    date: Some(Date {
        year: 9999,
        month: 12,
        day: 31,
    }),
    time: None,
    offset: None,
};

/// A schema and the definitions that it refers to.
#[derive(Clone, Copy)]
struct Shape<'s> {
    schema: &'s Json,
    definitions: &'s Json,
}

/// The problems that were found and repaired.
#[derive(Default)]
pub(crate) struct Repaired {
    pub problems: Vec<Problem>,
    /// The spans of placeholders. Later problems with these spans are not the author's.
    pub placeholders: Vec<Range<usize>>,
}

/// Finds and repairs what does not match `schema`, one of the two embedded schemas.
pub(crate) fn repair(table: &mut Spanned<DeTable<'_>>, schema: &str) -> Repaired {
    let schema: &Json = &serde_json::from_str(schema).expect("the embedded schemas are valid JSON");
    let mut repaired = Repaired::default();
    let shape = Shape {
        schema,
        definitions: &schema["$defs"],
    };
    let span = table.span();
    shape.repair_table(table.get_mut(), span, &mut repaired);
    repaired
}

/// What does not match `schema` in a text that could not be deserialized. Empty if the error is about
/// something else.
pub(super) fn mismatches(text: &str, schema: &str) -> Vec<Problem> {
    match DeTable::parse(text) {
        Ok(mut table) => repair(&mut table, schema).problems,
        Err(_) => Vec::new(),
    }
}

impl<'s> Shape<'s> {
    fn of(self, schema: &'s Json) -> Self {
        let mut schema = schema;
        while let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap_or_default();
            schema = &self.definitions[name];
        }
        Self { schema, ..self }
    }

    /// The shapes that a value can have. There are several if the schema has a choice.
    fn choices(self) -> Vec<Self> {
        let choice = ["anyOf", "oneOf"]
            .into_iter()
            .find_map(|key| self.schema[key].as_array());
        match choice {
            None => vec![self],
            Some(choices) => choices
                .iter()
                .flat_map(|choice| self.of(choice).choices())
                .collect(),
        }
    }

    fn has_kind(self, kind: &str) -> bool {
        // JSON has no dates, so its schemas describe strings with dates.
        let is_date = self.schema["format"] == "date";
        if is_date || kind == "date" {
            return is_date && kind == "date";
        }
        match &self.schema["type"] {
            Json::String(one) => one == kind,
            Json::Array(several) => several.iter().any(|one| one == kind),
            // An enum of strings may have no type.
            _ => kind == "string" && !self.words().is_empty(),
        }
    }

    /// The strings that are allowed, if not all are.
    fn words(self) -> Vec<&'s str> {
        let listed = self.schema["enum"].as_array().into_iter().flatten();
        listed
            .chain(self.schema.get("const"))
            .filter_map(Json::as_str)
            .collect()
    }

    fn repair_table(self, table: &mut DeTable<'_>, span: Range<usize>, repaired: &mut Repaired) {
        let properties = self.schema["properties"].as_object();
        let others = &self.schema["additionalProperties"];
        let known = || {
            let names = properties.into_iter().flat_map(serde_json::Map::keys);
            names.map(String::as_str)
        };
        let mut kept = DeTable::new();
        let mut misspelled = Vec::new();
        for (key, mut value) in std::mem::take(table) {
            let shape = properties
                .and_then(|properties| properties.get(key.get_ref().as_ref()))
                .or_else(|| others.is_object().then_some(others));
            match shape {
                Some(shape) => {
                    self.of(shape).repair_value(&mut value, repaired);
                    kept.insert(key, value);
                }
                None => {
                    misspelled.extend(nearest(key.get_ref(), known()));
                    let message = format!("unknown key `{}`", key.get_ref());
                    let problem = Problem::new(key.span(), message);
                    repaired
                        .problems
                        .push(problem.nearest(key.get_ref(), known()));
                }
            }
        }
        let required = self.schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Json::as_str) {
            if kept.keys().any(|key| key.get_ref() == name) {
                continue;
            }
            if !misspelled.contains(&name) {
                repaired
                    .problems
                    .push(Problem::new(span.clone(), format!("missing key `{name}`")));
            }
            repaired.placeholders.push(span.clone());
            let placeholder = self.of(&self.schema["properties"][name]).placeholder(&span);
            let key = Spanned::new(span.clone(), Cow::Owned(name.to_owned()));
            kept.insert(key, Spanned::new(span.clone(), placeholder));
        }
        *table = kept;
    }

    fn repair_value(self, value: &mut Spanned<DeValue<'_>>, repaired: &mut Repaired) {
        let span = value.span();
        let kinds: &[&str] = match value.get_ref() {
            DeValue::String(_) => &["string"],
            DeValue::Integer(_) => &["integer", "number"],
            DeValue::Float(_) => &["number"],
            DeValue::Boolean(_) => &["boolean"],
            DeValue::Datetime(_) => &["date"],
            DeValue::Array(_) => &["array"],
            DeValue::Table(_) => &["object"],
        };
        let choices = self.choices();
        let of_kind: Vec<Self> = choices
            .iter()
            .copied()
            .filter(|choice| kinds.iter().any(|kind| choice.has_kind(kind)))
            .collect();
        let Some(shape) = of_kind.first().copied() else {
            let message = format!(
                "expected {}, found {}",
                expected(&choices),
                kind_name(kinds[0])
            );
            let mut problem = Problem::new(span.clone(), message);
            if kinds == ["string"] && choices.iter().any(|choice| choice.has_kind("date")) {
                problem = problem.help("write the date without quotes");
            }
            repaired.problems.push(problem);
            repaired.placeholders.push(span.clone());
            *value = Spanned::new(span.clone(), self.placeholder(&span));
            return;
        };
        match value.get_mut() {
            DeValue::String(text) => {
                let words: Vec<&str> = of_kind.iter().flat_map(|choice| choice.words()).collect();
                if !words.is_empty() && !words.contains(&text.as_ref()) {
                    let message = format!(
                        "unknown value `{text}`; expected one of `{}`",
                        words.join("`, `")
                    );
                    repaired
                        .problems
                        .push(Problem::new(span, message).nearest(text, words.iter().copied()));
                    *text = Cow::Owned(words[0].to_owned());
                }
            }
            DeValue::Array(items) => {
                for item in items.iter_mut() {
                    self.of(&shape.schema["items"]).repair_value(item, repaired);
                }
                let least = shape.schema["minItems"].as_u64().unwrap_or(0);
                let most = shape.schema["maxItems"].as_u64().unwrap_or(u64::MAX);
                if !(least..=most).contains(&(items.len() as u64)) {
                    repaired.problems.push(Problem::new(
                        span.clone(),
                        format!("expected {least} items, found {}", items.len()),
                    ));
                    *value = Spanned::new(span.clone(), self.placeholder(&span));
                }
            }
            DeValue::Table(table) => shape.repair_table(table, span, repaired),
            _ => {}
        }
    }

    /// A value of this shape.
    fn placeholder(self, span: &Range<usize>) -> DeValue<'static> {
        let choices = self.choices();
        let Some(shape) = choices.first().copied() else {
            return DeValue::String(Cow::Borrowed(""));
        };
        if shape.has_kind("array") {
            let items = (0..shape.schema["minItems"].as_u64().unwrap_or(0)).map(|_| {
                Spanned::new(
                    span.clone(),
                    self.of(&shape.schema["items"]).placeholder(span),
                )
            });
            DeValue::Array(items.collect())
        } else if shape.has_kind("object") {
            let mut table = DeTable::new();
            // The problems of a placeholder are not the author's.
            shape.repair_table(&mut table, span.clone(), &mut Repaired::default());
            DeValue::Table(table)
        } else if shape.has_kind("date") {
            DeValue::Datetime(PLACEHOLDER_DATE)
        } else if shape.has_kind("boolean") {
            DeValue::Boolean(false)
        } else if shape.has_kind("number") || shape.has_kind("integer") {
            DeValue::Float(toml::de::DeFloat::default())
        } else {
            let word = shape.words().first().copied().unwrap_or_default();
            DeValue::String(Cow::Owned(word.to_owned()))
        }
    }
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "string" => "a string",
        "integer" | "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a table",
        _ => "a date",
    }
}

fn expected(choices: &[Shape<'_>]) -> String {
    let kinds = [
        "string", "number", "integer", "boolean", "array", "object", "date",
    ];
    let mut names: Vec<&str> = kinds
        .into_iter()
        .filter(|kind| choices.iter().any(|choice| choice.has_kind(kind)))
        .map(kind_name)
        .collect();
    names.dedup();
    names.join(" or ")
}
