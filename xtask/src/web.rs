//! Builds the page in the browser: `cargo xtask web`.
//!
//! The page is one file, `target/web/page/index.html`. It needs Node with npm, and a standard library for
//! `wasm32-unknown-unknown`: that of `rustup target add wasm32-unknown-unknown` or, where rustup has no network, the
//! sources of Debian's packages `rustc-web` and `rust-web-src`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::repository::root;

const TARGET: &str = "wasm32-unknown-unknown";

/// Every browser that can run the page has these instructions.
const FLAGS: &str = "-C target-feature=+simd128";

/// Builds the page, and returns its path.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn build() -> Result<PathBuf, String> {
    let folder = root().join("target/web");
    let module = compile(&folder)?;
    let generated = folder.join("generated");
    let bindgen = bindgen(&folder)?;
    run(Command::new(bindgen)
        .args([
            "--target=no-modules",
            "--no-typescript",
            "--out-name=forcelint",
        ])
        .args(["--remove-name-section", "--remove-producers-section"])
        .arg("--out-dir")
        .args([&generated, &module]))?;
    let notices = folder.join("notices.txt");
    let mut collect = Command::new("python3");
    collect.arg(".github/release/notices.py");
    let text = output(collect.args([TARGET, "forcelint-web"]))?;
    fs::write(&notices, text).map_err(|error| format!("{}: {error}", notices.display()))?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).args([
        "ci",
        "--prefix=web",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
    ]))?;
    let page = folder.join("page");
    run(Command::new("node")
        .arg("web/build.mjs")
        .args([&generated, &page, &notices]))?;
    Ok(page.join("index.html"))
}

/// Compiles the module, and returns its path.
fn compile(folder: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "build",
        "--locked",
        "--package=forcelint-web",
        "--profile=web",
    ]);
    cargo.args(["--target", TARGET, "--target-dir"]).arg(folder);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS);
    let own = sysroot("rustc")?;
    if !own.join("lib/rustlib").join(TARGET).is_dir() {
        use_sources(&mut cargo, &own)?;
    }
    run(&mut cargo)?;
    Ok(folder.join(TARGET).join("web/forcelint_web.wasm"))
}

/// Makes cargo compile the standard library, with a compiler that has its sources.
fn use_sources(cargo: &mut Command, own: &Path) -> Result<(), String> {
    let has_sources = |sysroot: &Path| sysroot.join("lib/rustlib/src/rust/library").is_dir();
    // Debian's packages are not those of rustup, which may come first in the search path.
    let compilers = ["rustc", "/usr/bin/rustc"];
    let compiler = compilers
        .into_iter()
        .find(|it| sysroot(it).is_ok_and(|sysroot| has_sources(&sysroot)));
    let compiler = compiler.ok_or_else(|| {
        format!(
            "there is no standard library for {TARGET}: run `rustup target add {TARGET}`; without rustup, install \
             the packages rustc-web and rust-web-src of Debian"
        )
    })?;
    cargo.arg("-Zbuild-std=std,panic_abort");
    cargo.env("RUSTC", compiler).env("RUSTC_BOOTSTRAP", "1");
    // Debian's compiler comes without this linker.
    let host = output(Command::new("rustc").arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let linker = own.join(format!(
        "lib/rustlib/{}/bin/rust-lld",
        host.unwrap_or_default()
    ));
    if linker.is_file() {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    Ok(())
}

fn sysroot(compiler: &str) -> Result<PathBuf, String> {
    let printed = output(Command::new(compiler).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(printed.trim()))
}

/// The program wasm-bindgen, in the version that the module was compiled with.
fn bindgen(folder: &Path) -> Result<PathBuf, String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).map_err(|error| error.to_string())?;
    let mut lines = lock.lines();
    lines.find(|line| *line == "name = \"wasm-bindgen\"");
    let version = lines.next().and_then(|line| line.split('"').nth(1));
    let version = version.ok_or("Cargo.lock has no wasm-bindgen")?;
    let tools = folder.join("tools");
    let program = tools.join(format!("bin/wasm-bindgen{}", std::env::consts::EXE_SUFFIX));
    let installed = output(Command::new(&program).arg("--version")).unwrap_or_default();
    if installed.trim() != format!("wasm-bindgen {version}") {
        run(Command::new("cargo")
            .args([
                "install",
                "wasm-bindgen-cli",
                "--version",
                version,
                "--quiet",
                "--root",
            ])
            .arg(&tools))?;
    }
    Ok(program)
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = name(command);
    let status = command.current_dir(root()).status();
    let status = status.map_err(|error| format!("{name} cannot be started: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{name} failed: {status}"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = name(command);
    let output = command.current_dir(root()).output();
    let output = output.map_err(|error| format!("{name} cannot be started: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{name} failed: {reason}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn name(command: &Command) -> String {
    let mut words = vec![command.get_program()];
    words.extend(command.get_args().take(2));
    words.join(OsStr::new(" ")).to_string_lossy().into_owned()
}
