//! Names of files, and the content of `mod.rs` files.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Item, Visibility};

use crate::modules::has_path_attribute;
use crate::source::Source;

/// Names that do not state a subject, so that such files collect unrelated code.
const VAGUE_NAMES: [&str; 4] = ["utils", "helpers", "common", "manager"];

/// The lines of a `mod.rs` with items that are neither declarations nor re-exports.
pub fn content_of_mod_rs(source: &Source) -> Option<String> {
    if source.file_name() != "mod.rs" {
        return None;
    }
    let items = source.tree.items.iter();
    let lines: Vec<String> = items
        .filter(|item| match item {
            Item::Mod(module) => module.content.is_some(),
            Item::Use(import) => matches!(import.vis, Visibility::Inherited),
            _ => true,
        })
        .map(|item| item.span().start().line.to_string())
        .collect();
    (!lines.is_empty()).then(|| format!("line {}", lines.join(", ")))
}

/// Modules with a `#[path]` attribute.
pub fn path_attributes(source: &Source) -> Vec<String> {
    struct Collector<'a>(&'a str, Vec<String>);

    impl<'ast> Visit<'ast> for Collector<'_> {
        fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
            if has_path_attribute(module) {
                self.1.push(format!("{}: {}", self.0, module.ident));
            }
            visit::visit_item_mod(self, module);
        }
    }

    let mut collector = Collector(&source.path, Vec::new());
    collector.visit_file(&source.tree);
    collector.1
}

pub fn has_vague_name(path: &str) -> bool {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.split('/').any(|part| {
        VAGUE_NAMES.contains(&part) || VAGUE_NAMES.contains(&format!("{part}s").as_str())
    })
}
