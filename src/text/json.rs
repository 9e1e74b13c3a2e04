//! Writes JSON in which unsafe characters and commands of CI runners are escaped.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::sanitize::sanitize_json;

/// The bytes that are escaped at a time.
const PART: usize = 64 * 1024;

/// JSON on one line.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    let mut json = Vec::new();
    write_json(value, &mut json).expect("writing to memory does not fail");
    String::from_utf8(json).expect("JSON is UTF-8")
}

/// A part of the JSON that [`write_json`] writes.
///
/// # Errors
/// As the implementation of `Serialize` has them.
pub(crate) fn json_part(value: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(value)
}

/// Writes JSON on one line in parts, because a report can be larger than the memory for all its findings.
///
/// # Errors
/// `out` cannot be written to.
pub(crate) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut escaping = Escaping {
        out,
        pending: Vec::new(),
    };
    // The parts that are written are often a single byte.
    let mut buffered = BufWriter::new(&mut escaping);
    serde_json::to_writer(&mut buffered, value)?;
    buffered.flush()?;
    drop(buffered);
    escaping.pending.push(b'\n');
    escaping.write_pending(escaping.pending.len())
}

struct Escaping<'w> {
    out: &'w mut dyn Write,
    pending: Vec<u8>,
}

impl Escaping<'_> {
    fn write_pending(&mut self, length: usize) -> io::Result<()> {
        let rest = self.pending.split_off(length);
        let part = String::from_utf8(std::mem::replace(&mut self.pending, rest));
        let part = part.map_err(io::Error::other)?;
        self.out.write_all(sanitize_json(part).as_bytes())
    }
}

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Nothing that is escaped contains a quotation mark.
        let last = bytes.iter().rposition(|byte| *byte == b'"');
        let end = last.map(|at| self.pending.len() + at + 1);
        self.pending.extend_from_slice(bytes);
        if let Some(end) = end.filter(|end| *end >= PART) {
            self.write_pending(end)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_escaped_like_the_whole() {
        // The parts end at different places of the text.
        for shift in 0..40 {
            let text = format!("{}\u{9b} \"ü\" ##vso[x]", "-".repeat(shift));
            let texts = vec![text; 5_000];
            let json = to_json(&texts);
            let expected = serde_json::to_string(&texts).unwrap() + "\n";
            assert_eq!(json, sanitize_json(expected));
        }
    }
}
