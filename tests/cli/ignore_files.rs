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
