//! Fixes: the edited text, how files are written, and what stays unchanged.

mod command;
mod disk;
mod faults;
mod generate;
mod oracle;
mod passes;
mod patch;
mod property;
mod regressions;
mod steps;
mod support;
