//! `forcelint completions`: a script for each shell, which asks the program for candidates.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_complete::engine::complete;
use clap_complete::env::{self as shells, CompleteEnv, EnvCompleter, Shells};
use miette::IntoDiagnostic as _;

use super::arguments::Cli;
use super::terminal::print;
use crate::config::ExitStatus;

/// The scripts set this variable to the name of the shell when they ask for candidates.
const VARIABLE: &str = "FORCELINT_COMPLETE";

const SHELLS: Shells<'static> = Shells(&[
    &Bash,
    &shells::Elvish,
    &shells::Fish,
    &shells::Powershell,
    &shells::Zsh,
]);

const ANSWER_IN_ZSH: &str = "if [[ $funcstack[1] == _forcelint ]]; then
    _clap_dynamic_completer_forcelint \"$@\"
fi
";

pub(crate) fn completions(shell: Shell) -> miette::Result<ExitStatus> {
    print(&completion_script(shell).into_diagnostic()?)?;
    Ok(ExitStatus::Clean)
}

/// The script that makes a shell complete the arguments of forcelint.
///
/// # Errors
/// If there is no script for the shell.
pub fn completion_script(shell: Shell) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let name = shell.to_string();
    let shell = SHELLS.completer(&name).ok_or(io::ErrorKind::Unsupported)?;
    shell.write_registration(VARIABLE, "forcelint", "forcelint", "forcelint", &mut script)?;
    if name == "zsh" {
        // In a folder of `$fpath`, the file is loaded by the first completion, which it has to answer, too.
        script.extend_from_slice(ANSWER_IN_ZSH.as_bytes());
    }
    Ok(script)
}

/// Prints candidates and exits if the script of a shell started the program.
pub fn complete_if_asked() {
    // Building all arguments takes time, which a check does not have.
    if env::var_os(VARIABLE).is_some() {
        let completer = CompleteEnv::with_factory(Cli::command);
        completer.var(VARIABLE).shells(SHELLS).complete();
    }
}

/// Bash, which passes `--format=json` as three words.
struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        shells::Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        shells::Bash.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        shells::Bash.write_registration(var, name, bin, completer, buf)
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let index = env::var("_CLAP_COMPLETE_INDEX").ok();
        let index = index.and_then(|it| it.parse().ok()).unwrap_or(0);
        let separator = env::var("_CLAP_IFS").unwrap_or_else(|_| "\n".to_owned());
        let Joined {
            words,
            index,
            option,
        } = join_words(args, index);
        let candidates = complete(cmd, words, index, current_dir)?;
        let candidates: Vec<String> = candidates
            .iter()
            .map(|it| it.get_value().to_string_lossy().into_owned())
            .map(|it| it.strip_prefix(&option).map_or(it.clone(), str::to_owned))
            .collect();
        write!(buf, "{}", candidates.join(&separator))
    }
}

struct Joined {
    words: Vec<OsString>,
    /// The word to complete.
    index: usize,
    /// What the shell already has of the word, such as `--format=`.
    option: String,
}

/// Joins words that bash split at `=`.
fn join_words(split: Vec<OsString>, index: usize) -> Joined {
    let mut joined = Joined {
        words: Vec::new(),
        index: 0,
        option: String::new(),
    };
    let mut follows_sign = false;
    for (at, word) in split.into_iter().enumerate().take(index + 1) {
        let is_sign = word == "=";
        match joined.words.last_mut() {
            Some(last) if is_sign || follows_sign => {
                if follows_sign || at == index {
                    joined.option = last.to_string_lossy().into_owned();
                }
                last.push(&word);
                if is_sign && at == index {
                    joined.option = last.to_string_lossy().into_owned();
                }
            }
            _ => {
                joined.option.clear();
                joined.words.push(word);
            }
        }
        follows_sign = is_sign;
    }
    joined.index = joined.words.len().saturating_sub(1);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_bash_splits_are_joined() {
        let joined = |words: &str| {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            let last = words.len() - 1;
            let joined = join_words(words, last);
            let words: Vec<_> = joined.words.iter().map(|it| it.to_str().unwrap()).collect();
            (words.join(" "), joined.option)
        };
        let format = |option: &str| option.to_owned();
        assert_eq!(
            joined("f check --format = js"),
            ("f check --format=js".to_owned(), format("--format="))
        );
        assert_eq!(
            joined("f check --format ="),
            ("f check --format=".to_owned(), format("--format="))
        );
        assert_eq!(
            joined("f --fix = all --format j"),
            ("f --fix=all --format j".to_owned(), format(""))
        );
    }
}
