//! Many reports as one: reads the JSON lines of the runs of many repositories, and adds them up.
//!
//! A run is read line by line, and only its numbers are kept.

mod app;
mod error;
mod line;
mod merged;
mod read;
mod repository;

pub(crate) use app::AppFindings;
pub(crate) use error::MergeError;
pub(crate) use merged::{MergedException, MergedReport};
pub(crate) use read::Reader;
pub(crate) use repository::{ControlOutcome, ControlTotals, MergedRepository, RepositoryStatus};
