//! `forcelint report merge`.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;
use walkdir::WalkDir;

use super::arguments::{MergeArgs, Output};
use super::clock::today;
use super::output_file::write_file;
use super::terminal::{Stream, print, print_requested, say, style};
use crate::config::ExitStatus;
use crate::merge::{MergeError, MergedReport, Reader};
use crate::output::{MergedFormat, render_merged};
use crate::project::{Unusable, expand_argument_files, slashed};
use crate::text::sanitize;

/// Why there is no merged report.
#[derive(Debug, Error, Diagnostic)]
enum ReportError {
    #[error("`{}` {}", sanitize(&.0.argument), .0.reason)]
    #[diagnostic(code("usage"))]
    ArgumentFile(Unusable),
    #[error("only one report can go to stdout")]
    #[diagnostic(
        code("usage"),
        help("write the others to files, for example `--format html=report.html`")
    )]
    TwoOnStdout,
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: io::Error },
}

pub(crate) fn merge(arguments: &MergeArgs) -> miette::Result<ExitStatus> {
    let on_stdout = arguments.format.iter().filter(|it| it.file.is_none());
    if on_stdout.count() > 1 {
        return Err(ReportError::TwoOnStdout.into());
    }
    let paths = expand_argument_files(&arguments.paths).map_err(ReportError::ArgumentFile)?;
    let mut reader = Reader::default();
    for path in &paths {
        read(path, &mut reader);
    }
    let mut report = reader.report;
    report.finish(&today().to_string());
    for error in &report.errors {
        let (file, message) = (error.file.one_line(), error.message.one_line());
        say(&format!("error: {file} {message}\n"));
    }
    write(arguments, &report)?;
    Ok(match report.is_complete() {
        true => ExitStatus::Clean,
        false => ExitStatus::Failure,
    })
}

/// Reads a file, or the files named `*.jsonl` in a folder, in the order of their paths.
fn read(path: &Path, reader: &mut Reader) {
    if !path.is_dir() {
        return read_file(path, reader);
    }
    let mut found = false;
    for entry in WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) => {
                let is_report = entry.path().extension().is_some_and(|it| it == "jsonl");
                if is_report && !entry.file_type().is_dir() {
                    found = true;
                    read_file(entry.path(), reader);
                }
            }
            Err(error) => {
                let file = slashed(error.path().unwrap_or(path));
                let error = io::Error::from(error);
                reader
                    .report
                    .errors
                    .push(MergeError::unreadable(&file, &error));
            }
        }
    }
    if !found {
        reader
            .report
            .errors
            .push(MergeError::empty_folder(&slashed(path)));
    }
}

fn read_file(path: &Path, reader: &mut Reader) {
    let name = slashed(path);
    match File::open(path) {
        Ok(file) => reader.read(&name, BufReader::new(file)),
        Err(error) => reader
            .report
            .errors
            .push(MergeError::unreadable(&name, &error)),
    }
}

fn write(arguments: &MergeArgs, report: &MergedReport) -> miette::Result<()> {
    let mut outputs: Vec<Output<MergedFormat>> = arguments.format.clone();
    let is_requested = outputs.iter().any(|it| it.file.is_none());
    if !is_requested {
        outputs.push(Output {
            format: MergedFormat::Pretty,
            file: None,
        });
    }
    let mut style = style(Stream::Stdout);
    let mut unwritten = None;
    for output in &outputs {
        let text = match output.file {
            None => render_merged(output.format, report, &style),
            Some(_) => {
                let color = std::mem::replace(&mut style.color, false);
                let text = render_merged(output.format, report, &style);
                style.color = color;
                text
            }
        };
        let written = match &output.file {
            Some(file) => write_to(file, &text),
            None if is_requested => print_requested(text.as_bytes()),
            None => print(text.as_bytes()),
        };
        // The other reports are written even if one fails.
        if let Err(error) = written {
            unwritten.get_or_insert(error);
        }
    }
    unwritten.map_or(Ok(()), Err)
}

fn write_to(file: &Path, text: &str) -> miette::Result<()> {
    write_file(file, text.as_bytes()).map_err(|error| {
        let file = file.display().to_string();
        ReportError::Output { file, error }.into()
    })
}
