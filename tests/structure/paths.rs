//! Paths in documentation for contributors.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::top_level::FOLDERS;

/// Missing paths in backticks, with the file that mentions them. Patterns and examples are ignored.
pub fn missing_paths(root: &Path) -> BTreeMap<String, String> {
    let internals = WalkDir::new(root.join("docs/internals")).sort_by_file_name();
    let internals = internals
        .into_iter()
        .map(|entry| entry.unwrap().into_path());
    let mut missing = BTreeMap::new();
    for page in [root.join("CONTRIBUTING.md")].into_iter().chain(internals) {
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        for path in paths(&text) {
            if !root.join(path).exists() {
                let page = page.strip_prefix(root).unwrap_or(&page);
                missing.insert(path.to_owned(), format!("in {}", page.display()));
            }
        }
    }
    missing
}

/// A path starts with a folder in the root of the repository.
pub fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|path| {
            let folder = path.split('/').next().unwrap_or_default();
            FOLDERS.contains(&folder) && !path.contains(['<', '*', ' ', '\n'])
        })
        .collect()
}
