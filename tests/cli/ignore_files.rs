//! What ignore files leave out, as git and the Salesforce CLI read them, and what naming a path
//! changes about it.

use std::fs;

use crate::support::{Sandbox, found, project_with};

/// Org settings that require PKCE of every app, which lowers what is found by one step.
const ORG_SETTINGS: &str = "\
<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <isPkceRequired>true</isPkceRequired>
</OauthOidcSettings>
";

/// Which of the apps are linted under a `.forceignore`.
fn left_by_forceignore(lines: &str, names: &[&str]) -> Vec<String> {
    let sandbox = project_with(names);
    sandbox.write(".forceignore", lines);
    let found = found(&sandbox, ".", &["."]).into_iter();
    let prefix = "force-app/";
    let strip = |path: String| {
        let name = path
            .strip_prefix(prefix)?
            .strip_suffix(".connectedApp high")?;
        Some(name.to_owned())
    };
    found.map(|path| strip(path).unwrap()).collect()
}

#[test]
fn forceignore_is_read_as_the_cli_reads_it() {
    // Letters match whatever their case.
    assert_eq!(
        left_by_forceignore("**/SCRATCH*\n", &["Scratch_A", "dir/scratch", "Other"]),
        ["Other"]
    );
    // Below a folder that is left out nothing is taken in again.
    assert_eq!(
        left_by_forceignore(
            "force-app/b/*\n!y*\n",
            &["b/c/y1", "b/x", "b/y2", "y3", "c/x"]
        ),
        ["b/y2", "c/x", "y3"]
    );
    // The folder of the project itself is never left out, but everything in it may be.
    assert_eq!(left_by_forceignore("/*\n", &["a", "b/a"]), [""; 0]);
    assert_eq!(
        left_by_forceignore("/*\n!/force-app\n**/x*\n", &["a", "b/xa", "xa"]),
        ["a"]
    );
    // Braces are letters.
    assert_eq!(
        left_by_forceignore("**/{a,b}.*\n", &["a", "b", "{a,b}"]),
        ["a", "b"]
    );
    assert_eq!(left_by_forceignore("**/{a.*\n", &["a", "{a"]), ["a"]);
    // One line that is no pattern keeps none of the others from holding.
    assert_eq!(left_by_forceignore("**/[a\n!\n**/b*\n", &["a", "b"]), ["a"]);
    // A slash in a class is a letter of it.
    assert_eq!(
        left_by_forceignore("/force-app/[!/b]*\n", &["ab", "b"]),
        ["b"]
    );
}

#[test]
fn gitignore_takes_braces_and_a_lone_mark_as_git_does() {
    let sandbox = Sandbox::new();
    sandbox.make_repository("");
    for name in ["a", "b", "{a,b}", "{c", "c}"] {
        sandbox.write_app(format!("{name}.connectedApp"));
    }
    let left = |lines: &str| -> Vec<String> {
        sandbox.write(".gitignore", lines);
        let found = found(&sandbox, ".", &["."]).into_iter();
        found
            .map(|path| path.replace(".connectedApp high", ""))
            .collect()
    };
    assert_eq!(left("{a,b}.*\n"), ["a", "b", "c}", "{c"]);
    assert_eq!(left("\\{c.*\nc\\}.*\n"), ["a", "b", "{a,b}"]);
    assert_eq!(left("{c*\nc}*\n"), ["a", "b", "{a,b}"]);
    assert_eq!(left("*.connectedApp\n!\n! \n"), [""; 0]);
}

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
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

/// Many small trees, each with ignore files of its own, in one repository: what git ignores is not
/// linted, and everything else is.
#[cfg(unix)]
#[test]
fn gitignore_means_what_it_means_to_git() {
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
    let made = Command::new("git")
        .args(["init", "--quiet"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(&sandbox.root)
        .status()
        .unwrap();
    assert!(made.success());
    fs::remove_file(sandbox.path(".git/info/exclude")).unwrap_or_default();

    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut files = BTreeSet::new();
    for tree in 0..TREES {
        let mut folders = vec![format!("t{tree}")];
        for _ in 0..14 {
            let above = folders[dice.below(folders.len())].clone();
            if dice.below(2) == 0 && above.matches('/').count() < 3 {
                folders.push(format!("{above}/{}", dice.pick(&NAMES)));
            }
            files.insert(format!("{above}/{}.connectedApp", dice.pick(&NAMES)));
        }
        for at in [0, dice.below(folders.len())] {
            let lines: String = (0..=dice.below(5))
                .map(|_| format!("{}\n", dice.pick(&PATTERNS)))
                .collect();
            sandbox.write(format!("{}/.gitignore", folders[at]), lines);
        }
    }
    for file in &files {
        // Malformed, so that each has a finding; it is quick.
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
    let linted: BTreeSet<&str> = findings
        .map(|finding| finding["path"].as_str().unwrap())
        .collect();
    assert!(ignored.len() > 100 && linted.len() > 100);
    let mut disagreements = String::new();
    for file in &files {
        let (by_git, by_us) = (
            ignored.contains(file.as_str()),
            !linted.contains(file.as_str()),
        );
        if by_git != by_us {
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
fn a_package_directory_that_is_forceignored_is_linted_when_named_only() {
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

/// A folder that is named is not swallowed by one above it whose walk would pass it by.
#[test]
fn an_ignored_folder_that_is_named_beside_the_one_above_it_is_linted() {
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

/// That somebody looks at a file does not deploy it.
#[test]
fn forceignored_settings_lower_nothing_when_they_are_named() {
    let sandbox = project_with(&["main/App"]);
    let settings = "force-app/main/settings/OauthOidc.settings-meta.xml";
    sandbox.write(settings, ORG_SETTINGS);
    let app = "force-app/main/App.connectedApp";
    let lowered = [format!("{app} medium")];
    let whole = [format!("{app} high")];
    assert_eq!(found(&sandbox, ".", &[app, settings]), lowered);
    assert_eq!(found(&sandbox, ".", &[".", settings]), lowered);
    sandbox.write(".forceignore", "**/settings/**\n");
    for named in [
        &[app, settings][..],
        &[".", settings],
        &["force-app", settings],
        &[app, "force-app/main/settings"],
    ] {
        assert_eq!(found(&sandbox, ".", named), whole, "{named:?}");
    }
}

/// An app with a secret, which also lacks the flag.
fn app_with_secret() -> String {
    crate::support::app("https://a.example/").replace(
        "    </oauthConfig>",
        "        <consumerSecret>example0secret0example0secret</consumerSecret>\n    </oauthConfig>",
    )
}

/// What is not deployed is in the repository all the same: rules about secrets look into it, and
/// only they.
#[test]
fn secrets_are_looked_for_in_what_is_forceignored() {
    let sandbox = project_with(&[]);
    sandbox.write("force-app/Left.connectedApp", app_with_secret());
    sandbox.write("force-app/Out.connectedApp", app_with_secret());
    sandbox.write("force-app/out/Deep.connectedApp", app_with_secret());
    sandbox.write(
        "force-app/out/Clean.connectedApp",
        crate::support::app("x:y"),
    );
    // Cannot be judged, and nobody deploys it.
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
    // Who names a file wants all of it judged, unless ignore files are to hold even so.
    let out = "force-app/Out.connectedApp";
    assert_eq!(secrets(&[out]), [secret("Out"), pkce("Out")]);
    assert_eq!(secrets(&[out, "--force-exclude"]), [secret("Out")]);
    let deep = "force-app/out/Deep.connectedApp";
    assert_eq!(secrets(&["--force-exclude", deep]), [secret("Deep")]);
    // A malformed one is as if it were not there, but not when it is named.
    let cut = "force-app/out/Cut.connectedApp";
    sandbox
        .forcelint(["check", "--force-exclude", cut])
        .run()
        .expect(0);
    assert_eq!(secrets(&[cut]), ["Cut malformed-metadata"]);
    // Git's ignore files say what is not in the repository: there no rule looks.
    sandbox.make_repository("");
    sandbox.write(".gitignore", "out/\n");
    assert_eq!(secrets(&[]), [secret("Left"), pkce("Left"), secret("Out")]);
}

/// The fix of a forceignored secret is one like others.
#[test]
fn a_forceignored_secret_is_fixed_alone() {
    let sandbox = project_with(&[]);
    sandbox.write("force-app/Out.connectedApp", app_with_secret());
    sandbox.write(".forceignore", "**/Out*\n");
    let fix = ["check", "--fix=all"];
    sandbox.with_every_rule(fix).run().expect(0);
    let text = fs::read_to_string(sandbox.path("force-app/Out.connectedApp")).unwrap();
    assert_eq!(text, crate::support::app("https://a.example/"));
}
