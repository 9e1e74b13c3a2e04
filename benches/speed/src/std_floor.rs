//! The std floor: the minimum that a program does to walk a folder and read files with the standard
//! library.
//!
//! It walks on all cores, compares the end of each name, and opens and reads each file by its path.
//! It has no ignore files, no projects, and does not decode text.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::Scope;

use super::filter::FileFilter;

struct Floor {
    filter: FileFilter,
    files: AtomicU64,
    bytes: AtomicU64,
}

/// Arguments: `FOLDER SUFFIX…`. Prints the number of files and bytes.
pub fn run(arguments: &[String]) {
    let floor = Floor {
        filter: FileFilter::new(&arguments[1..]),
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
            if entry.file_type().expect("the file type is known").is_dir() {
                let folder = entry.path();
                scope.spawn(move |scope| self.visit(scope, folder));
            } else if self.filter.contains(entry.file_name().as_encoded_bytes()) {
                found.push(entry.path());
            }
        }
        // One folder may contain most of the files.
        while found.len() > 32 {
            let group = found.split_off(found.len() - 32);
            scope.spawn(move |_| self.read_all(&group));
        }
        self.read_all(&found);
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
