//! Embeds `rules/**/*.toml` into the binary, with the few facts of each rule that a run needs
//! before it has met a file: `src/rule/built_in.rs` says why. And the metadata schema, as tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::{Table, Value};
use walkdir::WalkDir;

#[path = "schema/layout.rs"]
mod schema_layout;
#[path = "schema/source.rs"]
mod schema_source;
#[path = "schema/tables.rs"]
mod schema_tables;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    embed_schema(&root.join("schema"), &out);
    let mut rules: Vec<(String, String)> = WalkDir::new(root.join("rules"))
        .into_iter()
        .map(|file| file.expect("the folder of the rules can be read"))
        // A folder changes when a file is added to it.
        .inspect(|file| println!("cargo::rerun-if-changed={}", file.path().display()))
        .filter(|file| file.path().extension().is_some_and(|end| end == "toml"))
        .map(|file| entry(file.path()))
        .collect();
    rules.sort();
    let mut code = String::from(
        "/// Every built-in rule, in the order of their ids.\npub static BUILT_IN: &[BuiltIn] = &[\n",
    );
    for (_, entry) in rules {
        code.push_str(&entry);
    }
    code.push_str("];\n");
    fs::write(out.join("built_in_rules.rs"), code).expect("the build folder can be written");
}

fn embed_schema(folder: &Path, out: &Path) {
    let read = |name: &str| {
        let file = folder.join(name);
        println!("cargo::rerun-if-changed={}", file.display());
        fs::read_to_string(file).expect("the schema can be read")
    };
    let code = schema_tables::tables(&read("metadata.txt"), &read("known.toml"));
    fs::write(out.join("schema_tables.rs"), code).expect("the build folder can be written");
}

/// The id of a rule and its entry in the table.
fn entry(file: &Path) -> (String, String) {
    let text = fs::read_to_string(file).expect("a rule file can be read");
    let rule: Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let id = rule["id"].as_str().expect("a rule has an id");
    assert_eq!(
        file.file_stem().and_then(|stem| stem.to_str()),
        Some(id),
        "a rule's file has the name of its id"
    );
    let strings = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let checks = rule.get("check").and_then(Value::as_array);
    let mut judges = BTreeSet::new();
    let mut reads = BTreeSet::new();
    for check in checks.into_iter().flatten().filter_map(Value::as_table) {
        for (key, value) in check {
            match key.as_str() {
                "metadata" => judges.extend(one_or_more(value)),
                _ => metadata_names(value, &mut reads),
            }
        }
    }
    if let Some(conditions) = rule.get("condition") {
        metadata_names(conditions, &mut reads);
    }
    let examples_at = text.find("\n[[test]]").map_or(text.len(), |at| at + 1);
    let mut without_examples = rule.clone();
    without_examples.remove("test");
    assert_eq!(
        text[..examples_at].parse::<Table>().ok(),
        Some(without_examples),
        "{}: the [[test]] tables end a rule's file",
        file.display()
    );
    let mut entry = String::new();
    writeln!(
        entry,
        "    BuiltIn {{ id: {id:?}, tags: &{:?}, judges: &{:?}, forceignored: {}, reads: &{:?}, toml: include_str!({:?}), examples_at: {examples_at} }},",
        strings(rule.get("tags")),
        Vec::from_iter(judges),
        rule.get("forceignored").and_then(Value::as_bool) == Some(true),
        Vec::from_iter(reads),
        file
    )
    .expect("a string takes any text");
    (id.to_owned(), entry)
}

fn one_or_more(value: &Value) -> Vec<String> {
    let names = match value {
        Value::Array(names) => names.as_slice(),
        name => std::slice::from_ref(name),
    };
    let names = names.iter().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// Every `metadata = "…"` at any depth.
fn metadata_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(name) if key == "metadata" => {
                        names.insert(name.to_owned());
                    }
                    _ => metadata_names(value, names),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                metadata_names(value, names);
            }
        }
        _ => {}
    }
}
