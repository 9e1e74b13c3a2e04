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
use std::io::{self, Write};
use std::iter;

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
enum TestResult<'a> {
    Passed,
    /// Not checked or suppressed; with the reason.
    Skipped(String),
    /// With findings. Their texts are made when they are written.
    Found(&'a [FindingView<'a>]),
    /// Failed without findings that are listed: the severity and a summary.
    Failed(String, String),
    /// With the error.
    Errored(String),
}

impl TestResult<'_> {
    /// Its element in the schema.
    fn element(&self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Skipped(_) => "skipped",
            Self::Found(_) | Self::Failed(..) => "failure",
            Self::Errored(_) => "error",
        }
    }
}

/// A test; `path` distinguishes it from another of the same name.
struct Case<'a> {
    name: String,
    path: String,
    result: TestResult<'a>,
}

struct Suite<'a> {
    name: &'a str,
    cases: Vec<Case<'a>>,
}

impl Suite<'_> {
    fn count(&self, element: &str) -> usize {
        let results = self.cases.iter().map(|case| &case.result);
        results.filter(|it| it.element() == element).count()
    }
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let results = Results::of(context.report);
    // They are made twice, because the sums come first and all of them would need too much memory.
    let suites = || {
        let of_rules = context
            .rules
            .rules()
            .map(|it| of_rule(it, &results, context));
        let suites = iter::once(run_suite(context)).chain(of_rules);
        suites.filter(|suite| !suite.cases.is_empty())
    };
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for suite in suites() {
        tests += suite.cases.len();
        failures += suite.count("failure");
        errors += suite.count("error");
    }
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.write_event(Event::Start(tag(
        "testsuites",
        &[
            ("name", TOOL),
            ("tests", &tests.to_string()),
            ("failures", &failures.to_string()),
            ("errors", &errors.to_string()),
        ],
    )))?;
    for mut suite in suites() {
        make_names_unique(&mut suite.cases);
        write_suite(&suite, &mut writer)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writer.into_inner().write_all(b"\n")
}

/// The errors of the run, and what the report does not show. It is never empty, because Jenkins fails a build whose report has no test.
fn run_suite<'a>(context: &Context<'_>) -> Suite<'a> {
    let report = context.report;
    let mut errors = report.errors();
    errors.dedup();
    let mut cases: Vec<Case<'_>> = errors
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
    Suite { name: TOOL, cases }
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

/// The results of a run by rule.
struct Results<'a> {
    found: HashMap<&'a str, ByComponent<'a>>,
    suppressed: HashMap<&'a str, ByComponent<'a>>,
    not_checked: HashMap<&'a str, Vec<NotCheckedView<'a>>>,
}

impl<'a> Results<'a> {
    fn of(report: ReportView<'a>) -> Self {
        let mut not_checked: HashMap<&str, Vec<NotCheckedView<'_>>> = HashMap::new();
        for it in report.not_checked() {
            not_checked.entry(it.rule()).or_default().push(it);
        }
        Self {
            found: by_component(report.findings()),
            suppressed: match report.lists_suppressed() {
                true => by_component(report.suppressed()),
                false => HashMap::new(),
            },
            not_checked,
        }
    }
}

fn of_rule<'a>(rule: &'a Rule, results: &'a Results<'_>, context: &Context<'_>) -> Suite<'a> {
    let (id, report) = (rule.id.as_str(), context.report);
    let mut cases = failed_cases(id, results.found.get(id));
    cases.extend(more_cases(id, report));
    let has_failed = !cases.is_empty();
    cases.extend(suppressed_cases(id, results.suppressed.get(id)));
    let not_checked = not_checked_cases(id, results.not_checked.get(id), context);
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
    Suite { name: id, cases }
}

fn failed_cases<'a>(id: &str, found: Option<&'a ByComponent<'_>>) -> Vec<Case<'a>> {
    let found = found.into_iter().flatten();
    found
        .map(|((path, component), findings)| Case {
            name: format!("{id}: {}", component.one_line()),
            path: path.one_line().into_owned(),
            result: TestResult::Found(findings),
        })
        .collect()
}

/// A failed test for the findings of a component that are not listed.
fn more_cases<'a>(id: &str, report: ReportView<'_>) -> Vec<Case<'a>> {
    let more = report.more().into_iter();
    more.filter(|more| more.rule() == id && more.suppression().is_none())
        .map(|more| Case {
            name: format!(
                "{id}: {} (not listed)",
                more.component().full_name().one_line()
            ),
            path: more.location().path().one_line().into_owned(),
            result: TestResult::Failed(more.severity().to_string(), more_in_file(more)),
        })
        .collect()
}

fn suppressed_cases<'a>(id: &str, suppressed: Option<&ByComponent<'_>>) -> Vec<Case<'a>> {
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

fn not_checked_cases<'a>(
    id: &str,
    not_checked: Option<&Vec<NotCheckedView<'_>>>,
    context: &Context<'_>,
) -> Vec<Case<'a>> {
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
                (true, why) => TestResult::Failed("not checked".to_owned(), why),
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

/// One failure for everything that a rule found in a component: the severity, a summary, and the details.
fn failure(findings: &[FindingView<'_>]) -> (String, String, String) {
    let Some(worst) = findings.iter().max_by_key(|finding| finding.severity()) else {
        return Default::default();
    };
    let headline = plain_message(&worst.headline());
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
    (worst.severity().to_string(), line, text)
}

/// Adds file names to components with the same name, and numbers to names that are still equal.
fn make_names_unique(cases: &mut [Case<'_>]) {
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

fn write_suite(suite: &Suite<'_>, writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    writer.write_event(Event::Start(tag(
        "testsuite",
        &[
            ("name", suite.name),
            ("tests", &suite.cases.len().to_string()),
            ("failures", &suite.count("failure").to_string()),
            ("errors", &suite.count("error").to_string()),
            ("skipped", &suite.count("skipped").to_string()),
        ],
    )))?;
    let class = match suite.name {
        TOOL => TOOL.to_owned(),
        rule => format!("{TOOL}.{rule}"),
    };
    for case in &suite.cases {
        write_case(case, &class, writer)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn write_case(case: &Case<'_>, class: &str, writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    let opening = tag("testcase", &[("name", &case.name), ("classname", class)]);
    let element = case.result.element();
    let found;
    let (attributes, text) = match &case.result {
        TestResult::Passed => return writer.write_event(Event::Empty(opening)),
        TestResult::Skipped(why) | TestResult::Errored(why) => (vec![("message", &**why)], ""),
        TestResult::Failed(severity, line) => {
            (vec![("message", &**line), ("type", &**severity)], "")
        }
        TestResult::Found(findings) => {
            found = failure(findings);
            let (severity, line, text) = &found;
            (vec![("message", &**line), ("type", &**severity)], &**text)
        }
    };
    writer.write_event(Event::Start(opening))?;
    if text.is_empty() {
        writer.write_event(Event::Empty(tag(element, &attributes)))?;
    } else {
        writer.write_event(Event::Start(tag(element, &attributes)))?;
        writer.write_event(Event::Text(BytesText::new(&allowed(text))))?;
        writer.write_event(Event::End(BytesEnd::new(element)))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testcase")))
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
