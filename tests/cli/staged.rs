//! `--staged`: findings in the files of the index.

use std::fs;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, git_command, named};
use crate::support::app;

const NONE: [&str; 0] = [];

#[test]
fn checks_the_index_instead_of_the_working_tree() {
    let repository = Repository::new();
    assert_eq!(repository.staged(), NONE);
    repository.app("New", PUBLIC);
    assert_eq!(repository.staged(), NONE);
    repository.git(["add", "--all"]);
    let outcome = repository.outcome(&["--staged"]);
    assert_eq!(named(&outcome), ["New critical"]);
    let head = repository.git(["rev-parse", "--short=12", "HEAD"]);
    let sentence = format!("compared: staged files with HEAD ({head}): 1 metadata file changed\n");
    assert!(outcome.stderr.starts_with(&sentence), "{outcome:?}");
    // The working tree does not matter.
    repository.app("New", CONFIDENTIAL);
    repository.app("Old", PUBLIC);
    assert_eq!(repository.staged(), ["New critical"]);
    fs::remove_file(repository.path("force-app/New.connectedApp")).unwrap();
    assert_eq!(repository.staged(), ["New critical"]);
    let named = ["--staged", "force-app/New.connectedApp"];
    assert_eq!(repository.found(&named), ["New critical"]);
    assert_eq!(repository.found(&["--staged", "more"]), NONE);
    repository.git(["rm", "--quiet", "--cached", "force-app/New.connectedApp"]);
    assert_eq!(repository.staged(), NONE);
}

#[test]
fn related_files_come_from_the_index_too() {
    let repository = Repository::new();
    let found = || repository.found(&["--staged", "--ignore=pkce-required-org-wide"]);
    repository.app("New", CONFIDENTIAL);
    repository.git(["add", "--all"]);
    repository.write(SETTINGS, STRICT);
    assert_eq!(found(), ["New high"]);
    repository.git(["add", "--intent-to-add", SETTINGS]);
    assert_eq!(found(), ["New high"]);
    repository.git(["add", SETTINGS]);
    let all = ["New medium", "Old medium", "Other high"];
    assert_eq!(found(), all);
    repository.write(SETTINGS, STRICT.replace("true", "false"));
    assert_eq!(found(), all);
    fs::remove_file(repository.path(SETTINGS)).unwrap();
    assert_eq!(found(), all);
    // An app that is not in the index is not checked.
    repository.app("Later", CONFIDENTIAL);
    assert_eq!(found(), all);
    assert_eq!(
        repository.found(&["--staged", "force-app/Later.connectedApp"]),
        NONE
    );
    repository.git(["add", "force-app/New.connectedApp"]);
    repository.git(["commit", "--quiet", "--message=settings"]);
    repository.git(["rm", "--quiet", "--cached", SETTINGS]);
    repository.write(SETTINGS, STRICT);
    assert_eq!(found(), ["New high", "Old high", "Other critical"]);
}

#[test]
fn moved_file_is_not_a_change() {
    let repository = Repository::new();
    repository.git([
        "mv",
        "force-app/Old.connectedApp",
        "force-app/New.connectedApp",
    ]);
    assert_eq!(repository.staged(), NONE);
    repository.app("New", PUBLIC);
    assert_eq!(repository.staged(), NONE);
    repository.git(["add", "--all"]);
    assert_eq!(repository.staged(), ["New critical"]);
}

#[test]
fn unmerged_file_is_an_error() {
    let repository = Repository::new();
    repository.git(["switch", "--quiet", "--create=feature"]);
    repository.app("Old", PUBLIC);
    repository.commit();
    repository.git(["switch", "--quiet", "main"]);
    repository.app("Old", "third://callback");
    repository.commit();
    let merge = git_command(&repository.path(""))
        .args(["merge", "feature"])
        .output()
        .unwrap();
    assert!(!merge.status.success());
    let outcome = repository.outcome(&["--staged"]).expect(2);
    assert!(
        outcome
            .stderr
            .contains("Old.connectedApp cannot be read: it has an unresolved merge conflict")
    );
    // The working tree has a text.
    assert_eq!(repository.since_main(), ["Old high"]);
}

#[test]
fn fix_changes_only_the_working_tree() {
    let repository = Repository::new();
    repository.app("New", CONFIDENTIAL);
    repository.app("Partly", CONFIDENTIAL);
    repository.git(["add", "--all"]);
    let partly = app(CONFIDENTIAL).replace("App<", "Ape<");
    repository.write("force-app/Partly.connectedApp", &partly);
    let outcome = repository.outcome(&["--staged", "--fix=all"]).expect(2);
    let error = "error: force-app/Partly.connectedApp is partly staged and was not fixed";
    assert!(outcome.stderr.contains(error), "{outcome:?}");
    let note = "`git add force-app/New.connectedApp`\n";
    assert!(outcome.stderr.contains(note), "{outcome:?}");
    assert!(
        outcome.stderr.contains("fixed: 1 finding in 1 file\n"),
        "{outcome:?}"
    );
    let read = |name: &str| fs::read_to_string(repository.path(name)).unwrap();
    assert!(read("force-app/New.connectedApp").contains("<isPkceRequired>true"));
    assert_eq!(read("force-app/Partly.connectedApp"), partly);
    // The index still has the findings.
    let both = ["New high", "Partly high"];
    assert_eq!(outcome.findings().len(), 2);
    assert_eq!(repository.staged(), both);
    repository.git(["add", "force-app/New.connectedApp"]);
    assert_eq!(repository.staged(), ["Partly high"]);
}

#[test]
fn patch_applies_to_the_working_tree() {
    let repository = Repository::new();
    repository.git(["config", "core.autocrlf", "true"]);
    let text = app(CONFIDENTIAL).replace('\n', "\r\n");
    repository.write("force-app/New.connectedApp", text);
    repository.git(["add", "--all"]);
    let diff = || {
        let arguments = ["check", "--select=pkce", "--staged", "--diff", "--fix=all"];
        repository.sandbox.forcelint(arguments).run()
    };
    let patch = diff().expect(1).stdout;
    assert!(
        patch.contains("+        <isPkceRequired>true</isPkceRequired>\r\n"),
        "{patch}"
    );
    repository.app("New", PUBLIC);
    assert!(diff().expect(2).stderr.contains("is partly staged"));
}

/// During `git commit --all`, git uses a temporary index.
#[cfg(unix)]
#[test]
fn hook_checks_the_index_of_the_commit() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = Repository::new();
    let hook = ".git/hooks/pre-commit";
    let program = crate::support::FORCELINT;
    repository.write(
        hook,
        format!("#!/bin/sh\nexec {program} check --select=pkce --staged\n"),
    );
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(repository.path(hook), mode).unwrap();
    let commit = |arguments: &[&str]| {
        let mut git = git_command(&repository.path(""));
        let all = ["commit", "--quiet", "--message=change"];
        git.args(all.iter().chain(arguments)).output().unwrap()
    };
    repository.app("Old", PUBLIC);
    repository.write("readme.md", "");
    repository.git(["add", "readme.md"]);
    let failed = commit(&["--all"]);
    assert!(!failed.status.success());
    let stderr = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(
        stderr.contains("Old.connectedApp:4:5: critical[pkce-required]"),
        "{stderr}"
    );
    assert!(!commit(&["force-app/Old.connectedApp"]).status.success());
    // The file itself is not in this commit.
    assert!(commit(&[]).status.success());
}
