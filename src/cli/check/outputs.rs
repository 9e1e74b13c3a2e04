//! The reports of a run and where they are written.

use super::usage_error::UsageError;
use crate::cli::arguments::Output;
use crate::cli::terminal::Stream;
use crate::output::Format;
use crate::project::absolute;

/// The reports to write. Without `--format` the format of stdout depends on whether it is a terminal.
pub(super) fn outputs(formats: &[Output]) -> Result<Vec<Output>, UsageError> {
    if formats.is_empty() {
        let format = if Stream::Stdout.is_terminal() {
            Format::Pretty
        } else {
            Format::Concise
        };
        return Ok(vec![Output { format, file: None }]);
    }
    for (at, output) in formats.iter().enumerate() {
        let path = |output: &Output| output.file.as_deref().map(absolute).transpose().ok();
        if formats[..at]
            .iter()
            .any(|other| path(other) == path(output))
        {
            return Err(match &output.file {
                None => UsageError::TwoOnStdout,
                Some(file) => UsageError::SameFile(file.display().to_string()),
            });
        }
    }
    Ok(formats.to_vec())
}
