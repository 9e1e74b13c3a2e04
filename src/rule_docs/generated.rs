//! What the generated pages have in common.

/// What every generated page begins with.
pub(super) const GENERATED: &str = "<!-- Made from the rule files and docs/controls.toml by \
     `FORCELINT_WRITE_DOCS=1 cargo test --test docs`; edit those. -->";

/// A text that stays in its cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
