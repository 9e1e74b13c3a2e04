//! `[[exception]]`: findings that a team has decided to live with, for a reason and for a time.
//!
//! In: the tables of the config. Out: [`Exception`]s, which tell whether they are about a finding,
//! and what is to be said of those that do nothing.

use std::path::Path;

use jiff::civil::Date;

use super::file::ExceptionTable;
use crate::finding::{ExpiredException, Finding, Suppression, SuppressionKind};
use crate::project::{MetadataType, PathGlobs};
use crate::rule::{Problem, Spanned};
use crate::text::nearest;
use crate::text::sanitize;

/// Findings of one rule that do not count.
#[derive(Debug)]
pub struct Exception {
    /// The rule's id.
    pub rule: String,
    /// What it is about.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// The last day on which it applies.
    pub expires: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its line in the config.
    pub line: usize,
}

/// What an exception is about.
#[derive(Debug)]
pub enum Subject {
    /// One component, as `Type:Name`.
    Component(String),
    /// Files by a glob.
    Path {
        /// As it is written.
        glob: String,
        /// The same, ready to use.
        globs: PathGlobs,
    },
}

impl Subject {
    /// It as the config has it: `Type:Name` or a glob.
    pub fn name(&self) -> &str {
        match self {
            Self::Component(name) => name,
            Self::Path { glob, .. } => glob,
        }
    }
}

/// The position of an exception, and the folder of its glob.
pub(crate) struct Placing<'a> {
    /// Its line in the config.
    pub line: usize,
    /// The folder of the globs.
    pub globs_from: &'a Path,
}

impl Exception {
    /// Gives meaning to a table; what has none goes to `problems`.
    pub(crate) fn read(
        table: &Spanned<ExceptionTable>,
        placing: Placing<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let ExceptionTable {
            rule,
            component,
            path,
            reason,
            expires,
            owner,
        } = table.get_ref();
        let before = problems.len();
        if reason.get_ref().trim().is_empty() {
            problems.push(
                Problem::new(reason.span(), "an exception needs a reason")
                    .help("say why these findings are acceptable; reports show it"),
            );
        }
        let subject = match (component, path) {
            (Some(component), None) => component_subject(component, problems),
            (None, Some(path)) => path_subject(path, &placing, problems),
            (None, None) => {
                problems.push(
                    Problem::new(table.span(), "an exception needs `component` or `path`")
                        .help("such as component = \"ConnectedApp:Name\""),
                );
                None
            }
            (Some(_), Some(path)) => {
                problems.push(
                    Problem::new(
                        path.span(),
                        "an exception has `component` or `path`, not both",
                    )
                    .help("write one exception for each"),
                );
                None
            }
        };
        let expires = expires.as_ref().and_then(|expires| {
            let date = expires.get_ref().date;
            let is_day = expires.get_ref().time.is_none();
            let date = date.filter(|_| is_day).and_then(|date| {
                let month = i8::try_from(date.month).ok()?;
                let day = i8::try_from(date.day).ok()?;
                Date::new(i16::try_from(date.year).ok()?, month, day).ok()
            });
            if date.is_none() {
                let problem = Problem::new(expires.span(), "this is no day of the calendar");
                problems.push(problem.help("write a date alone: expires = 2027-03-31"));
            }
            date
        });
        let subject = subject.filter(|_| problems.len() == before)?;
        Some(Self {
            rule: rule.get_ref().clone(),
            subject,
            reason: reason.get_ref().trim().to_owned(),
            expires,
            owner: owner.clone(),
            line: placing.line,
        })
    }

    /// Whether it is about this finding, whatever the day.
    pub fn is_about(&self, finding: &Finding) -> bool {
        finding.rule == self.rule
            && match &self.subject {
                Subject::Component(name) => finding.component().to_string() == *name,
                Subject::Path { globs, .. } => globs.has(&finding.file.path, false),
            }
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// What it says of a finding that it is about.
    pub(crate) fn suppression(&self) -> Suppression {
        Suppression {
            kind: SuppressionKind::Exception,
            reason: Some(self.reason.clone()),
            expires: self.expires.map(|last| last.to_string()),
            owner: self.owner.clone(),
        }
    }

    /// What a report shows of it once it has expired.
    pub(crate) fn expired(&self) -> ExpiredException {
        ExpiredException {
            rule: self.rule.clone(),
            subject: self.subject.name().to_owned(),
            suppression: self.suppression(),
        }
    }

    /// It and its place, for people; `config` is its file.
    fn shown(&self, config: &str) -> String {
        format!(
            "the exception of `{}` for `{}` ({config}:{})",
            self.rule,
            sanitize(self.subject.name()),
            self.line
        )
    }
}

fn component_subject(component: &Spanned<String>, problems: &mut Vec<Problem>) -> Option<Subject> {
    let text = component.get_ref();
    let Some((metadata_type, name)) = text.split_once(':').filter(|(_, name)| !name.is_empty())
    else {
        problems.push(
            Problem::new(component.span(), format!("`{text}` is no component"))
                .help("write its type and its full name: ConnectedApp:Name"),
        );
        return None;
    };
    let Some(metadata_type) = MetadataType::named(metadata_type) else {
        let known = MetadataType::all().map(MetadataType::name);
        let message = format!("forcelint knows no metadata type `{metadata_type}`");
        problems.push(Problem::new(component.span(), message).nearest(metadata_type, known));
        return None;
    };
    Some(Subject::Component(format!(
        "{}:{name}",
        metadata_type.name()
    )))
}

fn path_subject(
    path: &Spanned<String>,
    placing: &Placing<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Subject> {
    let glob = path.get_ref();
    match PathGlobs::new(placing.globs_from, [glob.as_str()]) {
        Ok(globs) => Some(Subject::Path {
            glob: glob.clone(),
            globs,
        }),
        Err((_, reason)) => {
            let message = format!("{glob:?} {reason}");
            problems.push(Problem::new(path.span(), message));
            None
        }
    }
}

/// What is to be said of exceptions that do nothing: expired ones whose findings are back and, after
/// a run over the `whole` project, those about nothing. `findings` are all that the run had.
pub(crate) fn notes<'f>(
    exceptions: &[Exception],
    config: &str,
    today: Date,
    findings: impl Iterator<Item = &'f Finding> + Clone,
    whole: bool,
    is_on: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    for exception in exceptions {
        let mut about = findings.clone().filter(|it| exception.is_about(it));
        let is_used = about.next().is_some();
        let shown = exception.shown(config);
        if let Some(last) = exception.expires.filter(|_| exception.is_expired(today)) {
            if is_used {
                notes.push(format!(
                    "{shown} expired after {last}: what it hid counts again"
                ));
            } else if whole && is_on(&exception.rule) {
                notes.push(format!(
                    "{shown} expired after {last} and matches nothing; take it out"
                ));
            }
        } else if !is_used && whole && is_on(&exception.rule) {
            let same_rule = findings.clone().filter(|it| it.rule == exception.rule);
            let names: Vec<String> = same_rule.map(|it| it.component().to_string()).collect();
            let near = match &exception.subject {
                Subject::Component(name) => nearest(name, names.iter().map(String::as_str)),
                Subject::Path { .. } => None,
            };
            notes.push(match near {
                Some(near) => format!(
                    "{shown} matches nothing; did you mean `{}`?",
                    sanitize(near)
                ),
                None => format!("{shown} matches nothing; take it out, or mend it"),
            });
        }
    }
    notes
}
