//! `forcelint lsp` as an editor starts it: the real binary, with a client that does what it is told.

mod actions;
mod as_check;
mod client;
mod clock;
mod config;
mod hover_and_completion;
mod protocol;
mod workspace;
