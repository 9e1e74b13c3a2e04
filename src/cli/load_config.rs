//! Loads the config of a run, and users' rules: those that the config names, and those of a named file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, OwnRulesError, RuleFiles};
use crate::output::relative;
use crate::project::{Overlay, Project, Projects};
use crate::rule::Rule;

/// The project whose config applies to a run: that of the first path; without paths, the one around
/// the working directory. A run over several projects has one config, so that findings do not
/// depend on how a hook distributes the paths among runs.
pub(crate) fn decisive_project(
    paths: &[PathBuf],
    working_directory: &Path,
    projects: &Projects,
) -> Arc<Project> {
    let Some(first) = paths.first() else {
        return projects.around(working_directory, working_directory);
    };
    let folder = match first.parent() {
        Some(parent) if !first.is_dir() => parent,
        _ => first,
    };
    projects.around(folder, folder)
}

/// The config of a run, with the rules that it names.
#[derive(Default)]
pub(crate) struct LoadedConfig {
    pub config: Config,
    pub own_rules: Vec<Arc<Rule>>,
}

/// The config of the project, or the `named` one, with its rules.
pub(crate) fn load_config(
    project: &Project,
    named: Option<&Path>,
    working_directory: &Path,
) -> Result<LoadedConfig, OwnRulesError> {
    let shown = |path: &Path| relative(working_directory, path);
    let config = match named {
        Some(file) => Config::at(file, project, &Overlay::default(), shown),
        None => Config::of(project, &Overlay::default(), shown),
    };
    let config = config.map_err(|error| OwnRulesError::Config(Box::new(error)))?;
    let rules = config.own_rules(shown)?;
    Ok(LoadedConfig {
        config,
        own_rules: rules.into_iter().map(|loaded| loaded.rule).collect(),
    })
}

/// The rules of the project's config.
pub(crate) fn own_rules_of(
    project: &Project,
    working_directory: &Path,
) -> Result<Vec<Arc<Rule>>, OwnRulesError> {
    load_config(project, None, working_directory).map(|loaded| loaded.own_rules)
}

/// The rules in a file.
pub(crate) fn rules_in(path: &Path, working_directory: &Path) -> RuleFiles {
    let shown = |path: &Path| relative(working_directory, path);
    RuleFiles::load(&[path.to_path_buf()], None, &Overlay::default(), shown)
}
