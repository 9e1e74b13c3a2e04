//! The configuration of Salesforce Code Analyzer and of ESLint, which runs forcelint in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::surroundings::{Present, file};
use super::templates::DOCS;
use crate::rule::{RuleSet, Selection, Severity};

/// The names that Code Analyzer looks for.
const ANALYZER_FILES: [&str; 2] = ["code-analyzer.yml", "code-analyzer.yaml"];

/// The names that ESLint looks for, the first one for a new file.
const ESLINT_FILES: [&str; 3] = ["eslint.config.mjs", "eslint.config.js", "eslint.config.cjs"];

/// The file for Code Analyzer beside a configuration of ESLint 8. ESLint itself does not look for this name, because ESLint 8
/// would use it instead of the existing configuration.
const SEPARATE_FILE: &str = "eslint.config.forcelint.mjs";

/// Configurations of ESLint 8, in the order of Code Analyzer.
const LEGACY_FILES: [&str; 6] = [
    ".eslintrc.js",
    ".eslintrc.cjs",
    ".eslintrc.yaml",
    ".eslintrc.yml",
    ".eslintrc.json",
    ".eslintrc",
];

/// What forcelint adds to the list of an ESLint configuration.
pub(super) const ESLINT_ENTRY: &str =
    "import forcelint from \"eslint-plugin-forcelint\";\n\nforcelint.configs.recommended,\n";

pub(super) const ESLINT_CONFIG: &str = "import forcelint from \"eslint-plugin-forcelint\";\n\n\
    export default [forcelint.configs.recommended];\n";

/// The first line of the file that forcelint writes. It may be replaced if it still has this line.
pub(super) const HEADER: &str = "# `forcelint init --code-analyzer` wrote this file.\n";

/// The severity *Info* in Code Analyzer.
const NOTE: u8 = 5;

/// The configuration files of a project.
#[derive(Debug)]
pub(super) struct AnalyzerFiles {
    pub analyzer: PathBuf,
    pub analyzer_present: Present,
    pub eslint: PathBuf,
    pub eslint_present: Present,
    /// A configuration of ESLint 8, which has no languages.
    pub legacy: Option<&'static str>,
}

impl AnalyzerFiles {
    pub(super) fn of(folder: &Path) -> Self {
        let existing = |names: &[&'static str]| {
            let mut names = names.iter().copied();
            names.find(|name| folder.join(name).symlink_metadata().is_ok())
        };
        let flat = existing(&ESLINT_FILES);
        let legacy = existing(&LEGACY_FILES).filter(|_| flat.is_none());
        let new = if legacy.is_some() {
            SEPARATE_FILE
        } else {
            ESLINT_FILES[0]
        };
        let eslint = folder.join(flat.unwrap_or(new));
        let analyzer = folder.join(existing(&ANALYZER_FILES).unwrap_or(ANALYZER_FILES[0]));
        Self {
            analyzer_present: file(&analyzer),
            analyzer,
            eslint_present: file(&eslint),
            eslint,
            legacy,
        }
    }
}

/// A configuration of Code Analyzer that runs forcelint in its ESLint engine. `eslint` is the name of ESLint's file.
pub(super) fn analyzer_config(eslint: &str) -> String {
    let mut text = format!(
        "{HEADER}# After an update of forcelint, write it again with `--force`. {DOCS}/code-analyzer.md\n\
         engines:\n  eslint:\n    eslint_config_file: {eslint}\n    file_extensions:\n      \
         other: [\".xml\"]\n\n\
         # Code Analyzer gives each rule of ESLint one severity, so forcelint has a rule per severity.\n\
         rules:\n  eslint:\n"
    );
    for (rule, severity) in rules() {
        let _ = writeln!(
            text,
            "    \"forcelint/{rule}\": {{ severity: {severity}, tags: [Recommended, Security, forcelint] }}"
        );
    }
    text
}

/// The names of ESLint's rules in `configs.recommended`, with their severity in Code Analyzer.
fn rules() -> Vec<(String, u8)> {
    let built_in = RuleSet::select(&Selection::default())
        // The default selection names no rule or tag that could be unknown.
        .expect("the default selection is valid");
    let mut rules: Vec<(String, u8)> = Vec::new();
    for rule in built_in.rules() {
        let severities = rule.possible_severities().into_iter();
        rules.extend(severities.map(|it| (format!("{}/{it}", rule.id), level(it))));
    }
    let others = Severity::ALL.into_iter();
    rules.extend(others.map(|it| (format!("other/{it}"), level(it))));
    rules.retain(|(_, level)| *level < NOTE);
    rules.extend(["not-checked", "notice"].map(|name| (name.to_owned(), NOTE)));
    rules.sort();
    rules
}

/// The severity in Code Analyzer.
fn level(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 1,
        Severity::High => 2,
        Severity::Medium => 3,
        Severity::Low => 4,
        Severity::Info => NOTE,
    }
}
