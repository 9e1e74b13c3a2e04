//! The raw floor: the minimum that the system needs to read the same files with system calls.
//!
//! Directory entries come from `getdents64`, and each file is opened relative to its folder, so
//! that the system does not resolve a whole path. Only on Linux.

use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::Scope;
use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, openat};
use rustix::io::read;

use super::filter::FileFilter;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC);
/// Number of files that one task reads.
const GROUP: usize = 32;

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
    let folder = CString::new(arguments[0].as_str()).expect("an argument has no NUL");
    rayon::scope(|scope| floor.visit(scope, CWD, &folder));
    println!("{} {}", floor.files.into_inner(), floor.bytes.into_inner());
}

impl Floor {
    fn visit<'s>(&'s self, scope: &Scope<'s>, parent: impl AsFd, name: &CStr) {
        let folder = openat(parent, name, FOLDER, Mode::empty());
        let folder = Arc::new(folder.expect("the folder can be opened"));
        let mut found = Vec::new();
        let mut entries = [MaybeUninit::uninit(); 32 * 1024];
        let mut entries = RawDir::new(&*folder, &mut entries);
        while let Some(entry) = entries.next() {
            let entry = entry.expect("the folder can be read");
            let name = entry.file_name();
            if entry.file_type() == FileType::Directory {
                if name != c"." && name != c".." {
                    let (folder, name) = (Arc::clone(&folder), name.to_owned());
                    scope.spawn(move |scope| self.visit(scope, &*folder, &name));
                }
            } else if self.filter.contains(name.to_bytes()) {
                found.push(name.to_owned());
            }
        }
        // One folder may contain most of the files.
        while found.len() > GROUP {
            let group = found.split_off(found.len() - GROUP);
            let folder = Arc::clone(&folder);
            scope.spawn(move |_| self.read_all(&folder, &group));
        }
        self.read_all(&folder, &found);
    }

    fn read_all(&self, folder: &OwnedFd, names: &[CString]) {
        let mut buffer = [MaybeUninit::<u8>::uninit(); 64 * 1024];
        for name in names {
            let file = openat(folder, name, FILE, Mode::empty()).expect("the file can be opened");
            let mut bytes = 0;
            loop {
                let (text, _) = read(&file, &mut buffer[..]).expect("the file can be read");
                if text.is_empty() {
                    break;
                }
                bytes += text.len() as u64;
            }
            self.files.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}
