//! `forcelint lsp` as an editor starts it: the compiled program with a test client.

mod actions;
mod client;
mod clock;
mod compare_with_check;
mod config;
mod decomposed;
mod every_rule;
mod hover_and_completion;
mod protocol;
mod visualforce_pages;
mod workspace;
