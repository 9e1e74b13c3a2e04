//! The files that built-in rules read, and copies of the rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::program::repository;

/// The rule that other programs implement, too.
pub const PKCE: &str = "pkce-required";

struct RuleFile {
    id: String,
    text: String,
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of rules can be read");
    let paths = entries.map(|entry| entry.expect("a folder of rules can be read").path());
    paths.collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().display().to_string()
}

fn built_in() -> Vec<RuleFile> {
    let families = entries(&repository().join("rules")).into_iter();
    let families = families.filter(|family| !family.ends_with("conditions"));
    let files = families.flat_map(|family| entries(&family));
    let rules = files.filter(|file| !file.to_string_lossy().ends_with(".test.toml"));
    rules
        .map(|file| RuleFile {
            id: stem(&file),
            text: fs::read_to_string(&file).expect("a rule file can be read"),
        })
        .collect()
}

/// The ends of file names, before `-meta.xml`, that one rule or all rules read: a suffix, or the
/// whole name for settings.
pub fn file_ends(only: Option<&str>) -> BTreeSet<&'static str> {
    let lines = include_str!("../file_ends.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let ends = lines.filter_map(|line| line.split_once(' '));
    let selected = ends.filter(|(rule, _)| only.is_none_or(|id| *rule == id));
    selected.map(|(_, end)| end).collect()
}

/// Writes a config with nine copies of all rules under other ids, and returns its path.
pub fn nine_copies() -> PathBuf {
    let folder = repository().join("target/speed/rules");
    let rules = folder.join("rules");
    // Copies from an earlier run may be outdated.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&rules).expect("a folder");
    for rule in built_in().iter().filter(|it| it.id != "malformed-metadata") {
        for copy in 1..10 {
            let id = format!("{}-copy-{copy}", rule.id);
            let text = rule.text.replacen(&rule.id, &id, 1);
            // The tests of a copy would fail, because findings have its new id.
            let end = text.find("\n[[test]]").unwrap_or(text.len());
            fs::write(rules.join(format!("{id}.toml")), &text[..end]).expect("a file");
        }
    }
    let config = folder.join("forcelint.toml");
    fs::write(&config, "rule-paths = [\"rules\"]\n").expect("a file");
    config
}
