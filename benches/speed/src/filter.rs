//! The files that a floor reads: those of the types that the rules check.

use std::collections::HashSet;

/// The ends of file names before `-meta.xml`: a suffix, or the whole name for settings.
pub struct FileFilter(HashSet<Vec<u8>>);

impl FileFilter {
    pub fn new(ends: &[String]) -> Self {
        Self(ends.iter().map(|end| end.clone().into_bytes()).collect())
    }

    pub fn contains(&self, name: &[u8]) -> bool {
        let Some(name) = name.strip_suffix(b"-meta.xml") else {
            return false;
        };
        let suffix = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        self.0.contains(suffix) || self.0.contains(name)
    }
}
