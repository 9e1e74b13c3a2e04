//! A rule file: errors have a location, and a valid rule can be run and displayed.

use std::sync::{Arc, LazyLock};

use forcelint::config::{LoadedRule, RuleFileError};
use forcelint::project::{MetadataType, SourceFile};
use forcelint::rule::{BUILT_IN, RuleSet, find_rule};
use forcelint::rule_docs::{rule_json, rule_markdown, rule_page, rule_terminal};
use forcelint::run::{Indexes, Options, Workspace, check_text};

use super::display;

/// Files to run a rule on: the tests of the built-in rules, one per type.
static EXAMPLES: LazyLock<Vec<(MetadataType, String)>> = LazyLock::new(|| {
    let mut examples: Vec<(MetadataType, String)> = Vec::new();
    for built_in in BUILT_IN {
        let rule = forcelint::rule::compile(built_in.id, built_in.toml());
        for example in rule.expect("built-in rules are valid").examples {
            if let Some(metadata_type) = MetadataType::named(&example.metadata)
                && examples.iter().all(|(seen, _)| *seen != metadata_type)
            {
                examples.push((metadata_type, example.xml));
            }
        }
    }
    examples
});

/// Compiles the input. If it is a rule, runs and displays it.
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
    display::render(error);
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
        display::assert_sanitized(&text);
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
            let file =
                SourceFile::new(path, Arc::clone(&project)).expect("the name belongs to the type");
            check_text(&workspace, &mut Indexes::default(), &file, text.as_bytes());
        }
    }
}
