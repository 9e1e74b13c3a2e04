//! Characters with a meaning in JavaScript, as UTF-16 code units.

/// White space in JavaScript (`\s`), as sorted ranges.
pub(in crate::project) const WHITE_SPACE: &[(u16, u16)] = &[
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
];

/// What `.` does not match in JavaScript, as sorted ranges.
pub(in crate::project) const LINE_END: &[(u16, u16)] =
    &[(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)];

pub(in crate::project) fn is_white_space(unit: u16) -> bool {
    is_in(WHITE_SPACE, unit)
}

/// Whether `\s` matches the character. `String.prototype.trim` removes the same characters.
pub(in crate::project) fn is_space(c: char) -> bool {
    u16::try_from(u32::from(c)).is_ok_and(is_white_space)
}

pub(in crate::project) fn is_line_end(unit: u16) -> bool {
    is_in(LINE_END, unit)
}

fn is_in(ranges: &[(u16, u16)], unit: u16) -> bool {
    ranges
        .iter()
        .any(|&(first, last)| (first..=last).contains(&unit))
}
