//! Detects files that were only moved or renamed.
//!
//! A file with the text of a deleted file is not a change if both have the same type, are in the same
//! package directory of the same project, and are either both deployed or both not. Outside package
//! directories, links can bring a file into scope that was not checked at its former path, so there it is a
//! change if the run could follow links. If the component has another name, its entries are kept and marked,
//! because conditions in this or other files can depend on the name.
//!
//! git's own rename detection is not used, because it accepts files of which only half is the same.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::repository::{Entry, FileState, Repository};
use crate::project::{MetadataType, PieceKind, Projects, SourceFile};
use crate::xml::MAX_FILE_BYTES;

/// Where the entries of a comparison come from.
pub(crate) struct RenameContext<'a> {
    pub repository: &'a Repository,
    pub projects: &'a Projects,
    /// Whether the run could follow a link.
    pub has_links: bool,
}

/// The former and the new path of a file that was moved or renamed.
pub(crate) type Move = [PathBuf; 2];

/// Removes the entries of metadata files whose text is unchanged, at the same path or another, and
/// marks those with another name. The second result has those at another path.
pub(crate) fn drop_unchanged(
    entries: Vec<Entry>,
    context: &RenameContext<'_>,
) -> (Vec<Entry>, Vec<Move>) {
    let mut entries = drop_untouched(entries, context.repository);
    let deleted: Vec<(SourceFile, usize)> = source_files(&entries, context, |entry| {
        entry.state == FileState::Deleted && entry.former.is_some()
    });
    let added = source_files(&entries, context, |entry| {
        entry.former.is_none() && entry.state.is_file()
    });
    let mut moves = Vec::new();
    if deleted.is_empty() || added.is_empty() {
        return (entries, moves);
    }
    // If no file of a type was added, the texts of that type need not be read.
    let types: HashSet<MetadataType> = added.iter().map(|(file, _)| type_of(file)).collect();
    let deleted = deleted
        .iter()
        .filter(|(file, _)| types.contains(&type_of(file)));
    let deleted: Vec<Candidate<'_>> = deleted
        .filter_map(|(file, at)| {
            let text = context
                .repository
                .text(entries[*at].former.as_deref()?)
                .ok()?;
            Some(Candidate::new(file, *at, &text))
        })
        .collect();
    let added = added
        .iter()
        .filter(|(file, _)| file.is_packaged() || !context.has_links);
    let added: Vec<Candidate<'_>> = added
        .filter_map(|(file, at)| {
            let text = current_text(&entries[*at], context.repository)?;
            Some(Candidate::new(file, *at, &text))
        })
        .collect();
    let mut moved = HashSet::new();
    // Each deleted file matches one added file; a second file with the same text is a copy. Files
    // with an unchanged name are matched first.
    for keeps_name in [true, false] {
        let mut unmatched: HashMap<_, VecDeque<usize>> = HashMap::new();
        for former in deleted.iter().filter(|it| !moved.contains(&it.at)) {
            unmatched
                .entry(former.identity(keeps_name))
                .or_default()
                .push_back(former.at);
        }
        for new in &added {
            let candidates = unmatched
                .get_mut(&new.identity(keeps_name))
                .filter(|_| !moved.contains(&new.at));
            let Some(from) = candidates.and_then(VecDeque::pop_front) else {
                continue;
            };
            moves.push([entries[from].path.clone(), entries[new.at].path.clone()]);
            if keeps_name {
                moved.extend([new.at, from]);
            } else {
                entries[new.at].is_renamed = true;
                entries[from].is_renamed = true;
            }
        }
    }
    let kept = entries.into_iter().enumerate();
    let kept = kept.filter(|(at, _)| !moved.contains(at));
    (kept.map(|(_, entry)| entry).collect(), moves)
}

/// Removes unchanged files of the working tree. git reports them if it did not compare their texts.
fn drop_untouched(mut entries: Vec<Entry>, repository: &Repository) -> Vec<Entry> {
    entries.retain(|entry| {
        let (FileState::OnDisk(None), Some(former)) = (&entry.state, &entry.former) else {
            return true;
        };
        let is_metadata = crate::project::classify_at(&entry.path).is_some();
        let text = is_metadata.then(|| on_disk(&entry.path)).flatten();
        let is_unchanged = |text: Vec<u8>| {
            let former = repository.text(former);
            former.is_ok_and(|former| is_same_text(&former, &text))
        };
        !text.is_some_and(is_unchanged)
    });
    entries
}

/// The metadata files among the entries for which `filter` is true, each with its index.
fn source_files(
    entries: &[Entry],
    context: &RenameContext<'_>,
    filter: impl Fn(&Entry) -> bool,
) -> Vec<(SourceFile, usize)> {
    let entries = entries.iter().enumerate().filter(|(_, it)| filter(it));
    let files = entries.filter_map(|(at, entry)| {
        crate::project::classify_at(&entry.path)?;
        let folder = entry.path.parent()?;
        let project = context.projects.around(folder, folder);
        Some((SourceFile::new(entry.path.clone(), project)?, at))
    });
    files.collect()
}

fn type_of(file: &SourceFile) -> MetadataType {
    file.component.metadata_type
}

/// A file that can be the former or the new version of a moved file.
struct Candidate<'f> {
    content: Content<'f>,
    /// The name of the component.
    name: &'f str,
    /// The index of the entry.
    at: usize,
}

/// What a moved file keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Content<'f> {
    digest: [u8; 32],
    metadata_type: MetadataType,
    piece: Option<PieceKind>,
    project: &'f Path,
    package_directory: &'f Path,
    is_deployed: bool,
}

impl<'f> Candidate<'f> {
    fn new(file: &'f SourceFile, at: usize, text: &[u8]) -> Self {
        let content = Content {
            digest: digest(text),
            metadata_type: type_of(file),
            piece: file.piece(),
            project: &file.project.root,
            package_directory: file.package_directory(),
            is_deployed: file.is_deployed(),
        };
        Self {
            content,
            name: &file.component.name,
            at,
        }
    }

    /// What the former and the new version have in common.
    fn identity(&self, keeps_name: bool) -> (Content<'f>, Option<&'f str>) {
        (self.content, keeps_name.then_some(self.name))
    }
}

fn current_text(entry: &Entry, repository: &Repository) -> Option<Vec<u8>> {
    match &entry.state {
        FileState::Staged(blob) | FileState::OnDisk(Some(blob)) => repository.text(blob).ok(),
        FileState::OnDisk(None) => on_disk(&entry.path),
        FileState::Deleted | FileState::Unmerged | FileState::Link => None,
    }
}

/// The text of a regular file, if it is not too large for a metadata file.
pub(super) fn on_disk(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let is_checked = metadata.is_file() && metadata.len() <= MAX_FILE_BYTES as u64;
    is_checked.then(|| fs::read(path).ok()).flatten()
}

/// Whether two texts are the same except for line ends, which git can convert in the working tree.
pub(crate) fn is_same_text(one: &[u8], other: &[u8]) -> bool {
    one == other || without_returns(one) == without_returns(other)
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(without_returns(text)).into()
}

fn without_returns(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    for (at, &byte) in text.iter().enumerate() {
        if byte != b'\r' || text.get(at + 1) != Some(&b'\n') {
            plain.push(byte);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::git::renames::is_same_text;

    #[test]
    fn line_ends_are_ignored() {
        assert!(is_same_text(b"a\r\nb\r\n", b"a\nb\n"));
        assert!(is_same_text(b"", b""));
        assert!(!is_same_text(b"a\rb", b"ab"));
        assert!(!is_same_text(b"a\n", b"a"));
        assert!(!is_same_text(b"a\r", b"a"));
    }
}
