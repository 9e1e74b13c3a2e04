//! The pattern in `.pre-commit-hooks.yaml`: the names of the files that rules check.

use std::collections::BTreeSet;

use forcelint::project::{MetadataType, PieceKind, TypeSet};
use forcelint::rule::{BUILT_IN, RuleSet, Selection};

use crate::generated::Generated;
use crate::repository::read;

const FILE: &str = ".pre-commit-hooks.yaml";

/// The lines before and after the pattern.
const START: &str = "  files: &files |-\n";
const END: &str = "- id: forcelint-fix\n";

pub fn generate(generated: &mut Generated) {
    let text = read(FILE);
    let start = text.find(START).expect("the file has a pattern") + START.len();
    let end = text.find(END).expect("the pattern ends");
    let pattern = pattern(&checked());
    generated.file(FILE, format!("{}{pattern}{}", &text[..start], &text[end..]));
}

fn checked() -> TypeSet {
    let mut types = TypeSet::default();
    for name in BUILT_IN.iter().flat_map(|rule| rule.checked_types) {
        types.insert(MetadataType::named(name).expect("rules have valid types"));
    }
    let rules = RuleSet::select(&Selection::default()).expect("the selection is empty");
    rules.types_of_files(types)
}

/// The pattern, as a verbose regular expression of Python and Rust: one line per suffix. Like forcelint, it
/// ignores the case of suffixes, but not of the names of settings.
fn pattern(checked: &TypeSet) -> String {
    let mut settings = BTreeSet::new();
    let mut suffixes = BTreeSet::new();
    let mut contents = BTreeSet::new();
    for metadata_type in MetadataType::all().filter(|it| checked.contains(*it)) {
        let name = metadata_type.file_name("X");
        let stem = name.strip_suffix("-meta.xml").expect("source format");
        let suffix = stem.strip_prefix("X.");
        match suffix {
            _ if metadata_type.is_settings() => {
                settings.insert(stem.strip_suffix(".settings").expect("settings").to_owned());
            }
            Some(suffix) if checked.may_have(stem.as_bytes()) => {
                suffixes.insert(suffix.to_owned());
            }
            Some(suffix) => {
                contents.insert(suffix.to_owned());
            }
            None => panic!("{name} has no suffix"),
        }
    }
    for piece in PieceKind::all().filter(|it| checked.contains(it.whole())) {
        let stem = format!("X.{}", piece.suffix());
        let name = format!("{stem}-meta.xml");
        if checked.may_have(name.as_bytes()) && !checked.may_have(stem.as_bytes()) {
            contents.insert(piece.suffix().to_owned());
        }
    }
    let lines = |names: BTreeSet<String>| Vec::from_iter(names).join("\n      | ");
    format!(
        "    (?x)(\n      (^|/)(\n        {}\n      )\\.(?i:settings)(-meta\\.xml)?\n      \
         | [^/]\\.(?i:\n        {}\n      )-meta\\.xml\n      \
         | [^/]\\.(?i:\n        {}\n      )(-meta\\.xml)?\n    )$\n",
        lines(settings).replace("\n", "\n  "),
        lines(contents).replace("\n", "\n  "),
        lines(suffixes).replace("\n", "\n  "),
    )
}
