//! `--timings`.

use crate::support::{APPS, app, project_with};

/// The milliseconds of a phase in the output on stderr.
fn milliseconds(stderr: &str, phase: &str) -> f64 {
    let lines = stderr.lines().filter(|line| line.starts_with("timings"));
    let phases = lines.flat_map(|line| line.split_once(": ").unwrap().1.split(", "));
    let mut times = phases.filter_map(|one| one.strip_prefix(phase)?.strip_prefix(' '));
    let rest = times.next().unwrap();
    let (number, _) = rest.split_once(" ms").unwrap();
    number.parse().unwrap()
}

#[test]
fn timings_are_shown_on_request() {
    let sandbox = project_with(&[]);
    // Enough files that each phase takes more than the shown precision.
    for number in 0..500 {
        let path = format!("{APPS}/A{number}.connectedApp-meta.xml");
        sandbox.write(&path, app("https://example.com/callback"));
    }
    let run = |arguments: &[&str]| {
        let arguments = ["check", "--format=json"].iter().chain(arguments);
        let output = sandbox.forcelint(arguments).command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), output.stdout, stderr)
    };
    let (code, report, stderr) = run(&[]);
    assert!(!stderr.contains("timings"), "{stderr}");
    let (code_with, report_with, stderr) = run(&["--timings"]);
    assert_eq!((code_with, report_with), (code, report));
    for phase in ["start", "walk", "related files", "report", "read", "parse"] {
        assert!(milliseconds(&stderr, phase) > 0.0, "{phase}: {stderr}");
    }
    let all = milliseconds(&stderr, "findings");
    assert!(milliseconds(&stderr, "fixes") <= all, "{stderr}");
}
