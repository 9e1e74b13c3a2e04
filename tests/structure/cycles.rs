//! Import cycles between files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::imports::Edges;
use crate::source::Source;

/// Groups of files that import each other, directly or through other files. A file without a cycle
/// is in no group.
pub fn cycles(edges: &Edges) -> Vec<BTreeSet<usize>> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(from, to) in edges.keys() {
        next.entry(from).or_default().push(to);
        next.entry(to).or_default();
    }
    let reachable: BTreeMap<usize, BTreeSet<usize>> = next
        .keys()
        .map(|&start| (start, reachable(&next, start)))
        .collect();
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for (&file, reached) in &reachable {
        if reached.contains(&file) && !groups.iter().any(|group| group.contains(&file)) {
            let back = reached.iter().copied();
            groups.push(
                back.filter(|other| reachable[other].contains(&file))
                    .collect(),
            );
        }
    }
    groups
}

fn reachable(next: &BTreeMap<usize, Vec<usize>>, start: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting = next[&start].clone();
    while let Some(file) = waiting.pop() {
        if reached.insert(file) {
            waiting.extend(&next[&file]);
        }
    }
    reached
}

/// A cycle as lines `from -> to: names`.
pub fn describe(group: &BTreeSet<usize>, edges: &Edges, sources: &[Source]) -> String {
    let mut text = format!("{} files import each other:\n", group.len());
    for ((from, to), names) in edges {
        if group.contains(from) && group.contains(to) {
            let names = Vec::from_iter(names.iter().map(String::as_str)).join(", ");
            let (from, to) = (&sources[*from].path, &sources[*to].path);
            writeln!(text, "  {from} -> {to}: {names}").unwrap();
        }
    }
    text
}
