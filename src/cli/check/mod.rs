//! `forcelint check`.

mod command;
mod diff;
mod evidence;
mod fixer;
mod fixes;
mod outputs;
mod report;
mod repository_name;
mod run;
mod usage_error;
pub(crate) use command::check;
