//! What must hold whatever somebody feeds to forcelint, for the fuzzer and for `cargo test`.
//!
//! In: bytes. Out: nothing, or a panic that says what did not hold. Each module is a target of the
//! same name in `fuzz_targets/`, with files to begin with in `corpus/`, which
//! `tests/fuzz_corpus.rs` of the crate goes through on every run of its tests.

pub mod baseline;
pub mod config;
pub mod fix;
pub mod messages;
pub mod parse;
pub mod rule;
mod shown;
