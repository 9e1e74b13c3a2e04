//! forcelint as a whole process, in turn with others in the same run:
//! `cargo run --release --manifest-path benches/speed/Cargo.toml -- [--quick] [TREE]...`
//!
//! In: the names of trees (see [`trees::TREES`]; `--quick` leaves the largest out and runs everything
//! less often), and the program (see `program`). Out: a table of medians, of the median of the ratios
//! run by run, of peak memory, and of whether each is within its target. Status 1 if another program
//! gave another answer. What is compared with what stands in `rounds`; `docs/performance.md` tells about
//! the figures.

mod answers;
mod calibrate;
mod floor;
mod measure;
mod others;
mod program;
mod rounds;
mod rules;
mod trees;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // This program starts itself for what it compares with.
    match arguments.first().map(String::as_str) {
        Some("--nothing") => {}
        Some("--floor") => floor::run(&arguments[1..]),
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
