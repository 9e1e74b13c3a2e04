//! Git repositories for the tests of `--since` and `--staged`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Invocation, Outcome, Sandbox, app};

/// The callback of a public client. Another app on the device can register it: one `critical`
/// finding.
pub const PUBLIC: &str = "myapp://callback";
/// The callback of a confidential client: one `high` finding.
pub const CONFIDENTIAL: &str = "https://portal.acme.example/callback";
/// Org settings that require PKCE of all apps.
pub const STRICT: &str = "<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <isPkceRequired>true</isPkceRequired>\n</OauthOidcSettings>\n";
/// The path of the org settings.
pub const SETTINGS: &str = "force-app/settings/OauthOidc.settings-meta.xml";

/// How many random changes to test. `PROPTEST_CASES` overrides it.
pub fn cases(default: u32) -> u32 {
    let cases = std::env::var("PROPTEST_CASES").ok();
    cases.map_or(default, |cases| cases.parse().unwrap())
}

/// Git in a folder, without the user's config.
pub fn git_command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            git.env_remove(name);
        }
    }
    git.current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_ALLOW_PROTOCOL", "file");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Ada")
            .env(format!("GIT_{role}_EMAIL"), "ada@acme.example");
    }
    git
}

pub struct Repository {
    pub sandbox: Sandbox,
}

impl Repository {
    /// A project with one commit: two apps with one finding each.
    pub fn new() -> Self {
        let repository = Self::empty();
        repository.app("Old", CONFIDENTIAL);
        repository.app("Other", PUBLIC);
        repository.commit();
        repository
    }

    /// A project without a commit.
    pub fn empty() -> Self {
        let sandbox = Sandbox::new();
        let repository = Self { sandbox };
        repository.git(["init", "--quiet", "--initial-branch=main"]);
        repository.write(
            "sfdx-project.json",
            r#"{ "packageDirectories": [{ "path": "force-app" }, { "path": "more" }] }"#,
        );
        repository.write("more/readme.txt", "");
        repository
    }

    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.sandbox.root.join(path)
    }

    pub fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        self.sandbox.write(path, text);
    }

    pub fn app(&self, name: &str, callback: &str) {
        self.write(format!("force-app/{name}.connectedApp"), app(callback));
    }

    #[track_caller]
    pub fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        self.git_in("", arguments)
    }

    #[track_caller]
    pub fn git_in<S: AsRef<OsStr>>(
        &self,
        folder: impl AsRef<Path>,
        arguments: impl IntoIterator<Item = S>,
    ) -> String {
        let mut git = git_command(&self.path(folder));
        let output = git.args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[track_caller]
    pub fn commit(&self) {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message=change"]);
    }

    /// `forcelint check` with the PKCE rules.
    pub fn check<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Invocation<'_> {
        let mut check = self
            .sandbox
            .forcelint(["check", "--select=pkce", "--format=json"]);
        check.command.args(arguments);
        check
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
    }

    #[track_caller]
    pub fn outcome(&self, arguments: &[&str]) -> Outcome {
        self.check(arguments).run()
    }

    /// `name severity` for each finding.
    #[track_caller]
    pub fn found(&self, arguments: &[&str]) -> Vec<String> {
        named(&self.outcome(arguments))
    }

    #[track_caller]
    pub fn since_main(&self) -> Vec<String> {
        self.found(&["--since=main"])
    }

    #[track_caller]
    pub fn staged(&self) -> Vec<String> {
        self.found(&["--staged"])
    }
}

/// The component and severity of each finding. Fails if the run was incomplete.
#[track_caller]
pub fn named(outcome: &Outcome) -> Vec<String> {
    assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:?}");
    let report = outcome.json();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut names: Vec<String> = findings
        .map(|finding| {
            let name = finding["component"]["name"].as_str().unwrap();
            format!("{name} {}", finding["severity"].as_str().unwrap())
        })
        .collect();
    assert_eq!(names.is_empty(), outcome.code == Some(0), "{outcome:?}");
    names.sort();
    names
}
