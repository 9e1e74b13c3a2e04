//! Suppressed findings in report formats, rendered through the library for all kinds of
//! suppression.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use forcelint::config::ExitStatus;
use forcelint::finding::{Report, Suppression, SuppressionKind};
use forcelint::output::{Context, Format, ReportView, RunInfo, Style, render};
use forcelint::project::{Projects, Targets};
use forcelint::rule::{RuleSet, Selection};
use forcelint::run::{Options, Workspace, run_once};
use jiff::civil::Date;

const TODAY: Date = jiff::civil::date(2026, 11, 28);

const REASON: &str = "moves in March\n::error::x <b>|</b> @team `a";

/// The rules and findings of the sample project, with the first three findings suppressed.
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
        finding.suppressed = Some(Box::new(Suppression {
            kind,
            reason: (kind != SuppressionKind::Baseline).then(|| REASON.to_owned()),
            expires: is_exception.then(|| "2027-03-31".to_owned()),
            owner: is_exception.then(|| "integration team".to_owned()),
        }));
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
        hyperlinks: false,
    };
    let run = RunInfo::new(ExitStatus::Findings);
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
fn suppressed_findings_are_shown_only_on_request() {
    for format in [Format::Github, Format::Junit, Format::Markdown] {
        let with_suppressed = rendered(format, true);
        let without_suppressed = rendered(format, false);
        assert!(
            with_suppressed.contains("Booking_Web_App"),
            "{with_suppressed}"
        );
        assert!(
            !without_suppressed.contains("Booking_Web_App"),
            "{without_suppressed}"
        );
        for text in [
            "moves in March",
            "2027-03-31",
            "integration team",
            "baseline",
        ] {
            assert!(with_suppressed.contains(text), "{text}: {with_suppressed}");
        }
        assert!(
            !without_suppressed.contains("moves in March"),
            "{without_suppressed}"
        );
        assert!(
            !with_suppressed
                .lines()
                .any(|line| line.starts_with("::error::"))
        );
    }
}

/// Code Quality cannot mark findings as suppressed, so it would show them as new.
#[test]
fn gitlab_omits_suppressed_findings() {
    assert_eq!(
        rendered(Format::Gitlab, true),
        rendered(Format::Gitlab, false)
    );
    assert!(!rendered(Format::Gitlab, true).contains("Booking_Web_App"));
}

/// GitHub would show an annotation of a suppressed finding like any other.
#[test]
fn github_does_not_annotate_suppressed_findings() {
    let with_suppressed = rendered(Format::Github, true);
    let lines = with_suppressed
        .lines()
        .filter(|line| line.contains("Booking_Web_App"));
    for line in lines {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

#[test]
fn junit_skips_suppressed_findings() {
    let with_suppressed = rendered(Format::Junit, true);
    let document = roxmltree::Document::parse(&with_suppressed).unwrap();
    let skipped = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .filter(|case| case.attribute("name").unwrap().ends_with("(suppressed)"))
        .filter(|case| case.children().any(|child| child.has_tag_name("skipped")));
    assert_eq!(skipped.count(), 3);
}

#[test]
fn markdown_counts_suppressed_findings() {
    let without_suppressed = rendered(Format::Markdown, false);
    let summary = "- suppressed: 1 by exceptions and 1 by comments (accepted), 1 by the baseline (not reviewed)";
    assert!(without_suppressed.contains(summary), "{without_suppressed}");
    let with_suppressed = rendered(Format::Markdown, true);
    for title in ["Accepted (2)", "Baseline, not reviewed (1)"] {
        let summary = format!("<summary>{title}</summary>");
        assert!(with_suppressed.contains(&summary), "{with_suppressed}");
    }
    for raw in ["<b>", "@team", "\n::error"] {
        assert!(!with_suppressed.contains(raw), "{with_suppressed}");
    }
}

/// Types with text that is not sanitized. serde writes a `ScannedText` without sanitizing it.
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
        // The view wraps the types with raw text.
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
