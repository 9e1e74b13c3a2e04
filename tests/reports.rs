//! What the formats show of findings that do not count, from data, whatever it is that keeps them
//! from counting.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use forcelint::config::ExitStatus;
use forcelint::finding::{Report, Suppression, SuppressionKind};
use forcelint::output::{Context, Format, ReportView, RunInfo, Style, render};
use forcelint::project::{Projects, Targets};
use forcelint::rule::{RuleSet, Selection, Severity};
use forcelint::run::{Options, Workspace, run_once};
use jiff::civil::Date;

/// A day that no rule or exception in the tests depends on.
const TODAY: Date = jiff::civil::date(2026, 11, 28);

const REASON: &str = "moves in March\n::error::x <b>|</b> @team `a";

/// The sample's rules and findings, of which the first three do not count.
fn report() -> (Arc<RuleSet>, Report) {
    let selection = Selection {
        select: vec!["pkce-required".to_owned()],
        ..Selection::default()
    };
    let rules = Arc::new(RuleSet::select(&selection).unwrap());
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sample");
    let targets = Targets::resolve(&[sample], Path::new("/"), &Projects::default()).unwrap();
    let mut report = run_once(&Workspace::new(&rules, Options::on(TODAY)), &targets);
    let kinds = [
        SuppressionKind::Exception,
        SuppressionKind::Inline,
        SuppressionKind::Baseline,
    ];
    for kind in kinds {
        let mut finding = report.findings.remove(0);
        let is_exception = kind == SuppressionKind::Exception;
        finding.suppressed = Some(Suppression {
            kind,
            reason: (kind != SuppressionKind::Baseline).then(|| REASON.to_owned()),
            expires: is_exception.then(|| "2027-03-31".to_owned()),
            owner: is_exception.then(|| "integration team".to_owned()),
        });
        report.suppressed.push(finding);
    }
    (rules, report)
}

fn rendered(format: Format, show_suppressed: bool) -> String {
    let (rules, mut report) = report();
    report.shows_suppressed = show_suppressed;
    let style = Style {
        width: 80,
        color: false,
        unicode: true,
    };
    let run = RunInfo {
        status: ExitStatus::Findings,
        fail_on: Some(Severity::Low),
        expired_exceptions: Vec::new(),
        source_url: None,
    };
    let context = Context {
        report: ReportView::new(&report),
        rules: &rules,
        run: &run,
        style: &style,
        working_directory: Path::new("/"),
    };
    render(format, &context)
}

#[test]
fn what_does_not_count_is_shown_only_when_asked_for() {
    for format in [Format::Github, Format::Junit, Format::Markdown] {
        let shown = rendered(format, true);
        let hidden = rendered(format, false);
        assert!(shown.contains("Booking_Web_App"), "{shown}");
        assert!(!hidden.contains("Booking_Web_App"), "{hidden}");
        for text in [
            "moves in March",
            "2027-03-31",
            "integration team",
            "baseline",
        ] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(!hidden.contains("moves in March"), "{hidden}");
        assert!(!shown.lines().any(|line| line.starts_with("::error::")));
    }
}

/// Code Quality has no word for it, and would count it as new.
#[test]
fn gitlab_is_told_of_what_counts_alone() {
    assert_eq!(
        rendered(Format::Gitlab, true),
        rendered(Format::Gitlab, false)
    );
    assert!(!rendered(Format::Gitlab, true).contains("Booking_Web_App"));
}

/// An annotation would be shown as if it counted.
#[test]
fn github_annotates_what_counts_alone() {
    let shown = rendered(Format::Github, true);
    let of_it = shown
        .lines()
        .filter(|line| line.contains("Booking_Web_App"));
    for line in of_it {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

#[test]
fn junit_skips_what_does_not_count() {
    let shown = rendered(Format::Junit, true);
    let document = roxmltree::Document::parse(&shown).unwrap();
    let skipped = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .filter(|case| case.attribute("name").unwrap().ends_with("(suppressed)"))
        .filter(|case| case.children().any(|child| child.has_tag_name("skipped")));
    assert_eq!(skipped.count(), 3);
}

#[test]
fn markdown_counts_what_it_does_not_show() {
    let hidden = rendered(Format::Markdown, false);
    let told = "Suppressed: 1 exception, 1 inline, 1 baseline.";
    assert!(hidden.contains(told), "{hidden}");
    let shown = rendered(Format::Markdown, true);
    assert!(
        shown.contains("<summary>Suppressed (3)</summary>"),
        "{shown}"
    );
    for raw in ["<b>", "@team", "\n::error"] {
        assert!(!shown.contains(raw), "{shown}");
    }
}

/// Findings and reports have their texts raw; `ScannedText` is raw for serde.
const RAW: [&str; 7] = [
    "Finding",
    "Report",
    "RunError",
    "Location",
    "Excerpt",
    "AppPart",
    "serde_json",
];

#[test]
fn renderers_have_no_access_to_raw_texts() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/output");
    let mut files = 0;
    for entry in walkdir::WalkDir::new(&source) {
        let path = entry.unwrap().into_path();
        let is_rust = path.extension().is_some_and(|it| it == "rs");
        // The view wraps what is raw.
        if !is_rust || path.ends_with("view.rs") {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).unwrap();
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let raw: Vec<&str> = words.filter(|word| RAW.contains(word)).collect();
        assert!(raw.is_empty(), "{}: {raw:?}", path.display());
    }
    assert!(files > 20, "{files}");
}
