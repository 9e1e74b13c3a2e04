//! The version stands in Cargo.toml; what has to name it elsewhere says the same.
//!
//! In: the examples and pages for users, and the changelog. What can read Cargo.toml by itself does (the action, the
//! Python packages, the npm packages) and is not here.

use std::fs;
use std::path::Path;

use regex::Regex;
use walkdir::WalkDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files in which a user finds something to copy.
fn texts() -> Vec<(String, String)> {
    let docs = WalkDir::new(root().join("docs"))
        .into_iter()
        .map(|file| file.unwrap().into_path())
        .filter(|path| path.is_file());
    docs.chain([root().join("README.md")])
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn what_users_copy_names_this_version() {
    let named = Regex::new(
        r"forcelint/forcelint@v|download/v|\brev: v|forcelint-(\d+\.\d+\.\d+)-|forcelint@(\d)|forcelint==(\d)",
    )
    .unwrap();
    let version = Regex::new(r"\d+\.\d+\.\d+(-(alpha|beta|rc)[.0-9]*)?").unwrap();
    let mut places = 0;
    for (path, text) in texts() {
        for line in text.lines().filter(|line| named.is_match(line)) {
            for place in named.find_iter(line) {
                let found = version.find_at(line, place.start());
                let found = found.map(|it| it.as_str());
                assert_eq!(found, Some(VERSION), "{path}: {line}");
                places += 1;
            }
        }
    }
    assert!(places >= 10, "{places}");
}
