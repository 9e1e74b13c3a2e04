//! `check --diff`: the changes of `--fix` as a patch.

use std::collections::HashSet;
use std::path::Path;

use anstream::ColorChoice;

use super::run::Run;
use crate::cli::changed_files::text_to_fix;
use crate::cli::terminal::{Stream, print_requested, style};
use crate::config::ExitStatus;
use crate::finding::{Detail, RunError};
use crate::fix::{Level, Writer, patch};
use crate::output::{colored_patch, relative};
use crate::project::{SourceFile, canonical, slashed};
use crate::run::{fix_filter, refusal_errors};
use crate::text::make_lines_visible;

impl Run<'_> {
    /// Prints the changes of `--fix` as a patch.
    pub(super) fn diff(&mut self) -> miette::Result<ExitStatus> {
        let level = self.level().unwrap_or(Level::Safe);
        self.workspace.options.detail = Detail {
            // A patch shows no findings.
            excerpts: false,
            line_hashes: false,
            posture: false,
            ..self.detail()
        };
        let mut report = self.run_checks();
        let writer = self.writer();
        let mut patched = HashSet::new();
        let mut text = String::new();
        let mut notes = Vec::new();
        for file in self
            .fixable_files(&report, level)
            .cloned()
            .collect::<Vec<_>>()
        {
            let result = self.patch_path(&writer, &file).and_then(|path| {
                let old = text_to_fix(&self.workspace.sources, &file)?;
                let is_selected = fix_filter(&self.policy, &report, level);
                let (workspace, indexes) = (&mut self.workspace, &mut self.indexes);
                let new = self
                    .fixer
                    .fix_text(workspace, indexes, &file, &old, is_selected);
                Ok((path, old, new))
            });
            let (path, old, new) = match result {
                // A link and its target.
                Ok((path, ..)) if !patched.insert(path.clone()) => continue,
                Ok(result) => result,
                Err(message) => {
                    report.errors.push(RunError {
                        path: relative(&self.working_directory, &file.path),
                        message,
                    });
                    continue;
                }
            };
            report.errors.extend(refusal_errors(&file, &new));
            if new.text == old {
                continue;
            }
            // A file with a fix was parsed, so both texts are UTF-8.
            let patch = patch(
                &path,
                &String::from_utf8_lossy(&old),
                &String::from_utf8_lossy(&new.text),
            );
            if patch.shows_secret {
                notes.push(format!(
                    "the patch of {path} contains a secret; do not share it"
                ));
            }
            text.push_str(&patch.text);
        }
        let always = ColorChoice::global() == ColorChoice::Always;
        if Stream::Stdout.is_terminal() || always {
            // A patch on a terminal is only read, and its context can contain escape sequences.
            let text = make_lines_visible(&text);
            print_requested(colored_patch(&text, &style(Stream::Stdout)).as_bytes())?;
        } else {
            print_requested(text.as_bytes())?;
        }
        report.notes.extend(notes);
        self.policy.apply(&mut report);
        self.say_summary(&report, "");
        let fails = !text.is_empty() || self.policy.fails_unchecked(&report);
        Ok(match (report.has_errors(), fails) {
            (true, _) => ExitStatus::Failure,
            (false, true) => ExitStatus::Findings,
            (false, false) => ExitStatus::Clean,
        })
    }

    /// The file's path in the patch: that of the file that `--fix` would write, because `git apply` does
    /// not follow links.
    fn patch_path(&self, writer: &Writer, file: &SourceFile) -> Result<String, String> {
        let packed = self.workspace.projects.packed().around(&file.path);
        let path = if let Some(packed) = packed {
            // To apply it where the zip was unpacked.
            file.path
                .strip_prefix(&packed.root)
                .ok()
                .map(Path::to_path_buf)
        } else if self.arguments.stdin_filename.is_some() {
            pathdiff::diff_paths(&file.path, &self.working_directory)
        } else {
            let target = writer
                .resolve(&file.path)
                .map_err(|error| error.to_string())?;
            let here = canonical(&self.working_directory);
            let here = here.as_ref().unwrap_or(&self.working_directory);
            pathdiff::diff_paths(&target, here)
        };
        let path = path.unwrap_or_else(|| file.path.clone());
        match path.to_str() {
            // One such path makes `git apply` refuse the whole patch.
            Some(_) if path.starts_with("..") || path.is_absolute() => Err(
                "is not below the working directory, where `git apply` could not patch it; run forcelint in \
                 a folder above it"
                    .to_owned(),
            ),
            Some(_) => Ok(slashed(&path)),
            None => Err("has a name that is not UTF-8 and cannot be in a patch".to_owned()),
        }
    }
}
