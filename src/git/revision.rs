//! The files of a revision, without checking it out. No filter of the repository runs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::command::{Git, find_git, split};
use super::error::ChangesError;
use super::objects::Objects;
use super::tree::{LINK, hexadecimal, parse_line};
use crate::project::{CONTROL_FILES, PackedFiles, PackedFolder, classify_at, folder_of};
use crate::text::sanitize;

/// The metadata files of a revision, at the paths that they have in the working tree at `root`.
///
/// # Errors
/// If git fails, or does not know the revision.
pub(crate) fn open_revision(root: &Path, revision: &str) -> Result<PackedFolder, ChangesError> {
    let git = Git::new(&find_git()?, root, None);
    let commit = format!("{revision}^{{commit}}");
    let arguments = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ];
    let found = git.output(arguments)?;
    let id = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    if !found.status.success() || id.is_empty() {
        return Err(ChangesError::UnknownRevision {
            name: revision.to_owned(),
            repository: git.display_root(),
        });
    }
    let listed = git.run(["ls-tree", "-r", "-z", "--full-tree", &id])?;
    let (mut files, mut ids, mut problems) = (BTreeMap::new(), Vec::new(), Vec::new());
    let (mut folders, mut file_count) = (BTreeSet::new(), 0);
    let entries = split(&listed).filter_map(parse_line);
    for ([mode, _, id], path) in entries.filter(|([_, kind, _], _)| *kind == b"blob") {
        file_count += 1;
        // Names that are not UTF-8 cannot be those of components.
        let Ok(path) = std::str::from_utf8(path) else {
            continue;
        };
        folders.insert(folder_of(path).to_owned());
        if !is_read(path) {
            continue;
        }
        if mode == LINK {
            let path = sanitize(path);
            problems.push(format!(
                "contains the link `{path}`, which is not followed in a revision"
            ));
            continue;
        }
        files.insert(path.to_owned(), ids.len());
        ids.push(hexadecimal(id));
    }
    let objects = Objects::start(&git).map_err(|error| git.failed(&error))?;
    Ok(PackedFolder {
        root: root.to_path_buf(),
        files,
        folders,
        file_count,
        problems,
        has_ignore_files: true,
        reader: Box::new(Blobs {
            objects: Mutex::new(objects),
            ids,
        }),
    })
}

fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CONTROL_FILES.contains(&name) || classify_at(Path::new(path)).is_some()
}

/// The blobs of the files.
#[derive(Debug)]
struct Blobs {
    objects: Mutex<Objects>,
    ids: Vec<String>,
}

impl PackedFiles for Blobs {
    fn read(&self, number: usize, _: u64) -> io::Result<Vec<u8>> {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.text(&self.ids[number])?
    }
}
