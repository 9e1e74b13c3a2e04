//! Generates checked-in files: `cargo xtask generate [--check]`.
//!
//! `--check` and a test compare the generated files with the checked-in ones. `cargo xtask report-pictures` makes the
//! pictures that need a browser, and `cargo xtask web` builds the page in the browser.

#![forbid(unsafe_code)]

mod checked_files;
mod cli_reference;
mod eslint;
mod file_ends;
mod generated;
mod json_example;
mod metadata_schema;
mod pictures;
mod pre_commit;
mod report_pictures;
mod repository;
mod rule_pages;
mod schemas;
mod speed_chart;
mod summary;
mod vs_code;
mod web;

use std::env;
use std::process::ExitCode;

use generated::{Generated, differences, write};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["generate"] => {
            for change in write(&generate()) {
                println!("{change}");
            }
            ExitCode::SUCCESS
        }
        ["generate", "--check"] => {
            let differences = differences(&generate());
            for difference in &differences {
                eprintln!("{difference}");
            }
            if differences.is_empty() {
                return ExitCode::SUCCESS;
            }
            eprintln!("run `cargo xtask generate` and commit the changed files");
            ExitCode::FAILURE
        }
        ["report-pictures"] => match report_pictures::write() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        ["web"] => match web::build() {
            Ok(page) => {
                println!("{}", page.display());
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: cargo xtask generate [--check] | report-pictures | web");
            ExitCode::from(2)
        }
    }
}

/// Generates all files.
fn generate() -> Generated {
    let mut generated = Generated::default();
    rule_pages::generate(&mut generated);
    summary::generate(&mut generated);
    schemas::generate(&mut generated);
    cli_reference::generate(&mut generated);
    json_example::generate(&mut generated);
    pictures::generate(&mut generated);
    speed_chart::generate(&mut generated);
    pre_commit::generate(&mut generated);
    vs_code::generate(&mut generated);
    eslint::generate(&mut generated);
    metadata_schema::generate(&mut generated);
    file_ends::generate(&mut generated);
    generated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_in_files_are_up_to_date() {
        let differences = differences(&generate());
        assert!(
            differences.is_empty(),
            "{}\n\nRun `cargo xtask generate` and commit the changed files.",
            differences.join("\n")
        );
    }
}
