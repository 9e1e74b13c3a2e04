//! The structure of the code: which file may use which, how long a function may be, what a `mod.rs` contains.
//!
//! `known.rs` lists what does not comply yet.

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

/// What does not comply: a name for the list in `known.rs`, and what to show of it.
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

/// The code is read once for all tests. Syntax trees stay on the thread that made them.
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

/// Fails for what is found but not known, and for what is known but no longer found.
fn compare(found: &Found, known: &[&str], details: &str) {
    let new = found
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    let new: Vec<String> = new.map(|(name, more)| format!("{name}  {more}")).collect();
    assert!(new.is_empty(), "\n{}\n\n{details}", new.join("\n"));
    let gone = known.iter().filter(|name| !found.contains_key(**name));
    let gone: Vec<&str> = gone.copied().collect();
    assert!(
        gone.is_empty(),
        "these comply now, remove them from tests/structure/known.rs:\n{}",
        gone.join("\n")
    );
}

/// A path that this test does not understand could hide an import.
#[test]
fn every_path_leads_to_a_file() {
    let unresolved = &STRUCTURE.unresolved;
    assert!(unresolved.is_empty(), "\n{}", unresolved.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let found = &STRUCTURE.files_in_cycles;
    compare(found, known::FILES_IN_CYCLES, &STRUCTURE.cycles);
}

#[test]
fn no_function_is_longer_than_80_lines() {
    let known: Vec<&str> = known::LONG_FUNCTIONS
        .iter()
        .map(|(name, _)| *name)
        .collect();
    compare(&STRUCTURE.long_functions, &known, "");
}

#[test]
fn a_mod_rs_only_declares_and_re_exports() {
    let found = &STRUCTURE.mod_rs_with_content;
    compare(found, known::MOD_RS_WITH_CONTENT, "");
}

#[test]
fn a_module_uses_only_those_below_it() {
    compare(&STRUCTURE.upward_imports, known::UPWARD_IMPORTS, "");
}

#[test]
fn the_core_knows_no_disk_process_clock_or_terminal() {
    compare(&STRUCTURE.outside_uses, known::OUTSIDE_USES, "");
}

#[test]
fn no_module_is_included_by_path() {
    compare(&STRUCTURE.path_attributes, known::PATH_ATTRIBUTES, "");
}

#[test]
fn file_names_say_what_is_inside() {
    let vague = &STRUCTURE.vague_names;
    assert!(vague.is_empty(), "\n{}", vague.join("\n"));
}

#[test]
fn documentation_names_paths_that_exist() {
    let missing = paths::missing_paths(Path::new(env!("CARGO_MANIFEST_DIR")));
    compare(&missing, known::MISSING_PATHS, "");
}

#[test]
fn the_top_level_has_only_what_belongs_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unexpected = top_level::unexpected(root).unwrap_or_default();
    let named = unexpected.into_iter().map(|entry| (entry, String::new()));
    compare(&named.collect(), known::TOP_LEVEL, "move it into a folder");
}

/// The list in `src/lib.rs` is the one that readers see.
#[test]
fn the_documented_order_of_modules_is_the_one_that_is_verified() {
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
