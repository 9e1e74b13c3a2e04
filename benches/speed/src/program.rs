//! The program to measure: the one in the environment variable `FORCELINT`, else a release build of
//! this repository.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

pub static FORCELINT: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("FORCELINT") {
    Some(named) => Path::new(&named)
        .canonicalize()
        .expect("FORCELINT names a program"),
    None => build(),
});

pub fn repository() -> &'static Path {
    let this_crate = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = this_crate.ancestors().nth(2);
    folder.expect("this crate is in benches/speed")
}

fn build() -> PathBuf {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked", "--bin=forcelint"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(repository())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "forcelint is not built");
    // Cargo's configuration decides where the program is.
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages.find_map(|it| it["executable"].as_str().map(PathBuf::from));
    program.expect("cargo reports where the program is")
}
