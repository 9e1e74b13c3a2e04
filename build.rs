//! Embeds `rules/**/*.toml` into the binary, as `src/rule/built_in.rs` explains, attack stories, and the lists of
//! published controls and incidents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use toml::{Table, Value};
use walkdir::WalkDir;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    embed_rules(&root.join("rules"), &out);
    embed_stories(&root.join("rules/stories"), &out);
    embed_list(&root.join("docs/controls.toml"), &out);
    embed_list(&root.join("docs/incidents.toml"), &out);
    embed_list(&root.join("docs/health-check.toml"), &out);
}

/// Packs the published controls or another list. A run with a finding reads the controls if its report has
/// their ids.
fn embed_list(file: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", file.display());
    let text = fs::read_to_string(file).expect("the list is readable");
    let table: Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let bytes = rmp_serde::to_vec(&table).expect("TOML tables can be packed");
    let stem = file.file_stem().expect("a file has a name");
    let packed = out.join(stem).with_extension("msgpack");
    fs::write(packed, bytes).expect("the build folder is writable");
}

/// Packs the attack stories.
fn embed_stories(folder: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut stories = Vec::new();
    for file in WalkDir::new(folder).sort_by_file_name().min_depth(1) {
        let file = file.expect("rules/stories is readable").into_path();
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file).expect("stories are readable");
        let story: Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        stories.push(story);
    }
    let bytes = rmp_serde::to_vec(&stories).expect("TOML tables can be packed");
    fs::write(out.join("stories.msgpack"), bytes).expect("the build folder is writable");
}

fn embed_rules(folder: &Path, out: &Path) {
    let files = RuleFolder::read(folder);
    let mut table = String::new();
    let mut texts = String::new();
    let mut add_text = |text: &str| {
        let start = texts.len();
        texts.push_str(text);
        (start, texts.len())
    };
    for (id, rule) in &files.rules {
        let mut rule_table = rule.table.clone();
        let shared = files.shared_conditions(&rule_table);
        if !shared.is_empty() {
            let own = rule_table
                .entry("condition")
                .or_insert_with(|| Value::Table(Table::new()));
            own.as_table_mut()
                .expect("`condition` is a table")
                .extend(shared);
        }
        let mut rule_table = Value::Table(rule_table);
        files.resolve_names("", &mut rule_table);
        let Value::Table(rule_table) = rule_table else {
            unreachable!("resolving names does not change the type of a table");
        };
        let (checked, read) = metadata_types(&rule_table);
        let words = |key: &str| rule_table.get(key).map(one_or_more).unwrap_or_default();
        let (tags, covers) = (words("tags"), words("covers"));
        let include_forceignored = rule_table
            .get("include_forceignored")
            .and_then(Value::as_bool);
        writeln!(
            table,
            "    BuiltIn {{ id: {id:?}, tags: &{tags:?}, covers: &{covers:?}, checked_types: &{checked:?}, include_forceignored: {}, \
             read_types: &{read:?}, packed: {}, by_type: &[{}], text: {:?}, tests: {:?} }},",
            include_forceignored.unwrap_or_default(),
            packed_rule(id, &rule_table, out),
            packed_by_type(id, &rule_table, &checked, out),
            add_text(&rule.text),
            add_text(files.tests.get(id).map_or("test = []", String::as_str)),
        )
        .expect("writing to a string does not fail");
    }
    let compressed = out.join("rules.deflate");
    fs::write(&compressed, deflated(texts.as_bytes())).expect("the build folder is writable");
    let conditions: Vec<(&String, &String)> = files
        .conditions
        .iter()
        .map(|(family, file)| (family, &file.text))
        .collect();
    let code = format!(
        "/// The built-in rules in the order of their ids.\n\
         pub static BUILT_IN: &[BuiltIn] = &[\n{table}];\n\
         /// The family and text of each file of shared conditions.\n\
         pub(crate) static CONDITION_FILES: &[(&str, &str)] = &{conditions:?};\n\
         static COMPRESSED_TEXTS: &[u8] = include_bytes!({compressed:?});\n"
    );
    fs::write(out.join("built_in_rules.rs"), code).expect("the build folder is writable");
}

/// The files in `rules/`. Tests verify that they are valid, and report the location of each error.
#[derive(Default)]
struct RuleFolder {
    /// By rule id.
    rules: BTreeMap<String, TomlFile>,
    /// The texts of `ID.test.toml` by rule id.
    tests: BTreeMap<String, String>,
    /// `conditions/FAMILY.toml` by family.
    conditions: BTreeMap<String, TomlFile>,
}

struct TomlFile {
    table: Table,
    text: String,
}

impl RuleFolder {
    fn read(folder: &Path) -> Self {
        let mut read = Self::default();
        for file in WalkDir::new(folder) {
            let file = file.expect("the rules folder is readable").into_path();
            // Folders are included, because a folder changes when a file is added.
            println!("cargo::rerun-if-changed={}", file.display());
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let is_story = file.starts_with(folder.join("stories"));
            let Some(stem) = name.strip_suffix(".toml").filter(|_| !is_story) else {
                continue;
            };
            let text = fs::read_to_string(&file).expect("rule files are readable");
            let table: Table = text
                .parse()
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let is_conditions = file
                .parent()
                .is_some_and(|folder| folder.ends_with("conditions"));
            if let Some(id) = stem.strip_suffix(".test") {
                read.tests.insert(id.to_owned(), text);
            } else if is_conditions {
                read.conditions
                    .insert(stem.to_owned(), TomlFile { table, text });
            } else {
                let id = table.get("id").and_then(Value::as_str);
                assert_eq!(
                    Some(stem),
                    id,
                    "{}: the file name is not the id of the rule",
                    file.display()
                );
                read.rules.insert(stem.to_owned(), TomlFile { table, text });
            }
        }
        for id in read.tests.keys() {
            assert!(
                read.rules.contains_key(id),
                "{id}.test.toml has no rule {id}.toml"
            );
        }
        read
    }

    /// Replaces `@FAMILY/NAME` with the shared pattern or list of metadata types. A test reports unknown
    /// names.
    fn resolve_names(&self, key: &str, value: &mut Value) {
        match value {
            Value::Table(table) => {
                for (key, value) in table.iter_mut() {
                    self.resolve_names(key, value);
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.resolve_names(key, value);
                }
            }
            Value::String(text) => {
                let kind = match key {
                    "matches" | "except" | "component" | "capture" => "patterns",
                    "metadata" => "types",
                    _ => return,
                };
                let Some((family, name)) = shared_name(text) else {
                    return;
                };
                let file = self.conditions.get(family);
                let shared = file.and_then(|file| file.table.get(kind)?.get(name));
                if let Some(shared) = shared {
                    *value = shared.clone();
                }
            }
            _ => {}
        }
    }

    /// The shared conditions that a rule uses, directly and indirectly, by their full names.
    fn shared_conditions(&self, rule: &Table) -> Table {
        let mut found = Table::new();
        let mut open = Vec::new();
        used_conditions(&Value::Table(rule.clone()), &mut open);
        while let Some(name) = open.pop() {
            let Some((family, key)) = name.split_once('/') else {
                continue;
            };
            if found.contains_key(&name) {
                continue;
            }
            let condition = self
                .conditions
                .get(family)
                .and_then(|file| file.table.get(key));
            // A test reports unknown names.
            if let Some(condition) = condition {
                let condition = with_full_names(condition.clone(), family);
                used_conditions(&condition, &mut open);
                found.insert(name, condition);
            }
        }
        found
    }
}

/// The parts of `@FAMILY/NAME`.
fn shared_name(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('@')?.split_once('/')
}

/// Adds the name of each `condition = "…"` at any depth.
fn used_conditions(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(name) if key == "condition" => names.push(name.to_owned()),
                    _ => used_conditions(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|it| used_conditions(it, names)),
        _ => {}
    }
}

/// Adds the prefix `FAMILY/` to the names without one in a condition.
fn with_full_names(mut value: Value, family: &str) -> Value {
    match &mut value {
        Value::Table(table) => {
            for (key, value) in table.iter_mut() {
                match value.as_str() {
                    Some(name) if key == "condition" && !name.contains('/') => {
                        *value = Value::String(format!("{family}/{name}"));
                    }
                    _ => *value = with_full_names(value.clone(), family),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                *value = with_full_names(value.clone(), family);
            }
        }
        _ => {}
    }
    value
}

/// Writes a rule to a file in `out`, compressed, because few runs need all of a rule. Returns the Rust source that
/// embeds it.
fn packed_rule(id: &str, rule: &Table, out: &Path) -> String {
    embedded(&format!("{id}.deflate"), &deflated(&packed(rule)), out)
}

// This packs the TOML table. Packed as the structure that it is read into, it would also contain the
// absent keys, and reading those took longer than reading the others.
fn packed(rule: &Table) -> Vec<u8> {
    rmp_serde::to_vec(rule).expect("TOML tables can be packed")
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}

/// Writes a file in `out`. Returns the Rust source that embeds it.
fn embedded(name: &str, bytes: &[u8], out: &Path) -> String {
    let file = out.join(name);
    fs::write(&file, bytes).expect("the build folder is writable");
    format!("include_bytes!({file:?})")
}

/// For each metadata type that a rule checks, the rule with only the checks of that type, and without the
/// texts that only documentation needs.
fn packed_by_type(id: &str, rule: &Table, types: &[String], out: &Path) -> String {
    let of_type = |name: &String| {
        let mut rule = rule.clone();
        for key in ["control", "exceptions", "notes", "references", "setup"] {
            rule.remove(key);
        }
        let checks = rule.get_mut("check").and_then(Value::as_array_mut);
        for check in checks.into_iter() {
            check.retain(|check| one_or_more(&check["metadata"]).contains(name));
            for check in check.iter_mut().filter_map(Value::as_table_mut) {
                check.insert("metadata".to_owned(), Value::String(name.clone()));
            }
        }
        let mut used = Vec::new();
        for value in rule.get("check").into_iter() {
            used_conditions(value, &mut used);
        }
        let conditions = rule
            .remove("condition")
            .unwrap_or_else(|| Value::Table(Table::new()));
        let mut kept = Table::new();
        while let Some(name) = used.pop() {
            if let Some(condition) = conditions.get(&name).filter(|_| !kept.contains_key(&name)) {
                used_conditions(condition, &mut used);
                kept.insert(name, condition.clone());
            }
        }
        rule.insert("condition".to_owned(), Value::Table(kept));
        format!(
            "({name:?}, {})",
            embedded(&format!("{id}.{name}.msgpack"), &packed(&rule), out)
        )
    };
    types.iter().map(of_type).collect::<Vec<_>>().join(", ")
}

/// The metadata types that a rule checks, and those that its conditions read in other files.
fn metadata_types(rule: &Table) -> (Vec<String>, Vec<String>) {
    let checks = rule.get("check").and_then(Value::as_array);
    let mut checked = BTreeSet::new();
    let mut read = BTreeSet::new();
    for check in checks.into_iter().flatten().filter_map(Value::as_table) {
        for (key, value) in check {
            match key.as_str() {
                "metadata" => checked.extend(one_or_more(value)),
                _ => metadata_names(value, &mut read),
            }
        }
    }
    if let Some(conditions) = rule.get("condition") {
        metadata_names(conditions, &mut read);
    }
    (Vec::from_iter(checked), Vec::from_iter(read))
}

fn one_or_more(value: &Value) -> Vec<String> {
    let names = match value {
        Value::Array(names) => names.as_slice(),
        name => std::slice::from_ref(name),
    };
    let names = names.iter().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// Adds the value of each `metadata = "…"` at any depth.
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
