//! `forcelint rules new`: a rule and its tests, to start from.

use std::fs;
use std::path::Path;

use crate::support::{Outcome, Sandbox, project_with};

fn new(sandbox: &Sandbox, id: &str) -> Outcome {
    sandbox.forcelint(["rules", "new", id]).run()
}

#[test]
fn new_rule_passes_its_tests_and_applies() {
    let sandbox = project_with(&["A"]);
    sandbox.write("rules/.keep", "");
    sandbox.write("forcelint.toml", "rule-paths = [\"a.toml\", \"rules\"]\n");
    // A rule that is not valid does not prevent a new one.
    sandbox.write("a.toml", "id = 1\n");
    let outcome = new(&sandbox, "team-contact").expect(0);
    assert_eq!(
        outcome.stdout,
        "written: rules/team-contact.toml\nwritten: rules/team-contact.test.toml\n\n\
         Edit both files, and run the tests:\n\n    forcelint rules test rules/team-contact.toml\n"
    );
    sandbox.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
    new(&sandbox, "other").expect(0);
    // Without arguments, the tests of all rules in `rule-paths` run.
    let tests = sandbox.forcelint(["rules", "test"]).run().expect(0);
    assert_eq!(
        tests.stdout,
        "ok    other         2 tests\nok    team-contact  2 tests\n4 passed, 0 failed\n"
    );
    assert_eq!(tests.stderr, "");
    let in_folder = sandbox.forcelint(["rules", "test"]).in_folder("force-app");
    assert_eq!(in_folder.run().expect(0).stdout, tests.stdout);
    let list = sandbox.forcelint(["rules", "list", "--select=ours"]);
    assert!(list.run().expect(0).stdout.starts_with("other\t"));
}

#[test]
fn without_rule_paths_the_config_to_set_is_shown() {
    let sandbox = project_with(&[]);
    let outcome = new(&sandbox, "team-contact").expect(0);
    let set =
        "To apply the rule, set this in forcelint.toml:\n\n    rule-paths = [\"lint-rules\"]\n";
    assert!(outcome.stdout.contains(set), "{}", outcome.stdout);
    for file in ["team-contact.toml", "team-contact.test.toml"] {
        let run = ["rules", "test", &format!("lint-rules/{file}")];
        let outcome = sandbox.forcelint(run).run().expect(0);
        assert!(outcome.stdout.ends_with("2 passed, 0 failed\n"), "{file}");
    }
    let all = sandbox.forcelint(["rules", "test"]).run().expect(0);
    let note = "`rule-paths` in forcelint.toml does not name `lint-rules`";
    assert!(all.stderr.contains(note), "{}", all.stderr);
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let outcome = new(&sandbox, "other").expect(0);
    assert!(!outcome.stdout.contains("rule-paths"), "{}", outcome.stdout);
    sandbox.forcelint(["rules", "test"]).run().expect(0);
    // A list of files has no folder for new ones.
    sandbox.write(
        "forcelint.toml",
        "rule-paths = [\"lint-rules/other.toml\"]\n",
    );
    let outcome = new(&sandbox, "third").expect(0);
    let set = "rule-paths = [\"lint-rules/other.toml\", \"lint-rules\"]\n";
    assert!(outcome.stdout.contains(set), "{}", outcome.stdout);
}

/// The tutorial shows the files without their comments.
#[test]
fn tutorial_shows_the_new_rule() {
    let sandbox = project_with(&[]);
    new(&sandbox, "team-contact").expect(0);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md");
    let docs = fs::read_to_string(docs).unwrap();
    for file in ["team-contact.toml", "team-contact.test.toml"] {
        let text = fs::read_to_string(sandbox.path(&format!("lint-rules/{file}"))).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let shown = lines.collect::<Vec<_>>().join("\n");
        let block = format!("```toml\n{}\n```\n", shown.trim());
        assert!(docs.contains(&block), "{block}");
    }
}

/// The names of the files are in the text before each block.
#[test]
fn rules_of_the_tutorial_pass_their_tests() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md");
    let docs = fs::read_to_string(docs).unwrap();
    let sandbox = project_with(&[]);
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let mut files = 0;
    for part in docs.split("\n```toml\n").collect::<Vec<_>>().windows(2) {
        let named = part[0].rsplit("```").next().unwrap();
        let Some((_, after)) = named.rsplit_once("`lint-rules/") else {
            continue;
        };
        let (file, _) = after.split_once('`').unwrap();
        let (text, _) = part[1].split_once("\n```\n").unwrap();
        sandbox.write(format!("lint-rules/{file}"), text);
        files += 1;
    }
    assert_eq!(files, 8);
    let tests = sandbox.forcelint(["rules", "test"]).run().expect(0);
    assert_eq!(
        tests.stdout,
        "ok    guest-system-flow        3 tests\n\
         ok    settings-in-source       2 tests\n\
         ok    team-contact             2 tests\n\
         ok    unused-named-credential  2 tests\n9 passed, 0 failed\n"
    );
}

#[test]
fn existing_files_are_kept() {
    for existing in ["team-contact.toml", "team-contact.test.toml"] {
        let sandbox = project_with(&[]);
        let path = format!("lint-rules/{existing}");
        sandbox.write(&path, "# mine\n");
        let outcome = new(&sandbox, "team-contact").expect(2);
        let stderr = &outcome.stderr;
        assert!(
            stderr.contains(&format!("`{path}` already exists")),
            "{stderr}"
        );
        assert_eq!(fs::read_to_string(sandbox.path(&path)).unwrap(), "# mine\n");
        assert_eq!(fs::read_dir(sandbox.path("lint-rules")).unwrap().count(), 1);
    }
}

#[test]
fn invalid_and_used_ids_are_errors_with_a_tip() {
    let sandbox = project_with(&[]);
    for (id, error, tip) in [
        ("TeamContact", "is not a rule id", "`team-contact`"),
        ("../team contact!", "is not a rule id", "`team-contact`"),
        ("-", "is not a rule id", "`team-contact`"),
        ("\u{1b}[31m", "is not a rule id", "`31m`"),
        ("hsts", "`hsts` is the id of a built-in rule", "`our-hsts`"),
    ] {
        let outcome = sandbox
            .forcelint(["rules", "new", "--", id])
            .run()
            .expect(2);
        let stderr = &outcome.stderr;
        assert!(stderr.contains(error) && stderr.contains(tip), "{stderr}");
        assert!(!stderr.contains('\u{1b}'), "{stderr}");
    }
    assert!(!sandbox.path("lint-rules").exists());
    // The file of a rule can have another name than its id.
    sandbox.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    sandbox.write("lint-rules/.keep", "");
    new(&sandbox, "team-contact").expect(0);
    fs::rename(
        sandbox.path("lint-rules/team-contact.toml"),
        sandbox.path("lint-rules/renamed.toml"),
    )
    .unwrap();
    let outcome = new(&sandbox, "team-contact").expect(2);
    let error = "`team-contact` is the id of the rule in `lint-rules/renamed.toml`";
    assert!(outcome.stderr.contains(error), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_not_followed() {
    let (sandbox, outside) = (project_with(&[]), Sandbox::new());
    std::os::unix::fs::symlink(&outside.root, sandbox.path("lint-rules")).unwrap();
    new(&sandbox, "team-contact").expect(2);
    assert_eq!(fs::read_dir(&outside.root).unwrap().count(), 0);
}
