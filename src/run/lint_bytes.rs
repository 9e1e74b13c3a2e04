//! Checks the bytes of a file of the workspace.

use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{Detail, MAX_LISTED};
use crate::lint::{FileOptions, Linted, lint_file};
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
    let changes = workspace.changes();
    let options = FileOptions {
        only_by_changed: !workspace.is_changed(file),
        is_renamed: changes.is_some_and(|changes| changes.is_renamed(&file.path)),
        ..options
    };
    lint_file(
        &workspace.rules,
        file,
        bytes,
        tree,
        index,
        options,
        &|path| workspace.sources.read(path),
    )
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
