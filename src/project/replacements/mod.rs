//! `replacements` of `sfdx-project.json`: text that the CLI replaces when it deploys a file.

mod deployed;
mod entry;
mod glob;
mod glob_braces;
mod glob_part;
mod regex_program;
mod regex_search;
mod regex_syntax;
mod replaced;

pub(crate) use entry::{Folders, Replacement};
pub(crate) use replaced::{FileToDeploy, Replaced, ReplacedFile};
