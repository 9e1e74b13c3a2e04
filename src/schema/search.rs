//! Names in the schema that were not found where they were looked for.
//!
//! In: a structure and a name. Out: the name that must have been meant, or where it belongs.

use std::collections::VecDeque;

use super::{Kind, Structure};

/// Where below a structure a field of this name stands, the nearest to the top.
pub fn path_to(start: Structure, name: &str) -> Option<String> {
    let mut open = VecDeque::from([(start, String::new())]);
    let mut seen = vec![start];
    while let Some((structure, path)) = open.pop_front() {
        for field in structure.fields() {
            let path = match path.as_str() {
                "" => field.name.to_owned(),
                _ => format!("{path}/{}", field.name),
            };
            if field.name == name {
                return Some(path);
            }
            if let Kind::Structure(inner) = field.kind
                && !seen.contains(&inner)
            {
                seen.push(inner);
                open.push_back((inner, path));
            }
        }
    }
    None
}

/// The only one of `right` that `wrong` can be a slip of: the same but for case, or one slip away
/// from a name of some length. `None` where it is not certain.
pub fn certainly_meant<'n>(
    wrong: &str,
    right: impl Iterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    let only = |mut names: Box<dyn Iterator<Item = &'n str> + '_>| {
        let first = names.next()?;
        names.next().is_none().then_some(first)
    };
    let same = right
        .clone()
        .filter(|name| name.eq_ignore_ascii_case(wrong));
    only(Box::new(same)).or_else(|| {
        let near = right.filter(|name| {
            name.len() >= MIN_LENGTH && strsim::damerau_levenshtein(wrong, name) == 1
        });
        only(Box::new(near))
    })
}

/// Shorter names are too like others, in bytes.
const MIN_LENGTH: usize = 6;
