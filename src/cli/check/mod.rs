//! `forcelint check`.

mod command;
mod diff;
mod evidence;
mod fixes;
mod outputs;
mod report;
mod run;
mod usage_error;
pub(crate) use command::check;
