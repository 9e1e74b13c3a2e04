//! Generated documentation pages. `cargo xtask generate` writes them, and a test of xtask compares
//! them.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use forcelint::rule::{Rule, compile};
use forcelint::rule_docs::{ControlList, CoverageProblem, PUBLISHED, coverage_page};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn list(controls: &str) -> ControlList {
    let source = "[[source]]\nid = \"house\"\nname = \"House | rules (2026)\"\n\
                  url = \"https://house.example\"\nabout = \"Ours.\"\n";
    toml::from_str(&format!("{source}{controls}")).unwrap()
}

fn control(id: &str, keys: &str) -> String {
    format!("[[control]]\nid = \"{id}\"\nsource = \"house\"\nname = \"The {id}\"\n{keys}\n")
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
fn row_has_the_rules_or_the_reason() {
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
fn contradictions_are_problems() {
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
    let owned = |text: &str| text.to_owned();
    assert_eq!(
        problems,
        [
            CoverageProblem::NotCovered(owned("door")),
            CoverageProblem::Duplicate(owned("door")),
            CoverageProblem::Contradicted {
                control: owned("alarm"),
                rules: owned("bell"),
            },
            CoverageProblem::PartlyWithoutRule(owned("gate")),
            CoverageProblem::UnknownSource {
                control: owned("window"),
                source_id: owned("hut"),
            },
            CoverageProblem::NotCovered(owned("window")),
            CoverageProblem::UnknownControl {
                rule: owned("pane"),
                control: owned("windo"),
                nearest: Some(owned("window")),
            },
        ]
    );
    assert_eq!(
        problems.last().unwrap().to_string(),
        "rule `pane` covers control `windo`, which is not in docs/controls.toml; did you mean `window`?"
    );
}

#[test]
fn reasons_and_names_are_one_sentence() {
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

#[test]
fn dependencies_have_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let names = |table: &toml::Table| -> BTreeSet<String> {
        let kinds = ["dependencies", "build-dependencies", "dev-dependencies"];
        let tables = kinds.iter().filter_map(|kind| table.get(*kind)?.as_table());
        tables.flat_map(|table| table.keys().cloned()).collect()
    };
    let mut used = names(&manifest);
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for target in targets.into_iter().flat_map(toml::Table::values) {
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
