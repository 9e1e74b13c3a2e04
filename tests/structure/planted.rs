//! Small sources with violations: exactly those must be found.

use crate::source::{Package, Source};
use crate::{cycles, files, functions, imports, layers, modules, paths, top_level};

fn package(name: &str, src: &str) -> Package {
    Package {
        name: name.to_owned(),
        src: src.to_owned(),
    }
}

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect()
}

/// The imports as `from -> to: names`, and the files of each cycle.
fn analyze(files: &[(&str, &str)]) -> (Vec<String>, Vec<Vec<String>>) {
    let sources = sources(files);
    let packages = [package("app", "src"), package("base", "crates/base/src")];
    let tree = modules::ModuleTree::new(&packages, &sources);
    let imports = imports::imports(&tree);
    assert!(imports.unresolved.is_empty(), "{:?}", imports.unresolved);
    let edges = imports.edges.iter().map(|((from, to), names)| {
        let names = Vec::from_iter(names.iter().map(String::as_str)).join(", ");
        format!("{} -> {}: {names}", sources[*from].path, sources[*to].path)
    });
    let groups = cycles::cycles(&imports.edges);
    let groups = groups.iter().map(|group| {
        let files = group.iter();
        files.map(|file| sources[*file].path.clone()).collect()
    });
    (edges.collect(), groups.collect())
}

#[test]
fn cycle_through_a_re_export_is_found() {
    let (edges, cycles) = analyze(&[
        ("src/lib.rs", "mod engine;"),
        (
            "src/engine/mod.rs",
            "mod a; mod b; pub use a::A; pub(crate) use b::b as renamed;",
        ),
        (
            "src/engine/a.rs",
            "pub struct A; fn f() { crate::engine::renamed() }",
        ),
        (
            "src/engine/b.rs",
            "use crate::engine::A; pub fn b() -> A { A }",
        ),
    ]);
    assert_eq!(
        edges,
        [
            "src/engine/a.rs -> src/engine/b.rs: b",
            "src/engine/b.rs -> src/engine/a.rs: A"
        ]
    );
    assert_eq!(cycles, [["src/engine/a.rs", "src/engine/b.rs"]]);
}

#[test]
fn cycle_between_folders_is_not_a_cycle_between_files() {
    let (edges, cycles) = analyze(&[
        ("src/lib.rs", "mod x; mod y;"),
        (
            "src/x/mod.rs",
            "mod low; mod high; pub use low::Low; pub use high::High;",
        ),
        ("src/x/low.rs", "pub struct Low;"),
        (
            "src/x/high.rs",
            "use crate::y::Middle; pub struct High(Middle);",
        ),
        ("src/y/mod.rs", "mod middle; pub use middle::Middle;"),
        (
            "src/y/middle.rs",
            "use crate::x::Low; pub struct Middle(Low);",
        ),
    ]);
    assert_eq!(edges.len(), 2);
    assert!(cycles.is_empty());
}

#[test]
fn imports_in_tests_are_ignored() {
    let (_, cycles) = analyze(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "pub fn a() {} #[cfg(test)] mod tests { use crate::b::b; }",
        ),
        ("src/b.rs", "pub fn b() { crate::a::a() }"),
    ]);
    assert!(cycles.is_empty());
}

#[test]
fn all_kinds_of_imports_are_found() {
    let ways = [
        "use super::b::b;",
        "use crate::b::{self, b as other};",
        "use super::b; fn f() { b::b() }",
        "use crate::b::*; fn f() { b() }",
        "use super::*; fn f() { b::b() }",
        "fn f() { use crate::b; b::b() }",
        "fn f() { super::b::b() }",
        "fn f() { println!(\"{}\", super::b::b()) }",
        "use crate::b::*; fn f() { println!(\"{}\", b()) }",
        "mod inner { fn f() { super::super::b::b() } }",
        "mod inner { use super::*; fn f() { b() } } use crate::b::b;",
        "#[derive(Serialize)] struct S { #[serde(with = \"crate::b::b\")] s: u8 }",
        "#[arg(value_parser = crate::b::b)] struct S;",
        "fn f() { crate::again::b() }",
    ];
    for way in ways {
        let (edges, cycles) = analyze(&[
            ("src/lib.rs", "mod a; mod b; mod again;"),
            ("src/a.rs", &format!("pub struct A; {way}")),
            ("src/b.rs", "pub fn b() { crate::a::A; }"),
            ("src/again.rs", "pub use crate::b::*;"),
        ]);
        assert!(
            edges.contains(&"src/a.rs -> src/b.rs: b".to_owned()),
            "{way}: {edges:?}"
        );
        assert_eq!(cycles, [["src/a.rs", "src/b.rs"]], "{way}");
    }
}

#[test]
fn fields_and_locals_are_not_imports() {
    let (edges, _) = analyze(&[
        ("src/lib.rs", "mod a; mod run; pub use run::run;"),
        (
            "src/a.rs",
            "use std::fmt; fn f(run: u8, s: S) { s.run; s.run(); run; format!(\"{}\", s.run); }",
        ),
        ("src/run.rs", "pub fn run() {} pub struct Job;"),
    ]);
    assert!(edges.is_empty(), "{edges:?}");
    let (edges, _) = analyze(&[
        ("src/lib.rs", "mod a; mod run; pub use run::run;"),
        ("src/a.rs", "fn f() -> crate::run::Job { crate::run() }"),
        ("src/run.rs", "pub fn run() {} pub struct Job;"),
    ]);
    assert_eq!(edges, ["src/a.rs -> src/run.rs: Job, run"]);
}

#[test]
fn imports_between_packages_are_found() {
    let (edges, _) = analyze(&[
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "use base::model::Model; fn f() { base::g() }"),
        ("crates/base/src/lib.rs", "pub mod model; pub fn g() {}"),
        ("crates/base/src/model.rs", "pub struct Model;"),
    ]);
    assert_eq!(
        edges,
        [
            "src/a.rs -> crates/base/src/lib.rs: g",
            "src/a.rs -> crates/base/src/model.rs: Model"
        ]
    );
}

#[test]
fn generated_names_belong_to_the_including_file() {
    let (edges, _) = analyze(&[
        ("src/lib.rs", "mod tables; mod a;"),
        (
            "src/tables.rs",
            "mod made { include!(concat!(env!(\"OUT_DIR\"), \"/t.rs\")); } pub use made::TABLE;",
        ),
        ("src/a.rs", "use super::tables::TABLE;"),
    ]);
    assert_eq!(edges, ["src/a.rs -> src/tables.rs: TABLE"]);
}

#[test]
fn unresolved_path_is_reported() {
    let sources = sources(&[
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "use crate::missing::Thing;"),
    ]);
    let tree = modules::ModuleTree::new(&[package("app", "src")], &sources);
    let unresolved = imports::imports(&tree).unresolved;
    assert_eq!(
        Vec::from_iter(unresolved),
        [(1, "crate::missing::Thing".to_owned())]
    );
}

#[test]
fn wrong_order_and_uses_outside_the_core_are_found() {
    let sources = sources(&[
        (
            "src/lib.rs",
            "mod xml; mod cli; mod fix; mod engine; mod git; mod config;",
        ),
        (
            "src/xml.rs",
            "use crate::cli::Arguments; use std::fs; fn f() { fs::read(0); }",
        ),
        (
            "src/cli.rs",
            "pub struct Arguments; use std::env; fn f() { crate::engine::E; }",
        ),
        ("src/fix/mod.rs", "mod write; mod plan;"),
        ("src/fix/write.rs", "use std::fs::File;"),
        (
            "src/fix/plan.rs",
            "use jiff::Timestamp; fn f() { Timestamp::now(); p.exists(); }",
        ),
        (
            "src/engine.rs",
            "pub struct E; use crate::git::G; use std::time::Duration;",
        ),
        ("src/git.rs", "pub struct G;"),
        ("src/config.rs", "use std::fs;"),
    ]);
    let tree = modules::ModuleTree::new(&[package("app", "src")], &sources);
    let imports = imports::imports(&tree);
    let upward = layers::upward_imports(&imports, &sources);
    assert_eq!(
        Vec::from_iter(upward.keys()),
        ["src/engine.rs -> src/git.rs", "src/xml.rs -> src/cli.rs"]
    );
    assert_eq!(
        layers::outside_uses(&imports, &sources),
        [
            "src/xml.rs: std::fs",
            "src/xml.rs: std::fs::read",
            "src/fix/plan.rs: jiff::Timestamp::now",
            "src/fix/plan.rs: exists"
        ]
    );
}

#[test]
fn long_functions_are_found() {
    let long = |name: &str, body: &str, lines: usize| {
        format!("fn {name}() {{\n{}}}\n", body.repeat(lines - 2))
    };
    let one_match = |name: &str, arms: usize| {
        format!(
            "fn {name}() {{\nmatch x {{\n{}}}\n}}\n",
            "1 => 1,\n".repeat(arms)
        )
    };
    let text = [
        long("short", "f();\n", 80),
        long("long", "f();\n", 81),
        one_match("table", 96),
        one_match("long_table", 97),
        format!("impl A {{ {} }}", long("method", "f();\n", 81)),
    ];
    assert_eq!(
        functions::long_functions(&Source::new("a.rs", &text.concat())),
        [
            ("a.rs: long".to_owned(), 81),
            ("a.rs: long_table".to_owned(), 101),
            ("a.rs: method".to_owned(), 81)
        ]
    );
}

#[test]
fn content_of_mod_rs_path_attributes_and_vague_names_are_found() {
    let content = |path: &str, text: &str| files::content_of_mod_rs(&Source::new(path, text));
    let declarations =
        "//! Doc.\nmod a;\npub mod b;\npub(crate) use a::A;\n#[cfg(test)]\nmod tests;\n";
    assert_eq!(content("src/x/mod.rs", declarations), None);
    for item in [
        "use a::A;",
        "fn f() {}",
        "mod m { fn f() {} }",
        "pub const A: u8 = 0;",
    ] {
        let text = format!("mod a;\n{item}");
        let line = Some("line 2".to_owned());
        assert_eq!(content("src/x/mod.rs", &text), line, "{item}");
        assert_eq!(content("src/x/a.rs", &text), None, "{item}");
    }
    let included = Source::new("build.rs", "#[path = \"src/a.rs\"] mod a; #[cfg(x)] mod b;");
    assert_eq!(files::path_attributes(&included), ["build.rs: a"]);
    assert!(files::has_vague_name("src/utils/a.rs"));
    assert!(files::has_vague_name("src/rule/helper.rs"));
    assert!(!files::has_vague_name("src/rule/common_name.rs"));
}

#[test]
fn paths_in_documentation_are_recognized() {
    let text = "Write `src/output/<format>.rs`, run `src/a.rs`, `.ci/run fast` or `.ci/run`, see `a/b` and `tests`.";
    assert_eq!(paths::paths(text), ["src/a.rs", ".ci/run", "tests"]);
}

#[test]
fn unexpected_entry_in_the_root_is_found() {
    let paths = [
        "src/lib.rs",
        "Cargo.toml",
        "setup.py",
        ".ci/run",
        "npm/build.mjs",
        "notes.txt",
        "src",
    ];
    let stray = paths
        .into_iter()
        .filter(|path| !top_level::is_expected(path));
    assert_eq!(Vec::from_iter(stray), ["npm/build.mjs", "notes.txt", "src"]);
}

#[test]
fn names_that_windows_cannot_create_are_found() {
    for path in [
        "a/*.xml",
        "a?",
        "nul",
        "a/Aux.rs/b",
        "a./b",
        "a /b",
        "c:d",
        "a\\b",
    ] {
        assert!(top_level::is_invalid_on_windows(path), "{path}");
    }
    for path in [".ci/run", "src/console.rs", "a b/c.d.xml", "null"] {
        assert!(!top_level::is_invalid_on_windows(path), "{path}");
    }
}
