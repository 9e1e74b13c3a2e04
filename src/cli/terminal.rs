//! Stdout and stderr: what they can show, and writing to them.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use miette::IntoDiagnostic as _;

use crate::output::Style;

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
        }
    }
}

/// Columns, if the width is unknown.
const DEFAULT_WIDTH: usize = 80;
/// Wider prose is hard to read.
const MAX_WIDTH: usize = 120;

/// What a stream can show, from the terminal, `--color`, `NO_COLOR` and similar variables, and `COLUMNS` if there
/// is no terminal.
pub(crate) fn style(stream: Stream) -> Style {
    let (hyperlinks, unicode) = match stream {
        Stream::Stdout => (
            supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            supports_unicode::on(supports_unicode::Stream::Stdout),
        ),
        Stream::Stderr => (
            supports_hyperlinks::on(supports_hyperlinks::Stream::Stderr),
            supports_unicode::on(supports_unicode::Stream::Stderr),
        ),
    };
    Style {
        width: known_width(stream).unwrap_or(DEFAULT_WIDTH).min(MAX_WIDTH),
        color: allows_color(stream),
        unicode,
        hyperlinks,
    }
}

/// The columns of a stream, if they are known. Otherwise a reader is a program or a log, and each sentence stays on
/// one line.
pub(crate) fn known_width(stream: Stream) -> Option<usize> {
    terminal_width(stream)
        .or_else(|| env::var("COLUMNS").ok()?.parse().ok())
        .filter(|&width| width > 0)
}

#[cfg(any(unix, windows))]
fn terminal_width(stream: Stream) -> Option<usize> {
    let terminal = match stream {
        Stream::Stdout => terminal_size::terminal_size_of(io::stdout()),
        Stream::Stderr => terminal_size::terminal_size_of(io::stderr()),
    };
    terminal.map(|(width, _)| usize::from(width.0))
}

/// A browser has no terminal.
#[cfg(not(any(unix, windows)))]
fn terminal_width(_: Stream) -> Option<usize> {
    None
}

/// `--color` takes precedence over variables, and `NO_COLOR` over those that ask for color. Some CI runners set
/// `FORCE_COLOR` for all jobs.
fn allows_color(stream: Stream) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_forced = is_set("FORCE_COLOR") && env::var_os("FORCE_COLOR").is_none_or(|it| it != "0");
    if ColorChoice::global() == ColorChoice::Auto && is_forced && !is_set("NO_COLOR") {
        return true;
    }
    let choice = match stream {
        Stream::Stdout => AutoStream::choice(&io::stdout()),
        Stream::Stderr => AutoStream::choice(&io::stderr()),
    };
    choice != ColorChoice::Never
}

/// Writes to stdout and flushes it. A reader such as `head` may close the pipe early, which is not an
/// error.
///
/// # Errors
/// Stdout cannot be written to.
pub(crate) fn print(text: &[u8]) -> miette::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    print_with(|stdout| stdout.write_all(text))
}

/// As [`print`], for text that is written in parts.
pub(crate) fn print_with(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<()> {
    // On Windows, this turns on escape sequences in the console, or replaces them in an old one.
    let mut stdout = BufWriter::new(AutoStream::always(io::stdout().lock()));
    match write(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).into_diagnostic(),
        _ => Ok(()),
    }
}

/// As [`print`], for output that the user asked for by an option, so that losing it is an error.
///
/// # Errors
/// Stdout is closed or cannot be written to.
pub(crate) fn print_requested(text: &[u8]) -> miette::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    ensure_stdout_is_open()?;
    print(text)
}

/// # Errors
/// Stdout was closed when the program was started.
pub(crate) fn ensure_stdout_is_open() -> miette::Result<()> {
    match is_stdout_closed() {
        true => Err(miette::miette!(
            help = "redirect it to a file or a pipe; without `--format` and `--diff`, the output may be discarded",
            "cannot write to stdout: it is closed"
        )),
        false => Ok(()),
    }
}

/// Whether stdout was closed when the program was started. The Rust runtime opens the null device for reading
/// and writing in its place, so that no write fails. A shell opens it only for writing (`>/dev/null`).
#[cfg(unix)]
fn is_stdout_closed() -> bool {
    use std::os::unix::fs::MetadataExt as _;

    use rustix::fs::{OFlags, fcntl_getfl, fstat};

    let stdout = io::stdout();
    let is_for_both = fcntl_getfl(&stdout).is_ok_and(|flags| flags.contains(OFlags::RDWR));
    is_for_both
        && std::fs::metadata("/dev/null").is_ok_and(|null| {
            fstat(&stdout).is_ok_and(|it| null.rdev() != 0 && it.st_rdev == null.rdev())
        })
}

/// Whether the program was started without stdout. The Rust runtime ignores all writes to it.
#[cfg(windows)]
fn is_stdout_closed() -> bool {
    use std::os::windows::io::AsRawHandle as _;

    let handle = io::stdout().as_raw_handle();
    // The system uses both values for a missing handle.
    handle.is_null() || handle.addr() == usize::MAX
}

/// A browser has no stdout.
#[cfg(not(any(unix, windows)))]
fn is_stdout_closed() -> bool {
    false
}

/// Writes to stderr and ignores a closed pipe (`2>&1 | head`), where `eprint!` would panic.
pub(crate) fn say(text: &str) {
    let _ = AutoStream::always(io::stderr().lock()).write_all(text.as_bytes());
}
