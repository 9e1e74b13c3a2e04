//! Checks the invariants of the fuzz targets for the inputs in their corpus, without a fuzzer.
//!
//! `fuzz/corpus/<target>/` has seed inputs and all inputs for which fuzzing found a bug.

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// Runs `check` on each file in the corpus of a target, and on variants of it: truncated, and with
/// a changed byte.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        let replay_one = |input: &[u8], how: &str| {
            let result = catch_unwind(|| check(input));
            assert!(
                result.is_ok(),
                "{}, {how}: the check failed",
                path.display()
            );
        };
        replay_one(&input, "unchanged");
        for cut in (1..8).map(|eighth| input.len() * eighth / 8) {
            replay_one(&input[..cut], &format!("truncated at byte {cut}"));
            let mut changed = input.clone();
            if let Some(byte) = changed.get_mut(cut) {
                *byte ^= 0x10;
                replay_one(&changed, &format!("with byte {cut} changed"));
            }
        }
        inputs += 1;
    }
    assert!(inputs > 1, "{} has only {inputs} inputs", folder.display());
}

#[test]
fn parse() {
    replay("parse", fuzz::parse::check);
}

#[test]
fn fix() {
    replay("fix", fuzz::fix::check);
}

#[test]
fn rule() {
    replay("rule", fuzz::rule::check);
}

#[test]
fn config() {
    replay("config", fuzz::config::check);
}

#[test]
fn baseline() {
    replay("baseline", fuzz::baseline::check);
}

#[test]
fn messages() {
    replay("messages", fuzz::messages::check);
}

#[test]
fn zip() {
    replay("zip", fuzz::zip::check);
}
