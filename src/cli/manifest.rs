//! `forcelint manifest`.

use std::path::Path;

use miette::{Diagnostic, IntoDiagnostic};
use thiserror::Error;

use super::arguments::ManifestArgs;
use super::load_config::{LoadedConfig, decisive_project, load_config};
use super::output_file::write_file;
use super::terminal::print;
use crate::config::{CliOverrides, ExitStatus, Settings};
use crate::project::{Projects, absolute, slashed};
use crate::rule::RuleSet;
use crate::rule_docs::package_manifest;
use crate::schema::{ApiVersion, NEWEST};
use crate::text::sanitize;

/// Why there is no manifest.
#[derive(Debug, Error, Diagnostic)]
enum ManifestError {
    #[error("`{}` is not an API version", sanitize(.0))]
    #[diagnostic(code("usage"), help("write it like `{NEWEST}`"))]
    Version(String),
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: std::io::Error },
}

pub(crate) fn manifest(arguments: &ManifestArgs) -> miette::Result<ExitStatus> {
    let working_directory = absolute(Path::new(".")).into_diagnostic()?;
    let projects = Projects::default();
    let project = decisive_project(&[], &working_directory, &projects);
    let named = arguments.config.as_deref().map(absolute).transpose();
    let named = named.into_diagnostic()?;
    let LoadedConfig { config, own_rules } =
        load_config(&project, named.as_deref(), &working_directory)?;
    let overrides = CliOverrides {
        select: arguments.select.clone(),
        ..CliOverrides::default()
    };
    let settings = Settings::new(&overrides, &config);
    let rules = RuleSet::select_with(&settings.selection(&config), &own_rules).into_diagnostic()?;
    let version = match &arguments.api_version {
        Some(text) => {
            ApiVersion::parse(text).ok_or_else(|| ManifestError::Version(text.clone()))?
        }
        None => project.source_api_version().unwrap_or(NEWEST),
    };
    let text = package_manifest(rules.checked_types().union(rules.read_types()), version);
    match &arguments.output {
        None => print(text.as_bytes())?,
        Some(file) => {
            let written = create_folder_of(file).and_then(|()| write_file(file, text.as_bytes()));
            written.map_err(|error| ManifestError::Output {
                file: slashed(file),
                error,
            })?;
        }
    }
    Ok(ExitStatus::Clean)
}

/// A new project of the Salesforce CLI has no `manifest` folder.
fn create_folder_of(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder),
        _ => Ok(()),
    }
}
