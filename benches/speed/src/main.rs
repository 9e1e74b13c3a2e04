//! Measures processes of forcelint, alternately with other programs:
//! `cargo run --release --manifest-path benches/speed/Cargo.toml -- [--quick] [TREE]...`
//!
//! `--quick` omits the largest tree and runs fewer rounds. The result is a Markdown table: medians, the median of the
//! ratios of the rounds, peak memory, and whether each row is within its budget. `rounds` lists the comparisons;
//! `docs/performance.md` explains the numbers, and the other tables: `--side-by-side`, `--findings`, `--phases` and
//! `--growth`.

mod answers;
mod calibrate;
mod file_filter;
mod findings;
mod growth;
mod measure;
mod others;
mod phases;
mod program;
#[cfg(target_os = "linux")]
mod raw_floor;
mod rounds;
mod rules;
mod side_by_side;
mod std_floor;
mod trees;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // This program starts itself to run the floors and to measure memory.
    match arguments.first().map(String::as_str) {
        Some("--nothing") => {}
        Some("--std-floor") => std_floor::run(&arguments[1..]),
        #[cfg(target_os = "linux")]
        Some("--raw-floor") => raw_floor::run(&arguments[1..]),
        Some("--calibrate") => calibrate::run(&arguments[1..]),
        Some("--tree") => {
            let tree = trees::named(&arguments[1]).expect("a tree has this name");
            println!("{}", trees::ensure(tree).display());
        }
        Some("--usage") => measure::print_usage_of(&arguments[1..]),
        Some("--side-by-side") => {
            let tree = arguments.get(1).map_or("20000", String::as_str);
            let tree = trees::named(tree).expect("a tree has this name");
            if !side_by_side::run(tree) {
                return ExitCode::FAILURE;
            }
        }
        Some("--findings") => {
            let formats: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
            findings::run(&formats);
        }
        Some("--phases") => {
            let folders: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
            phases::run(&folders);
        }
        Some("--growth") => {
            let named: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
            if !growth::run(&named) {
                return ExitCode::FAILURE;
            }
        }
        _ => {
            let mut named: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let is_quick = named.contains(&"--quick");
            named.retain(|it| *it != "--quick");
            if let Some(unknown) = named.iter().find(|name| trees::named(name).is_none()) {
                let names: Vec<&str> = trees::TREES.iter().map(|it| it.name).collect();
                eprintln!(
                    "unknown tree `{unknown}`; the trees are: {}",
                    names.join(", ")
                );
                return ExitCode::from(2);
            }
            rounds::run(is_quick, &named);
        }
    }
    ExitCode::SUCCESS
}
