//! The language server: what `check` finds, while a file is being edited.
//!
//! `server` reads messages, `dispatch` finds the handler of a method, and each method has its own
//! file under `requests` or `notifications`. Handlers only record what changed; `reconcile` does
//! what follows from it.

mod client;
mod client_capabilities;
mod clock;
mod code_actions;
mod completion;
mod config_problems;
mod diagnostics;
mod dispatch;
mod document;
mod document_text;
mod hover_paragraphs;
mod hover_text;
mod loaded_config;
mod notifications;
mod open_project;
mod publish;
mod reconcile;
mod requests;
mod schema_lookup;
mod server;
mod server_capabilities;
mod session;
mod settings;
mod transport;
mod uri;
mod workspace_check;
mod workspace_edit;
mod workspace_results;

pub use server::{Ending, serve};
