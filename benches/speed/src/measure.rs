//! Time and peak memory of whole processes.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs the commands alternately, so that changes of the machine's speed affect all of them.
/// Returns for each command its times in milliseconds. The first round only fills the cache.
pub fn in_turn(commands: &mut [Command], runs: usize) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); commands.len()];
    for run in 0..=runs {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let took = time(command).as_secs_f64() * 1000.0;
            if run > 0 {
                times.push(took);
            }
        }
    }
    times
}

fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the command starts");
    let took = started.elapsed();
    // Status 1 means that there are findings. A command that fails early would seem fast.
    assert!(
        matches!(status.code(), Some(0 | 1)),
        "{status}: {command:?}"
    );
    took
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn this_program() -> PathBuf {
    env::current_exe().expect("this program has a path")
}

/// Peak memory of a command in MiB. A separate process measures it, because the system only reports
/// the peak of all children together.
pub fn peak(command: &Command) -> f64 {
    let output = Command::new(this_program())
        .arg("--peak")
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .expect("this program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or(f64::NAN)
}

#[cfg(unix)]
pub fn print_peak_of(command: &[String]) {
    use nix::sys::resource::{UsageWho, getrusage};
    time(Command::new(&command[0]).args(&command[1..]));
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system reports usage");
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") {
        1.0
    } else {
        1024.0
    };
    println!("{}", usage.max_rss() as f64 * unit / 1024.0 / 1024.0);
}

#[cfg(not(unix))]
pub fn print_peak_of(_command: &[String]) {}
