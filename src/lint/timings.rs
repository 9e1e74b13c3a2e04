//! Where the time of a run goes, for `--timings`.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Reading the arguments, the configuration and the project, and loading rules.
    Start,
    /// Walking folders, and checking the files that need no others.
    Walk,
    /// Reading the files that rules ask about, and checking the files that need them.
    Related,
    /// Suppressing findings, and writing the reports.
    Report,
    /// Reading files, in all threads.
    Read,
    /// Parsing files, in all threads.
    Parse,
    /// Evaluating rules, in all threads.
    Rules,
    /// Making findings of what violates a rule, in all threads.
    Findings,
    /// Planning fixes, in all threads. It is a part of `Findings`.
    Fixes,
}

/// The phases of the main thread, one after the other.
const STEPS: [(Phase, &str); 4] = [
    (Phase::Start, "start"),
    (Phase::Walk, "walk"),
    (Phase::Related, "related files"),
    (Phase::Report, "report"),
];

/// The work in the threads during these.
const WORK: [(Phase, &str); 5] = [
    (Phase::Read, "read"),
    (Phase::Parse, "parse"),
    (Phase::Rules, "rules"),
    (Phase::Findings, "findings"),
    (Phase::Fixes, "fixes"),
];

/// The time of each phase.
#[derive(Debug, Default)]
struct Timings {
    /// By phase, in nanoseconds.
    nanoseconds: [AtomicU64; STEPS.len() + WORK.len()],
}

/// Measures phases, if the user asked for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timer(Option<(&'static Timings, Clock)>);

/// The time since some moment before the run.
type Clock = fn() -> Duration;

impl Timer {
    /// A timer that measures, for one run of the program.
    pub(crate) fn running(clock: Clock) -> Self {
        Self(Some((Box::leak(Box::default()), clock)))
    }

    /// Measures a phase until the result is dropped.
    pub(crate) fn measure(self, phase: Phase) -> Measurement {
        Measurement(
            self.0
                .map(|(timings, clock)| (timings, phase, clock, clock())),
        )
    }

    /// Measures a phase that a function is.
    pub(crate) fn time<T>(self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let _measurement = self.measure(phase);
        work()
    }

    /// Adds a time that was measured.
    pub(crate) fn add(self, phase: Phase, time: Duration) {
        if let Some((timings, _)) = self.0 {
            timings.add(phase, time);
        }
    }
}

impl Timings {
    fn add(&self, phase: Phase, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds[phase as usize].fetch_add(nanoseconds, Ordering::Relaxed);
    }

    fn milliseconds(&self, phase: Phase) -> f64 {
        self.nanoseconds[phase as usize].load(Ordering::Relaxed) as f64 / 1e6
    }

    fn list(&self, phases: &[(Phase, &str)]) -> String {
        let one =
            |(phase, name): &(Phase, &str)| format!("{name} {:.1} ms", self.milliseconds(*phase));
        phases.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Two lines. Nothing if nothing was measured.
impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((timings, _)) = self.0 else {
            return Ok(());
        };
        writeln!(f, "timings: {}", timings.list(&STEPS))?;
        writeln!(f, "timings, sum of all threads: {}", timings.list(&WORK))
    }
}

/// Adds the time until it is dropped.
#[must_use]
pub(crate) struct Measurement(Option<(&'static Timings, Phase, Clock, Duration)>);

impl Drop for Measurement {
    fn drop(&mut self) {
        if let Some((timings, phase, clock, started)) = self.0 {
            timings.add(phase, clock().saturating_sub(started));
        }
    }
}
