//! The comparisons and the table.
//!
//! - One file is compared with a process that does nothing.
//! - Trees, with the PKCE rule and with all rules, are compared with the floors, which read the same files, and with `rg`,
//!   which searches them for one word.
//! - Ten copies of all rules are compared with one.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::measure::{in_turn, median, peak, this_program};
use super::others::Other;
use super::program::FORCELINT;
use super::rules::{PKCE, file_ends, nine_copies};
use super::trees::{self, TREES, Tree};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    Pkce,
    All,
    TenTimes,
}

/// The maximum of a ratio or a difference.
#[derive(Clone, Copy)]
enum Limit {
    Times(f64),
    Milliseconds(f64),
}

/// The budget of a row. `finally` is the target for a finished project.
#[derive(Clone, Copy, Default)]
struct Budget {
    now: Option<Limit>,
    finally: Option<Limit>,
    mebibytes: Option<f64>,
}

impl Budget {
    fn times(now: f64) -> Self {
        Self {
            now: Some(Limit::Times(now)),
            ..Self::default()
        }
    }

    fn finally(self, times: f64) -> Self {
        Self {
            finally: Some(Limit::Times(times)),
            ..self
        }
    }
}

/// The maximum size of the release binary in bytes.
const MAX_BINARY: u64 = 12_000_000;

/// Runs the comparisons on the trees with these names, or on all.
pub fn run(is_quick: bool, named: &[&str]) {
    let size = fs::metadata(&*FORCELINT).expect("the program is a file");
    row([
        "forcelint / other",
        "forcelint",
        "other",
        "ratio",
        "budget",
        "goal",
        "peak MiB",
        "",
    ]);
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    row([
        "binary",
        &megabytes(size.len()),
        "",
        "",
        &megabytes(MAX_BINARY),
        "",
        "",
        status(Some(size.len() <= MAX_BINARY)),
    ]);
    for tree in &TREES {
        let is_selected = named.is_empty() || named.contains(&tree.name);
        if is_selected && !(is_quick && tree.files > 20_000) {
            on_tree(tree, is_quick);
        }
    }
}

fn on_tree(tree: &Tree, is_quick: bool) {
    let root = trees::ensure(tree);
    let runs = match (is_quick, tree.files) {
        (true, _) => 5,
        (false, 100_000..) => 11,
        (false, _) => 21,
    };
    match tree.name {
        "one" => {
            on_one_file(&root);
            return;
        }
        "clean" => return,
        "violating" => {
            against_clean(&root, runs);
            return;
        }
        _ => {}
    }
    for rules in [Rules::Pkce, Rules::All] {
        against_floors(tree, &root, rules, runs);
    }
    compare(
        &format!("{}, all rules ten times / once", label(tree)),
        forcelint(&root, Rules::TenTimes),
        forcelint(&root, Rules::All),
        Budget::times(10.0),
        5.min(runs),
    );
    if tree.name != "profiles" {
        against_ripgrep(Other::Ripgrep, tree, &root, runs.min(11));
        against_ripgrep(Other::RipgrepAll, tree, &root, runs.min(11));
    }
}

/// What findings cost: a tree in which every app violates, and the same tree without violations.
fn against_clean(violating: &Path, runs: usize) {
    let clean = trees::ensure(trees::named("clean").expect("a tree has this name"));
    for (rules, name) in [(Rules::Pkce, "PKCE"), (Rules::All, "all rules")] {
        for format in ["concise", "json", "sarif"] {
            let in_format = |root: &Path| {
                let mut command = forcelint(root, rules);
                command.arg(format!("--format={format}"));
                command
            };
            compare(
                &format!("every app violates, {name}, {format} / clean"),
                in_format(violating),
                in_format(&clean),
                Budget::default().finally(1.3),
                runs,
            );
        }
    }
}

fn on_one_file(root: &Path) {
    let file = trees::one_file(root);
    for (rules, what) in [(Rules::Pkce, "PKCE"), (Rules::All, "all rules")] {
        let mut nothing = Command::new(this_program());
        nothing.arg("--nothing");
        let budget = Budget {
            now: Some(Limit::Milliseconds(3.0)),
            finally: Some(Limit::Milliseconds(2.0)),
            mebibytes: None,
        };
        let what = format!("one file, {what} / nothing");
        compare(&what, forcelint(&file, rules), nothing, budget, 101);
    }
}

fn against_floors(tree: &Tree, root: &Path, rules: Rules, runs: usize) {
    let is_pkce = rules == Rules::Pkce;
    let name = if is_pkce { "PKCE" } else { "all rules" };
    // With few files, the start of the process dominates, and the PKCE rule reads no profiles.
    let has_budget = tree.files >= 20_000;
    let mut std_budget = Budget::default();
    let mut raw_budget = Budget::default();
    if has_budget {
        std_budget = if is_pkce {
            Budget::times(1.35).finally(1.2)
        } else {
            Budget::times(1.6)
        };
        if is_pkce {
            raw_budget = Budget::default().finally(1.6);
        }
    }
    std_budget.mebibytes = Some(if is_pkce { 25.0 } else { 40.0 });
    let what = format!("{}, {name} / std floor", label(tree));
    let std_floor = floor("--std-floor", root, rules);
    compare(&what, forcelint(root, rules), std_floor, std_budget, runs);
    if cfg!(target_os = "linux") {
        let what = format!("{}, {name} / raw floor", label(tree));
        let raw_floor = floor("--raw-floor", root, rules);
        compare(&what, forcelint(root, rules), raw_floor, raw_budget, runs);
    }
}

fn against_ripgrep(other: Other, tree: &Tree, root: &Path, runs: usize) {
    let (rules, name, budget) = match other {
        Other::RipgrepAll => (Rules::All, "all rules", Budget::times(1.4).finally(1.0)),
        _ => (Rules::Pkce, "PKCE", Budget::times(1.0).finally(0.7)),
    };
    let what = format!("{}, {name} / {}", label(tree), other.name());
    if !other.is_installed() {
        row([&what, "not installed", "", "", "", "", "", ""]);
        return;
    }
    let has_budget = tree.files >= 20_000;
    let budget = if has_budget {
        budget
    } else {
        Budget::default()
    };
    let ours = forcelint(root, rules);
    compare(&what, ours, other.command(root), budget, runs);
}

fn compare(what: &str, ours: Command, other: Command, budget: Budget, runs: usize) {
    let used = peak(&ours);
    let times = in_turn(&mut [ours, other], runs);
    let (ours, others) = (&times[0], &times[1]);
    let pairs = || ours.iter().zip(others);
    let ratio = median(pairs().map(|(ours, other)| ours / other));
    let over = median(pairs().map(|(ours, other)| ours - other));
    let is_difference = matches!(budget.now, Some(Limit::Milliseconds(_)));
    let within_time = budget.now.map(|limit| match limit {
        Limit::Times(most) => ratio <= most,
        Limit::Milliseconds(most) => over <= most,
    });
    let within_memory = budget.mebibytes.map(|most| used <= most);
    let is_met = match (within_time, within_memory) {
        (Some(time), Some(memory)) => Some(time && memory),
        (time, memory) => time.or(memory),
    };
    let milliseconds = |times: &[f64]| format!("{:.1} ms", median(times.iter().copied()));
    row([
        what,
        &milliseconds(ours),
        &milliseconds(others),
        &if is_difference {
            format!("+{over:.2} ms")
        } else {
            format!("{ratio:.2}")
        },
        &limit_text(budget.now),
        &limit_text(budget.finally),
        &format!("{used:.1}"),
        status(is_met),
    ]);
}

fn limit_text(limit: Option<Limit>) -> String {
    match limit {
        Some(Limit::Times(most)) => format!("{most:.2}"),
        Some(Limit::Milliseconds(most)) => format!("+{most:.2} ms"),
        None => String::new(),
    }
}

fn status(is_met: Option<bool>) -> &'static str {
    match is_met {
        Some(true) => "met",
        Some(false) => "**over**",
        None => "",
    }
}

pub fn label(tree: &Tree) -> String {
    match tree.files {
        files if tree.name == "profiles" => format!("{files} profiles of 2 MB"),
        files => format!("{},000 files", files / 1000),
    }
}

/// Prints a row of the Markdown table, with aligned columns.
fn row([what, ours, other, ratio, budget, finally, peak, status]: [&str; 8]) {
    println!(
        "| {what:<50} | {ours:>10} | {other:>10} | {ratio:>9} | {budget:>9} | {finally:>10} | {peak:>8} | {status:<8} |"
    );
}

pub fn forcelint(path: &Path, rules: Rules) -> Command {
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

/// The command of a floor, which reads the files of the types that the rules read.
fn floor(which: &str, root: &Path, rules: Rules) -> Command {
    let mut command = Command::new(this_program());
    command.arg(which).arg(root);
    command.args(file_ends((rules == Rules::Pkce).then_some(PKCE)));
    command
}
