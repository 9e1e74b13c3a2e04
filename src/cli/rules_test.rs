//! `forcelint rules test`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{IntoDiagnostic, Report};

use super::arguments::TestArgs;
use super::clock::today;
use super::load_config::decisive_project;
use super::rules_new::DEFAULT_FOLDER;
use super::show_error::show_errors;
use super::terminal::{Stream, print, say, style};
use crate::config::{
    CONFIG_FILE, Config, ExitStatus, LoadedRule, LoadedTests, RuleFiles, tested_by,
};
use crate::output::relative;
use crate::project::{Overlay, Project, Projects, absolute};
use crate::rule::{BUILT_IN, compile, compile_tests};
use crate::rule_tests::run_all;
use crate::rule_tests::{TestedRule, tested_rules, tests_summary};
use crate::text::sanitize;

pub(crate) fn test(arguments: &TestArgs) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let RuleFiles { rules, problems } = if arguments.paths.is_empty() {
        default_rules(&working_directory)?
    } else {
        let paths = arguments
            .paths
            .iter()
            .map(|path| absolute(&rule_file(path)).into_diagnostic())
            .collect::<miette::Result<Vec<_>>>()?;
        let shown = |path: &Path| relative(&working_directory, path);
        RuleFiles::load(&paths, None, &Overlay::default(), shown)
    };
    let invalid = problems.len();
    show_errors(problems.into_iter().map(Report::new));
    let compiled: Vec<_> = rules.iter().map(|it| Arc::clone(&it.rule)).collect();
    let failures = run_all(&compiled, today());
    let tested: Vec<TestedRule<'_>> = rules
        .iter()
        .zip(&failures)
        .map(|(loaded, failures)| {
            let tests = loaded.tests.as_ref();
            TestedRule {
                path: tests.map_or(&loaded.path, |tests| &tests.path),
                text: tests.map_or(&loaded.text, |tests| &tests.text),
                rule: &loaded.rule,
                failures,
            }
        })
        .collect();
    let style = style(Stream::Stdout);
    let mut text = tested_rules(&tested, style.color);
    text.push_str(&tests_summary(&tested, invalid));
    print(text.as_bytes())?;
    Ok(if invalid > 0 {
        ExitStatus::Failure
    } else if failures.iter().any(|failures| !failures.is_empty()) {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    })
}

/// The rule of a file that contains its tests.
fn rule_file(path: &Path) -> PathBuf {
    match tested_by(path) {
        Some(rule) => rule,
        None => path.to_path_buf(),
    }
}

/// The rules of the project's config, else the built-in rules.
fn default_rules(working_directory: &Path) -> miette::Result<RuleFiles> {
    let project = decisive_project(&[], working_directory, &Projects::default());
    let shown = |path: &Path| relative(working_directory, path);
    let config = Config::of(&project, &Overlay::default(), shown)?;
    match config.own_rule_paths() {
        [] => {
            note_untested(&project, working_directory);
            built_in()
        }
        _ => Ok(config.rule_files(shown)),
    }
}

/// Rules that `rules new` wrote, in a folder that the config does not name.
fn note_untested(project: &Project, working_directory: &Path) {
    let folder = project.root.join(DEFAULT_FOLDER);
    if folder.is_dir() {
        let folder = relative(working_directory, &folder);
        say(&format!(
            "note: testing the built-in rules: `rule-paths` in {CONFIG_FILE} does not name `{}`\n",
            sanitize(&folder)
        ));
    }
}

/// The built-in rules, with their regular expressions compiled.
fn built_in() -> miette::Result<RuleFiles> {
    let mut files = RuleFiles::default();
    for built_in in BUILT_IN {
        let path = format!("{}.toml", built_in.id);
        let tests = LoadedTests {
            path: format!("{}.test.toml", built_in.id),
            text: built_in.tests_toml().to_owned(),
        };
        let mut rule = compile(&path, built_in.toml())?;
        rule.examples = compile_tests(&tests.path, &tests.text)?;
        files.rules.push(LoadedRule {
            rule: Arc::new(rule),
            text: built_in.toml().to_owned(),
            tests: Some(tests),
            path,
        });
    }
    Ok(files)
}
