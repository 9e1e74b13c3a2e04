//! `--findings`: the peak memory and the time of runs with many findings, for each format, in a Markdown table.
//!
//! Each app of the projects has eight findings. Memory that grows faster than in proportion to the number of findings, or
//! a format that needs much more than the others, shows here.

use std::path::PathBuf;
use std::process::Command;

use super::growth::Fixture;
use super::measure::usage;
use super::program::{FORCELINT, repository};

/// The formats of reports.
const FORMATS: [&str; 11] = [
    "concise", "pretty", "json", "jsonl", "agent", "sarif", "github", "gitlab", "junit",
    "markdown", "html",
];

/// The numbers of findings, and the peak memory in MiB that a run with them may need.
const BUDGETS: [(usize, f64); 2] = [(20_000, 60.0), (200_000, 400.0)];

const FINDINGS_PER_APP: usize = 8;

/// What an app of the projects has: each of the values except the last two is a finding.
const APP: &str = "    <contactEmail>a@example.com</contactEmail>
    <label>A</label>
    <oauthConfig>
        <callbackUrl>http://a.acme.test/callback</callbackUrl>
        <isAdminApproved>false</isAdminApproved>
        <isConsumerSecretOptional>true</isConsumerSecretOptional>
        <isPkceRequired>false</isPkceRequired>
        <isRefreshTokenRotationEnabled>false</isRefreshTokenRotationEnabled>
        <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
        <scopes>Full</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>BYPASS</ipRelaxation>
        <refreshTokenPolicy>infinite</refreshTokenPolicy>
    </oauthPolicy>";

/// Prints the table for these formats, or for all.
pub fn run(formats: &[&str]) {
    println!("| findings | format | CPU time | report | peak MiB | budget | |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: | --- |");
    for (findings, budget) in BUDGETS {
        let project = project(findings);
        for format in FORMATS {
            if !formats.is_empty() && !formats.contains(&format) {
                continue;
            }
            let mut command = Command::new(&*FORCELINT);
            command.args(["check", "--format", format]).arg(&project);
            let used = usage(&command);
            let report = command.output().expect("forcelint can be started").stdout;
            let is_met = used.peak <= budget;
            println!(
                "| {findings} | {format} | {:.1} s | {:.0} MB | {:.0} | {budget:.0} | {} |",
                used.milliseconds / 1000.0,
                report.len() as f64 / 1e6,
                used.peak,
                if is_met { "met" } else { "**over**" },
            );
        }
    }
}

/// A project with this many findings. Generated if it does not exist.
fn project(findings: usize) -> PathBuf {
    let folder = repository().join(format!("target/speed/findings-{findings}"));
    if !folder.is_dir() {
        let unfinished = repository().join("target/speed/findings.unfinished");
        let project = Fixture::create(unfinished.clone());
        for number in 0..findings / FINDINGS_PER_APP {
            let path = format!(
                "force-app/f{}/connectedApps/App{number}.connectedApp-meta.xml",
                number / 100
            );
            project.metadata(&path, "ConnectedApp", APP);
        }
        std::fs::rename(&unfinished, &folder).expect("the folder can be renamed");
    }
    folder
}
