//! `--since` and `--staged` when the commit of a submodule changes.

use std::fs;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, named};
use crate::support::app;

const NONE: [&str; 0] = [];
const LIB: &str = "force-app/lib";

/// A project with a submodule that has the app `Lib`.
fn with_submodule() -> Repository {
    let repository = Repository::empty();
    repository.write("origin/Lib.connectedApp", app(PUBLIC));
    repository.git_in("origin", ["init", "--quiet", "--initial-branch=main"]);
    commit_in(&repository, "origin");
    repository.write(".gitignore", "/origin\n");
    repository.app("Old", PUBLIC);
    repository.commit();
    add_submodule(&repository);
    repository.commit();
    repository
}

fn add_submodule(repository: &Repository) {
    let config = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    let add = ["add", "--force", "./origin", LIB];
    repository.git(config.iter().chain(&add));
}

fn commit_in(repository: &Repository, folder: &str) {
    repository.git_in(folder, ["add", "--all"]);
    repository.git_in(folder, ["commit", "--quiet", "--message=change"]);
}

/// Commits a new app in the submodule and stages that commit.
fn bump(repository: &Repository) {
    repository.write("force-app/lib/New.connectedApp", app(CONFIDENTIAL));
    commit_in(repository, LIB);
    repository.git(["add", LIB]);
}

#[test]
fn staged_commit_of_a_submodule_is_checked() {
    let repository = with_submodule();
    assert_eq!(repository.staged(), NONE);
    repository.write("force-app/lib/New.connectedApp", app(CONFIDENTIAL));
    commit_in(&repository, LIB);
    // The commit is not staged yet.
    assert_eq!(repository.staged(), NONE);
    assert_eq!(repository.found(&["--since=HEAD"]), ["New high"]);
    repository.git(["add", LIB]);
    let outcome = repository.outcome(&["--staged"]);
    assert_eq!(named(&outcome), ["New high"]);
    assert!(outcome.stderr.contains("the staged commit "), "{outcome:?}");
    // The commit is what the outer repository gets, whatever the submodule has now.
    fs::remove_file(repository.path("force-app/lib/New.connectedApp")).unwrap();
    assert_eq!(repository.staged(), ["New high"]);
    repository.git_in(LIB, ["add", "--all"]);
    assert_eq!(repository.staged(), ["New high"]);
    repository.git_in(LIB, ["checkout", "--quiet", "HEAD", "."]);
    // `.gitmodules` does not matter.
    repository.git(["rm", "--quiet", "--force", "--cached", ".gitmodules"]);
    fs::remove_file(repository.path(".gitmodules")).unwrap();
    assert_eq!(repository.staged(), ["New high"]);
    repository.commit();
    assert_eq!(repository.staged(), NONE);
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
    assert_eq!(repository.found(&["--since=HEAD~1"]), ["New high"]);
}

#[test]
fn submodule_of_a_staged_submodule_is_checked() {
    let repository = with_submodule();
    repository.write("inner/Inner.connectedApp", app(CONFIDENTIAL));
    repository.git_in("inner", ["init", "--quiet", "--initial-branch=main"]);
    commit_in(&repository, "inner");
    let url = repository.path("inner");
    let config = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    let add = ["add", url.to_str().unwrap(), "inner"];
    repository.git_in(LIB, config.iter().chain(&add));
    commit_in(&repository, LIB);
    repository.git(["add", LIB]);
    assert_eq!(repository.staged(), ["Inner high"]);
    assert_eq!(repository.found(&["--since=HEAD"]), ["Inner high"]);
}

#[test]
fn added_and_removed_submodules() {
    let repository = with_submodule();
    repository.git(["rm", "--quiet", LIB]);
    assert_eq!(repository.staged(), NONE);
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
    repository.commit();
    fs::remove_dir_all(repository.path(".git/modules")).unwrap();
    add_submodule(&repository);
    assert_eq!(repository.staged(), ["Lib critical"]);
    assert_eq!(repository.found(&["--since=HEAD"]), ["Lib critical"]);
    repository.commit();
    assert_eq!(repository.found(&["--since=HEAD~1"]), ["Lib critical"]);
    // The same files, now in the outer repository.
    repository.git(["rm", "--quiet", LIB]);
    repository.write("force-app/lib/Lib.connectedApp", app(PUBLIC));
    repository.git(["add", "--all"]);
    assert_eq!(repository.staged(), ["Lib critical"]);
}

/// Its files cannot be checked, which must not look like a pass.
#[test]
fn changed_submodule_that_is_not_checked_out_is_an_error() {
    let repository = with_submodule();
    bump(&repository);
    repository.git(["submodule", "--quiet", "deinit", "--force", LIB]);
    for option in ["--staged", "--since=HEAD"] {
        let outcome = repository.outcome(&[option]).expect(2);
        let words: Vec<&str> = outcome.stderr.split_whitespace().collect();
        let text = words.join(" ");
        assert!(text.contains("force-app/lib` changed, but"), "{text}");
        assert!(text.contains("git submodule update --init"), "{text}");
    }
    // Unchanged, it has no new findings.
    repository.commit();
    assert_eq!(repository.staged(), NONE);
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
}

#[test]
fn staged_commit_that_the_submodule_does_not_have_is_an_error() {
    let repository = with_submodule();
    let missing = "1234567890123456789012345678901234567890";
    let entry = format!("160000,{missing},{LIB}");
    repository.git(["update-index", "--cacheinfo", &entry]);
    let outcome = repository.outcome(&["--staged"]).expect(2);
    assert!(outcome.stderr.contains("git fetch origin"), "{outcome:?}");
}

/// The outer repository is compared before the link is found.
#[cfg(unix)]
#[test]
fn link_of_a_submodule_into_the_outer_repository() {
    let repository = with_submodule();
    let link = repository.path("force-app/lib/outside");
    std::os::unix::fs::symlink("../../outside", link).unwrap();
    repository.write("outside/readme.txt", "");
    commit_in(&repository, LIB);
    repository.commit();
    repository.write("outside/New.connectedApp", app(CONFIDENTIAL));
    assert_eq!(repository.found(&["--since=HEAD"]), ["New high"]);
    repository.git(["add", "--all"]);
    assert_eq!(repository.found(&["--since=HEAD"]), ["New high"]);
    assert_eq!(repository.staged(), ["New high"]);
    repository.commit();
    // Its text does not change, but only its new path is checked.
    repository.write("beside/Moved.connectedApp", app(PUBLIC));
    repository.commit();
    let moved = repository.path("outside/Moved.connectedApp");
    fs::rename(repository.path("beside/Moved.connectedApp"), moved).unwrap();
    repository.git(["add", "--all"]);
    assert_eq!(repository.found(&["--since=HEAD"]), ["Moved critical"]);
    assert_eq!(repository.staged(), ["Moved critical"]);
}
