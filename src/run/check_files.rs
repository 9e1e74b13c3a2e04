//! Checks the files that a walk finds.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::check_file::lint_bytes;
use super::partial_report::PartialReport;
use super::workspace::{Monitor, Workspace};
use crate::engine::ComponentIndex;
use crate::lint::Linted;
use crate::project::SourceFile;
use crate::xml::Tree;

/// Checks files on the current thread. Those that need an index are deferred.
pub(super) fn check_files(
    workspace: &Workspace,
    monitor: &Monitor,
    files: Vec<SourceFile>,
    is_named: bool,
    partial: &Mutex<PartialReport>,
) {
    if monitor.stop.load(Ordering::Relaxed) {
        return;
    }
    let mut local = PartialReport::default();
    let mut buffers = Buffers::default();
    for file in files {
        let metadata_type = file.component.metadata_type;
        if workspace.rules.checked_types().contains(metadata_type) {
            match buffers.lint(workspace, &file, None) {
                Ok(linted) => {
                    if !file.is_forceignored() && workspace.is_changed(&file) {
                        local.count(&file);
                    }
                    match linted {
                        Linted::Done(report) => local.absorb_file(*report),
                        Linted::NeedsIndex => local.deferred.push(file.clone()),
                    }
                }
                Err(error) => local.unreadable(&file, &error, is_named),
            }
        }
        // A file that is not deployed is in no index, even if it was named.
        if workspace.rules.read_types().contains(metadata_type) && file.is_deployed() {
            local.indexable.push(file);
        }
    }
    let mut all = partial.lock().unwrap_or_else(PoisonError::into_inner);
    all.absorb(local);
}

/// Memory that is reused for the files of a folder.
#[derive(Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    tree: Tree,
}

impl Buffers {
    pub(super) fn lint(
        &mut self,
        workspace: &Workspace,
        file: &SourceFile,
        index: Option<&ComponentIndex>,
    ) -> io::Result<Linted> {
        workspace.sources.read_into(&file.path, &mut self.bytes)?;
        let Self { bytes, tree } = self;
        Ok(lint_bytes(workspace, file, bytes, tree, index))
    }
}
