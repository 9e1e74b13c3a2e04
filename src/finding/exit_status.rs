//! The exit status of a run.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// No findings at or above the severity of `--fail-on`.
    Clean,
    /// At least one finding at or above the severity of `--fail-on`.
    Findings,
    /// An error, such as invalid arguments or rules, or a file or folder that cannot be read.
    Failure,
}

impl ExitStatus {
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failure => 2,
        }
    }
}
