//! `check` without `--diff`: applies fixes if requested, and reports the remaining findings.

use std::collections::BTreeSet;
use std::sync::Arc;

use miette::IntoDiagnostic as _;

use super::run::Run;
use crate::cli::changed_files::{note_unstaged, text_to_fix};
use crate::cli::progress::Progress;
use crate::cli::terminal::{Stream, print_requested};
use crate::config::ExitStatus;
use crate::finding::{Finding, Report, RunError};
use crate::fix::Level;
use crate::output::{FindingView, rollout_checklist};
use crate::project::SourceFile;
use crate::run::{fix_filter, fixed_files, refusal_errors};

impl Run<'_> {
    /// Checks, applies fixes if requested, and reports the remaining findings.
    pub(super) fn check(&mut self) -> miette::Result<ExitStatus> {
        self.workspace.options.detail = self.detail();
        let visible = Stream::Stderr.is_terminal() && !self.arguments.quiet;
        let mut report = {
            let _progress = Progress::start(visible, Arc::clone(&self.monitor.files_seen));
            self.run_checks()
        };
        let mut checklist = String::new();
        if let Some(level) = self.level() {
            let (fixed, mut errors) = self.write_fixes(&report, level);
            let unchanged_zips = self.note_unchanged_zips(&report, level);
            if !fixed.is_empty() {
                // A fixed file can change the findings in others.
                report = self.run_checks();
            }
            report.fixed = fixed_files(&fixed);
            report.errors.append(&mut errors);
            report.errors.sort_unstable();
            report.notes.extend(note_unstaged(self.arguments, &fixed));
            report.notes.extend(unchanged_zips);
            checklist = rollout_checklist(&FindingView::all(&fixed));
        }
        self.finish(report, &checklist, Stream::Stdout)
    }

    /// Writes the fixes of the reported findings, file by file.
    fn write_fixes(&mut self, report: &Report, level: Level) -> (Vec<Finding>, Vec<RunError>) {
        let writer = self.writer();
        let mut fixed = Vec::new();
        let mut errors = Vec::new();
        let files = self.fixable_files(report, level);
        let files: Vec<&SourceFile> = files.filter(|it| !it.project.is_packed()).collect();
        let is_selected = fix_filter(&self.policy, report, level);
        for file in files {
            let result = text_to_fix(&self.workspace.sources, file).and_then(|old| {
                let (workspace, indexes) = (&mut self.workspace, &mut self.indexes);
                let new = self
                    .fixer
                    .fix_text(workspace, indexes, file, &old, &is_selected);
                if new.text != old {
                    writer
                        .write(&file.path, &old, &new.text)
                        .map_err(|error| error.to_string())?;
                }
                Ok(new)
            });
            match result {
                Ok(mut new) => {
                    errors.extend(refusal_errors(file, &new));
                    fixed.append(&mut new.fixed);
                }
                Err(message) => errors.push(RunError {
                    path: file.report_path(),
                    message,
                }),
            }
        }
        (fixed, errors)
    }

    /// The notes about zips with findings to fix.
    fn note_unchanged_zips(&self, report: &Report, level: Level) -> Vec<String> {
        let projects = &self.workspace.projects;
        let files = self.fixable_files(report, level);
        let zips = files.filter_map(|file| projects.packed().around(&file.path));
        let zips: BTreeSet<String> = zips
            .map(|zip| projects.report_path(&zip.root, &[]))
            .collect();
        let to_note = |zip| {
            format!("{zip} was not fixed: forcelint never changes a zip; `--diff` shows the fixes")
        };
        zips.into_iter().map(to_note).collect()
    }

    /// Prints the fixed stdin, and the remaining findings on stderr.
    pub(super) fn fix_stdin(&mut self) -> miette::Result<ExitStatus> {
        let level = self.level().unwrap_or(Level::Safe);
        self.workspace.options.detail = self.detail();
        let mut report = self.run_checks();
        let path = self.targets.files[0].clone();
        let mut text = self.workspace.sources.read(&path).into_diagnostic()?;
        let file = self.fixable_files(&report, level).next().cloned();
        let mut checklist = String::new();
        if let Some(file) = file {
            let is_selected = fix_filter(&self.policy, &report, level);
            let (workspace, indexes) = (&mut self.workspace, &mut self.indexes);
            let fixed = self
                .fixer
                .fix_text(workspace, indexes, &file, &text, is_selected);
            let mut errors = refusal_errors(&file, &fixed);
            if !fixed.fixed.is_empty() {
                text = fixed.text;
                self.workspace.sources.overlay.set(path, text.clone());
                report = self.run_checks();
                report.fixed = fixed_files(&fixed.fixed);
                checklist = rollout_checklist(&FindingView::all(&fixed.fixed));
            }
            report.errors.append(&mut errors);
        }
        print_requested(&text)?;
        self.finish(report, &checklist, Stream::Stderr)
    }
}
