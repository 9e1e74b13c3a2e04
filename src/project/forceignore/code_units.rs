//! Text as JavaScript compares it in a regular expression that ignores case and has no flag `u`.
//!
//! JavaScript compares UTF-16 code units, each in uppercase (ECMAScript, `Canonicalize`). Here, a code
//! unit is a `char`, so that a Rust regular expression can match it.

/// The first of the 2,048 characters that represent surrogates.
const SURROGATES: u32 = 0x10_0000;

/// Adds the code units of a text in uppercase.
pub(super) fn push_folded(folded: &mut String, text: &str) {
    if text.is_ascii() {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_uppercase();
    } else {
        folded.extend(text.encode_utf16().map(|unit| to_char(to_uppercase(unit))));
    }
}

/// The character that represents a code unit.
pub(super) fn to_char(unit: u16) -> char {
    let surrogate = || u32::from(unit) - 0xD800 + SURROGATES;
    char::from_u32(unit.into())
        .or_else(|| char::from_u32(surrogate()))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The uppercase of a code unit, unless it is longer than one code unit, or is ASCII although the code
/// unit is not.
pub(super) fn to_uppercase(unit: u16) -> u16 {
    if unit < 128 {
        return u16::from((unit as u8).to_ascii_uppercase());
    }
    let Some(character) = char::from_u32(unit.into()) else {
        return unit;
    };
    let mut upper = character.to_uppercase();
    match (upper.next().map(u32::from), upper.next()) {
        (Some(upper @ 128..=0xFFFF), None) => upper as u16,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_compare_as_in_javascript() {
        let folded = |text: &str| {
            let mut folded = String::new();
            push_folded(&mut folded, text);
            folded
        };
        let equal = |one: &str, other: &str| folded(one) == folded(other);
        assert!(equal("aé", "AÉ") && equal("µ", "μ") && equal("ÿ", "Ÿ"));
        // Long s and the kelvin sign have ASCII letters as uppercase or lowercase.
        assert!(!equal("ſ", "s") && !equal("\u{212A}", "k") && !equal("ı", "i"));
        // The uppercase of these is longer.
        assert!(!equal("ß", "SS") && equal("ß", "ß"));
        // Case is not ignored beyond the first 65,536 characters.
        assert!(!equal("\u{10428}", "\u{10400}"));
        assert_eq!(folded("😀").chars().count(), 2);
    }
}
