//! Runs the target in `src/rule.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::rule::check(input));
