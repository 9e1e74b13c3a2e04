//! The attack stories of a report: findings of one app that form one path.
//!
//! Only reported findings are evidence. An app has at most one story: the one with the most steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::view::{FileKey, FindingView, ReportView};
use crate::rule::Severity;
use crate::rule_docs::{STORIES, StoryDefinition, StoryStep};
use crate::text::ScannedText;

/// A story of an app, or of another component.
pub(super) struct Story<'a> {
    pub(super) definition: &'static StoryDefinition,
    /// The app's type, such as `ConnectedApp`.
    pub(super) type_name: &'static str,
    pub(super) name: ScannedText<'a>,
    /// The steps that findings make possible.
    pub(super) steps: Vec<Step<'a>>,
}

/// A step, and the findings that make it possible.
pub(super) struct Step<'a> {
    pub(super) definition: &'static StoryStep,
    /// Not empty. The most severe ones are first.
    pub(super) findings: Vec<FindingView<'a>>,
}

impl<'a> Story<'a> {
    /// The highest severity of its findings.
    pub(super) fn severity(&self) -> Severity {
        let findings = self.steps.iter().flat_map(|step| &step.findings);
        let severities = findings.map(|finding| finding.severity());
        severities.max().unwrap_or(Severity::Info)
    }

    /// `ConnectedApp:Name`
    pub(super) fn full_name(&self) -> String {
        format!("{}:{}", self.type_name, self.name.one_line())
    }

    /// The rules of its findings, in the order of the steps, each once.
    pub(super) fn rules(&self) -> Vec<&'a str> {
        let mut rules = Vec::new();
        for finding in self.steps.iter().flat_map(|step| &step.findings) {
            if !rules.contains(&finding.rule()) {
                rules.push(finding.rule());
            }
        }
        rules
    }

    /// What the order of stories depends on: severity, what the attacker reaches, and the number of steps.
    fn rank(&self) -> (Severity, u32, usize) {
        let reach = self.steps.iter().map(|step| step.definition.reach).sum();
        (self.severity(), reach, self.steps.len())
    }

    /// What two stories with the same text have in common.
    fn text_key(&self) -> impl PartialEq + use<'a> {
        let steps = self.steps.iter();
        let texts: Vec<&str> = steps.map(|it| it.definition.text.as_str()).collect();
        (&self.definition.id, self.severity(), texts, self.rules())
    }
}

/// The part of a project that a story is about: an External Client App with all of its files, or one file.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Subject<'a> {
    App(FileKey<'a>, ScannedText<'a>),
    File(FileKey<'a>),
}

/// The stories of a report, those first in which an attacker reaches the most.
pub(super) fn stories(report: ReportView<'_>) -> Vec<Story<'_>> {
    let mut by_subject: HashMap<Subject<'_>, Vec<FindingView<'_>>> = HashMap::new();
    for finding in report.findings() {
        let subject = match finding.external_client_app() {
            Some(app) => Subject::App(finding.project(), app),
            None => Subject::File(finding.file()),
        };
        by_subject.entry(subject).or_default().push(finding);
    }
    // There are fewer subjects than findings, and paths are slow to compare.
    let by_subject: BTreeMap<_, _> = by_subject.into_iter().collect();
    let stories = by_subject.iter();
    let stories = stories.filter_map(|(subject, findings)| story(subject, findings));
    let mut stories: Vec<Story<'_>> = stories.collect();
    stories.sort_by_cached_key(|story| Reverse(story.rank()));
    stories
}

/// The story of a subject with the most steps, if there is one.
fn story<'a>(subject: &Subject<'a>, findings: &[FindingView<'a>]) -> Option<Story<'a>> {
    let mut best: Option<Story<'a>> = None;
    for definition in STORIES.iter() {
        let Some(steps) = steps(definition, findings) else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|best| steps.len() > best.steps.len())
        {
            let component = findings.first()?.component();
            let (type_name, name) = match subject {
                Subject::App(_, app) => ("ExternalClientApplication", app.clone()),
                Subject::File(_) => (component.type_name(), component.name()),
            };
            best = Some(Story {
                definition,
                type_name,
                name,
                steps,
            });
        }
    }
    best
}

/// The steps that the findings make possible, if these are enough for the story.
fn steps<'a>(
    definition: &'static StoryDefinition,
    findings: &[FindingView<'a>],
) -> Option<Vec<Step<'a>>> {
    let mut steps = Vec::new();
    for step in &definition.step {
        let is_meant = |finding: &&FindingView<'a>| {
            let (rule, severity) = (finding.rule(), finding.severity());
            let metadata_type = finding.component().type_name();
            let mut evidence = step.findings.iter();
            evidence.any(|it| it.is(rule, severity, metadata_type))
        };
        let mut found: Vec<_> = findings.iter().filter(is_meant).copied().collect();
        if found.is_empty() {
            if step.required {
                return None;
            }
            continue;
        }
        found.sort_by_key(|finding| Reverse(finding.severity()));
        steps.push(Step {
            definition: step,
            findings: found,
        });
    }
    (steps.len() >= definition.min_steps).then_some(steps)
}

/// Stories with the same text, one after the other, as one: the first, and how many more there are.
pub(super) fn grouped(stories: Vec<Story<'_>>) -> Vec<Vec<Story<'_>>> {
    let mut groups: Vec<Vec<Story<'_>>> = Vec::new();
    let mut keys = Vec::new();
    for story in stories {
        let key = story.text_key();
        match keys.iter().position(|it| *it == key) {
            Some(at) => groups[at].push(story),
            None => {
                keys.push(key);
                groups.push(vec![story]);
            }
        }
    }
    groups
}
