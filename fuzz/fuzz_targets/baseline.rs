//! Runs the target in `src/baseline.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::baseline::check(input));
