//! Reads JSON lines. A file can have the lines of several runs, one run after another.

use std::io::{BufRead, Read as _};

use super::error::{MergeError, Problem};
use super::line::{Line, MAX_LINE, Run, Summary};
use super::merged::{MergedReport, RunDetails};
use super::repository::MergedRepository;

/// Reads files into a merged report.
#[derive(Default)]
pub(crate) struct Reader {
    pub report: MergedReport,
}

/// The run whose lines are being read.
struct OpenRun {
    repository: MergedRepository,
    details: RunDetails,
}

impl Reader {
    /// Adds the runs of a file. What cannot be read is an error of the report.
    pub(crate) fn read(&mut self, file: &str, input: impl BufRead) {
        let mut open = None;
        if let Err(problem) = self.read_runs(file, input, &mut open) {
            self.add_error(file, &problem);
        }
        self.close(file, open.take());
    }

    fn add_error(&mut self, file: &str, problem: &Problem) {
        self.report.errors.push(MergeError::new(file, problem));
    }

    /// Adds a run without a summary, so that its repository is listed as incomplete.
    fn close(&mut self, file: &str, open: Option<OpenRun>) {
        let Some(run) = open else { return };
        let problem = Problem::Truncated {
            repository: run.repository.name.clone(),
        };
        self.add_error(file, &problem);
        self.report.add(run.repository, run.details);
    }

    fn read_runs(
        &mut self,
        file: &str,
        mut input: impl BufRead,
        open: &mut Option<OpenRun>,
    ) -> Result<(), Problem> {
        let mut bytes = Vec::new();
        let mut number = 0;
        // After an invalid line, other lines can belong to another run than the last one.
        let mut is_lost = false;
        loop {
            bytes.clear();
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| Problem::Unreadable(error.to_string()))?;
            if read == 0 {
                return match number {
                    0 => Err(Problem::Empty),
                    _ => Ok(()),
                };
            }
            number += 1;
            if read as u64 == MAX_LINE && bytes.last() != Some(&b'\n') {
                return Err(Problem::TooLong { line: number });
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match self.read_line(file, number, &bytes, open) {
                Ok(()) => is_lost = false,
                Err(Problem::NoRun { .. }) if is_lost => {}
                Err(problem) => {
                    self.add_error(file, &problem);
                    self.close(file, open.take());
                    is_lost = true;
                }
            }
        }
    }

    fn read_line(
        &mut self,
        file: &str,
        number: usize,
        bytes: &[u8],
        open: &mut Option<OpenRun>,
    ) -> Result<(), Problem> {
        let line: Line<'_> = parse(number, bytes)?;
        if line.version != 1 {
            return Err(Problem::Version {
                line: number,
                version: line.version,
            });
        }
        if line.kind == "run" {
            self.close(file, open.take());
            let run: Run = parse(number, bytes)?;
            *open = Some(OpenRun {
                repository: MergedRepository::new(run, file),
                details: RunDetails::default(),
            });
            return Ok(());
        }
        let Some(run) = open else {
            return Err(Problem::NoRun { line: number });
        };
        match &*line.kind {
            "finding" | "more" => run.repository.add_finding(&line, &mut run.details.apps),
            "not_checked" => run.repository.not_checked += 1,
            "error" => run.repository.add_error(&line),
            "summary" => {
                let summary: Summary = parse(number, bytes)?;
                if let Some(run) = open.take() {
                    self.finish(file, run, summary);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, file: &str, mut run: OpenRun, summary: Summary) {
        if !run.repository.finish(&summary) {
            let problem = Problem::Numbers {
                repository: run.repository.name.clone(),
            };
            self.add_error(file, &problem);
        }
        run.details.controls = summary.controls;
        run.details.exceptions = summary.exceptions;
        self.report.add(run.repository, run.details);
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(line: usize, bytes: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::Invalid {
        line,
        // The position is that in the line, which serde_json counts as a file.
        reason: error.to_string().replace("at line 1 column", "at column"),
    })
}
