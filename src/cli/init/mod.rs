//! `forcelint init`: what a repository already has, and the files that set forcelint up in it.

mod code_analyzer;
mod command;
mod summary;
mod surroundings;
mod templates;
pub(crate) use command::init;
