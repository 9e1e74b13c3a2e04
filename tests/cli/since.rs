//! `--since`: findings in files that changed since the merge base with another branch.

use std::fs;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, named};
use crate::support::{Sandbox, app};

const NONE: [&str; 0] = [];

#[test]
fn all_kinds_of_changed_files_are_checked() {
    let repository = Repository::new();
    repository.write(".gitignore", "Ignored*\n");
    repository.commit();
    assert_eq!(repository.since_main(), NONE);
    repository.git(["switch", "--quiet", "--create=feature"]);
    repository.app("Committed", CONFIDENTIAL);
    repository.commit();
    repository.app("Staged", CONFIDENTIAL);
    repository.git(["add", "--all"]);
    repository.app("Untracked", CONFIDENTIAL);
    repository.app("Ignored", CONFIDENTIAL);
    repository.app("Other", CONFIDENTIAL);
    let outcome = repository.outcome(&["--since=main"]).expect(1);
    let expected = [
        "Committed high",
        "Other high",
        "Staged high",
        "Untracked high",
    ];
    assert_eq!(named(&outcome), expected);
    let base = repository.git(["rev-parse", "--short=12", "main"]);
    let sentence = format!(
        "compared: the working tree with {base} (the merge base of HEAD and `main`): 4 metadata \
         files changed\n"
    );
    assert!(outcome.stderr.starts_with(&sentence), "{outcome:?}");
    assert!(outcome.stderr.contains("; 4 files seen"), "{outcome:?}");
    let compared = outcome.json()["summary"]["compared"][0].to_string();
    assert!(sentence.contains(compared.trim_matches('"')), "{compared}");
    // Any commit works, from any folder.
    let check = repository.check(["--since=HEAD~1"]).in_folder("force-app");
    assert_eq!(named(&check.run()), expected);
    let check = repository.check(["--since", "HEAD"]).in_folder("more");
    assert_eq!(named(&check.run()), expected[1..]);
}

#[test]
fn changes_of_the_other_branch_are_ignored() {
    let repository = Repository::new();
    repository.git(["branch", "feature"]);
    repository.app("Old", PUBLIC);
    repository.commit();
    repository.git(["switch", "--quiet", "feature"]);
    assert_eq!(repository.since_main(), NONE);
    repository.app("New", CONFIDENTIAL);
    repository.commit();
    assert_eq!(repository.since_main(), ["New high"]);
    // Only the content of the files matters, not the commits in between.
    repository.git(["revert", "--no-edit", "HEAD"]);
    assert_eq!(repository.since_main(), NONE);
    repository.app("Old", PUBLIC);
    repository.git(["add", "--all"]);
    repository.app("Old", CONFIDENTIAL);
    assert_eq!(repository.since_main(), NONE);
}

#[test]
fn paths_limit_the_changed_files() {
    let repository = Repository::new();
    repository.app("a/New", CONFIDENTIAL);
    repository.app("b/New", CONFIDENTIAL);
    let found = |paths: &[&str]| {
        let since = ["--since=main"];
        repository.found(&[&since, paths].concat())
    };
    assert_eq!(found(&[]).len(), 2);
    assert_eq!(found(&["force-app/b"]).len(), 1);
    assert_eq!(found(&["force-app/b/New.connectedApp", "more"]).len(), 1);
    assert_eq!(found(&["force-app/Old.connectedApp"]), NONE);
    // A named file that did not change is skipped without a message.
    let silent = repository.outcome(&["--since=main", "sfdx-project.json"]);
    assert_eq!(silent.expect(0).stderr, "");
}

/// A moved file has the same findings, so none of them is new.
#[test]
fn moved_file_is_not_a_change() {
    let repository = Repository::new();
    repository.git([
        "mv",
        "force-app/Old.connectedApp",
        "force-app/Renamed.connectedApp",
    ]);
    assert_eq!(repository.since_main(), NONE);
    repository.commit();
    assert_eq!(repository.found(&["--since=HEAD~1"]), NONE);
    fs::create_dir_all(repository.path("force-app/sub")).unwrap();
    let (from, to) = (
        "force-app/Other.connectedApp",
        "force-app/sub/Other.connectedApp",
    );
    fs::rename(repository.path(from), repository.path(to)).unwrap();
    assert_eq!(repository.since_main(), NONE);
    // A copy is new, and so is a finding that appears during a move.
    repository.app("Copy", PUBLIC);
    assert_eq!(repository.since_main(), ["Copy critical"]);
    repository.app("sub/Other", CONFIDENTIAL);
    assert_eq!(repository.since_main(), ["Other high"]);
}

#[test]
fn move_to_another_package_directory_or_type_is_a_change() {
    let repository = Repository::new();
    repository.git(["mv", "force-app/Old.connectedApp", "more/Old.connectedApp"]);
    assert_eq!(repository.since_main(), ["Old high"]);
    repository.commit();
    // As a text file or outside the package directories, it was not checked before.
    repository.write("force-app/example.txt", app("other://callback"));
    repository.write("docs/.keep", "");
    repository.write("docs/Example.connectedApp", app("third://callback"));
    repository.commit();
    repository.git([
        "mv",
        "force-app/example.txt",
        "force-app/Example.connectedApp",
    ]);
    repository.git([
        "mv",
        "docs/Example.connectedApp",
        "force-app/Third.connectedApp",
    ]);
    assert_eq!(
        repository.since_main(),
        ["Example critical", "Third critical"]
    );
}

#[test]
fn deleted_files_are_not_errors() {
    let repository = Repository::new();
    repository.git(["rm", "--quiet", "force-app/Old.connectedApp"]);
    fs::remove_file(repository.path("force-app/Other.connectedApp")).unwrap();
    assert_eq!(repository.since_main(), NONE);
    let named = [
        "--since=main",
        "force-app/Old.connectedApp",
        "force-app/Other.connectedApp",
    ];
    assert_eq!(repository.outcome(&named).expect(0).stderr, "");
    let staged = ["--staged", "force-app/Old.connectedApp"];
    assert_eq!(repository.outcome(&staged).expect(0).stderr, "");
    // A file that git does not have either is still an error.
    let unknown = repository.outcome(&["--since=main", "force-app/None.connectedApp"]);
    assert!(unknown.expect(2).stderr.contains("does not exist"));
    // The file is deleted only in the index.
    repository.git(["checkout", "--quiet", "HEAD", "."]);
    repository.git(["rm", "--quiet", "--cached", "force-app/Old.connectedApp"]);
    assert_eq!(repository.since_main(), NONE);
}

#[cfg(unix)]
#[test]
fn names_may_contain_any_character() {
    let repository = Repository::new();
    let names = [
        "with space",
        "Größe",
        "new\nline",
        "quo\"te",
        "back\\slash",
        "-dash",
        "*",
    ];
    for name in names {
        repository.app(&format!("ä ö/{name}/{name}"), CONFIDENTIAL);
        assert_eq!(repository.since_main(), [format!("{name} high")]);
        repository.git(["add", "--all"]);
        assert_eq!(repository.since_main(), [format!("{name} high")]);
        assert_eq!(repository.staged(), [format!("{name} high")]);
        let folder = format!("force-app/ä ö/{name}");
        assert_eq!(repository.found(&["--since=main", "--", &folder]).len(), 1);
        repository.commit();
        assert_eq!(repository.since_main(), NONE);
        assert_eq!(repository.found(&["--since=HEAD~1"]).len(), 1);
    }
}

#[test]
fn unknown_ref_is_an_error_with_help() {
    let repository = Repository::new();
    repository.git(["update-ref", "refs/remotes/origin/develop", "main"]);
    repository.git(["tag", "v1.2.0"]);
    for (name, help) in [
        ("mian", "did you mean `main`?"),
        ("develop", "did you mean `origin/develop`?"),
        ("v1.2.1", "did you mean `v1.2.0`?"),
        ("something/else", "fetch remote branches first"),
        ("", "a variable may be unset"),
        ("--output=x", "pass a branch"),
        ("main..HEAD", "pass a branch"),
        ("HEAD:force-app", "pass a branch"),
        (
            "0000000000000000000000000000000000000000",
            "zeros mean that the branch is new",
        ),
    ] {
        let outcome = repository.outcome(&[&format!("--since={name}")]).expect(2);
        // miette wraps long lines.
        let words = outcome
            .stderr
            .split(|it: char| it.is_whitespace() || it == '│');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let text = words.join(" ");
        let unknown = format!("unknown ref `{name}` in `");
        assert!(text.contains(&unknown) && text.contains(help), "{text}");
        assert_eq!(outcome.stdout, "");
    }
    assert!(!repository.path("x").exists());
}

#[test]
fn missing_git_or_repository_is_an_error() {
    let repository = Repository::new();
    let no_git = repository.check(["--since=main"]).env("PATH", "");
    let no_git = no_git.run().expect(2);
    assert!(
        no_git.stderr.contains("cannot find `git` in PATH"),
        "{no_git:?}"
    );
    let sandbox = Sandbox::new();
    sandbox.write_app("A.connectedApp");
    for option in ["--since=main", "--staged"] {
        let check = sandbox.forcelint(["check", option, "."]).run().expect(2);
        assert!(
            check.stderr.contains("`[ROOT]` is not in a git repository"),
            "{check:?}"
        );
    }
    // An empty `.git` folder must not make git use the repository around it.
    repository.app("inner/New", CONFIDENTIAL);
    fs::create_dir(repository.path("force-app/inner/.git")).unwrap();
    let inner = repository
        .outcome(&["--since=main", "force-app/inner"])
        .expect(2);
    assert!(
        inner.stderr.contains("is not in a git repository"),
        "{inner:?}"
    );
}

#[test]
fn staged_works_before_the_first_commit() {
    let repository = Repository::empty();
    let outcome = repository.outcome(&["--since=main"]).expect(2);
    assert!(outcome.stderr.contains("has no commits yet"), "{outcome:?}");
    repository.app("New", CONFIDENTIAL);
    assert_eq!(repository.staged(), NONE);
    repository.git(["add", "--all"]);
    let outcome = repository.outcome(&["--staged"]);
    assert_eq!(named(&outcome), ["New high"]);
    assert!(
        outcome
            .stderr
            .contains("with nothing (there are no commits yet)"),
        "{outcome:?}"
    );
}

#[test]
fn shallow_clone_without_the_merge_base_is_an_error() {
    let repository = Repository::new();
    repository.git(["switch", "--quiet", "--create=feature"]);
    for name in ["One", "Two", "Three"] {
        repository.app(name, CONFIDENTIAL);
        repository.commit();
    }
    let url = format!("file://{}", repository.sandbox.root.display());
    let clone = Sandbox::new();
    let git = |arguments: &[&str]| {
        let mut git = crate::repository::git_command(&clone.root);
        assert!(git.args(arguments).status().unwrap().success());
    };
    git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=feature",
        &url,
        "c",
    ]);
    let check = || {
        let check = [
            "check",
            "--select=pkce",
            "--format=json",
            "--since=origin/main",
        ];
        clone.forcelint(check).in_folder("c").run()
    };
    let unknown = check().expect(2);
    assert!(
        unknown.stderr.contains("the clone is shallow"),
        "{unknown:?}"
    );
    let main = "main:refs/remotes/origin/main";
    git(&["-C", "c", "fetch", "--quiet", "--depth=1", "origin", main]);
    let no_merge_base = check().expect(2);
    assert!(
        no_merge_base.stderr.contains("--deepen=200"),
        "{no_merge_base:?}"
    );
    git(&[
        "-C",
        "c",
        "fetch",
        "--quiet",
        "--deepen=5",
        "origin",
        "feature",
    ]);
    assert_eq!(named(&check()), ["One high", "Three high", "Two high"]);
}

#[test]
fn unrelated_histories_are_an_error() {
    let repository = Repository::new();
    repository.git(["switch", "--quiet", "--orphan=island"]);
    repository.app("New", CONFIDENTIAL);
    repository.commit();
    let outcome = repository
        .check(["--since=main", "force-app"])
        .run()
        .expect(2);
    assert!(outcome.stderr.contains("have no merge base"), "{outcome:?}");
    assert!(!outcome.stderr.contains("shallow"), "{outcome:?}");
}

/// A finding does not list evidence that no longer exists. It is new because a condition reads the
/// deleted file.
#[test]
fn findings_that_a_changed_file_affects_are_new() {
    let repository = Repository::new();
    repository.write("more/Far.connectedApp", app(CONFIDENTIAL));
    repository.write(SETTINGS, STRICT);
    repository.commit();
    let not_required = STRICT.replace("true", "false");
    let options = ["--ignore=pkce-required-org-wide", "--since=main"];
    let found = || repository.found(&options);
    assert_eq!(found(), NONE);
    repository.write(SETTINGS, &not_required);
    assert_eq!(found(), ["Old high", "Other critical"]);
    fs::remove_file(repository.path(SETTINGS)).unwrap();
    assert_eq!(found(), ["Old high", "Other critical"]);
    repository.commit();
    repository.write(SETTINGS, STRICT);
    assert_eq!(found(), ["Old medium", "Other high"]);
    let one_file = [&options[..], &["force-app/Old.connectedApp"]].concat();
    assert_eq!(repository.found(&one_file), ["Old medium"]);
    let elsewhere = [&options[..], &["more"]].concat();
    assert_eq!(repository.found(&elsewhere), NONE);
    // Settings that no condition reads, and settings in another package directory.
    fs::remove_file(repository.path(SETTINGS)).unwrap();
    repository.write(
        "force-app/settings/Security.settings-meta.xml",
        "<SecuritySettings/>",
    );
    assert_eq!(found(), NONE);
    repository.write("more/OauthOidc.settings-meta.xml", STRICT);
    assert_eq!(found(), ["Far medium"]);
    // Settings that are not deployed have no effect.
    repository.write(".forceignore", "more/OauthOidc*\n");
    assert_eq!(found(), NONE);
}

/// A join on any side: the flow is affected by the profiles that name it, and only by those.
#[test]
fn changed_profile_affects_only_the_flows_that_it_names() {
    let repository = Repository::empty();
    let flow = "<Flow><processType>Flow</processType><runInMode>SystemModeWithoutSharing</runInMode></Flow>";
    let profile = |flows: &[&str]| {
        let accesses = flows
            .iter()
            .map(|flow| format!("<flowAccesses><flow>{flow}</flow></flowAccesses>"));
        let accesses = accesses.collect::<String>();
        format!("<Profile>{accesses}<userLicense>Guest User License</userLicense></Profile>")
    };
    for name in ["One", "Two", "Three"] {
        repository.write(format!("force-app/flows/{name}.flow-meta.xml"), flow);
    }
    let guest = "force-app/profiles/Guest.profile-meta.xml";
    repository.write(guest, profile(&["Three"]));
    let last = "force-app/profiles/Last.profile-meta.xml";
    repository.write(last, profile(&[]));
    repository.commit();
    let options = ["--select=flow-without-sharing", "--min-severity=info"];
    let since = || repository.found(&[&options[..], &["--since=main"]].concat());
    assert_eq!(
        repository.found(&options),
        ["One low", "Three high", "Two low"]
    );
    assert_eq!(since(), NONE);
    repository.write(guest, profile(&["Three", "Two"]));
    assert_eq!(since(), ["Three high", "Two high"]);
    fs::remove_file(repository.path(guest)).unwrap();
    assert_eq!(since(), ["Three low"]);
    // Without any profile, those of the org may name the other flows.
    fs::remove_file(repository.path(last)).unwrap();
    assert_eq!(since(), ["One low", "Three low", "Two low"]);
    // A new profile that names no flow affects none.
    repository.git(["checkout", "--quiet", "--", guest, last]);
    let other = "force-app/profiles/Other.profile-meta.xml";
    repository.write(other, profile(&[]));
    assert_eq!(since(), NONE);
    // A renamed flow is another one.
    repository.git([
        "mv",
        "force-app/flows/One.flow-meta.xml",
        "force-app/flows/Two2.flow-meta.xml",
    ]);
    repository.write(other, profile(&["Two2"]));
    assert_eq!(since(), ["Two2 high"]);
}

/// Only findings in parts of the External Client App whose file changed are new.
#[test]
fn changed_policy_affects_only_its_app() {
    let repository = Repository {
        sandbox: Sandbox::with(&["sample"]),
    };
    repository.git_in("sample", ["init", "--quiet", "--initial-branch=main"]);
    repository.git_in("sample", ["add", "--all"]);
    repository.git_in("sample", ["commit", "--quiet", "--message=all"]);
    let found = || {
        let check = repository.check(["--since=main"]).in_folder("sample");
        named(&check.run())
    };
    assert_eq!(found(), NONE);
    let policies = "sample/force-app/main/default/extlClntAppPolicies";
    let policies = repository
        .path(policies)
        .join("Release_Robot_plcy.ecaPlcy-meta.xml");
    let text = fs::read_to_string(&policies).unwrap();
    fs::write(&policies, format!("{text}<!-- touched -->\n")).unwrap();
    assert_eq!(found(), ["Release_Robot_glbloauth low"]);
    fs::remove_file(&policies).unwrap();
    assert_eq!(found(), ["Release_Robot_glbloauth low"]);
    fs::write(&policies, "no XML").unwrap();
    // A malformed policy could belong to any app.
    assert!(found().len() > 1);
}

/// Files that did not change are not reported, even if they are malformed.
#[test]
fn unchanged_malformed_file_is_not_reported() {
    let repository = Repository::new();
    repository.write("force-app/Broken.connectedApp", "no XML");
    repository.commit();
    repository.app("New", CONFIDENTIAL);
    assert_eq!(repository.since_main(), ["New high"]);
    repository.write(SETTINGS, STRICT);
    assert_eq!(
        repository.since_main(),
        ["New medium", "Old medium", "Other high"]
    );
    repository.write("force-app/Broken.connectedApp", "no XML either");
    assert!(repository.since_main().contains(&"Broken high".to_owned()));
}

#[test]
fn ignore_files_apply() {
    let repository = Repository::new();
    repository.write(".forceignore", "force-app/Kept*\n");
    repository.write(".gitignore", "force-app/Tracked*\nnode_modules\n");
    repository.app("Kept", CONFIDENTIAL);
    repository.app("Tracked", CONFIDENTIAL);
    repository.app("node_modules/Module", CONFIDENTIAL);
    repository.git(["add", "--force", "--all"]);
    let outcome = repository.outcome(&["--since=main"]);
    // `.gitignore` does not apply to files that git tracks.
    assert_eq!(named(&outcome), ["Module high", "Tracked high"]);
    assert_eq!(repository.staged(), ["Module high", "Tracked high"]);
    for option in ["--since=main", "--staged"] {
        let named = [option, "force-app/Kept.connectedApp"];
        assert_eq!(repository.found(&named), ["Kept high"]);
        let excluded = [&named[..], &["--force-exclude"]].concat();
        assert_eq!(repository.found(&excluded), NONE);
    }
}

#[test]
fn settings_of_the_clone_hide_no_change() {
    let repository = Repository::new();
    repository.write(".git/info/exclude", "New*\n");
    repository.app("New", CONFIDENTIAL);
    assert_eq!(repository.since_main(), ["New high"]);
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let repository = Repository::new();
        for name in ["Old", "Other"] {
            let path = format!("force-app/{name}.connectedApp");
            repository.git(["update-index", flag, &path]);
        }
        assert_eq!(repository.since_main(), NONE);
        repository.app("Old", PUBLIC);
        assert_eq!(repository.since_main(), ["Old critical"], "{flag}");
    }
}

#[test]
fn line_ends_that_git_converts_are_not_a_change() {
    let repository = Repository::new();
    repository.git(["config", "core.autocrlf", "true"]);
    let text = app(CONFIDENTIAL).replace('\n', "\r\n");
    repository.write("force-app/Old.connectedApp", &text);
    assert_eq!(repository.since_main(), NONE);
    repository.write("force-app/Old.connectedApp", text.replace("https", "http"));
    assert_eq!(repository.since_main(), ["Old critical"]);
}

#[test]
fn fix_changes_only_changed_files() {
    let repository = Repository::new();
    repository.app("New", CONFIDENTIAL);
    repository.outcome(&["--since=main", "--fix=all"]).expect(0);
    assert_eq!(
        repository.git(["status", "--porcelain"]),
        "?? force-app/New.connectedApp"
    );
    assert_eq!(repository.since_main(), NONE);
    let arguments = [
        "check",
        "--select=pkce",
        "--since=main",
        "--diff",
        "--fix=all",
    ];
    let diff = repository.sandbox.forcelint(arguments).run().expect(0);
    assert_eq!(diff.stdout, "");
}

#[test]
fn since_conflicts_with_staged_and_stdin() {
    let repository = Repository::new();
    for arguments in [
        ["--since=main", "--staged"],
        ["--since=main", "--stdin-filename=A.connectedApp"],
        ["--staged", "--stdin-filename=A.connectedApp"],
    ] {
        let outcome = repository.outcome(&arguments).expect(2);
        assert!(
            outcome.stderr.contains("cannot be used with"),
            "{outcome:?}"
        );
    }
}
