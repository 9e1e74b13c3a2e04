//! The lines of trees and of the index, and the modes in them.

/// The mode of a commit in a tree: a submodule.
pub(super) const SUBMODULE: &[u8] = b"160000";

/// The mode of a symbolic link.
pub(super) const LINK: &[u8] = b"120000";

/// Whether this is the mode of a regular file.
pub(super) fn is_file(mode: &[u8]) -> bool {
    mode.starts_with(b"100")
}

/// The three words of a line, and the path after them. The words are mode, type and id in a tree, and mode, id and
/// stage in the index.
pub(super) fn parse_line(line: &[u8]) -> Option<([&[u8]; 3], &[u8])> {
    let tab = line.iter().position(|&byte| byte == b'\t')?;
    let mut words = line[..tab].split(|&byte| byte == b' ');
    let words = [words.next()?, words.next()?, words.next()?];
    Some((words, &line[tab + 1..]))
}

/// An id as text.
pub(super) fn hexadecimal(id: &[u8]) -> String {
    String::from_utf8_lossy(id).into_owned()
}
