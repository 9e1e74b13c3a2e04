//! The pictures of the HTML report in the README: `cargo xtask report-pictures`.
//!
//! Needs Chromium, and its fonts differ between machines. So no test compares these pictures.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use walkdir::WalkDir;

use crate::repository::root;

/// Chromium's numbers for `prefers-color-scheme`.
const SCHEMES: [(&str, u8); 2] = [("light", 1), ("dark", 0)];

/// Writes `docs/pictures/report-light.png` and `report-dark.png`.
///
/// # Errors
/// Chromium or the program cannot be started, or writes nothing.
pub fn write() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // Outside the repository, so that the report has no commit, which would differ each time.
    let project = folder.path().join("sample");
    copy(&root().join("testdata/sample"), &project)?;
    let report = folder.path().join("report.html");
    let manifest = root().join("Cargo.toml");
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path"])
        .arg(manifest)
        .args(["--", "check", "--quiet", "--format"])
        .arg(format!("html={}", report.display()))
        .current_dir(&project)
        .status()?;
    for (scheme, number) in SCHEMES {
        let picture = root().join(format!("docs/pictures/report-{scheme}.png"));
        let status = Command::new("chromium")
            .args(["--headless=new", "--no-sandbox", "--disable-gpu"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--hide-scrollbars", "--window-size=1000,760"])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join(scheme).display()
            ))
            .arg(format!("--blink-settings=preferredColorScheme={number}"))
            .arg(format!("--screenshot={}", picture.display()))
            .arg(format!("file://{}", report.display()))
            .output()?
            .status;
        if !status.success() {
            return Err(format!("chromium: {status}").into());
        }
        println!("{}", picture.display());
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
