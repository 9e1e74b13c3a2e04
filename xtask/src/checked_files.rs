//! The names of the files that built-in rules check, for the pre-commit hook and the VS Code extension.

use std::collections::BTreeSet;

use forcelint::project::{MetadataType, PieceKind, TypeSet};
use forcelint::rule::{BUILT_IN, RuleSet, Selection};

#[derive(Default)]
pub struct CheckedFiles {
    /// Names of settings, such as `Security` in `Security.settings`.
    pub settings: BTreeSet<String>,
    /// Suffixes in source and in metadata format.
    pub suffixes: BTreeSet<String>,
    /// Suffixes before `-meta.xml`: pieces of decomposed metadata, and files beside a content file.
    pub source_format_suffixes: BTreeSet<String>,
}

pub fn checked_files() -> CheckedFiles {
    let checked = checked_types();
    let mut files = CheckedFiles::default();
    for metadata_type in MetadataType::all().filter(|it| checked.contains(*it)) {
        let name = metadata_type.file_name("X");
        let stem = name.strip_suffix("-meta.xml").expect("source format");
        let suffix = stem.strip_prefix("X.");
        match suffix {
            _ if metadata_type.is_settings() => {
                let name = stem.strip_suffix(".settings").expect("settings");
                files.settings.insert(name.to_owned());
            }
            Some(suffix) if checked.may_have(stem.as_bytes()) => {
                files.suffixes.insert(suffix.to_owned());
            }
            Some(suffix) => {
                files.source_format_suffixes.insert(suffix.to_owned());
            }
            None => panic!("{name} has no suffix"),
        }
    }
    for piece in PieceKind::all().filter(|it| checked.contains(it.whole())) {
        let stem = format!("X.{}", piece.suffix());
        let name = format!("{stem}-meta.xml");
        if checked.may_have(name.as_bytes()) && !checked.may_have(stem.as_bytes()) {
            let suffix = piece.suffix().to_owned();
            files.source_format_suffixes.insert(suffix);
        }
    }
    files
}

fn checked_types() -> TypeSet {
    let mut types = TypeSet::default();
    for name in BUILT_IN.iter().flat_map(|rule| rule.checked_types) {
        types.insert(MetadataType::named(name).expect("rules have valid types"));
    }
    let rules = RuleSet::select(&Selection::default()).expect("the selection is empty");
    rules.types_of_files(types)
}
