//! The decisions of users: `forcelint.toml`, custom rules, exceptions, and the baseline.
//!
//! This module computes the effective settings, which findings are suppressed, and the exit status.

mod baseline;
mod config;
mod error;
mod exception_index;
mod exception_notes;
mod exceptions;
mod file;
mod health_check;
mod outline;
mod policy;
mod relaxations;
mod rule_file;
mod rule_files;
mod settings;
mod unsafe_text;

pub use crate::finding::ExitStatus;
pub(crate) use baseline::BASELINE_FILE;
pub use baseline::{Baseline, BaselineError};
pub(crate) use config::CONFIG_SCHEMA;
pub use config::{Config, config_schema};
pub use error::ConfigError;
pub(crate) use error::OwnRulesError;
pub use exception_index::Exceptions;
pub(crate) use file::CONFIG_FILE;
pub(crate) use health_check::{
    HEALTH_CHECK_PAGE, HealthCheck, HealthCheckError, read_health_check,
};
pub(crate) use outline::{Outline, is_decisive_rule_file};
pub use policy::Policy;
pub(crate) use policy::{BaselineGuard, ConfigScope};
pub use rule_file::{LoadedRule, LoadedTests, RuleFileError};
pub(crate) use rule_files::{RuleFiles, tested_by};
pub use settings::{CliOverrides, Settings};
