//! The name that was probably meant.

/// The name that is most similar to `wrong`, if one is similar enough.
pub(crate) fn nearest<'n>(wrong: &str, right: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let folded = wrong.to_ascii_lowercase();
    right
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&folded, &name.to_ascii_lowercase());
            (distance, name)
        })
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}
