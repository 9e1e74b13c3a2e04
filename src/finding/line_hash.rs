//! `primaryLocationLineHash`, by which GitHub matches an alert across commits.
//!
//! The hash of a line covers 100 UTF-16 units, starting with its first one and without whitespace. The
//! algorithm and the test vectors are from `github/codeql-action`.

use std::collections::HashMap;
use std::fmt;

const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Marks the end of the text.
const END: u16 = u16::MAX;

/// [`FACTOR`] to the power of [`WINDOW`].
const FACTOR_OF_WINDOW: u64 = FACTOR.wrapping_pow(WINDOW as u32);

/// The hash of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineHash {
    hash: u64,
    /// How many lines up to this one have the hash.
    occurrence: usize,
}

/// As GitHub reads it: `hash:occurrence`.
impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{}", self.hash, self.occurrence)
    }
}

/// The hashes of all lines in order.
pub(crate) fn line_hashes(text: &str) -> Vec<LineHash> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len() + WINDOW);
    // The index in `units` of the first unit of each line.
    let mut line_starts = vec![0];
    let mut previous = 0;
    for unit in text.encode_utf16() {
        match unit {
            0x20 | 0x09 => {}
            // The CR of a CRLF was already added as a line end.
            0x0A if previous == 0x0D => {}
            0x0A | 0x0D => {
                units.push(0x0A);
                line_starts.push(units.len());
            }
            other => units.push(other),
        }
        previous = unit;
    }
    units.push(END);
    let length = units.len();
    units.resize(length + WINDOW, 0);
    // The hash of the window that begins at `at`.
    let add = |hash: u64, unit: u16| hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit));
    let mut hash = units[..WINDOW]
        .iter()
        .fold(0, |hash, &unit| add(hash, unit));
    let mut at = 0;
    let mut seen: HashMap<u64, usize> = HashMap::new();
    line_starts
        .into_iter()
        .map(|start| {
            while at < start {
                let removed = u64::from(units[at]).wrapping_mul(FACTOR_OF_WINDOW);
                hash = add(hash, units[at + WINDOW]).wrapping_sub(removed);
                at += 1;
            }
            let occurrence = seen.entry(hash).or_default();
            *occurrence += 1;
            LineHash {
                hash,
                occurrence: *occurrence,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::LineHash;

    fn line_hashes(text: &str) -> Vec<String> {
        super::line_hashes(text)
            .iter()
            .map(LineHash::to_string)
            .collect()
    }

    #[test]
    fn test_vectors_of_codeql_action() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let hashes = line_hashes(&lorem);
        assert_eq!(hashes[0], "a7f2ff13bc495cf2:1");
        assert_eq!(hashes[5], "a7f2ff13bc495cf2:6");
        assert_eq!(hashes[6], "a7f2ff1481e87703:1");
        // There is an empty line after the last line end.
        assert_eq!(hashes[10..], ["c129715d7a2bc9a3:1"]);
    }
}
