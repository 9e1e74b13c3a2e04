//! The entries in the root of the repository, which readers see first.

use std::path::Path;
use std::process::Command;

pub const FOLDERS: &[&str] = &[
    ".cargo",
    ".ci",
    ".github",
    "benches",
    "crates",
    "docs",
    "editors",
    "fuzz",
    "packaging",
    "rules",
    "src",
    "testdata",
    "tests",
    "web",
    "xtask",
];

const FILES: &[&str] = &[
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "build.rs",
];

/// Tools require these files in the root.
const FILES_OF_TOOLS: &[&str] = &[
    ".gitattributes",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "action.yml",
    "clippy.toml",
    "deny.toml",
    "setup.py",
];

/// The paths of tracked files. `None` if the folder is not a git repository, such as an unpacked archive.
pub fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let paths = String::from_utf8(output.stdout).ok()?;
    Some(paths.split_terminator('\0').map(str::to_owned).collect())
}

/// Whether Windows cannot create a file at this path, so that git cannot check it out there.
pub fn is_invalid_on_windows(path: &str) -> bool {
    const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];
    path.split('/').any(|name| {
        let stem = name.split('.').next().unwrap_or_default().to_lowercase();
        name.contains(['<', '>', ':', '"', '|', '?', '*', '\\'])
            || name.contains(char::is_control)
            || name.ends_with(['.', ' '])
            || DEVICES.contains(&stem.as_str())
    })
}

/// The other tracked entries. `None` if the folder is not a git repository.
pub fn unexpected(root: &Path) -> Option<Vec<String>> {
    let paths = tracked(root)?;
    let mut entries: Vec<String> = paths
        .iter()
        .filter(|path| !is_expected(path))
        .map(|path| path.split('/').next().unwrap_or(path.as_str()).to_owned())
        .collect();
    entries.dedup();
    entries.retain(|entry| root.join(entry).exists());
    Some(entries)
}

/// Whether a file is in an expected folder or is an expected file in the root.
pub fn is_expected(path: &str) -> bool {
    match path.split_once('/') {
        Some((folder, _)) => FOLDERS.contains(&folder),
        None => FILES.contains(&path) || FILES_OF_TOOLS.contains(&path),
    }
}
