//! What the threads of a run hand to each other.
//!
//! In: what came of single files. Out: everything together, the files that still wait, and which
//! files can say something about which.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use super::linter::FileOutcome;
use crate::finding::Posture;
use crate::finding::{Finding, NotChecked, RunError};
use crate::project::{MetadataType, Project, SourceFile};
use crate::xml::Tree;

/// What a run gathers from all threads.
#[derive(Default)]
pub(crate) struct Gathered {
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
    pub errors: Vec<RunError>,
    pub notes: Vec<String>,
    pub waiting: Vec<Waiting>,
    pub readable: Vec<SourceFile>,
    pub components: HashMap<MetadataType, u64>,
    pub files_checked: u64,
    pub posture: Posture,
}

/// A file that is judged once the facts are there.
pub(crate) struct Waiting {
    pub file: SourceFile,
    /// Its text and tree, as long as there is room to keep them.
    pub kept: Option<Scratch>,
}

/// Memory that is used again for every file.
#[derive(Default)]
pub(crate) struct Scratch {
    pub bytes: Vec<u8>,
    pub tree: Tree,
}

/// The files that conditions about one another can ask: those in the package directories of a
/// project, which are deployed together, or those of the project that are in none of them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sphere {
    /// That of the project.
    pub root: PathBuf,
    pub is_packaged: bool,
}

impl Sphere {
    pub(crate) fn of(file: &SourceFile) -> Self {
        Self {
            root: file.project.root.clone(),
            is_packaged: file.is_packaged(),
        }
    }

    /// Where its files lie.
    pub(crate) fn folders(&self, project: &Project) -> Vec<PathBuf> {
        if self.is_packaged {
            project.package_directories().to_vec()
        } else {
            vec![self.root.clone()]
        }
    }
}

/// The files of a sphere.
pub(crate) struct Seen {
    pub files: Vec<SourceFile>,
    pub folder_unreadable: bool,
}

impl Gathered {
    pub(crate) fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.not_checked.extend(other.not_checked);
        self.errors.extend(other.errors);
        self.notes.extend(other.notes);
        self.waiting.extend(other.waiting);
        self.readable.extend(other.readable);
        self.files_checked += other.files_checked;
        self.posture.absorb(other.posture);
        for (metadata_type, count) in other.components {
            *self.components.entry(metadata_type).or_default() += count;
        }
    }

    /// Counts a file that was checked.
    pub(crate) fn count(&mut self, file: &SourceFile) {
        self.files_checked += 1;
        let metadata_type = file.component.metadata_type;
        *self.components.entry(metadata_type).or_default() += 1;
    }

    /// A file that vanished since the walk met it is a note; one that was named, or that is there
    /// and cannot be read, is an error.
    pub(crate) fn unreadable(&mut self, file: &SourceFile, error: &io::Error, named: bool) {
        let path = file.report_path();
        if error.kind() == io::ErrorKind::NotFound && !named {
            self.notes
                .push(format!("{path} vanished while forcelint ran"));
        } else {
            self.errors.push(RunError {
                path,
                message: format!("cannot be read: {error}"),
            });
        }
    }
}

impl From<FileOutcome> for Gathered {
    fn from(outcome: FileOutcome) -> Self {
        Self {
            findings: outcome.findings,
            not_checked: outcome.not_checked,
            posture: outcome.posture,
            notes: outcome.notes,
            ..Self::default()
        }
    }
}
