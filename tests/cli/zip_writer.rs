//! Writes zips for tests, hostile ones included: every field of an entry can be a lie.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const DEFLATE: u16 = 8;
/// The sizes and the checksum are after the data, as in zips of the Salesforce API.
const SIZES_AFTER_DATA: u16 = 1 << 3;
const MADE_ON_UNIX: u16 = 3 << 8 | 20;

/// An entry, as the list of entries describes it.
pub struct Entry {
    pub name: Vec<u8>,
    /// The compressed data.
    pub data: Vec<u8>,
    pub size: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
    /// File type and permissions, as on Unix.
    pub mode: u32,
    /// The name before the data, if it is another one.
    pub local_name: Option<Vec<u8>>,
    /// The number of the entry whose data this one uses.
    pub shares_data_of: Option<usize>,
}

impl Entry {
    pub fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        let mut crc = Crc::new();
        crc.update(text);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        Self {
            name: name.into(),
            data: encoder.finish().unwrap(),
            size: text.len().try_into().unwrap(),
            crc: crc.sum(),
            method: DEFLATE,
            flags: SIZES_AFTER_DATA,
            mode: 0o100_644,
            local_name: None,
            shares_data_of: None,
        }
    }

    /// A file of zeros. Its checksum is wrong, because no test gets that far.
    pub fn zeros(name: &str, mebibytes: u32) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
        // The data so far ends at a byte, so that it can be repeated.
        encoder.flush().unwrap();
        let block = encoder.get_ref().clone();
        let end = Self::new(name, "");
        Self {
            data: [block.repeat(mebibytes as usize), end.data].concat(),
            size: mebibytes << 20,
            ..Self::new(name, "")
        }
    }
}

fn push(bytes: &mut Vec<u8>, halves: &[u16]) {
    bytes.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
}

fn push_words(bytes: &mut Vec<u8>, words: &[u32]) {
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

/// The bytes of a zip with these entries.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut directory, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let start = match entry.shares_data_of {
            Some(other) => starts[other],
            None => bytes.len() as u32,
        };
        starts.push(start);
        let length = entry.data.len() as u32;
        if entry.shares_data_of.is_none() {
            let name = entry.local_name.as_ref().unwrap_or(&entry.name);
            push_words(&mut bytes, &[0x0403_4B50]);
            push(&mut bytes, &[20, entry.flags, entry.method, 0, 0]);
            push_words(&mut bytes, &[0, 0, 0]);
            push(&mut bytes, &[name.len() as u16, 0]);
            bytes.extend(name);
            bytes.extend(&entry.data);
            push_words(&mut bytes, &[0x0807_4B50, entry.crc, length, entry.size]);
        }
        push_words(&mut directory, &[0x0201_4B50]);
        let fields = [MADE_ON_UNIX, 20, entry.flags, entry.method, 0, 0];
        push(&mut directory, &fields);
        push_words(&mut directory, &[entry.crc, length, entry.size]);
        push(&mut directory, &[entry.name.len() as u16, 0, 0, 0, 0]);
        push_words(&mut directory, &[entry.mode << 16, start]);
        directory.extend(&entry.name);
    }
    let (start, length) = (bytes.len() as u32, directory.len() as u32);
    let count = (entries.len() % 65_536) as u16;
    bytes.extend(directory);
    push_words(&mut bytes, &[0x0605_4B50]);
    push(&mut bytes, &[0, 0, count, count]);
    push_words(&mut bytes, &[length, start]);
    push(&mut bytes, &[0]);
    bytes
}

/// A zip of the files in a folder, with paths that are relative to `base`.
pub fn zip_of(folder: &Path, base: &Path) -> Vec<u8> {
    let mut entries = Vec::new();
    add(folder, base, &mut entries);
    zip(&entries)
}

fn add(folder: &Path, base: &Path, entries: &mut Vec<Entry>) {
    let read = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = read.map(|it| it.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(&path, base, entries);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap();
            let name = name.replace('\\', "/");
            entries.push(Entry::new(&name, fs::read(&path).unwrap()));
        }
    }
}
