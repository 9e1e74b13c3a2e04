//! What the built-in rules look at, and copies of them.
//!
//! In: `rules/` and `schema/` of the repository. Out: the ends of the names of all files that a rule
//! judges or asks about; a config with every rule ten times.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::program::repository;

// How the schema is written is known in one place.
#[path = "../../../schema/source.rs"]
#[expect(dead_code, reason = "the build script of forcelint uses the rest")]
mod schema_source;

/// The rule that other tools are asked about too.
pub const PKCE: &str = "pkce-required";

struct RuleFile {
    id: String,
    text: String,
}

fn built_in() -> Vec<RuleFile> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("the folder of the rules can be read");
        entries.map(|entry| entry.expect("the folder of the rules can be read").path())
    };
    let files = entries(&repository().join("rules")).flat_map(|family| entries(&family));
    let rules = files.map(|file| RuleFile {
        id: file.file_stem().unwrap_or_default().display().to_string(),
        text: fs::read_to_string(&file).expect("a rule file can be read"),
    });
    rules.collect()
}

/// What stands before `-meta.xml` in the names of the files that this rule, or every rule, judges or
/// asks about: a suffix, for settings the whole name.
pub fn file_ends(only: Option<&str>) -> BTreeSet<String> {
    let rules = built_in();
    let mut types = BTreeSet::new();
    for rule in rules.iter().filter(|it| only.is_none_or(|id| it.id == id)) {
        let mut rule: Table = rule.text.parse().expect("a rule file is TOML");
        rule.remove("test");
        types_in(&Value::Table(rule), &mut types);
    }
    let schema = repository().join("schema");
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

/// Every `metadata = …` at any depth: those of checks are judged, those of conditions read.
fn types_in(value: &Value, types: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value {
                    Value::String(name) if key == "metadata" => {
                        types.insert(name.clone());
                    }
                    Value::Array(names) if key == "metadata" => {
                        types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => types_in(value, types),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|it| types_in(it, types)),
        _ => {}
    }
}

/// Writes a config with every rule nine times more, under other ids, and gives its path.
pub fn nine_copies() -> PathBuf {
    let folder = repository().join("target/speed/rules");
    let rules = folder.join("rules");
    // Those of an earlier run are of rules as they were then.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&rules).expect("a folder");
    for rule in built_in().iter().filter(|it| it.id != "malformed-metadata") {
        for copy in 1..10 {
            let id = format!("{}-copy-{copy}", rule.id);
            let text = rule.text.replacen(&rule.id, &id, 1);
            // The tests tell how the rule gets on with the others, by their ids.
            let end = text.find("\n[[test]]").unwrap_or(text.len());
            fs::write(rules.join(format!("{id}.toml")), &text[..end]).expect("a file");
        }
    }
    let config = folder.join("forcelint.toml");
    fs::write(&config, "rule-paths = [\"rules\"]\n").expect("a file");
    config
}
