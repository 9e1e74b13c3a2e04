//! Writes the reports of a run and its summary.

use std::io::Write;
use std::path::PathBuf;

use super::run::Run;
use super::usage_error::UsageError;
use crate::cli::arguments::Output;
use crate::cli::output_file::write_file_with;
use crate::cli::show_error::show_errors;
use crate::cli::source_url::source_url;
use crate::cli::terminal::{Stream, ensure_stdout_is_open, known_width, print_with, say, style};
use crate::config::ExitStatus;
use crate::finding::{Detail, Report};
use crate::lint::Phase;
use crate::output::{
    Context, Listing, MaxFindings, ReportView, RunInfo, relative, render, summary,
    summary_of_errors, write,
};
use crate::project::slashed;
use crate::rule::Severity;

/// Starting threads takes longer than rendering fewer findings.
const MANY_FINDINGS: usize = 100;

impl Run<'_> {
    /// The lowest severity of the findings whose details are needed. Those that fail the run are fixed even if
    /// they are not shown.
    fn lowest_needed(&self) -> Severity {
        match self.arguments.diff || self.level().is_some() {
            true => self.policy.lowest_shown_or_failing(),
            false => self.policy.min_severity,
        }
    }

    /// What the reports need to know about findings.
    pub(super) fn detail(&self) -> Detail {
        let details = self.outputs.iter().map(|output| output.format.detail());
        let all = Detail {
            lowest_severity: Some(self.lowest_needed()),
            keeps_unreported: self.policy.needs_unreported(),
            ..Detail::default()
        };
        details.fold(all, |all, one| Detail {
            excerpts: all.excerpts || one.excerpts,
            line_hashes: all.line_hashes || one.line_hashes,
            posture: all.posture || one.posture,
            skipped: all.skipped || one.skipped || self.arguments.show_skipped,
            ..all
        })
    }

    /// Writes the reports and the summary.
    pub(super) fn finish(
        &self,
        mut report: Report,
        checklist: &str,
        stream: Stream,
    ) -> miette::Result<ExitStatus> {
        let timer = self.workspace.options.timer;
        let reporting = timer.measure(Phase::Report);
        let whole = self.is_whole(&report);
        let notes = self.policy.notes(&report, self.rules, whole);
        report.notes.extend(notes);
        self.policy.apply(&mut report);
        let info = RunInfo {
            evidence: self.evidence(&report),
            is_whole: whole || self.is_whole_zip(&report),
            ..self.info(&report)
        };
        let mut unwritten = None;
        for output in &self.outputs {
            // The other reports are written even if one fails.
            if let Err(error) = self.write_report(&report, &info, output, stream) {
                unwritten.get_or_insert(error);
            }
        }
        let status = self.policy.exit_status(&report);
        self.say_summary(&report, checklist);
        drop(reporting);
        say(&timer.to_string());
        unwritten.map_or(Ok(status), Err)
    }

    /// Whether the run covered everything that exceptions and the baseline can apply to.
    fn is_whole(&self, report: &Report) -> bool {
        self.is_unfiltered(report) && self.config_scope.is_within(&self.targets.folders)
    }

    /// Whether the run covered zips. A config beside a zip can be about other files.
    fn is_whole_zip(&self, report: &Report) -> bool {
        let (folders, packed) = (&self.targets.folders, self.workspace.projects.packed());
        let is_zip = |path: &PathBuf| packed.around(path).is_some();
        self.is_unfiltered(report)
            && self.targets.files.is_empty()
            && !folders.is_empty()
            && folders.iter().all(is_zip)
    }

    /// Whether nothing limits the run to some files or rules, and there are no errors.
    fn is_unfiltered(&self, report: &Report) -> bool {
        self.arguments.stdin_filename.is_none()
            && report.compared.is_empty()
            && self.arguments.select.is_empty()
            && self.arguments.ignore.is_empty()
            && !report.has_errors()
    }

    /// Prints the summary on stderr.
    pub(super) fn say_summary(&self, report: &Report, checklist: &str) {
        if self.is_silent(report) {
            return;
        }
        self.show_broken_projects(report);
        let view = ReportView::new(report);
        say(&summary_of_errors(
            view,
            &self.working_directory,
            self.arguments.quiet,
        ));
        if !self.arguments.quiet {
            let took = self.started.elapsed();
            say(&summary(
                view,
                &self.info(report),
                self.level(),
                self.arguments.show_skipped,
                took,
                known_width(Stream::Stderr),
            ));
            say(checklist);
        }
    }

    /// Shows the errors of project files, with paths relative to the working directory.
    fn show_broken_projects(&self, report: &Report) {
        let errors = report.broken_projects.iter().map(|error| {
            let path = relative(&self.working_directory, &error.file);
            error.clone().with_display_path(&path).into()
        });
        show_errors(errors);
    }

    /// pre-commit passes files of all kinds, and an editor can run a formatter on all of them. If none of them is metadata,
    /// there is no summary.
    fn is_silent(&self, report: &Report) -> bool {
        let arguments = self.arguments;
        let is_piped_check = arguments.stdin_filename.is_some() && arguments.fix.is_none();
        (!is_piped_check || arguments.force_exclude)
            && self.targets.folders.is_empty()
            && report.tally.files_checked == 0
            && !report.has_errors()
            && report.notes.is_empty()
    }

    /// What reports show about the run beyond the findings.
    fn info(&self, report: &Report) -> RunInfo {
        RunInfo {
            fail_on: self.policy.fail_on,
            min_severity: self.policy.min_severity,
            fails_unchecked: self.policy.fails_unchecked(report),
            is_audit: self.arguments.audit,
            relaxations: self.relaxations.clone(),
            expired_exceptions: self.policy.expired_exceptions(report),
            dated_exceptions: self.policy.dated_exceptions(),
            source_url: source_url(),
            listing: Listing {
                grouping: self.arguments.group,
                max_findings: self.arguments.max_findings,
                statistics: self.arguments.statistics,
                verbose: self.arguments.verbose,
            },
            ..RunInfo::new(self.policy.exit_status(report))
        }
    }

    fn write_report(
        &self,
        report: &Report,
        run: &RunInfo,
        output: &Output,
        stream: Stream,
    ) -> miette::Result<()> {
        let mut style = style(stream);
        if output.file.is_some() {
            style.color = false;
            style.hyperlinks = false;
            style.unicode = true;
        }
        let mut run = run.clone();
        // A file has room for all findings.
        if output.file.is_some() {
            run.listing.max_findings = Some(MaxFindings::All);
            run.listing.statistics = false;
        }
        let context = Context {
            report: ReportView::new(report),
            rules: self.rules,
            run: &run,
            style: &style,
            working_directory: &self.working_directory,
        };
        let write_to = |out: &mut dyn Write| write(output.format, &context, out);
        let write_all = || match &output.file {
            Some(file) => write_file_with(file, &write_to).map_err(|error| {
                UsageError::Output {
                    file: slashed(file),
                    error,
                }
                .into()
            }),
            None if stream == Stream::Stdout => {
                // Losing a report that the user asked for is an error.
                if self.arguments.format.iter().any(|it| it.file.is_none()) {
                    ensure_stdout_is_open()?;
                }
                print_with(write_to)
            }
            None => {
                say(&render(output.format, &context));
                Ok(())
            }
        };
        match report.findings.len() {
            0..MANY_FINDINGS => write_all(),
            _ => self.workspace.in_pool(write_all),
        }
    }
}
