//! Measures each dimension at a count and at four times as many, and prints the growth exponents.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{self, Command};

use super::dimension::Dimension;
use super::fixture::Fixture;
use super::{config, elements, files, joins, reports};
use crate::measure::{Usage, usage};
use crate::program::FORCELINT;

/// How many times larger the larger project is.
const FACTOR: usize = 4;

/// The highest growth exponent. 1 is linear; 2 is quadratic.
const MAX_EXPONENT: f64 = 1.2;

/// Every dimension is measured this often.
const RUNS: usize = 3;

/// A dimension that is above the limit is measured this often, because other processes can make a run slower
/// but not faster.
const MAX_RUNS: usize = 15;

/// Above this, other processes cannot be the reason.
const CERTAIN: f64 = 1.5;

/// In milliseconds. What a dimension costs below this is not more than the noise of a busy machine, so it says
/// nothing about growth.
const NOISE: f64 = 2.0;

/// Measures the dimensions whose names contain one of `names`, or all of them. Returns whether all are within
/// the limits.
pub fn run(names: &[&str]) -> bool {
    let all = [
        elements::DIMENSIONS,
        files::DIMENSIONS,
        joins::DIMENSIONS,
        config::DIMENSIONS,
        reports::DIMENSIONS,
    ];
    let named = |dimension: &&Dimension| {
        names.is_empty() || names.iter().any(|name| dimension.name.contains(name))
    };
    println!("| dimension | N | CPU at N | at {FACTOR} N | exponent | peak MiB at {FACTOR} N | |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | --- |");
    let mut failed = 0;
    for dimension in all.into_iter().flatten().filter(named) {
        let growth = Growth::measure(dimension);
        let problem = growth.problem(dimension);
        failed += usize::from(!problem.is_empty());
        println!(
            "| {} | {} | {:.1} ms | {:.1} ms | {:.2} | {:.1} | {problem} |",
            dimension.name,
            dimension.count,
            growth.small.milliseconds,
            growth.large.milliseconds,
            growth.exponent(),
            growth.large.peak,
        );
    }
    if failed > 0 {
        eprintln!("{failed} dimensions grow faster than N^{MAX_EXPONENT}, or need too much memory");
    }
    failed == 0
}

/// The lowest costs of several runs.
struct Growth {
    /// The project has one of the things that are counted, so nearly all of this is starting.
    start: Usage,
    small: Usage,
    large: Usage,
}

impl Growth {
    fn measure(dimension: &Dimension) -> Self {
        let folder = env::temp_dir().join(format!("forcelint-growth-{}", process::id()));
        let command = |name: &str, count: usize| {
            let fixture = Fixture::create(folder.join(name));
            (dimension.write)(&fixture, count);
            command(dimension, fixture.path())
        };
        let start = command("start", 1);
        let small = command("small", dimension.count);
        let large = command("large", FACTOR * dimension.count);
        let mut growth = Self {
            start: usage(&start),
            small: usage(&small),
            large: usage(&large),
        };
        for run in 1..MAX_RUNS {
            let exponent = growth.exponent();
            if run >= RUNS && !(MAX_EXPONENT..CERTAIN).contains(&exponent) {
                break;
            }
            growth.start = growth.start.lower(usage(&start));
            growth.small = growth.small.lower(usage(&small));
            growth.large = growth.large.lower(usage(&large));
        }
        let _ = fs::remove_dir_all(&folder);
        growth
    }

    fn exponent(&self) -> f64 {
        let own = |usage: &Usage| (usage.milliseconds - self.start.milliseconds).max(NOISE);
        (own(&self.large) / own(&self.small)).ln() / (FACTOR as f64).ln()
    }

    fn problem(&self, dimension: &Dimension) -> &'static str {
        if self.exponent() > MAX_EXPONENT {
            "too steep"
        } else if dimension
            .max_memory
            .is_some_and(|max| self.large.peak > max)
        {
            "too much memory"
        } else {
            ""
        }
    }
}

fn command(dimension: &Dimension, folder: &Path) -> Command {
    let mut command = Command::new(&*FORCELINT);
    // One thread, because the cost of distributing work varies.
    command
        .args(["check", "--quiet", "--jobs=1"])
        .args(dimension.arguments)
        .current_dir(folder);
    command
}
