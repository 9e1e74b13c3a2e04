//! Runs the target in `src/parse.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::parse::check(input));
