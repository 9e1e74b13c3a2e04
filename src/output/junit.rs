//! JUnit XML, as Jenkins, GitLab, Azure Pipelines and Bitbucket show test results.
//!
//! In: a [`Report`] and the rules behind it. Out: a suite for each rule that had something to look
//! at, so that the page of results is a list of controls; in it a failed test for each component
//! that violates the rule, a skipped one for what could not be judged, and a passed one where
//! nothing was found. Names hold neither lines nor counts: systems follow a test by its name from
//! build to build. No time is told: the same input gives the same bytes.
//!
//! It keeps to the schema of Jenkins's xUnit plugin (tests/schemas), which has no `file` for a
//! test, and to one `failure` a test, since Jenkins shows no more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::render::{fix_line, suppression_reason};
use crate::finding::{Finding, Report};
use crate::rule::RuleSet;
use crate::text::inert;

/// The name of the whole, and what stands before a rule's id as the package of its tests.
const TOOL: &str = "forcelint";

/// How a test ended.
enum Verdict {
    Passed,
    /// Could not be judged, or does not count: why.
    Skipped(String),
    /// The severity, a line and all there is to say.
    Failed(String, String, String),
    /// Could not be done: why.
    Errored(String),
}

impl Verdict {
    /// The element of the schema that tells it.
    fn element(&self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Skipped(_) => "skipped",
            Self::Failed(..) => "failure",
            Self::Errored(_) => "error",
        }
    }
}

/// A test; `path` tells it from another of the same name.
struct Case {
    name: String,
    path: String,
    verdict: Verdict,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn count(&self, element: &str) -> usize {
        let verdicts = self.cases.iter().map(|case| &case.verdict);
        verdicts.filter(|it| it.element() == element).count()
    }
}

pub(crate) fn render(report: &Report, rules: &RuleSet) -> String {
    let mut suites = vec![the_run(report)];
    suites.extend(by_rule(report, rules));
    for suite in &mut suites {
        tell_apart(&mut suite.cases);
    }
    write(&suites)
}

/// What could not be read. It is never empty: Jenkins takes a report without a test for a mistake
/// of the build.
fn the_run(report: &Report) -> Suite {
    let mut errors = report.all_errors();
    errors.dedup();
    let mut cases: Vec<Case> = errors
        .into_iter()
        .map(|error| Case {
            name: error.path.clone(),
            path: String::new(),
            verdict: Verdict::Errored(error.message),
        })
        .collect();
    if cases.is_empty() {
        let checked_nothing = report.tally.components.is_empty() && report.findings.is_empty();
        cases.push(Case {
            name: "every file could be read".to_owned(),
            path: String::new(),
            verdict: if checked_nothing {
                let why = "nothing was checked: no file of a type that the rules know";
                Verdict::Skipped(why.to_owned())
            } else {
                Verdict::Passed
            },
        });
    }
    Suite {
        name: TOOL.to_owned(),
        cases,
    }
}

/// Findings of one rule by path and component.
type ByComponent<'r> = BTreeMap<(&'r str, String), Vec<&'r Finding>>;

fn by_component<'r>(findings: &'r [Finding]) -> HashMap<&'r str, ByComponent<'r>> {
    let mut rules: HashMap<&str, ByComponent<'_>> = HashMap::new();
    for finding in findings {
        let place = (&*finding.location.path, finding.component().to_string());
        let components = rules.entry(&finding.rule).or_default();
        components.entry(place).or_default().push(finding);
    }
    rules
}

fn by_rule(report: &Report, rules: &RuleSet) -> Vec<Suite> {
    let found = by_component(&report.findings);
    let suppressed = if report.shows_suppressed {
        by_component(&report.suppressed)
    } else {
        HashMap::new()
    };
    let mut suites = Vec::new();
    for rule in rules.rules() {
        let id = rule.id.as_str();
        let mut cases = Vec::new();
        for ((path, component), findings) in found.get(id).into_iter().flatten() {
            cases.push(Case {
                name: format!("{id}: {component}"),
                path: (*path).to_owned(),
                verdict: failed(findings),
            });
        }
        let has_failed = !cases.is_empty();
        for ((path, component), findings) in suppressed.get(id).into_iter().flatten() {
            let mut reasons: Vec<_> = findings.iter().map(|it| suppression_reason(it)).collect();
            reasons.dedup();
            cases.push(Case {
                name: format!("{id}: {component} does not count"),
                path: (*path).to_owned(),
                verdict: Verdict::Skipped(reasons.join("; ")),
            });
        }
        let not_checked = report.not_checked.iter().filter(|it| it.rule == id);
        let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for it in not_checked {
            let component = it.component.to_string();
            reasons
                .entry(component)
                .or_default()
                .push(it.reason.to_string());
        }
        for (component, reasons) in reasons {
            cases.push(Case {
                name: format!("{id}: {component} not judged"),
                path: String::new(),
                verdict: Verdict::Skipped(reasons.join("; ")),
            });
        }
        let types = rule.metadata_types();
        let had_something = if types.is_empty() {
            report.tally.files_checked > 0
        } else {
            let components = &report.tally.components;
            types.iter().any(|it| components.contains_key(it.name()))
        };
        if !has_failed && had_something {
            cases.push(Case {
                name: format!("{id}: nothing found"),
                path: String::new(),
                verdict: Verdict::Passed,
            });
        }
        if !cases.is_empty() {
            suites.push(Suite {
                name: id.to_owned(),
                cases,
            });
        }
    }
    suites
}

/// One failure for all that a rule found in a component.
fn failed(findings: &[&Finding]) -> Verdict {
    let Some(severest) = findings.iter().max_by_key(|finding| finding.severity) else {
        return Verdict::Passed;
    };
    let mut line = severest.headline.clone();
    if findings.len() > 1 {
        let _ = write!(line, " (and {} more)", findings.len() - 1);
    }
    let mut text = String::new();
    for finding in findings {
        let start = finding.location.start;
        let _ = write!(
            text,
            "{}:{}:{}: {}\n{}\n{}\n",
            inert(&finding.location.path),
            start.line,
            start.column,
            finding.severity,
            inert(&finding.message),
            inert(&finding.help)
        );
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "{}", inert(&fix_line(fix)));
        }
    }
    Verdict::Failed(severest.severity.to_string(), line, text)
}

/// Two components of one name are told apart by their files, and what is left by numbers.
fn tell_apart(cases: &mut [Case]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for case in cases.iter() {
        *counts.entry(case.name.clone()).or_default() += 1;
    }
    let mut taken = HashSet::new();
    for case in cases.iter_mut() {
        if counts[&case.name] > 1 && !case.path.is_empty() {
            case.name = format!("{} ({})", case.name, case.path);
        }
        let mut number = 1;
        let name = case.name.clone();
        while !taken.insert(case.name.clone()) {
            number += 1;
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
            let element = case.verdict.element();
            let (attributes, text): (Vec<_>, _) = match &case.verdict {
                Verdict::Passed => {
                    put(Event::Empty(opening));
                    continue;
                }
                Verdict::Skipped(why) | Verdict::Errored(why) => (vec![("message", &**why)], ""),
                Verdict::Failed(severity, line, text) => (
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
        tag.push_attribute((*key, &*allowed(&inert(value))));
    }
    tag
}

/// XML has no way to write these two; controls have become visible already.
fn allowed(text: &str) -> String {
    text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
