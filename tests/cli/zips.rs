//! Zips, as the Salesforce CLI retrieves them.

use std::fs;

use proptest::prelude::*;
use serde_json::Value;

use crate::repository::git_command;
use crate::support::{Outcome, Sandbox, app};
use crate::zip_writer::{Entry, zip, zip_of};

const MANIFEST: &str =
    "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>66.0</version></Package>";
const PORTAL: &str = "unpackaged/connectedApps/Portal.connectedApp";

/// A retrieved app with one finding.
fn portal() -> Entry {
    Entry::new(PORTAL, app("https://portal.acme.example/callback"))
}

/// An app with this name in `unpackaged`.
fn named(name: &str) -> Entry {
    let path = format!("unpackaged/connectedApps/{name}.connectedApp");
    Entry::new(&path, app("https://portal.acme.example/callback"))
}

/// Checks a zip that has other entries than the portal, too.
fn check(entries: Vec<Entry>) -> Outcome {
    let sandbox = Sandbox::new();
    sandbox.write("org.zip", zip(&entries));
    sandbox.forcelint(["check", "org.zip"]).run()
}

/// The zip has one entry that cannot be checked, and the portal is checked.
#[track_caller]
fn expect_error(entries: Vec<Entry>, error: &str) {
    let outcome = check(entries).expect(2);
    assert!(outcome.stderr.contains(error), "{}", outcome.stderr);
    let portal = format!("org.zip/{PORTAL}:");
    assert!(outcome.stdout.contains(&portal), "{}", outcome.stdout);
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
}

#[test]
fn zip_of_a_retrieve() {
    let sandbox = Sandbox::with(&["metadata-format"]);
    let folder = sandbox.path("metadata-format");
    sandbox.write("retrieved/unpackaged.zip", zip_of(&folder, &folder));
    let outcome = sandbox
        .with_every_rule(["check", "retrieved/unpackaged.zip"])
        .run();
    insta::assert_snapshot!(outcome.expect(1).whole());
    // Paths are relative to `root`, the folder of the zip.
    let json = ["check", "retrieved/unpackaged.zip", "--format=json"];
    let report = sandbox.forcelint(json).in_folder("").run().json();
    assert_eq!(report["root"], Value::from("[ROOT]/retrieved"));
    assert_eq!(
        report["findings"][0]["path"],
        "unpackaged.zip/src/connectedApps/Order_Portal.connectedApp"
    );
}

#[test]
fn zip_without_metadata_is_not_a_pass() {
    for entries in [vec![], vec![Entry::new("unpackaged/package.xml", MANIFEST)]] {
        let outcome = check(entries).expect(2);
        let expected = "contains no Salesforce metadata";
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    }
    // A zip in a folder is not opened.
    let sandbox = Sandbox::new();
    sandbox.write("retrieved/org.zip", zip(&[portal()]));
    let outcome = sandbox.forcelint(["check", "retrieved"]).run().expect(2);
    let expected = "(to check the zip `org.zip` in it, name the zip)";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    sandbox.write("org.zip", "not a zip");
    let outcome = sandbox.forcelint(["check", "org.zip"]).run().expect(2);
    let expected = "is not a complete zip file";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
}

#[test]
fn version_of_a_zip_is_that_of_its_manifest() {
    let sandbox = Sandbox::new();
    let old = MANIFEST.replace("66.0", "58.0");
    let manifest = Entry::new("unpackaged/package.xml", old);
    sandbox.write("org.zip", zip(&[manifest, portal()]));
    // The files around a zip do not apply in it.
    sandbox.write("package.xml", MANIFEST);
    sandbox.write("sfdx-project.json", "{ \"sourceApiVersion\": \"66.0\" }");
    let json = sandbox.forcelint(["check", "org.zip", "--format=json"]);
    let report = json.run().expect(1).json();
    assert_eq!(report["findings"][0]["fix"], Value::Null, "{report}");
}

#[test]
fn ignore_files_do_not_apply_in_a_zip() {
    let sandbox = Sandbox::new();
    for file in [".forceignore", ".gitignore"] {
        sandbox.write(file, "**\n*\n");
    }
    let ignore = |path: &str| Entry::new(path, "**\n");
    let inside = [
        ignore("unpackaged/.forceignore"),
        ignore(".gitignore"),
        portal(),
    ];
    sandbox.write("org.zip", zip(&inside));
    sandbox.make_repository("");
    let outcome = sandbox.forcelint(["check", "org.zip"]).run().expect(1);
    assert_eq!(outcome.stdout.lines().count(), 1, "{outcome:?}");
    // The config of the project around the zip does, as for a file at its path.
    sandbox.write("forcelint.toml", "exclude = [\"org.zip/unpackaged/**\"]\n");
    let outcome = sandbox.forcelint(["check", "org.zip"]).run().expect(2);
    let expected = "all metadata in it is skipped (1 by `exclude`";
    assert!(outcome.stderr.contains(expected), "{outcome:?}");
}

#[test]
fn zips_are_never_changed() {
    let sandbox = Sandbox::new();
    let bytes = zip(&[portal()]);
    sandbox.write("org.zip", &bytes);
    let outcome = sandbox
        .forcelint(["check", "--fix=all", "org.zip"])
        .run()
        .expect(1);
    let expected = "org.zip was not fixed: forcelint never changes a zip";
    assert!(outcome.stderr.contains(expected), "{outcome:?}");
    assert_eq!(fs::read(sandbox.path("org.zip")).unwrap(), bytes);
    // The patch fits the unpacked files.
    let patch = sandbox.forcelint(["check", "--diff", "--fix=all", "org.zip"]);
    let patch = patch.run().expect(1).stdout;
    assert!(patch.contains("isPkceRequired"), "{patch}");
    sandbox.write(PORTAL, app("https://portal.acme.example/callback"));
    sandbox.write("fix.patch", patch);
    let mut git = git_command(&sandbox.root);
    assert!(git.args(["apply", "fix.patch"]).status().unwrap().success());
}

#[test]
fn changes_of_a_zip_are_unknown() {
    let sandbox = Sandbox::new();
    sandbox.write("org.zip", zip(&[portal()]));
    for option in ["--staged", "--since=HEAD"] {
        let outcome = sandbox.forcelint(["check", option, "org.zip"]).run();
        let expected = "--since and --staged compare files in git, and `org.zip` is a zip";
        assert!(outcome.stderr.contains(expected), "{outcome:?}");
        outcome.expect(2);
    }
}

#[test]
fn zips_beside_folders_and_in_them() {
    let sandbox = Sandbox::new();
    sandbox.write("mdapi/a.zip", zip(&[portal()]));
    sandbox.write("b.ZIP", zip(&[portal()]));
    sandbox.write_app("mdapi/connectedApps/App.connectedApp");
    let arguments = ["check", "mdapi", "mdapi/a.zip", "b.ZIP", "./b.ZIP"];
    let found = sandbox.forcelint(arguments).run().expect(1).stdout;
    let paths: Vec<&str> = found
        .lines()
        .map(|it| it.split(':').next().unwrap())
        .collect();
    let expected = [
        &format!("b.ZIP/{PORTAL}"),
        &format!("mdapi/a.zip/{PORTAL}"),
        "mdapi/connectedApps/App.connectedApp",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn baseline_of_a_zip() {
    let sandbox = Sandbox::new();
    sandbox.write("org.zip", zip(&[portal()]));
    let baseline = ["baseline", "org.zip", "--output", "old.json"];
    sandbox.forcelint(baseline).run().expect(0);
    sandbox.write("org.zip", zip(&[named("Other"), portal()]));
    let check = sandbox.forcelint(["check", "org.zip", "--baseline=old.json"]);
    let found = check.run().expect(1).stdout;
    assert!(
        found.contains("Other") && !found.contains("Portal"),
        "{found}"
    );
}

#[test]
fn coverage_of_a_zip() {
    let sandbox = Sandbox::new();
    sandbox.write("org.zip", zip(&[portal()]));
    let coverage = |path| {
        let arguments = ["coverage", path, "--format=json"];
        sandbox.with_every_rule(arguments).run().expect(0).stdout
    };
    let of_zip = coverage("org.zip");
    sandbox.write(PORTAL, app("https://portal.acme.example/callback"));
    assert_eq!(
        of_zip.replace("org.zip/", ""),
        coverage("unpackaged").replace("org.zip/", "")
    );
}

/// macOS adds an entry with attributes for each file to the zips that it makes.
#[test]
fn attributes_that_macos_stores_are_skipped() {
    let attributes = "__MACOSX/unpackaged/connectedApps/._Portal.connectedApp";
    let sandbox = Sandbox::new();
    let entries = [portal(), Entry::new(attributes, "\0\u{5}\u{16}\u{7}")];
    sandbox.write("org.zip", zip(&entries));
    let outcome = sandbox.forcelint(["check", "org.zip"]).run().expect(1);
    assert_eq!(outcome.stdout.lines().count(), 1, "{outcome:?}");
    let expected = "skipped: 1 file (not a regular file)";
    assert!(outcome.stderr.contains(expected), "{outcome:?}");
    // The name does not hide a file from an audit.
    let audit = sandbox.forcelint(["check", "--audit", "org.zip"]);
    let outcome = audit.run().expect(1);
    assert!(outcome.stdout.contains(attributes), "{outcome:?}");
    // Elsewhere, a file with such a name is metadata.
    let outcome = check(vec![portal(), named("._Other")]).expect(1);
    assert_eq!(outcome.stdout.lines().count(), 2, "{outcome:?}");
}

#[test]
fn audit_of_a_zip() {
    let sandbox = Sandbox::new();
    sandbox.write("forcelint.toml", "ignore = [\"pkce\"]\n");
    sandbox.write("org.zip", zip(&[portal()]));
    let audit = sandbox.forcelint(["check", "--audit", "org.zip"]);
    assert!(audit.run().expect(1).stdout.contains(PORTAL));
}

#[test]
fn names_that_leave_the_zip() {
    let paths = [
        "../evil.connectedApp",
        "unpackaged/../../evil.connectedApp",
        "unpackaged\\..\\..\\evil.connectedApp",
        "/evil.connectedApp",
        "\\evil.connectedApp",
        "C:/evil.connectedApp",
    ];
    for path in paths {
        let error = format!(
            "contains `{}`, which has a path that leaves the zip",
            path.replace('\\', "/")
        );
        let evil = Entry {
            name: path.into(),
            ..named("Evil")
        };
        expect_error(vec![evil, portal()], &error);
    }
    for path in [
        "unpackaged//a.connectedApp",
        "./a.connectedApp",
        "a\0.connectedApp",
    ] {
        let evil = Entry {
            name: path.into(),
            ..named("Evil")
        };
        expect_error(vec![evil, portal()], "which has an invalid path");
    }
}

#[test]
fn package_directories_stay_in_the_zip() {
    let sandbox = Sandbox::new();
    let project =
        "{ \"packageDirectories\": [{ \"path\": \"../outside\" }, { \"path\": \"app\" }] }";
    let app_in = |path: &str| Entry::new(path, app("https://portal.acme.example/callback"));
    let entries = [
        Entry::new("sfdx-project.json", project),
        app_in("app/connectedApps/A.connectedApp-meta.xml"),
    ];
    sandbox.write("org.zip", zip(&entries));
    // It would lower the severity.
    let settings = "<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"><isPkceRequired>true</isPkceRequired></OauthOidcSettings>";
    sandbox.write("outside/settings/OauthOidc.settings-meta.xml", settings);
    let found = sandbox
        .forcelint(["check", "org.zip"])
        .run()
        .expect(1)
        .stdout;
    assert!(found.contains(" high[pkce-required]"), "{found}");
    assert!(!found.contains("Lowered"), "{found}");
}

#[test]
fn entries_that_clash() {
    let twice = "contains `unpackaged/connectedApps/Twice.connectedApp`, which is in the zip more than once";
    expect_error(vec![named("Twice"), portal(), named("Twice")], twice);
    let overlapping = Entry {
        shares_data_of: Some(0),
        ..named("B")
    };
    expect_error(
        vec![named("A"), portal(), overlapping],
        "contains `unpackaged/connectedApps/B.connectedApp`, which overlaps `unpackaged/connectedApps/A.connectedApp`",
    );
}

#[test]
fn entries_that_cannot_be_read() {
    let encrypted = Entry {
        flags: 1,
        ..named("Evil")
    };
    expect_error(
        vec![portal(), encrypted],
        "Evil.connectedApp`, which is encrypted",
    );
    let link = Entry {
        mode: 0o120_777,
        ..named("Evil")
    };
    expect_error(vec![portal(), link], "Evil.connectedApp`, which is a link");
    let bzip2 = Entry {
        method: 12,
        ..named("Evil")
    };
    expect_error(vec![portal(), bzip2], "which is compressed in a way");
    let not_text = Entry {
        name: b"unpackaged/connectedApps/\xFF.connectedApp".to_vec(),
        ..named("Evil")
    };
    expect_error(
        vec![portal(), not_text],
        "which has a name that is not UTF-8",
    );
    let deep = format!("{}Evil.connectedApp", "a/".repeat(65));
    let deep = Entry {
        name: deep.into(),
        ..named("Evil")
    };
    expect_error(vec![portal(), deep], "which has a path that is too long");
    // What no rule reads is never decompressed.
    for name in [
        "unpackaged/classes/A.cls",
        "unpackaged/staticresources/A.resource",
    ] {
        let image = Entry {
            crc: 1,
            method: 12,
            ..Entry::new(name, "\0")
        };
        check(vec![portal(), image]).expect(1);
    }
}

#[test]
fn damaged_entries() {
    let path = "org.zip/unpackaged/connectedApps/Evil.connectedApp";
    let error = format!("{path} cannot be read: it is damaged");
    let good = named("Evil");
    let crc = good.crc ^ 1;
    expect_error(vec![Entry { crc, ..good }, portal()], &error);
    for size in [1, 1 << 20] {
        let good = named("Evil");
        expect_error(vec![Entry { size, ..good }, portal()], &error);
    }
    let mut torn = named("Evil");
    torn.data.truncate(20);
    expect_error(vec![torn, portal()], &error);
    let mut garbage = named("Evil");
    garbage.data.fill(0xFF);
    expect_error(vec![garbage, portal()], &error);
    let renamed = Entry {
        local_name: Some(b"unpackaged/connectedApps/Good.connectedApp".to_vec()),
        ..named("Evil")
    };
    expect_error(vec![renamed, portal()], &error);
}

#[test]
fn bombs() {
    // 1 GiB of zeros is less than 5 MB in the zip.
    let honest = Entry::zeros("unpackaged/connectedApps/Evil.connectedApp", 1024);
    expect_error(vec![honest, portal()], "which is larger than 64 MiB");
    let liar = Entry {
        size: 1000,
        ..Entry::zeros("unpackaged/connectedApps/Evil.connectedApp", 1024)
    };
    expect_error(
        vec![liar, portal()],
        "Evil.connectedApp cannot be read: it is damaged",
    );
    // All of them together: the sizes are only stated.
    let mut entries = vec![portal()];
    entries.extend((0..65).map(|at| Entry {
        size: 64 << 20,
        ..named(&format!("Evil{at}"))
    }));
    let outcome = check(entries).expect(2);
    let expected = "Evil64.connectedApp`, which is beyond the limit of 4 GiB";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    assert!(outcome.stdout.contains(PORTAL), "{}", outcome.stdout);
}

#[test]
fn too_many_entries() {
    let mut entries = vec![portal()];
    entries.extend((0..200_000).map(|at| Entry::new(&format!("{at}.txt"), "")));
    expect_error(entries, "org.zip has more than 200000 entries");
    // Each of them is an error, but the report stays short.
    let mut entries = vec![portal()];
    entries.extend((0..1000).map(|at| Entry {
        flags: 1,
        ..named(&format!("Evil{at}"))
    }));
    let outcome = check(entries).expect(2);
    let expected = "contains 900 more entries that cannot be checked";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
}

#[test]
fn truncated_zips() {
    let bytes = zip(&[portal(), named("Last")]);
    let sandbox = Sandbox::new();
    // The list of entries is cut, and the end of the zip is there.
    let end = bytes.len() - 22;
    let mut cut = bytes[..end - 30].to_vec();
    cut.extend(&bytes[end..]);
    sandbox.write("org.zip", cut);
    let outcome = sandbox.forcelint(["check", "org.zip"]).run().expect(2);
    assert!(
        outcome.stderr.contains("is damaged after 1 entries"),
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains(PORTAL), "{outcome:?}");
    // The end is cut anywhere.
    for length in (0..bytes.len()).step_by(7) {
        sandbox.write("org.zip", &bytes[..length]);
        sandbox.forcelint(["check", "org.zip"]).run().expect(2);
    }
}

/// The findings of a report, without paths.
fn findings(report: &Value) -> Vec<(Value, Value)> {
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|it| (it["fingerprint"].clone(), it["message"].clone()))
        .collect()
}

/// An app, a profile or a setting of a retrieved org, and where it is.
fn component() -> impl Strategy<Value = (String, String)> {
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let app_text = (any::<bool>(), any::<bool>()).prop_map(|(pkce, loopback)| {
        let host = if loopback {
            "http://localhost"
        } else {
            "https://a.example"
        };
        let field = format!("<isPkceRequired>{pkce}</isPkceRequired>\n    </oauthConfig>");
        app(host).replace("</oauthConfig>", &field)
    });
    let app = ("[A-D]", app_text)
        .prop_map(|(name, text)| (format!("connectedApps/{name}.connectedApp"), text));
    let settings = any::<bool>().prop_map(move |it| {
        let text = format!("<OauthOidcSettings {namespace}><isPkceRequired>{it}</isPkceRequired></OauthOidcSettings>");
        ("settings/OauthOidc.settings".to_owned(), text)
    });
    let profile = "[A-C]".prop_map(move |name| {
        let right =
            "<userPermissions><enabled>true</enabled><name>AuthorApex</name></userPermissions>";
        (
            format!("profiles/{name}.profile"),
            format!("<Profile {namespace}>{right}</Profile>"),
        )
    });
    prop_oneof![4 => app, 1 => settings, 2 => profile]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn folder_and_zip_have_the_same_findings(
        components in prop::collection::vec(component(), 1..8),
        version in prop::sample::select(vec!["58.0", "66.0"]),
    ) {
        let sandbox = Sandbox::new();
        sandbox.write("src/unpackaged/package.xml", MANIFEST.replace("66.0", version));
        for (path, text) in &components {
            sandbox.write(format!("src/unpackaged/{path}"), text);
        }
        let folder = sandbox.path("src");
        sandbox.write("org.zip", zip_of(&folder, &folder));
        let of = |path: &str| {
            let check = sandbox.with_every_rule(["check", path, "--format=json", "--min-severity=info"]);
            findings(&check.run().json())
        };
        prop_assert_eq!(of("src"), of("org.zip"));
    }
}
