//! Rules as JSON, the metadata types that a pasted text can have, and what to retrieve from an org.

use std::sync::Arc;

use serde::Serialize;

use crate::project::MetadataType;
use crate::rule::{MALFORMED, Rule, RuleSet, Selection, find_rule};
use crate::rule_docs::{ListedRule, package_manifest, rule_json, rule_list_json};
use crate::schema::NEWEST;
use crate::text::to_json;

/// What `forcelint explain --format json` prints about a built-in rule.
pub fn explain_rule(id: &str) -> Option<String> {
    let rule: Arc<Rule> = find_rule(id, &[]).ok()?;
    Some(rule_json(&rule))
}

/// What `forcelint rules list --format json` prints without a config.
pub fn rule_list() -> String {
    let all = RuleSet::select(&Selection::default()).expect("no selector can be unknown");
    let rules: Vec<ListedRule<'_>> = all
        .rules()
        .map(|rule| ListedRule { rule, is_on: true })
        .collect();
    rule_list_json(&rules)
}

/// What `forcelint manifest` prints: a `package.xml` to retrieve all that the built-in rules read.
pub fn manifest() -> String {
    let rules = RuleSet::select(&Selection::default()).expect("no selector can be unknown");
    package_manifest(rules.checked_types().union(rules.read_types()), NEWEST)
}

/// A metadata type that the rules check.
#[derive(Serialize)]
struct TypeJson {
    name: &'static str,
    /// The name of a file with this type.
    file: String,
    /// The names that the root element can have.
    roots: Vec<&'static str>,
}

/// The metadata types that the built-in rules check, as JSON.
pub fn metadata_types() -> String {
    let rules = RuleSet::select(&Selection::default()).expect("no selector can be unknown");
    let checked = rules.checked_types();
    let has_own_rules = |it: &MetadataType| rules.checks(*it).any(|(rule, _)| rule.id != MALFORMED);
    let types = MetadataType::all()
        .filter(|it| checked.contains(*it) && !it.is_misnamed())
        .filter(has_own_rules)
        .map(|it| TypeJson {
            name: it.name(),
            file: it.file_name("Pasted"),
            roots: it.roots().collect(),
        });
    to_json(&types.collect::<Vec<_>>())
}
