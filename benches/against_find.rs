//! `cargo bench`: whole processes, in turn against something measured in the same run.
//!
//! - on trees of 2,000 and 20,000 files (20 % and 5 % of them connected apps, one in ten or all of
//!   them without PKCE): against `find TREE -name '*.connectedApp-meta.xml' -exec cat {} +`;
//! - on one file: against a process that does nothing.
//!
//! Prints medians, the median of the ratios run by run, and the peak memory of forcelint.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// Runs of each command; they take turns, so that a change of the machine's pace hits both.
const RUNS: usize = 21;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--nothing") => return,
        Some("--peak") => return print_peak_of(&arguments[2..]),
        _ => {}
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!(
        "{:34} {:>10} {:>10} {:>7} {:>9}",
        "", "forcelint", "other", "ratio", "peak MiB"
    );
    for (files, share) in [(2_000, 5), (20_000, 20)] {
        for violating in [10, 1] {
            let tree = folder.path().join(format!("{files}-{violating}"));
            generate(&tree, files, files / share, violating);
            let what = if violating == 1 {
                "all apps"
            } else {
                "1 app in 10"
            };
            let mut find = Command::new("find");
            find.arg(&tree).args([
                "-name",
                "*.connectedApp-meta.xml",
                "-exec",
                "cat",
                "{}",
                "+",
            ]);
            compare(&format!("{files} files, {what} / find cat"), &tree, find);
        }
    }
    let one = folder
        .path()
        .join("2000-10/force-app/main/default/connectedApps/App1.connectedApp-meta.xml");
    compare("a clean file / nothing", &one, nothing());
    let one = one.with_file_name("App0.connectedApp-meta.xml");
    compare("a violating file / nothing", &one, nothing());
}

fn nothing() -> Command {
    let mut nothing = Command::new(env::current_exe().expect("this program has a path"));
    nothing.arg("--nothing");
    nothing
}

fn compare(what: &str, path: &Path, mut other: Command) {
    let mut forcelint = Command::new(env!("CARGO_BIN_EXE_forcelint"));
    forcelint.arg("check").arg(path);
    let mut pairs: Vec<(Duration, Duration)> = Vec::new();
    for run in 0..=RUNS {
        let pair = (time(&mut forcelint), time(&mut other));
        // The first one warms the cache.
        if run > 0 {
            pairs.push(pair);
        }
    }
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let ours = median(pairs.iter().map(|(ours, _)| milliseconds(*ours)));
    let others = median(pairs.iter().map(|(_, other)| milliseconds(*other)));
    let ratio = median(
        pairs
            .iter()
            .map(|(ours, other)| ours.as_secs_f64() / other.as_secs_f64()),
    );
    println!(
        "{what:34} {ours:7.1} ms {others:7.1} ms {ratio:7.2} {:9.1}",
        peak(path)
    );
}

fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the command starts");
    started.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Peak memory of forcelint in MiB. A process of its own measures it, since the system tells the
/// peak of all children together.
fn peak(path: &Path) -> f64 {
    let output = Command::new(env::current_exe().expect("this program has a path"))
        .arg("--peak")
        .arg(env!("CARGO_BIN_EXE_forcelint"))
        .arg("check")
        .arg(path)
        .output()
        .expect("this program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or(f64::NAN)
}

#[cfg(unix)]
fn print_peak_of(command: &[String]) {
    use nix::sys::resource::{UsageWho, getrusage};
    time(Command::new(&command[0]).args(&command[1..]));
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system tells");
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") {
        1.0
    } else {
        1024.0
    };
    println!("{}", usage.max_rss() as f64 * unit / 1024.0 / 1024.0);
}

#[cfg(not(unix))]
fn print_peak_of(_command: &[String]) {}

/// An SFDX project of `files` metadata files, `apps` of them connected apps, of which every
/// `violating`th does not require PKCE.
fn generate(root: &Path, files: usize, apps: usize, violating: usize) {
    let base = root.join("force-app/main/default");
    let folder = |path: PathBuf| {
        fs::create_dir_all(&path).expect("a folder");
        path
    };
    let app_folder = folder(base.join("connectedApps"));
    let project = r#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#;
    fs::write(root.join("sfdx-project.json"), project).expect("a file");
    for number in 0..apps {
        let file = app_folder.join(format!("App{number}.connectedApp-meta.xml"));
        fs::write(file, app(number, number % violating != 0)).expect("a file");
    }
    for number in apps..files {
        // Thirteen files a folder, as in a measured tree of 100,000.
        let fields = folder(base.join(format!("objects/Object{}/fields", number / 13)));
        let file = fields.join(format!("Field{number}.field-meta.xml"));
        fs::write(file, "<?xml version=\"1.0\"?>\n<CustomField/>\n").expect("a file");
    }
}

/// A connected app of the size that real ones have, about 1.6 KB.
fn app(number: usize, requires_pkce: bool) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <contactEmail>dev@example.com</contactEmail>\n",
    );
    let description = "Lets a partner read orders. ".repeat(18);
    let _ = write!(
        text,
        "    <description>{description}</description>\n    <label>App {number}</label>\n    <oauthConfig>\n"
    );
    for (name, value) in [
        ("callbackUrl", "https://partner.acme.test/oauth/callback"),
        ("isAdminApproved", "true"),
        ("isClientCredentialEnabled", "false"),
        ("isCodeCredentialEnabled", "false"),
        ("isConsumerSecretOptional", "false"),
        ("isIntrospectAllTokens", "false"),
        ("isNamedUserJwtEnabled", "false"),
        (
            "isPkceRequired",
            if requires_pkce { "true" } else { "false" },
        ),
        ("isRefreshTokenRotationEnabled", "true"),
        ("isSecretRequiredForRefreshToken", "true"),
        ("scopes", "Api"),
        ("scopes", "RefreshToken"),
    ] {
        let _ = writeln!(text, "        <{name}>{value}</{name}>");
    }
    text.push_str(
        "    </oauthConfig>\n    <oauthPolicy>\n        <ipRelaxation>ENFORCE</ipRelaxation>\n        \
         <refreshTokenPolicy>zero</refreshTokenPolicy>\n    </oauthPolicy>\n</ConnectedApp>\n",
    );
    text
}
