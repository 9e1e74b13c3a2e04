//! Suggestions for misspelled names.

/// The name that is most similar to `misspelled`, if one is similar enough.
pub(crate) fn nearest<'n>(
    misspelled: &str,
    names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let folded = misspelled.to_ascii_lowercase();
    // A distance is at least the difference of the lengths. Comparing takes as long as both lengths
    // multiplied, and scanned files can have names of any length.
    let is_close = |name: &&str| {
        folded.chars().count().abs_diff(name.chars().count()) <= name.len().div_ceil(3)
    };
    names
        .filter(is_close)
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&folded, &name.to_ascii_lowercase());
            (distance, name)
        })
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}
