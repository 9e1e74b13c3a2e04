//! Checks the files that a walk finds.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::decomposed::lint_decomposed;
use super::lint_bytes::{lint_bytes, report_options};
use super::partial_report::PartialReport;
use super::workspace::{Monitor, Workspace};
use crate::engine::ComponentIndex;
use crate::lint::{Linted, Phase};
use crate::project::{ComponentFiles, SourceFile};
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
    let rules = &workspace.rules;
    let (checked, read) = (rules.checked_types(), rules.read_types());
    for file in files {
        let mut may_be_part = rules.may_be_part_of(checked, &file);
        if may_be_part && rules.is_separable(file.whole_type()) {
            may_be_part = false;
            if file.piece().is_some() {
                check_piece(workspace, &mut buffers, &file, is_named, &mut local);
            }
        }
        if may_be_part {
            local.decomposable.push(file.clone());
        }
        let is_alone = file.is_component() && (!may_be_part || file.piece().is_some());
        if is_alone && checked.contains(file.component.metadata_type) {
            check_alone(workspace, &mut buffers, &file, is_named, &mut local);
        }
        let is_read = read.contains(file.component.metadata_type);
        if is_read || rules.may_be_part_of(read, &file) {
            local.indexable.push(file);
        }
    }
    let mut all = partial.lock().unwrap_or_else(PoisonError::into_inner);
    all.absorb(local);
}

/// Checks a component that is one file.
pub(super) fn check_alone(
    workspace: &Workspace,
    buffers: &mut Buffers,
    file: &SourceFile,
    is_named: bool,
    local: &mut PartialReport,
) {
    match buffers.lint(workspace, file, None) {
        Ok(linted) => {
            if !file.is_forceignored() && workspace.is_changed(file) {
                local.count(file);
            }
            match linted {
                Linted::Done(report) => local.absorb_file(*report),
                Linted::NeedsIndex => local.deferred.push(file.clone().into()),
            }
        }
        Err(error) => local.unreadable(file, &error, is_named),
    }
}

/// Checks a piece of which no rule needs another file.
fn check_piece(
    workspace: &Workspace,
    buffers: &mut Buffers,
    file: &SourceFile,
    is_named: bool,
    local: &mut PartialReport,
) {
    if let Err(error) = workspace.sources.read_into(&file.path, &mut buffers.bytes) {
        local.unreadable(file, &error, is_named);
        return;
    }
    let checked = workspace.rules.checked_types();
    let is_counted = checked.contains(file.component.metadata_type);
    if !file.is_forceignored() && workspace.is_changed(file) && !is_counted {
        local.count(file);
    }
    let component = ComponentFiles::separate(file.clone());
    let edited = Some((file, buffers.bytes.as_slice()));
    let options = report_options(workspace);
    let linted = lint_decomposed(
        workspace,
        &component,
        edited,
        None,
        options,
        &mut local.errors,
    );
    match linted {
        Linted::Done(report) => local.absorb_file(*report),
        Linted::NeedsIndex => local.deferred.push(component),
    }
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
        let Self { bytes, tree } = self;
        let timer = workspace.options.timer;
        timer.time(Phase::Read, || {
            workspace.sources.read_into(&file.path, bytes)
        })?;
        let options = report_options(workspace);
        Ok(lint_bytes(workspace, file, bytes, tree, index, options))
    }
}
