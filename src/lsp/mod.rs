//! The language server: what `check` finds, while a file is being edited.

mod actions;
mod client;
mod day;
mod diagnostics;
mod dispatch;
mod documents;
mod edits;
mod exception_action;
mod hover;
mod open_project;
mod parameters;
mod positions;
mod problems;
mod reconcile;
mod requests;
mod server;
mod session;
mod toml_completion;
mod toml_place;
mod transport;
mod uri;
mod watching;
mod whole_project;
mod xml_completion;
mod xml_place;

pub use server::{Ending, serve};
