//! The measured program: the one in the environment variable `FORCELINT`, or a release build of this
//! repository.

use std::env;
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

pub static FORCELINT: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("FORCELINT") {
    Some(named) => path::absolute(named).expect("FORCELINT is the path of a program"),
    None => build(),
});

/// The root of the repository.
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
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo cannot build forcelint");
    // The location depends on the user's configuration of cargo.
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages.find_map(|it| it["executable"].as_str().map(PathBuf::from));
    program.expect("cargo reports the path of the program")
}
