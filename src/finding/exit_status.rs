//! How a run ends.

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// No findings at or above the failing severity.
    Clean,
    /// At least one.
    Findings,
    /// Something could not be done: usage, rules, a file or folder that could not be read.
    Failure,
}

impl ExitStatus {
    /// The number for the shell.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failure => 2,
        }
    }
}
