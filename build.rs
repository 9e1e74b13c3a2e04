//! Embeds `rules/**/*.toml` into the binary, with the few facts of each rule that a run needs
//! before it has met a file: `src/rule/built_in.rs` says why. And the metadata schema, as tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use model::RuleFile;
use toml::{Table, Value};
use walkdir::WalkDir;

// The shape of a rule file is written once; the program uses more of it than is needed here.
#[path = "src/rule/model.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod model;
#[path = "src/rule/severity.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod severity;
#[path = "src/rule/spanned.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod spanned;

#[path = "src/rule/automata.rs"]
mod automata;
#[path = "src/rule/words.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod words;

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
    let mut rules: Vec<(RuleFile, Table, String)> = WalkDir::new(folder)
        .into_iter()
        .map(|file| file.expect("the folder of the rules can be read"))
        // A folder changes when a file is added to it.
        .inspect(|file| println!("cargo::rerun-if-changed={}", file.path().display()))
        .filter(|file| file.path().extension().is_some_and(|end| end == "toml"))
        .map(|file| read_rule(file.path()))
        .collect();
    rules.sort_by(|(one, ..), (other, ..)| one.id.get_ref().cmp(other.id.get_ref()));
    let mut table = String::new();
    let mut texts = String::new();
    let mut patterns = BTreeSet::new();
    for (rule, mut table_of_rule, text) in rules {
        let id = rule.id.get_ref().clone();
        table_of_rule.remove("test");
        patterns_in(&Value::Table(table_of_rule.clone()), "", &mut patterns);
        let packed = packed(&id, table_of_rule, out);
        let (judges, reads) = metadata_types(&text);
        let start = texts.len();
        texts.push_str(&text);
        writeln!(
            table,
            "    BuiltIn {{ id: {id:?}, tags: &{:?}, judges: &{judges:?}, include_forceignored: {}, \
             reads: &{reads:?}, packed: {packed}, text: ({start}, {}) }},",
            rule.tags,
            rule.include_forceignored,
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
    let code = automata::table(&patterns, out);
    fs::write(out.join("built_in_automata.rs"), code).expect("the build folder can be written");
}

/// The parts of a rule as files in `out`, and the Rust source that embeds them.
fn packed(id: &str, mut rule: Table, out: &Path) -> String {
    let file = |name: &str, value: &Value| {
        let file = out.join(format!("{id}.{name}.msgpack"));
        // Tables and not the structures that could be in them: most keys of a condition are not
        // there, and reading that each of them is missing took longer than reading the others.
        let bytes = rmp_serde::to_vec(value).expect("a rule can be packed");
        fs::write(&file, bytes).expect("the build folder can be written");
        format!("include_bytes!({file:?})")
    };
    let none = || Value::Table(Table::new());
    let control = file("control", &rule.remove("control").unwrap_or_else(none));
    let conditions = file("conditions", &rule.remove("condition").unwrap_or_else(none));
    let checks = match rule.remove("check") {
        Some(Value::Array(checks)) => checks,
        _ => Vec::new(),
    };
    let checks = checks.iter().enumerate().map(|(at, check)| {
        let types = one_or_more(&check["metadata"]);
        format!("(&{types:?}, {})", file(&format!("check{at}"), check))
    });
    let checks: Vec<String> = checks.collect();
    let rule = file("rule", &Value::Table(rule));
    format!(
        "Packed {{ rule: {rule}, control: {control}, conditions: {conditions}, checks: &[{}] }}",
        checks.join(", ")
    )
}

/// Every regular expression of a rule.
fn patterns_in(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                patterns_in(value, key, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|it| patterns_in(it, key, found)),
        Value::String(text) if matches!(key, "matches" | "except" | "component") => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

fn read_rule(file: &Path) -> (RuleFile, Table, String) {
    let text = fs::read_to_string(file).expect("a rule file can be read");
    let rule: RuleFile =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(
        file.file_stem().and_then(|stem| stem.to_str()),
        Some(rule.id.get_ref().as_str()),
        "a rule's file has the name of its id"
    );
    let table = text.parse().expect("it was read before");
    (rule, table, text)
}

/// The types that a rule judges, and those that its conditions read.
fn metadata_types(text: &str) -> (Vec<String>, Vec<String>) {
    let rule: Table = text.parse().expect("it was read before");
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
