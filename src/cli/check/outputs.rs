//! The reports of a run and where they are written.

use super::usage_error::UsageError;
use crate::cli::arguments::Output;
use crate::cli::terminal::Stream;
use crate::output::Format;
use crate::project::{absolute, slashed};

/// The reports to write. Files are in addition to what the terminal shows, unless `quiet`. The format there depends
/// on whether it is a terminal.
pub(super) fn outputs(formats: &[Output], quiet: bool) -> Result<Vec<Output>, UsageError> {
    for (at, output) in formats.iter().enumerate() {
        let path = |output: &Output| output.file.as_deref().map(absolute).transpose().ok();
        if formats[..at]
            .iter()
            .any(|other| path(other) == path(output))
        {
            return Err(match &output.file {
                None => UsageError::TwoOnStdout,
                Some(file) => UsageError::SameFile(slashed(file)),
            });
        }
    }
    let mut outputs = formats.to_vec();
    let only_files = formats.iter().all(|output| output.file.is_some());
    if formats.is_empty() || (only_files && !quiet) {
        let format = match Stream::Stdout.is_terminal() {
            true => Format::Pretty,
            false => Format::Concise,
        };
        outputs.push(Output { format, file: None });
    }
    Ok(outputs)
}
