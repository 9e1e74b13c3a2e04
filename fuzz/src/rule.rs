//! A rule file: its errors have a location inside the file, and a valid rule can be run and displayed.

use std::sync::{Arc, LazyLock};

use forcelint::config::{LoadedRule, RuleFileError};
use forcelint::project::{MetadataType, SourceFile};
use forcelint::rule::{BUILT_IN, RuleSet, find_rule};
use forcelint::rule_docs::{rule_json, rule_markdown, rule_page, rule_terminal};
use forcelint::run::{Indexes, Options, Workspace, check_text};

use super::sanitized;

/// Files to check with a rule: one example of the built-in rules per type.
static EXAMPLES: LazyLock<Vec<(MetadataType, String)>> = LazyLock::new(|| {
    let mut examples: Vec<(MetadataType, String)> = Vec::new();
    for built_in in BUILT_IN {
        let tests = forcelint::rule::compile_tests(built_in.id, built_in.tests_toml());
        for example in tests.expect("tests of built-in rules are valid") {
            if let Some(metadata_type) = MetadataType::named(&example.metadata)
                && examples.iter().all(|(seen, _)| *seen != metadata_type)
            {
                examples.push((metadata_type, example.xml));
            }
        }
    }
    assert!(!examples.is_empty(), "no rule would check a file");
    examples
});

/// Compiles the input. If it is a valid rule, runs and displays it.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match LoadedRule::parse("rule.toml".to_owned(), text) {
        Ok(loaded) => run(loaded),
        Err(error) => check_error(text, &error),
    }
}

fn check_error(text: &str, error: &RuleFileError) {
    sanitized::render(error);
    let RuleFileError::Invalid(error) = error else {
        return;
    };
    assert!(!error.mistakes().is_empty());
    for mistake in error.mistakes() {
        assert!(!mistake.message().is_empty());
        let range = mistake.range();
        assert!(text.get(range.clone()).is_some(), "{range:?}: {mistake:?}");
    }
}

fn run(loaded: LoadedRule) {
    let rule = loaded.rule;
    for text in [
        rule_terminal(&rule, 60, false),
        rule_markdown(&rule),
        rule_page(&rule),
        rule_json(&rule),
    ] {
        sanitized::assert_sanitized(&text);
    }
    assert!(find_rule(&rule.id, &[Arc::clone(&rule)]).is_ok());
    let types = rule.metadata_types();
    let rules = Arc::new(RuleSet::alone(rule));
    let workspace = Workspace::new(&rules, Options::on(Default::default()));
    let folder = std::env::temp_dir().join("no-such-project-of-forcelint");
    let project = workspace.projects.around(&folder, &folder);
    for (metadata_type, text) in EXAMPLES.iter() {
        if types.contains(metadata_type) {
            let path = folder.join(metadata_type.file_name("Name"));
            let file = SourceFile::new(path, Arc::clone(&project));
            let file = file.expect("the file name of a type is valid");
            check_text(&workspace, &mut Indexes::default(), &file, text.as_bytes());
        }
    }
}
