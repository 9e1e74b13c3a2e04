//! The config that holds, and the rules that users bring: its own, and one that is named by its
//! file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, OwnRulesError, RuleFiles};
use crate::output::relative;
use crate::project::{Overlay, Project, Projects};
use crate::rule::Rule;

/// The project whose config holds for a run: that of the first path, or without any that around
/// the working directory. A run that covers several projects has one config, so that no finding
/// depends on how the paths are shared out among runs of the same project.
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

/// The config that holds for a run, and its rules.
pub(crate) struct Configured {
    pub config: Config,
    pub own: Vec<Arc<Rule>>,
}

/// The config of the project, or the `named` one, with its rules.
pub(crate) fn configured(
    project: &Project,
    named: Option<&Path>,
    working_directory: &Path,
) -> Result<Configured, OwnRulesError> {
    let shown = |path: &Path| relative(working_directory, path);
    let config = match named {
        Some(file) => Config::at(file, project, &Overlay::default(), shown),
        None => Config::of(project, &Overlay::default(), shown),
    };
    let config = config.map_err(|error| OwnRulesError::Config(Box::new(error)))?;
    let rules = config.own_rules(shown)?;
    Ok(Configured {
        config,
        own: rules.into_iter().map(|loaded| loaded.rule).collect(),
    })
}

/// The rules of the project's config.
pub(crate) fn own_rules(
    project: &Project,
    working_directory: &Path,
) -> Result<Vec<Arc<Rule>>, OwnRulesError> {
    configured(project, None, working_directory).map(|configured| configured.own)
}

/// The rules in a file.
pub(crate) fn rules_in(path: &Path, working_directory: &Path) -> RuleFiles {
    let shown = |path: &Path| relative(working_directory, path);
    RuleFiles::load(&[path.to_path_buf()], None, &Overlay::default(), shown)
}
