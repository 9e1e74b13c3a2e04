//! `forcelint config schema`.

use super::terminal::print;
use crate::config::{CONFIG_SCHEMA, ExitStatus};

pub(crate) fn schema() -> miette::Result<ExitStatus> {
    print(CONFIG_SCHEMA.as_bytes())?;
    Ok(ExitStatus::Clean)
}
