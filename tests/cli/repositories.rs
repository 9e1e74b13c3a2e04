//! `--since` and `--staged` in several repositories, and in untrusted ones.

#[cfg(unix)]
use std::fs;
#[cfg(unix)]
use std::path::Path;

#[cfg(unix)]
use crate::repository::git_command;
use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, named};
use crate::support::app;

const NONE: [&str; 0] = [];

/// Creates a repository in a folder, and commits everything in it.
fn commit_all(repository: &Repository, folder: &str) {
    repository.git_in(folder, ["init", "--quiet", "--initial-branch=main"]);
    repository.git_in(folder, ["add", "--all"]);
    repository.git_in(
        folder,
        ["commit", "--quiet", "--allow-empty", "--message=all"],
    );
}

#[test]
fn each_repository_is_compared_separately() {
    let repository = Repository::new();
    repository.write("a/Old.connectedApp", app(PUBLIC));
    repository.write("b/Old.connectedApp", app(PUBLIC));
    commit_all(&repository, "a");
    commit_all(&repository, "b");
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
fn worktree_has_its_own_head_and_index() {
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

/// The branch of the outer repository does not exist in the submodule.
#[test]
fn submodule_is_compared_with_its_recorded_commit() {
    let repository = Repository::empty();
    repository.write("origin/Lib.connectedApp", app(PUBLIC));
    commit_all(&repository, "origin");
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
    // All of it is new until the submodule is committed.
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
    // Org settings also apply across the border between repositories.
    repository.write("force-app/lib/settings/OauthOidc.settings-meta.xml", STRICT);
    let found = repository.found(&["--since=main", "--ignore=pkce-required-org-wide"]);
    assert_eq!(found, ["Lib high", "Old high", "Untracked medium"]);
}

#[test]
fn untracked_repository_is_new() {
    let repository = Repository::new();
    repository.write("force-app/inner/Inner.connectedApp", app(CONFIDENTIAL));
    commit_all(&repository, "force-app/inner");
    assert_eq!(repository.since_main(), ["Inner high"]);
    assert_eq!(repository.staged(), NONE);
    // A project in it is a part of the outer one.
    repository.write("force-app/inner/sfdx-project.json", "{}");
    repository.git_in("force-app/inner", ["add", "--all"]);
    assert_eq!(
        repository.found(&["--since=main", "force-app/inner"]),
        ["Inner high"]
    );
}

#[cfg(unix)]
#[test]
fn links_to_tracked_files_are_followed() {
    let repository = Repository::new();
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(repository.path(to), repository.path(from)).unwrap();
    };
    link("force-app", "apps");
    repository.commit();
    repository.app("New", CONFIDENTIAL);
    link(
        "force-app/New.connectedApp",
        "force-app/Linked.connectedApp",
    );
    // Each file is checked once, at its path without links.
    assert_eq!(repository.found(&["--since=HEAD", "apps"]), ["New high"]);
    repository.git(["add", "--all"]);
    assert_eq!(repository.found(&["--staged", "apps"]), ["New high"]);
    // By that path the file is not in a package directory, so its org settings do not apply.
    repository.write(SETTINGS, STRICT);
    repository.git(["add", "--all"]);
    let found = [
        "--staged",
        "--ignore=pkce-required-org-wide",
        "apps/New.connectedApp",
    ];
    assert_eq!(repository.found(&found), ["New high"]);
}

/// All config keys and files of a repository that make git run a program.
#[cfg(unix)]
#[test]
fn hostile_repository_runs_no_program() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = Repository::new();
    let program = repository.path("evil.sh");
    let proof = repository.path("proof");
    repository.write(
        &program,
        format!("#!/bin/sh\necho \"$@\" >> {}\ncat\n", proof.display()),
    );
    let make_executable =
        |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    make_executable(&program).unwrap();
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
        make_executable(&hook).unwrap();
    }
    let attributes =
        "*.connectedApp filter=evil diff=evil merge=evil\n*.settings-meta.xml filter=third\n";
    repository.write(".gitattributes", attributes);
    repository.write(
        ".git/info/attributes",
        "force-app/Old.connectedApp filter=E=v\n",
    );
    let before = repository.git(["hash-object", "--no-filters", ".git/index"]);
    // The same size and time as in the index, so that git would have to read them.
    repository.app("Old", PUBLIC);
    repository.app("New", CONFIDENTIAL);
    repository.write(SETTINGS, STRICT);
    let _ = fs::remove_file(&proof);
    for option in ["--since=main", "--staged"] {
        let check = || repository.check([option, "--ignore=pkce-required-org-wide"]);
        check().run();
        // A program named `git` in the working directory, and a path that contains it.
        let path = std::env::var("PATH").unwrap();
        repository.write("git", format!("#!{text}\n"));
        make_executable(&repository.path("git")).unwrap();
        check().env("PATH", &format!(".::{path}")).run();
    }
    assert!(!proof.exists(), "{}", fs::read_to_string(&proof).unwrap());
    assert_eq!(
        repository.git(["hash-object", "--no-filters", ".git/index"]),
        before
    );
    // Plain git runs the program, so the test would detect it.
    let mut git = git_command(&repository.path(""));
    git.args(["diff", "HEAD"]).output().unwrap();
    assert!(proof.exists());
}

/// A partial clone lacks file contents. forcelint must not make git fetch them.
#[test]
fn partial_clone_is_not_fetched() {
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
    // The missing settings might lower the severity, so it stays.
    assert_eq!(outcome.findings(), ["force-app/New.connectedApp high"]);
}

#[test]
fn only_changed_files_are_visited() {
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

/// git refuses a repository of another user and explains how to trust it.
#[test]
fn repository_of_another_user_is_an_error() {
    let repository = Repository::new();
    for option in ["--since=main", "--staged"] {
        let check = repository.check([option]);
        let check = check.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        let outcome = check.run().expect(2);
        assert!(outcome.stderr.contains("dubious ownership"), "{outcome:?}");
        assert!(outcome.stderr.contains("safe.directory"), "{outcome:?}");
    }
}

/// `.gitignore` does not keep a file that git tracks from being deployed.
#[test]
fn tracked_files_are_checked_although_gitignore_names_them() {
    let repository = Repository::new();
    repository.write(".gitignore", "Old.*\nkept/\n");
    repository.app("kept/Deep", CONFIDENTIAL);
    repository.git(["add", "--force", "force-app/kept/Deep.connectedApp"]);
    repository.app("kept/Untracked", CONFIDENTIAL);
    repository.app("Old.Untracked", CONFIDENTIAL);
    let all = ["Deep high", "Old high", "Other critical"];
    assert_eq!(repository.found(&[]), all);
    assert_eq!(
        repository.found(&["--force-exclude", "force-app/kept/Deep.connectedApp"]),
        ["Deep high"]
    );
}
