//! The committed metadata schema is what the generator makes of the two npm packages.
//!
//! Asks npm for nothing: it runs where `FORCELINT_SCHEMA_PACKAGES` names a folder with the unpacked
//! packages `types` and `source-deploy-retrieve`. `.ci/run` fetches them itself.

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_fresh_generation_gives_the_committed_bytes() {
    let Some(packages) = std::env::var_os("FORCELINT_SCHEMA_PACKAGES").map(PathBuf::from) else {
        return;
    };
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/schema/generate.mjs");
    let run = Command::new("node")
        .arg(generator)
        .arg("--check")
        .args([
            packages.join("types"),
            packages.join("source-deploy-retrieve"),
        ])
        .output()
        .expect("node can be started");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
}
