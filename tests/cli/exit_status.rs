//! What ends a run with which exit status, the same for every format.

use std::fs;

use crate::support::{APPS, Sandbox};

const FORMATS: [&str; 4] = ["pretty", "concise", "json", "sarif"];

#[test]
fn every_format_ends_alike() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write(
        "clean/App.connectedApp",
        "<ConnectedApp><label>A</label></ConnectedApp>",
    );
    for format in FORMATS {
        let check = |arguments: &[&str]| {
            let format = format!("--format={format}");
            let all = ["check", format.as_str()]
                .into_iter()
                .chain(arguments.iter().copied());
            sandbox.forcelint(all).run()
        };
        check(&["clean"]).expect(0);
        check(&["sample"]).expect(1);
        check(&["sample", "--fail-on=never"]).expect(0);
        check(&["sample", "gone"]).expect(2);
        check(&["sample", "gone", "--fail-on=never"]).expect(2);
        check(&["clean", "gone"]).expect(2);
        check(&["sample", "--select=nothing"]).expect(2);
        check(&["sample", "--fail-on=catastrophic"]).expect(2);
    }
}

/// `CI_Pipeline_JWT` is the mildest connected app of the sample, `Release_Robot` the mildest of all.
#[test]
fn severities_decide_what_is_reported_and_what_fails() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = |arguments: &[&str]| {
        let all = ["check", "sample", "--format=json"];
        sandbox.forcelint(all.iter().chain(arguments)).run()
    };
    let count = |arguments: &[&str], code: i32| {
        let report = check(arguments).expect(code).json();
        let counts = &report["summary"]["findings"];
        ["critical", "high", "medium", "low", "info"].map(|name| counts[name].as_u64().unwrap())
    };
    let [critical, high, medium, low, info] = count(&["--min-severity=info"], 1);
    assert_eq!([critical, high, medium, low, info], [3, 4, 4, 1, 2]);
    assert_eq!(count(&[], 1), [3, 4, 4, 1, 0]);
    assert_eq!(
        count(&["--min-severity=critical", "--fail-on=never"], 0),
        [3, 0, 0, 0, 0]
    );
    // What fails the run is reported, whatever the least severity to report.
    assert_eq!(count(&["--min-severity=critical"], 1), [3, 4, 4, 1, 0]);
    assert_eq!(
        count(&["--min-severity=critical", "--fail-on=high"], 1),
        [3, 4, 0, 0, 0]
    );
    assert_eq!(
        count(&["--min-severity=info", "--fail-on=high"], 1),
        [3, 4, 4, 1, 2]
    );
    let path = format!("sample/{APPS}/CI_Pipeline_JWT.connectedApp-meta.xml");
    let one = |arguments: &[&str]| {
        let all = ["check", &path]
            .into_iter()
            .chain(arguments.iter().copied());
        sandbox.forcelint(all).run()
    };
    one(&["--fail-on=medium"]).expect(1);
    let reported = one(&["--fail-on=high"]).expect(0);
    assert!(
        reported.stdout.contains("medium[pkce-required]"),
        "{reported:?}"
    );
}

#[test]
fn a_finding_for_information_fails_when_asked_to() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = "sample/force-app/main/default/externalClientApps/Event_Check_In.eca-meta.xml";
    let usual = sandbox.forcelint(["check", path]).run().expect(0);
    assert_eq!(usual.stdout, "");
    let strict = sandbox
        .forcelint(["check", path, "--fail-on=info"])
        .run()
        .expect(1);
    assert!(
        strict.stdout.contains("info[pkce-not-in-source]"),
        "{strict:?}"
    );
}

#[test]
fn wrong_arguments_end_with_2_and_print_no_report() {
    let sandbox = Sandbox::with(&["sample"]);
    for arguments in [
        &["chekc"][..],
        &["check", "--no-such-flag"],
        &["check", "--format=xml", "sample"],
        &["check", "--format=json=", "sample"],
        &["check", "--format=json", "--format=sarif", "sample"],
        &[
            "check",
            "--format=json=a.json",
            "--format=sarif=a.json",
            "sample",
        ],
        &["check", "--min-severity=severe", "sample"],
        &["check", "--fix=most", "sample"],
        &["check", "--jobs=-1", "sample"],
        &["check", "--stdin-filename=a.connectedApp", "sample"],
        &["check", "@gone.txt"],
        &["explain"],
        &["rules"],
        &[],
    ] {
        let outcome = sandbox.forcelint(arguments).run().expect(2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert_ne!(outcome.stderr, "", "{arguments:?}");
        assert!(!sandbox.path("a.json").exists());
    }
}

/// Whoever reads the report may stop early: neither a failure nor another exit status.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_changes_nothing() {
    use std::io::Read as _;
    use std::process::Stdio;

    let sandbox = Sandbox::new();
    // More than fits into a pipe.
    for number in 0..400 {
        sandbox.write_app(format!("apps/App_{number:03}.connectedApp"));
    }
    let mut check = sandbox.forcelint(["check", "apps", "--format=json"]);
    let mut child = check
        .command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("400 high in 400 components"), "{stderr}");
    assert!(!stderr.contains("pipe"), "{stderr}");
}

/// `forcelint check 2>&1 | head -1`: stderr is a pipe that nobody reads any more.
#[cfg(unix)]
#[test]
fn nobody_has_to_listen_on_stderr() {
    use std::os::fd::OwnedFd;

    let sandbox = Sandbox::with(&["sample", "bad-input/projects"]);
    for (arguments, code) in [
        ("check sample", 1),
        ("check sample --format pretty", 1),
        ("check bad-input/projects", 2),
        ("check gone", 2),
        ("check --select=gone", 2),
        ("explain gone", 2),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut run = sandbox.forcelint(arguments.split(' '));
        run.command
            .stdout(writer.try_clone().map(OwnedFd::from).unwrap());
        run.command.stderr(OwnedFd::from(writer));
        let status = run.command.status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments}");
    }
}

/// `rules list | true`, and streams that were closed or are full from the beginning.
#[cfg(target_os = "linux")]
#[test]
fn closed_streams_make_no_command_panic() {
    let sandbox = Sandbox::with(&["sample"]);
    for (arguments, code) in [
        ("check sample", 1),
        ("check sample --format pretty", 1),
        ("check sample --diff", 1),
        ("check gone", 2),
        ("explain pkce-required", 0),
        ("explain nothing", 2),
        ("rules list", 0),
    ] {
        for closing in [">&-", "2>&-", ">&- 2>&-", "2>/dev/full"] {
            let script = format!("{} {arguments} {closing}", crate::support::FORCELINT);
            let mut shell = sandbox.program("sh".as_ref(), ["-c", &script]);
            shell.command.env("RUST_BACKTRACE", "0");
            let outcome = shell.run();
            // What the command prints is lost.
            let code = if closing.starts_with(">&-") { 2 } else { code };
            assert_eq!(
                outcome.code,
                Some(code),
                "{arguments} {closing}: {outcome:?}"
            );
        }
    }
}

/// A report that could not be written must not pass for one that was.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let sandbox = Sandbox::with(&["sample"]);
    let script = format!("{} check sample > /dev/full", crate::support::FORCELINT);
    let outcome = sandbox
        .program("sh".as_ref(), ["-c", &script])
        .run()
        .expect(2);
    assert!(outcome.stderr.contains("No space left"), "{outcome:?}");
}

#[test]
fn help_and_version_go_to_stdout() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["help", "check"],
    ] {
        let outcome = sandbox.forcelint(arguments).run().expect(0);
        assert_ne!(outcome.stdout, "");
        assert_eq!(outcome.stderr, "");
    }
    let help = sandbox.forcelint(["check", "--help"]).run().stdout;
    assert!(help.contains("Exit status: 0"), "{help}");
}

#[test]
fn quiet_leaves_the_report_and_what_could_not_be_done() {
    let sandbox = Sandbox::with(&["sample"]);
    let usual = sandbox.forcelint(["check", "sample"]).run().expect(1);
    let quiet = sandbox
        .forcelint(["check", "sample", "--quiet"])
        .run()
        .expect(1);
    assert_eq!(quiet.stdout, usual.stdout);
    assert_eq!(quiet.stderr, "");
    let broken = sandbox
        .forcelint(["check", "sample", "gone", "-q"])
        .run()
        .expect(2);
    assert_eq!(broken.stdout, usual.stdout);
    assert_eq!(broken.stderr, "error: gone does not exist\n");
}

/// Whether a linted project is written to: nobody asked for a fix.
#[test]
fn a_run_without_fix_changes_nothing() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = sandbox.path(&format!(
        "sample/{APPS}/CI_Pipeline_JWT.connectedApp-meta.xml"
    ));
    let (text, time) = (
        fs::read(&path).unwrap(),
        fs::metadata(&path).unwrap().modified(),
    );
    let count = || walkdir::WalkDir::new(&sandbox.root).into_iter().count();
    let before = count();
    sandbox.forcelint(["check", "sample"]).run().expect(1);
    sandbox
        .forcelint(["check", "sample", "--diff", "--fix=all"])
        .run()
        .expect(1);
    assert_eq!(fs::read(&path).unwrap(), text);
    assert_eq!(
        fs::metadata(&path).unwrap().modified().unwrap(),
        time.unwrap()
    );
    assert_eq!(count(), before);
}
