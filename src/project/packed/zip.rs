//! Opens zips as the Salesforce CLI retrieves them. Nothing in a zip is trusted.
//!
//! Only the list of entries is read here. An entry is decompressed when it is checked, up to the size that the list
//! states, so that the memory of a run is that of one entry per thread.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator,
};

use super::folder::{PackedFiles, PackedFolder, folder_of};
use crate::project::classify::classify;
use crate::project::constants::{MANIFEST, PROJECT_FILE};
use crate::text::sanitize;
use crate::xml::MAX_FILE_BYTES;

/// The most entries of a zip.
const MAX_ENTRIES: usize = 200_000;

/// The most bytes of all metadata files in a zip, decompressed.
const MAX_TOTAL_BYTES: u64 = 4 << 30;

/// The longest name of an entry, in bytes.
const MAX_NAME_BYTES: usize = 512;

/// The most folders around an entry. Source format needs about ten.
const MAX_FOLDERS: usize = 64;

/// The most problems that are listed one by one.
const MAX_PROBLEMS: usize = 100;

/// The smallest size of what is before the data of an entry: its header without the name.
const HEADER_BYTES: u64 = 30;

/// Whether a file is a zip by its name.
pub(crate) fn is_zip(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|it| it.eq_ignore_ascii_case("zip"))
}

/// Lists the entries of a zip.
///
/// # Errors
/// If it cannot be read or is not a zip. The text continues a sentence that begins with the path.
pub(crate) fn open_zip(path: &Path) -> Result<PackedFolder, String> {
    let unreadable = |error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    list_zip(path, FileReader::from(file), size)
}

/// As [`open_zip`], for the bytes of a zip that need not be on disk.
///
/// # Errors
/// If they are not a zip. The text continues a sentence that begins with the path.
pub(crate) fn list_zip<R: ReaderAt + Debug + Send + Sync + 'static>(
    path: &Path,
    reader: R,
    size: u64,
) -> Result<PackedFolder, String> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipLocator::new()
        .locate_in_reader(reader, &mut buffer, size)
        .map_err(|(_, error)| format!("is not a complete zip file: {error}"))?;
    let (entries, mut problems) = list(&archive, &mut buffer);
    let file_count = entries.len() as u64;
    let folders = entries
        .iter()
        .map(|it| folder_of(&it.name).to_owned())
        .collect();
    let rejected = clashing(&entries, archive.directory_offset(), &mut problems);
    let mut total = 0;
    let mut files = BTreeMap::new();
    let mut places = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        if rejected.contains(&at) || !is_read(&entry.name) {
            continue;
        }
        total += entry.size;
        let problem = entry.problem.or_else(|| {
            let is_over = total > MAX_TOTAL_BYTES;
            is_over.then_some("is beyond the limit of 4 GiB for all metadata in a zip")
        });
        match problem {
            Some(problem) => problems.push(about_entry(&entry.name, problem)),
            None => {
                files.insert(entry.name.clone(), places.len());
                places.push((entry.name, entry.method, entry.place));
            }
        }
    }
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    if more > 0 {
        problems.truncate(MAX_PROBLEMS);
        problems.push(format!(
            "contains {more} more entries that cannot be checked"
        ));
    }
    Ok(PackedFolder {
        root: path.to_path_buf(),
        files,
        folders,
        file_count,
        has_ignore_files: false,
        problems,
        reader: Box::new(Zip { archive, places }),
    })
}

/// Whether forcelint reads a file: metadata and what decides how it is deployed.
fn is_read(name: &str) -> bool {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    [PROJECT_FILE, MANIFEST].contains(&file_name) || classify(Path::new(name)).is_some()
}

fn about_entry(name: &str, problem: &str) -> String {
    format!("contains `{}`, which {problem}", sanitize(&shortened(name)))
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME_BYTES / 2) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// An entry that is a file, as the list at the end of the zip describes it.
struct Entry {
    /// With `/`.
    name: String,
    /// Where it is in the zip, with the header before it.
    start: u64,
    end: u64,
    /// The size of the file.
    size: u64,
    method: CompressionMethod,
    place: ZipArchiveEntryWayfinder,
    /// Why it cannot be read, if it would be.
    problem: Option<&'static str>,
}

/// The files in a zip, and the problems of entries that no path can be built from.
fn list<R: ReaderAt>(archive: &ZipArchive<R>, buffer: &mut [u8]) -> (Vec<Entry>, Vec<String>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let mut count = 0;
    let mut entries = archive.entries(buffer);
    loop {
        match entries.next_entry() {
            Ok(None) => break,
            Ok(Some(_)) if count == MAX_ENTRIES => {
                problems.push(format!(
                    "has more than {MAX_ENTRIES} entries; the rest is not checked"
                ));
                return (files, problems);
            }
            Ok(Some(record)) => {
                count += 1;
                let path = record.file_path();
                let name = String::from_utf8_lossy(path.as_ref()).replace('\\', "/");
                match problem_of_path(&name) {
                    Some(problem) => problems.push(about_entry(&name, problem)),
                    None if name.ends_with('/') => {}
                    None => files.push(entry(&record, name)),
                }
            }
            Err(error) => {
                problems.push(format!("is damaged after {count} entries: {error}"));
                return (files, problems);
            }
        }
    }
    // Old programs count up to 65,535 and begin again.
    let stated = archive.entries_hint();
    if stated != count as u64 && stated != count as u64 % 65_536 {
        problems.push(format!(
            "is damaged: it should have {stated} entries, but has {count}"
        ));
    }
    (files, problems)
}

/// Why the path of a packed file cannot be used.
pub(crate) fn problem_of_path(name: &str) -> Option<&'static str> {
    let names = || name.trim_end_matches('/').split('/');
    let is_absolute = name.starts_with('/') || name.as_bytes().get(1) == Some(&b':');
    if is_absolute || names().any(|name| name == "..") {
        Some("has a path that leaves the zip")
    } else if name.len() > MAX_NAME_BYTES || names().count() > MAX_FOLDERS {
        Some("has a path that is too long")
    } else if names().any(|name| ["", "."].contains(&name)) || name.contains('\0') {
        Some("has an invalid path")
    } else {
        None
    }
}

fn entry(record: &ZipFileHeaderRecord<'_>, name: String) -> Entry {
    let (start, compressed) = (record.local_header_offset(), record.compressed_size_hint());
    let name_bytes = record.file_path().len() as u64;
    let method = record.compression_method();
    let size = record.uncompressed_size_hint();
    let flags = record.flags();
    let problem = if record.mode().is_symlink() {
        Some("is a link, which forcelint does not follow in a zip")
    } else if flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked() {
        Some("is encrypted")
    } else if ![CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method) {
        Some("is compressed in a way that forcelint does not read (only Deflate)")
    } else if size > MAX_FILE_BYTES as u64 {
        Some("is larger than 64 MiB")
    } else if std::str::from_utf8(record.file_path().as_ref()).is_err() {
        Some("has a name that is not UTF-8")
    } else {
        None
    };
    Entry {
        start,
        end: start
            .saturating_add(HEADER_BYTES + name_bytes)
            .saturating_add(compressed),
        name,
        size,
        method,
        place: record.wayfinder(),
        problem,
    }
}

/// The entries with the same path as another one, or with the same bytes of the zip. Which of them a deployment would
/// use differs between programs, so that none is checked.
fn clashing(entries: &[Entry], directory: u64, problems: &mut Vec<String>) -> HashSet<usize> {
    let mut rejected = HashSet::new();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&at| (&entries[at].name, at));
    for same in order.chunk_by(|&one, &other| entries[one].name == entries[other].name) {
        if same.len() > 1 {
            problems.push(about_entry(
                &entries[same[0]].name,
                "is in the zip more than once",
            ));
            rejected.extend(same);
        }
    }
    order.sort_by_key(|&at| (entries[at].start, at));
    let mut last: Option<usize> = None;
    for at in order {
        let entry = &entries[at];
        if entry.end > directory {
            problems.push(about_entry(
                &entry.name,
                "is damaged: its data is incomplete",
            ));
            rejected.insert(at);
        }
        if let Some(before) = last.filter(|&before| entries[before].end > entry.start) {
            if !rejected.contains(&at) || !rejected.contains(&before) {
                let other = sanitize(&shortened(&entries[before].name)).into_owned();
                problems.push(about_entry(&entry.name, &format!("overlaps `{other}`")));
            }
            rejected.extend([at, before]);
        }
        if last.is_none_or(|before| entries[before].end < entry.end) {
            last = Some(at);
        }
    }
    rejected
}

/// An open zip, with the entries that can be read.
#[derive(Debug)]
struct Zip<R> {
    archive: ZipArchive<R>,
    places: Vec<(String, CompressionMethod, ZipArchiveEntryWayfinder)>,
}

impl<R: ReaderAt + Debug + Send + Sync> PackedFiles for Zip<R> {
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>> {
        let (name, method, place) = &self.places[number];
        let entry = self.archive.get_entry(*place).map_err(damaged)?;
        let mut buffer = vec![0; 2 * usize::from(u16::MAX)];
        let header = entry.local_header(&mut buffer).map_err(damaged)?;
        let path = header.file_path();
        if String::from_utf8_lossy(path.as_ref()).replace('\\', "/") != *name {
            return Err(damaged("its name in the list of entries differs"));
        }
        let compressed = entry.reader();
        let mut data: Box<dyn Read> = match *method {
            CompressionMethod::STORE => Box::new(entry.verifying_reader(compressed)),
            _ => Box::new(entry.verifying_reader(DeflateDecoder::new(compressed))),
        };
        let mut bytes = Vec::new();
        let read = (&mut data).take(limit).read_to_end(&mut bytes);
        read.map_err(damaged)?;
        Ok(bytes)
    }
}

fn damaged(reason: impl ToString) -> io::Error {
    let reason = format!("it is damaged: {}", reason.to_string());
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
