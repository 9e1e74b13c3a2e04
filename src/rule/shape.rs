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

/// The date in examples.
const EXAMPLE_DATE: Datetime = Datetime {
    date: Some(Date {
        year: 2030,
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

/// Where a value is in its file.
#[derive(Clone, Copy)]
struct Location<'l> {
    /// The keys that lead to the value, as in a table header.
    path: &'l str,
    /// The last of them.
    key: &'l str,
    /// Whether the value is an item of the key's list.
    is_item: bool,
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
    shape.repair_table("", table.get_mut(), span, &mut repaired);
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

    /// Repairs the table at `path`, the keys that lead to it.
    fn repair_table(
        self,
        path: &str,
        table: &mut DeTable<'_>,
        span: Range<usize>,
        repaired: &mut Repaired,
    ) {
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
                    let key_path = match path {
                        "" => key.get_ref().to_string(),
                        _ => format!("{path}.{}", key.get_ref()),
                    };
                    let location = Location {
                        path: &key_path,
                        key: key.get_ref(),
                        is_item: false,
                    };
                    self.of(shape).repair_value(location, &mut value, repaired);
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

    fn repair_value(
        self,
        location: Location<'_>,
        value: &mut Spanned<DeValue<'_>>,
        repaired: &mut Repaired,
    ) {
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
            let help = self.correction(location, value.get_ref());
            repaired
                .problems
                .push(Problem::new(span.clone(), message).help(help));
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
                let location = Location {
                    is_item: true,
                    ..location
                };
                for item in items.iter_mut() {
                    self.of(&shape.schema["items"])
                        .repair_value(location, item, repaired);
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
            DeValue::Table(table) => shape.repair_table(location.path, table, span, repaired),
            _ => {}
        }
    }

    /// What to write instead of `found`, which has the wrong type.
    fn correction(self, location: Location<'_>, found: &DeValue<'_>) -> String {
        let Location { path, key, is_item } = location;
        let choices = self.choices();
        let words: Vec<&str> = choices.iter().flat_map(|choice| choice.words()).collect();
        match words[..] {
            [] => {}
            [word] => return format!("use `\"{word}\"`"),
            _ => return format!("use one of `\"{}\"`", words.join("\"`, `\"")),
        }
        let items = choices.into_iter().find_map(|choice| {
            let items = &choice.schema["items"];
            items.is_object().then(|| self.of(items))
        });
        let example = match (found, items) {
            (DeValue::Table(_), Some(items)) if items.has_kind("object") => {
                return format!(
                    "write a list: `[[{path}]]` instead of `[{path}]`, or `{key} = [{{ … }}]`"
                );
            }
            (DeValue::String(text), Some(items)) if items.has_kind("string") => {
                toml::Value::Array(vec![toml::Value::String(text.to_string())])
            }
            _ => self.example(),
        };
        let quotes = match (found, &example) {
            (
                DeValue::String(_),
                toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_),
            ) => "write it without quotes, ",
            _ => "",
        };
        let example = match is_item {
            true => toml::Value::Array(vec![example]),
            false => example,
        };
        let line = toml::Table::from_iter([(key.to_owned(), example)]);
        // An inline table quotes the key if necessary.
        let line = toml::Value::Table(line).to_string();
        let line = line.trim_start_matches("{ ");
        let line = line.strip_suffix(" }").unwrap_or(line);
        format!("{quotes}for example, `{line}`")
    }

    /// A value that shows an author how to write this shape.
    fn example(self) -> toml::Value {
        let choices = self.choices();
        let Some(shape) = choices.first().copied() else {
            return toml::Value::String("…".to_owned());
        };
        if let Some(example) = shape.schema["examples"].get(0) {
            toml::Value::try_from(example).expect("the examples of the schemas are valid in TOML")
        } else if shape.has_kind("array") {
            let items = shape.schema["minItems"].as_u64().unwrap_or(1);
            let items = (0..items).map(|_| self.of(&shape.schema["items"]).example());
            toml::Value::Array(items.collect())
        } else if shape.has_kind("object") {
            let required = shape.schema["required"].as_array().into_iter().flatten();
            let required = required.filter_map(Json::as_str).map(|name| {
                let example = self.of(&shape.schema["properties"][name]).example();
                (name.to_owned(), example)
            });
            let others = &shape.schema["additionalProperties"];
            let entry = others
                .is_object()
                .then(|| ("name".to_owned(), self.of(others).example()));
            toml::Value::Table(required.chain(entry).collect())
        } else if shape.has_kind("date") {
            toml::Value::Datetime(EXAMPLE_DATE)
        } else if shape.has_kind("boolean") {
            toml::Value::Boolean(true)
        } else if shape.has_kind("number") || shape.has_kind("integer") {
            toml::Value::Integer(1)
        } else {
            let word = shape.words().first().copied().unwrap_or("…");
            toml::Value::String(word.to_owned())
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
            shape.repair_table("", &mut table, span.clone(), &mut Repaired::default());
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
