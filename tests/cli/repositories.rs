//! `--since` and `--staged` over more than one repository, and over such as nobody should trust.

use std::fs;
use std::path::Path;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, git_command, named};
use crate::support::app;

const NONE: [&str; 0] = [];

/// Makes a folder a repository with everything in it committed.
fn make(repository: &Repository, folder: &str) {
    repository.git_in(folder, ["init", "--quiet", "--initial-branch=main"]);
    repository.git_in(folder, ["add", "--all"]);
    repository.git_in(
        folder,
        ["commit", "--quiet", "--allow-empty", "--message=all"],
    );
}

#[test]
fn several_repositories_are_compared_each_by_itself() {
    let repository = Repository::new();
    repository.write("a/Old.connectedApp", app(PUBLIC));
    repository.write("b/Old.connectedApp", app(PUBLIC));
    make(&repository, "a");
    make(&repository, "b");
    repository.write("a/A.connectedApp", app(CONFIDENTIAL));
    repository.write("b/B.connectedApp", app(CONFIDENTIAL));
    repository.git_in("b", ["add", "--all"]);
    let outcome = repository.outcome(&["--since=main", "a", "b"]);
    assert_eq!(named(&outcome), ["A high", "B high"]);
    for folder in ["a", "b"] {
        let sentence = format!("compared: in [ROOT]/{folder}: the working tree with ");
        assert!(outcome.stderr.contains(&sentence), "{outcome:?}");
    }
    assert_eq!(repository.found(&["--staged", "a", "b"]), ["B high"]);
    repository.git_in("b", ["branch", "--move", "trunk"]);
    let outcome = repository.outcome(&["--since=main", "a", "b"]).expect(2);
    assert!(outcome.stderr.contains("unknown ref `main` in `[ROOT]/b`"));
}

#[test]
fn a_worktree_has_a_head_and_an_index_of_its_own() {
    let repository = Repository::new();
    repository.git(["worktree", "add", "--quiet", "-b", "feature", "tree"]);
    repository.write("tree/force-app/New.connectedApp", app(CONFIDENTIAL));
    let found = |option: &str| named(&repository.check([option]).in_folder("tree").run());
    assert_eq!(found("--since=main"), ["New high"]);
    assert_eq!(found("--staged"), NONE);
    repository.git_in("tree", ["add", "--all"]);
    assert_eq!(found("--staged"), ["New high"]);
    assert_eq!(repository.staged(), NONE);
}

/// The branch of the repository around it means nothing in a submodule.
#[test]
fn a_submodule_is_compared_with_the_commit_that_it_was_at() {
    let repository = Repository::empty();
    repository.write("origin/Lib.connectedApp", app(PUBLIC));
    make(&repository, "origin");
    repository.git_in("origin", ["branch", "--move", "trunk"]);
    repository.write(".gitignore", "/origin\n");
    repository.app("Old", PUBLIC);
    repository.commit();
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
    ];
    repository.git(add.iter().chain(&["./origin", "force-app/lib"]));
    // It is new as a whole, until that is committed.
    assert_eq!(repository.since_main(), ["Lib critical"]);
    repository.commit();
    assert_eq!(repository.since_main(), NONE);
    repository.write("force-app/lib/Untracked.connectedApp", app(CONFIDENTIAL));
    assert_eq!(repository.since_main(), ["Untracked high"]);
    repository.git_in("force-app/lib", ["add", "--all"]);
    assert_eq!(repository.staged(), ["Untracked high"]);
    repository.git_in("force-app/lib", ["commit", "--quiet", "--message=more"]);
    let outcome = repository.outcome(&["--since=main"]);
    assert_eq!(named(&outcome), ["Untracked high"]);
    assert!(
        outcome
            .stderr
            .contains("(the commit of this submodule in the outer repository)"),
        "{outcome:?}"
    );
    repository.commit();
    assert_eq!(repository.since_main(), NONE);
    assert_eq!(repository.found(&["--since=main~1"]), ["Untracked high"]);
    // Org settings beyond a border between repositories hold all the same.
    repository.write("force-app/lib/settings/OauthOidc.settings-meta.xml", STRICT);
    let found = repository.found(&["--since=main", "--ignore=pkce-required-org-wide"]);
    assert_eq!(found, ["Lib high", "Old high", "Untracked medium"]);
}

#[test]
fn a_repository_that_is_not_tracked_is_new() {
    let repository = Repository::new();
    repository.write("force-app/inner/Inner.connectedApp", app(CONFIDENTIAL));
    make(&repository, "force-app/inner");
    assert_eq!(repository.since_main(), ["Inner high"]);
    assert_eq!(repository.staged(), NONE);
    // As a project of its own it is like any other.
    repository.write("force-app/inner/sfdx-project.json", "{}");
    repository.git_in("force-app/inner", ["add", "--all"]);
    assert_eq!(repository.found(&["--since=main", "force-app/inner"]), NONE);
}

#[cfg(unix)]
#[test]
fn links_lead_to_what_git_knows() {
    let repository = Repository::new();
    repository.app("New", CONFIDENTIAL);
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(repository.path(to), repository.path(from)).unwrap();
    };
    link("force-app", "apps");
    link(
        "force-app/New.connectedApp",
        "force-app/Linked.connectedApp",
    );
    assert_eq!(
        repository.found(&["--since=main", "apps"]),
        ["Linked high", "New high"]
    );
    repository.git(["add", "--all"]);
    // A link is staged as a link.
    assert_eq!(repository.found(&["--staged", "apps"]), ["New high"]);
    // By that name it lies in no package directory, so that its settings do not count.
    repository.write(SETTINGS, STRICT);
    repository.git(["add", "--all"]);
    let found = [
        "--staged",
        "--ignore=pkce-required-org-wide",
        "apps/New.connectedApp",
    ];
    assert_eq!(repository.found(&found), ["New high"]);
}

/// Everything in a repository's config that names a program, and every file that asks for one.
#[cfg(unix)]
#[test]
fn a_hostile_repository_runs_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = Repository::new();
    let program = repository.path("evil.sh");
    let proof = repository.path("proof");
    repository.write(
        &program,
        format!("#!/bin/sh\necho \"$@\" >> {}\ncat\n", proof.display()),
    );
    let runnable = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    runnable(&program).unwrap();
    let text = program.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "core.pager",
        "pager.diff-index",
        "core.sshCommand",
        "core.editor",
        "core.askPass",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "merge.evil.driver",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.E=v\"i l.clean",
        "filter.third.process",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
    ] {
        repository.git(["config", key, text]);
    }
    repository.git(["config", "filter.evil.required", "true"]);
    repository.git(["config", "alias.diff-index", &format!("!{text}")]);
    repository.git([
        "config",
        "core.hooksPath",
        repository.path("hooks").to_str().unwrap(),
    ]);
    for hook in ["post-index-change", "fsmonitor-watchman", "pre-commit"] {
        let hook = repository.path("hooks").join(hook);
        repository.write(&hook, format!("#!{text}\n"));
        runnable(&hook).unwrap();
    }
    let attributes =
        "*.connectedApp filter=evil diff=evil merge=evil\n*.settings-meta.xml filter=third\n";
    repository.write(".gitattributes", attributes);
    repository.write(
        ".git/info/attributes",
        "force-app/Old.connectedApp filter=E=v\n",
    );
    let before = repository.git(["hash-object", "--no-filters", ".git/index"]);
    // As old as the index itself, so that git would have to look into them.
    repository.app("Old", PUBLIC);
    repository.app("New", CONFIDENTIAL);
    repository.write(SETTINGS, STRICT);
    let _ = fs::remove_file(&proof);
    for option in ["--since=main", "--staged"] {
        let check = || repository.check([option, "--ignore=pkce-required-org-wide"]);
        check().run();
        // A program of that name lies here, and the search would begin here.
        let path = std::env::var("PATH").unwrap();
        repository.write("git", format!("#!{text}\n"));
        runnable(&repository.path("git")).unwrap();
        check().env("PATH", &format!(".::{path}")).run();
    }
    assert!(!proof.exists(), "{}", fs::read_to_string(&proof).unwrap());
    assert_eq!(
        repository.git(["hash-object", "--no-filters", ".git/index"]),
        before
    );
    // The same by git alone, so that the test tests something.
    let mut git = git_command(&repository.path(""));
    git.args(["diff", "HEAD"]).output().unwrap();
    assert!(proof.exists());
}

/// A partial clone lacks texts, and is not made to fetch them.
#[test]
fn nothing_is_fetched() {
    let repository = Repository::new();
    repository.write(SETTINGS, STRICT);
    repository.commit();
    repository.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repository.path(".git").display());
    let clone = ["clone", "--quiet", "--filter=blob:none", "--no-checkout"];
    repository.git(clone.iter().copied().chain([url.as_str(), "clone"]));
    repository.git_in(
        "clone",
        ["sparse-checkout", "set", "--no-cone", "/sfdx-project.json"],
    );
    repository.git_in("clone", ["checkout", "--quiet", "main"]);
    repository.write("clone/force-app/New.connectedApp", app(CONFIDENTIAL));
    repository.git_in("clone", ["add", "--sparse", "force-app/New.connectedApp"]);
    let check = repository
        .check(["--staged", "--select=pkce-required"])
        .in_folder("clone");
    let outcome = check.run().expect(2);
    assert!(
        outcome.stderr.contains("git does not have its content"),
        "{outcome:?}"
    );
    // The settings might lower it, and nobody can tell.
    assert_eq!(outcome.findings(), ["force-app/New.connectedApp high"]);
}

/// Only as many files as changed are met, however many there are.
#[test]
fn nothing_else_is_walked() {
    let repository = Repository::new();
    for name in 0..50 {
        repository.app(&format!("folder{name}/Secure"), PUBLIC);
    }
    repository.commit();
    repository.app("folder7/Secure", CONFIDENTIAL);
    repository.git(["add", "--all"]);
    for option in ["--since=main", "--staged"] {
        let report = repository.outcome(&[option]).expect(1).json();
        assert_eq!(report["summary"]["files_seen"], 1);
        assert_eq!(report["summary"]["files_checked"], 1);
    }
}

/// Git refuses what belongs to somebody else, and says how to trust it.
#[test]
fn a_repository_of_somebody_else() {
    let repository = Repository::new();
    for option in ["--since=main", "--staged"] {
        let check = repository.check([option]);
        let check = check.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        let outcome = check.run().expect(2);
        assert!(outcome.stderr.contains("dubious ownership"), "{outcome:?}");
        assert!(outcome.stderr.contains("safe.directory"), "{outcome:?}");
    }
}
