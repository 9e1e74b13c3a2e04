//! Measures forcelint as whole processes, in turn with other programs:
//! `cargo run --release --manifest-path benches/speed/Cargo.toml -- [--quick] [TREE]...`
//!
//! `--quick` leaves out the largest tree and runs everything less often. The result is a Markdown table: medians, the
//! median of the ratios run by run, peak memory, and whether each is within its budget. Exit status 1 if another program
//! gave another answer. `rounds` lists what is compared; `docs/performance.md` explains the figures.

mod answers;
mod calibrate;
mod measure;
mod others;
mod program;
#[cfg(target_os = "linux")]
mod raw_floor;
mod rounds;
mod rules;
mod std_floor;
mod trees;
mod wanted;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // This program starts itself for what it compares with.
    match arguments.first().map(String::as_str) {
        Some("--nothing") => {}
        Some("--std-floor") => std_floor::run(&arguments[1..]),
        #[cfg(target_os = "linux")]
        Some("--raw-floor") => raw_floor::run(&arguments[1..]),
        Some("--calibrate") => calibrate::run(&arguments[1..]),
        Some("--tree") => {
            let tree = trees::named(&arguments[1]).expect("a tree of that name");
            println!("{}", trees::made(tree).display());
        }
        Some("--peak") => measure::print_peak_of(&arguments[1..]),
        _ => {
            let mut named: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let is_quick = named.contains(&"--quick");
            named.retain(|it| *it != "--quick");
            if let Some(unknown) = named.iter().find(|name| trees::named(name).is_none()) {
                let names: Vec<&str> = trees::TREES.iter().map(|it| it.name).collect();
                eprintln!(
                    "there is no tree {unknown}; the trees: {}",
                    names.join(", ")
                );
                return ExitCode::from(2);
            }
            if !rounds::run(is_quick, &named) {
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
