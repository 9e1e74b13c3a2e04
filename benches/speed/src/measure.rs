//! Measures the time and peak memory of processes.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs the commands alternately, so that a change in the speed of the machine affects all of them. Returns
/// the times of `runs` rounds in milliseconds for each command. An additional round warms the cache.
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
        .expect("the command can be started");
    let took = started.elapsed();
    // 1 is the exit status for findings. A command that fails early would seem fast.
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

/// The cost of a command.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// CPU time of the program and of the system for it.
    pub milliseconds: f64,
    /// Peak memory in MiB.
    pub peak: f64,
}

impl Usage {
    /// The lower costs of both.
    pub fn lower(self, other: Self) -> Self {
        Self {
            milliseconds: self.milliseconds.min(other.milliseconds),
            peak: self.peak.min(other.peak),
        }
    }
}

/// The peak memory of a command in MiB.
pub fn peak(command: &Command) -> f64 {
    usage(command).peak
}

/// Runs a command. A separate process measures it, because the system reports the usage of all child
/// processes.
pub fn usage(command: &Command) -> Usage {
    let mut measured = Command::new(this_program());
    measured
        .arg("--usage")
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        measured.current_dir(folder);
    }
    let output = measured.output().expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut numbers = text.split_whitespace().map(str::parse);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(f64::NAN);
    Usage {
        milliseconds: next(),
        peak: next(),
    }
}

/// Runs a command and prints its CPU time and peak memory.
#[cfg(unix)]
pub fn print_usage_of(command: &[String]) {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    time(Command::new(&command[0]).args(&command[1..]));
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system reports usage");
    // Linux reports KiB, macOS bytes.
    let unit = if cfg!(target_os = "macos") {
        1.0
    } else {
        1024.0
    };
    let time = usage.user_time() + usage.system_time();
    let milliseconds = time.num_microseconds() as f64 / 1000.0;
    let peak = usage.max_rss() as f64 * unit / 1024.0 / 1024.0;
    println!("{milliseconds} {peak}");
}

#[cfg(not(unix))]
pub fn print_usage_of(_command: &[String]) {}
