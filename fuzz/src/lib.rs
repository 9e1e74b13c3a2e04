//! Invariants of forcelint for any input, for the fuzzer and for `cargo test`.
//!
//! Each module checks one input and panics if an invariant is violated. It is a fuzz target in
//! `fuzz_targets/` with seed inputs in `corpus/`, which `tests/fuzz_corpus.rs` also runs.

pub mod baseline;
pub mod config;
mod display;
pub mod fix;
pub mod messages;
pub mod parse;
pub mod rule;
