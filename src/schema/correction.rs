//! The correction of a misspelled name or value.

/// The only one of `known` that differs from `unknown` in case or, if it is long enough, by one typing
/// error. `None` if there are none or several, because then the correction would be a guess.
pub(crate) fn only_correction<'n>(
    unknown: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    let same = known
        .clone()
        .filter(|name| name.eq_ignore_ascii_case(unknown));
    // One typing error changes at most one character, of at most four bytes.
    let is_close =
        |name: &&str| name.len() >= MIN_LENGTH && name.len().abs_diff(unknown.len()) <= 4;
    let near = known
        .filter(is_close)
        .filter(|name| strsim::damerau_levenshtein(unknown, name) == 1);
    only(same).or_else(|| only(near))
}

/// In bytes. Shorter names are too similar to each other.
const MIN_LENGTH: usize = 6;

fn only<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let first = names.next()?;
    names.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrects_one_typing_error() {
        let correct =
            |unknown| only_correction(unknown, ["isPkceRequired", "Api", "Web"].into_iter());
        assert_eq!(correct("isPKCERequired"), Some("isPkceRequired"));
        assert_eq!(correct("isPkceRequird"), Some("isPkceRequired"));
        assert_eq!(correct("isPkceReqird"), None);
        assert_eq!(correct("api"), Some("Api"));
        assert_eq!(correct("Aip"), None);
        assert_eq!(
            only_correction("enableX", ["enableXa", "enableXb"].into_iter()),
            None
        );
    }
}
