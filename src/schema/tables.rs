//! Access to the generated tables.
//!
//! In: numbers. Out: texts and rows. A missing number is [`NONE`]. A row that says where its part of
//! another table starts is followed by the row that says where it ends: every such table has one
//! row more than entries.

use std::cmp::Ordering;
use std::ops::Range;

use super::generated;

pub(crate) use super::generated::{
    CLAIMS, ENUMERATIONS, FACTS, FIELDS, FIELDS_BY_NAME, ROOTS, SETTINGS, STRUCTURES, SUFFIXES,
    TYPE_COUNT, TYPES, TYPES_BY_NAME, VALUES,
};
pub(crate) use super::layout::{
    BOUND, CONTENT, ELSEWHERE, ENUMERATION, FACT_SHIFT, FOLDERED, MISNAMED, NONE, REMOVED, REPEATS,
    REQUIRED, STRUCTURE,
};

/// The text of this number.
#[inline]
pub(crate) fn text(number: u16) -> &'static str {
    &generated::BLOB[place(number)]
}

/// Its bytes, for what is asked of every file.
#[inline]
pub(crate) fn bytes(number: u16) -> &'static [u8] {
    &generated::BLOB.as_bytes()[place(number)]
}

#[inline]
fn place(number: u16) -> Range<usize> {
    let place = generated::TEXTS[usize::from(number)];
    let start = (place >> 8) as usize;
    start..start + (place & 0xff) as usize
}

/// The text of this number, if there is one.
#[inline]
pub(crate) fn optional_text(number: u16) -> Option<&'static str> {
    (number != NONE).then(|| text(number))
}

/// Of rows whose column `start` tells where their part of another table begins: the part of `at`.
#[inline]
pub(crate) fn part<const N: usize>(rows: &[[u16; N]], at: u16, start: usize) -> Range<usize> {
    let at = usize::from(at);
    usize::from(rows[at][start])..usize::from(rows[at + 1][start])
}

/// The place among `count` ascending entries of the one that compares equal.
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
