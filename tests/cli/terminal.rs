//! Reports for people: few findings in full, many on a few screens.

use insta::assert_snapshot;

use crate::support::{Outcome, Sandbox, project_with};

/// The apps, and as many remote sites.
const APPS: usize = 80;

/// An app with one finding of four rules.
fn legacy_app(label: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>platform@acme.example</contactEmail>
    <label>{label}</label>
    <oauthConfig>
        <callbackUrl>https://erp.acme.example/salesforce/callback</callbackUrl>
        <isAdminApproved>true</isAdminApproved>
        <isConsumerSecretOptional>false</isConsumerSecretOptional>
        <isPkceRequired>false</isPkceRequired>
        <isRefreshTokenRotationEnabled>false</isRefreshTokenRotationEnabled>
        <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE</ipRelaxation>
        <refreshTokenPolicy>infinite</refreshTokenPolicy>
    </oauthPolicy>
</ConnectedApp>
"#
    )
}

/// A project with 400 findings of five rules.
fn large_project() -> Sandbox {
    let sandbox = project_with(&[]);
    for number in 1..=APPS {
        let name = format!("Integration_App_{number:02}");
        let path = format!("force-app/main/default/connectedApps/{name}.connectedApp-meta.xml");
        sandbox.write(path, legacy_app(&name));
        let path = format!(
            "force-app/main/default/remoteSiteSettings/Site_{number:02}.remoteSite-meta.xml"
        );
        let site = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<RemoteSiteSetting xmlns="http://soap.sforce.com/2006/04/metadata">
    <disableProtocolSecurity>true</disableProtocolSecurity>
    <isActive>true</isActive>
    <url>https://site{number}.acme.example</url>
</RemoteSiteSetting>
"#
        );
        sandbox.write(path, site);
    }
    sandbox
}

const RULES: &str = "pkce-required,refresh-token-rotation,refresh-token-expiry,\
    secret-for-refresh-token,remote-site-protocol-security";

fn check(sandbox: &Sandbox, columns: &str, arguments: &[&str]) -> Outcome {
    let select = format!("--select={RULES}");
    let all = ["check", "--format=pretty", &select];
    let check = sandbox.with_every_rule(all.iter().chain(arguments));
    check.env("COLUMNS", columns).run()
}

#[test]
fn many_findings_fit_on_a_few_screens() {
    let sandbox = large_project();
    let found = check(&sandbox, "100", &["--statistics"]).expect(1).stdout;
    let counts = found.lines().filter(|line| line.starts_with("80  "));
    assert_eq!(counts.count(), 5, "{found}");
    let narrow = check(&sandbox, "40", &["--statistics", "--show-suppressed"]);
    let narrow = narrow.expect(1).stdout;
    assert_eq!(narrow.lines().find(|it| it.len() > 40), None);
    let outcome = check(&sandbox, "100", &[]).expect(1);
    let lines = outcome.stdout.lines().count() + outcome.stderr.lines().count();
    assert!(lines <= 120, "{lines} lines:\n{}", outcome.stdout);
    assert_snapshot!("400_findings_at_100_columns", outcome.whole());
    let narrow = check(&sandbox, "60", &[]).expect(1);
    assert_snapshot!("400_findings_at_60_columns", narrow.whole());
}

/// The report names the options that list what it does not list, and they do.
#[test]
fn every_finding_can_be_listed() {
    let sandbox = large_project();
    let outcome = check(&sandbox, "100", &[]).expect(1).stdout;
    let mut listed = 0;
    for rule in RULES.split(',') {
        let option = format!("--select {rule}");
        assert!(outcome.contains(&option), "{rule}:\n{outcome}");
        let select = format!("--select={rule}");
        let of_rule = sandbox.with_every_rule(["check", "--format=pretty", &select]);
        let of_rule = of_rule.run().expect(1).stdout;
        listed += of_rule.matches("-meta.xml:").count();
        assert!(!of_rule.contains("list them with"), "{of_rule}");
    }
    assert_eq!(listed, 5 * APPS);
    assert!(outcome.contains("--max-findings all"), "{outcome}");
    let all = check(&sandbox, "100", &["--max-findings=all"]).expect(1);
    assert_eq!(all.stdout.matches("-meta.xml:").count(), 5 * APPS);
    let framed = check(&sandbox, "100", &["--group=none"]).expect(1);
    assert_eq!(framed.stdout.matches("╭─[").count(), 5 * APPS);
    let by_file = check(&sandbox, "100", &["--group=file", "--max-findings=all"]);
    let by_file = by_file.expect(1).stdout;
    assert_eq!(by_file.matches("-meta.xml (").count(), 2 * APPS);
}

/// The options change what is listed, not whether the run fails, and a file has all findings.
#[test]
fn options_for_the_list_do_not_change_the_exit_status() {
    let sandbox = large_project();
    for arguments in [
        &["--max-findings=1"][..],
        &["--max-findings=3", "--group=file"],
        &["--max-findings=3", "--group=none"],
        &["--max-findings=3", "--format=json=report.json"],
        &["--max-findings=3", "--format=concise=report.txt"],
        &["--statistics"],
    ] {
        let outcome = check(&sandbox, "100", arguments).expect(1);
        assert!(
            outcome.stderr.contains("80 low in 160 components"),
            "{outcome:?}"
        );
        let is_limited = arguments[0].starts_with("--max");
        let text = format!("of {} findings", 5 * APPS);
        assert_eq!(outcome.stdout.contains(&text), is_limited, "{outcome:?}");
    }
    let report = std::fs::read_to_string(sandbox.path("report.txt")).unwrap();
    assert_eq!(report.lines().count(), 5 * APPS);
    for arguments in [
        &["check", "--format=json", "--statistics"][..],
        &["check", "--max-findings=0"],
        &["check", "--max-findings=many"],
        &["check", "--quiet", "--verbose"],
    ] {
        sandbox.forcelint(arguments).run().expect(2);
    }
}

/// A rule with many findings leaves room for the others.
#[test]
fn every_rule_is_listed_before_a_second_finding() {
    let sandbox = large_project();
    let five = check(&sandbox, "100", &["--max-findings=5"])
        .expect(1)
        .stdout;
    for rule in RULES.split(',') {
        assert!(five.contains(&format!("[{rule}]: ")), "{rule}:\n{five}");
    }
    let two = check(&sandbox, "100", &["--max-findings=2"])
        .expect(1)
        .stdout;
    let others = "Rules that are not listed: pkce-required (80 high), refresh-token-expiry";
    assert!(two.contains(others), "{two}");
}

#[test]
fn few_findings_by_file() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule([
        "check",
        "sample/force-app/main/default/connectedApps",
        "--format=pretty",
        "--group=file",
    ]);
    assert_snapshot!(check.env("COLUMNS", "100").run().expect(1).stdout);
}

/// The frame's header has the finding's line, each file has one frame, and evidence is marked as such.
#[test]
fn few_findings_have_a_frame_each() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule([
        "check",
        "sample",
        "--format=pretty",
        "--select=pkce-required,secret-for-refresh-token",
        "--min-severity=critical",
        "--fail-on=never",
    ]);
    let outcome = check.env("COLUMNS", "100").run().expect(0);
    assert_eq!(outcome.stdout.matches("╭─[").count(), 3);
    assert!(!outcome.stdout.contains("Fix these first"));
    assert_snapshot!(outcome.stdout);
}

/// `text` without colors and links.
fn plain(text: &str) -> String {
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m|\u{1b}\\]8;;[^\u{1b}]*\u{1b}\\\\").unwrap();
    escapes.replace_all(text, "").into_owned()
}

#[test]
fn colors_and_links_can_be_chosen() {
    let sandbox = Sandbox::with(&["sample"]);
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = ["check", "sample", "--format=pretty"];
        let mut check = sandbox.with_every_rule(all.iter().chain(arguments));
        for (name, value) in variables {
            check = check.env(name, value);
        }
        check.run().expect(1).stdout
    };
    let without = run(&[], &[]);
    assert!(!without.contains('\u{1b}'), "{without}");
    for (arguments, variables, is_colored) in [
        (&["--color=always"][..], &[][..], true),
        (&["--color=always"], &[("NO_COLOR", "1")], true),
        (&["--color=never"], &[("CLICOLOR_FORCE", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("FORCE_COLOR", "1")], true),
        (&[], &[("FORCE_COLOR", "0")], false),
        (&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
    ] {
        let text = run(arguments, variables);
        let case = format!("{arguments:?} {variables:?}");
        assert_eq!(text.contains('\u{1b}'), is_colored, "{case}");
        assert_eq!(plain(&text), without, "{case}");
    }
    // Critical and high look different.
    let colored = run(&["--color=always"], &[]);
    let color_of = |severity: &str| {
        let at = colored.find(&format!("m{severity}[")).unwrap();
        colored[..at].rsplit('\u{1b}').next().unwrap().to_owned()
    };
    assert_ne!(color_of("critical"), color_of("high"));
    let linked = run(&[], &[("FORCE_HYPERLINK", "1")]);
    assert!(
        linked.contains("\u{1b}]8;;https://help.salesforce.com/"),
        "{linked}"
    );
    assert_eq!(plain(&linked), without);
    // A file has neither.
    let _ = run(
        &["--color=always", "--format=markdown=report.md"],
        &[("FORCE_HYPERLINK", "1")],
    );
    let report = std::fs::read_to_string(sandbox.path("report.md")).unwrap();
    assert!(!report.contains('\u{1b}'));
}

/// A patch is in color only on a terminal or on request, so that `git apply` can always read it.
#[test]
fn patch_is_in_color_on_request() {
    let sandbox = Sandbox::with(&["sample"]);
    let diff = |arguments: &[&str]| {
        let all = ["check", "sample", "--diff"];
        let check = sandbox.with_every_rule(all.iter().chain(arguments));
        check.env("FORCE_COLOR", "1").run().expect(1).stdout
    };
    let without = diff(&[]);
    assert!(
        without.starts_with("--- a/") && !without.contains('\u{1b}'),
        "{without}"
    );
    let colored = diff(&["--color=always"]);
    assert!(colored.contains("\u{1b}[32m+"), "{colored}");
    assert!(colored.contains("\u{1b}[31m-"), "{colored}");
    assert_eq!(plain(&colored), without);
}

/// The summary has at most four lines, and the details are there on request.
#[test]
fn summary_is_short_unless_details_are_requested() {
    let sandbox = large_project();
    let outcome = check(&sandbox, "60", &[]).expect(1).stderr;
    let summary: Vec<&str> = outcome.lines().collect();
    let start = summary
        .iter()
        .position(|line| line.contains("fixable with"));
    let summary = &summary[start.unwrap()..];
    assert!(summary.len() <= 4, "{summary:?}");
    assert!(summary.iter().all(|line| line.len() <= 60), "{summary:?}");
    assert!(!outcome.contains("80 RemoteSiteSetting"), "{outcome}");
    let verbose = check(&sandbox, "60", &["--verbose"]).expect(1).stderr;
    assert!(verbose.contains("80 RemoteSiteSetting"), "{verbose}");
}

/// Each format has only the findings at or above `--min-severity`, and the summary counts the others.
#[test]
fn min_severity_filters_every_format() {
    let sandbox = Sandbox::with(&["sample"]);
    for format in [
        "pretty", "concise", "json", "jsonl", "agent", "sarif", "github", "gitlab", "junit",
        "markdown", "html",
    ] {
        let format = format!("--format={format}");
        let check = [
            "check",
            "sample",
            &format,
            "--min-severity=critical",
            "--max-findings=all",
        ];
        let outcome = sandbox.with_every_rule(check).run().expect(1);
        let path = "Legacy_ERP.connectedApp-meta.xml";
        assert!(outcome.stdout.contains(path), "{format}");
        for hidden in [
            "not require PKCE: `Partner",
            "Refresh tokens of `Legacy_ERP` never expire",
        ] {
            assert!(!outcome.stdout.contains(hidden), "{format}: {hidden}");
        }
        let sentence = "46 of them fail the run (show them with `--min-severity low`)";
        assert!(outcome.stderr.contains(sentence), "{}", outcome.stderr);
    }
}

#[test]
fn likely_mistakes_get_a_tip() {
    let sandbox = Sandbox::with(&["sample"]);
    for (arguments, tip) in [
        (&["scan"][..], "run `forcelint check`"),
        (&["lint", "sample"], "run `forcelint check`"),
        (&["fix"], "run `forcelint check --fix`"),
        (&["CHECK"], "run `forcelint check`"),
        (&["sample"], "run `forcelint check sample`"),
        (&["check", "--watch"], "forcelint lsp"),
        (&["check", "--json"], "use `--format json`"),
        (&["check", "-"], "--stdin-filename"),
        (
            &["check", "sample", "--stdin-filename=a.connectedApp"],
            "checks only stdin",
        ),
        (&["check", "--fix", "all", "sample"], "`--fix=all`"),
        (&["check", "--fix", "safe"], "`--fix=safe`"),
        (
            &["check", "--min-severity=HIGH"],
            "write `high`, in lower case",
        ),
        (
            &["check", "--fail-on=Never"],
            "write `never`, in lower case",
        ),
        (&["check", "--format=JSON"], "did you mean `json`?"),
        (
            &["check", "--select=PKCE-Required"],
            "did you mean `pkce-required`?",
        ),
        (
            &["explain", "PKCE-Required"],
            "did you mean `pkce-required`?",
        ),
        (
            &["explain", "ispkcerequired"],
            "did you mean `isPkceRequired`?",
        ),
    ] {
        let outcome = sandbox.with_every_rule(arguments).run().expect(2);
        assert!(
            outcome.stderr.contains(tip),
            "{arguments:?}: {}",
            outcome.stderr
        );
    }
    // `-` stands for stdin if the file has a name.
    let app = crate::support::app("https://portal.acme.example/callback");
    let check = sandbox.forcelint(["check", "-", "--stdin-filename=App.connectedApp"]);
    let outcome = check.stdin(app).run().expect(1);
    assert!(
        outcome.stdout.starts_with("App.connectedApp:4:5: high["),
        "{outcome:?}"
    );
}
