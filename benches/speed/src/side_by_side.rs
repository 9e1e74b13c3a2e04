//! `--side-by-side [TREE]`: the time of other programs that search the same tree, in a Markdown table.
//!
//! They answer the question of the PKCE rule, except for `find`, which only reads the files, and `rg`, which only searches
//! for a word. Those that answer it are only timed if they report the same files as forcelint. `docs/performance.md`
//! explains how to install them. The exit status is 1 if one of them has a different result.

use std::process::Command;

use super::answers;
use super::measure::{in_turn, median, peak};
use super::others::Other;
use super::rounds::{Rules, forcelint, label};
use super::trees::{self, Tree};

/// Rounds of the programs that take less than a second.
const ROUNDS: usize = 11;
/// Rounds of the others.
const SLOW_ROUNDS: usize = 3;
/// In milliseconds.
const SLOW: f64 = 1_000.0;

/// Prints the table. Returns whether all programs had the same results.
pub fn run(tree: &Tree) -> bool {
    let root = trees::ensure(tree);
    let mut all_agree = true;
    let mut quick = Vec::new();
    let mut slow = Vec::new();
    for other in Other::ALL {
        if !other.is_installed() {
            eprintln!("{} is not installed, so its row is missing.", other.name());
            continue;
        }
        if let Some(difference) = answers::difference(other, &root) {
            eprintln!("{}: {difference}", other.name());
            all_agree = false;
            continue;
        }
        let took = in_turn(&mut [other.command(&root)], 1)[0][0];
        if took < SLOW { &mut quick } else { &mut slow }.push(other);
    }
    println!(
        "| {}: program | finds | time | forcelint = 1 | peak MiB |",
        label(tree)
    );
    println!("| --- | --- | ---: | ---: | ---: |");
    let pkce = || forcelint(&root, Rules::Pkce);
    let all = (
        "forcelint, all rules",
        "all problems",
        forcelint(&root, Rules::All),
    );
    let row = |other: Other| (other.name(), other.question(), other.command(&root));
    let first = std::iter::once(all).chain(quick.into_iter().map(row));
    print_rows(pkce(), first.collect(), ROUNDS, true);
    print_rows(
        pkce(),
        slow.into_iter().map(row).collect(),
        SLOW_ROUNDS,
        false,
    );
    all_agree
}

/// Runs the commands alternately with forcelint. Prints a row for each, and one for forcelint if `with_forcelint`.
fn print_rows(
    forcelint: Command,
    others: Vec<(&str, &str, Command)>,
    rounds: usize,
    with_forcelint: bool,
) {
    let mut rows = vec![("**forcelint**, the PKCE rule", "apps without PKCE")];
    let mut commands = vec![forcelint];
    for (name, question, command) in others {
        rows.push((name, question));
        commands.push(command);
    }
    let peaks: Vec<f64> = commands.iter().map(peak).collect();
    let times = in_turn(&mut commands, rounds);
    let skipped = usize::from(!with_forcelint);
    for (at, (name, question)) in rows.into_iter().enumerate().skip(skipped) {
        let ratios = times[at].iter().zip(&times[0]);
        let ratio = median(ratios.map(|(other, ours)| other / ours));
        let time = median(times[at].iter().copied());
        let peak = peaks[at];
        println!("| {name} | {question} | {time:.0} ms | {ratio:.1} | {peak:.0} |");
    }
}
