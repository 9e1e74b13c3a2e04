//! Projects on disk, and the compiled program.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// An app of a confidential client. Its fix needs a rollout.
pub const APP: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <oauthConfig>
        <callbackUrl>https://portal.acme.test/callback</callbackUrl>
        <scopes>Api</scopes>
    </oauthConfig>
</ConnectedApp>
";

/// An app for the JWT bearer flow. Its fix is safe.
pub const JWT_APP: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <oauthConfig>
        <callbackUrl>https://login.salesforce.com/services/oauth2/callback</callbackUrl>
        <certificate>Acme</certificate>
        <isAdminApproved>true</isAdminApproved>
        <scopes>Api</scopes>
    </oauthConfig>
</ConnectedApp>
";

/// Org settings that do not require PKCE.
pub const OIDC: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <isPkceRequired>false</isPkceRequired>
</OauthOidcSettings>
";

const FLAG_LINE: &str = "        <isPkceRequired>true</isPkceRequired>\n";

/// One of the two apps above with the flag in its alphabetical position.
pub fn with_flag(app: &str) -> String {
    let at = app.find("        <scopes>").unwrap();
    format!("{}{FLAG_LINE}{}", &app[..at], &app[at..])
}

/// An SFDX project in a temporary folder.
pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
        };
        project.settings("\"sourceApiVersion\": \"66.0\"");
        project
    }

    /// Writes `sfdx-project.json` with more entries.
    pub fn settings(&self, entries: &str) {
        self.write(
            "sfdx-project.json",
            format!("{{ \"packageDirectories\": [{{ \"path\": \"force-app\" }}], {entries} }}"),
        );
    }

    pub fn with(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: impl AsRef<Path>) -> String {
        String::from_utf8(fs::read(self.path(path)).unwrap()).unwrap()
    }

    pub fn check<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        self.check_in("", arguments)
    }

    pub fn check_in<S: AsRef<OsStr>>(&self, folder: &str, arguments: &[S]) -> Outcome {
        outcome(self.command(folder).args(arguments).output().unwrap())
    }

    /// `check` with the PKCE rules. Most tests are not about rules, and a new rule must not change
    /// their result.
    pub fn command(&self, folder: &str) -> Command {
        let mut command = self.with_every_rule(folder);
        command.arg("--select=pkce");
        command
    }

    fn with_every_rule(&self, folder: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forcelint"));
        command.arg("check").current_dir(self.path(folder));
        command
    }

    /// Runs `check` with all rules, as a user starts it.
    pub fn check_with_every_rule<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        outcome(self.with_every_rule("").args(arguments).output().unwrap())
    }

    pub fn check_stdin(&self, arguments: &[&str], text: &str) -> Outcome {
        let mut child = self
            .command("")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        outcome(child.wait_with_output().unwrap())
    }

    pub fn git(self) -> Self {
        let init = git(&self.root(), &["init", "--quiet"]);
        assert!(init.status.success());
        self
    }

    /// Applies a patch with `git apply` in a folder of the project.
    pub fn apply(&self, folder: &str, patch: &str) {
        self.write(".git/patch", patch);
        let patch = self.path(".git/patch");
        let patch = patch.to_str().unwrap();
        let applied = git(&self.path(folder), &["apply", "--whitespace=nowarn", patch]);
        assert!(
            applied.status.success(),
            "{}",
            String::from_utf8_lossy(&applied.stderr)
        );
    }

    /// All files except those of git.
    pub fn files(&self) -> Vec<PathBuf> {
        fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    collect(&path, files);
                } else {
                    files.push(path);
                }
            }
        }
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files.retain(|file| !file.starts_with(self.path(".git")));
        files.sort();
        files
    }

    pub fn assert_no_temporary_file(&self) {
        let file = self.files().into_iter().find(|file| is_temporary(file));
        assert_eq!(file, None, "a temporary file remains");
    }
}

pub fn is_temporary(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_string_lossy();
    name.starts_with(".forcelint-")
}

/// git without the user's configuration.
fn git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap()
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    #[track_caller]
    pub fn stderr_contains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub fn stderr_lacks(self, text: &str) -> Self {
        assert!(!self.stderr.contains(text), "{text:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub fn stdout_is(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn stderr_is_empty(self) -> Self {
        assert_eq!(self.stderr, "");
        self
    }

    #[track_caller]
    pub fn stdout_lacks(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text), "{text:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub fn stdout_contains(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no {text:?} in {self:#?}");
        self
    }
}

pub fn outcome(output: Output) -> Outcome {
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
