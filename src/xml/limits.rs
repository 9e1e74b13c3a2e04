//! From bytes to a tree whose every node knows where it stands.
//!
//! In: the text of one metadata file. Out: a [`Tree`], read through a [`Document`], or the one
//! [`Malformed`] place that keeps the file from being judged. Nothing here knows Salesforce beyond
//! the namespace of its metadata.

/// The namespace of every metadata file.
pub const METADATA_NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// The largest file that is read, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The deepest nesting of elements that is read; metadata itself stays below ten.
pub const MAX_DEPTH: usize = 64;

/// The most attributes of one tag, and the most namespaces declared around one place, that are
/// read; metadata has hardly any. Looking for duplicates and prefixes takes time by their number,
/// and no file may make it take long.
pub const MAX_ATTRIBUTES: usize = 64;
