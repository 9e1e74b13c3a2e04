//! Files with more findings of one rule than a report lists.

use std::ops::Range;

use serde_json::{Value, json};

use crate::support::{Outcome, Sandbox, project_with};

/// The number of findings in the file, and the limit.
const ALL: usize = 1_500;
const LISTED: usize = 1_000;
/// No elements.
const NONE: Range<usize> = 0..0;

const PATH: &str = "force-app/A.connectedApp";

/// A project with one file that has one high finding for each of `count` elements.
fn project(count: usize) -> Sandbox {
    let sandbox = project_with(&[]);
    sandbox.write(PATH, file(count, ""));
    sandbox
}

fn file(count: usize, before: &str) -> String {
    let element = "<oauthConfig>\n<isPkceRequired>false</isPkceRequired>\n</oauthConfig>\n";
    format!(
        "<ConnectedApp>\n{before}{}</ConnectedApp>\n",
        element.repeat(count)
    )
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["check", "--select=pkce-required"];
    sandbox.with_every_rule(all.iter().chain(arguments)).run()
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let sandbox = project(ALL);
    let outcome = check(&sandbox, &["--format=json"]).expect(1);
    let report = outcome.json();
    assert_eq!(report["findings"].as_array().unwrap().len(), LISTED);
    assert_eq!(report["summary"]["findings"]["critical"], ALL);
    let more = &report["more"][0];
    assert_eq!(more["count"], ALL - LISTED);
    assert_eq!(more["path"], PATH);
    assert_eq!(more["rule"], "pkce-required");
    assert_eq!(more["suppressed"], json!(null));
    // It is the first that is not listed: each element has three lines.
    assert_eq!(more["span"]["start"]["line"], 2 + 3 * LISTED + 1);
    assert!(
        outcome
            .stderr
            .contains(&format!("forcelint: {ALL} critical in")),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("not listed: 500 findings"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn up_to_the_limit_everything_is_listed() {
    let report = check(&project(LISTED), &["--format=json"]).expect(1).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), LISTED);
    assert_eq!(report["more"], json!([]));
}

#[test]
fn every_format_has_the_number_of_findings_that_are_not_listed() {
    let sandbox = project(ALL);
    for format in [
        "pretty", "concise", "agent", "sarif", "github", "gitlab", "junit", "markdown", "html",
    ] {
        let format = format!("--format={format}");
        let outcome = check(&sandbox, &[&format, "--max-findings=all"]).expect(1);
        let sentence = "and 500 more findings of this rule in this file";
        assert_eq!(outcome.stdout.matches(sentence).count(), 1, "{format}");
    }
    let concise = check(&sandbox, &["--format=concise"]).stdout;
    let last = concise.lines().last().unwrap();
    let start = format!("{PATH}:3003:1: critical[pkce-required] and 500 more");
    assert!(last.starts_with(&start), "{last}");
}

/// Every finding that is listed is suppressed, and the others still fail the run.
#[test]
fn findings_beyond_the_limit_fail_the_run() {
    let sandbox = project_with(&[]);
    let element = "<oauthConfig/>\n";
    let ignored = format!("<!-- forcelint-ignore pkce-required: known -->\n{element}").repeat(ALL);
    sandbox.write(PATH, format!("<ConnectedApp>\n{ignored}</ConnectedApp>\n"));
    let report = check(&sandbox, &["--format=json"]).expect(0).json();
    assert_eq!(report["summary"]["suppressed"]["inline"], ALL);
    assert_eq!(report["more"], json!([]));
    // Suppressed findings leave room for others.
    sandbox.write(
        PATH,
        format!("<ConnectedApp>\n{ignored}{element}</ConnectedApp>\n"),
    );
    let report = check(&sandbox, &["--format=json"]).expect(1).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let report = check(&sandbox, &["--format=json", "--show-suppressed"])
        .expect(1)
        .json();
    assert_eq!(report["findings"].as_array().unwrap().len(), LISTED + 1);
    assert_eq!(report["more"][0]["suppressed"]["kind"], "inline");
}

#[test]
fn an_exception_suppresses_them_too() {
    let sandbox = project(ALL);
    let exception =
        "[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:A\"\nreason = \"x\"\n";
    sandbox.write("forcelint.toml", exception);
    let report = check(&sandbox, &["--format=json"]).expect(0).json();
    assert_eq!(report["summary"]["suppressed"]["exception"], ALL);
}

#[test]
fn fixes_are_applied_to_all_of_them() {
    let sandbox = project(ALL);
    let outcome = check(&sandbox, &["--fix=all"]).expect(0);
    assert!(
        outcome.stderr.contains(&format!("fixed: {ALL} findings")),
        "{}",
        outcome.stderr
    );
    let text = std::fs::read_to_string(sandbox.path(PATH)).unwrap();
    assert_eq!(text.matches("<isPkceRequired>true<").count(), ALL);
}

#[test]
fn a_baseline_records_the_number() {
    let sandbox = project(ALL);
    let baseline = ["baseline"];
    let recorded = sandbox.with_every_rule(baseline).run().expect(0);
    assert!(
        !recorded.stderr.contains("not recorded"),
        "{}",
        recorded.stderr
    );
    let with_baseline = ["--format=json", "--baseline=forcelint-baseline.json"];
    let report = check(&sandbox, &with_baseline).expect(0).json();
    assert_eq!(report["summary"]["suppressed"]["baseline"], ALL);
    // It does not fix what it suppresses.
    check(&sandbox, &[&with_baseline[..], &["--fix=all"]].concat()).expect(0);
    assert!(
        !std::fs::read_to_string(sandbox.path(PATH))
            .unwrap()
            .contains(">true<")
    );
    // A new one is a finding.
    sandbox.write(PATH, file(ALL + 1, ""));
    let report = check(&sandbox, &with_baseline).expect(1).json();
    assert_eq!(report["summary"]["findings"]["critical"], 1);
    assert_eq!(report["more"][0]["count"], 1);
    // If others disappear, those that become listed are not new.
    sandbox.write(PATH, file(LISTED + 100, "<label>A</label>\n"));
    check(&sandbox, &with_baseline).expect(0);
    sandbox.write(PATH, file(10, ""));
    let outcome = check(&sandbox, &with_baseline).expect(0);
    assert_eq!(outcome.json()["summary"]["suppressed"]["baseline"], 10);
}

/// The config makes all findings low and does not show them.
const NOT_SHOWN: &str = "min-severity = \"high\"\n[rules]\npkce-required = \"low\"\n";

/// They are counted while a file is checked or, if the config has exceptions, afterwards. Both count the same.
#[test]
fn findings_that_are_not_shown_are_counted_and_fail_the_run() {
    let sandbox = project_with(&[]);
    let ignored = "<!-- forcelint-ignore pkce-required: known -->\n<oauthConfig/>\n";
    sandbox.write(PATH, file(ALL, ignored));
    let about_another =
        "[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:B\"\nreason = \"x\"\n";
    for exceptions in ["", about_another] {
        sandbox.write("forcelint.toml", format!("{NOT_SHOWN}{exceptions}"));
        let outcome = check(&sandbox, &["--format=json"]).expect(1);
        let report = outcome.json();
        assert_eq!(report["findings"], json!([]));
        assert_eq!(report["more"], json!([]));
        let summary = &report["summary"];
        assert_eq!(summary["findings"]["low"], 0);
        assert_eq!(summary["not_shown"]["findings"]["low"], ALL);
        assert_eq!(summary["not_shown"]["failing"], ALL);
        assert_eq!(summary["suppressed"]["inline"], 1);
        let sentence = format!("not shown: {ALL} low below `--min-severity high`; {ALL} of them");
        assert!(outcome.stderr.contains(&sentence), "{}", outcome.stderr);
        check(&sandbox, &["--fail-on=medium"]).expect(0);
    }
}

#[test]
fn findings_that_are_not_shown_are_fixed_and_recorded() {
    let sandbox = project(ALL);
    sandbox.write("forcelint.toml", NOT_SHOWN);
    sandbox.with_every_rule(["baseline"]).run().expect(0);
    let with_baseline = ["--format=json", "--baseline=forcelint-baseline.json"];
    let report = check(&sandbox, &with_baseline).expect(0).json();
    assert_eq!(report["summary"]["suppressed"]["baseline"], ALL);
    assert_eq!(report["summary"]["not_shown"]["failing"], 0);
    let outcome = check(&sandbox, &["--fix=all"]).expect(0);
    let fixed = format!("fixed: {ALL} findings");
    assert!(outcome.stderr.contains(&fixed), "{}", outcome.stderr);
}

/// The name of the baseline as an argument.
const WITH_BASELINE: [&str; 2] = ["--format=json", "--baseline=forcelint-baseline.json"];

/// A file whose elements have names, so that a finding keeps its fingerprint if others are fixed.
fn named(elements: impl Iterator<Item = usize>) -> String {
    let element = |at| {
        format!(
            "<oauthConfig>\n<name>E{at}</name>\n<isPkceRequired>false</isPkceRequired>\n</oauthConfig>\n"
        )
    };
    let elements: String = elements.map(element).collect();
    format!("<ConnectedApp>\n{elements}</ConnectedApp>\n")
}

/// What changes after a baseline of `ALL` findings.
struct BaselineCase {
    severities: [&'static str; 2],
    /// In this order.
    elements: [Range<usize>; 2],
    /// How many findings are new.
    new: usize,
    /// How many the baseline has after `--prune`.
    kept: usize,
}

impl BaselineCase {
    /// The number of new findings of each severity before and after `--prune`.
    fn run(self) -> [Value; 2] {
        let sandbox = project_with(&[]);
        let set_severity = |severity: &str| {
            let rule =
                format!("select = [\"pkce-required\"]\nrules.pkce-required = \"{severity}\"\n");
            sandbox.write("forcelint.toml", rule);
        };
        let baseline = |arguments: &[&str]| {
            let all = ["baseline"].iter().chain(arguments);
            sandbox.with_every_rule(all).run().stderr
        };
        let found = || check(&sandbox, &WITH_BASELINE).json()["summary"]["findings"].clone();
        set_severity(self.severities[0]);
        sandbox.write(PATH, named(0..ALL));
        baseline(&[]);
        set_severity(self.severities[1]);
        sandbox.write(PATH, named(self.elements.into_iter().flatten()));
        let before = found();
        assert_eq!(before[self.severities[1]], self.new);
        let grows = match self.new {
            0 => "would not grow".to_owned(),
            new => format!("would grow by {new} findings"),
        };
        let text = baseline(&["--check"]);
        assert!(text.contains(&grows), "{grows}: {text}");
        let (kept, removed) = (self.kept, ALL - self.kept);
        let recorded = format!(
            "recorded: {kept} findings in forcelint-baseline.json (0 added, {removed} removed)\n"
        );
        let text = baseline(&["--prune"]);
        assert!(text.starts_with(&recorded), "{recorded}: {text}");
        [before, found()]
    }
}

/// `--prune` does not change what is new, and never adds to the baseline.
#[test]
fn pruning_a_baseline_does_not_change_the_result() {
    let cases = [
        (["high", "high"], [0..ALL, NONE], 0, ALL),
        (["high", "high"], [300..ALL, NONE], 0, ALL - 300),
        (["high", "medium"], [0..ALL, NONE], 0, ALL),
        (["high", "low"], [300..ALL, NONE], 0, ALL - 300),
        (["high", "critical"], [0..ALL, NONE], ALL, LISTED),
        (["high", "medium"], [0..ALL + 100, NONE], 100, ALL),
        // Those that become listed have no entries.
        (["high", "high"], [LISTED..ALL, 0..LISTED], 500, LISTED),
    ];
    for (severities, elements, new, kept) in cases {
        let case = format!("{severities:?} {elements:?}");
        let [before, after] = BaselineCase {
            severities,
            elements,
            new,
            kept,
        }
        .run();
        assert_eq!(before, after, "{case}");
    }
}

/// A rule has findings of two severities in one file. The lower ones come first and are not shown.
#[test]
fn findings_that_are_not_shown_use_up_nothing_of_the_baseline() {
    let sandbox = project_with(&[]);
    let check_of = |element: &str, severity: &str, test: &str| {
        format!(
            "[[check]]\nmetadata = 'ConnectedApp'\neach = '{element}'\nseverity = '{severity}'\n\
             require = {{ {test}, absent = 'violates' }}\nmessage = 'Flag'\n"
        )
    };
    let rule = "id = 'acme-flag'\ntitle = 'Flag'\nseverity = 'high'\nhelp = 'Set it.'\n\
        url = 'https://wiki.acme.example/apps'\n";
    let checks = [
        check_of("ipRanges", "low", "field = 'description', is = 'x'"),
        check_of("oauthConfig", "high", "field = 'isPkceRequired', is = true"),
    ]
    .concat();
    sandbox.write("rules/acme-flag.toml", format!("{rule}{checks}"));
    let config =
        "min-severity = 'high'\nfail-on = 'high'\nrule-paths = ['rules']\nselect = ['acme-flag']\n";
    sandbox.write("forcelint.toml", config);
    let elements = ["<ipRanges/>\n".repeat(ALL), "<oauthConfig/>\n".repeat(ALL)].concat();
    let file = format!("<ConnectedApp>\n{elements}</ConnectedApp>\n");
    sandbox.write(PATH, file);
    let run = |arguments: &[&str]| sandbox.forcelint(arguments).run();
    let recorded = run(&["baseline"]).expect(0).stderr;
    assert!(
        recorded.contains(&format!("added: {ALL} high\n")),
        "{recorded}"
    );
    let with_baseline = [&["check", "--select=acme-flag"], &WITH_BASELINE[..]].concat();
    run(&with_baseline).expect(0);
    run(&["baseline", "--prune"]).expect(0);
    run(&with_baseline).expect(0);
}
