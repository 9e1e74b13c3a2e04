//! A page for each rule, their index, and the coverage of published controls.

use std::collections::BTreeMap;
use std::fs;

use forcelint::rule::{Rule, compile, compile_tests};
use forcelint::rule_docs::{
    PUBLISHED, coverage_page, incidents_page, rule_page, rules_index, what_to_do_page,
};
use walkdir::WalkDir;

use crate::generated::Generated;
use crate::repository::root;

const FOLDER: &str = "docs/rules";

pub fn generate(generated: &mut Generated) {
    let families = families();
    generated.folder(FOLDER);
    for rule in families.iter().flat_map(|(_, rules)| rules) {
        generated.file(format!("{FOLDER}/{}.md", rule.id), rule_page(rule));
    }
    generated.file(format!("{FOLDER}/README.md"), rules_index(&families));
    let rules = families.into_iter().flat_map(|(_, rules)| rules);
    let rules: Vec<Rule> = rules.collect();
    match what_to_do_page(&rules) {
        Ok(page) => generated.file("docs/what-to-do.md", page),
        Err(id) => panic!("the page about common findings has the unknown rule `{id}`"),
    }
    match incidents_page(&rules) {
        Ok(page) => generated.file("docs/incidents.md", page),
        Err(id) => panic!("docs/incidents.toml has an unknown rule: {id}"),
    }
    match coverage_page(&PUBLISHED, &rules) {
        Ok(page) => generated.file("docs/coverage.md", page),
        Err(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!(
                "docs/controls.toml and the rules do not agree:\n{}",
                problems.join("\n")
            );
        }
    }
}

/// The rules by family, a folder in `rules/`. Both are in the order of their names.
fn families() -> Vec<(String, Vec<Rule>)> {
    let mut families: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
    for entry in WalkDir::new(root().join("rules")).sort_by_file_name() {
        let path = entry.expect("rules/ is readable").into_path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().and_then(|folder| folder.file_name());
        let family = folder.unwrap_or_default().to_string_lossy().into_owned();
        let is_rule = name.ends_with(".toml") && !name.ends_with(".test.toml");
        if !is_rule || family == "conditions" || family == "stories" {
            continue;
        }
        let text = fs::read_to_string(&path).expect("rule files are readable");
        let rule = compile(&name, &text).and_then(|mut rule| {
            if let Ok(tests) = fs::read_to_string(path.with_extension("test.toml")) {
                rule.examples = compile_tests(&name, &tests)?;
            }
            Ok(rule)
        });
        let rule = rule.unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
        families.entry(family).or_default().push(rule);
    }
    families.into_iter().collect()
}
