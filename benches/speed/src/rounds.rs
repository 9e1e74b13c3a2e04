//! What is compared with what, and the table.
//!
//! In: the names of trees. Out: lines on stdout.
//!
//! - on trees, with the PKCE rule and with all rules: against the floor, which reads the same files;
//! - with the PKCE rule: against `find -exec cat {} +`, `xmlstarlet` and `ast-grep`, each asked for the
//!   connected apps whose `isPkceRequired` is not `true`, where they are installed (`AST_GREP` names the
//!   last one if it is not on PATH). The last two are timed only if they name the files that forcelint names;
//! - with all rules ten times over: against one time;
//! - on one file: against a process that does nothing.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use super::answers;
use super::measure::{in_turn, median, peak, this_program};
use super::others::Other;
use super::program::FORCELINT;
use super::rules::{PKCE, file_ends, nine_copies};
use super::trees::{self, TREES, Tree};

/// What to ask: the rule about PKCE, or all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Pkce,
    All,
    TenTimes,
}

/// The most that a ratio or a difference may be.
#[derive(Clone, Copy)]
enum Target {
    Times(f64),
    Milliseconds(f64),
    None,
}

/// Runs the rounds on the trees of these names, or on all. Whether all programs gave the same answers.
pub fn run(is_quick: bool, named: &[&str]) -> bool {
    LazyLock::force(&FORCELINT);
    let mut all_agree = true;
    println!(
        "{:<50} {:>10} {:>10} {:>13} {:>8} {:>9}  ",
        "forcelint / other", "forcelint", "other", "ratio", "target", "peak MiB"
    );
    for tree in &TREES {
        let is_wanted = named.is_empty() || named.contains(&tree.name);
        if is_wanted && !(is_quick && tree.files > 20_000) {
            all_agree &= on_tree(tree, is_quick);
        }
    }
    all_agree
}

fn on_tree(tree: &Tree, is_quick: bool) -> bool {
    let root = trees::made(tree);
    let runs = match (is_quick, tree.files) {
        (true, _) => 5,
        (false, 100_000..) => 11,
        (false, _) => 21,
    };
    if tree.name == "one" {
        let file = trees::one_file(&root);
        for (rules, what) in [(Rules::Pkce, "PKCE"), (Rules::All, "all rules")] {
            let mut nothing = Command::new(this_program());
            nothing.arg("--nothing");
            let what = format!("one file, {what} / nothing");
            compare(
                &what,
                forcelint(&file, rules),
                nothing,
                Target::Milliseconds(3.0),
                None,
                101,
            );
        }
        return true;
    }
    let is_counted = tree.name != "profiles";
    for rules in [Rules::Pkce, Rules::All] {
        let (what, target, memory) = match rules {
            Rules::Pkce => ("PKCE", 1.25, 25.0),
            _ => ("all rules", 1.6, 40.0),
        };
        // With few files it is the start that counts, and no rule of PKCE reads a profile.
        let target = match tree.files {
            20_000.. => Target::Times(target),
            _ => Target::None,
        };
        let what = format!("{}, {what} / floor", tree.name);
        compare(
            &what,
            forcelint(&root, rules),
            floor(&root, rules),
            target,
            Some(memory),
            runs,
        );
    }
    let once = forcelint(&root, Rules::All);
    let what = format!("{}, all rules ten times / once", tree.name);
    compare(
        &what,
        forcelint(&root, Rules::TenTimes),
        once,
        Target::Times(10.0),
        None,
        5.min(runs),
    );
    let mut all_agree = true;
    if is_counted {
        for other in Other::ALL {
            let what = format!("{}, PKCE / {}", tree.name, other.name());
            if !other.is_installed() {
                println!("{what:<50} not installed");
                continue;
            }
            if let Some(difference) = answers::difference(other, &root) {
                println!("{what:<50} {difference}");
                all_agree = false;
                continue;
            }
            let runs = runs.min(if tree.files > 20_000 { 3 } else { 11 });
            let target = match other {
                Other::FindCat => Target::None,
                Other::Xmlstarlet | Other::AstGrep => Target::Times(1.0),
            };
            compare(
                &what,
                forcelint(&root, Rules::Pkce),
                other.command(&root),
                target,
                None,
                runs,
            );
        }
    }
    all_agree
}

fn compare(
    what: &str,
    ours: Command,
    other: Command,
    target: Target,
    memory: Option<f64>,
    runs: usize,
) {
    let used = peak(&ours);
    let times = in_turn(&mut [ours, other], runs);
    let (ours, others) = (&times[0], &times[1]);
    let pairs = || ours.iter().zip(others);
    let ratio = median(pairs().map(|(ours, other)| ours / other));
    let over = median(pairs().map(|(ours, other)| ours - other));
    let (shown, asked, is_met) = match target {
        Target::Times(most) => (format!("{ratio:.2}"), format!("{most:.2}"), ratio <= most),
        Target::Milliseconds(most) => (
            format!("+{over:.2} ms"),
            format!("{most:.1} ms"),
            over <= most,
        ),
        Target::None => (format!("{ratio:.2}"), "-".to_owned(), true),
    };
    let is_met = is_met && memory.is_none_or(|most| used <= most);
    let verdict = match (is_met, matches!(target, Target::None) && memory.is_none()) {
        (_, true) => "",
        (true, _) => "PASS",
        (false, _) => "over",
    };
    println!(
        "{what:<50} {:>7.1} ms {:>7.1} ms {shown:>13} {asked:>8} {used:>9.1}  {verdict}",
        median(ours.iter().copied()),
        median(others.iter().copied()),
    );
}

fn forcelint(path: &Path, rules: Rules) -> Command {
    let mut command = Command::new(&*FORCELINT);
    command.arg("check").arg(path);
    match rules {
        Rules::Pkce => {
            command.args(["--select", PKCE]);
        }
        Rules::All => {}
        Rules::TenTimes => {
            command.arg("--config").arg(nine_copies());
        }
    }
    command
}

/// The floor reads the files of the types that the rules ask for.
fn floor(root: &Path, rules: Rules) -> Command {
    let mut command = Command::new(this_program());
    command.arg("--floor").arg(root);
    command.args(file_ends((rules == Rules::Pkce).then_some(PKCE)));
    command
}
