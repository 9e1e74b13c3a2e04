//! Compares the results of other programs with those of forcelint. Times are only comparable if the results
//! are the same.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::others::Other;
use super::program::FORCELINT;
use super::rules::PKCE;

/// Describes how the reported files differ from forcelint's. `None` if they are the same, or if the program
/// reports no files.
pub fn difference(other: Other, root: &Path) -> Option<String> {
    let others = match other {
        Other::FindCat | Other::Ripgrep | Other::RipgrepAll => return None,
        Other::Xmlstarlet | Other::RegexEngine | Other::PmdEngine => {
            lines(&mut other.command(root), |line| line.to_owned())
        }
        Other::AstGrep => lines(&mut other.command(root), |line| {
            json(line)["file"].as_str().unwrap_or_default().to_owned()
        }),
        Other::Semgrep => {
            let report = json(&output(&mut other.command(root)));
            let results = report["results"].as_array().into_iter().flatten();
            let paths = results.filter_map(|it| it["path"].as_str());
            paths.map(in_package).collect()
        }
    };
    let ours = of_forcelint(root);
    let missing: Vec<&String> = ours.difference(&others).collect();
    let more: Vec<&String> = others.difference(&ours).collect();
    let example = missing.first().or(more.first())?;
    Some(format!(
        "different result: reports {1} of forcelint's {0} files, and {2} others; for example {example}",
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
        "forcelint reports no files in {}, so the results cannot be compared",
        root.display()
    );
    files
}

/// The files in the lines of the output.
fn lines(command: &mut Command, file: impl Fn(&str) -> String) -> BTreeSet<String> {
    let text = output(command);
    text.lines().map(|line| in_package(&file(line))).collect()
}

fn output(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .expect("the command can be started");
    String::from_utf8(output.stdout).expect("the file names are UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("invalid JSON ({error}): {text}"))
}

/// The path relative to the project. The programs print different prefixes.
fn in_package(path: &str) -> String {
    let path = path.replace('\\', "/");
    let start = path.rfind("/force-app/").map_or(0, |at| at + 1);
    path[start..].to_owned()
}
