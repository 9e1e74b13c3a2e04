//! What is checked: zips and files, read through the caller.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rawzip::ReaderAt;

use crate::project::{
    CONTROL_FILES, PackedFiles, PackedFolder, classify_at, folder_of, list_zip, problem_of_path,
};
use crate::text::sanitize;

/// Bytes that can be read at any position, such as those of a large zip.
pub trait Bytes: Debug + Send + Sync {
    fn size(&self) -> u64;

    /// Fills the start of the buffer with the bytes at `offset`. Returns how many there were.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// Files by number.
pub trait Files: Debug + Send + Sync {
    /// The bytes of a file, and not many more than `limit`.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>>;
}

/// A zip, or files with their paths.
#[derive(Debug)]
pub enum Input {
    Zip {
        name: String,
        bytes: Arc<dyn Bytes>,
    },
    Files {
        /// The name of the folder that the paths are relative to.
        name: String,
        /// With `/`.
        paths: Vec<String>,
        files: Arc<dyn Files>,
    },
}

impl Input {
    pub(super) fn is_zip(&self) -> bool {
        matches!(self, Self::Zip { .. })
    }

    /// The bytes of a file in a folder, even if it is not metadata. `None` if there is no such file, and in a zip.
    pub(super) fn read(&self, path: &str, limit: u64) -> Option<io::Result<Vec<u8>>> {
        let Self::Files { paths, files, .. } = self else {
            return None;
        };
        let number = paths.iter().position(|it| it == path)?;
        Some(files.read(number, limit))
    }

    /// The folder that the run sees. `on_read` is called with the path of each file before it is read.
    ///
    /// # Errors
    /// If it is not a zip. The text begins with the name.
    pub(super) fn open(&self, on_read: &OnRead) -> Result<PackedFolder, String> {
        let mut folder = match self {
            Self::Zip { name, bytes } => {
                let root = root_of(name);
                let size = bytes.size();
                let reader = ZipReader(Arc::clone(bytes));
                list_zip(&root, reader, size)
                    .map_err(|reason| format!("{} {reason}", sanitize(name)))?
            }
            Self::Files { name, paths, files } => folder_with(
                root_of(name),
                paths,
                Box::new(FileReader(Arc::clone(files))),
            ),
        };
        let mut names = vec![String::new(); folder.files.len()];
        for (path, &number) in &folder.files {
            if number >= names.len() {
                names.resize(number + 1, String::new());
            }
            names[number].clone_from(path);
        }
        folder.reader = Box::new(Watched {
            files: folder.reader,
            names,
            on_read: OnRead(Arc::clone(&on_read.0)),
        });
        Ok(folder)
    }
}

/// The path of an input in the memory of a run.
fn root_of(name: &str) -> PathBuf {
    let name = name.rsplit(['/', '\\']).find(|it| !it.is_empty());
    let name = name.filter(|it| problem_of_path(it).is_none());
    Path::new("/").join(name.unwrap_or("files"))
}

fn folder_with(root: PathBuf, paths: &[String], reader: Box<dyn PackedFiles>) -> PackedFolder {
    let (mut files, mut folders, mut problems) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for (number, path) in paths.iter().enumerate() {
        if let Some(problem) = problem_of_path(path) {
            problems.push(format!("contains `{}`, which {problem}", sanitize(path)));
            continue;
        }
        folders.insert(folder_of(path).to_owned());
        if is_read(path) {
            files.insert(path.clone(), number);
        }
    }
    PackedFolder {
        root,
        files,
        folders,
        file_count: paths.len() as u64,
        has_ignore_files: true,
        problems,
        reader,
    }
}

fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CONTROL_FILES.contains(&name) || classify_at(Path::new(path)).is_some()
}

/// Called with the path of each file before it is read.
#[derive(Clone)]
pub(super) struct OnRead(pub(super) Arc<dyn Fn(&str) + Send + Sync>);

impl Debug for OnRead {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OnRead")
    }
}

/// Files whose reading is watched.
#[derive(Debug)]
struct Watched {
    files: Box<dyn PackedFiles>,
    /// The paths by number.
    names: Vec<String>,
    on_read: OnRead,
}

impl PackedFiles for Watched {
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>> {
        (self.on_read.0)(&self.names[number]);
        self.files.read(number, limit)
    }
}

#[derive(Debug)]
struct ZipReader(Arc<dyn Bytes>);

impl ReaderAt for ZipReader {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }
}

#[derive(Debug)]
struct FileReader(Arc<dyn Files>);

impl PackedFiles for FileReader {
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>> {
        self.0.read(number, limit)
    }
}
