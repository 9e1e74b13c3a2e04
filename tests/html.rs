//! The HTML report, rendered through the library to cover cases that the command line cannot
//! produce.

use std::path::Path;
use std::sync::Arc;

use forcelint::config::ExitStatus;
use forcelint::finding::Detail;
use forcelint::finding::{Report, Suppression, SuppressionKind};
use forcelint::output::{Context, Format, ReportView, RunInfo, Style, render};
use forcelint::project::Targets;
use forcelint::rule::{RuleSet, Selection};
use forcelint::run::{Options, Workspace, run_once};
use jiff::civil::Date;

const STYLE: Style = Style {
    width: 80,
    color: false,
    unicode: true,
    hyperlinks: false,
};

const TODAY: Date = jiff::civil::date(2026, 11, 28);

/// The report of the PKCE rules for the sample project.
fn check_sample(rules: &Arc<RuleSet>, detail: Detail) -> Report {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sample");
    let options = Options {
        jobs: 2,
        detail,
        ..Options::on(TODAY)
    };
    let workspace = Workspace::new(rules, options);
    let targets =
        Targets::resolve(std::slice::from_ref(&sample), &sample, &workspace.projects).unwrap();
    run_once(&workspace, &targets)
}

fn rules() -> Arc<RuleSet> {
    let selection = Selection {
        select: vec!["pkce".to_owned()],
        ..Selection::default()
    };
    Arc::new(RuleSet::select(&selection).unwrap())
}

fn html(report: &Report, rules: &RuleSet) -> String {
    let root = Path::new("/");
    let run = RunInfo::new(ExitStatus::Findings);
    let context = Context {
        report: ReportView::new(report),
        rules,
        run: &run,
        style: &STYLE,
        working_directory: root,
    };
    render(Format::Html, &context)
}

#[test]
fn suppressed_findings_are_shown_with_their_reason() {
    let rules = rules();
    let mut report = check_sample(&rules, Format::Html.detail());
    let kinds = [
        SuppressionKind::Exception,
        SuppressionKind::Inline,
        SuppressionKind::Baseline,
    ];
    for (finding, kind) in report.findings.drain(..6).zip(kinds.into_iter().cycle()) {
        let mut finding = finding;
        let is_exception = kind == SuppressionKind::Exception;
        finding.suppressed = Some(Box::new(Suppression {
            kind,
            reason: (kind != SuppressionKind::Baseline)
                .then(|| "moves <b>in March</b> \u{202e}".to_owned()),
            expires: is_exception.then(|| "2027-03-31".to_owned()),
            owner: is_exception.then(|| "integration team".to_owned()),
        }));
        report.suppressed.push(finding);
    }
    let page = html(&report, &rules);
    for text in [
        "moves &lt;b&gt;in March&lt;/b&gt; \u{fffd}",
        "2027-03-31",
        "integration team",
        "<h3>Exceptions</h3>",
        "<h3>Comments in files</h3>",
        "2 findings in the baseline",
        // In the table of apps and rules.
        ">A<span class=\"vh\"> accepted</span></a>",
        ">B<span class=\"vh\"> in the baseline</span></a>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn compliance_is_recorded_only_for_formats_that_show_it() {
    let rules = rules();
    let report = check_sample(&rules, Format::Json.detail());
    assert!(report.posture.apps.is_empty() && report.posture.rules.is_empty());
    let posture = check_sample(&rules, Format::Html.detail()).posture;
    let by_type = posture.rules["pkce-required"].values();
    let not_checked: u64 = by_type.clone().map(|tally| tally.not_checked).sum();
    assert_eq!(not_checked, 1);
    assert!(by_type.map(|tally| tally.pass).sum::<u64>() > 0);
    // An External Client App is one app, although it consists of several files.
    let parts = posture
        .apps
        .iter()
        .filter(|part| part.app == "Field_Service");
    assert!(parts.count() > 1);
}
