//! `explain` and `rules list`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Sandbox, indented};

fn explain(arguments: &[&str], columns: &str) -> String {
    let sandbox = Sandbox::new();
    let arguments = ["explain"].iter().chain(arguments);
    let outcome = sandbox
        .forcelint(arguments)
        .env("COLUMNS", columns)
        .run()
        .expect(0);
    assert_eq!(outcome.stderr, "");
    outcome.stdout
}

#[test]
fn incident_has_its_sources_and_rules() {
    let text = explain(&["drift-token-theft"], "100");
    assert!(text.contains("https://thecisobrief.com/?p=15002"), "{text}");
    assert!(text.contains("  high      ip-relaxation "), "{text}");
    let json = explain(&["drift-token-theft", "--format=json"], "100");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["kind"], "incident");
    let rules = json["rules"].as_array().unwrap();
    assert!(
        rules
            .iter()
            .any(|rule| rule["id"] == "refresh-token-expiry")
    );
}

#[test]
fn rule_names_its_incidents() {
    let text = explain(&["ip-relaxation"], "200");
    assert!(
        text.contains("forcelint explain drift-token-theft\n"),
        "{text}"
    );
    let page = explain(&["ip-relaxation", "--format=markdown"], "80");
    assert!(
        page.contains("August 2025 (`drift-token-theft`)\n"),
        "{page}"
    );
}

#[test]
fn rule_at_80_columns() {
    assert_snapshot!(explain(&["pkce-required"], "80"));
}

#[test]
fn rule_at_60_columns() {
    let text = explain(&["pkce-required"], "60");
    // An address or the id of a control is one word, which stays whole.
    for line in text.lines().filter(|line| line.trim().contains(' ')) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    assert_snapshot!(text);
}

#[test]
fn rule_as_markdown() {
    let text = explain(&["pkce-required", "--format=markdown"], "60");
    assert_eq!(
        text,
        explain(&["pkce-required", "--format=markdown"], "120")
    );
    assert_snapshot!(text);
}

#[test]
fn rule_as_json() {
    let text = explain(&["pkce-required", "--format", "json"], "60");
    assert_snapshot!(indented(&serde_json::from_str(&text).unwrap()));
}

/// Rules with fewer parts have no empty or joined sections.
#[test]
fn rules_with_fewer_parts() {
    let ids = [
        "malformed-metadata",
        "pkce-not-in-source",
        "pkce-required-org-wide",
    ];
    assert_snapshot!(ids.map(|id| explain(&[id], "80")).join("\n────\n"));
}

#[test]
fn unknown_rule_gets_a_suggestion() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .forcelint(["explain", "pkce-require"])
        .run()
        .expect(2);
    assert_eq!(outcome.stdout, "");
    assert!(
        outcome.stderr.contains("did you mean `pkce-required`?"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn rules_as_a_table() {
    let sandbox = Sandbox::new();
    let list = |columns| {
        let list = sandbox.forcelint(["rules", "list", "--format=table", "--select=pkce,metadata"]);
        let list = list.env("COLUMNS", columns);
        list.run().expect(0).stdout
    };
    assert_snapshot!(format!("{}\n────\n{}", list("80"), list("60")));
}

#[test]
fn table_has_all_rules_at_any_width() {
    let sandbox = Sandbox::new();
    let json = sandbox.forcelint(["rules", "list", "--format=json"]).run();
    let rules = json.expect(0).json();
    let rules = rules.as_array().unwrap();
    for columns in ["40", "80", "120"] {
        let list = sandbox.forcelint(["rules", "list", "--format=table"]);
        let list = list.env("COLUMNS", columns);
        let table = list.run().expect(0).stdout;
        for rule in rules {
            let id = rule["id"].as_str().unwrap();
            let rows = table.lines().filter(|row| {
                let mut words = row.split_whitespace();
                row.starts_with("  ") && words.next() == Some(id)
            });
            assert_eq!(rows.count(), 1, "{id} at {columns} columns:\n{table}");
        }
        let last = table.lines().last().unwrap();
        assert_eq!(last, format!("{} rules", rules.len()));
    }
}

#[test]
fn rules_as_json() {
    let sandbox = Sandbox::new();
    let list = |arguments: &[&str]| {
        let all = ["rules", "list", "--format=json"].iter().chain(arguments);
        sandbox.forcelint(all).run().expect(0).json()
    };
    assert_snapshot!(indented(&list(&["--select=pkce"])));
    let every_rule = list(&[]);
    let rules = every_rule.as_array().unwrap();
    assert!(rules.len() > 100, "{}", rules.len());
    let ids: Vec<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    // Sorted, without duplicates.
    assert!(
        ids.windows(2).all(|pair| pair[0] < pair[1]),
        "{ids:?} are out of order"
    );
    let keys =
        |rule: &Value| -> Vec<String> { rule.as_object().unwrap().keys().cloned().collect() };
    for rule in rules {
        assert_eq!(keys(rule), keys(&rules[0]), "{}", rule["id"]);
        for key in ["title", "severity"] {
            assert_ne!(rule[key].as_str(), Some(""), "{rule}");
        }
        // `malformed-metadata` applies to all types.
        let has_types = !rule["metadata"].as_array().unwrap().is_empty();
        assert_eq!(has_types, rule["id"] != "malformed-metadata", "{rule}");
    }
}

/// A tag, a field by its name or path, and a published control: their rules.
#[test]
fn tags_fields_and_controls() {
    let control = "shr_api_enable_oauth_settings_require_proof_key_for_code_exchange_pkce";
    let names = ["pkce", "oauthConfig.isPkceRequired", control, "SBS-ACS-001"];
    let texts = names.map(|name| explain(&[name], "80"));
    assert_snapshot!(texts.join("\n────\n"));
    let json = explain(&["isPkceRequired", "--format=json"], "80");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["kind"], "field");
    assert_eq!(json["rules"][0]["id"], "pkce-required");
    let markdown = explain(&["pkce", "--format=markdown"], "80");
    assert!(
        markdown.contains("- `pkce-required` (critical): "),
        "{markdown}"
    );
}

#[test]
fn without_a_name_all_rules_are_listed() {
    let text = explain(&[], "80");
    assert!(
        text.contains("pkce-required  ") && text.contains("\nTags: "),
        "{text}"
    );
    assert!(text.ends_with("`forcelint explain NAME`\n"), "{text}");
}

#[test]
fn built_in_rules_are_explained_without_a_valid_config() {
    let sandbox = Sandbox::new();
    sandbox.write("sfdx-project.json", "{ \"packageDirectories\": [] }");
    sandbox.write("forcelint.toml", "select = [\n");
    let names: [&[&str]; 4] = [&["pkce-required"], &["oauth"], &["isPkceRequired"], &[]];
    for name in names {
        let all = ["explain"].iter().chain(name);
        let outcome = sandbox.forcelint(all).run().expect(0);
        assert!(outcome.stdout.contains("pkce-required"), "{outcome:?}");
        let warning = "warning: ";
        assert!(outcome.stderr.starts_with(warning), "{outcome:?}");
        assert!(
            outcome
                .stderr
                .ends_with("only the built-in rules are explained\n")
        );
    }
}

/// In a pipe, each rule is one line, which `grep` and `cut` can process.
#[test]
fn list_in_a_pipe_has_one_line_per_rule() {
    let sandbox = Sandbox::new();
    let json = sandbox.forcelint(["rules", "list", "--format=json"]).run();
    let json = json.expect(0).json();
    let list = sandbox.forcelint(["rules", "list"]).env("COLUMNS", "40");
    let list = list.run().expect(0).stdout;
    let rules = json.as_array().unwrap();
    assert_eq!(list.lines().count(), rules.len());
    for (line, rule) in list.lines().zip(rules) {
        let columns: Vec<&str> = line.split('\t').collect();
        assert_eq!(columns.len(), 7, "{line}");
        assert_eq!(columns[0], rule["id"]);
        assert_eq!(columns[1], rule["severity"]);
        assert_eq!(columns[6], rule["title"]);
    }
}
