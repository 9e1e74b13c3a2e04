//! The patch of `--diff`, applied with `git apply`.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::generate::case;
use crate::property::fixed;
use crate::support::{APP, OIDC, Project, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";
const SECRET: &str = "0123456789ABCDEF0123";

/// An app with these lines in its OAuth settings.
fn app(lines: &[&str]) -> String {
    let lines: String = lines
        .iter()
        .map(|line| format!("        {line}\n"))
        .collect();
    format!(
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <oauthConfig>\n\
         {lines}    </oauthConfig>\n</ConnectedApp>\n"
    )
}

/// Applies the patch of the project in `folder`. Returns the patch and stderr.
fn patched(project: &Project, folder: &str) -> (String, String) {
    let outcome = project.check_in(folder, &["--diff", "--fix=all"]).expect(1);
    project.apply(folder, &outcome.stdout);
    (outcome.stdout, outcome.stderr)
}

#[test]
fn stdout_has_only_the_patch() {
    let project = Project::new().with(A, APP).git();
    project
        .check(&["--diff", "--fix=all"])
        .expect(1)
        .stderr_contains("forcelint: 1 high in 1 component")
        .stdout_is(
            "--- a/force-app/A.connectedApp-meta.xml
+++ b/force-app/A.connectedApp-meta.xml
@@ -2,6 +2,7 @@
 <ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">
     <oauthConfig>
         <callbackUrl>https://portal.acme.test/callback</callbackUrl>
+        <isPkceRequired>true</isPkceRequired>
         <scopes>Api</scopes>
     </oauthConfig>
 </ConnectedApp>
",
        );
    assert_eq!(project.read(A), APP);
    // Without `=all`, the patch has only safe fixes.
    project.check(&["--diff"]).expect(0).stdout_is("");
    project.check(&["--diff", "--fix"]).expect(0).stdout_is("");
    project.write(A, with_flag(APP));
    project
        .check(&["--diff", "--fix=all"])
        .expect(0)
        .stdout_is("");
    project
        .check(&["--diff", "--fix=all", "force-app", "nowhere"])
        .expect(2)
        .stdout_is("")
        .stderr_contains("nowhere does not exist");
}

#[test]
fn missing_file_is_an_error_and_others_are_in_the_patch() {
    let project = Project::new().with(A, APP).git();
    let outcome = project
        .check(&["--diff", "--fix=all", "force-app", "nowhere"])
        .expect(2)
        .stderr_contains("nowhere does not exist");
    project.apply("", &outcome.stdout);
    assert_eq!(project.read(A), with_flag(APP));
}

#[test]
fn patch_applies_in_the_root_and_in_a_folder() {
    for folder in ["", "force-app", "force-app/main"] {
        let path = "force-app/main/connectedApps/A.connectedApp-meta.xml";
        let project = Project::new().with(path, APP).git();
        let (patch, _) = patched(&project, folder);
        assert!(patch.starts_with("--- a/"), "{patch}");
        assert_eq!(project.read(path), with_flag(APP), "in {folder:?}");
    }
}

#[test]
fn file_outside_the_working_directory_is_an_error() {
    let project = Project::new().with(A, APP).with("scripts/readme", "").git();
    project
        .check_in("scripts", &["--diff", "--fix=all", "../force-app"])
        .expect(2)
        .stdout_is("")
        .stderr_contains("../force-app/A.connectedApp-meta.xml is not below the working directory");
}

#[cfg(unix)]
#[test]
fn patch_with_unusual_file_names() {
    for name in [
        "with space",
        " leading and trailing ",
        "Über größe",
        "日本語",
        "quote\"quote",
        "apostrophe's",
        "tab\ttab",
        "new\nline",
        "back\\slash",
        "ü\"\t mixed",
        "percent%20",
        "b/a/../x",
        "[1]*?",
        "\u{1}\u{7f}",
        "\u{85}\u{2028}",
    ] {
        let path = format!("force-app/{name}.connectedApp-meta.xml").replace("/../", "/");
        let project = Project::new().with(&path, APP).git();
        let (patch, _) = patched(&project, "");
        assert_eq!(project.read(&path), with_flag(APP), "{name:?}\n{patch}");
    }
}

/// `git apply` accepts less strict headers, but GNU patch does not.
#[cfg(unix)]
#[test]
fn names_in_headers_are_quoted_if_necessary() {
    for (name, header) in [
        ("plain", "a/plain.connectedApp-meta.xml"),
        ("with space", "a/with space.connectedApp-meta.xml\t"),
        ("quote\"d", "\"a/quote\\\"d.connectedApp-meta.xml\""),
        ("back\\slash", "\"a/back\\\\slash.connectedApp-meta.xml\""),
        ("tab\tü", "\"a/tab\\011\\303\\274.connectedApp-meta.xml\""),
    ] {
        let project = Project::new()
            .with(&format!("{name}.connectedApp-meta.xml"), APP)
            .with("force-app/Other.txt", "");
        let outcome = project.check(&["--diff", "--fix=all", "."]).expect(1);
        assert_eq!(
            outcome.stdout.lines().next(),
            Some(&*format!("--- {header}"))
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn name_that_is_not_utf8_is_an_error() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::new().git();
    let name = std::ffi::OsStr::from_bytes(b"force-app/\xff.connectedApp-meta.xml");
    project.write(name, APP);
    project
        .check(&["--diff", "--fix=all"])
        .expect(2)
        .stdout_is("")
        .stderr_contains("has a name that is not UTF-8");
    project.check(&["--fix=all"]).expect(0);
    assert_eq!(project.read(name), with_flag(APP));
}

#[test]
fn line_ends_are_kept() {
    for (line_end, bom, last) in [
        ("\n", "", ""),
        ("\r\n", "", "\r\n"),
        ("\r\n", "\u{feff}", ""),
        ("\r", "", "\r"),
        ("\r", "\u{feff}", ""),
        ("\n", "\u{feff}", "\n"),
    ] {
        let convert = |text: &str| {
            let text = text.trim_end().replace('\n', line_end);
            format!("{bom}{text}{last}")
        };
        let old = convert(APP);
        let new = convert(&with_flag(APP));
        let project = Project::new().with(A, &old).git();
        let (patch, _) = patched(&project, "");
        assert_eq!(project.read(A), new, "{patch:?}");
        project.write(A, &old);
        project.check(&["--fix=all"]).expect(0);
        assert_eq!(project.read(A), new);
    }
}

#[test]
fn last_line_without_a_line_end_can_be_changed() {
    let old = "<OauthOidcSettings>\n<isPkceRequired>false</isPkceRequired></OauthOidcSettings>";
    let path = "force-app/OauthOidc.settings-meta.xml";
    let project = Project::new().with(path, old).git();
    patched(&project, "");
    assert_eq!(project.read(path), old.replace("false", "true"));
}

/// Lines with secrets before and after the insertion.
#[test]
fn context_omits_secrets() {
    let secret = format!("<consumerSecret>{SECRET}</consumerSecret>");
    let secret = secret.as_str();
    let long = "<consumerSecret>\n0123456789ABCDEF0123\n</consumerSecret>";
    let a = "<callbackUrl>https://portal.acme.test/callback</callbackUrl>";
    let b = "<isAdminApproved>true</isAdminApproved>";
    let scopes = "<scopes>Api</scopes>";
    let cases: [&[&str]; 7] = [
        &[a, secret, b, scopes],
        &[a, secret],
        &[secret, a, b, scopes],
        // The fields are not sorted, so the flag is inserted right after the secret.
        &[a, b, secret, scopes],
        &[secret, scopes],
        &[a, long, scopes],
        &[a, b, scopes, secret],
    ];
    for lines in cases {
        let text = app(lines);
        let project = Project::new().with(A, &text).git();
        let (patch, stderr) = patched(&project, "");
        assert!(!patch.contains(SECRET), "{patch}");
        assert!(!stderr.contains("contains a secret"), "{stderr}");
        project
            .check(&["--fix=all"])
            .expect(0)
            .stderr_lacks("fixed:");
    }
}

#[test]
fn secret_next_to_the_change_is_reported() {
    let secret = format!("<consumerSecret>{SECRET}</consumerSecret>");
    let one_line = app(&[&secret]).replace('\n', "");
    // Right after the insertion. Without the line, `git apply` would expect the end of the file.
    let after = app(&[
        "<callbackUrl>myapp://x</callbackUrl>",
        "<scopes>Api</scopes>",
    ])
    .replace("<scopes>", &format!("<!-- {secret} --><scopes>"));
    for text in [one_line, after] {
        let project = Project::new().with(A, &text).git();
        let (patch, stderr) = patched(&project, "");
        assert!(patch.contains(SECRET), "{patch}");
        assert!(
            stderr.contains(
                "the patch of force-app/A.connectedApp-meta.xml contains a secret; do not share it"
            ),
            "{stderr}"
        );
        assert!(!stderr.contains(SECRET));
        project
            .check(&["--fix=all"])
            .expect(0)
            .stderr_lacks("fixed:");
    }
}

#[cfg(unix)]
#[test]
fn link_is_patched_with_the_path_of_its_target() {
    use std::os::unix::fs::symlink;
    let project = Project::new()
        .with("force-app/z/Real.connectedApp-meta.xml", APP)
        .git();
    symlink(
        "z/Real.connectedApp-meta.xml",
        project.path("force-app/Link.connectedApp-meta.xml"),
    )
    .unwrap();
    let (patch, _) = patched(&project, "");
    assert_eq!(patch.matches("--- ").count(), 1, "{patch}");
    assert_eq!(
        project.read("force-app/z/Real.connectedApp-meta.xml"),
        with_flag(APP)
    );
    // A folder that an argument names by a link.
    symlink("force-app", project.path("linked")).unwrap();
    project.write("force-app/z/Real.connectedApp-meta.xml", APP);
    let outcome = project
        .check(&["--diff", "--fix=all", "linked/z"])
        .expect(1);
    project.apply("", &outcome.stdout);
    assert_eq!(
        project.read("force-app/z/Real.connectedApp-meta.xml"),
        with_flag(APP)
    );
}

/// Applying the patch of many generated files has the same result as `--fix=all`.
#[test]
fn patch_has_the_same_result_as_fix() {
    let count = std::env::var("GIT_CASES").map_or(250, |count| count.parse().unwrap());
    // A project without org settings, so that they do not lower the severity of other files.
    let project = Project::new().git();
    let mut runner = TestRunner::deterministic();
    let mut expected = BTreeMap::new();
    let mut changed = 0;
    for at in 0..count {
        let case = case().new_tree(&mut runner).unwrap().current();
        let path = format!("force-app/{at}/{}", case.kind.file_name());
        let (new, fixes) = fixed(case.kind, &case.text);
        changed += usize::from(fixes > 0);
        project.write(&path, &case.text);
        expected.insert(path, (case.text, new));
    }
    assert!(
        changed * 4 > count,
        "only {changed} of {count} files change"
    );
    let everything = [
        "--diff",
        "--fix=all",
        "--min-severity=info",
        "--fail-on=info",
    ];
    let patch = project.check(&everything).expect(1).stdout;
    assert_eq!(patch.matches("--- a/").count(), changed);
    project.apply("", &patch);
    for (path, (_, new)) in &expected {
        assert_eq!(project.read(path), *new, "{path} by git apply");
    }
    for (path, (old, _)) in &expected {
        project.write(path, old);
    }
    project.check(&["--fix=all", "--min-severity=info", "--fail-on=info"]);
    for (path, (_, new)) in &expected {
        assert_eq!(project.read(path), *new, "{path} by --fix=all");
    }
    project.check(&everything).expect(0).stdout_is("");
    project.assert_no_temporary_file();
}

#[test]
fn patch_with_several_files() {
    let settings = "force-app/OauthOidc.settings-meta.xml";
    let project = Project::new().with(A, APP).with(settings, OIDC).git();
    let (patch, _) = patched(&project, "");
    assert_eq!(patch.matches("\n+++ b/").count(), 2, "{patch}");
    assert_eq!(project.read(A), with_flag(APP));
    assert_eq!(project.read(settings), OIDC.replace("false", "true"));
}
