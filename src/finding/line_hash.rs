//! `primaryLocationLineHash`, by which GitHub recognises an alert again.
//!
//! In: a file's text. Out: for each line a hash of the 100 units from its first visible one on,
//! whitespace left out. The algorithm is that of `github/codeql-action`; its test vectors are
//! below.

use std::collections::HashMap;

const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Ends the text.
const END: u16 = u16::MAX;

/// The hashes of all lines in order, as `hash:occurrence`.
pub(crate) fn line_hashes(text: &str) -> Vec<String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len() + WINDOW);
    // Where in `units` each line begins: at its first unit that is kept.
    let mut line_starts = vec![0];
    let mut previous = 0;
    for unit in text.encode_utf16() {
        match unit {
            0x20 | 0x09 => {}
            // The LF of a CRLF was written for its CR.
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
    fn agrees_with_the_vectors_of_codeql_action() {
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
        // What stands behind the last line end is a line of its own, though an empty one.
        assert_eq!(hashes[10..], ["c129715d7a2bc9a3:1"]);
    }
}
