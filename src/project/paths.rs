//! Functions on paths.

use std::ffi::{OsStr, OsString};
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf, Prefix};
use std::{io, iter};

/// Whether file names that differ only in case usually name the same file. A case-sensitive folder on
/// these systems works as well, because an entry with exactly the given name takes precedence.
const IGNORES_CASE: bool = cfg!(any(windows, target_os = "macos"));

/// The absolute path without `.` and `..`, in the case of the disk. Links are not resolved, so that paths
/// in reports look like those that the user passed.
///
/// # Errors
/// If there is no working directory.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
    lexically_absolute(path).map(in_case_of_disk)
}

/// The path in the case of the disk, as far as it exists. Links are not resolved.
pub(super) fn in_case_of_disk(path: PathBuf) -> PathBuf {
    if !IGNORES_CASE {
        return path;
    }
    match canonical(&path) {
        // The usual case: there is no link in the path.
        Ok(real) if is_same_ignoring_case(real.as_os_str(), path.as_os_str()) => real,
        _ => in_case_of(&path, |folder| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name()).collect()
        }),
    }
}

/// The absolute path without `.` and `..`, in the case that the caller uses. Reads no folder.
///
/// # Errors
/// If there is no working directory.
pub(crate) fn lexically_absolute(path: &Path) -> io::Result<PathBuf> {
    let absolute = without_verbatim_prefix(std::path::absolute(path)?);
    let mut clean = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    Ok(clean)
}

/// The path with each name as its folder has it, if that differs only in case. `names_in` lists a folder.
fn in_case_of(path: &Path, names_in: impl Fn(&Path) -> Vec<OsString>) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        let name = match component {
            Component::Normal(name) => name,
            Component::Prefix(prefix) if matches!(prefix.kind(), Prefix::Disk(_)) => {
                found.push(prefix.as_os_str().to_ascii_uppercase());
                continue;
            }
            other => {
                found.push(other);
                continue;
            }
        };
        let names = names_in(&found);
        let mut same = names.iter().filter(|it| is_same_ignoring_case(it, name));
        match (same.next(), same.next()) {
            (Some(only), None) => found.push(only),
            // In a case-sensitive folder, several names can match.
            _ => found.push(name),
        }
    }
    found
}

fn is_same_ignoring_case(one: &OsStr, other: &OsStr) -> bool {
    one == other || one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase()
}

/// The path of something that exists, without links. On Windows, it is without the prefix that the
/// system adds to such paths, which git and users do not understand.
///
/// # Errors
/// If the path does not exist or cannot be read.
#[expect(clippy::disallowed_methods, reason = "this is the replacement")]
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path).map(without_verbatim_prefix)
}

/// `C:\a` for `\\?\C:\a`, and `\\host\share` for `\\?\UNC\host\share`.
fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
    let short = path.to_str().and_then(|text| {
        let rest = text.strip_prefix(r"\\?\")?;
        let is_drive = rest.as_bytes().get(1) == Some(&b':');
        match rest.strip_prefix(r"UNC\") {
            Some(share) => Some(format!(r"\\{share}")),
            None => is_drive.then(|| rest.to_owned()),
        }
    });
    short.map_or(path, PathBuf::from)
}

/// The names in a path without `.` and `..`, the last one first. This is ten times faster than
/// [`Path::components`], and a walk calls it for every file.
pub(super) fn names_upwards(path: &Path) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = path.as_os_str().as_encoded_bytes();
    let names = iter::from_fn(move || {
        // Windows has two separators.
        let separator = memchr::memrchr2(b'/', MAIN_SEPARATOR as u8, rest);
        let name = &rest[separator.map_or(0, |at| at + 1)..];
        let is_over = rest.is_empty();
        rest = &rest[..separator.unwrap_or(0)];
        (!is_over).then_some(name)
    });
    names.filter(|name| !name.is_empty())
}

/// The path with `/` between its parts. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// Whether a path names the null device of Windows, which is `NUL` in every folder and in any case.
/// Such a path has no metadata and cannot be replaced by another file.
pub(crate) fn is_null_device(path: &Path) -> bool {
    cfg!(windows)
        && path
            .file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case("nul"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_from_windows_lose_their_prefix() {
        for (path, expected) in [
            (r"\\?\C:\a b\ü", r"C:\a b\ü"),
            (r"\\?\UNC\host\share\a", r"\\host\share\a"),
            (r"\\?\Volume{b75e2c83}\a", r"\\?\Volume{b75e2c83}\a"),
            (r"\\host\share\a", r"\\host\share\a"),
            (r"C:\a", r"C:\a"),
            ("/a/b", "/a/b"),
        ] {
            assert_eq!(without_verbatim_prefix(path.into()), Path::new(expected));
        }
    }

    #[test]
    fn names_in_the_case_of_the_disk() {
        let names_in = |folder: &Path| -> Vec<OsString> {
            let names: &[&str] = match slashed(folder).as_str() {
                "/" => &["Crm", "other"],
                "/Crm" => &["force-app", "Ärger"],
                "/Crm/force-app" => &["App", "app", "Link"],
                _ => &[],
            };
            names.iter().map(OsString::from).collect()
        };
        for (path, expected) in [
            ("/crm/FORCE-APP/link/Any", "/Crm/force-app/Link/Any"),
            ("/crm/ÄRGER", "/Crm/Ärger"),
            // Two names match, so that the folder is case-sensitive.
            ("/Crm/force-app/app", "/Crm/force-app/app"),
            ("/Crm/missing", "/Crm/missing"),
            ("/unreadable/x", "/unreadable/x"),
        ] {
            let found = in_case_of(Path::new(path), names_in);
            assert_eq!(slashed(&found), expected, "{path}");
        }
    }
}
