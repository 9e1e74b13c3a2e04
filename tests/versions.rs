//! Version numbers in documentation that users copy are the version in Cargo.toml.
//!
//! Packages and the GitHub Action read Cargo.toml themselves.

use std::fs;
use std::path::Path;

use regex::Regex;
use walkdir::WalkDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with text that users copy.
fn texts() -> Vec<(String, String)> {
    let docs = WalkDir::new(root().join("docs"))
        .into_iter()
        .map(|file| file.unwrap().into_path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|end| end != "png"));
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
fn copied_versions_are_current() {
    let pattern = Regex::new(
        r"forcelint/forcelint@v|download/v|\brev: v|forcelint-(\d+\.\d+\.\d+)-|forcelint@(\d)|forcelint==(\d)",
    )
    .unwrap();
    let version = Regex::new(r"\d+\.\d+\.\d+(-(alpha|beta|rc)[.0-9]*)?").unwrap();
    let mut matches = 0;
    for (path, text) in texts() {
        for line in text.lines().filter(|line| pattern.is_match(line)) {
            for found in pattern.find_iter(line) {
                let number = version.find_at(line, found.start());
                let number = number.map(|it| it.as_str());
                assert_eq!(number, Some(VERSION), "{path}: {line}");
                matches += 1;
            }
        }
    }
    assert!(matches >= 10, "{matches}");
}
