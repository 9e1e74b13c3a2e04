//! The order of the library's modules, and what its core must not use.

use std::collections::BTreeMap;

use crate::imports::Imports;
use crate::source::Source;

/// A module uses only modules on the same line or on earlier lines. `src/lib.rs` documents the same
/// order.
pub const LAYERS: &[&[&str]] = &[
    &["text"],
    &["schema"],
    &["xml"],
    &["project"],
    &["git"],
    &["rule"],
    &["finding"],
    &["engine"],
    &["fix"],
    &["lint"],
    &["config"],
    &["run"],
    &["rule_tests", "rule_docs"],
    &["merge"],
    &["output"],
    &["in_memory"],
    &["lsp"],
    &["cli"],
];

/// Modules that work on texts in memory, so that they can run in an editor, on a zip file, and in a
/// browser.
const CORE: [&str; 10] = [
    "text", "schema", "xml", "rule", "finding", "engine", "fix", "lint", "merge", "output",
];

/// Modules that the core must not use.
const EDGE: [&str; 5] = ["git", "run", "cli", "lsp", "config"];

/// Files of the core that may write to the disk.
const DISK: [&str; 2] = ["src/fix/write.rs", "src/fix/temporary_file.rs"];

/// Paths to the disk, other processes, the environment, the network, the clock or the terminal.
const OUTSIDE: [&str; 22] = [
    "std::fs",
    "std::process",
    "std::env",
    "std::net",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::io::IsTerminal",
    "print",
    "println",
    "eprint",
    "eprintln",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "indicatif",
    "supports_color",
    "supports_unicode",
    "terminal_size",
    "tempfile",
    "walkdir",
];

/// Methods of `Path` that access the disk.
const DISK_METHODS: [&str; 10] = [
    "canonicalize",
    "exists",
    "is_dir",
    "is_file",
    "is_symlink",
    "metadata",
    "read_dir",
    "read_link",
    "symlink_metadata",
    "try_exists",
];

/// The top-level module of the library that contains a file.
pub fn module_of(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/")?;
    let module = path.split('/').next()?;
    let module = module.strip_suffix(".rs").unwrap_or(module);
    (module != "lib" && module != "main").then_some(module)
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Imports that violate the order, as `from -> to`, with the names.
pub fn upward_imports(imports: &Imports, sources: &[Source]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for ((from, to), names) in &imports.edges {
        let (from, to) = (&sources[*from].path, &sources[*to].path);
        let (Some(above), Some(below)) = (module_of(from), module_of(to)) else {
            continue;
        };
        let is_upward = layer(above) < layer(below);
        let core_knows_edge = CORE.contains(&above) && EDGE.contains(&below);
        if is_upward || core_knows_edge {
            let names = Vec::from_iter(names.iter().map(String::as_str)).join(", ");
            found.insert(format!("{from} -> {to}"), names);
        }
    }
    found
}

/// Uses of `OUTSIDE` in files of the core, as `file: path`.
pub fn outside_uses(imports: &Imports, sources: &[Source]) -> Vec<String> {
    let is_core = |file: usize| {
        let path = sources[file].path.as_str();
        module_of(path).is_some_and(|module| CORE.contains(&module)) && !DISK.contains(&path)
    };
    let paths = imports.external.iter().filter(|(_, path)| {
        OUTSIDE.iter().any(|outside| {
            let rest = path.strip_prefix(outside);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    });
    let methods = imports.methods.iter();
    let methods = methods.filter(|(_, name)| DISK_METHODS.contains(&name.as_str()));
    paths
        .chain(methods)
        .filter(|(file, _)| is_core(*file))
        .map(|(file, path)| format!("{}: {path}", sources[*file].path))
        .collect()
}
