//! `primaryLocationLineHash`, by which GitHub matches an alert across commits.
//!
//! The hash of a line covers 100 UTF-16 units, starting with its first one and without whitespace. The
//! algorithm and the test vectors are from `github/codeql-action`.

use std::collections::HashMap;

const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Marks the end of the text.
const END: u16 = u16::MAX;

/// The hashes of all lines in order, as `hash:occurrence`.
pub(crate) fn line_hashes(text: &str) -> Vec<String> {
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
    let mut seen: HashMap<u64, usize> = HashMap::new();
    line_starts
        .into_iter()
        .map(|start| {
            let hash = units[start..start + WINDOW]
                .iter()
                .fold(0u64, |hash, &unit| {
                    hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit))
                });
            let occurrence = seen.entry(hash).or_default();
            *occurrence += 1;
            format!("{hash:x}:{occurrence}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
