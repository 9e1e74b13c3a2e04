//! A zip with other texts of some files. All other bytes are those of the read zip, and are not copied.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::input::Bytes;

/// A part of a new zip.
#[derive(Debug, PartialEq, Eq)]
pub enum ZipPart {
    /// These bytes of the read zip.
    Read(Range<u64>),
    New(Vec<u8>),
}

/// The largest list of entries, in bytes.
const MAX_LIST_BYTES: u64 = 256 << 20;

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const LIST_ENTRY: [u8; 4] = *b"PK\x01\x02";
/// The size of what is before the name of an entry in the list.
const LIST_ENTRY_BYTES: usize = 46;
const LIST_END: [u8; 4] = *b"PK\x05\x06";
const LIST_END_BYTES: usize = 22;
/// The longest comment after the list.
const MAX_COMMENT_BYTES: u64 = 65_535;

/// The version that a program needs to unpack Deflate.
const VERSION: u16 = 20;
const DEFLATED: u16 = 8;
/// The first day that a zip can have, 1980-01-01. The time of a change is not known.
const FIRST_DAY: u16 = 1 << 5 | 1;
/// The flag for names in UTF-8.
const UTF8: u16 = 1 << 11;

/// The zip with other texts of the files at these paths.
///
/// # Errors
/// If the zip is damaged, or so large that its list has another form.
pub(super) fn changed_zip(
    zip: &dyn Bytes,
    changed: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<ZipPart>, String> {
    let list = List::read(zip)?;
    let mut starts: Vec<u64> = list.entries.iter().map(|it| it.start).collect();
    starts.push(list.start);
    starts.sort_unstable();
    let mut parts = Parts::default();
    let mut new_list = Vec::new();
    let mut order: Vec<&ListEntry> = list.entries.iter().collect();
    order.sort_by_key(|it| it.start);
    let mut new_records = BTreeMap::new();
    if let Some(first) = starts.first() {
        parts.read(0..*first);
    }
    for entry in order {
        // What is between an entry and the next one belongs to it.
        let end = starts[starts.partition_point(|&start| start <= entry.start)];
        let start = parts.size;
        let record = match changed.get(&entry.name) {
            Some(text) => {
                let packed = Packed::new(&entry.record, text)?;
                parts.new_bytes(packed.local);
                packed.record
            }
            None => {
                parts.read(entry.start..end);
                entry.record.clone()
            }
        };
        let start = u32::try_from(start).map_err(|_| TOO_LARGE)?;
        new_records.insert(entry.at, with(record, 42, &start.to_le_bytes()));
    }
    new_records
        .into_values()
        .for_each(|record| new_list.extend(record));
    let list_start = u32::try_from(parts.size).map_err(|_| TOO_LARGE)?;
    let list_size = u32::try_from(new_list.len()).map_err(|_| TOO_LARGE)?;
    parts.new_bytes(new_list);
    let end = with(list.end, 12, &list_size.to_le_bytes());
    parts.new_bytes(with(end, 16, &list_start.to_le_bytes()));
    Ok(parts.parts)
}

/// A zip with files at these paths, in this order.
///
/// # Errors
/// If it is too large.
pub(super) fn zip_of<'a>(
    files: impl IntoIterator<Item = (String, &'a [u8])>,
) -> Result<Vec<u8>, String> {
    let (mut zip, mut list, mut count) = (Vec::new(), Vec::new(), 0u16);
    for (path, text) in files {
        let start = u32::try_from(zip.len()).map_err(|_| TOO_LARGE)?;
        let packed = Packed::new(&new_record(&path)?, text)?;
        zip.extend(packed.local);
        list.extend(with(packed.record, 42, &start.to_le_bytes()));
        count = count.checked_add(1).ok_or(TOO_LARGE)?;
    }
    let list_start = u32::try_from(zip.len()).map_err(|_| TOO_LARGE)?;
    let list_size = u32::try_from(list.len()).map_err(|_| TOO_LARGE)?;
    zip.extend(list);
    let mut end = LIST_END.to_vec();
    end.resize(LIST_END_BYTES, 0);
    end = with(end, 8, &count.to_le_bytes());
    end = with(end, 10, &count.to_le_bytes());
    end = with(end, 12, &list_size.to_le_bytes());
    zip.extend(with(end, 16, &list_start.to_le_bytes()));
    Ok(zip)
}

/// The record of an entry in the list of a new zip, without what depends on its text.
fn new_record(path: &str) -> Result<Vec<u8>, String> {
    let name_size = u16::try_from(path.len()).map_err(|_| TOO_LARGE)?;
    let mut record = LIST_ENTRY.to_vec();
    record.extend(VERSION.to_le_bytes());
    record.resize(LIST_ENTRY_BYTES, 0);
    record = with(record, 8, &UTF8.to_le_bytes());
    record = with(record, 14, &FIRST_DAY.to_le_bytes());
    record = with(record, 28, &name_size.to_le_bytes());
    record.extend(path.as_bytes());
    Ok(record)
}

const TOO_LARGE: &str = "the zip is too large for a new one; use the patch";
const DAMAGED: &str = "the list of entries is damaged";

#[derive(Default)]
struct Parts {
    parts: Vec<ZipPart>,
    size: u64,
}

impl Parts {
    fn read(&mut self, range: Range<u64>) {
        self.size += range.end - range.start;
        match self.parts.last_mut() {
            Some(ZipPart::Read(last)) if last.end == range.start => last.end = range.end,
            _ => self.parts.push(ZipPart::Read(range)),
        }
    }

    fn new_bytes(&mut self, bytes: Vec<u8>) {
        self.size += bytes.len() as u64;
        self.parts.push(ZipPart::New(bytes));
    }
}

/// The list at the end of a zip.
struct List {
    start: u64,
    entries: Vec<ListEntry>,
    /// What is after the entries, with the comment.
    end: Vec<u8>,
}

struct ListEntry {
    /// The position in the list.
    at: usize,
    /// With `/`.
    name: String,
    /// Where its header is in the zip.
    start: u64,
    /// Its bytes in the list.
    record: Vec<u8>,
}

impl List {
    fn read(zip: &dyn Bytes) -> Result<Self, String> {
        let size = zip.size();
        let tail_start = size.saturating_sub(MAX_COMMENT_BYTES + LIST_END_BYTES as u64);
        let tail = read(zip, tail_start..size)?;
        let at = memchr::memmem::rfind(&tail, &LIST_END).ok_or(DAMAGED)?;
        let end = tail[at..].to_vec();
        if end.len() < LIST_END_BYTES {
            return Err(DAMAGED.to_owned());
        }
        let (list_size, start) = (u64::from(u32_at(&end, 12)), u64::from(u32_at(&end, 16)));
        // Larger zips have numbers elsewhere. A zip after other data has other offsets.
        if start == u64::from(u32::MAX) || u16_at(&end, 10) == u16::MAX {
            return Err(TOO_LARGE.to_owned());
        }
        if list_size > MAX_LIST_BYTES || start + list_size != tail_start + at as u64 {
            return Err(DAMAGED.to_owned());
        }
        let bytes = read(zip, start..start + list_size)?;
        let entries = list_entries(&bytes, start)?;
        Ok(Self {
            start,
            entries,
            end,
        })
    }
}

fn list_entries(bytes: &[u8], list_start: u64) -> Result<Vec<ListEntry>, String> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest.len() < LIST_ENTRY_BYTES || !rest.starts_with(&LIST_ENTRY) {
            return Err(DAMAGED.to_owned());
        }
        let name_size = usize::from(u16_at(rest, 28));
        let size = LIST_ENTRY_BYTES
            + name_size
            + usize::from(u16_at(rest, 30))
            + usize::from(u16_at(rest, 32));
        if rest.len() < size {
            return Err(DAMAGED.to_owned());
        }
        let (record, after) = rest.split_at(size);
        let start = u64::from(u32_at(record, 42));
        if start >= list_start {
            return Err(if start == u64::from(u32::MAX) {
                TOO_LARGE
            } else {
                DAMAGED
            }
            .to_owned());
        }
        let name = &record[LIST_ENTRY_BYTES..LIST_ENTRY_BYTES + name_size];
        entries.push(ListEntry {
            at: entries.len(),
            name: String::from_utf8_lossy(name).replace('\\', "/"),
            start,
            record: record.to_vec(),
        });
        rest = after;
    }
    Ok(entries)
}

/// A new entry: what is in the zip, and its record in the list.
struct Packed {
    local: Vec<u8>,
    record: Vec<u8>,
}

impl Packed {
    /// The new text of the entry with this record. Its name, time and attributes stay the same.
    fn new(record: &[u8], text: &[u8]) -> Result<Self, String> {
        let failed = |error: io::Error| error.to_string();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).map_err(failed)?;
        let data = encoder.finish().map_err(failed)?;
        let mut crc = Crc::new();
        crc.update(text);
        let name_size = usize::from(u16_at(record, 28));
        let name = &record[LIST_ENTRY_BYTES..LIST_ENTRY_BYTES + name_size];
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| TOO_LARGE);
        // Version, flags, method, time, date, checksum, sizes: the same bytes in both places.
        let mut shared = VERSION.to_le_bytes().to_vec();
        shared.extend((u16_at(record, 8) & UTF8).to_le_bytes());
        shared.extend(DEFLATED.to_le_bytes());
        shared.extend(&record[12..16]);
        shared.extend(crc.sum().to_le_bytes());
        shared.extend(size(&data)?.to_le_bytes());
        shared.extend(size(text)?.to_le_bytes());
        shared.extend((name_size as u16).to_le_bytes());
        // No extra fields: they can have sizes.
        shared.extend(0u16.to_le_bytes());
        let mut local = LOCAL_HEADER.to_vec();
        local.extend(&shared);
        local.extend(name);
        local.extend(&data);
        let mut new = record[..6].to_vec();
        new.extend(&shared);
        // No comment, then the disk, attributes and the place, which the caller sets.
        new.extend(0u16.to_le_bytes());
        new.extend(&record[34..LIST_ENTRY_BYTES]);
        new.extend(name);
        Ok(Self { local, record: new })
    }
}

fn with(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn read(zip: &dyn Bytes, range: Range<u64>) -> Result<Vec<u8>, String> {
    let size = usize::try_from(range.end - range.start).map_err(|_| TOO_LARGE)?;
    let mut bytes = vec![0; size];
    let mut filled = 0;
    while filled < size {
        let read = zip.read_at(&mut bytes[filled..], range.start + filled as u64);
        match read.map_err(|error| format!("it cannot be read: {error}"))? {
            0 => return Err(DAMAGED.to_owned()),
            count => filled += count,
        }
    }
    Ok(bytes)
}
