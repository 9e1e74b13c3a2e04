//! `--since` and `--staged`: the changed files, and the texts that fixes start from.

use std::fs;
use std::sync::Arc;

use miette::Diagnostic;
use thiserror::Error;

use super::arguments::CheckArgs;
use super::former_config::ConfigSources;
use crate::finding::Finding;
use crate::git::{Changes, ChangesError, Comparison};
use crate::project::{SourceFile, Targets};
use crate::run::{SourceReader, Workspace, extend_changes};
use crate::text::sanitize;

/// `--since` or `--staged` with a zip.
#[derive(Debug, Error, Diagnostic)]
#[error("--since and --staged compare files in git, and `{}` is a zip", sanitize(.0))]
#[diagnostic(
    code("usage"),
    help("check the zip without them; `--baseline` reports only new findings")
)]
struct ZipHasNoHistory(String);

/// Asks git what changed, for `--since` and `--staged`. Decides which named paths that do not exist are
/// deleted files.
pub(crate) fn use_changes(
    arguments: &CheckArgs,
    workspace: &mut Workspace,
    targets: &mut Targets,
    config: &ConfigSources,
) -> miette::Result<()> {
    let comparison = match &arguments.since {
        Some(name) => Comparison::Since(name.clone()),
        None if arguments.staged => Comparison::Staged,
        None => return Ok(()),
    };
    if let Some(zip) = targets
        .folders
        .iter()
        .find(|it| workspace.projects.packed().around(it).is_some())
    {
        let name = zip.file_name().unwrap_or_default().to_string_lossy();
        return Err(ZipHasNoHistory(name.into_owned()).into());
    }
    let mut changes = Changes::find(&comparison, targets, &workspace.projects, &config.files())?;
    changes.reconcile_targets(targets);
    let former = config.former(&changes, &workspace.projects);
    extend_changes(workspace, targets, &mut changes, &former).map_err(ChangesError::Index)?;
    workspace.sources.changes = Some(Arc::new(changes));
    Ok(())
}

/// The text to fix. With `--staged` it is the file in the working tree, if all of its changes are staged.
///
/// # Errors
/// The file cannot be read, or is partly staged. The text continues a sentence that begins with the
/// file's name.
pub(crate) fn text_to_fix(sources: &SourceReader, file: &SourceFile) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("cannot be read: {error}");
    let changes = sources.changes.as_deref();
    let Some(changes) = changes.filter(|it| it.staged_text(&file.path).is_some()) else {
        return sources.read(&file.path).map_err(unreadable);
    };
    let text = fs::read(&file.path).map_err(unreadable)?;
    let is_partly_staged = changes.is_partly_staged(&file.path, &text);
    if is_partly_staged.map_err(unreadable)? {
        return Err(
            "is partly staged and was not fixed: stage the rest of it, or stash it with \
             `git stash push --keep-index`, and run again"
                .to_owned(),
        );
    }
    Ok(text)
}

/// The note that fixes are in the working tree and not staged.
pub(crate) fn note_unstaged(arguments: &CheckArgs, fixed: &[Finding]) -> Option<String> {
    if !arguments.staged || fixed.is_empty() {
        return None;
    }
    let mut paths: Vec<&str> = fixed.iter().map(|it| &*it.location.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let more = paths.len().saturating_sub(SHOWN);
    paths.truncate(SHOWN);
    let mut files = paths.join(", ");
    if more > 0 {
        files.push_str(&format!(" and {more} more"));
    }
    Some(format!(
        "the fixes are in the working tree and not staged; this report is about the staged files: review \
         the changes and run `git add {files}`"
    ))
}

/// How many files are named.
const SHOWN: usize = 10;
