//! Checks the projects that a run checks as a whole, against rules about what a project contains.

use super::deployment_scope::DeploymentScope;
use super::indexes::changed_files;
use super::partial_report::PartialReport;
use super::workspace::Workspace;
use crate::git::Changes;
use crate::project::{MetadataType, SourceFile, Targets, project_files};

/// Adds the projects of which all files are checked to the deferred files. With `--since`, only those that a change
/// can affect. Staged files are never a whole project.
pub(super) fn add_projects(workspace: &Workspace, targets: &Targets, partial: &mut PartialReport) {
    let project = MetadataType::project();
    if !workspace.rules.checked_types().contains(project) {
        return;
    }
    let is_staged = |changes: &Changes| changes.staged_listing().is_some();
    if workspace.changes().is_some_and(is_staged) {
        return;
    }
    let mut files = project_files(&workspace.projects, &targets.folders);
    if let Some(changes) = workspace.changes() {
        let read = workspace.rules.types_read_about(project);
        let mut changed = changed_files(workspace, changes);
        changed.retain(|file| read.contains(file.whole_type()));
        let is_affected = |file: &SourceFile| {
            let scope = DeploymentScope::of(file);
            workspace.is_changed(file) || changed.iter().any(|it| DeploymentScope::of(it) == scope)
        };
        files.retain(is_affected);
    }
    for file in files {
        if workspace.is_changed(&file) {
            partial.count(&file);
        }
        partial.defer(file.into(), None);
    }
}
