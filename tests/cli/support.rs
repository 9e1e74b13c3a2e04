//! A separate folder for each test, and the program started in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use forcelint::project::canonical;
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

pub const FORCELINT: &str = env!("CARGO_BIN_EXE_forcelint");

/// The folder with most of the metadata in the test projects.
pub const APPS: &str = "force-app/main/default/connectedApps";

/// A folder with copies of test projects.
pub struct Sandbox {
    /// Deletes the folder when it is dropped.
    folder: TempDir,
    /// The folder's path without symbolic links, as the program prints it.
    pub root: PathBuf,
}

impl Sandbox {
    pub fn new() -> Self {
        // Globs of `replacements` do not match in a folder whose name starts with a dot.
        let folder = tempfile::Builder::new().prefix("forcelint-").tempdir();
        let folder = folder.unwrap();
        let root = canonical(folder.path()).unwrap();
        Self { folder, root }
    }

    /// A folder with copies of folders of `testdata/`.
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

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file and creates the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a connected app of a confidential client without `isPkceRequired`: one `high`
    /// finding.
    pub fn write_app(&self, path: impl AsRef<Path>) {
        self.write(path, app("https://portal.acme.example/callback"));
    }

    /// Makes a folder the root of an empty git repository.
    pub fn make_repository(&self, path: &str) {
        let git = self.root.join(path).join(".git");
        for folder in ["objects", "refs"] {
            fs::create_dir_all(git.join(folder)).unwrap();
        }
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }

    /// The program, started in the folder with only the environment variables that every program
    /// needs. `check` runs only the PKCE rules unless the arguments select others: most tests are
    /// not about rules, and a new rule must not change their output.
    pub fn forcelint<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        self.program(Path::new(FORCELINT), with_pkce_selected(arguments))
    }

    /// The program as a user starts it: `check` runs all rules.
    pub fn with_every_rule<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        self.program(Path::new(FORCELINT), arguments)
    }

    /// The same for a copy of the program, with unchanged arguments.
    pub fn program<S: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Invocation<'_> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).env_clear();
        for variable in ["PATH", "SystemRoot", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        Invocation {
            sandbox: self,
            command,
            stdin: Vec::new(),
        }
    }

    /// Replaces text that differs between two runs with placeholders.
    pub fn normalized(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for root in [self.root.as_path(), self.folder.path()] {
            let root = root.to_str().unwrap();
            text = text.replace(root, "[ROOT]");
            text = text.replace(&root.replace('\\', "/"), "[ROOT]");
        }
        let duration = Regex::new(r"\b\d+ ms\b").unwrap();
        duration.replace_all(&text, "[TIME] ms").into_owned()
    }
}

/// The arguments of `check` with the PKCE rules selected, unless they select rules themselves.
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

/// A connected app in source format, without `isPkceRequired`, with one callback.
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

/// A command that is about to run.
pub struct Invocation<'s> {
    sandbox: &'s Sandbox,
    /// The process, for settings that have no method here.
    pub command: Command,
    stdin: Vec<u8>,
}

impl Invocation<'_> {
    pub fn in_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(self.sandbox.root.join(folder));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    pub fn run(mut self) -> Outcome {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = loop {
            match self.command.spawn() {
                // A copy of the program: a child of another thread may still have it open for
                // writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
                child => break child.unwrap(),
            }
        };
        let mut stdin = child.stdin.take().unwrap();
        let text = std::mem::take(&mut self.stdin);
        // In a separate thread: the program may write before it has read everything, and it may not
        // read at all.
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
            stdout: self.sandbox.normalized(&String::from_utf8(stdout).unwrap()),
            stderr: self.sandbox.normalized(&String::from_utf8(stderr).unwrap()),
        }
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status. None if a signal ended the process.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
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

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The path and severity of each finding of a JSON report.
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

/// `path severity` for each finding of a JSON report.
pub fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let (path, severity) = (&finding["path"], &finding["severity"]);
            format!("{} {}", path.as_str().unwrap(), severity.as_str().unwrap())
        })
        .collect()
}

/// Indented JSON, so that a difference in a snapshot is readable.
pub fn indented(json: &Value) -> String {
    let mut text = serde_json::to_string_pretty(json).unwrap();
    text.push('\n');
    text
}

/// `path severity` for each finding of `check` in a folder.
pub fn found(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = ["check", "--format=json"];
    let check = sandbox.forcelint(all.iter().chain(arguments));
    check.in_folder(folder).run().findings()
}

/// A project with apps in `force-app` that have one finding each.
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
