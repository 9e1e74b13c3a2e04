//! JUnit XML, as Jenkins, GitLab, Azure Pipelines and Bitbucket show test results.
//!
//! Each rule with components to check is a suite. In it, a component with findings is a failed test, one
//! that was not checked is a skipped test, or a failed one with `--fail-on-unchecked`, and a rule without
//! either has one passed test. Names have no lines or counts, because CI systems follow a test by its name from build to build. There are no
//! times: the same input gives the same bytes.
//!
//! It keeps to the schema of Jenkins's xUnit plugin (tests/schemas), which has no `file` for a
//! test, and to one `failure` per test, because Jenkins shows only one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::context::Context;
use super::fix_line::fix_line;
use super::more::more_in_file;
use super::notices::notices;
use super::suppression::suppression_reason;
use super::view::{FindingView, NotCheckedView, ReportView};
use crate::rule::Rule;
use crate::text::{ScannedText, plain_message, plain_rule_text};

/// The name of the whole, and the prefix of a rule's id as the package of its tests.
const TOOL: &str = "forcelint";

/// How a test ended.
enum TestResult {
    Passed,
    /// Not checked or suppressed; with the reason.
    Skipped(String),
    /// The severity, a summary, and the details.
    Failed(String, String, String),
    /// With the error.
    Errored(String),
}

impl TestResult {
    /// Its element in the schema.
    fn element(&self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Skipped(_) => "skipped",
            Self::Failed(..) => "failure",
            Self::Errored(_) => "error",
        }
    }
}

/// A test; `path` distinguishes it from another of the same name.
struct Case {
    name: String,
    path: String,
    result: TestResult,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn count(&self, element: &str) -> usize {
        let results = self.cases.iter().map(|case| &case.result);
        results.filter(|it| it.element() == element).count()
    }
}

pub(super) fn render(context: &Context<'_>) -> String {
    let mut suites = vec![run_suite(context)];
    suites.extend(by_rule(context));
    for suite in &mut suites {
        make_names_unique(&mut suite.cases);
    }
    write(&suites)
}

/// The errors of the run, and what the report does not show. It is never empty, because Jenkins fails a build whose report has no test.
fn run_suite(context: &Context<'_>) -> Suite {
    let report = context.report;
    let mut errors = report.errors();
    errors.dedup();
    let mut cases: Vec<Case> = errors
        .into_iter()
        .map(|error| Case {
            name: error.path.one_line().into_owned(),
            path: String::new(),
            result: TestResult::Errored(error.message.one_line().into_owned()),
        })
        .collect();
    if cases.is_empty() {
        let checked_nothing = report.tally().components.is_empty() && !report.has_findings();
        cases.push(Case {
            name: "all files were read".to_owned(),
            path: String::new(),
            result: if checked_nothing {
                let why = "nothing was checked: no supported metadata found";
                TestResult::Skipped(why.to_owned())
            } else {
                TestResult::Passed
            },
        });
    }
    let notices = notices(report, context.run).into_iter();
    let notices = notices.filter(|notice| !notice.is_own_choice());
    cases.extend(notices.map(|notice| Case {
        name: notice.label.to_owned(),
        path: String::new(),
        result: TestResult::Skipped(plain_message(&notice.whole()).one_line().into_owned()),
    }));
    Suite {
        name: TOOL.to_owned(),
        cases,
    }
}

/// Findings of one rule by path and component.
type ByComponent<'a> = BTreeMap<(ScannedText<'a>, ScannedText<'static>), Vec<FindingView<'a>>>;

fn by_component(findings: Vec<FindingView<'_>>) -> HashMap<&str, ByComponent<'_>> {
    let mut rules: HashMap<&str, ByComponent<'_>> = HashMap::new();
    for finding in findings {
        let key = (finding.location().path(), finding.component().full_name());
        let components = rules.entry(finding.rule()).or_default();
        components.entry(key).or_default().push(finding);
    }
    rules
}

fn by_rule(context: &Context<'_>) -> Vec<Suite> {
    let report = context.report;
    let found = by_component(report.findings());
    let suppressed = if report.lists_suppressed() {
        by_component(report.suppressed())
    } else {
        HashMap::new()
    };
    let mut not_checked: HashMap<&str, Vec<NotCheckedView<'_>>> = HashMap::new();
    for it in report.not_checked() {
        not_checked.entry(it.rule()).or_default().push(it);
    }
    let rules = context.rules.rules();
    let suites = rules.map(|rule| {
        let id = rule.id.as_str();
        let mut cases = failed_cases(id, found.get(id));
        cases.extend(more_cases(id, report));
        let has_failed = !cases.is_empty();
        cases.extend(suppressed_cases(id, suppressed.get(id)));
        let not_checked = not_checked_cases(id, not_checked.get(id), context);
        // Without this, a rule that could not be checked would look like one that passes.
        let is_checked = not_checked.is_empty();
        cases.extend(not_checked);
        if !has_failed && is_checked && was_applied(rule, report) {
            cases.push(Case {
                name: format!("{id}: no findings"),
                path: String::new(),
                result: TestResult::Passed,
            });
        }
        Suite {
            name: id.to_owned(),
            cases,
        }
    });
    suites.filter(|suite| !suite.cases.is_empty()).collect()
}

fn failed_cases(id: &str, found: Option<&ByComponent<'_>>) -> Vec<Case> {
    let found = found.into_iter().flatten();
    found
        .map(|((path, component), findings)| Case {
            name: format!("{id}: {}", component.one_line()),
            path: path.one_line().into_owned(),
            result: failed(findings),
        })
        .collect()
}

/// A failed test for the findings of a component that are not listed.
fn more_cases(id: &str, report: ReportView<'_>) -> Vec<Case> {
    let more = report.more().into_iter();
    more.filter(|more| more.rule() == id && more.suppression().is_none())
        .map(|more| Case {
            name: format!(
                "{id}: {} (not listed)",
                more.component().full_name().one_line()
            ),
            path: more.location().path().one_line().into_owned(),
            result: TestResult::Failed(
                more.severity().to_string(),
                more_in_file(more),
                String::new(),
            ),
        })
        .collect()
}

fn suppressed_cases(id: &str, suppressed: Option<&ByComponent<'_>>) -> Vec<Case> {
    let suppressed = suppressed.into_iter().flatten();
    suppressed
        .map(|((path, component), findings)| {
            let mut reasons: Vec<_> = findings.iter().map(|it| suppression_reason(*it)).collect();
            reasons.dedup();
            Case {
                name: format!("{id}: {} (suppressed)", component.one_line()),
                path: path.one_line().into_owned(),
                result: TestResult::Skipped(reasons.join("; ")),
            }
        })
        .collect()
}

fn not_checked_cases(
    id: &str,
    not_checked: Option<&Vec<NotCheckedView<'_>>>,
    context: &Context<'_>,
) -> Vec<Case> {
    let mut reasons: BTreeMap<ScannedText<'_>, Vec<String>> = BTreeMap::new();
    for it in not_checked.into_iter().flatten() {
        let of_component = reasons.entry(it.component().full_name()).or_default();
        of_component.push(it.reason().one_line().into_owned());
    }
    reasons
        .into_iter()
        .map(|(component, reasons)| Case {
            name: format!("{id}: {} (not checked)", component.one_line()),
            path: String::new(),
            result: match (context.run.fails_unchecked, reasons.join("; ")) {
                (true, why) => TestResult::Failed("not checked".to_owned(), why, String::new()),
                (false, why) => TestResult::Skipped(why),
            },
        })
        .collect()
}

/// Whether the run had a component of a type that the rule checks.
fn was_applied(rule: &Rule, report: ReportView<'_>) -> bool {
    let types = rule.metadata_types();
    if types.is_empty() {
        return report.tally().files_checked > 0;
    }
    let components = &report.tally().components;
    types.iter().any(|it| components.contains_key(it.name()))
}

/// One failure for everything that a rule found in a component.
fn failed(findings: &[FindingView<'_>]) -> TestResult {
    let Some(severest) = findings.iter().max_by_key(|finding| finding.severity()) else {
        return TestResult::Passed;
    };
    let headline = plain_message(&severest.headline());
    let mut line = headline.one_line().into_owned();
    if findings.len() > 1 {
        let _ = write!(line, " (and {} more)", findings.len() - 1);
    }
    let mut text = String::new();
    for finding in findings {
        let location = finding.location();
        let _ = write!(
            text,
            "{}:{}:{}: {}\n{}\n{}\n",
            location.path().one_line(),
            location.start().line,
            location.start().column,
            finding.severity(),
            plain_message(&finding.message()).one_line(),
            plain_rule_text(&finding.help()).one_line()
        );
        if let Some(fix) = finding.fix() {
            let _ = writeln!(text, "{}", plain_rule_text(&fix_line(fix)).one_line());
        }
    }
    TestResult::Failed(severest.severity().to_string(), line, text)
}

/// Adds file names to components with the same name, and numbers to names that are still equal.
fn make_names_unique(cases: &mut [Case]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for case in cases.iter() {
        *counts.entry(case.name.clone()).or_default() += 1;
    }
    let mut taken = HashSet::new();
    // The last number of each name.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for case in cases.iter_mut() {
        if counts[&case.name] > 1 && !case.path.is_empty() {
            case.name = format!("{} ({})", case.name, case.path);
        }
        let name = case.name.clone();
        while !taken.insert(case.name.clone()) {
            let number = numbers.entry(name.clone()).or_insert(1);
            *number += 1;
            case.name = format!("{name} #{number}");
        }
    }
}

fn write(suites: &[Suite]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut put = |event: Event<'_>| {
        // Memory takes everything.
        let _ = writer.write_event(event);
    };
    put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let total = |element: &str| -> usize { suites.iter().map(|it| it.count(element)).sum() };
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    put(Event::Start(tag(
        "testsuites",
        &[
            ("name", TOOL),
            ("tests", &tests.to_string()),
            ("failures", &total("failure").to_string()),
            ("errors", &total("error").to_string()),
        ],
    )));
    for suite in suites {
        put(Event::Start(tag(
            "testsuite",
            &[
                ("name", &suite.name),
                ("tests", &suite.cases.len().to_string()),
                ("failures", &suite.count("failure").to_string()),
                ("errors", &suite.count("error").to_string()),
                ("skipped", &suite.count("skipped").to_string()),
            ],
        )));
        for case in &suite.cases {
            let class = if suite.name == TOOL {
                TOOL.to_owned()
            } else {
                format!("{TOOL}.{}", suite.name)
            };
            let opening = tag("testcase", &[("name", &case.name), ("classname", &class)]);
            let element = case.result.element();
            let (attributes, text): (Vec<_>, _) = match &case.result {
                TestResult::Passed => {
                    put(Event::Empty(opening));
                    continue;
                }
                TestResult::Skipped(why) | TestResult::Errored(why) => {
                    (vec![("message", &**why)], "")
                }
                TestResult::Failed(severity, line, text) => (
                    vec![("message", &**line), ("type", &**severity)],
                    text.as_str(),
                ),
            };
            put(Event::Start(opening));
            if text.is_empty() {
                put(Event::Empty(tag(element, &attributes)));
            } else {
                put(Event::Start(tag(element, &attributes)));
                put(Event::Text(BytesText::new(&allowed(text))));
                put(Event::End(BytesEnd::new(element)));
            }
            put(Event::End(BytesEnd::new("testcase")));
        }
        put(Event::End(BytesEnd::new("testsuite")));
    }
    put(Event::End(BytesEnd::new("testsuites")));
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

fn tag<'a>(name: &'a str, attributes: &[(&'a str, &str)]) -> BytesStart<'a> {
    let mut tag = BytesStart::new(name);
    for (key, value) in attributes {
        tag.push_attribute((*key, &*allowed(&ScannedText::from(*value).one_line())));
    }
    tag
}

/// XML has no way to write these two; controls have become visible already.
fn allowed(text: &str) -> String {
    text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
