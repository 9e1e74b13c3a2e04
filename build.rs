//! Embeds `rules/**/*.toml` into the binary, with the few facts of each rule that a run needs
//! before it has met a file: `src/rule/built_in.rs` says why. And the metadata schema, as tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;
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
    embed_rules(&root.join("rules"), &out);
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

fn embed_rules(folder: &Path, out: &Path) {
    let mut rules: Vec<RuleText> = WalkDir::new(folder)
        .into_iter()
        .map(|file| file.expect("the folder of the rules can be read"))
        // A folder changes when a file is added to it.
        .inspect(|file| println!("cargo::rerun-if-changed={}", file.path().display()))
        .filter(|file| file.path().extension().is_some_and(|end| end == "toml"))
        .map(|file| RuleText::read(file.path()))
        .collect();
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    let mut table = String::new();
    let mut texts = String::new();
    for mut rule in rules {
        rule.table.remove("test");
        let (judges, reads) = metadata_types(&rule.table);
        let tags = rule.table.get("tags").map(one_or_more).unwrap_or_default();
        let include_forceignored = rule
            .table
            .get("include_forceignored")
            .and_then(Value::as_bool);
        let start = texts.len();
        texts.push_str(&rule.text);
        writeln!(
            table,
            "    BuiltIn {{ id: {:?}, tags: &{tags:?}, judges: &{judges:?}, include_forceignored: {}, \
             reads: &{reads:?}, packed: {}, text: ({start}, {}) }},",
            rule.id,
            include_forceignored.unwrap_or_default(),
            packed(&rule.id, rule.table, out),
            texts.len(),
        )
        .expect("a string takes any text");
    }
    let compressed = out.join("rules.deflate");
    let file = fs::File::create(&compressed).expect("the build folder can be written");
    let mut encoder = DeflateEncoder::new(file, Compression::best());
    encoder
        .write_all(texts.as_bytes())
        .and_then(|()| encoder.finish().map(drop))
        .expect("the build folder can be written");
    let code = format!(
        "/// Every built-in rule, in the order of their ids.\n\
         pub static BUILT_IN: &[BuiltIn] = &[\n{table}];\n\
         static COMPRESSED_TEXTS: &[u8] = include_bytes!({compressed:?});\n"
    );
    fs::write(out.join("built_in_rules.rs"), code).expect("the build folder can be written");
}

/// Writes a rule to a file in `out`. Returns the Rust source that embeds it.
fn packed(id: &str, rule: Table, out: &Path) -> String {
    let file = out.join(format!("{id}.msgpack"));
    // The table and not the structure that it is read into: most keys of a condition are absent, and
    // reading that each of them is took longer than reading the others.
    let bytes = rmp_serde::to_vec(&Value::Table(rule)).expect("a rule can be packed");
    fs::write(&file, bytes).expect("the build folder can be written");
    format!("include_bytes!({file:?})")
}

/// A rule file. Whether it is a valid rule is verified by tests, with the location of each mistake.
struct RuleText {
    id: String,
    table: Table,
    text: String,
}

impl RuleText {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).expect("a rule file can be read");
        let table: Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let id = table.get("id").and_then(Value::as_str);
        assert_eq!(
            stem,
            id,
            "{}: the file is named after the rule's id",
            file.display()
        );
        let id = id.expect("equal to the name of the file").to_owned();
        Self { id, table, text }
    }
}

/// The types that a rule checks, and those that its conditions read.
fn metadata_types(rule: &Table) -> (Vec<String>, Vec<String>) {
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
    (Vec::from_iter(judges), Vec::from_iter(reads))
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
