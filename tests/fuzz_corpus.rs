//! The inputs of the fuzzer, held against what must hold, without a fuzzer.
//!
//! `fuzz/corpus/<target>/` has inputs to begin with and, as they come up, every input that once
//! found something.

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// Runs `check` on every file of the target's corpus, and on each cut off and with a byte changed
/// here and there, so that what is not quite right is met as well.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        let hold = |input: &[u8], how: &str| {
            let held = catch_unwind(|| check(input));
            assert!(held.is_ok(), "{} {how} does not hold", path.display());
        };
        hold(&input, "as it is");
        for cut in (1..8).map(|eighth| input.len() * eighth / 8) {
            hold(&input[..cut], &format!("up to byte {cut}"));
            let mut changed = input.clone();
            if let Some(byte) = changed.get_mut(cut) {
                *byte ^= 0x10;
                hold(&changed, &format!("with another byte {cut}"));
            }
        }
        inputs += 1;
    }
    assert!(
        inputs > 1,
        "{} holds only {inputs} inputs",
        folder.display()
    );
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
