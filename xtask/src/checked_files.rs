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
    /// Folders where files with the suffix `.xml` are metadata in metadata format. Elsewhere, they can be anything.
    pub xml_folders: BTreeSet<String>,
}

/// A suffix of metadata that also ends every other XML file.
const XML: &str = "xml";

pub fn checked_files() -> CheckedFiles {
    let checked = checked_types();
    let mut files = CheckedFiles::default();
    for metadata_type in MetadataType::all().filter(|it| checked.contains(*it)) {
        if let Some(name) = metadata_type.settings_name() {
            files.settings.insert(name.to_owned());
            continue;
        }
        for suffix in metadata_type.suffixes() {
            if suffix == XML {
                let folder = metadata_type.folder().to_owned();
                files.xml_folders.insert(folder);
                files.source_format_suffixes.insert(XML.to_owned());
                continue;
            }
            let is_in_both = checked.may_have(format!("X.{suffix}").as_bytes());
            let suffixes = match is_in_both {
                true => &mut files.suffixes,
                false => &mut files.source_format_suffixes,
            };
            suffixes.insert(suffix.to_owned());
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
