//! The list of rules in the table of contents of the documentation.

use crate::generated::Generated;
use crate::repository::read;

const PATH: &str = "docs/SUMMARY.md";
const RULES: &str = "- [Rules](rules/README.md)\n";

pub fn generate(generated: &mut Generated) {
    let summary = read(PATH);
    let (before, _) = summary
        .split_once(RULES)
        .expect("the table of contents has a section of rules");
    let mut text = format!("{before}{RULES}");
    for page in generated.in_folder("docs/rules") {
        let id = page
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".md"));
        if let Some(id) = id.filter(|id| *id != "README") {
            text.push_str(&format!("  - [{id}](rules/{id}.md)\n"));
        }
    }
    generated.file(PATH, text);
}
