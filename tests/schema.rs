//! The committed metadata schema is what the generator writes for the two npm packages.
//!
//! The test does not download them: `FORCELINT_SCHEMA_PACKAGES` is a folder with the packages
//! `types` and `source-deploy-retrieve`. `.ci/full/metadata.sh` installs them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
#[ignore = "needs npm packages of Salesforce; .ci/full/metadata.sh runs it"]
fn generated_schema_is_committed() {
    let packages = env::var_os("FORCELINT_SCHEMA_PACKAGES");
    let packages = packages.expect("FORCELINT_SCHEMA_PACKAGES names the folder with the packages");
    let packages = PathBuf::from(packages);
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
