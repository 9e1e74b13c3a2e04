//! Files with the texts that they should have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::repository::root;

/// What is generated. Paths are relative to the top of the repository.
#[derive(Default)]
pub struct Generated {
    files: BTreeMap<String, String>,
    /// Folders in which nothing else may be.
    folders: Vec<String>,
}

impl Generated {
    pub fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Claims a folder: other files in it are removed.
    pub fn folder(&mut self, path: &str) {
        self.folders.push(path.to_owned());
    }

    /// The generated files in a folder.
    pub fn in_folder(&self, folder: &str) -> impl Iterator<Item = &str> {
        let start = format!("{folder}/");
        let files = self.files.keys().map(String::as_str);
        files.filter(move |path| path.starts_with(&start))
    }

    /// The files that nothing generates any more.
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

/// What differs from the files that are checked in, one line each.
pub fn differences(generated: &Generated) -> Vec<String> {
    let changed = generated.files.iter().filter_map(|(path, text)| {
        match fs::read_to_string(root().join(path)) {
            Ok(committed) if committed.replace("\r\n", "\n") == *text => None,
            Ok(_) => Some(format!("{path} is out of date")),
            Err(error) => Some(format!("{path}: {error}")),
        }
    });
    let leftovers = generated.leftovers().into_iter();
    let leftovers = leftovers.map(|path| format!("{path} is not generated any more"));
    changed.chain(leftovers).collect()
}

/// Writes what differs. Returns what was done, one line each.
pub fn write(generated: &Generated) -> Vec<String> {
    let done = differences(generated);
    for (path, text) in &generated.files {
        let path = root().join(path);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == *text) {
            continue;
        }
        let folder = path.parent().expect("files are below the repository");
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    for path in generated.leftovers() {
        fs::remove_file(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    done
}

/// A path below the repository, with `/`.
fn slashed(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}
