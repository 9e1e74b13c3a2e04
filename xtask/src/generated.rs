//! The generated files, and their differences from the checked-in ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::repository::root;

/// The generated files. Paths are relative to the root of the repository.
#[derive(Default)]
pub struct Generated {
    files: BTreeMap<String, String>,
    /// Folders that contain only generated files.
    folders: Vec<String>,
}

impl Generated {
    pub fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Declares that a folder contains only generated files. Others are removed.
    pub fn folder(&mut self, path: &str) {
        self.folders.push(path.to_owned());
    }

    /// The generated files in a folder.
    pub fn in_folder(&self, folder: &str) -> impl Iterator<Item = &str> {
        let start = format!("{folder}/");
        let files = self.files.keys().map(String::as_str);
        files.filter(move |path| path.starts_with(&start))
    }

    /// The files that are no longer generated.
    fn leftovers(&self) -> Vec<String> {
        let folders = self.folders.iter().map(|folder| root().join(folder));
        let entries = folders.flat_map(WalkDir::new).flatten();
        entries
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| slashed(entry.path()))
            .filter(|path| !self.files.contains_key(path))
            .collect()
    }
}

/// Describes the differences from the checked-in files, one line per file.
pub fn differences(generated: &Generated) -> Vec<String> {
    let changed = generated.files.iter().filter_map(|(path, text)| {
        match fs::read_to_string(root().join(path)) {
            Ok(checked_in) if checked_in.replace("\r\n", "\n") == *text => None,
            Ok(_) => Some(format!("{path} is out of date")),
            Err(error) => Some(format!("{path}: {error}")),
        }
    });
    let leftovers = generated.leftovers().into_iter();
    let leftovers = leftovers.map(|path| format!("{path} is no longer generated"));
    changed.chain(leftovers).collect()
}

/// Writes the files that differ, and removes those that are no longer generated. Returns the differences.
pub fn write(generated: &Generated) -> Vec<String> {
    let differences = differences(generated);
    for (path, text) in &generated.files {
        let path = root().join(path);
        if fs::read_to_string(&path).is_ok_and(|checked_in| checked_in == *text) {
            continue;
        }
        let folder = path.parent().expect("files are in the repository");
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    for path in generated.leftovers() {
        fs::remove_file(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    differences
}

/// A path relative to the repository, with `/`.
fn slashed(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}
