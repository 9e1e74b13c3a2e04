//! Links to files and folders: what they add to a run, how often, and how far they may lead.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use crate::support::{Sandbox, found};

const PROJECT: &str = r#"{ "packageDirectories": [{ "path": "force-app" }] }"#;

/// A project in a repository, with these links. Targets are relative to the link's folder.
fn project(links: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_repository("");
    sandbox.write("sfdx-project.json", PROJECT);
    fs::create_dir_all(sandbox.path("force-app")).unwrap();
    for (link, target) in links {
        let link = sandbox.path(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    sandbox
}

#[test]
fn folders_and_files_behind_links_are_checked() {
    let sandbox = project(&[
        ("force-app/main", "../shared/main"),
        ("force-app/App.connectedApp", "../shared/app.xml"),
    ]);
    sandbox.write_app("shared/main/connectedApps/Shared.connectedApp");
    sandbox.write_app("shared/app.xml");
    assert_eq!(
        found(&sandbox, ".", &[]),
        [
            "force-app/App.connectedApp high",
            "force-app/main/connectedApps/Shared.connectedApp high",
        ]
    );
}

/// A file is checked at its path without links, else at the smallest one.
#[test]
fn each_file_is_checked_once() {
    let sandbox = project(&[
        ("force-app/a", "real"),
        ("force-app/b/again", "../.."),
        ("force-app/c", "../shared"),
        ("force-app/d", "../shared/deep"),
        (
            "force-app/e.connectedApp",
            "../shared/deep/Shared.connectedApp",
        ),
        ("force-app/Z.connectedApp", "real/Real.connectedApp"),
    ]);
    sandbox.write_app("force-app/real/Real.connectedApp");
    sandbox.write_app("shared/deep/Shared.connectedApp");
    assert_eq!(
        found(&sandbox, ".", &[]),
        [
            "force-app/b/again/shared/deep/Shared.connectedApp high",
            "force-app/real/Real.connectedApp high",
        ]
    );
}

/// Each of 42 levels has two links to the next one: 2^42 paths.
#[test]
fn links_that_multiply_paths_end() {
    let sandbox = project(&[]);
    for level in 0..42 {
        let folder = format!("force-app/l{level:02}");
        fs::create_dir_all(sandbox.path(&folder)).unwrap();
        for link in ["x", "y"] {
            let target = format!("../l{:02}", level + 1);
            symlink(target, sandbox.path(&folder).join(link)).unwrap();
        }
    }
    sandbox.write_app("force-app/l42/App.connectedApp");
    symlink(".", sandbox.path("force-app/loop")).unwrap();
    assert_eq!(
        found(&sandbox, ".", &[]),
        ["force-app/l42/App.connectedApp high"]
    );
}

#[test]
fn link_that_leaves_the_repository_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write_app("elsewhere/folder/Secret.connectedApp");
    sandbox.write("inside/sfdx-project.json", PROJECT);
    sandbox.make_repository("inside");
    sandbox.write_app("inside/force-app/Own.connectedApp");
    let link = |target: &str, path: &str| symlink(target, sandbox.path(path)).unwrap();
    link("../../elsewhere/folder", "inside/force-app/lnk");
    let app = "../../elsewhere/folder/Secret.connectedApp";
    link(app, "inside/force-app/Linked.connectedApp");
    // Not metadata, so it is not read.
    link("../../elsewhere", "inside/README.md");
    let check = |arguments: &[&str]| {
        let all = ["check", "--format=json"].iter().chain(arguments);
        sandbox.forcelint(all).in_folder("inside").run()
    };
    let outcome = check(&[]).expect(2);
    // The folder that is not read may contain what makes the app a single-page app.
    assert_eq!(outcome.findings(), ["force-app/Own.connectedApp critical"]);
    let errors = &outcome.json()["errors"];
    for (path, target) in [("Linked.connectedApp", "/Secret.connectedApp"), ("lnk", "")] {
        let message = format!(
            "is a link to [ROOT]/elsewhere/folder{target}, outside the repository and the package directory; to \
             check it as well, use `--allow-outside`"
        );
        let error = json!({ "path": format!("force-app/{path}"), "message": message });
        assert!(errors.as_array().unwrap().contains(&error), "{errors}");
    }
    let named = check(&["force-app/Linked.connectedApp"]).expect(2);
    assert!(named.findings().is_empty(), "{named:?}");
    let outcome = check(&["--allow-outside"]).expect(1);
    assert_eq!(
        outcome.findings(),
        [
            "force-app/Linked.connectedApp high",
            "force-app/Own.connectedApp high"
        ]
    );
}

/// The target of a link decides what git knows; the path of the link, what the CLI deploys.
#[test]
fn ignore_files_apply_behind_links() {
    let sandbox = project(&[
        ("force-app/kept", "../shared/kept"),
        ("force-app/not", "../shared/not"),
        ("force-app/build", "../shared/build"),
    ]);
    for folder in ["kept", "not", "build"] {
        sandbox.write_app(format!("shared/{folder}/{folder}.connectedApp"));
    }
    sandbox.write(".forceignore", "force-app/not/**\n");
    sandbox.write("shared/.gitignore", "/build/\n");
    let outcome = sandbox
        .forcelint(["check", "--format=json"])
        .run()
        .expect(1);
    assert_eq!(
        outcome.findings(),
        ["force-app/kept/kept.connectedApp high"]
    );
    assert_eq!(
        outcome.json()["summary"]["skipped_files"],
        json!([
            { "path": "force-app/build/build.connectedApp", "reason": "gitignore" },
            { "path": "force-app/not/not.connectedApp", "reason": "forceignore" },
        ])
    );
}

/// Nothing is deployed through a broken link, and reading a pipe may never end.
#[test]
fn links_without_a_file_are_skipped() {
    let sandbox = project(&[
        ("force-app/Gone.connectedApp", "gone"),
        ("force-app/Self.connectedApp", "Self.connectedApp"),
        ("force-app/Null.connectedApp", "/dev/null"),
        ("force-app/other", "gone"),
    ]);
    sandbox.write_app("force-app/App.connectedApp");
    let outcome = sandbox
        .forcelint(["check", "--format=json"])
        .run()
        .expect(1);
    let skipped = &outcome.json()["summary"]["skipped"];
    assert_eq!(*skipped, json!({ "not_regular": 3 }));
    let gone = sandbox.path("force-app/Gone.connectedApp");
    sandbox
        .forcelint([Path::new("check"), &gone])
        .run()
        .expect(2);
}

/// A file that a link leads to is fixed where it is.
#[test]
fn fix_changes_the_target() {
    let sandbox = project(&[("force-app/main", "../shared")]);
    sandbox.write_app("shared/App.connectedApp");
    sandbox.forcelint(["check", "--fix=all"]).run().expect(0);
    let text = fs::read_to_string(sandbox.path("shared/App.connectedApp")).unwrap();
    assert!(
        text.contains("<isPkceRequired>true</isPkceRequired>"),
        "{text}"
    );
    assert!(sandbox.path("force-app/main").is_symlink());
}
