//! `forcelint lsp` as an editor starts it: the real binary, with a client that does what it is told.

mod as_check;
mod client;
