//! Runs `git`.
//!
//! The repository is not trusted: git runs no programs that its config names (pagers, hooks, file system
//! monitors, external diffs, content filters), fetches nothing, and takes no locks.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::error::ChangesError;
use crate::project::slashed;

/// Options before the subcommand.
const SAFE_OPTIONS: [&str; 16] = [
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
    // A partial clone would fetch missing objects, with any program that its config names.
    "protocol.allow=never",
    "-c",
    // Results must not depend on the ignore file of a user.
    "core.excludesFile=",
];

/// The environment variables of git that are kept, for the user's config and the location of git. All
/// others could select another repository.
const KEPT_VARIABLES: [&str; 8] = [
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
    /// The root of the working tree, without links in its path.
    pub root: PathBuf,
    /// The index file, if it is not the default one.
    index: Option<PathBuf>,
    /// The content filters in the config.
    filters: OnceLock<Vec<OsString>>,
}

impl Git {
    pub(crate) fn new(program: &Path, root: &Path, index: Option<PathBuf>) -> Self {
        Self {
            program: program.to_path_buf(),
            root: root.to_path_buf(),
            index,
            filters: OnceLock::new(),
        }
    }

    /// A command that runs no program except git.
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
            if text.starts_with("GIT_") && !is_config && !KEPT_VARIABLES.contains(&text.as_ref()) {
                command.env_remove(&name);
            }
        }
        command
            .arg("-C")
            .arg(&self.root)
            .args(SAFE_OPTIONS)
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        // If the folder only looks like a repository, git must not use the one around it.
        if let Some(above) = self.root.parent() {
            command.env("GIT_CEILING_DIRECTORIES", above);
        }
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// Runs git and returns its output, whatever its exit status is.
    pub(crate) fn output<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output, ChangesError> {
        let mut command = self.command(arguments);
        command.output().map_err(|error| self.failed(&error))
    }

    /// Runs git and returns what it prints. It is an error if git fails.
    pub(crate) fn run<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, ChangesError> {
        self.stdout(self.output(arguments)?)
    }

    /// As [`Self::run`], for a command that reads files of the working tree: it disables filters.
    pub(crate) fn run_over_files<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, ChangesError> {
        let mut command = self.command(arguments);
        let existing = env::var("GIT_CONFIG_COUNT").ok();
        let mut count: usize = existing.and_then(|count| count.parse().ok()).unwrap_or(0);
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
        self.stdout(output)
    }

    /// `filter.NAME.` for each filter in the config.
    fn filters(&self) -> Result<&[OsString], ChangesError> {
        if let Some(filters) = self.filters.get() {
            return Ok(filters);
        }
        let pattern = r"^filter\..*\.(clean|smudge|process|required)$";
        let output = self.output(["config", "-z", "--name-only", "--get-regexp", pattern])?;
        // With status 1, there are none.
        let listed = match output.status.code() {
            Some(1) => Vec::new(),
            _ => self.stdout(output)?,
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

    fn stdout(&self, output: Output) -> Result<Vec<u8>, ChangesError> {
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&message.trim()))
    }

    /// The path of the repository for messages.
    pub(crate) fn display_root(&self) -> String {
        slashed(&self.root)
    }

    /// The error for a failure of git in this repository.
    pub(crate) fn failed(&self, reason: &impl ToString) -> ChangesError {
        let reason = reason.to_string();
        let words: Vec<&str> = reason.split_whitespace().collect();
        ChangesError::Git {
            repository: self.display_root(),
            reason: words.join(" "),
        }
    }
}

/// The `git` program in PATH. Relative folders in PATH are ignored: they depend on the working
/// directory, which is often in the untrusted repository.
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

/// The items in output of git with `-z`, each of which ends with a zero.
pub(crate) fn split(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|&byte| byte == 0).filter(|it| !it.is_empty())
}

/// Converts a path from git.
#[cfg(unix)]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    OsStr::from_bytes(bytes).to_owned()
}

/// Converts a path from git, which is UTF-8 except on Unix.
#[cfg(not(unix))]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    OsString::from(String::from_utf8_lossy(bytes).into_owned())
}
