//! Which files a run checks, and the paths that reports show for them.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

#[cfg(unix)]
use crate::support::app;
use crate::support::{APPS, Sandbox, found};

#[test]
fn package_directories_are_the_default() {
    let sandbox = Sandbox::with(&["sample"]);
    // Not in a package directory, so it is not deployed.
    sandbox.write_app("sample/scratch/Outside.connectedApp");
    let all = found(&sandbox, "sample", &[]);
    assert_eq!(all.len(), 12);
    assert!(!all.iter().any(|path| path.contains("Outside")));
    for folder in [
        "sample/force-app",
        "sample/scratch",
        "sample/integration-app/main/default",
    ] {
        assert_eq!(found(&sandbox, folder, &[]), all, "{folder}");
    }
    // It is checked if an argument names it.
    assert_eq!(found(&sandbox, "sample", &["."]).len(), 13);
    assert_eq!(
        found(&sandbox, "sample", &["scratch"]),
        ["scratch/Outside.connectedApp high"]
    );
}

#[test]
fn working_directory_is_the_default_without_a_project() {
    let sandbox = Sandbox::with(&["no-project"]);
    sandbox.write_app("other/Not_Here.connectedApp");
    assert_eq!(
        found(&sandbox, "no-project", &[]),
        ["connectedApps/Loose_App.connectedApp-meta.xml high"]
    );
    assert_eq!(
        found(&sandbox, "no-project/connectedApps", &[]),
        ["Loose_App.connectedApp-meta.xml high"]
    );
}

#[test]
fn overlapping_arguments_report_each_file_once() {
    let sandbox = Sandbox::with(&["sample"]);
    let portal = format!("{APPS}/Mobile_Portal.connectedApp-meta.xml");
    let one = [format!("{portal} critical")];
    assert_eq!(found(&sandbox, "sample", &[&portal]), one);
    assert_eq!(found(&sandbox, "sample", &[&portal, &portal]), one);
    let dotted = format!("./force-app/../{portal}");
    assert_eq!(found(&sandbox, "sample", &[&dotted, &portal]), one);

    let folder = found(&sandbox, "sample", &[APPS]);
    assert_eq!(folder.len(), 7);
    for overlapping in [
        &[APPS, portal.as_str()][..],
        &[portal.as_str(), APPS],
        &[APPS, APPS],
        &[APPS, "force-app/main/default/connectedApps/"],
    ] {
        assert_eq!(
            found(&sandbox, "sample", overlapping),
            folder,
            "{overlapping:?}"
        );
    }
    let all = found(&sandbox, "sample", &["."]);
    assert_eq!(
        found(&sandbox, "sample", &["force-app", ".", APPS, &portal]),
        all
    );
    // Folders with a common prefix do not overlap.
    sandbox.write_app("sample/force-app-two/A.connectedApp");
    assert_eq!(
        found(
            &sandbox,
            "sample",
            &["force-app", "force-app-two", "force-app/main"]
        )
        .len(),
        all.len() - 2 + 1
    );
}

/// A single file is checked with the other files of its project.
#[test]
fn single_file_has_the_findings_of_the_whole_project() {
    let sandbox = Sandbox::with(&["sample", "metadata-format"]);
    sandbox.make_repository("metadata-format");
    let all = found(&sandbox, "sample", &[".", "--min-severity=info"]);
    assert_eq!(all.len(), 14);
    for finding in &all {
        let (path, _) = finding.split_once(' ').unwrap();
        assert_eq!(
            found(&sandbox, "sample", &[path, "--min-severity=info"]),
            [finding.as_str()]
        );
    }
    assert_eq!(
        found(
            &sandbox,
            "metadata-format",
            &["src/connectedApps/Order_Portal.connectedApp"]
        ),
        ["src/connectedApps/Order_Portal.connectedApp medium"]
    );
}

#[test]
fn paths_can_be_read_from_a_file() {
    let sandbox = Sandbox::with(&["sample"]);
    let portal = format!("{APPS}/Mobile_Portal.connectedApp-meta.xml");
    let erp = format!("{APPS}/Legacy_ERP.connectedApp-meta.xml");
    let both = [format!("{erp} high"), format!("{portal} critical")];
    // With an empty line, spaces and CRLF line ends.
    sandbox.write("sample/list.txt", format!("{portal}\r\n\r\n  {erp}  \r\n"));
    assert_eq!(found(&sandbox, "sample", &["@list.txt"]), both);
    sandbox.write("sample/list.txt", &portal);
    assert_eq!(found(&sandbox, "sample", &["@list.txt", &erp]), both);
    // Windows PowerShell writes UTF-16, or UTF-8 with a byte order mark.
    let list = format!("\u{FEFF}{portal}\r\n");
    let utf16 = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for list in [utf16, list.into_bytes()] {
        sandbox.write("sample/list.txt", list);
        assert_eq!(found(&sandbox, "sample", &["@list.txt"]), both[1..]);
    }
    // An empty list is not the same as no arguments: pre-commit found no files.
    sandbox.write("sample/list.txt", "\n");
    let outcome = sandbox
        .forcelint(["check", "@list.txt"])
        .in_folder("sample")
        .run()
        .expect(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    let outcome = sandbox.forcelint(["check", "@gone.txt"]).run().expect(2);
    assert!(
        outcome.stderr.contains("`@gone.txt` cannot be read"),
        "{outcome:?}"
    );
}

#[test]
fn files_of_other_types_are_skipped_silently() {
    let sandbox = Sandbox::with(&["sample"]);
    let class = "force-app/main/default/classes/AccountTier.cls";
    for arguments in [
        &[class][..],
        &[
            class,
            "sfdx-project.json",
            "force-app/main/default/classes/AccountTier.cls-meta.xml",
        ],
    ] {
        let all = ["check"].iter().chain(arguments);
        let all = all.chain(&["--force-exclude"]);
        let outcome = sandbox.forcelint(all).in_folder("sample").run().expect(0);
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    }
    // Without `--force-exclude`, no hook has chosen the file, so it is a mistake.
    let check = sandbox.forcelint(["check", class]).in_folder("sample");
    let outcome = check.run().expect(2);
    assert!(
        outcome.stderr.contains("is not a metadata file"),
        "{outcome:?}"
    );
    // A folder without metadata may be a mistake, so a message reports it.
    let outcome = sandbox
        .forcelint(["check", "sample/config"])
        .run()
        .expect(2);
    assert_eq!(outcome.stdout, "");
    assert_snapshot!(outcome.stderr, @"
    error: config contains no Salesforce metadata; check the path, or use `--allow-empty`
    rules limited by: `--select pkce`
    forcelint: nothing was checked; 1 file seen, [TIME] ms
    ");
    // The message names the folder as the user did, also if it is the root of the report.
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let outcome = sandbox.forcelint(["check", "empty"]).run().expect(2);
    let message = "error: empty contains no Salesforce metadata";
    assert!(outcome.stderr.starts_with(message), "{outcome:?}");
    // A missing file is an error, whatever its name.
    sandbox.forcelint(["check", "gone.cls"]).run().expect(2);
}

#[test]
fn missing_path_is_an_error_and_others_are_checked() {
    let sandbox = Sandbox::with(&["sample"]);
    let gone = format!("{APPS}/Gone.connectedApp-meta.xml");
    let check = sandbox.forcelint(["check", "force-app", &gone, "missing/folder"]);
    let outcome = check.in_folder("sample").run().expect(2);
    assert_eq!(outcome.stdout.lines().count(), 10);
    assert!(outcome.stderr.starts_with(&format!(
        "error: {gone} does not exist\nerror: missing/folder does not exist\n"
    )));
}

/// The shells of Windows do not expand wildcards.
#[test]
fn wildcard_in_a_missing_path_is_explained() {
    let sandbox = Sandbox::with(&["sample"]);
    for argument in ["sample/*.xml", "sample/force-app/**/gone-??.xml"] {
        let outcome = sandbox.forcelint(["check", argument]).run().expect(2);
        let expected = format!(
            "error: {argument} does not exist; forcelint does not expand wildcards: name a folder to check all \
             files in it\n"
        );
        assert!(outcome.stderr.starts_with(&expected), "{outcome:?}");
    }
}

/// Machine-readable reports have paths from the root. Messages repeat the path of the argument.
#[test]
fn error_in_a_report_has_the_path_from_the_root() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.make_repository("");
    let absolute = sandbox.path("sample/force-app/gone");
    let absolute = absolute.to_str().unwrap();
    for (folder, argument) in [
        (".", absolute),
        ("sample", "force-app/gone"),
        ("sample/config", "../force-app/gone"),
    ] {
        let check = sandbox
            .forcelint(["check", argument, "--format=json"])
            .in_folder(folder);
        let outcome = check.run().expect(2);
        let path = "sample/force-app/gone";
        assert_eq!(
            outcome.json()["errors"],
            json!([{ "path": path, "message": "does not exist" }])
        );
        let typed = argument.replace(sandbox.root.to_str().unwrap(), "[ROOT]");
        let typed = typed.replace('\\', "/");
        assert!(
            outcome
                .stderr
                .starts_with(&format!("error: {typed} does not exist")),
            "{outcome:?}"
        );
    }
}

/// A file belongs to the nearest project, and the settings of the outer project do not affect it.
#[test]
fn nested_project_is_separate() {
    let sandbox = Sandbox::with(&["sample"]);
    let inner = "sample/tools/inner";
    sandbox.write(
        format!("{inner}/sfdx-project.json"),
        r#"{ "packageDirectories": [{ "path": "app" }], "sourceApiVersion": "50.0" }"#,
    );
    sandbox.write_app(format!("{inner}/app/Inner.connectedApp-meta.xml"));
    let check = sandbox.forcelint(["check", "tools", "--format=json"]);
    let report = check.in_folder("sample").run().expect(1).json();
    let findings = report["findings"].as_array().unwrap();
    let inner_app = findings
        .iter()
        .find(|finding| finding["component"]["name"] == "Inner")
        .unwrap();
    assert_eq!(
        inner_app["path"],
        "tools/inner/app/Inner.connectedApp-meta.xml"
    );
    assert_eq!(inner_app["severity"], "high");
    assert!(
        inner_app["help"]
            .as_str()
            .unwrap()
            .contains("deploys with 50.0"),
        "{inner_app}"
    );
    // Without arguments, only the package directory of the inner project is checked.
    assert_eq!(
        found(&sandbox, inner, &[]),
        ["app/Inner.connectedApp-meta.xml high"]
    );
}

/// The deployment of the outer project includes it, with the outer project's settings.
#[test]
fn nested_project_in_a_package_directory_is_a_part_of_the_outer_one() {
    let sandbox = Sandbox::with(&["sample"]);
    let inner = "sample/integration-app/inner";
    sandbox.write(
        format!("{inner}/sfdx-project.json"),
        r#"{ "packageDirectories": [{ "path": "app" }], "sourceApiVersion": "50.0" }"#,
    );
    sandbox.write_app(format!("{inner}/app/Inner.connectedApp-meta.xml"));
    for named in [
        &[][..],
        &["integration-app"],
        &["integration-app/inner/app/Inner.connectedApp-meta.xml"],
    ] {
        let all = ["check", "--format=json"].iter().chain(named);
        let outcome = sandbox.forcelint(all).in_folder("sample").run().expect(1);
        let report = outcome.json();
        let findings = report["findings"].as_array().unwrap().iter();
        let inner = findings.filter(|it| it["component"]["name"] == "Inner");
        let help: Vec<&str> = inner.map(|it| it["help"].as_str().unwrap()).collect();
        assert!(
            help.len() == 1 && !help[0].contains("deploys with 50.0"),
            "{named:?} {help:?}"
        );
    }
}

/// The report has the same bytes for any working directory and any form of the path.
#[test]
fn reports_for_programs_do_not_depend_on_the_working_directory() {
    let sandbox = Sandbox::with(&["sample"]);
    fs::rename(sandbox.path("sample"), sandbox.path("crm")).unwrap();
    sandbox.make_repository("");
    let absolute = sandbox.path("crm");
    let absolute = absolute.to_str().unwrap();
    for format in ["json", "sarif"] {
        let format = format!("--format={format}");
        let run = |folder: &str, arguments: &[&str]| {
            let all = ["check", &format]
                .into_iter()
                .chain(arguments.iter().copied());
            sandbox
                .forcelint(all)
                .in_folder(folder)
                .run()
                .expect(1)
                .stdout
        };
        let expected = run(".", &["crm"]);
        assert!(
            expected.contains(r#""crm/force-app/main/default/"#),
            "{expected}"
        );
        for (folder, arguments) in [
            ("crm", &["."][..]),
            ("crm/force-app/main", &["../.."]),
            (".", &[absolute]),
            ("crm/config", &[absolute, "--jobs=1"]),
            ("crm", &["../crm", "--jobs=8"]),
        ] {
            assert_eq!(run(folder, arguments), expected, "{folder} {arguments:?}");
        }
        // Without arguments, files outside the package directories are not checked.
        let project = run("crm", &[]);
        assert_eq!(run("crm/force-app/main", &[]), project);
    }
    // Paths in text output are relative to the working directory.
    let path_in_text = |folder: &str, argument: &str| {
        let check = sandbox.forcelint(["check", argument]).in_folder(folder);
        let stdout = check.run().expect(1).stdout;
        stdout.split(':').next().unwrap().to_owned()
    };
    let name = "connectedApps/Booking_Web_App.connectedApp-meta.xml";
    assert_eq!(
        path_in_text(".", "crm"),
        format!("crm/force-app/main/default/{name}")
    );
    assert_eq!(
        path_in_text("crm/force-app/main", "../.."),
        format!("default/{name}")
    );
    assert_eq!(
        path_in_text("crm/config", absolute),
        format!("../force-app/main/default/{name}")
    );
}

#[test]
fn gitignore_applies_with_and_without_a_repository() {
    let sandbox = Sandbox::new();
    for path in [
        "build/A.connectedApp",
        "src/B.connectedApp",
        "src/C.connectedApp",
        "src/D.connectedApp",
    ] {
        sandbox.write_app(path);
    }
    sandbox.write(".gitignore", "/build\n*.bak\nD.*\n");
    sandbox.write("src/.gitignore", "C.connectedApp\n!D.connectedApp\n");
    let all = ["build/A", "src/B", "src/C", "src/D"].map(|it| format!("{it}.connectedApp high"));
    for is_repository in [false, true] {
        if is_repository {
            sandbox.make_repository("");
        }
        assert_eq!(
            found(&sandbox, ".", &["."]),
            [&all[1], &all[3]].map(String::as_str)
        );
        let outcome = sandbox
            .forcelint(["check", ".", "--show-skipped"])
            .run()
            .expect(1);
        let skipped = "skipped: 2 files or folders (.gitignore)\n  build (.gitignore)\n  src/C.connectedApp (.gitignore)\n";
        assert!(outcome.stderr.contains(skipped), "{outcome:?}");
    }
    // Files and folders that arguments name are checked.
    assert_eq!(found(&sandbox, ".", &["build"]), [all[0].as_str()]);
    assert_eq!(
        found(&sandbox, ".", &["src/C.connectedApp"]),
        [all[2].as_str()]
    );
    // Unless `--force-exclude` is given.
    for named in ["build", "build/A.connectedApp", "src/C.connectedApp"] {
        assert_eq!(
            found(&sandbox, ".", &[named, "--force-exclude"]),
            [""; 0],
            "{named}"
        );
    }
    assert_eq!(
        found(&sandbox, ".", &["src/D.connectedApp", "--force-exclude"]),
        [all[3].as_str()]
    );
}

/// The result must not depend on the user's machine.
#[test]
fn ignore_file_of_the_user_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.write_app("repository/App.connectedApp");
    sandbox.make_repository("repository");
    sandbox.write("home/.config/git/ignore", "*.connectedApp\n");
    sandbox.write("home/.gitignore", "*.connectedApp\n");
    sandbox.write("repository/.git/info/exclude", "");
    // A file above the repository does not apply to it.
    sandbox.write(".gitignore", "*\n");
    let home = sandbox.path("home");
    let check = sandbox
        .forcelint(["check", "repository"])
        .env("HOME", home.to_str().unwrap());
    let config = home.join(".config");
    check
        .env("XDG_CONFIG_HOME", config.to_str().unwrap())
        .run()
        .expect(1);
}

#[test]
fn forceignore_applies_unless_the_file_is_named() {
    let sandbox = Sandbox::with(&["sample"]);
    let scratch = format!("{APPS}/Scratch_Login.connectedApp-meta.xml");
    let is_found = |arguments: &[&str]| {
        let findings = found(&sandbox, "sample", arguments);
        findings
            .iter()
            .any(|finding| finding.contains("Scratch_Login"))
    };
    assert!(!is_found(&[]));
    assert!(!is_found(&["."]));
    assert!(!is_found(&[APPS]));
    assert!(is_found(&[&scratch]));
    assert!(is_found(&[".", &scratch]));
    assert!(!is_found(&[&scratch, "--force-exclude"]));
    let check = sandbox
        .forcelint(["check", &scratch, "--force-exclude"])
        .in_folder("sample");
    let outcome = check.run().expect(0);
    assert_eq!(
        outcome.stderr, "",
        "pre-commit wants no word on a file that is excluded"
    );
    // As in the CLI, the nearest file at or above the package directory applies, and no other.
    sandbox.write("sample/force-app/main/.forceignore", "**\n");
    assert_eq!(found(&sandbox, "sample", &[]).len(), 12);
    sandbox.write("sample/force-app/.forceignore", "# nothing\n");
    assert!(is_found(&[]));
    fs::remove_file(sandbox.path("sample/force-app/.forceignore")).unwrap();
    fs::remove_file(sandbox.path("sample/.forceignore")).unwrap();
    assert!(is_found(&[]));
    // Also one above the project.
    sandbox.write(".forceignore", "**/Scratch_*\n");
    assert!(!is_found(&[]));
    let outcome = sandbox
        .forcelint(["check"])
        .in_folder("sample")
        .run()
        .expect(1);
    let note = "note: [ROOT]/.forceignore applies, although it is above the project, as in the Salesforce CLI\n";
    assert!(outcome.stderr.contains(note), "{outcome:?}");
}

/// Org settings that are not deployed do not lower a severity.
#[test]
fn forceignored_settings_do_not_lower_severity() {
    let sandbox = Sandbox::with(&["sample"]);
    let gateway =
        "integration-app/main/default/connectedApps/Invoice_Gateway.connectedApp-meta.xml";
    assert_eq!(
        found(&sandbox, "sample", &[gateway]),
        [format!("{gateway} medium")]
    );
    sandbox.write("sample/.forceignore", "**/settings/**\n");
    assert_eq!(
        found(&sandbox, "sample", &[gateway]),
        [format!("{gateway} high")]
    );
    let all = found(&sandbox, "sample", &["."]);
    assert!(all.contains(&format!("{gateway} high")), "{all:?}");
}

#[test]
fn dot_folders_and_node_modules_are_skipped_where_the_cli_skips_them() {
    let sandbox = Sandbox::new();
    for folder in [
        ".git",
        ".sf/orgs",
        ".sfdx",
        "node_modules/pkg",
        "force-app/node_modules",
    ] {
        sandbox.write_app(format!("{folder}/App.connectedApp-meta.xml"));
    }
    sandbox.write_app("sf/App.connectedApp-meta.xml");
    // The CLI deploys all of it except for `.git`.
    fs::remove_dir_all(sandbox.path(".git")).unwrap();
    sandbox.write_app("sf/.git/App.connectedApp-meta.xml");
    assert_eq!(found(&sandbox, ".", &["."]).len(), 5);
    // With a `.forceignore`, even an empty one, it does not deploy what begins with a dot, except for
    // metadata of orgs.
    sandbox.write(".forceignore", "");
    let in_view = [
        ".sf/orgs",
        "force-app/node_modules",
        "node_modules/pkg",
        "sf",
    ];
    let in_view = in_view.map(|folder| format!("{folder}/App.connectedApp-meta.xml high"));
    assert_eq!(found(&sandbox, ".", &["."]), in_view);
    // It does not look for metadata in an ignored `node_modules`.
    sandbox.write(".forceignore", "node_modules/\n");
    let outcome = sandbox
        .forcelint(["check", ".", "--format=json"])
        .run()
        .expect(1);
    assert_eq!(
        outcome.findings(),
        [in_view[0].as_str(), in_view[3].as_str()]
    );
    let skipped = &outcome.json()["summary"]["skipped_files"];
    let folders = ["force-app/node_modules", "node_modules"];
    for folder in folders {
        let entry = json!({ "path": folder, "reason": "forceignore" });
        assert!(skipped.as_array().unwrap().contains(&entry), "{skipped}");
    }
    // A folder that an argument names is checked.
    assert_eq!(found(&sandbox, ".", &["node_modules"]).len(), 1);
    assert_eq!(
        found(&sandbox, ".", &["node_modules", "--force-exclude"]).len(),
        0
    );
}

/// Opening a pipe that no process writes to would block forever.
#[cfg(unix)]
#[test]
fn pipe_does_not_block() {
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    let sandbox = Sandbox::new();
    sandbox.write_app("src/App.connectedApp");
    let pipe = sandbox.path("src/Pipe.connectedApp-meta.xml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let _socket = UnixListener::bind(sandbox.path("src/Socket.connectedApp")).unwrap();
    fs::create_dir(sandbox.path("src/Folder.connectedApp")).unwrap();
    let outcome = sandbox.forcelint(["check", "src"]).run().expect(1);
    assert_eq!(outcome.stdout.lines().count(), 1);
    assert!(
        outcome
            .stderr
            .contains("skipped: 2 files (not a regular file)"),
        "{outcome:?}"
    );
    // It is an error if an argument names it, and does not block either.
    let outcome = sandbox
        .forcelint(["check", "src/Pipe.connectedApp-meta.xml"])
        .run()
        .expect(2);
    assert!(
        outcome.stderr.contains("is neither a file nor a folder"),
        "{outcome:?}"
    );
    // As an ignore file, project file or manifest.
    for name in [
        ".gitignore",
        ".forceignore",
        "sfdx-project.json",
        "package.xml",
    ] {
        let path = sandbox.path("src").join(name);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    sandbox.make_repository("src");
    sandbox.forcelint(["check", "src"]).run().expect(1);
}

/// Files may be created and deleted during a run. A deleted file is not an error.
#[test]
fn deleted_file_is_not_an_error() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let sandbox = Sandbox::new();
    for number in 0..50 {
        sandbox.write(
            format!("src/Stays_{number}.connectedApp"),
            "<ConnectedApp><label>A</label></ConnectedApp>",
        );
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let names = || (0..200).map(|number| format!("src/Comes_{number}.connectedApp"));
            while !stop.load(Ordering::Relaxed) {
                for name in names() {
                    sandbox.write(&name, "<ConnectedApp/>");
                }
                for name in names() {
                    fs::remove_file(sandbox.path(&name)).unwrap();
                }
            }
        });
        for _ in 0..20 {
            let outcome = sandbox.forcelint(["check", "src"]).run();
            // A file that is being written is empty for a moment, which is a finding.
            let is_complete = matches!(outcome.code, Some(0 | 1));
            if !is_complete {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(is_complete, "{outcome:?}");
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Names that are not UTF-8 occur on Linux with archives from other systems.
#[cfg(target_os = "linux")]
#[test]
fn file_name_may_be_invalid_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let sandbox = Sandbox::new();
    let name = OsStr::from_bytes(b"B\xFCro.connectedApp");
    sandbox.write(sandbox.path("src").join(name), app("https://a.example/"));
    let outcome = sandbox
        .forcelint(["check", "src", "--format=json"])
        .run()
        .expect(1);
    assert_eq!(outcome.findings(), ["B\u{FFFD}ro.connectedApp high"]);
    let named = sandbox.path("src").join(name);
    sandbox
        .forcelint([OsStr::new("check"), named.as_os_str()])
        .run()
        .expect(1);
}
