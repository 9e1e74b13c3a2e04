//! `--since` and `--staged`: the changes that a run is about.
//!
//! In: the arguments and the targets. Out: the [`Changes`], and the texts that fixes start from.

use std::fs;
use std::sync::Arc;

use super::arguments::CheckArgs;
use crate::finding::Finding;
use crate::git::{Changes, Comparison};
use crate::project::{SourceFile, Targets};
use crate::run::{SourceReader, Workspace};

/// Asks git what changed, if the arguments say so. Targets that only git knows are settled.
pub(crate) fn use_changes(
    arguments: &CheckArgs,
    workspace: &mut Workspace,
    targets: &mut Targets,
) -> miette::Result<()> {
    let comparison = match &arguments.since {
        Some(name) => Comparison::Since(name.clone()),
        None if arguments.staged => Comparison::Staged,
        None => return Ok(()),
    };
    let changes = Changes::find(&comparison, targets, &workspace.projects)?;
    changes.settle(targets);
    workspace.sources.changes = Some(Arc::new(changes));
    Ok(())
}

/// The text of a file's findings to fix. Where staged files count that is still the one in the
/// working tree, if it is the staged one.
///
/// # Errors
/// When it cannot be read, or something of it is not staged, as a sentence without its subject.
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
            "is partly staged, so it was not fixed: stage the rest of it or put that aside \
             (`git stash push --keep-index`), and run again"
                .to_owned(),
        );
    }
    Ok(text)
}

/// What to say about fixes of files that are staged: they are in the working tree alone.
pub(crate) fn note_unstaged(arguments: &CheckArgs, fixed: &[Finding]) -> Option<String> {
    if !arguments.staged || fixed.is_empty() {
        return None;
    }
    let mut paths: Vec<&str> = fixed.iter().map(|it| it.location.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let more = paths.len().saturating_sub(SHOWN);
    paths.truncate(SHOWN);
    let mut files = paths.join(", ");
    if more > 0 {
        files.push_str(&format!(" and {more} more"));
    }
    Some(format!(
        "the fixes are in the working tree and not staged, and what is reported is what is staged: \
         look at them and `git add` {files}"
    ))
}

/// Files that are named one by one.
const SHOWN: usize = 10;
