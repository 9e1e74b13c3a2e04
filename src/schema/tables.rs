//! Access to the generated tables.
//!
//! A missing number is [`NONE`]. Some rows contain the start of a range in another table. The next row
//! contains its end, so these tables have one row more than entries.

use std::cmp::Ordering;
use std::ops::Range;

use super::generated;

pub(crate) use super::generated::{
    CLAIMS, ENUMERATIONS, FACTS, FIELDS, FIELDS_BY_NAME, NEW_VALUES, PIECES, ROOTS, SETTINGS,
    STRUCTURES, SUFFIXES, TYPE_COUNT, TYPES, TYPES_BY_NAME, VALUES,
};
pub(crate) use super::layout::{
    BOUND, CONTENT, ELSEWHERE, ENUMERATION, FACT_SHIFT, FOLDERED, MISNAMED, NONE, PIECE_ONLY,
    REMOVED, REPEATS, REQUIRED, STRUCTURE, TEXT_PIECE,
};

/// The text with this number.
#[inline]
pub(crate) fn text(number: u16) -> &'static str {
    &generated::BLOB[range(number)]
}

/// The bytes of the text with this number. This is faster than [`text`].
#[inline]
pub(crate) fn bytes(number: u16) -> &'static [u8] {
    &generated::BLOB.as_bytes()[range(number)]
}

#[inline]
fn range(number: u16) -> Range<usize> {
    let packed = generated::TEXTS[usize::from(number)];
    let start = (packed >> 8) as usize;
    start..start + (packed & 0xff) as usize
}

/// The text with this number, unless the number is missing.
#[inline]
pub(crate) fn optional_text(number: u16) -> Option<&'static str> {
    (number != NONE).then(|| text(number))
}

/// The range in another table that belongs to row `at`. The column `start` contains its start.
#[inline]
pub(crate) fn part<const N: usize>(rows: &[[u16; N]], at: u16, start: usize) -> Range<usize> {
    let at = usize::from(at);
    usize::from(rows[at][start])..usize::from(rows[at + 1][start])
}

/// The index of the entry that compares equal, among `count` entries in ascending order.
#[inline]
pub(crate) fn search(count: usize, compare: impl Fn(usize) -> Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(middle),
        }
    }
    None
}
