//! Reads files into memory that is reused.

use std::io;

use super::kept_file::KeptFile;
use super::lint_bytes::{lint_bytes, report_options};
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::lint::{Linted, Phase};
use crate::project::SourceFile;
use crate::xml::Tree;

/// Memory that is reused for the files of a folder.
#[derive(Default)]
pub(super) struct Buffers {
    pub bytes: Vec<u8>,
    pub tree: Tree,
}

impl Buffers {
    /// The file that was checked last.
    pub(super) fn keep(&self) -> Option<KeptFile> {
        KeptFile::new(&self.bytes, &self.tree)
    }

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
