//! The program that is measured.
//!
//! In: its path in the environment variable `FORCELINT`, else the sources around this crate. Out: the
//! path of a program, which is built as it is for a release if none was named.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The program.
pub static FORCELINT: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("FORCELINT") {
    Some(named) => Path::new(&named)
        .canonicalize()
        .expect("FORCELINT names a program"),
    None => built(),
});

/// The folder of the repository.
pub fn repository() -> &'static Path {
    let this_crate = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = this_crate.ancestors().nth(2);
    folder.expect("this crate is in benches/speed")
}

fn built() -> PathBuf {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked", "--bin=forcelint"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(repository())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "forcelint is not built");
    // Where it is depends on the user's configuration of cargo.
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages.find_map(|it| it["executable"].as_str().map(PathBuf::from));
    program.expect("cargo reports where the program is")
}
