//! The floor: as little as a program can do that looks for these files and reads them.
//!
//! In: a folder, and the suffixes of files. Out: how many files and bytes were read. It walks on all
//! cores, looks at the end of each name, opens and reads what has one of the suffixes, and does
//! nothing else: no ignore files, no projects, no text.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::Scope;

struct Floor {
    /// What stands between the last dot and `-meta.xml`; settings are told by their whole name.
    suffixes: HashSet<Vec<u8>>,
    files: AtomicU64,
    bytes: AtomicU64,
}

/// `FOLDER SUFFIX…`.
pub fn run(arguments: &[String]) {
    let floor = Floor {
        suffixes: arguments[1..]
            .iter()
            .map(|it| it.clone().into_bytes())
            .collect(),
        files: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    };
    let folder = PathBuf::from(&arguments[0]);
    if folder.is_file() {
        floor.read(&folder, &mut Vec::new());
    } else {
        rayon::scope(|scope| floor.visit(scope, folder));
    }
    println!("{} {}", floor.files.into_inner(), floor.bytes.into_inner());
}

impl Floor {
    fn visit<'s>(&'s self, scope: &Scope<'s>, folder: PathBuf) {
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let entry = entry.expect("the folder can be read");
            if entry.file_type().expect("the system tells").is_dir() {
                let folder = entry.path();
                scope.spawn(move |scope| self.visit(scope, folder));
            } else if self.is_wanted(&entry.file_name()) {
                found.push(entry.path());
            }
        }
        // One folder may hold most of what there is.
        while found.len() > 32 {
            let group = found.split_off(found.len() - 32);
            scope.spawn(move |_| self.read_all(&group));
        }
        self.read_all(&found);
    }

    fn is_wanted(&self, name: &OsStr) -> bool {
        let name = name.as_encoded_bytes();
        let Some(name) = name.strip_suffix(b"-meta.xml") else {
            return false;
        };
        let suffix = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        self.suffixes.contains(suffix) || self.suffixes.contains(name)
    }

    fn read_all(&self, paths: &[PathBuf]) {
        let mut buffer = Vec::new();
        for path in paths {
            self.read(path, &mut buffer);
        }
    }

    fn read(&self, path: &Path, buffer: &mut Vec<u8>) {
        buffer.clear();
        buffer.reserve(16 * 1024);
        let mut file = File::open(path).expect("the file can be opened");
        file.read_to_end(buffer).expect("the file can be read");
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
    }
}
