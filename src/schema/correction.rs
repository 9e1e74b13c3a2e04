//! What a name or value that nothing has must have been meant to be.

/// The only one of `right` that `wrong` can be a slip of: the same but for case, or one slip away
/// from a name of some length. `None` where it is not certain.
pub(crate) fn only_correction<'n>(
    wrong: &str,
    right: impl Iterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    let same = right
        .clone()
        .filter(|name| name.eq_ignore_ascii_case(wrong));
    let near = right
        .filter(|name| name.len() >= MIN_LENGTH && strsim::damerau_levenshtein(wrong, name) == 1);
    only(same).or_else(|| only(near))
}

/// Shorter names are too like others, in bytes.
const MIN_LENGTH: usize = 6;

fn only<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let first = names.next()?;
    names.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_certain_and_two_are_not() {
        let meant = |wrong| only_correction(wrong, ["isPkceRequired", "Api", "Web"].into_iter());
        assert_eq!(meant("isPKCERequired"), Some("isPkceRequired"));
        assert_eq!(meant("isPkceRequird"), Some("isPkceRequired"));
        assert_eq!(meant("isPkceReqird"), None);
        assert_eq!(meant("api"), Some("Api"));
        assert_eq!(meant("Aip"), None);
        assert_eq!(
            only_correction("enableX", ["enableXa", "enableXb"].into_iter()),
            None
        );
    }
}
