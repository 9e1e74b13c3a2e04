//! Bugs that a review found: hangs, links, commands in names, secrets, lowered severities.
//!
//! Process limits stop a run that takes too much time or memory, so that a regression fails instead
//! of hanging.

use std::fs;

use serde_json::Value;

#[cfg(unix)]
use crate::support::Outcome;
use crate::support::{Sandbox, app, found, project_with};

/// Settings of an External Client App without PKCE: one `high` finding.
const GLOBAL_OAUTH: &str = "\
<ExtlClntAppGlobalOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <callbackUrl>myapp://done</callbackUrl>
    <externalClientApplication>[app]</externalClientApplication>
    <isPkceRequired>false</isPkceRequired>
</ExtlClntAppGlobalOauthSettings>
";

/// Policies that turn an External Client App off, which lowers its findings to `info`.
const TURNED_OFF: &str = "\
<ExtlClntAppConfigurablePolicies xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <externalClientApplication>[app]</externalClientApplication>
    <isEnabled>false</isEnabled>
</ExtlClntAppConfigurablePolicies>
";

/// Runs forcelint in a shell with limits on time and memory.
#[cfg(target_os = "linux")]
fn limited(sandbox: &Sandbox, arguments: &str) -> Outcome {
    let forcelint = crate::support::FORCELINT;
    let script = format!("ulimit -t 10 -v 4000000; exec timeout 30 '{forcelint}' {arguments}");
    sandbox.program("sh".as_ref(), ["-c", &script]).run()
}

/// Files that would be read forever if they were opened.
#[cfg(target_os = "linux")]
mod endless {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn links_to_devices_are_ignored() {
        let sandbox = Sandbox::new();
        sandbox.make_repository("src");
        sandbox.write_app("src/inner/App.connectedApp");
        sandbox.write_app("src/inner/Other.connectedApp");
        for link in [
            "src/inner/sfdx-project.json",
            "src/inner/.gitignore",
            "src/inner/package.xml",
            "src/inner/.forceignore",
            "src/.gitignore",
            "src/.forceignore",
            "src/inner/Device.connectedApp",
        ] {
            symlink("/dev/zero", sandbox.path(link)).unwrap();
        }
        for arguments in [
            "check src",
            "check src/inner --force-exclude",
            "check src/inner/App.connectedApp src/inner/Other.connectedApp",
        ] {
            let outcome = limited(&sandbox, &format!("{arguments} --select=pkce")).expect(1);
            assert_eq!(outcome.stdout.lines().count(), 2, "{outcome:?}");
        }
        for named in ["src/inner/Device.connectedApp", "@/dev/zero"] {
            let outcome = limited(&sandbox, &format!("check {named}")).expect(2);
            assert!(outcome.stderr.contains(named), "{outcome:?}");
        }
    }

    #[test]
    fn ignore_file_that_is_a_device_is_ignored() {
        let sandbox = Sandbox::with(&["sample"]);
        fs::remove_file(sandbox.path("sample/.forceignore")).unwrap();
        symlink("/dev/zero", sandbox.path("sample/.forceignore")).unwrap();
        let outcome = limited(&sandbox, "check sample").expect(1);
        assert!(outcome.stdout.contains("Scratch_Login"), "{outcome:?}");
    }

    #[test]
    fn pipe_as_a_project_file_does_not_block() {
        for pipe in ["sfdx-project.json", "package.xml", ".forceignore"] {
            let sandbox = Sandbox::with(&["sample"]);
            sandbox.write_app("sample/force-app/inner/App.connectedApp");
            for folder in ["sample/force-app/inner", "sample"] {
                let path = sandbox.path(folder).join(pipe);
                let _ = fs::remove_file(&path);
                let status = Command::new("mkfifo").arg(&path).status().unwrap();
                assert!(status.success());
                let outcome = limited(&sandbox, "check sample").expect(1);
                assert!(
                    outcome.stdout.contains("inner/App.connectedApp"),
                    "{outcome:?}"
                );
            }
            let named = "sample/force-app/inner/App.connectedApp";
            limited(&sandbox, &format!("check {named}")).expect(1);
        }
    }

    #[test]
    fn endless_stdin_is_too_large() {
        let sandbox = Sandbox::new();
        let arguments = "check --stdin-filename=App.connectedApp < /dev/zero";
        let outcome = limited(&sandbox, arguments).expect(1);
        assert!(
            outcome.stdout.contains("the file is larger than"),
            "{outcome:?}"
        );
    }
}

/// A package directory that is a link must not lead out of the project, or of its repository.
#[cfg(unix)]
#[test]
fn linked_package_directory_outside_the_project_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "project/sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "own" }, { "path": "linked" }, { "path": "own/deep/app" }] }"#,
    );
    sandbox.write_app("project/own/Own.connectedApp");
    sandbox.write_app("outside/App.connectedApp");
    sandbox.write_app("outside/app/App.connectedApp");
    for (target, link) in [("../outside", "linked"), ("../../outside", "own/deep")] {
        std::os::unix::fs::symlink(target, sandbox.path("project").join(link)).unwrap();
    }
    let text = fs::read(sandbox.path("outside/App.connectedApp")).unwrap();
    for arguments in [&["check"][..], &["check", "--fix=all"]] {
        let check = sandbox.forcelint(arguments).in_folder("project");
        let outcome = check.run().expect(2);
        for link in ["linked", "own/deep"] {
            let error =
                format!("error: {link} is a link to [ROOT]/outside, outside the repository");
            assert!(outcome.stderr.contains(&error), "{outcome:?}");
        }
        assert!(!outcome.stdout.contains("App.connectedApp"), "{outcome:?}");
        for path in ["outside/App.connectedApp", "outside/app/App.connectedApp"] {
            assert_eq!(fs::read(sandbox.path(path)).unwrap(), text, "{path}");
        }
    }
    // The package directory in the project was fixed.
    assert_eq!(found(&sandbox, "project", &["own"]), [""; 0]);
    assert_eq!(
        found(&sandbox, "project", &["linked"]),
        [
            "linked/App.connectedApp critical",
            "linked/app/App.connectedApp critical"
        ]
    );
}

/// Names that a CI runner takes for commands: `::` at the start of a line, `##[` anywhere.
#[cfg(unix)]
#[test]
fn names_are_not_workflow_commands() {
    let sandbox = Sandbox::new();
    for name in [
        "::error title=p::x",
        "##[error]x",
        "a##[group]b",
        "##%5Bwarning]x",
        "###[x",
    ] {
        sandbox.write_app(format!("{name}.connectedApp-meta.xml"));
        sandbox.write(format!("{name}.connectedApp"), "<ConnectedApp>");
        sandbox.write_app(format!("{name}/App.connectedApp"));
        sandbox.write(format!("{name}/project/sfdx-project.json"), "{");
    }
    for format in ["--format=pretty", "--format=concise"] {
        for columns in ["40", "120"] {
            let check = sandbox.forcelint(["check", ".", format, "--fix=safe"]);
            let outcome = check.env("COLUMNS", columns).run();
            for text in [&outcome.stdout, &outcome.stderr] {
                assert!(text.contains("error title"), "{text}");
                assert!(!text.contains("##["), "{text}");
                let command = text
                    .lines()
                    .find(|line| line.trim_start().starts_with("::"));
                assert_eq!(command, None);
            }
        }
    }
    // In a path that begins with the name, and as an argument.
    for argument in ["::error::gone", "##[error]gone", "@::error::gone"] {
        let outcome = sandbox.forcelint(["check", argument]).run().expect(2);
        assert!(!outcome.stderr.contains("##["), "{outcome:?}");
        let mut lines = outcome.stderr.lines();
        assert!(
            lines.all(|line| !line.trim_start().starts_with("::")),
            "{outcome:?}"
        );
    }
}

/// Run time must not grow with the square of the number of elements in a file.
#[cfg(target_os = "linux")]
mod many {
    use super::*;

    const FORMATS: [&str; 3] = ["pretty", "json", "sarif"];

    /// The largest number of related locations of a finding.
    fn most_related(report: &Value) -> usize {
        let findings = report["findings"].as_array().unwrap();
        let related = findings
            .iter()
            .map(|finding| finding["related"].as_array().unwrap().len());
        related.max().unwrap()
    }

    #[test]
    fn many_elements_in_one_line() {
        let sandbox = Sandbox::new();
        let element = "<oauthConfig><callbackUrl>myapp://a</callbackUrl></oauthConfig>";
        sandbox.write(
            "App.connectedApp",
            format!("<ConnectedApp>{}</ConnectedApp>", element.repeat(1_000)),
        );
        for format in FORMATS {
            let outcome = limited(&sandbox, &format!("check . --format={format}")).expect(1);
            assert!(
                outcome.stderr.contains("1000 critical"),
                "{}",
                outcome.stderr
            );
        }
    }

    #[test]
    fn evidence_per_finding_is_limited() {
        let sandbox = Sandbox::new();
        for (name, separator) in [("Elements", ""), ("Lines", "\n")] {
            let callback = format!("<callbackUrl>myapp://a</callbackUrl>{separator}");
            let callbacks = match name {
                "Elements" => callback.repeat(2_000),
                _ => format!("<callbackUrl>{}</callbackUrl>", "myapp://a\n".repeat(2_000)),
            };
            sandbox.write(
                format!("{name}.connectedApp"),
                format!("<ConnectedApp><oauthConfig>{callbacks}</oauthConfig></ConnectedApp>"),
            );
        }
        for format in FORMATS {
            let outcome = limited(&sandbox, &format!("check . --format={format}")).expect(1);
            if format == "json" {
                assert_eq!(most_related(&outcome.json()), 20);
            }
        }
    }

    /// For each match, the pattern searches for `0` up to the end of the file.
    #[test]
    fn many_matches_of_a_replacement() {
        let sandbox = Sandbox::new();
        sandbox.write(
            "sfdx-project.json",
            r#"{ "packageDirectories": [{ "path": "." }],
                "replacements": [{ "glob": "**/*.connectedApp", "regexToReplace": ".*0|A", "replaceWithEnv": "X" }] }"#,
        );
        let callback = "<callbackUrl>https://h/</callbackUrl>";
        sandbox.write(
            "App.connectedApp",
            format!(
                "<ConnectedApp><label>{}</label><oauthConfig>{callback}</oauthConfig></ConnectedApp>",
                "A".repeat(60_000)
            ),
        );
        for format in FORMATS {
            let outcome = limited(&sandbox, &format!("check . --format={format}"));
            assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:?}");
        }
    }
}

#[test]
fn other_reports_are_written_if_one_fails() {
    let sandbox = Sandbox::new();
    sandbox.write_app("App.connectedApp");
    let outcome = sandbox
        .forcelint([
            "check",
            "--format=json=nofolder/x",
            "--format=sarif=report.sarif",
            "--format=concise",
        ])
        .run()
        .expect(2);
    assert!(outcome.stderr.contains("nofolder/x"), "{outcome:?}");
    assert_eq!(outcome.stdout.lines().count(), 1);
    let sarif = fs::read_to_string(sandbox.path("report.sarif")).unwrap();
    assert!(sarif.contains("App.connectedApp"), "{sarif}");
}

#[test]
fn contradictory_arguments_are_errors() {
    let sandbox = Sandbox::new();
    sandbox.write_app("App.connectedApp");
    for arguments in [
        &["--format=json=o", "--format=sarif=./o"][..],
        &["--format=json=o", "--format=sarif=x/../o"],
        &["--diff", "--format=json"],
        &["--diff", "--format=json=o"],
        &["--jobs=100000"],
        &["--jobs=257"],
    ] {
        let all = ["check", "."].iter().chain(arguments);
        let outcome = sandbox.forcelint(all).run().expect(2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(!sandbox.path("o").exists(), "{arguments:?}");
    }
    sandbox
        .forcelint(["check", ".", "--jobs=256"])
        .run()
        .expect(1);
}

/// Two components without an app name do not belong together.
#[test]
fn components_with_empty_names_are_not_related() {
    let sandbox = project_with(&[]);
    let settings = "force-app/A.ecaGlblOauth-meta.xml";
    for (app, severity) in [("Example", "info"), ("", "high")] {
        sandbox.write(settings, GLOBAL_OAUTH.replace("[app]", app));
        sandbox.write(
            "force-app/B.ecaPlcy-meta.xml",
            TURNED_OFF.replace("[app]", app),
        );
        assert_eq!(
            found(&sandbox, ".", &[".", "--min-severity=info"]),
            [format!("{settings} {severity}")]
        );
    }
    // An element without an end tag has no name either.
    let empty = "<externalClientApplication/>";
    let named = "<externalClientApplication>[app]</externalClientApplication>";
    sandbox.write(settings, GLOBAL_OAUTH.replace(named, empty));
    sandbox.write(
        "force-app/B.ecaPlcy-meta.xml",
        TURNED_OFF.replace(named, empty),
    );
    assert_eq!(
        found(&sandbox, ".", &[".", "--min-severity=info"]),
        [format!("{settings} high")]
    );
}

#[test]
fn invalid_manifest_prevents_the_fix() {
    let sandbox = Sandbox::new();
    sandbox.write_app("src/connectedApps/App.connectedApp");
    for manifest in [
        "<Package>",
        "",
        "<Package><version>new</version></Package>",
        "<Package><version>66.0</version></Package",
    ] {
        sandbox.write("src/package.xml", manifest);
        let check = sandbox.forcelint(["check", "src", "--format=json"]);
        let report = check.run().expect(1).json();
        let finding = &report["findings"][0];
        assert_eq!(finding["severity"], "high", "{manifest}");
        assert_eq!(finding["fix"], Value::Null, "{manifest}");
        let help = finding["help"].as_str().unwrap();
        assert!(help.contains("No automatic fix: "), "{help}");
        assert!(help.contains("package.xml"), "{help}");
    }
    sandbox.write(
        "src/package.xml",
        "<Package><version>66.0</version></Package>",
    );
    let check = sandbox.forcelint(["check", "src", "--format=json"]);
    assert_ne!(check.run().json()["findings"][0]["fix"], Value::Null);
}

#[test]
fn host_with_a_port_is_not_a_custom_scheme() {
    let sandbox = Sandbox::new();
    for (callback, is_scheme) in [
        ("acme.com:8443/cb", false),
        ("acme.com:8443", false),
        ("com.acme.app:/cb", true),
    ] {
        sandbox.write("App.connectedApp", app(callback));
        let outcome = sandbox.forcelint(["check", ".", "--format=json"]).run();
        assert_eq!(
            outcome.stdout.contains("a custom scheme"),
            is_scheme,
            "{callback}"
        );
    }
}

const FORMATS: [&str; 4] = ["pretty", "concise", "json", "sarif"];

#[test]
fn secret_in_utf16_is_masked() {
    let sandbox = Sandbox::new();
    let text =
        "<ConnectedApp><consumerSecret>S3CR3TVALUE</consumerSecret>\n<oauthConfig/></ConnectedApp>";
    let little_endian: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big_endian: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    sandbox.write("Little.connectedApp", &little_endian);
    sandbox.write("Big.connectedApp", &big_endian);
    sandbox.write(
        "Mixed.connectedApp",
        [text.as_bytes(), &little_endian].concat(),
    );
    for format in FORMATS {
        let outcome = sandbox
            .forcelint(["check", ".", &format!("--format={format}")])
            // Wide enough to show the whole line.
            .env("COLUMNS", "400")
            .run()
            .expect(1);
        for stream in [&outcome.stdout, &outcome.stderr] {
            let letters: String = stream
                .chars()
                .filter(|character| character.is_ascii_alphanumeric())
                .collect();
            assert!(!letters.contains("S3CR3TVALUE"), "{stream}");
        }
    }
}

#[test]
fn secret_in_a_callback_is_masked() {
    let sandbox = Sandbox::new();
    let secrets = [
        "https://h/cb?client_secret=S3CR3T",
        "http://localhost/cb?x=1&amp;Client_Secret=S3CR3T&amp;y=2",
        "myapp://u:S3CR3T@h/cb",
        "myapp://h/cb;password=S3CR3T",
    ];
    for (at, callback) in secrets.into_iter().enumerate() {
        sandbox.write(format!("{at}.connectedApp"), app(callback));
    }
    sandbox.write(
        "Cut.connectedApp",
        format!("<ConnectedApp><oauthConfig>{}", secrets[0]),
    );
    for format in FORMATS {
        for fix in ["--fix=safe", "--diff"] {
            let mut arguments = vec!["check".to_owned(), ".".to_owned(), fix.to_owned()];
            if fix != "--diff" {
                arguments.push(format!("--format={format}"));
            }
            let outcome = sandbox.forcelint(&arguments).run();
            for stream in [&outcome.stdout, &outcome.stderr] {
                assert!(!stream.contains("S3CR3T"), "{stream}");
            }
        }
    }
    let pretty = sandbox.forcelint(["check", ".", "--format=pretty"]).run();
    assert!(pretty.stdout.contains("[masked]"), "{pretty:?}");
}

/// A missing permission set does not change that the others grant too much.
#[test]
fn certain_findings_do_not_name_what_is_unknown() {
    let sandbox = Sandbox::new();
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    for (name, permission) in [("Data", "ViewAllData"), ("Users", "ManageUsers")] {
        let text = format!(
            "<PermissionSet {namespace}><label>A</label><userPermissions><enabled>true</enabled>\
             <name>{permission}</name></userPermissions></PermissionSet>"
        );
        sandbox.write(
            format!("permissionsets/{name}.permissionset-meta.xml"),
            text,
        );
    }
    let group = format!(
        "<PermissionSetGroup {namespace}><label>A</label><permissionSets>Gone</permissionSets>\
         <permissionSets>Data</permissionSets><permissionSets>Users</permissionSets></PermissionSetGroup>"
    );
    sandbox.write("permissionsetgroups/All.permissionsetgroup-meta.xml", group);
    let select = "--select=permission-set-group-administrator";
    let check = sandbox.with_every_rule(["check", select, "--format=json"]);
    let report = check.run().expect(1).json();
    let message = report["findings"][0]["message"].as_str().unwrap();
    let expected =
        "The permission sets of `All` together let its users read all data and manage users.";
    assert_eq!(message, expected);
}

#[test]
fn help_for_a_repeated_element_is_to_keep_one() {
    let sandbox = Sandbox::new();
    let twice = "<isPkceRequired>true</isPkceRequired>".repeat(2);
    let text = app("https://a.example").replace("</oauthConfig>", &(twice + "</oauthConfig>"));
    sandbox.write("A.connectedApp", text);
    let check = sandbox.with_every_rule(["check", "--select=invalid-value", "--format=json"]);
    let report = check.run().expect(1).json();
    let help = report["findings"][0]["help"].as_str().unwrap();
    let expected = "`isPkceRequired` occurs more than once. Keep one of them.";
    assert!(help.ends_with(expected), "{report}");
}
