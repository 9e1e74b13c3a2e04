//! Compares the run time of forcelint with that of other programs, as whole processes: `cargo run
//! --release --manifest-path benches/speed/Cargo.toml -- [--quick] [TREE]...`
//!
//! `--quick` omits the largest tree and runs everything less often. The output is a Markdown table:
//! medians, the median of the ratios of each round, peak memory, and whether each is within its
//! budget. The exit status is 1 if another program has other results. `rounds` lists the
//! comparisons, and `docs/performance.md` explains the numbers.

mod answers;
mod calibrate;
mod filter;
mod measure;
mod others;
mod program;
#[cfg(target_os = "linux")]
mod raw_floor;
mod rounds;
mod rules;
mod std_floor;
mod trees;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // This program starts itself to run the baselines.
    match arguments.first().map(String::as_str) {
        Some("--nothing") => {}
        Some("--std-floor") => std_floor::run(&arguments[1..]),
        #[cfg(target_os = "linux")]
        Some("--raw-floor") => raw_floor::run(&arguments[1..]),
        Some("--calibrate") => calibrate::run(&arguments[1..]),
        Some("--tree") => {
            let tree = trees::named(&arguments[1]).expect("a tree of that name");
            println!("{}", trees::generate(tree).display());
        }
        Some("--peak") => measure::print_peak_of(&arguments[1..]),
        _ => {
            let mut named: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let is_quick = named.contains(&"--quick");
            named.retain(|it| *it != "--quick");
            if let Some(unknown) = named.iter().find(|name| trees::named(name).is_none()) {
                let names: Vec<&str> = trees::TREES.iter().map(|it| it.name).collect();
                eprintln!("unknown tree {unknown}; known trees: {}", names.join(", "));
                return ExitCode::from(2);
            }
            if !rounds::run(is_quick, &named) {
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
