//! Checks the bytes of a file of the workspace.

use super::kept_file::KeptFile;
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{Detail, MAX_LISTED};
use crate::lint::{FileOptions, Linted, lint_file, lint_parsed};
use crate::project::SourceFile;
use crate::xml::Tree;

/// Checks the bytes of a file. Of the options, those about changes are set for it.
pub(super) fn lint_bytes(
    workspace: &Workspace,
    file: &SourceFile,
    bytes: &[u8],
    tree: &mut Tree,
    index: Option<&ComponentIndex>,
    options: FileOptions,
) -> Linted {
    lint_file(
        &workspace.rules,
        file,
        bytes,
        tree,
        index,
        options_for(workspace, file, options),
        &|path| workspace.sources.read(path),
    )
}

/// Checks a file that was parsed before, for a report.
pub(super) fn lint_kept(
    workspace: &Workspace,
    file: &SourceFile,
    kept: &KeptFile,
    index: &ComponentIndex,
) -> Linted {
    lint_parsed(
        &workspace.rules,
        file,
        kept.document(),
        Some(index),
        options_for(workspace, file, report_options(workspace)),
        &|path| workspace.sources.read(path),
    )
}

/// Sets the options about changes for a file.
fn options_for(workspace: &Workspace, file: &SourceFile, options: FileOptions) -> FileOptions {
    let changes = workspace.changes();
    FileOptions {
        only_by_changed: !workspace.is_changed(file),
        is_renamed: changes.is_some_and(|changes| changes.is_renamed(&file.path)),
        ..options
    }
}

/// The options for a report about a changed file.
pub(super) fn report_options(workspace: &Workspace) -> FileOptions {
    FileOptions {
        detail: workspace.options.detail,
        today: workspace.options.today,
        only_by_changed: false,
        is_renamed: false,
        root_is_partial: false,
        comments_apply: !workspace.projects.is_audit,
        allows_partial: false,
        limit: MAX_LISTED,
        timer: workspace.options.timer,
    }
}

/// The options for fixing a changed file: without the limit for reports.
pub(super) fn fix_options(workspace: &Workspace) -> FileOptions {
    FileOptions {
        detail: Detail::default(),
        limit: usize::MAX,
        ..report_options(workspace)
    }
}
