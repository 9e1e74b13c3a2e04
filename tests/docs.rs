//! The generated pages, held against what they are made from: the rule files, `docs/controls.toml`
//! and the types of rule files. `FORCELINT_WRITE_DOCS=1 cargo test --test docs` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use forcelint::config::config_schema;
use forcelint::rule::{Rule, compile, compile_tests, conditions_schema, json_schema};
use forcelint::rule_docs::{
    ControlList, CoverageProblem, PUBLISHED, coverage_page, rule_page, rules_index,
};
use walkdir::WalkDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rules of each folder below `rules/`, both in the order of their names.
fn families() -> Vec<(String, Vec<Rule>)> {
    let mut families: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
    for file in WalkDir::new(root().join("rules")) {
        let file = file.unwrap();
        let path = file.path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_conditions = path.parent().unwrap().ends_with("conditions");
        if !name.ends_with(".toml") || name.ends_with(".test.toml") || is_conditions {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let tests = fs::read_to_string(path.with_extension("test.toml"));
        let rule = compile(name, &text).and_then(|mut rule| {
            if let Ok(tests) = &tests {
                rule.examples = compile_tests(name, tests)?;
            }
            Ok(rule)
        });
        let rule = match rule {
            Ok(rule) => rule,
            Err(error) => panic!("{:?}", miette::Report::new(error)),
        };
        let family = path.parent().unwrap().file_name().unwrap();
        families
            .entry(family.to_str().unwrap().to_owned())
            .or_default()
            .push(rule);
    }
    for rules in families.values_mut() {
        rules.sort_by(|one, other| one.id.cmp(&other.id));
    }
    families.into_iter().collect()
}

/// Holds files against what they have to say, or makes them say it.
fn hold(wanted: &BTreeMap<PathBuf, String>, present: &[PathBuf]) {
    let write = env::var_os("FORCELINT_WRITE_DOCS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for (path, text) in wanted {
        let committed = match fs::read_to_string(path) {
            Ok(text) => Some(text.replace("\r\n", "\n")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        if committed.as_ref() == Some(text) {
            continue;
        }
        let state = if committed.is_some() {
            "is out of date"
        } else {
            "is missing"
        };
        wrong.push(format!("{} {state}", path.display()));
        if write {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for path in present.iter().filter(|path| !wanted.contains_key(*path)) {
        wrong.push(format!("{} belongs to no rule", path.display()));
        if write {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(
        write || wrong.is_empty(),
        "{}\n\nRun `FORCELINT_WRITE_DOCS=1 cargo test --test docs` and commit what it changes.",
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_its_page() {
    let folder = root().join("docs/rules");
    let families = families();
    let mut wanted = BTreeMap::new();
    for rule in families.iter().flat_map(|(_, rules)| rules) {
        wanted.insert(folder.join(format!("{}.md", rule.id)), rule_page(rule));
    }
    wanted.insert(folder.join("README.md"), rules_index(&families));
    let present: Vec<_> = WalkDir::new(&folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|file| file.file_type().is_file())
        .map(|file| file.into_path())
        .collect();
    hold(&wanted, &present);
}

/// Editors complete forcelint.toml by it.
#[test]
fn the_schema_of_the_config_is_there() {
    let path = root().join("docs/forcelint.schema.json");
    hold(&BTreeMap::from([(path, config_schema())]), &[]);
}

#[test]
fn every_published_control_has_a_rule_or_a_reason() {
    let rules: Vec<Rule> = families()
        .into_iter()
        .flat_map(|(_, rules)| rules)
        .collect();
    match coverage_page(&PUBLISHED, &rules) {
        Ok(page) => hold(
            &BTreeMap::from([(root().join("docs/coverage.md"), page)]),
            &[],
        ),
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            panic!(
                "{} problems:\n{}\n\nName a control in `covers` of a rule, or say in \
                 docs/controls.toml why source cannot show it.",
                problems.len(),
                problems.join("\n")
            );
        }
    }
}

#[test]
fn the_schema_of_rule_files_is_that_of_the_types() {
    let rules = root().join("docs/rule.schema.json");
    let conditions = root().join("docs/conditions.schema.json");
    let schemas = [(rules, json_schema()), (conditions, conditions_schema())];
    hold(&BTreeMap::from(schemas), &[]);
}

fn list(controls: &str) -> ControlList {
    let source = "[[source]]\nid = \"house\"\nname = \"House | rules (2026)\"\n\
                  url = \"https://house.example\"\nabout = \"Ours.\"\n";
    toml::from_str(&format!("{source}{controls}")).unwrap()
}

fn control(id: &str, more: &str) -> String {
    format!("[[control]]\nid = \"{id}\"\nsource = \"house\"\nname = \"The {id}\"\n{more}\n")
}

fn rule(id: &str, covers: &str) -> Rule {
    let text = format!(
        "id = \"{id}\"\ntitle = \"A title\"\nseverity = \"low\"\nurl = \"https://house.example\"\n\
         help = \"Help.\"\ncovers = {covers}\n[[check]]\nmetadata = \"ConnectedApp\"\n\
         require = {{ field = \"label\", exists = true }}\nmessage = \"`{{component}}` has none\"\n"
    );
    compile("rule.toml", &text).unwrap()
}

#[test]
fn a_row_says_the_rules_or_the_reason() {
    let list = list(
        &(control("door", "cvss = [7.0, 8.9]\npartly = \"Who has a key.\"")
            + &control("alarm", "reason = \"It rings elsewhere.\"")),
    );
    let page = coverage_page(
        &list,
        &[rule("lock", "[\"door\"]"), rule("bolt", "[\"door\"]")],
    )
    .unwrap();
    for row in [
        "| [House \\| rules (2026)](#house--rules-2026) | 2 | 1 | 1 |",
        "| The door (CVSS 7.0 to 8.9) | `door` | [lock](rules/lock.md), [bolt](rules/bolt.md). \
         *Not in source:* Who has a key. |",
        "| The alarm | `alarm` | *Not in source:* It rings elsewhere. |",
    ] {
        assert!(page.contains(row), "{row}\n\nis not in\n\n{page}");
    }
}

#[test]
fn what_does_not_agree_is_told() {
    let list = list(
        &(control("door", "")
            + &control("door", "reason = \"Twice.\"")
            + &control("alarm", "reason = \"It rings elsewhere.\"")
            + &control(
                "gate",
                "reason = \"Far away.\"\npartly = \"Who climbs over it.\"",
            )
            + &control("window", "").replace("\"house\"", "\"hut\"")),
    );
    let problems = coverage_page(
        &list,
        &[rule("bell", "[\"alarm\"]"), rule("pane", "[\"windo\"]")],
    )
    .unwrap_err();
    let ids = |text: &str| text.to_owned();
    assert_eq!(
        problems,
        [
            CoverageProblem::Open(ids("door")),
            CoverageProblem::Twice(ids("door")),
            CoverageProblem::Contradicted {
                control: ids("alarm"),
                rules: ids("bell"),
            },
            CoverageProblem::PartOfNothing(ids("gate")),
            CoverageProblem::NoSource {
                control: ids("window"),
                source_id: ids("hut"),
            },
            CoverageProblem::Open(ids("window")),
            CoverageProblem::Unknown {
                rule: ids("pane"),
                control: ids("windo"),
                nearest: Some(ids("window")),
            },
        ]
    );
    assert_eq!(
        problems.last().unwrap().to_string(),
        "rule `pane` covers `windo`, which docs/controls.toml does not have; did you mean `window`?"
    );
}

#[test]
fn reasons_and_names_are_one_plain_sentence() {
    for control in &PUBLISHED.control {
        for text in control.reason.iter().chain(&control.partly) {
            assert!(
                text.ends_with('.') && !text.contains(['\n', '|']),
                "{}: {text}",
                control.id
            );
        }
        assert!(!control.name.ends_with('.'), "{}", control.id);
    }
}

/// A dependency that nobody can say the reason of should not be one.
#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let names = |table: &toml::Table| -> BTreeSet<String> {
        let kinds = ["dependencies", "build-dependencies", "dev-dependencies"];
        let tables = kinds.iter().filter_map(|kind| table.get(*kind)?.as_table());
        tables.flat_map(|table| table.keys().cloned()).collect()
    };
    let mut used = names(&manifest);
    let of_targets = manifest.get("target").and_then(toml::Value::as_table);
    for target in of_targets.into_iter().flat_map(toml::Table::values) {
        used.extend(names(target.as_table().unwrap()));
    }
    let page = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let explained: BTreeSet<String> = rows
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|names| names.split(", "))
        .map(|name| name.trim_end_matches(" (development)").to_owned())
        .filter(|name| !name.is_empty() && !name.starts_with(['|', '-']))
        .collect();
    assert_eq!(used, explained);
}
