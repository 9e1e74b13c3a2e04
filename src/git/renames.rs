//! Files that were only moved or renamed.
//!
//! In: the entries of a comparison. Out: those that change what is found. A file that has the text
//! of one that is gone is the same thing for a reviewer, as long as nothing that is judged depends
//! on where it lies: both are of one type, in one package directory of one project, and
//! `.forceignore` treats them alike. Anything else is a change. If its name is another, its entries
//! stay and are marked: the name may matter to some condition, there or in another file.
//!
//! Git's own search for renames is not asked: it takes a likeness of half the text for one.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::repository::{Entry, Now, Repository};
use crate::project::{MetadataType, Projects, SourceFile};
use crate::xml::MAX_FILE_BYTES;

/// What is asked about a comparison besides git.
pub(crate) struct Questions<'a> {
    pub repository: &'a Repository,
    pub projects: &'a Projects,
}

/// Drops the entries of metadata files whose text is the former one, here or at another path, and
/// marks those that have another name.
pub(crate) fn drop_unchanged(entries: Vec<Entry>, questions: &Questions<'_>) -> Vec<Entry> {
    let mut entries = drop_untouched(entries, questions.repository);
    let gone: Vec<(SourceFile, usize)> = sources(&entries, questions, |entry| {
        entry.now == Now::Gone && entry.former.is_some()
    });
    let came = sources(&entries, questions, |entry| {
        entry.former.is_none() && entry.now != Now::Gone
    });
    if gone.is_empty() || came.is_empty() {
        return entries;
    }
    let mut by_text: HashMap<[u8; 32], Vec<(SourceFile, usize)>> = HashMap::new();
    for (file, at) in gone {
        let blob = entries[at].former.as_deref();
        // A deletion of a type of which nothing came is none of this.
        let is_asked = |it: &(SourceFile, usize)| type_of(&it.0) == type_of(&file);
        let text = blob.filter(|_| came.iter().any(is_asked));
        if let Some(text) = text.and_then(|blob| questions.repository.text(blob).ok()) {
            by_text.entry(digest(&text)).or_default().push((file, at));
        }
    }
    let came: Vec<(SourceFile, usize, [u8; 32])> = came
        .into_iter()
        .filter_map(|(file, at)| {
            let text = current_text(&entries[at], questions.repository)?;
            Some((file, at, digest(&text)))
        })
        .collect();
    let mut moved = HashSet::new();
    // Each that is gone stands for one: a second file with its text is a copy. Those that kept
    // their names go first.
    for keeps_name in [true, false] {
        for (file, at, digest) in &came {
            let Some(candidates) = by_text.get_mut(digest).filter(|_| !moved.contains(at)) else {
                continue;
            };
            let name = &file.component.name;
            let same = candidates.iter().position(|(former, _)| {
                (former.component.name == *name) == keeps_name && is_same(former, file)
            });
            let Some(from) = same.map(|place| candidates.remove(place).1) else {
                continue;
            };
            if keeps_name {
                moved.extend([*at, from]);
            } else {
                entries[*at].is_renamed = true;
                entries[from].is_renamed = true;
            }
        }
    }
    let kept = entries.into_iter().enumerate();
    kept.filter(|(at, _)| !moved.contains(at))
        .map(|(_, entry)| entry)
        .collect()
}

/// Drops files of the working tree that git has not compared and that are as they were.
fn drop_untouched(mut entries: Vec<Entry>, repository: &Repository) -> Vec<Entry> {
    entries.retain(|entry| {
        let (Now::OnDisk(None), Some(former)) = (&entry.now, &entry.former) else {
            return true;
        };
        let is_metadata = crate::project::classify_at(&entry.path).is_some();
        let text = is_metadata.then(|| on_disk(&entry.path)).flatten();
        let is_alike = |text: Vec<u8>| {
            let former = repository.text(former);
            former.is_ok_and(|former| is_alike(&former, &text))
        };
        !text.is_some_and(is_alike)
    });
    entries
}

/// The metadata files among the entries, each with its place.
fn sources(
    entries: &[Entry],
    questions: &Questions<'_>,
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<(SourceFile, usize)> {
    let places = entries.iter().enumerate().filter(|(_, it)| wanted(it));
    let files = places.filter_map(|(at, entry)| {
        crate::project::classify_at(&entry.path)?;
        let folder = entry.path.parent()?;
        let project = questions.projects.around(folder, folder);
        Some((SourceFile::new(entry.path.clone(), project)?, at))
    });
    files.collect()
}

fn type_of(file: &SourceFile) -> MetadataType {
    file.component.metadata_type
}

fn is_same(one: &SourceFile, other: &SourceFile) -> bool {
    type_of(one) == type_of(other)
        && one.project.root == other.project.root
        && one.package_directory() == other.package_directory()
        && one.is_deployed() == other.is_deployed()
}

fn current_text(entry: &Entry, repository: &Repository) -> Option<Vec<u8>> {
    match &entry.now {
        Now::Staged(blob) | Now::OnDisk(Some(blob)) => repository.text(blob).ok(),
        Now::OnDisk(None) => on_disk(&entry.path),
        Now::Gone | Now::Unmerged => None,
    }
}

/// The text of a regular file that is not too large to be judged.
fn on_disk(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let is_read = metadata.is_file() && metadata.len() <= MAX_FILE_BYTES as u64;
    is_read.then(|| fs::read(path).ok()).flatten()
}

/// Whether two texts differ in line ends at most, which git may exchange on the way from the
/// object to the working tree.
pub(crate) fn is_alike(one: &[u8], other: &[u8]) -> bool {
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
    use crate::git::renames::is_alike;

    #[test]
    fn only_line_ends_may_differ() {
        assert!(is_alike(b"a\r\nb\r\n", b"a\nb\n"));
        assert!(is_alike(b"", b""));
        assert!(!is_alike(b"a\rb", b"ab"));
        assert!(!is_alike(b"a\n", b"a"));
        assert!(!is_alike(b"a\r", b"a"));
    }
}
