//! File URIs and paths.
//!
//! Clients differ in which characters they escape (`c%3A`, `C:`), so files are compared by path.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters to escape. The colon of a drive is escaped, as most clients do.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path of a file URI; `None` for other schemes (`untitled:`, `git:`), and outside Windows for a file
/// on another host.
pub(super) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let text = uri.as_ref();
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    // A file URI can have a query and a fragment without a meaning.
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let slash = rest.find('/')?;
            rest.split_at(slash)
        }
        None => ("", rest),
    };
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if path.contains('\0') {
        return None;
    }
    let host = if host.eq_ignore_ascii_case("localhost") {
        ""
    } else {
        host
    };
    from_parts(host, &path, cfg!(windows))
}

fn from_parts(host: &str, path: &str, windows: bool) -> Option<PathBuf> {
    if !path.starts_with('/') {
        return None;
    }
    if !windows {
        return host.is_empty().then(|| clean(path));
    }
    if !host.is_empty() {
        return Some(PathBuf::from(format!("//{host}{path}").replace('/', "\\")));
    }
    let mut drive = path[1..].chars();
    let (letter, colon) = (drive.next()?, drive.next()?);
    let is_drive = letter.is_ascii_alphabetic() && colon == ':';
    // Drive letters are compared in one case.
    let letter = letter.to_ascii_uppercase();
    is_drive.then(|| PathBuf::from(format!("{letter}{}", &path[2..]).replace('/', "\\")))
}

/// The path without `.`, `..` and repeated slashes, like all other paths in forcelint.
fn clean(path: &str) -> PathBuf {
    crate::project::lexically_absolute(Path::new(path)).unwrap_or_else(|_| PathBuf::from(path))
}

/// The URI of a file.
pub(super) fn of_path(path: &Path) -> Uri {
    Uri(from_path(&path.to_string_lossy(), cfg!(windows)))
}

fn from_path(path: &str, windows: bool) -> String {
    if !windows {
        return format!("file://{}", utf8_percent_encode(path, ESCAPED));
    }
    let path = path.replace('\\', "/");
    match path.strip_prefix("//") {
        Some(rest) => format!("file://{}", utf8_percent_encode(rest, ESCAPED)),
        None => format!("file:///{}", utf8_percent_encode(&path, ESCAPED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_differently_escaped_uris() {
        for (uri, path) in [
            ("file:///a/b", Some("/a/b")),
            ("FILE:///a%20b/%C3%BC", Some("/a b/ü")),
            ("file:///a b/ü", Some("/a b/ü")),
            ("file://localhost/a", Some("/a")),
            ("file:/a", Some("/a")),
            ("file:///a/../b/./c", Some("/b/c")),
            ("file:///a%23b#x", Some("/a#b")),
            ("file://host/a", None),
            ("untitled:Untitled-1", None),
            ("git:/a/b?x", None),
            ("file:///a%00b", None),
            ("file:///%FF", None),
            ("nothing", None),
        ] {
            let found = to_path(&Uri::from(uri));
            if cfg!(unix) {
                assert_eq!(found.as_deref(), path.map(Path::new), "{uri}");
            }
        }
    }

    #[test]
    fn windows_drives_and_shares() {
        let path = |host: &str, path: &str| from_parts(host, path, true);
        let shown = |path: Option<PathBuf>| path.map(|it| it.to_string_lossy().into_owned());
        assert_eq!(shown(path("", "/c:/a b")).as_deref(), Some("C:\\a b"));
        assert_eq!(shown(path("", "/D:/x")).as_deref(), Some("D:\\x"));
        assert_eq!(
            shown(path("host", "/share/x")).as_deref(),
            Some("\\\\host\\share\\x")
        );
        assert_eq!(path("", "/x"), None);
        assert_eq!(from_path("C:\\a b\\ü", true), "file:///C%3A/a%20b/%C3%BC");
        assert_eq!(from_path("\\\\host\\share\\x", true), "file://host/share/x");
        assert_eq!(from_path("/a b/ü#?", false), "file:///a%20b/%C3%BC%23%3F");
    }
}
