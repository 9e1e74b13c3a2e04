//! Checks one metadata file, from its bytes to its findings with planned fixes.
//!
//! It combines [`crate::xml`], [`crate::engine`] and [`crate::fix`], and reads no files.

mod app_name;
mod component;
mod file;
mod findings;
mod inline_comments;
mod locations;
mod posture;
mod secrets;
mod timings;

pub(crate) use component::{lint_component, mark_incomplete};
pub(crate) use file::{FileOptions, Linted, lint_file, lint_parsed};
pub(crate) use inline_comments::{REASON_PLACEHOLDER, ignore_comment};
pub(crate) use secrets::Secrets;
pub(crate) use timings::Phase;
pub use timings::Timer;
