//! Runs over a project: finds files, reads them, and checks them in parallel.
//!
//! Texts come from the disk, git's index, or open editors.

mod buffers;
mod changed_scope;
mod check_components;
mod check_file;
mod check_files;
mod check_projects;
mod clean_pieces;
mod decomposed;
mod dependents;
mod deployment_scope;
mod find_files;
mod fix_text;
mod fixable;
mod indexes;
mod kept_file;
mod lint_bytes;
mod nothing_to_check;
mod options;
mod partial_report;
mod run;
mod security_settings;
mod source_reader;
mod threads;
mod workspace;

pub(crate) use changed_scope::{FormerConfig, extend_changes};
pub(crate) use check_file::check_file_alone;
pub use check_file::{check_file, check_text};
pub(crate) use find_files::source_file_at;
pub use fix_text::fix_text;
pub(crate) use fixable::{fix_filter, fixable_files, fixed_files, refusal_errors};
pub use indexes::Indexes;
pub use options::Options;
pub use run::{run, run_once};
pub(crate) use security_settings::security_settings;
pub use source_reader::SourceReader;
pub use workspace::{Monitor, Workspace};
