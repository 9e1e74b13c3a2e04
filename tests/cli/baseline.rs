//! `forcelint baseline`, and runs that suppress the findings in a baseline.

use std::fs;

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, app, project_with};

const FILE: &str = "forcelint-baseline.json";

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--format=json"].iter().chain(arguments);
    sandbox.with_every_rule(all).run()
}

fn project(names: &[&str]) -> Sandbox {
    let sandbox = project_with(names);
    let config = format!("select = [\"pkce-required\"]\nbaseline = \"{FILE}\"\n");
    sandbox.write("forcelint.toml", config);
    sandbox
}

fn record(sandbox: &Sandbox) -> String {
    let outcome = sandbox.with_every_rule(["baseline"]).run().expect(0);
    assert_eq!(outcome.stdout, "");
    outcome.stderr
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.path(path)).unwrap()
}

#[test]
fn recorded_findings_are_suppressed_and_new_ones_reported() {
    let sandbox = project(&["B", "A"]);
    assert_eq!(
        record(&sandbox),
        format!(
            "recorded: 2 findings in {FILE}\nadded: 2 high\n  high[pkce-required] ConnectedApp:A \
             (force-app/A.connectedApp:4)\n  high[pkce-required] ConnectedApp:B (force-app/B.connectedApp:4)\n"
        )
    );
    assert_snapshot!(read(&sandbox, FILE));
    let outcome = check(&sandbox, &[]).expect(0);
    assert!(outcome.stderr.contains("suppressed: 2 by the baseline"));
    sandbox.write_app("force-app/C.connectedApp");
    let found = check(&sandbox, &[]).expect(1).findings();
    assert_eq!(found, ["force-app/C.connectedApp high"]);
    // Without the baseline, all findings are reported.
    assert_eq!(
        check(&sandbox, &["--no-baseline"])
            .expect(1)
            .findings()
            .len(),
        3
    );
    check(&sandbox, &["--no-baseline", "--baseline", FILE]).expect(2);
    // In a subfolder and for a single file, too.
    let run = ["check", "--format=json", "A.connectedApp"];
    sandbox
        .with_every_rule(run)
        .in_folder("force-app")
        .run()
        .expect(0);
}

#[test]
fn moved_and_reformatted_files_keep_their_entries() {
    let sandbox = project(&["A"]);
    record(&sandbox);
    let before = read(&sandbox, FILE);
    let text = app("https://portal.acme.example/callback");
    let text = text.replace("    ", "\t").replace('\n', "\r\n\r\n");
    fs::remove_file(sandbox.path("force-app/A.connectedApp")).unwrap();
    sandbox.write("force-app/moved/A.connectedApp-meta.xml", text);
    check(&sandbox, &[]).expect(0);
    record(&sandbox);
    assert_eq!(read(&sandbox, FILE), before);
}

#[test]
fn finding_with_a_higher_severity_is_new() {
    let sandbox = project(&["A"]);
    let config = read(&sandbox, "forcelint.toml");
    let severity = |severity: &str| {
        let text = format!("{config}[rules]\npkce-required = \"{severity}\"\n");
        sandbox.write("forcelint.toml", text);
    };
    severity("medium");
    record(&sandbox);
    check(&sandbox, &[]).expect(0);
    severity("low");
    check(&sandbox, &[]).expect(0);
    severity("high");
    check(&sandbox, &[]).expect(1);
}

#[test]
fn fixed_findings_are_noted_and_removed_from_the_baseline() {
    let sandbox = project(&["A", "B", "C"]);
    record(&sandbox);
    fs::remove_file(sandbox.path("force-app/B.connectedApp")).unwrap();
    let outcome = check(&sandbox, &[]).expect(0);
    let note = "note: 1 of the 3 findings in the baseline no longer exists";
    assert!(outcome.stderr.contains(note), "{}", outcome.stderr);
    // A run over a part of the project does not report findings of other parts as gone.
    let part = check(&sandbox, &["force-app/A.connectedApp"]).expect(0);
    assert!(!part.stderr.contains("no longer exists"), "{}", part.stderr);
    let before = read(&sandbox, FILE);
    sandbox.write_app("force-app/D.connectedApp");
    assert_eq!(
        record(&sandbox),
        format!(
            "recorded: 3 findings in {FILE} (1 added, 1 removed)\nadded: 1 high\n  high[pkce-required] \
             ConnectedApp:D (force-app/D.connectedApp:4)\n"
        )
    );
    let after = read(&sandbox, FILE);
    let entries = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_end_matches(','));
        lines.map(str::to_owned).collect()
    };
    let (before, after) = (entries(&before), entries(&after));
    assert_eq!(after.iter().filter(|it| !before.contains(it)).count(), 1);
    assert_eq!(before.iter().filter(|it| !after.contains(it)).count(), 1);
}

#[test]
fn check_option_fails_if_the_baseline_would_grow() {
    let sandbox = project(&["A", "B"]);
    let run = |arguments: &[&str]| {
        let all = ["baseline"].iter().chain(arguments);
        sandbox.forcelint(all).run()
    };
    let outcome = run(&["--check"]).expect(1);
    assert_eq!(
        outcome.stderr,
        format!(
            "{FILE} would grow by 2 findings\nnot in it: 2 high\n  high[pkce-required] ConnectedApp:A \
             (force-app/A.connectedApp:4)\n  high[pkce-required] ConnectedApp:B (force-app/B.connectedApp:4)\n"
        )
    );
    assert!(!sandbox.path(FILE).exists());
    record(&sandbox);
    let before = read(&sandbox, FILE);
    run(&["--check"]).expect(0);
    // A finding that becomes more severe is one more.
    sandbox.write("force-app/B.connectedApp", app("myapp://callback"));
    let outcome = run(&["--check"]).expect(1);
    assert!(
        outcome.stderr.contains("not in it: 1 critical"),
        "{outcome:?}"
    );
    fs::remove_file(sandbox.path("force-app/B.connectedApp")).unwrap();
    let outcome = run(&["--check"]).expect(0);
    let gone = "no longer found: 1 finding; remove them with `forcelint baseline --prune`";
    assert!(outcome.stderr.contains(gone), "{outcome:?}");
    assert_eq!(read(&sandbox, FILE), before);
}

#[test]
fn prune_option_adds_nothing() {
    let sandbox = project(&["A", "B", "C"]);
    let run = || sandbox.forcelint(["baseline", "--prune"]).run();
    let missing = run().expect(2);
    assert!(missing.stderr.contains("does not exist"), "{missing:?}");
    record(&sandbox);
    let before = read(&sandbox, FILE);
    sandbox.write_app("force-app/D.connectedApp");
    // It keeps the recorded severity.
    sandbox.write("force-app/B.connectedApp", app("myapp://callback"));
    fs::remove_file(sandbox.path("force-app/C.connectedApp")).unwrap();
    let outcome = run().expect(0);
    let expected = format!("recorded: 2 findings in {FILE} (0 added, 1 removed)\n");
    assert!(outcome.stderr.starts_with(&expected), "{outcome:?}");
    let named =
        "not recorded (--prune): 1 critical, 1 high\n  critical[pkce-required] ConnectedApp:B";
    assert!(outcome.stderr.contains(named), "{outcome:?}");
    let kept = |text: &str| {
        text.lines()
            .filter(|it| it.contains("ConnectedApp"))
            .count()
    };
    assert_eq!((kept(&before), kept(&read(&sandbox, FILE))), (3, 2));
    let left = read(&sandbox, FILE);
    let left = left.lines().map(|line| line.trim_end_matches(','));
    let before: Vec<&str> = before
        .lines()
        .map(|line| line.trim_end_matches(','))
        .collect();
    assert!(left.into_iter().all(|line| before.contains(&line)));
}

/// Each run says that a critical finding is suppressed.
#[test]
fn suppressed_critical_findings_are_named() {
    let sandbox = project(&["A"]);
    sandbox.write("force-app/Mobile.connectedApp", app("myapp://callback"));
    record(&sandbox);
    let outcome = check(&sandbox, &[]).expect(0);
    let line = "suppressed critical findings: 1 by the baseline (not reviewed)\n";
    assert!(outcome.stderr.contains(line), "{outcome:?}");
}

#[test]
fn output_option_sets_the_path() {
    let sandbox = project_with(&["A"]);
    let run = ["baseline", "--output", "ci/known.json"];
    sandbox.write("ci/keep", "");
    let outcome = sandbox.with_every_rule(run).run().expect(0);
    assert!(outcome.stderr.contains("--baseline ci/known.json"));
    check(&sandbox, &["--baseline=ci/known.json"]).expect(0);
    let named = ["baseline", "force-app", "--output", "ci/a b.json"];
    let outcome = sandbox.with_every_rule(named).run().expect(0);
    let tip = "forcelint check --baseline 'ci/a b.json' force-app`";
    assert!(outcome.stderr.contains(tip), "{outcome:?}");
    check(&sandbox, &["--baseline=../ci/known.json"]).expect(2);
    let outcome = sandbox
        .with_every_rule(["baseline", "--output", "missing/known.json"])
        .run()
        .expect(2);
    assert!(outcome.stderr.contains("cannot write"));
    // By default, the baseline is in the project's folder, also if the command runs in a subfolder.
    let run = sandbox.with_every_rule(["baseline"]).in_folder("force-app");
    run.run().expect(0);
    assert!(sandbox.path(FILE).is_file());
}

#[test]
fn findings_with_an_exception_are_not_recorded() {
    let sandbox = project(&["A", "B"]);
    let config = read(&sandbox, "forcelint.toml");
    sandbox.write(
        "forcelint.toml",
        format!(
            "{config}[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:A\"\n\
             reason = \"known\"\n"
        ),
    );
    record(&sandbox);
    let text = read(&sandbox, FILE);
    assert!(!text.contains("ConnectedApp:A") && text.contains("ConnectedApp:B"));
}

#[test]
fn invalid_baseline_is_an_error() {
    let sandbox = project(&["A", "B"]);
    record(&sandbox);
    let valid = read(&sandbox, FILE);
    let mut text = String::new();
    let mut append_error = || {
        let outcome = sandbox.with_every_rule(["check"]).run().expect(2);
        assert_eq!(outcome.stdout, "");
        text.push_str(&outcome.stderr);
        text.push_str("════\n");
    };
    for invalid in [
        &valid[..valid.len() / 2],
        &valid.replace("\"version\": 1", "\"version\": 2"),
        &valid.replace("high", "dreadful"),
        &valid.replace("\"findings\": [", "\"findings\": [\n<<<<<<< \u{1b}[2J"),
        "[]",
        "",
    ] {
        sandbox.write(FILE, invalid);
        append_error();
    }
    fs::remove_file(sandbox.path(FILE)).unwrap();
    append_error();
    assert_snapshot!(text);
    // `forcelint baseline` replaces an invalid baseline.
    sandbox.write(FILE, "[]");
    record(&sandbox);
    assert_eq!(read(&sandbox, FILE), valid);
}

#[test]
fn incomplete_run_writes_no_baseline() {
    let sandbox = project(&["A"]);
    record(&sandbox);
    let before = read(&sandbox, FILE);
    let run = ["baseline", "force-app", "missing"];
    let outcome = sandbox.with_every_rule(run).run().expect(2);
    assert!(outcome.stderr.contains("did not write"));
    assert_eq!(read(&sandbox, FILE), before);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let run = ["baseline", "empty", "--output", "other.json"];
    let outcome = sandbox.with_every_rule(run).run().expect(2);
    assert!(outcome.stderr.contains("contains no Salesforce metadata"));
    assert!(!sandbox.path("other.json").exists());
}

#[cfg(unix)]
#[test]
fn baseline_is_not_written_through_a_link_out_of_the_project() {
    use std::os::unix::fs::symlink;

    let outside = Sandbox::new();
    outside.write("victim", "mine");
    for (link, config) in [
        (FILE, String::new()),
        ("known.json", "baseline = \"known.json\"".to_owned()),
    ] {
        let sandbox = project_with(&["A"]);
        sandbox.write("forcelint.toml", config);
        symlink(outside.path("victim"), sandbox.path(link)).unwrap();
        let outcome = sandbox.with_every_rule(["baseline"]).run().expect(2);
        assert!(outcome.stderr.contains("is a link to"));
        symlink(outside.path("new"), sandbox.path("dangling.json")).unwrap();
        sandbox.write("forcelint.toml", "baseline = \"dangling.json\"");
        sandbox.with_every_rule(["baseline"]).run().expect(2);
    }
    assert_eq!(read(&outside, "victim"), "mine");
    assert!(!outside.path("new").exists());
}
