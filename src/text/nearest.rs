//! Suggestions for misspelled names.

/// The name that is most similar to `misspelled`, if one is similar enough.
pub(crate) fn nearest<'n>(
    misspelled: &str,
    names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let folded = misspelled.to_ascii_lowercase();
    names
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&folded, &name.to_ascii_lowercase());
            (distance, name)
        })
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}
