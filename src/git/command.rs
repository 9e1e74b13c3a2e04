//! The `git` program.
//!
//! In: a repository's folder and arguments. Out: what git prints, or a [`ChangesError`]. The
//! repository is not trusted: nothing that its config names is run (pagers, hooks, file system
//! monitors, external diffs, filters of file contents), nothing is fetched, and no lock is taken.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::error::ChangesError;
use crate::project::slashed;

/// What git is told before anything else.
const SAFE: [&str; 16] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotepath=off",
    "-c",
    // A partial clone would fetch what it lacks, with any program that its config names.
    "protocol.allow=never",
    "-c",
    // What the machine of one user ignores does not matter, here as in any other run.
    "core.excludesFile=",
];

/// Variables of git that are left as they are: the user's own config, and where git lies. All the
/// others could lead to another repository.
const KEPT: [&str; 8] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_EXEC_PATH",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// Git in one repository.
#[derive(Debug)]
pub(crate) struct Git {
    program: PathBuf,
    /// The top of the working tree, without links in its path.
    pub root: PathBuf,
    /// The index to look at, where it is not the repository's usual one.
    index: Option<PathBuf>,
    /// Names of the filters of file contents that the config has.
    filters: OnceLock<Vec<OsString>>,
}

impl Git {
    /// The git for a repository.
    pub(crate) fn new(program: &Path, root: &Path, index: Option<PathBuf>) -> Self {
        Self {
            program: program.to_path_buf(),
            root: root.to_path_buf(),
            index,
            filters: OnceLock::new(),
        }
    }

    /// A command that runs no program but git.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let is_config = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"]
                .iter()
                .any(|prefix| text.starts_with(prefix));
            if text.starts_with("GIT_") && !is_config && !KEPT.contains(&text.as_ref()) {
                command.env_remove(&name);
            }
        }
        command
            .arg("-C")
            .arg(&self.root)
            .args(SAFE)
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        // A folder that only looks like a repository must not lead to the one around it.
        if let Some(above) = self.root.parent() {
            command.env("GIT_CEILING_DIRECTORIES", above);
        }
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// Runs git. What it prints counts if it ends well; the status is the caller's business.
    pub(crate) fn output<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output, ChangesError> {
        let mut command = self.command(arguments);
        command.output().map_err(|error| self.failed(&error))
    }

    /// Runs git and expects that it can do what it is asked.
    pub(crate) fn run<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, ChangesError> {
        self.printed(self.output(arguments)?)
    }

    /// The same for a command that may read files of the working tree: by no filter.
    pub(crate) fn run_over_files<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, ChangesError> {
        let mut command = self.command(arguments);
        let given = env::var("GIT_CONFIG_COUNT").ok();
        let mut count: usize = given.and_then(|count| count.parse().ok()).unwrap_or(0);
        for filter in self.filters()? {
            for (key, value) in [
                ("clean", ""),
                ("smudge", ""),
                ("process", ""),
                ("required", "false"),
            ] {
                let mut name = filter.clone();
                name.push(key);
                command
                    .env(format!("GIT_CONFIG_KEY_{count}"), name)
                    .env(format!("GIT_CONFIG_VALUE_{count}"), value);
                count += 1;
            }
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        let output = command.output().map_err(|error| self.failed(&error))?;
        self.printed(output)
    }

    /// `filter.NAME.` for each filter, as it is spelt in the config.
    fn filters(&self) -> Result<&[OsString], ChangesError> {
        if let Some(filters) = self.filters.get() {
            return Ok(filters);
        }
        let pattern = r"^filter\..*\.(clean|smudge|process|required)$";
        let output = self.output(["config", "-z", "--name-only", "--get-regexp", pattern])?;
        // 1 says that there is none.
        let listed = match output.status.code() {
            Some(1) => Vec::new(),
            _ => self.printed(output)?,
        };
        let mut filters: Vec<OsString> = split(&listed)
            .filter_map(|name| {
                let dot = name.iter().rposition(|&byte| byte == b'.')?;
                Some(os_string(&name[..=dot]))
            })
            .collect();
        filters.sort_unstable();
        filters.dedup();
        Ok(self.filters.get_or_init(|| filters))
    }

    fn printed(&self, output: Output) -> Result<Vec<u8>, ChangesError> {
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&message.trim()))
    }

    /// The repository as errors call it.
    pub(crate) fn shown(&self) -> String {
        slashed(&self.root)
    }

    /// What cannot be done in this repository.
    pub(crate) fn failed(&self, reason: &impl ToString) -> ChangesError {
        let reason = reason.to_string();
        let words: Vec<&str> = reason.split_whitespace().collect();
        ChangesError::Git {
            repository: self.shown(),
            reason: words.join(" "),
        }
    }
}

/// The `git` of PATH. Only folders that are named from the top count: others depend on the working
/// directory, which is often the very repository that is looked at.
pub(crate) fn find_git() -> Result<PathBuf, ChangesError> {
    let name = format!("git{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|program| is_program(program))
        .ok_or(ChangesError::NoGit)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// What `-z` puts zeros behind.
pub(crate) fn split(printed: &[u8]) -> impl Iterator<Item = &[u8]> {
    printed.split(|&byte| byte == 0).filter(|it| !it.is_empty())
}

/// Bytes of git as the system has them.
#[cfg(unix)]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    OsStr::from_bytes(bytes).to_owned()
}

/// Bytes of git as the system has them: elsewhere git writes UTF-8.
#[cfg(not(unix))]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    OsString::from(String::from_utf8_lossy(bytes).into_owned())
}
