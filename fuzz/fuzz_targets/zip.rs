//! Runs the target in `src/zip.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::zip::check(input));
