//! Converts diagnostics to findings.
//!
//! Diagnostics refer to the text by byte spans. Findings own everything that a report needs, so that
//! the text can be dropped.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::{io, iter};

use super::app_name::external_client_app;
use super::locations::{FileLocations, Locations};
use super::timings::{Phase, Timer};
use crate::engine::{Checked, Context, Diagnostic, Evidence, FileText, Found, Repair, Subject};
use crate::finding::{
    Applicability, Detail, Edit, ElementPaths, Finding, Fix, Location, MoreFindings, Related,
    RelatedKind,
};
use crate::fix::{Change, NoFix, plan};
use crate::project::SourceFile;
use crate::rule::{Message, MessagePart, Recipe, Rule, Severity};
use crate::xml::{Malformed, NodeId, Span};

/// The finding about a malformed file.
pub(super) fn malformed(
    rule: &Rule,
    file: &SourceFile,
    bytes: &[u8],
    malformed: &Malformed,
    detail: Detail,
) -> Finding {
    // In a file with another encoding, the part before the first invalid byte can be shown.
    let readable = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut locations = Locations::new(file, readable, detail);
    if bytes.contains(&0) {
        // Secrets are not recognized in UTF-16.
        locations.mask_all();
    }
    let headline = format!(
        "`{}` cannot be checked: {}",
        file.component.name, malformed.reason
    );
    let related = malformed.related.iter().map(|(span, label)| Related {
        kind: RelatedKind::Cause,
        message: label.clone(),
        location: locations.location(*span),
    });
    Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        headline,
        label: malformed.reason.clone(),
        reasons: ignored_reason(file).into_iter().collect(),
        help: rule.help.clone(),
        file: Arc::new(file.clone()),
        external_client_app: None,
        location: locations.location(malformed.span),
        related: related.collect(),
        decided_elsewhere: Vec::new(),
        fix: None,
        element: String::new(),
        fingerprint: String::new(),
        line_hash: locations.line_hash(malformed.span),
        suppressed: None,
        order: 0,
    }
}

/// The findings in one document, and how many there are beyond the limit. `source` is the text of the file, or
/// of the `files` of a decomposed component: that of `context` can contain replaced text. `read` returns the
/// bytes of another file, for evidence in it.
pub(super) fn findings(
    checked: &Checked<'_>,
    source: &str,
    context: Context<'_>,
    files: &[FileText],
    detail: Detail,
    timer: Timer,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> (Vec<Finding>, Vec<MoreFindings>) {
    let diagnostics = &checked.diagnostics;
    if diagnostics.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let is_reported = |severity: Severity| detail.lowest_severity.is_none_or(|it| severity >= it);
    let detail = Detail {
        excerpts: detail.excerpts && diagnostics.iter().any(|it| is_reported(it.severity)),
        ..detail
    };
    let subject = context.subject;
    let mut locations = Locations::of_files(files, subject.file, source, detail);
    locations.mask_found(&checked.secrets, subject);
    let mut writer = FindingWriter {
        context,
        external_client_app: external_client_app(subject),
        locations: &locations,
        paths: ElementPaths::new(subject.document),
        read,
        evidence: HashMap::new(),
        headline: None,
        searched_bytes: 0,
        timer,
    };
    let findings = diagnostics.iter().enumerate().map(|(order, diagnostic)| {
        let finding = match is_reported(diagnostic.severity) {
            true => writer.finding(diagnostic),
            false => writer.unreported(diagnostic),
        };
        Finding { order, ..finding }
    });
    let findings = findings.collect();
    let more = checked.more.iter().map(|more| {
        let first = subject.replaced.source_span(more.first);
        MoreFindings {
            rule: more.rule.id.clone(),
            severity: more.severity,
            file: (*locations.of(first).file).clone(),
            location: locations.without_excerpt(first),
            count: more.count,
            suppressed: None,
        }
    });
    (findings, more.collect())
}

/// Makes the findings of a file.
struct FindingWriter<'a, R> {
    context: Context<'a>,
    external_client_app: Option<String>,
    locations: &'a Locations<'a>,
    paths: ElementPaths<'a>,
    read: R,
    /// The locations of evidence in other files.
    evidence: HashMap<(Option<usize>, Span), Location>,
    /// The last headline, with its message and the element that it is about: many findings can be about one
    /// element.
    headline: Option<(&'a Message, NodeId, String)>,
    /// How many bytes replacements searched to check fixes.
    searched_bytes: usize,
    timer: Timer,
}

/// The most bytes that replacements search to check the fixes of one file. The time would otherwise grow with
/// the number of fixes times that of replacements times the size of the file.
const MAX_SEARCHED_BYTES: usize = 64 * 1024 * 1024;

impl<'a, R: Fn(&Path) -> io::Result<Vec<u8>>> FindingWriter<'a, R> {
    fn finding(&mut self, diagnostic: &Diagnostic<'a>) -> Finding {
        let Self {
            context, locations, ..
        } = *self;
        let span = self.span(diagnostic.failure.span);
        let rule = diagnostic.rule;
        let headline = self.headline(diagnostic);
        let planning = self.timer.measure(Phase::Fixes);
        let (fix, help) = match diagnostic.recipe {
            None => (None, rule.help.clone()),
            Some(recipe) => match plan(diagnostic, recipe, context.subject)
                .and_then(|changes| self.kept(changes, locations.of(span)))
            {
                Ok(changes) => {
                    let fix = fix(recipe, diagnostic, &changes, locations.of(span));
                    (Some(Box::new(fix)), rule.help.clone())
                }
                Err(reason) => {
                    let help = format!("{} No automatic fix: {reason}", rule.help);
                    (None, help.into())
                }
            },
        };
        drop(planning);
        let mut reasons = diagnostic.reasons.clone();
        reasons.extend(ignored_reason(&locations.of(span).file));
        Finding {
            headline,
            reasons,
            help,
            location: locations.location(span),
            related: self.related(diagnostic),
            fix,
            line_hash: locations.line_hash(span),
            ..self.unreported(diagnostic)
        }
    }

    /// The changes with spans of the file that they are in, if `replacements` do not match in the new text.
    fn kept(
        &mut self,
        changes: Vec<Change>,
        locations: &FileLocations<'_>,
    ) -> Result<Vec<Change>, NoFix> {
        let in_file = |(span, text)| (locations.in_file(span), text);
        let changes: Vec<Change> = changes.into_iter().map(in_file).collect();
        let replacements = self.context.subject.replaced.count();
        if replacements == 0 {
            return Ok(changes);
        }
        let searched = locations.lines.text().len().saturating_mul(replacements);
        self.searched_bytes = self.searched_bytes.saturating_add(searched);
        // The first fix is checked in any case: `deploy` has its own limit.
        if self.searched_bytes > MAX_SEARCHED_BYTES && self.searched_bytes > searched {
            return Err(NoFix::TooManyReplacements);
        }
        match is_kept(&changes, locations) {
            true => Ok(changes),
            false => Err(NoFix::ReplacementsMatch),
        }
    }

    /// The range of the file that a range of the checked text comes from.
    fn span(&self, span: Span) -> Span {
        self.context.subject.replaced.source_span(span)
    }

    /// The path of the element, unless `replacements` insert a part of it.
    fn element(&self, diagnostic: &Diagnostic<'_>) -> String {
        let failure = &diagnostic.failure;
        let Subject {
            document, replaced, ..
        } = self.context.subject;
        let is_inserted = |span| replaced.is_inserted(span);
        let node = failure.node.unwrap_or(diagnostic.context);
        let mut around = iter::successors(Some(node), |&node| document.parent(node));
        let hidden = replaced.text().is_some()
            && (around.any(|node| is_inserted(document.start_tag(node)))
                || (failure.node.is_none() && is_inserted(failure.span)));
        match hidden {
            true => String::new(),
            false => failure.element.path(&self.paths),
        }
    }

    /// A finding without texts for reports.
    fn unreported(&self, diagnostic: &Diagnostic<'_>) -> Finding {
        let failure = &diagnostic.failure;
        let span = self.span(failure.span);
        Finding {
            rule: diagnostic.rule.id.clone(),
            severity: diagnostic.severity,
            headline: String::new(),
            label: failure.label.clone(),
            reasons: Vec::new(),
            help: Arc::default(),
            file: self.locations.of(span).file.clone(),
            external_client_app: self.external_client_app.clone(),
            location: self.locations.without_excerpt(span),
            related: Vec::new(),
            decided_elsewhere: diagnostic.elsewhere.clone(),
            fix: None,
            element: self.element(diagnostic),
            fingerprint: String::new(),
            line_hash: None,
            suppressed: None,
            order: 0,
        }
    }

    fn related(&mut self, diagnostic: &Diagnostic<'_>) -> Vec<Related> {
        let also = diagnostic.failure.also.iter();
        let mut related: Vec<Related> = also
            .map(|(span, label)| Related {
                kind: RelatedKind::Cause,
                message: label.clone(),
                location: self.locations.location(self.span(*span)),
            })
            .collect();
        // Evidence is grouped by file, so that each file is read once.
        let files = diagnostic
            .evidence
            .chunk_by(|one, other| one.component == other.component);
        for of_file in files {
            self.locate_evidence(of_file);
            related.extend(of_file.iter().map(|evidence| Related {
                kind: RelatedKind::Evidence,
                message: evidence.label.clone().unwrap_or_default(),
                location: match self.evidence.get(&(evidence.component, evidence.span)) {
                    Some(location) => location.clone(),
                    None => self.locations.location(self.span(evidence.span)),
                },
            }));
        }
        // Most findings have one or two, and a vector grows to four.
        related.shrink_to_fit();
        related
    }

    /// Finds the locations of evidence in another file. Many findings can have the same evidence.
    fn locate_evidence(&mut self, of_file: &[Evidence]) {
        let (Some(position), Some(index)) = (of_file[0].component, self.context.index) else {
            return;
        };
        let is_known = |it: &Evidence| self.evidence.contains_key(&(it.component, it.span));
        if of_file.iter().all(is_known) {
            return;
        }
        let component = index.component(position);
        // The hashes of lines are only needed for the location of the finding itself.
        let detail = Detail {
            line_hashes: false,
            ..self.locations.detail
        };
        let long = index.long_text(position, &self.read);
        let text = match &long {
            Some(long) => Cow::Borrowed(long.text.as_str()),
            None => component.text(&self.read),
        };
        let locations = match &long {
            Some(long) => Locations::in_long_text(&component.file, long, detail),
            None => Locations::of_files(&component.files, &component.file, &text, detail),
        };
        self.evidence.extend(of_file.iter().map(|it| {
            let span = component.span_in(it.span, &text);
            ((it.component, it.span), locations.location(span))
        }));
    }

    fn headline(&mut self, diagnostic: &Diagnostic<'a>) -> String {
        if let Some((message, context, headline)) = &self.headline
            && std::ptr::eq(*message, diagnostic.message)
            && *context == diagnostic.context
        {
            return headline.clone();
        }
        let headline = headline(diagnostic, self.context.subject);
        self.headline = Some((diagnostic.message, diagnostic.context, headline.clone()));
        headline
    }
}

/// In an audit: that an ignore file excludes the file of a finding.
fn ignored_reason(file: &SourceFile) -> Option<String> {
    let by = file.ignored_by()?.source();
    Some(format!("The file is excluded by {by}"))
}

/// The rule's message with values of the file in place of its placeholders.
fn headline(diagnostic: &Diagnostic<'_>, subject: Subject<'_>) -> String {
    let mut text = String::new();
    for part in diagnostic.message.parts() {
        match part {
            MessagePart::Text(part) => text.push_str(part),
            MessagePart::Component => text.push_str(&subject.file.component.name),
            MessagePart::Field(path) => match subject.find(path, diagnostic.context) {
                Found::Elements(elements) => {
                    let value = subject.document.value(elements[0]);
                    text.push_str(&subject.displayed(elements[0], path.last(), value.text()));
                }
                Found::Missing(_) => text.push_str("nothing"),
                Found::Unknown => text.push('…'),
            },
        }
    }
    text
}

/// Whether `replacements` do not match in the new text of the changes.
fn is_kept(changes: &[Change], locations: &FileLocations<'_>) -> bool {
    let FileLocations { file, lines, .. } = locations;
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|(span, _)| *span);
    let mut text = String::new();
    let mut new = Vec::new();
    let mut at = 0;
    for (span, with) in sorted {
        text.push_str(&lines.text()[at..span.start as usize]);
        new.push(Span::new(text.len(), text.len() + with.len()));
        text.push_str(with);
        at = span.end as usize;
    }
    text.push_str(&lines.text()[at..]);
    let replaced = file.replaced(&text);
    new.iter().all(|span| replaced.keeps(*span))
}

fn fix(
    recipe: &Recipe,
    diagnostic: &Diagnostic<'_>,
    changes: &[Change],
    locations: &FileLocations<'_>,
) -> Fix {
    let lines = &locations.lines;
    let edits = changes.iter().map(|(span, text)| Edit {
        start: lines.position(span.start as usize),
        end: lines.position(span.end as usize),
        text: text.clone(),
    });
    let applicability = match &recipe.rollout {
        Some(instructions) if !diagnostic.is_safe => Applicability::NeedsRollout {
            instructions: instructions.clone(),
        },
        _ => Applicability::Safe,
    };
    Fix {
        title: recipe.title(),
        applicability,
        edits: edits.collect(),
        contains_secret: locations.contain_secret(changes),
        corrects_name: matches!(diagnostic.failure.repair, Some(Repair::Rename(_))),
    }
}
