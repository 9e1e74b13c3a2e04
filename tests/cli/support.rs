//! A folder for each test, and the binary in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const FORCELINT: &str = env!("CARGO_BIN_EXE_forcelint");

/// Where most metadata of the test projects lies.
pub const APPS: &str = "force-app/main/default/connectedApps";

/// A folder with copies of test projects.
pub struct Sandbox {
    /// Deletes the folder in the end.
    folder: TempDir,
    /// The folder without symbolic links in its path, as the program sees it.
    pub root: PathBuf,
}

impl Sandbox {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        Self { folder, root }
    }

    /// A folder with a copy of each of these folders of `testdata/`.
    pub fn with(projects: &[&str]) -> Self {
        let sandbox = Self::new();
        for project in projects {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("testdata")
                .join(project);
            copy(&from, &sandbox.root.join(project));
        }
        sandbox
    }

    /// A path in the folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a connected app that is confidential but for a missing flag: one `high` finding.
    pub fn write_app(&self, path: impl AsRef<Path>) {
        self.write(path, app("https://portal.acme.example/callback"));
    }

    /// Makes a folder the top of a git repository, as far as forcelint can tell.
    pub fn make_repository(&self, path: &str) {
        fs::create_dir_all(self.root.join(path).join(".git")).unwrap();
    }

    /// The program, started in the folder, with nothing of this process's environment but what
    /// a program needs to run. `check` runs the rules about PKCE alone unless the arguments select
    /// others: most tests are about everything around the rules, and one more rule changes nothing
    /// there.
    pub fn forcelint<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        self.program(Path::new(FORCELINT), with_pkce_selected(arguments))
    }

    /// The program as a user starts it: `check` runs every rule.
    pub fn with_every_rule<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        self.program(Path::new(FORCELINT), arguments)
    }

    /// The same for a copy of the program, with the arguments as they are.
    pub fn program<S: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).env_clear();
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        Invocation {
            sandbox: self,
            command,
            stdin: Vec::new(),
        }
    }

    /// Exchanges what differs between two runs for placeholders.
    fn steady(&self, text: &str) -> String {
        let text = text.replace(self.root.to_str().unwrap(), "[ROOT]");
        let text = text.replace(self.folder.path().to_str().unwrap(), "[ROOT]");
        let took = Regex::new(r"\b\d+ ms\b").unwrap();
        took.replace_all(&text, "[TIME] ms").into_owned()
    }
}

/// The arguments of `check` with the rules about PKCE selected, if they select none themselves.
pub fn with_pkce_selected<S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments
        .into_iter()
        .map(|argument| argument.as_ref().to_owned())
        .collect();
    let selects = |argument: &OsString| argument.to_string_lossy().starts_with("--select");
    if arguments.first().is_some_and(|first| first == "check") && !arguments.iter().any(selects) {
        arguments.insert(1, "--select=pkce".into());
    }
    arguments
}

/// A source-format connected app without the flag, whose one callback is `callback`.
pub fn app(callback: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>App</label>
    <oauthConfig>
        <callbackUrl>{callback}</callbackUrl>
    </oauthConfig>
</ConnectedApp>
"#
    )
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// A command line that is about to run.
pub struct Invocation<'s> {
    sandbox: &'s Sandbox,
    /// The process, for what the methods here do not know.
    pub command: Command,
    stdin: Vec<u8>,
}

impl Invocation<'_> {
    /// Starts it in another folder.
    pub fn in_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(self.sandbox.root.join(folder));
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads from stdin.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Outcome {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = loop {
            match self.command.spawn() {
                // A copy of the program: another thread's child may still hold it open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
                child => break child.unwrap(),
            }
        };
        let mut stdin = child.stdin.take().unwrap();
        let text = std::mem::take(&mut self.stdin);
        // From a thread of its own: the program may write before it has read everything, and it
        // need not read at all.
        let writer = thread::spawn(move || {
            let _ = stdin.write_all(&text);
        });
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Outcome {
            code: status.code(),
            stdout: self.sandbox.steady(&String::from_utf8(stdout).unwrap()),
            stderr: self.sandbox.steady(&String::from_utf8(stderr).unwrap()),
        }
    }
}

/// How a run ended, and what it said.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; none when a signal ended it.
    pub code: Option<i32>,
    /// The reports.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Outcome {
    /// Expects an exit status.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// stdout read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// For each finding of a JSON report its path and its severity.
    #[track_caller]
    pub fn findings(&self) -> Vec<String> {
        findings(&self.json())
    }

    /// Both streams and the exit status, for a snapshot.
    pub fn whole(&self) -> String {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        format!(
            "{}\n──── stderr ────\n{}\n──── exit status {code} ────\n",
            self.stdout, self.stderr
        )
    }
}

/// For each finding of a JSON report `path severity`.
pub fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let (path, severity) = (&finding["path"], &finding["severity"]);
            format!("{} {}", path.as_str().unwrap(), severity.as_str().unwrap())
        })
        .collect()
}

/// JSON on many lines, for a snapshot that shows what changed.
pub fn indented(json: &Value) -> String {
    let mut text = serde_json::to_string_pretty(json).unwrap();
    text.push('\n');
    text
}

/// The paths with findings, each followed by its severity.
pub fn found(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = ["check", "--format=json"];
    let check = sandbox.forcelint(all.iter().chain(arguments));
    check.in_folder(folder).run().findings()
}

/// A project whose apps `names` all have a finding, under `force-app`.
pub fn project_with(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    for name in names {
        sandbox.write_app(format!("force-app/{name}.connectedApp"));
    }
    sandbox
}
