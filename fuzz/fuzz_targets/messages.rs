//! Runs the target in `src/messages.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| forcelint_fuzz::messages::check(input));
