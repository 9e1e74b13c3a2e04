//! forcelint: the login security of Salesforce metadata, judged in source.
//!
//! The data goes one way (each step is a module, and none reaches back):
//! [`schema`] knows what metadata is made of, [`project`] finds the files,
//! [`changes`] asks git which of them count, [`xml`] turns bytes into trees, [`rule`] holds what must be true,
//! [`lint`] holds trees against rules, [`policy`] decides which findings count, and [`report`]
//! prints them or [`fix`] carries the fixes out. [`commands`] wires them together. [`examples`]
//! sends the examples of a rule all the way, to see whether it says what they expect.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod adoption;
pub mod changes;
pub mod cli;
pub mod commands;
pub mod examples;
pub mod fix;
mod inert;
pub mod language_server;
mod line_difference;
pub mod lint;
pub mod policy;
pub mod project;
pub mod report;
pub mod rule;
pub mod schema;
mod temporary;
mod today;
pub mod xml;
