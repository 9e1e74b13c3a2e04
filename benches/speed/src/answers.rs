//! Compares the results of other programs with those of forcelint. The time of a program with other
//! results would mean nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::others::Other;
use super::program::FORCELINT;
use super::rules::PKCE;

/// Describes the difference between the files that the other program reports and those that
/// forcelint reports. None if there is no difference, or if the other program does not report
/// files.
pub fn difference(other: Other, root: &Path) -> Option<String> {
    let from_other = match other {
        Other::FindCat | Other::Ripgrep | Other::RipgrepAll => return None,
        Other::Xmlstarlet => lines(&mut other.command(root), |line| line.to_owned()),
        Other::AstGrep => lines(other.command(root).arg("--json=stream"), |line| {
            json(line)["file"].as_str().unwrap_or_default().to_owned()
        }),
    };
    let from_forcelint = files_of_forcelint(root);
    let missing: Vec<&String> = from_forcelint.difference(&from_other).collect();
    let more: Vec<&String> = from_other.difference(&from_forcelint).collect();
    let example = missing.first().or(more.first())?;
    Some(format!(
        "other result: it reports {1} of {0} files, and {2} that forcelint does not report; for example {example}",
        from_forcelint.len(),
        from_forcelint.len() - missing.len(),
        more.len(),
    ))
}

fn files_of_forcelint(root: &Path) -> BTreeSet<String> {
    let mut command = Command::new(&*FORCELINT);
    command.arg("check").arg(root);
    command.args(["--select", PKCE, "--format", "json"]);
    let report = json(&output(&mut command));
    let findings = report["findings"].as_array().into_iter().flatten();
    let paths = findings.filter_map(|it| it["path"].as_str());
    let files: BTreeSet<String> = paths.map(in_package).collect();
    assert!(
        !files.is_empty(),
        "forcelint finds nothing in {}, so the comparison means nothing",
        root.display()
    );
    files
}

/// The files in the lines of the program's output.
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

/// The path starting with the package directory. Each program prints another prefix.
fn in_package(path: &str) -> String {
    let path = path.replace('\\', "/");
    let start = path.rfind("/force-app/").map_or(0, |at| at + 1);
    path[start..].to_owned()
}
