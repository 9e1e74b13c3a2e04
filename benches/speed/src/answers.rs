//! Whether others give the answer that forcelint gives: a time is worth nothing without.
//!
//! In: the folder of a tree. Out: what is different about the files that the two name.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::others::Other;
use super::program::FORCELINT;
use super::rules::PKCE;

/// What is different about the files that the other names, in words; none if they are the same, or
/// if it is asked nothing.
pub fn difference(other: Other, root: &Path) -> Option<String> {
    let others = match other {
        Other::FindCat | Other::Ripgrep | Other::RipgrepAll => return None,
        Other::Xmlstarlet => lines(&mut other.command(root), |line| line.to_owned()),
        Other::AstGrep => lines(other.command(root).arg("--json=stream"), |line| {
            json(line)["file"].as_str().unwrap_or_default().to_owned()
        }),
    };
    let ours = of_forcelint(root);
    let missing: Vec<&String> = ours.difference(&others).collect();
    let more: Vec<&String> = others.difference(&ours).collect();
    let example = missing.first().or(more.first())?;
    Some(format!(
        "another answer: of {} files it names {}, and {} that forcelint does not; such as {example}",
        ours.len(),
        ours.len() - missing.len(),
        more.len(),
    ))
}

fn of_forcelint(root: &Path) -> BTreeSet<String> {
    let mut command = Command::new(&*FORCELINT);
    command.arg("check").arg(root);
    command.args(["--select", PKCE, "--format", "json"]);
    let report = json(&output(&mut command));
    let findings = report["findings"].as_array().into_iter().flatten();
    let paths = findings.filter_map(|it| it["path"].as_str());
    let files: BTreeSet<String> = paths.map(in_package).collect();
    assert!(
        !files.is_empty(),
        "forcelint finds nothing in {}: any program could answer that",
        root.display()
    );
    files
}

/// The files that the lines of its output name.
fn lines(command: &mut Command, file: impl Fn(&str) -> String) -> BTreeSet<String> {
    let text = output(command);
    text.lines().map(|line| in_package(&file(line))).collect()
}

fn output(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .expect("the command starts");
    String::from_utf8(output.stdout).expect("the names of the trees are UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no JSON ({error}): {text}"))
}

/// A path from the package directory on. Each program writes its own prefix before it.
fn in_package(path: &str) -> String {
    let path = path.replace('\\', "/");
    let start = path.rfind("/force-app/").map_or(0, |at| at + 1);
    path[start..].to_owned()
}
