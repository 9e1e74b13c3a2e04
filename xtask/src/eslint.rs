//! The data of the ESLint plugin: rules with their severities, and suffixes of the files that they check.
//!
//! ESLint reads rule names before it runs anything, so the plugin has them as data.

use forcelint::rule::{RuleSet, Selection};
use serde_json::json;

use crate::checked_files::checked_files;
use crate::generated::Generated;

pub fn generate(generated: &mut Generated) {
    let rules = RuleSet::select(&Selection::default()).expect("the selection is empty");
    let mut lines: Vec<String> = rules
        .rules()
        .map(|rule| {
            let mut severities = rule.possible_severities();
            severities.sort_by(|one, other| other.cmp(one));
            let severities: Vec<&str> = severities.iter().map(|it| it.name()).collect();
            json!({ "id": rule.id, "title": rule.title, "severities": severities }).to_string()
        })
        .collect();
    lines.sort_unstable();
    let mut suffixes = checked_files().suffixes;
    suffixes.insert("settings".to_owned());
    generated.file(
        "packaging/eslint-plugin/data.json",
        format!(
            "{{\n  \"suffixes\": [\n    {}\n  ],\n  \"rules\": [\n    {}\n  ]\n}}\n",
            Vec::from_iter(suffixes.iter().map(|it| json!(it).to_string())).join(",\n    "),
            lines.join(",\n    "),
        ),
    );
}
