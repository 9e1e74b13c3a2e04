//! `--phases`: where the time of runs with all rules goes, for each tree and each folder that is named, in a Markdown
//! table.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::median;
use super::program::{FORCELINT, repository};
use super::trees;

/// The trees of synthetic files.
const TREES: [&str; 5] = ["20000", "200000", "clean", "violating", "profiles"];

/// Where `repositories.sh` puts public repositories. They are omitted if they are not there.
const REPOSITORIES: &str = "target/speed/repositories";

/// Every tree is measured this often.
const RUNS: usize = 5;

/// Prints the table for the trees, the public repositories and these folders.
pub fn run(folders: &[&str]) {
    let synthetic = TREES.iter().map(|name| {
        let tree = trees::named(name).expect("a tree has this name");
        ((*name).to_owned(), trees::ensure(tree))
    });
    let named = folders.iter().map(PathBuf::from).chain(repositories());
    let named = named.map(|folder| {
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        (name.to_string_lossy().into_owned(), folder)
    });
    let mut has_header = false;
    for (name, folder) in synthetic.chain(named) {
        let phases = phases(&folder);
        if !has_header {
            let names: Vec<&str> = phases.iter().map(|(name, _)| name.as_str()).collect();
            println!("| milliseconds | {} |", names.join(" | "));
            println!("| --- |{}", " ---: |".repeat(names.len()));
            has_header = true;
        }
        let medians: Vec<String> = phases.iter().map(|(_, it)| format!("{it:.0}")).collect();
        println!("| {name} | {} |", medians.join(" | "));
    }
}

fn repositories() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(repository().join(REPOSITORIES));
    let mut folders: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .map(|it| it.expect("the folder can be read").path())
        .collect();
    folders.sort();
    folders
}

/// The phases of a run with `--timings`, each with its median in milliseconds.
fn phases(folder: &Path) -> Vec<(String, f64)> {
    let runs: Vec<Vec<(String, f64)>> = (0..RUNS).map(|_| timings(folder)).collect();
    let names = runs[0].iter().map(|(name, _)| name.clone());
    let medians = (0..runs[0].len()).map(|at| median(runs.iter().map(|run| run[at].1)));
    names.zip(medians).collect()
}

/// What `--timings` prints: two lines such as `timings: start 4.8 ms, walk 1004.4 ms`.
fn timings(folder: &Path) -> Vec<(String, f64)> {
    let output = Command::new(&*FORCELINT)
        .args(["check", "--quiet", "--format=concise", "--timings"])
        .arg(folder)
        .output()
        .expect("forcelint can be started");
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().filter(|line| line.starts_with("timings"));
    let phases = lines.flat_map(|line| line.split_once(": ").map_or("", |it| it.1).split(", "));
    let parsed = phases.map(|phase| {
        let (name, time) = phase
            .strip_suffix(" ms")
            .and_then(|it| it.rsplit_once(' '))
            .expect("a phase has a name and a time");
        (name.to_owned(), time.parse().expect("the time is a number"))
    });
    let parsed: Vec<_> = parsed.collect();
    assert!(!parsed.is_empty(), "{}: {text}", folder.display());
    parsed
}
