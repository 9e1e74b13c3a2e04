//! `--since` and `--staged` see symbolic links and what they lead to.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, named};
use crate::support::app;

const NONE: [&str; 0] = [];

fn link(repository: &Repository, target: &str, path: &str) {
    let path = repository.path(path);
    let _ = fs::remove_file(&path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(Path::new(target), path).unwrap();
}

/// The findings with `--since=HEAD` before and after staging all, and with `--staged`, which are the same.
#[track_caller]
fn new_findings(repository: &Repository) -> Vec<String> {
    let untracked = repository.found(&["--since=HEAD"]);
    repository.git(["add", "--all"]);
    assert_eq!(repository.found(&["--since=HEAD"]), untracked);
    assert_eq!(repository.staged(), untracked);
    untracked
}

#[test]
fn new_link_to_a_file() {
    let repository = Repository::new();
    repository.write("x/B.xml", app(CONFIDENTIAL));
    repository.commit();
    link(&repository, "../x/B.xml", "force-app/A.connectedApp");
    assert_eq!(new_findings(&repository), ["A high"]);
    repository.commit();
    assert_eq!(new_findings(&repository), NONE);
    // Only the target is changed.
    repository.write("x/B.xml", app(PUBLIC));
    assert_eq!(new_findings(&repository), ["A critical"]);
    // The index has the text, not the working tree.
    fs::remove_file(repository.path("x/B.xml")).unwrap();
    assert_eq!(repository.staged(), ["A critical"]);
    let one = ["--staged", "force-app/A.connectedApp"];
    repository.git(["checkout", "--quiet", "x/B.xml"]);
    assert_eq!(repository.found(&one), ["A critical"]);
    assert_eq!(repository.found(&["--since=HEAD", one[1]]), ["A critical"]);
}

#[test]
fn file_that_becomes_a_link() {
    let repository = Repository::new();
    repository.write("x/B.xml", app(PUBLIC));
    repository.commit();
    link(&repository, "../x/B.xml", "force-app/Old.connectedApp");
    assert_eq!(new_findings(&repository), ["Old critical"]);
    repository.commit();
    // And back.
    fs::remove_file(repository.path("force-app/Old.connectedApp")).unwrap();
    repository.app("Old", CONFIDENTIAL);
    assert_eq!(new_findings(&repository), ["Old high"]);
}

/// The text was in the repository, but the run did not check it.
#[test]
fn moved_file_that_a_link_brings_into_scope() {
    let repository = Repository::new();
    for (target, link_path) in [
        ("../y/Y.connectedApp", "force-app/Y.connectedApp"),
        ("../z", "force-app/linked"),
    ] {
        link(&repository, target, link_path);
    }
    repository.write("outside/X.connectedApp", app(PUBLIC));
    repository.write("outside/Z.connectedApp", app(CONFIDENTIAL));
    repository.commit();
    repository.write("y/Y.connectedApp", app(PUBLIC));
    repository.write("z/Z.connectedApp", app(CONFIDENTIAL));
    fs::remove_dir_all(repository.path("outside")).unwrap();
    assert_eq!(new_findings(&repository), ["Y critical", "Z high"]);
}

/// A file that two links lead to is a component with the name of the smaller path.
#[test]
fn file_that_gets_its_name_from_another_link() {
    let repository = Repository::new();
    repository.write("x/f.xml", app(CONFIDENTIAL));
    repository.write("y/Y.connectedApp", app(PUBLIC));
    link(
        &repository,
        "../y/Y.connectedApp",
        "force-app/F.connectedApp",
    );
    link(&repository, "../y", "force-app/linked");
    link(
        &repository,
        "../y/Y.connectedApp",
        "force-app/Z.connectedApp",
    );
    repository.commit();
    let whole = repository.found(&[]);
    assert!(whole.contains(&"F critical".to_owned()), "{whole:?}");
    // A larger path than that of the component.
    fs::remove_file(repository.path("force-app/Z.connectedApp")).unwrap();
    assert_eq!(new_findings(&repository), NONE);
    repository.commit();
    link(&repository, "../x/f.xml", "force-app/F.connectedApp");
    assert_eq!(new_findings(&repository), ["F high", "Y critical"]);
    repository.commit();
    link(
        &repository,
        "../y/Y.connectedApp",
        "force-app/F.connectedApp",
    );
    repository.commit();
    fs::remove_file(repository.path("force-app/F.connectedApp")).unwrap();
    assert_eq!(new_findings(&repository), ["Y critical"]);
}

#[test]
fn links_to_folders() {
    let repository = Repository::new();
    repository.write("x/apps/In.connectedApp", app(CONFIDENTIAL));
    repository.write("y/Other.connectedApp", app(PUBLIC));
    repository.commit();
    link(&repository, "../x", "force-app/linked");
    assert_eq!(new_findings(&repository), ["In high"]);
    repository.commit();
    repository.write("x/apps/New.connectedApp", app(CONFIDENTIAL));
    assert_eq!(new_findings(&repository), ["New high"]);
    repository.commit();
    // A link to a link, of which the second has another target.
    link(&repository, "../x", "z/next");
    link(&repository, "../z/next/apps", "force-app/linked");
    repository.commit();
    fs::create_dir_all(repository.path("w/apps")).unwrap();
    repository.write("w/apps/Third.connectedApp", app(PUBLIC));
    repository.commit();
    link(&repository, "../w", "z/next");
    assert_eq!(new_findings(&repository), ["Third critical"]);
    let whole = repository.found(&[]);
    assert!(whole.contains(&"Third critical".to_owned()), "{whole:?}");
}

#[test]
fn package_directory_that_is_a_link() {
    let repository = Repository::new();
    repository.write("a/One.connectedApp", app(CONFIDENTIAL));
    repository.write("b/Two.connectedApp", app(CONFIDENTIAL));
    fs::remove_dir_all(repository.path("more")).unwrap();
    link(&repository, "a", "more");
    repository.commit();
    assert_eq!(new_findings(&repository), NONE);
    link(&repository, "b", "more");
    assert_eq!(new_findings(&repository), ["Two high"]);
}

#[test]
fn each_file_is_checked_once() {
    let repository = Repository::new();
    repository.app("New", CONFIDENTIAL);
    link(
        &repository,
        "New.connectedApp",
        "force-app/Link.connectedApp",
    );
    link(&repository, ".", "force-app/self");
    link(&repository, "../force-app", "more/all");
    repository.write("x/Shared.connectedApp", app(CONFIDENTIAL));
    link(&repository, "../x", "force-app/b");
    link(&repository, "../x", "force-app/a");
    assert_eq!(new_findings(&repository), ["New high", "Shared high"]);
    let report = repository.outcome(&["--staged"]).json();
    assert_eq!(
        report["findings"][1]["path"],
        "force-app/a/Shared.connectedApp"
    );
}

#[test]
fn link_that_leaves_the_repository_is_an_error() {
    let repository = Repository::new();
    let outside = crate::support::Sandbox::new();
    outside.write_app("Out.connectedApp");
    let target = outside.root.join("Out.connectedApp");
    link(
        &repository,
        target.to_str().unwrap(),
        "force-app/A.connectedApp",
    );
    link(
        &repository,
        outside.root.to_str().unwrap(),
        "force-app/folder",
    );
    let check = |option: &str| {
        let outcome = repository.outcome(&[option]).expect(2);
        for name in ["A.connectedApp", "folder"] {
            let error = format!("error: force-app/{name} is a link to ");
            assert!(outcome.stderr.contains(&error), "{outcome:?}");
        }
        assert_eq!(outcome.json()["findings"].as_array().unwrap().len(), 0);
    };
    check("--since=HEAD");
    repository.git(["add", "--all"]);
    check("--since=HEAD");
    check("--staged");
}

/// The commit does not contain what the link leads to, so what will be deployed is unknown.
#[test]
fn staged_link_to_something_that_is_not_staged_is_an_error() {
    let repository = Repository::new();
    repository.write("x/B.xml", app(CONFIDENTIAL));
    repository.write("y/C.connectedApp", app(CONFIDENTIAL));
    link(&repository, "../x/B.xml", "force-app/A.connectedApp");
    link(&repository, "../y", "force-app/y");
    repository.git(["add", "force-app"]);
    let outcome = repository.outcome(&["--staged"]).expect(2);
    for name in ["A.connectedApp", "y"] {
        let error = format!("error: force-app/{name} is a staged link to ");
        assert!(outcome.stderr.contains(&error), "{outcome:?}");
    }
    assert_eq!(repository.found(&["--since=HEAD"]), ["A high", "C high"]);
    // A link to nothing is skipped, as in a run over all files.
    fs::remove_dir_all(repository.path("x")).unwrap();
    fs::remove_dir_all(repository.path("y")).unwrap();
    assert_eq!(repository.staged(), NONE);
}

#[test]
fn settings_behind_a_link_affect_other_files() {
    let repository = Repository::new();
    repository.write("x/settings.xml", STRICT);
    link(&repository, "../../x/settings.xml", SETTINGS);
    repository.commit();
    let found = |option: &str| repository.found(&[option, "--ignore=pkce-required-org-wide"]);
    assert_eq!(found("--since=HEAD"), NONE);
    repository.write("x/settings.xml", STRICT.replace("true", "false"));
    assert_eq!(found("--since=HEAD"), ["Old high", "Other critical"]);
    assert_eq!(found("--staged"), NONE);
    repository.git(["add", "--all"]);
    assert_eq!(found("--staged"), ["Old high", "Other critical"]);
}

#[test]
fn links_into_a_submodule() {
    let repository = Repository::new();
    repository.write("lib/Lib.connectedApp", app(CONFIDENTIAL));
    repository.git_in("lib", ["init", "--quiet", "--initial-branch=main"]);
    repository.git_in("lib", ["add", "--all"]);
    repository.git_in("lib", ["commit", "--quiet", "--message=lib"]);
    let config = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    repository.git(config.iter().chain(&["add", "./lib", "vendor/lib"]));
    link(&repository, "../vendor/lib", "force-app/lib");
    repository.write(".gitignore", "/lib\n");
    assert_eq!(new_findings(&repository), ["Lib high"]);
    repository.commit();
    repository.write("vendor/lib/New.connectedApp", app(PUBLIC));
    repository.git_in("vendor/lib", ["add", "--all"]);
    repository.git_in("vendor/lib", ["commit", "--quiet", "--message=new"]);
    let outcome = repository.outcome(&["--since=HEAD"]);
    assert_eq!(named(&outcome), ["New critical"]);
    assert_eq!(new_findings(&repository), ["New critical"]);
}

#[test]
fn fix_through_a_link_changes_the_target() {
    let repository = Repository::new();
    repository.write("x/B.xml", app(CONFIDENTIAL));
    link(&repository, "../x/B.xml", "force-app/A.connectedApp");
    repository.git(["add", "--all"]);
    let outcome = repository.outcome(&["--staged", "--fix=all"]).expect(1);
    assert_eq!(outcome.json()["summary"]["fixed"], 1);
    let text = fs::read_to_string(repository.path("x/B.xml")).unwrap();
    assert!(text.contains("<isPkceRequired>true"));
    assert!(repository.path("force-app/A.connectedApp").is_symlink());
}
