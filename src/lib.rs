//! forcelint finds insecure login and OAuth settings in Salesforce metadata.
//!
//! Each top-level module is one step. A module uses only those above it in this list: [`text`],
//! [`schema`], [`xml`], [`project`], [`git`], [`rule`], [`finding`], [`engine`], [`fix`], [`lint`],
//! [`config`], [`run`], [`rule_tests`] and [`rule_docs`], [`merge`], [`output`], [`in_memory`],
//! [`lsp`], [`cli`].
//!
//! The crate exists for the program of the same name, its tests, fuzz targets and benchmarks. It
//! makes no promise of a stable interface.

#![forbid(unsafe_code)]
#![warn(unreachable_pub)]
#![allow(
    clippy::module_inception,
    reason = "`Finding` is in `finding/finding.rs`"
)]

pub mod cli;
pub mod config;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod git;
pub mod in_memory;
pub mod lint;
pub mod lsp;
pub mod merge;
pub mod output;
pub mod project;
pub mod rule;
pub mod rule_docs;
pub mod rule_tests;
pub mod run;
pub mod schema;
pub mod text;
pub mod xml;
