//! The exit status, which is the same for all formats.

use std::fs;

use crate::support::{APPS, Sandbox};

const FORMATS: [&str; 4] = ["pretty", "concise", "json", "sarif"];

#[test]
fn exit_status_is_the_same_in_every_format() {
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

/// `CI_Pipeline_JWT` has the lowest severity of the connected apps in the sample, `Release_Robot`
/// that of all apps.
#[test]
fn min_severity_filters_and_fail_on_fails() {
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
    assert_eq!([critical, high, medium, low, info], [2, 5, 4, 1, 2]);
    assert_eq!(count(&[], 1), [2, 5, 4, 1, 0]);
    assert_eq!(
        count(&["--min-severity=critical", "--fail-on=never"], 0),
        [2, 0, 0, 0, 0]
    );
    // By default, what fails the run is shown.
    assert_eq!(count(&["--fail-on=info"], 1), [2, 5, 4, 1, 2]);
    // Findings that are not shown still fail the run.
    assert_eq!(
        count(&["--min-severity=critical", "--fail-on=high"], 1),
        [2, 0, 0, 0, 0]
    );
    let not_shown = check(&["--min-severity=critical", "--fail-on=high"]);
    let text = "not shown: 5 high, 4 medium, 1 low, 2 info below `--min-severity critical`; 5 of them fail \
                the run (show them with `--min-severity high`)\n";
    assert!(not_shown.stderr.contains(text), "{}", not_shown.stderr);
    assert_eq!(
        count(&["--min-severity=info", "--fail-on=high"], 1),
        [2, 5, 4, 1, 2]
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
fn info_finding_fails_only_with_fail_on_info() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = "sample/force-app/main/default/externalClientApps/Event_Check_In.eca-meta.xml";
    let default = sandbox.forcelint(["check", path]).run().expect(0);
    assert_eq!(default.stdout, "");
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
fn invalid_arguments_exit_with_2_without_a_report() {
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
        &["check", "--select=pkce", "--ignore=pkce", "sample"],
        &["rules"],
        &[],
    ] {
        let outcome = sandbox.forcelint(arguments).run().expect(2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert_ne!(outcome.stderr, "", "{arguments:?}");
        assert!(!sandbox.path("a.json").exists());
    }
}

/// A program that reads the report may stop early, such as `head`. This is not an error.
#[cfg(unix)]
#[test]
fn closed_stdout_is_not_an_error() {
    use std::io::Read as _;
    use std::process::Stdio;

    let sandbox = Sandbox::new();
    // More than the buffer of a pipe.
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

/// `forcelint check 2>&1 | head -1`: the reader of stderr has closed the pipe.
#[cfg(unix)]
#[test]
fn closed_stderr_is_not_an_error() {
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

/// `rules list | true`, and streams that are closed or full from the start.
#[cfg(target_os = "linux")]
#[test]
fn commands_do_not_panic_if_streams_are_closed() {
    let sandbox = Sandbox::with(&["sample"]);
    for (arguments, code) in [
        ("check sample", 1),
        ("check gone", 2),
        ("explain pkce-required", 0),
        ("explain nothing", 2),
        ("rules list", 0),
    ] {
        // Python's `DEVNULL` and Node's `ignore` open the null device as `1<>` does.
        for redirection in [">&-", "2>&-", ">&- 2>&-", "2>/dev/full", "1<>/dev/null"] {
            let script = format!("{} {arguments} {redirection}", crate::support::FORCELINT);
            let mut shell = sandbox.program("sh".as_ref(), ["-c", &script]);
            shell.command.env("RUST_BACKTRACE", "0");
            let outcome = shell.run();
            assert_eq!(
                outcome.code,
                Some(code),
                "{arguments} {redirection}: {outcome:?}"
            );
        }
    }
}

/// What an option asked for is lost if stdout is closed. Programs such as Python open the null device for
/// reading and writing to discard output, which looks the same, so the default output may be discarded.
#[cfg(target_os = "linux")]
#[test]
fn requested_output_without_stdout_is_an_error() {
    let sandbox = Sandbox::with(&["sample"]);
    let run = |arguments: &str, redirection: &str| {
        let script = format!("{} {arguments} {redirection}", crate::support::FORCELINT);
        sandbox.program("sh".as_ref(), ["-c", &script]).run()
    };
    for arguments in [
        "check sample --format pretty",
        "check sample --format json",
        "check sample --diff",
        "check --fix --stdin-filename sample/A.connectedApp < sample/sfdx-project.json",
    ] {
        let outcome = run(arguments, ">&-").expect(2);
        assert!(
            outcome
                .stderr
                .contains("cannot write to stdout: it is closed"),
            "{outcome:?}"
        );
        run(arguments, "> /dev/null").expect(1);
    }
    run("check sample --format=json=report.json", ">&-").expect(1);
}

/// A report that could not be written must not look like a success.
#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_an_error() {
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
fn quiet_prints_only_the_report_and_errors() {
    let sandbox = Sandbox::with(&["sample"]);
    let default = sandbox.forcelint(["check", "sample"]).run().expect(1);
    let quiet = sandbox
        .forcelint(["check", "sample", "--quiet"])
        .run()
        .expect(1);
    assert_eq!(quiet.stdout, default.stdout);
    assert_eq!(quiet.stderr, "");
    let failed = sandbox
        .forcelint(["check", "sample", "gone", "-q"])
        .run()
        .expect(2);
    assert_eq!(failed.stdout, default.stdout);
    assert_eq!(failed.stderr, "error: gone does not exist\n");
}

#[test]
fn check_without_fix_changes_no_file() {
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
