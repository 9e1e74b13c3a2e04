//! The metadata types that built-in rules read, and copies of the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::program::repository;

// The format of the schema is known in one place.
#[path = "../../../xtask/src/metadata_schema/source.rs"]
#[expect(dead_code, reason = "the generator of the tables uses the rest")]
mod schema_source;

/// The rule that other tools are asked about too.
pub const PKCE: &str = "pkce-required";

struct RuleFile {
    id: String,
    text: String,
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of rules can be read");
    let paths = entries.map(|entry| entry.expect("a folder of rules can be read").path());
    paths.collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().display().to_string()
}

fn built_in() -> Vec<RuleFile> {
    let families = entries(&repository().join("rules")).into_iter();
    let families = families.filter(|family| !family.ends_with("conditions"));
    let files = families.flat_map(|family| entries(&family));
    let rules = files.filter(|file| !file.to_string_lossy().ends_with(".test.toml"));
    rules
        .map(|file| RuleFile {
            id: stem(&file),
            text: fs::read_to_string(&file).expect("a rule file can be read"),
        })
        .collect()
}

/// The shared conditions and lists of types by the names that rules use: `family/name` and `@family/name`.
fn shared_conditions() -> BTreeMap<String, Value> {
    let folder = repository().join("rules/conditions");
    let files = if folder.is_dir() {
        entries(&folder)
    } else {
        Vec::new()
    };
    let mut conditions = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file of conditions can be read");
        let table: Table = text.parse().expect("a file of conditions is TOML");
        let family = stem(&file);
        for (name, mut value) in table {
            if let ("types", Value::Table(types)) = (name.as_str(), &value) {
                let types = types.iter();
                conditions
                    .extend(types.map(|(name, it)| (format!("@{family}/{name}"), it.clone())));
                continue;
            }
            full_names(&mut value, &family);
            conditions.insert(format!("{family}/{name}"), value);
        }
    }
    conditions
}

/// Puts the family before the names of conditions of the same file.
fn full_names(value: &mut Value, family: &str) {
    match value {
        Value::Table(table) => {
            for (key, value) in table.iter_mut() {
                match value {
                    Value::String(name) if key == "condition" && !name.contains('/') => {
                        *name = format!("{family}/{name}");
                    }
                    _ => full_names(value, family),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|it| full_names(it, family)),
        _ => {}
    }
}

/// The ends of the names, before `-meta.xml`, of the files that this rule or every rule reads: a suffix, for settings the
/// whole name.
pub fn file_ends(only: Option<&str>) -> BTreeSet<String> {
    let rules = built_in();
    let mut shared = shared_conditions();
    let mut types = BTreeSet::new();
    for rule in rules.iter().filter(|it| only.is_none_or(|id| it.id == id)) {
        let mut rule: Table = rule.text.parse().expect("a rule file is TOML");
        rule.remove("test");
        types_in(&Value::Table(rule), &mut shared, &mut types);
    }
    let schema = repository().join("xtask/schema");
    let read = |name: &str| fs::read_to_string(schema.join(name)).expect("the schema can be read");
    let mut schema = schema_source::Schema::parse(&read("metadata.txt"));
    schema.add(&read("known.toml").parse().expect("known.toml is TOML"));
    let asked = schema.types.iter().filter(|it| types.contains(&it.name));
    let asked: Vec<_> = asked.filter(|it| !it.suffixes.is_empty()).collect();
    assert!(
        !asked.is_empty() && asked.len() == types.len(),
        "the schema has a suffix for each of these: {types:?}"
    );
    asked
        .into_iter()
        .flat_map(|it| {
            let stem = it.stem.as_ref().map(|stem| format!("{stem}."));
            let stem = stem.unwrap_or_default();
            let ends = it.suffixes.iter();
            ends.map(move |suffix| format!("{stem}{}", suffix.text))
        })
        .collect()
}

/// Adds every `metadata = …` at any depth, also of the shared conditions that are used. Each of these is removed, since once
/// is enough.
fn types_in(value: &Value, shared: &mut BTreeMap<String, Value>, types: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match (key.as_str(), value) {
                    ("metadata", Value::String(name)) if name.starts_with('@') => {
                        let list = shared.get(name).and_then(Value::as_array);
                        let names = list.into_iter().flatten().filter_map(Value::as_str);
                        types.extend(names.map(str::to_owned));
                    }
                    ("metadata", Value::String(name)) => {
                        types.insert(name.clone());
                    }
                    ("metadata", Value::Array(names)) => {
                        types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    ("condition", Value::String(name)) => {
                        if let Some(condition) = shared.remove(name) {
                            types_in(&condition, shared, types);
                        }
                    }
                    _ => types_in(value, shared, types),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|it| types_in(it, shared, types)),
        _ => {}
    }
}

/// Writes a configuration with nine copies of every rule under other ids, and returns its path.
pub fn nine_copies() -> PathBuf {
    let folder = repository().join("target/speed/rules");
    let rules = folder.join("rules");
    // Copies of an earlier run are of older rules.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&rules).expect("a folder");
    for rule in built_in().iter().filter(|it| it.id != "malformed-metadata") {
        for copy in 1..10 {
            let id = format!("{}-copy-{copy}", rule.id);
            let text = rule.text.replacen(&rule.id, &id, 1);
            // The tests expect findings by the ids of rules.
            let end = text.find("\n[[test]]").unwrap_or(text.len());
            fs::write(rules.join(format!("{id}.toml")), &text[..end]).expect("a file");
        }
    }
    let config = folder.join("forcelint.toml");
    fs::write(&config, "rule-paths = [\"rules\"]\n").expect("a file");
    config
}
