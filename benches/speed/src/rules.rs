//! The names of the files that built-in rules read, and copies of the rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::program::repository;

/// The rule that other programs are compared with.
pub const PKCE: &str = "pkce-required";

struct RuleFile {
    id: String,
    text: String,
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    paths.collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().display().to_string()
}

fn built_in() -> Vec<RuleFile> {
    let families = entries(&repository().join("rules")).into_iter();
    let families =
        families.filter(|family| !family.ends_with("conditions") && !family.ends_with("stories"));
    let files = families.flat_map(|family| entries(&family));
    let rules = files.filter(|file| !file.to_string_lossy().ends_with(".test.toml"));
    rules
        .map(|file| RuleFile {
            id: stem(&file),
            text: fs::read_to_string(&file).expect("the file is readable"),
        })
        .collect()
}

/// The endings, before `-meta.xml`, of the names of the files that one rule or all rules read: a suffix, or for settings
/// the whole name.
pub fn file_ends(only: Option<&str>) -> BTreeSet<&'static str> {
    let lines = include_str!("../file_ends.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let ends = lines.filter_map(|line| line.split_once(' '));
    let selected = ends.filter(|(rule, _)| only.is_none_or(|id| *rule == id));
    selected.map(|(_, end)| end).collect()
}

/// Writes a configuration with nine copies of every rule under other ids, and returns its path.
pub fn nine_copies() -> PathBuf {
    let folder = repository().join("target/speed/rules");
    let rules = folder.join("rules");
    // Copies of a previous run may be outdated.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&rules).expect("the folder can be created");
    for rule in built_in().iter().filter(|it| it.id != "malformed-metadata") {
        for copy in 1..10 {
            let id = format!("{}-copy-{copy}", rule.id);
            let text = rule.text.replacen(&rule.id, &id, 1);
            // The tests expect findings with the original id.
            let end = text.find("\n[[test]]").unwrap_or(text.len());
            fs::write(rules.join(format!("{id}.toml")), &text[..end])
                .expect("the file can be written");
        }
    }
    let config = folder.join("forcelint.toml");
    fs::write(&config, "rule-paths = [\"rules\"]\n").expect("the file can be written");
    config
}
