//! `cargo bench --bench speed`: forcelint as a whole process, in turn with others in the same run.
//!
//! In: `-- [--quick] [TREE]...` (the names of the trees, see [`trees::TREES`]; `--quick` leaves the
//! largest out and runs everything less often). Out: a table of medians, of the median of the ratios
//! run by run, of peak memory, and of whether each is within its target. What is compared with what
//! stands in `rounds`; `docs/performance.md` tells about the figures.

mod calibrate;
mod floor;
mod measure;
mod rounds;
mod trees;

use std::env;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // The benchmark starts itself for what it compares with.
    match arguments.first().map(String::as_str) {
        Some("--nothing") => {}
        Some("--floor") => floor::run(&arguments[1..]),
        Some("--calibrate") => calibrate::run(&arguments[1..]),
        Some("--tree") => {
            let tree = trees::TREES.iter().find(|it| it.name == arguments[1]);
            println!(
                "{}",
                trees::made(tree.expect("a tree of that name")).display()
            );
        }
        Some("--peak") => measure::print_peak_of(&arguments[1..]),
        _ => {
            // Cargo adds one of its own.
            let is_quick = arguments.iter().any(|it| it == "--quick");
            let named: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let named: Vec<&str> = named
                .into_iter()
                .filter(|it| !it.starts_with('-'))
                .collect();
            rounds::run(is_quick, &named);
        }
    }
}
