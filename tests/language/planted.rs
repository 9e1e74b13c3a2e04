//! A phrase planted into each kind of text is found at its line.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::blocks::{Block, paragraphs};
use crate::texts;
use crate::words::WORDS;

/// A repository with one file.
fn repository(path: &str, text: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    root
}

/// The locations and phrases of hits, without the advice.
fn hits(blocks: &[Block]) -> Vec<String> {
    let hits = WORDS.hits(blocks).into_iter();
    hits.map(|hit| hit.split(" → ").next().unwrap().to_owned())
        .collect()
}

/// The hits in a repository with one file.
fn planted(find: impl Fn(&Path) -> Vec<Block>, path: &str, text: &str) -> Vec<String> {
    hits(&find(repository(path, text).path()))
}

#[test]
fn in_the_documentation() {
    let text = "# Title\n\nA file is passed\nover.\n\n```sh\nx # a roll-out\n```\n\n```text\nmended\n```\n";
    for path in ["README.md", "docs/page.md", "docs/internals/page.md"] {
        assert_eq!(
            planted(texts::documentation, path, text),
            [
                format!("{path}:3: passed over"),
                format!("{path}:7: roll-out")
            ]
        );
        assert_eq!(
            planted(texts::generated, path, text),
            [format!("{path}:11: mended")]
        );
    }
    let text = "[[control]]\nreason = \"Nobody knows.\"\n";
    assert_eq!(
        planted(texts::documentation, "docs/controls.toml", text),
        ["docs/controls.toml:2: Nobody"]
    );
}

#[test]
fn in_generated_pages() {
    let page = "One\n\nIt is told here.\n";
    for path in ["docs/cli.md", "docs/rules/x.md", "packaging/man/x.1"] {
        assert_eq!(
            planted(texts::generated, path, page),
            [format!("{path}:3: told")]
        );
        assert!(planted(texts::documentation, path, page).is_empty());
        assert!(planted(texts::packages, path, page).is_empty());
    }
    let schema = "{\n  \"mended\": {\n    \"description\": \"What it\\nholds.\"\n  }\n}\n";
    assert_eq!(
        planted(texts::generated, "docs/x.schema.json", schema),
        ["docs/x.schema.json:3: holds"]
    );
}

#[test]
fn in_rules_and_their_tests() {
    let text = "help = \"\"\"\nSet it.\nIt is set anew.\"\"\"\n";
    for path in [
        "rules/oauth/x.toml",
        "rules/oauth/x.test.toml",
        "rules/conditions/x.toml",
    ] {
        assert_eq!(
            planted(texts::rules, path, text),
            [format!("{path}:3: anew")]
        );
    }
}

#[test]
fn in_the_help() {
    let text = "Check files\n\nOptions:\n  -q  The mildest\n      severity\n";
    assert_eq!(
        hits(&paragraphs("forcelint --help", text)),
        ["forcelint --help:4: mildest"]
    );
    let files: Vec<String> = texts::help().into_iter().map(|it| it.file).collect();
    for name in [
        "forcelint --help",
        "forcelint check --help",
        "forcelint rules list --help",
    ] {
        assert!(files.iter().any(|file| file == name), "{files:?}");
    }
}

#[test]
fn in_strings_comments_and_names() {
    let text = r####"//! A file that is left
//! out.

// It is anew.
pub fn is_mended<'a>(it: &'a str) -> char {
    let text = "\"quoted\" \
                behaviour"; // mended
    let raw = r#"a "colour" "#;
    /* nested /* told */ */
    let call = f('"', b'\'', "a\nb nobody {}", 1u8);
    '"' // whoever
}
"####;
    let source = |path: &str| texts::source(repository(path, text).path());
    for path in ["src/x/y.rs", "xtask/src/x.rs"] {
        let scanned = source(path);
        assert_eq!(
            hits(&scanned.strings),
            [
                format!("{path}:7: behaviour"),
                format!("{path}:8: colour"),
                format!("{path}:10: nobody")
            ]
        );
        assert_eq!(
            hits(&scanned.comments),
            [
                format!("{path}:1: left out"),
                format!("{path}:4: anew"),
                format!("{path}:7: mended"),
                format!("{path}:9: told"),
                format!("{path}:11: whoever")
            ]
        );
        assert_eq!(hits(&scanned.names), [format!("{path}:5: mended")]);
    }
}

#[test]
fn in_packages() {
    for (path, text) in [
        (
            "action.yml",
            "a: b\ndescription: >-\n  One file a\n  format\n",
        ),
        (".pre-commit-hooks.yaml", "\n# One page\n# a format\n"),
        ("editors/vscode/README.md", "# A\n\nOne page a format.\n"),
        (
            "editors/vscode/src/x.ts",
            "/**\n * x\n * One\n * file a format */\n",
        ),
        (
            ".github/workflows/ci.yml",
            "name: A\njobs:\n  - name: One file a format\n",
        ),
    ] {
        let found = planted(texts::packages, path, text);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
    }
    let text = "const x = `${a} is told`;\n";
    assert_eq!(
        planted(texts::packages, "editors/vscode/src/x.ts", text),
        ["editors/vscode/src/x.ts:1: told"]
    );
    let text = "{\n  \"description\": \"Licence\"\n}\n";
    assert_eq!(
        planted(texts::packages, "editors/vscode/package.json", text),
        ["editors/vscode/package.json:2: Licence"]
    );
}

#[test]
fn only_whole_words_outside_code_and_exceptions() {
    for text in [
        "`nobody` and [x](https://example.com/nobody) understand",
        "admin-approved-nobody-assigned",
        "There is no rule. It is no longer there. It stands for a rule, from now on.",
        "in one pass over the tree; an analysis; two analyses; licensed; optimistic",
    ] {
        let blocks = [Block::new("README.md", 1, text).without_code()];
        assert!(hits(&blocks).is_empty(), "{:?}", hits(&blocks));
    }
    for (text, phrase) in [
        ("`x` is no boolean", "is no boolean"),
        ("One page a control", "One page a control"),
        ("from the first release on.", "from the first release on."),
        (
            "it holds the files against a schema",
            "holds the files against",
        ),
        ("ORGANISATION", "ORGANISATION"),
        (
            "nothing at or above it is left",
            "nothing at or above it is left",
        ),
        ("It has to be as it stands", "as it stands"),
    ] {
        let blocks = [Block::new("x", 1, text).without_code()];
        let found = hits(&blocks);
        assert!(
            found.iter().any(|hit| hit == &format!("x:1: {phrase}")),
            "{text}: {found:?}"
        );
    }
}
