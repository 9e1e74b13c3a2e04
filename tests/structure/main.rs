//! The structure of the code: imports between files, length of functions, content of `mod.rs`
//! files, names of files.
//!
//! `known.rs` lists known violations.

mod cycles;
mod files;
mod functions;
mod imports;
mod known;
mod layers;
mod modules;
mod paths;
mod planted;
mod source;
mod top_level;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use modules::ModuleTree;

/// Violations: names as in `known.rs`, with details.
type Found = BTreeMap<String, String>;

struct Structure {
    unresolved: Vec<String>,
    cycles: String,
    files_in_cycles: Found,
    long_functions: Found,
    mod_rs_with_content: Found,
    path_attributes: Found,
    vague_names: Vec<String>,
    upward_imports: Found,
    outside_uses: Found,
}

/// The code is parsed once for all tests. Syntax trees cannot be sent to another thread.
static STRUCTURE: LazyLock<Structure> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (packages, sources) = source::workspace(root);
    let tree = ModuleTree::new(&packages, &sources);
    let imports = imports::imports(&tree);
    let groups = cycles::cycles(&imports.edges);
    let named = |names: Vec<String>| names.into_iter().map(|name| (name, String::new()));
    let unresolved = imports.unresolved.iter();
    Structure {
        unresolved: unresolved
            .map(|(file, path)| format!("{}: {path}", sources[*file].path))
            .collect(),
        cycles: groups
            .iter()
            .map(|group| cycles::describe(group, &imports.edges, &sources))
            .collect(),
        files_in_cycles: named(
            groups
                .iter()
                .flatten()
                .map(|file| sources[*file].path.clone())
                .collect(),
        )
        .collect(),
        long_functions: sources
            .iter()
            .flat_map(functions::long_functions)
            .map(|(name, lines)| (name, format!("{lines} lines")))
            .collect(),
        mod_rs_with_content: sources
            .iter()
            .filter_map(|source| Some((source.path.clone(), files::content_of_mod_rs(source)?)))
            .collect(),
        path_attributes: sources
            .iter()
            .flat_map(|source| named(files::path_attributes(source)))
            .collect(),
        vague_names: sources
            .iter()
            .map(|source| source.path.clone())
            .filter(|path| files::has_vague_name(path))
            .collect(),
        upward_imports: layers::upward_imports(&imports, &sources),
        outside_uses: named(layers::outside_uses(&imports, &sources)).collect(),
    }
});

/// Fails for a violation that is not known, and for a known one that does not exist.
fn compare(found: &Found, known: &[&str], details: &str) {
    let unknown = found
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    let unknown: Vec<String> = unknown
        .map(|(name, more)| format!("{name}  {more}"))
        .collect();
    assert!(unknown.is_empty(), "\n{}\n\n{details}", unknown.join("\n"));
    let fixed = known.iter().filter(|name| !found.contains_key(**name));
    let fixed: Vec<&str> = fixed.copied().collect();
    assert!(
        fixed.is_empty(),
        "these comply now, remove them from tests/structure/known.rs:\n{}",
        fixed.join("\n")
    );
}

/// A path that this test cannot resolve could hide an import.
#[test]
fn paths_in_code_can_be_resolved() {
    let unresolved = &STRUCTURE.unresolved;
    assert!(unresolved.is_empty(), "\n{}", unresolved.join("\n"));
}

#[test]
fn files_have_no_import_cycles() {
    let found = &STRUCTURE.files_in_cycles;
    compare(found, known::FILES_IN_CYCLES, &STRUCTURE.cycles);
}

#[test]
fn functions_have_at_most_80_lines() {
    let known: Vec<&str> = known::LONG_FUNCTIONS
        .iter()
        .map(|(name, _)| *name)
        .collect();
    compare(&STRUCTURE.long_functions, &known, "");
}

#[test]
fn mod_rs_files_only_declare_and_re_export() {
    let found = &STRUCTURE.mod_rs_with_content;
    compare(found, known::MOD_RS_WITH_CONTENT, "");
}

#[test]
fn modules_use_only_modules_before_them() {
    compare(&STRUCTURE.upward_imports, known::UPWARD_IMPORTS, "");
}

#[test]
fn core_does_not_use_disk_processes_clock_or_terminal() {
    compare(&STRUCTURE.outside_uses, known::OUTSIDE_USES, "");
}

#[test]
fn modules_have_no_path_attribute() {
    compare(&STRUCTURE.path_attributes, known::PATH_ATTRIBUTES, "");
}

#[test]
fn file_names_are_not_vague() {
    let vague = &STRUCTURE.vague_names;
    assert!(vague.is_empty(), "\n{}", vague.join("\n"));
}

#[test]
fn paths_in_documentation_exist() {
    let missing = paths::missing_paths(Path::new(env!("CARGO_MANIFEST_DIR")));
    compare(&missing, known::MISSING_PATHS, "");
}

#[test]
fn root_folder_has_only_expected_entries() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unexpected = top_level::unexpected(root).unwrap_or_default();
    let named = unexpected.into_iter().map(|entry| (entry, String::new()));
    compare(&named.collect(), known::TOP_LEVEL, "move it into a folder");
}

/// Git on Windows cannot check out other names, nor two names that differ only in case.
#[test]
fn file_names_are_valid_on_every_system() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = top_level::tracked(root).unwrap_or_default();
    let invalid = paths
        .iter()
        .filter(|path| top_level::is_invalid_on_windows(path));
    assert_eq!(Vec::from_iter(invalid), [""; 0]);
    let count = paths.len();
    paths
        .iter_mut()
        .for_each(|path| *path = path.to_lowercase());
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count, "two names differ only in case");
}

/// Readers see the list in `src/lib.rs`.
#[test]
fn documented_order_of_modules_is_correct() {
    let documented = include_str!("../../src/lib.rs");
    let documented: Vec<&str> = documented
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .flat_map(|line| line.split("[`").skip(1))
        .filter_map(|rest| rest.split("`]").next())
        .collect();
    let verified: Vec<&str> = layers::LAYERS.iter().copied().flatten().copied().collect();
    assert_eq!(documented, verified);
}
