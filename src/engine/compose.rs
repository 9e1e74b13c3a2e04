//! From what the checks say to findings.
//!
//! In: violations with byte spans, and the text that they are spans of. Out: [`Finding`]s, which
//! own everything that a report needs, so that the text can go.

use std::io;
use std::path::Path;

use super::check::Violation;
use super::conditions::{Found, Scene, find, shown};
use crate::finding::Excerpt;
use crate::finding::line_hashes;
use crate::finding::{Edit, Finding, Fix, Location, Related};
use crate::fix::propose;
use crate::project::SourceFile;
use crate::rule::{MessagePart, Recipe, Rule, Severity};
use crate::run::Detail;
use crate::text::LineIndex;
use crate::text::secret_spans;
use crate::xml::{Malformed, Span};

/// The finding about a file that cannot be judged.
pub(crate) fn malformed(
    rule: &Rule,
    file: &SourceFile,
    bytes: &[u8],
    malformed: &Malformed,
    detail: Detail,
) -> Finding {
    // Of a file in another encoding the part before the first foreign byte can be shown.
    let readable = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut places = Places::new(file, readable, detail);
    if bytes.contains(&0) {
        // Between the zeros of UTF-16 secrets look like nothing that could be found.
        places.secrets = vec![Span::new(0, readable.len())];
    }
    let headline = format!(
        "`{}` cannot be judged: {}",
        file.component.name, malformed.reason
    );
    let related = malformed.related.iter().map(|(span, label)| Related {
        message: label.clone(),
        location: places.location(*span),
    });
    Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        message: format!("{headline}."),
        headline,
        label: malformed.reason.clone(),
        reasons: Vec::new(),
        help: rule.help.clone(),
        file: file.clone(),
        location: places.location(malformed.span),
        related: related.collect(),
        fix: None,
        element: String::new(),
        fingerprint: String::new(),
        line_hash: places.line_hash(malformed.span),
        suppressed: None,
    }
}

/// Turns spans of one file into locations.
struct Places<'a> {
    path: String,
    lines: LineIndex<'a>,
    secrets: Vec<Span>,
    hashes: Vec<String>,
    detail: Detail,
}

impl<'a> Places<'a> {
    fn new(file: &SourceFile, source: &'a str, detail: Detail) -> Self {
        Self {
            path: file.report_path(),
            lines: LineIndex::new(source),
            secrets: if detail.excerpts {
                secret_spans(source)
            } else {
                Vec::new()
            },
            hashes: if detail.line_hashes {
                line_hashes(source)
            } else {
                Vec::new()
            },
            detail,
        }
    }

    /// Masks what rules about secrets found, whatever its element is called.
    fn mask(&mut self, violations: &[Violation<'_>], scene: Scene<'_>) {
        let found = violations.iter().filter(|found| found.rule.secret);
        let nodes = found.filter_map(|found| found.breach.node);
        self.secrets
            .extend(nodes.map(|node| scene.document.content(node)));
        self.secrets.sort();
    }

    fn location(&self, span: Span) -> Location {
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&self.lines, span, &self.secrets));
        Location {
            path: self.path.clone(),
            start: self.lines.position(span.start as usize),
            end: self.lines.position(span.end as usize),
            excerpt,
        }
    }

    fn line_hash(&self, span: Span) -> Option<String> {
        let line = self.lines.position(span.start as usize).line;
        let last = self.hashes.len().checked_sub(1)?;
        self.hashes.get((line - 1).min(last)).cloned()
    }
}

/// The findings about one file. `read` gives the bytes of another in which evidence stands.
pub(crate) fn findings(
    violations: &[Violation<'_>],
    scene: Scene<'_>,
    detail: Detail,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Vec<Finding> {
    if violations.is_empty() {
        return Vec::new();
    }
    let is_reported = |severity: Severity| detail.least_severity.is_none_or(|it| severity >= it);
    let detail = Detail {
        excerpts: detail.excerpts && violations.iter().any(|it| is_reported(it.severity)),
        ..detail
    };
    let mut places = Places::new(scene.file, scene.document.source(), detail);
    places.mask(violations, scene);
    let findings = violations
        .iter()
        .map(|violation| finding(violation, scene, &places, &read));
    findings.collect()
}

fn finding(
    violation: &Violation<'_>,
    scene: Scene<'_>,
    places: &Places<'_>,
    read: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Finding {
    let breach = &violation.breach;
    let headline = headline(violation, scene);
    let mut message = headline.clone();
    if !breach.label.is_empty() {
        message.push_str(": ");
        message.push_str(&breach.label);
    }
    message.push('.');
    for reason in &violation.reasons {
        message.push(' ');
        message.push_str(reason);
        message.push('.');
    }
    let also = breach.also.iter().map(|(span, label)| Related {
        message: label.clone(),
        location: places.location(*span),
    });
    let mut related: Vec<Related> = also.collect();
    // Evidence of one file stands together, and each file is looked at once.
    for of_file in violation
        .evidence
        .chunk_by(|one, other| one.fact == other.fact)
    {
        let mut tell = |location: &dyn Fn(Span) -> Location| {
            related.extend(of_file.iter().map(|evidence| Related {
                message: evidence.label.clone().unwrap_or_default(),
                location: location(evidence.span),
            }));
        };
        match (of_file[0].fact, scene.facts) {
            (Some(fact), Some(facts)) => {
                let fact = facts.fact(fact);
                let text = fact.text(&read);
                let there = Places::new(&fact.file, &text, places.detail);
                tell(&|span| there.location(fact.place(span, &text)));
            }
            _ => tell(&|span| places.location(span)),
        }
    }
    let (fix, help) = match violation.recipe {
        None => (None, violation.rule.help.clone()),
        Some(recipe) => match propose(violation, recipe, scene) {
            Ok(changes) => {
                let fix = fix(recipe, violation.safe, &changes, &places.lines);
                (Some(fix), violation.rule.help.clone())
            }
            Err(reason) => (
                None,
                format!("{} No fix is offered: {reason}", violation.rule.help),
            ),
        },
    };
    Finding {
        rule: violation.rule.id.clone(),
        severity: violation.severity,
        message,
        headline,
        label: breach.label.clone(),
        reasons: violation.reasons.clone(),
        help,
        file: scene.file.clone(),
        location: places.location(breach.span),
        related,
        fix,
        element: breach.element.clone(),
        fingerprint: String::new(),
        line_hash: places.line_hash(breach.span),
        suppressed: None,
    }
}

/// The message, with what the file says in its places.
fn headline(violation: &Violation<'_>, scene: Scene<'_>) -> String {
    let mut text = String::new();
    for part in violation.message.parts() {
        match part {
            MessagePart::Text(part) => text.push_str(part),
            MessagePart::Component => text.push_str(&scene.file.component.name),
            MessagePart::Field(path) => match find(path, scene, violation.context) {
                Found::Elements(elements) => {
                    let value = scene.document.value(elements[0]);
                    text.push_str(&shown(path.last(), value.text()));
                }
                Found::Missing(_) => text.push_str("nothing"),
                Found::Unknown => text.push('…'),
            },
        }
    }
    text
}

fn fix(recipe: &Recipe, safe: bool, changes: &[(Span, String)], lines: &LineIndex<'_>) -> Fix {
    let edits = changes.iter().map(|(span, text)| Edit {
        start: lines.position(span.start as usize),
        end: lines.position(span.end as usize),
        text: text.clone(),
    });
    Fix {
        title: recipe.title(),
        rollout: recipe.rollout.clone().filter(|_| !safe),
        edits: edits.collect(),
    }
}
