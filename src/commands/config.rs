//! `forcelint config schema`.

use super::terminal::print;
use crate::policy::{CONFIG_SCHEMA, ExitStatus};

pub(super) fn schema() -> miette::Result<ExitStatus> {
    print(CONFIG_SCHEMA.as_bytes())?;
    Ok(ExitStatus::Clean)
}
