//! Files that `.gitignore` and `.forceignore` skip, compared with git and the Salesforce CLI, and
//! the effect of naming a path.

use std::fs;

use crate::support::{Sandbox, found, project_with};

/// Org settings that require PKCE of all apps, which lowers the severity by one level.
const ORG_SETTINGS: &str = "\
<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <isPkceRequired>true</isPkceRequired>
</OauthOidcSettings>
";

/// The names of the apps that are checked with a `.forceignore`.
fn checked_with_forceignore(lines: &str, names: &[&str]) -> Vec<String> {
    let sandbox = project_with(names);
    sandbox.write(".forceignore", lines);
    let found = found(&sandbox, ".", &["."]).into_iter();
    let prefix = "force-app/";
    let app_name = |path: String| {
        let name = path
            .strip_prefix(prefix)?
            .strip_suffix(".connectedApp high")?;
        Some(name.to_owned())
    };
    found.map(|path| app_name(path).unwrap()).collect()
}

#[test]
fn forceignore_works_as_in_the_cli() {
    // Patterns ignore case.
    assert_eq!(
        checked_with_forceignore("**/SCRATCH*\n", &["Scratch_A", "dir/scratch", "Other"]),
        ["Other"]
    );
    // Files in a skipped folder cannot be included again.
    assert_eq!(
        checked_with_forceignore(
            "force-app/b/*\n!y*\n",
            &["b/c/y1", "b/x", "b/y2", "y3", "c/x"]
        ),
        ["b/y2", "c/x", "y3"]
    );
    // The root folder is never skipped, but everything in it may be.
    assert_eq!(checked_with_forceignore("/*\n", &["a", "b/a"]), [""; 0]);
    assert_eq!(
        checked_with_forceignore("/*\n!/force-app\n**/x*\n", &["a", "b/xa", "xa"]),
        ["a"]
    );
    // Braces are literal.
    assert_eq!(
        checked_with_forceignore("**/{a,b}.*\n", &["a", "b", "{a,b}"]),
        ["a", "b"]
    );
    assert_eq!(checked_with_forceignore("**/{a.*\n", &["a", "{a"]), ["a"]);
    // An invalid pattern does not affect the other lines.
    assert_eq!(
        checked_with_forceignore("**/[a\n!\n**/b*\n", &["a", "b"]),
        ["a"]
    );
    // Classes cannot be negated, and a slash in one is literal.
    assert_eq!(
        checked_with_forceignore("/force-app/[!/b]*\n", &["ab", "b"]),
        ["ab"]
    );
    assert_eq!(checked_with_forceignore("**/[^a].*\n", &["a", "b"]), ["b"]);
    // A byte order mark, line ends of Windows, and spaces at the end do not matter.
    assert_eq!(
        checked_with_forceignore("\u{feff}**/a.*  \r\n", &["a", "b"]),
        ["b"]
    );
    // A line that is not a regular expression for the library makes it ignore nothing.
    assert_eq!(
        checked_with_forceignore("**/a.*\n\\\\(\n", &["a", "b"]),
        ["a", "b"]
    );
}

/// The CLI asks its library about the files in a folder, and about their folders with a slash at the end.
// Windows does not allow some of the names.
#[cfg(unix)]
#[test]
fn folders_are_forceignored_if_the_cli_ignores_their_files() {
    // The second line includes the folder again, but not a file with that name.
    assert_eq!(
        checked_with_forceignore("**/a*\n!**/a/\n", &["a/x", "a/b/x", "b/a", "c"]),
        ["a/b/x", "a/x", "c"]
    );
    // The pattern ends with the end of the path, so it does not match files in the folder.
    assert_eq!(
        checked_with_forceignore("b\\\\$\n", &["b\\/x", "c"]),
        ["b\\/x", "c"]
    );
    // The CLI does not enter a folder in `node_modules` that it ignores.
    assert_eq!(
        checked_with_forceignore(
            "**/a\n!**/a/\n",
            &["node_modules/a/x", "node_modules/b", "c/a/x"]
        ),
        ["c/a/x", "node_modules/b"]
    );
}

/// The CLI reads the nearest `.forceignore` at or above the package directory, and no other.
#[test]
fn nearest_forceignore_applies() {
    let checked = |files: &[(&str, &str)], folder: Option<&str>| -> Vec<String> {
        let sandbox = Sandbox::new();
        sandbox.write(
            "p/sfdx-project.json",
            r#"{ "packageDirectories": [{ "path": "src/app" }] }"#,
        );
        for name in ["a", "b", "c/a"] {
            sandbox.write_app(format!("p/src/app/{name}.connectedApp"));
        }
        for (file, lines) in files {
            sandbox.write(file, lines);
        }
        if let Some(folder) = folder {
            fs::create_dir_all(sandbox.path(folder)).unwrap();
        }
        let found = found(&sandbox, "p", &[]).into_iter();
        found
            .map(|path| {
                path.replace("src/app/", "")
                    .replace(".connectedApp high", "")
            })
            .collect()
    };
    let (above, project) = ((".forceignore", "**/a.*"), ("p/.forceignore", "**/a.*"));
    assert_eq!(checked(&[above], None), ["b"]);
    assert_eq!(checked(&[project], None), ["b"]);
    assert_eq!(
        checked(&[above, ("p/src/.forceignore", "**/b.*")], None),
        ["a", "c/a"]
    );
    assert_eq!(
        checked(&[project, ("p/src/app/.forceignore", "/a.*")], None),
        ["b", "c/a"]
    );
    // Not below the package directory.
    assert_eq!(
        checked(&[project, ("p/src/app/c/.forceignore", "")], None),
        ["b"]
    );
    // A folder with this name, which cannot be read, makes the CLI ignore nothing.
    assert_eq!(
        checked(&[project], Some("p/src/.forceignore")),
        ["a", "b", "c/a"]
    );
}

/// One example of each class of patterns that `.ci/check_forceignore.mjs` generates.
#[cfg(unix)]
#[test]
fn forceignore_patterns_match_as_in_the_library() {
    let cases: [(&str, &[&str], &[&str]); 16] = [
        // Case is ignored as JavaScript does without the flag `u`.
        ("**/É*\n", &["é", "e", "É2"], &["e"]),
        ("**/s*\n", &["ſ", "S1", "s2"], &["ſ"]),
        ("**/k*\n", &["\u{212A}", "K1"], &["\u{212A}"]),
        ("**/SS*\n", &["ß", "ss1"], &["ß"]),
        // A character beyond the first 65,536 is two for `?`.
        ("**/??.*\n", &["😀", "a", "ab"], &["a"]),
        // White space at the end is ignored, unless it is escaped.
        ("**/a*/\t \u{a0}\n", &["a/x", "b"], &["b"]),
        ("**/a\\ \n", &["a /x", "a/x"], &["a/x"]),
        ("**/a*\r\n!**/ab*\r\n", &["a", "ab"], &["ab"]),
        // Invalid ranges match nothing; other characters of the class do.
        ("**/[z-a]*\n", &["b", "z"], &["b", "z"]),
        ("**/[z-ac]*\n", &["b", "c"], &["b"]),
        ("**/[\\d-x]*\n", &["1", "-", "b", "x"], &["b"]),
        // Backslashes are those of JavaScript.
        ("**/\\d*\n", &["1", "d"], &["d"]),
        ("**/\\m*\n", &["m", "x"], &["x"]),
        ("**/\\u0061*\n", &["a", "u0061"], &["u0061"]),
        ("**/\\*.*\n", &["*", "a"], &["a"]),
        // Dot folders are ignored without a line, except this one.
        (
            "",
            &[".a/x", ".sf/orgs/o/remoteMetadata/x", ".sf/x", "b"],
            &[".sf/orgs/o/remoteMetadata/x", "b"],
        ),
    ];
    for (lines, names, expected) in cases {
        assert_eq!(
            checked_with_forceignore(lines, names),
            expected,
            "{lines:?}"
        );
    }
}

#[test]
fn gitignore_treats_braces_and_lone_exclamation_marks_like_git() {
    let sandbox = Sandbox::new();
    sandbox.make_repository("");
    for name in ["a", "b", "{a,b}", "{c", "c}"] {
        sandbox.write_app(format!("{name}.connectedApp"));
    }
    let checked = |lines: &str| -> Vec<String> {
        sandbox.write(".gitignore", lines);
        let found = found(&sandbox, ".", &["."]).into_iter();
        found
            .map(|path| path.replace(".connectedApp high", ""))
            .collect()
    };
    assert_eq!(checked("{a,b}.*\n"), ["a", "b", "c}", "{c"]);
    assert_eq!(checked("\\{c.*\nc\\}.*\n"), ["a", "b", "{a,b}"]);
    assert_eq!(checked("{c*\nc}*\n"), ["a", "b", "{a,b}"]);
    assert_eq!(checked("*.connectedApp\n!\n! \n"), [""; 0]);
}

#[cfg(unix)]
/// A pseudorandom generator with the same sequence in each run.
struct Random(u64);

#[cfg(unix)]
impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Xorshift: https://www.jstatsoft.org/article/view/v008i14
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Generates small trees with ignore files in one repository. forcelint must skip exactly the files
/// that git ignores.
#[cfg(unix)]
#[test]
fn gitignore_skips_exactly_what_git_ignores() {
    use std::collections::BTreeSet;
    use std::process::Command;

    const TREES: usize = 200;
    const NAMES: [&str; 12] = [
        "a", "b", "c", "d.x", "{a,b}", "!a", "# c", "a b", "A", "ab", "a ", "\\a",
    ];
    const PATTERNS: [&str; 69] = [
        "a",
        "/a",
        "a/",
        "/a/",
        "*.x",
        "**/a",
        "a/**",
        "a/*",
        "!a",
        "!a/",
        "!/a",
        "{a,b}",
        "\\!a",
        "# c",
        "\\# c",
        "a b",
        "[ab]",
        "[!a]",
        "[^a]*",
        "a ",
        "a\\ ",
        "b  ",
        "*",
        "!*",
        "!*/",
        "/*",
        "**",
        "a/**/b",
        "**/a/b",
        "a/b",
        "!a/b",
        "?",
        "a?",
        "!",
        "",
        "[a",
        "\\a",
        "!**/c",
        "a*",
        "*.connectedApp",
        "!a.connectedApp",
        "/b.connectedApp",
        "**/c.*",
        "\\{c.*",
        "\\\\a",
        "a**b",
        "**b",
        "a/**/",
        " a",
        "/",
        "//a",
        "a//b",
        "!!a",
        "[]a]*",
        "[a-]*",
        "a\\",
        "\\",
        "***",
        "a/***",
        "./a",
        "a/.",
        "[!]a]*",
        "*/",
        "**/",
        "/**",
        "!/**/",
        "a/*/b",
        "/*/a",
        "[a-c].connectedApp",
    ];
    let sandbox = Sandbox::new();
    let init = Command::new("git")
        .args(["init", "--quiet"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(&sandbox.root)
        .status()
        .unwrap();
    assert!(init.success());
    fs::remove_file(sandbox.path(".git/info/exclude")).unwrap_or_default();

    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut files = BTreeSet::new();
    for tree in 0..TREES {
        let mut folders = vec![format!("t{tree}")];
        for _ in 0..14 {
            let parent = folders[random.below(folders.len())].clone();
            if random.below(2) == 0 && parent.matches('/').count() < 3 {
                folders.push(format!("{parent}/{}", random.pick(&NAMES)));
            }
            files.insert(format!("{parent}/{}.connectedApp", random.pick(&NAMES)));
        }
        for at in [0, random.below(folders.len())] {
            let lines: String = (0..=random.below(5))
                .map(|_| format!("{}\n", random.pick(&PATTERNS)))
                .collect();
            sandbox.write(format!("{}/.gitignore", folders[at]), lines);
        }
    }
    for file in &files {
        // An empty file is malformed, so each checked file has a finding.
        sandbox.write(file, "");
    }
    let list: String = files.iter().map(|file| format!("{file}\0")).collect();
    let git = sandbox
        .program(
            "git".as_ref(),
            ["check-ignore", "--no-index", "--stdin", "-z"],
        )
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    let ignored = git.stdin(list).run().expect(0).stdout;
    let ignored: BTreeSet<&str> = ignored.split_terminator('\0').collect();
    let report = sandbox.forcelint(["check", ".", "--format=json"]).run();
    let report = report.expect(1).json();
    let findings = report["findings"].as_array().unwrap().iter();
    let checked: BTreeSet<&str> = findings
        .map(|finding| finding["path"].as_str().unwrap())
        .collect();
    assert!(ignored.len() > 100 && checked.len() > 100);
    let mut disagreements = String::new();
    for file in &files {
        let (by_git, by_forcelint) = (
            ignored.contains(file.as_str()),
            !checked.contains(file.as_str()),
        );
        if by_git != by_forcelint {
            disagreements.push_str(&format!("{file}: git ignores it: {by_git}\n"));
            for folder in std::path::Path::new(file).ancestors().skip(1) {
                if let Ok(lines) =
                    fs::read_to_string(sandbox.path("").join(folder).join(".gitignore"))
                {
                    disagreements.push_str(&format!("    {}: {lines:?}\n", folder.display()));
                }
            }
        }
    }
    assert_eq!(disagreements, "", "{disagreements}");
}

#[test]
fn forceignored_package_directory_is_checked_only_if_named() {
    let sandbox = project_with(&["App"]);
    sandbox.write(".forceignore", "force-app\n");
    assert_eq!(found(&sandbox, ".", &[]), [""; 0]);
    assert_eq!(
        found(&sandbox, ".", &["force-app", "--force-exclude"]),
        [""; 0]
    );
    assert_eq!(
        found(&sandbox, ".", &["force-app"]),
        ["force-app/App.connectedApp high"]
    );
}

/// A named folder is checked even if its parent folder is named, too, and would skip it.
#[test]
fn named_ignored_folder_is_checked_with_its_parent() {
    let sandbox = Sandbox::new();
    sandbox.make_repository("");
    sandbox.write(".gitignore", "build\n");
    sandbox.write_app("build/deep/A.connectedApp");
    sandbox.write_app("src/B.connectedApp");
    let source = "src/B.connectedApp high";
    let built = "build/deep/A.connectedApp high";
    assert_eq!(found(&sandbox, ".", &["."]), [source]);
    for named in [
        &[".", "build"][..],
        &["build", "."],
        &[".", "build", "src"],
        &[".", "build/deep"],
        &[".", "build", "build/deep"],
    ] {
        assert_eq!(found(&sandbox, ".", named), [built, source], "{named:?}");
    }
    assert_eq!(
        found(&sandbox, ".", &[".", "build", "--force-exclude"]),
        [source]
    );
}

/// Naming a file does not deploy it.
#[test]
fn named_forceignored_settings_do_not_lower_severity() {
    let sandbox = project_with(&["main/App"]);
    let settings = "force-app/main/settings/OauthOidc.settings-meta.xml";
    sandbox.write(settings, ORG_SETTINGS);
    let app = "force-app/main/App.connectedApp";
    let lowered = [format!("{app} medium")];
    let unchanged = [format!("{app} high")];
    assert_eq!(found(&sandbox, ".", &[app, settings]), lowered);
    assert_eq!(found(&sandbox, ".", &[".", settings]), lowered);
    sandbox.write(".forceignore", "**/settings/**\n");
    for named in [
        &[app, settings][..],
        &[".", settings],
        &["force-app", settings],
        &[app, "force-app/main/settings"],
    ] {
        assert_eq!(found(&sandbox, ".", named), unchanged, "{named:?}");
    }
}

/// An app with a secret and without `isPkceRequired`.
fn app_with_secret() -> String {
    crate::support::app("https://a.example/").replace(
        "    </oauthConfig>",
        "        <consumerSecret>example0secret0example0secret</consumerSecret>\n    </oauthConfig>",
    )
}

/// Files that are not deployed are still in the repository, so only rules about secrets check them.
#[test]
fn forceignored_files_are_checked_for_secrets() {
    let sandbox = project_with(&[]);
    sandbox.write("force-app/Left.connectedApp", app_with_secret());
    sandbox.write("force-app/Out.connectedApp", app_with_secret());
    sandbox.write("force-app/out/Deep.connectedApp", app_with_secret());
    sandbox.write(
        "force-app/out/Clean.connectedApp",
        crate::support::app("x:y"),
    );
    // Malformed, but not deployed.
    sandbox.write("force-app/out/Cut.connectedApp", &app_with_secret()[..200]);
    sandbox.write(".forceignore", "**/out\n**/Out*\n**/out/**\n");
    let secrets = |arguments: &[&str]| {
        let all = [
            "check",
            "--format=json",
            "--select=pkce,consumer-secret-in-source",
        ];
        let outcome = sandbox.forcelint(all.iter().chain(arguments)).run();
        let report = outcome.expect(1).json();
        assert_eq!(report["errors"], serde_json::json!([]));
        let findings = report["findings"].as_array().unwrap().iter();
        let findings = findings.map(|finding| {
            let path = finding["path"].as_str().unwrap();
            let name = path
                .rsplit('/')
                .next()
                .unwrap()
                .trim_end_matches(".connectedApp");
            format!("{name} {}", finding["rule"].as_str().unwrap())
        });
        let mut findings: Vec<String> = findings.collect();
        findings.sort();
        findings
    };
    let secret = |name: &str| format!("{name} consumer-secret-in-source");
    let pkce = |name: &str| format!("{name} pkce-required");
    let expected = [secret("Deep"), secret("Left"), pkce("Left"), secret("Out")];
    assert_eq!(secrets(&[]), expected);
    assert_eq!(secrets(&["force-app"]), expected);
    // A named file is checked by all rules, unless `--force-exclude` is given.
    let out = "force-app/Out.connectedApp";
    assert_eq!(secrets(&[out]), [secret("Out"), pkce("Out")]);
    assert_eq!(secrets(&[out, "--force-exclude"]), [secret("Out")]);
    let deep = "force-app/out/Deep.connectedApp";
    assert_eq!(secrets(&["--force-exclude", deep]), [secret("Deep")]);
    // A malformed file is skipped, unless an argument names it.
    let cut = "force-app/out/Cut.connectedApp";
    sandbox
        .forcelint(["check", "--force-exclude", cut])
        .run()
        .expect(0);
    assert_eq!(secrets(&[cut]), ["Cut malformed-metadata"]);
    // Files that `.gitignore` skips are not in the repository, so no rule checks them.
    sandbox.make_repository("");
    sandbox.write(".gitignore", "out/\n");
    assert_eq!(secrets(&[]), [secret("Left"), pkce("Left"), secret("Out")]);
}

#[test]
fn fix_of_a_forceignored_file_removes_only_the_secret() {
    let sandbox = project_with(&[]);
    sandbox.write("force-app/Out.connectedApp", app_with_secret());
    sandbox.write(
        "force-app/Other.connectedApp",
        "<ConnectedApp><label>A</label></ConnectedApp>",
    );
    sandbox.write(".forceignore", "**/Out*\n");
    let fix = ["check", "--fix=all"];
    sandbox.with_every_rule(fix).run().expect(0);
    let text = fs::read_to_string(sandbox.path("force-app/Out.connectedApp")).unwrap();
    assert_eq!(text, crate::support::app("https://a.example/"));
}
