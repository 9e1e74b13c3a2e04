//! What the user decides: `forcelint.toml`, exceptions, the baseline, and inline comments.
//!
//! It turns these into effective settings, and decides which findings are suppressed and how a run ends.

mod acting_text;
mod baseline;
mod config;
mod error;
mod exceptions;
mod file;
mod policy;
mod rule_file;
mod rule_files;
mod settings;

pub use crate::finding::ExitStatus;
pub(crate) use baseline::BASELINE_FILE;
pub use baseline::{Baseline, BaselineError};
pub(crate) use config::CONFIG_SCHEMA;
pub use config::{Config, config_schema};
pub use error::ConfigError;
pub(crate) use error::OwnRulesError;
pub(crate) use file::CONFIG_FILE;
pub use policy::Policy;
pub(crate) use policy::{BaselineGuard, ConfigScope};
pub use rule_file::{LoadedRule, LoadedTests, RuleFileError};
pub(crate) use rule_files::RuleFiles;
pub use settings::{CliOverrides, Settings};
