//! Exceptions of the config: findings that a team accepts, with a reason and an optional expiry date.

use std::path::Path;

use jiff::civil::Date;

use super::file::ExceptionTable;
use crate::finding::{DatedException, ExpiredException, Suppression, SuppressionKind};
use crate::project::{MetadataType, PathGlobs, SourceFile};
use crate::rule::{Problem, Spanned};
use crate::text::sanitize;

/// Suppresses findings of one rule.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The id of the rule.
    pub rule: String,
    pub subject: Subject,
    pub reason: String,
    /// The last day on which it applies.
    pub expires: Option<Date>,
    /// The person or team responsible for it.
    pub owner: Option<String>,
    /// Its line in the config.
    pub line: usize,
}

/// The component or the files that an exception applies to.
#[derive(Debug, Clone)]
pub enum Subject {
    /// One component, as `Type:Name`.
    Component(String),
    /// The files that a glob matches.
    Path {
        /// As in the config.
        glob: String,
        /// The compiled glob.
        globs: PathGlobs,
    },
}

impl Subject {
    /// The subject as in the config: `Type:Name` or a glob.
    pub fn name(&self) -> &str {
        match self {
            Self::Component(name) => name,
            Self::Path { glob, .. } => glob,
        }
    }
}

/// What is needed to convert an exception, beside its table.
pub(crate) struct ExceptionContext<'a> {
    /// Its line in the config.
    pub line: usize,
    /// The folder that globs are relative to.
    pub globs_from: &'a Path,
}

impl Exception {
    /// Converts a table of the config. Adds what is not valid to `problems`.
    pub(crate) fn read(
        table: &Spanned<ExceptionTable>,
        context: ExceptionContext<'_>,
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
                    .help("explain why these findings are acceptable; reports show the reason"),
            );
        }
        let subject = match (component, path) {
            (Some(component), None) => component_subject(component, problems),
            (None, Some(path)) => path_subject(path, &context, problems),
            (None, None) => {
                problems.push(
                    Problem::new(table.span(), "an exception needs `component` or `path`")
                        .help("for example, component = \"ConnectedApp:Name\""),
                );
                None
            }
            (Some(_), Some(path)) => {
                problems.push(
                    Problem::new(
                        path.span(),
                        "an exception has `component` or `path`, not both",
                    )
                    .help("write a separate exception for each"),
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
                let problem = Problem::new(expires.span(), "invalid date");
                problems.push(problem.help("write a date without a time: expires = 2027-03-31"));
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
            line: context.line,
        })
    }

    /// Whether it applies to findings of its rule in this file, or did before it expired.
    pub(super) fn covers(&self, file: &SourceFile) -> bool {
        match &self.subject {
            Subject::Component(name) => file.component.to_string() == *name,
            Subject::Path { globs, .. } => globs.has(&file.path, false),
        }
    }

    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// Whether it expires on the same day as another, later, or never.
    pub(super) fn applies_as_long_as(&self, other: &Self) -> bool {
        match (self.expires, other.expires) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(last), Some(other)) => last >= other,
        }
    }

    pub(crate) fn suppression(&self) -> Suppression {
        Suppression {
            kind: SuppressionKind::Exception,
            reason: Some(self.reason.clone()),
            expires: self.expires.map(|last| last.to_string()),
            owner: self.owner.clone(),
        }
    }

    /// The entry of a report for it after it has expired.
    pub(crate) fn expired(&self) -> ExpiredException {
        ExpiredException {
            rule: self.rule.clone(),
            subject: self.subject.name().to_owned(),
            suppression: self.suppression(),
        }
    }

    /// The exception with its expiry date, if it has one.
    pub(crate) fn dated(&self, today: Date) -> Option<DatedException> {
        Some(DatedException {
            rule: self.rule.clone(),
            subject: self.subject.name().to_owned(),
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires: self.expires?.to_string(),
            is_expired: self.is_expired(today),
        })
    }

    /// A description with its location in the file `config`.
    pub(super) fn describe(&self, config: &str) -> String {
        format!(
            "the exception from `{}` for `{}` ({config}:{})",
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
            Problem::new(component.span(), format!("invalid component `{text}`"))
                .help("write its type and its full name, for example ConnectedApp:Name"),
        );
        return None;
    };
    let Some(metadata_type) = MetadataType::named(metadata_type) else {
        let known = MetadataType::all().map(MetadataType::name);
        let message = format!("unknown metadata type `{metadata_type}`");
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
    context: &ExceptionContext<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Subject> {
    let glob = path.get_ref();
    match PathGlobs::new(context.globs_from, [glob.as_str()]) {
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
