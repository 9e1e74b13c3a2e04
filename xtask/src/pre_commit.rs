//! The pattern in `.pre-commit-hooks.yaml`: the names of the files that rules check.

use std::collections::BTreeSet;

use crate::checked_files::{CheckedFiles, checked_files};
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
    let pattern = pattern(checked_files());
    generated.file(FILE, format!("{}{pattern}{}", &text[..start], &text[end..]));
}

/// The pattern, as a verbose regular expression of Python and Rust: one line per suffix. Like forcelint, it
/// ignores the case of suffixes, but not of the names of settings.
fn pattern(files: CheckedFiles) -> String {
    let lines = |names: BTreeSet<String>| Vec::from_iter(names).join("\n        | ");
    format!(
        "    (?x)(\n      (^|/)(\n        {}\n      )\\.(?i:settings)(-meta\\.xml)?\n      \
         | [^/]\\.(?i:\n        {}\n      )-meta\\.xml\n      \
         | [^/]\\.(?i:\n        {}\n      )(-meta\\.xml)?\n      \
         | (^|/)(\n        {}\n      )/(.*/)?[^/]+\\.(?i:xml)\n    )$\n",
        lines(files.settings),
        lines(files.source_format_suffixes),
        lines(files.suffixes),
        lines(files.xml_folders),
    )
}
