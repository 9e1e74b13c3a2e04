//! `forcelint rules new`: writes a rule with its tests, for an author to start from.

use std::path::{Path, PathBuf};

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::NewArgs;
use super::load_config::decisive_project;
use super::rule_template::{rule_text, tests_text};
use super::terminal::print;
use crate::config::{CONFIG_FILE, Config, ExitStatus};
use crate::fix::{WriteError, Writer};
use crate::output::relative;
use crate::project::{Overlay, Project, Projects, absolute};
use crate::rule::{BUILT_IN, is_kebab_case};
use crate::text::sanitize;

/// The folder of the rules if the config names none.
pub(super) const DEFAULT_FOLDER: &str = "lint-rules";

/// Why no rule was written.
#[derive(Debug, Error, Diagnostic)]
enum NewRuleError {
    #[error("`{}` is not a rule id", sanitize(id))]
    #[diagnostic(help("use lowercase words with hyphens, such as `{suggestion}`"))]
    InvalidId { id: String, suggestion: String },
    #[error("`{0}` is the id of a built-in rule")]
    #[diagnostic(help("choose another id, such as `our-{0}`"))]
    BuiltIn(String),
    #[error("`{id}` is the id of the rule in `{path}`")]
    #[diagnostic(help("choose another id, or edit that rule"))]
    Used { id: String, path: String },
    #[error("`{path}` {source}")]
    #[diagnostic(help("forcelint never overwrites a rule; choose another id, or edit that file"))]
    Exists { path: String, source: WriteError },
    #[error("`{path}` {source}")]
    Unwritable { path: String, source: WriteError },
}

pub(crate) fn new(arguments: &NewArgs) -> miette::Result<ExitStatus> {
    let id = &arguments.id;
    check_id(id)?;
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let shown = |path: &Path| relative(&working_directory, path);
    let project = decisive_project(&[], &working_directory, &Projects::default());
    let config = Config::of(&project, &Overlay::default(), shown)?;
    // Another rule that is not valid does not prevent a new one.
    let rules = config.rule_files(shown).rules;
    if let Some(used) = rules.iter().find(|loaded| loaded.rule.id == *id) {
        let (id, path) = (id.clone(), used.path.clone());
        return Err(NewRuleError::Used { id, path }.into());
    }
    let top = config_folder(&project);
    let configured = config.own_rule_paths().iter().find(|path| path.is_dir());
    let folder = match configured {
        Some(folder) => folder.clone(),
        None => top.join(DEFAULT_FOLDER),
    };
    let rule = folder.join(format!("{id}.toml"));
    let tests = folder.join(format!("{id}.test.toml"));
    write(
        &[(&rule, rule_text(id)), (&tests, tests_text(id))],
        &top,
        shown,
    )?;
    let mut text = format!("written: {}\nwritten: {}\n", shown(&rule), shown(&tests));
    if configured.is_none() {
        text.push_str(&next_step(&config, &shown(&top.join(CONFIG_FILE))));
    }
    text.push_str(&format!(
        "\nEdit both files, and run the tests:\n\n    forcelint rules test {}\n",
        shown(&rule)
    ));
    print(text.as_bytes())?;
    Ok(ExitStatus::Clean)
}

/// What to set so that runs apply the rules in the default folder.
fn next_step(config: &Config, file: &str) -> String {
    let paths = config.rule_paths.as_ref();
    let mut paths = paths.map_or_else(Vec::new, |paths| paths.value.clone());
    paths.push(DEFAULT_FOLDER.to_owned());
    let list: Vec<String> = paths.iter().map(|path| format!("{path:?}")).collect();
    format!(
        "\nTo apply the rule, set this in {file}:\n\n    rule-paths = [{}]\n",
        list.join(", ")
    )
}

/// The folder of the config, to which `rule-paths` are relative.
fn config_folder(project: &Project) -> PathBuf {
    let file = Config::find(project, &Overlay::default());
    let folder = file.as_deref().and_then(Path::parent);
    folder.unwrap_or(&project.root).to_path_buf()
}

fn check_id(id: &str) -> Result<(), NewRuleError> {
    if !is_kebab_case(id) {
        return Err(NewRuleError::InvalidId {
            id: id.to_owned(),
            suggestion: suggestion(id),
        });
    }
    match BUILT_IN.iter().any(|built_in| built_in.id == id) {
        true => Err(NewRuleError::BuiltIn(id.to_owned())),
        false => Ok(()),
    }
}

/// A valid id that is similar.
fn suggestion(id: &str) -> String {
    let mut kebab = String::new();
    let mut before = ' ';
    for character in id.chars().take(100) {
        let starts_word = character.is_ascii_uppercase() && before.is_ascii_lowercase();
        if starts_word || !character.is_ascii_alphanumeric() {
            kebab.push('-');
        }
        if character.is_ascii_alphanumeric() {
            kebab.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    let words: Vec<&str> = kebab.split('-').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] => "team-contact".to_owned(),
        words => words.join("-"),
    }
}

/// Creates the files below `top`. None is created if one of them exists.
fn write(
    files: &[(&Path, String)],
    top: &Path,
    shown: impl Fn(&Path) -> String,
) -> Result<(), NewRuleError> {
    let error = |path: &Path, source: WriteError| {
        let path = shown(path);
        match source {
            WriteError::Exists => NewRuleError::Exists { path, source },
            _ => NewRuleError::Unwritable { path, source },
        }
    };
    let exists = |path: &Path| path.symlink_metadata().is_ok();
    if let Some((path, _)) = files.iter().find(|(path, _)| exists(path)) {
        return Err(error(path, WriteError::Exists));
    }
    let writer = Writer::new(&[top.to_path_buf()], &[]);
    for (path, text) in files {
        let created = writer.create(path, text.as_bytes());
        created.map_err(|source| error(path, source))?;
    }
    Ok(())
}
