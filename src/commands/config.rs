//! `forcelint config schema`.

use super::terminal::print;
use crate::policy::{ExitStatus, config_schema};

pub(super) fn schema() -> miette::Result<ExitStatus> {
    print(config_schema().as_bytes())?;
    Ok(ExitStatus::Clean)
}
