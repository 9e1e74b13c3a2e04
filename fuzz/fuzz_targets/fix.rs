//! `src/fix.rs` checks the invariants.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::fix::check(input));
