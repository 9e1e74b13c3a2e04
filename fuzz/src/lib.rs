//! The invariants that every input must satisfy.
//!
//! Each module is a fuzz target: a function that panics if an input violates an invariant. `fuzz_targets/`
//! runs it in the fuzzer, and `tests/fuzz_corpus.rs` runs it on the inputs in `corpus/`.

pub mod baseline;
pub mod config;
pub mod fix;
pub mod messages;
pub mod parse;
pub mod rule;
mod sanitized;
pub mod zip;
