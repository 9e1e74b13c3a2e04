//! The baseline, `forcelint-baseline.json`: existing findings, so that only new ones are reported.
//!
//! It has one line per finding, and does not change when metadata is moved or reformatted.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::finding::{Finding, MoreFindings, Report, Suppression, SuppressionKind};
use crate::project::bounded;
use crate::rule::{MALFORMED, Severity};
use crate::text::{drawable, sanitize, sanitize_json, sanitize_lines};

/// The default name of the file.
pub(crate) const BASELINE_FILE: &str = "forcelint-baseline.json";

/// The version of the file format.
const VERSION: u64 = 1;

/// The severities of existing findings, by fingerprint.
#[derive(Debug, Default, Clone)]
pub struct Baseline {
    findings: BTreeMap<String, Severity>,
    /// How many findings have no fingerprint, because a report does not list them.
    more: BTreeMap<Unlisted, usize>,
}

/// What unlisted findings have in common: the component, the rule, and the severity.
type Unlisted = (String, String, Severity);

/// Findings without a fingerprint that a baseline can still suppress.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    left: BTreeMap<Unlisted, usize>,
}

impl Allowance {
    /// Uses up to `wanted` findings of the allowance, and returns how many.
    pub(super) fn take(&mut self, of: &Unlisted, wanted: usize) -> usize {
        let (component, rule, severity) = of;
        let highest = Severity::ALL.into_iter().max().unwrap_or(*severity);
        let to = (component.clone(), rule.clone(), highest);
        let mut taken = 0;
        // A finding is suppressed with at most the recorded severity.
        for left in self.left.range_mut(of.clone()..=to).map(|(_, left)| left) {
            let more = (wanted - taken).min(*left);
            *left -= more;
            taken += more;
        }
        taken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }
}

/// Why a baseline cannot be used. `command` is the command that writes it again.
#[derive(Debug, Error, Diagnostic)]
pub enum BaselineError {
    #[error("the baseline `{path}` does not exist")]
    #[diagnostic(help("create it with `{command}`"))]
    Missing { path: String, command: String },
    #[error("cannot read the baseline `{path}`: {reason}")]
    Unreadable { path: String, reason: String },
    #[error(
        "the baseline `{path}` has version {version}, but this version of forcelint reads version \
         {VERSION}"
    )]
    #[diagnostic(help(
        "use the version of forcelint that wrote it, or write it again with `{command}`"
    ))]
    OtherVersion {
        path: String,
        version: u64,
        command: String,
    },
    #[error("invalid baseline `{path}`: {reason}")]
    #[diagnostic(help("restore it from version control, or write it again with `{command}`"))]
    Invalid {
        path: String,
        reason: String,
        command: String,
        #[source_code]
        source_code: NamedSource<String>,
        #[label("here")]
        span: SourceSpan,
    },
}

/// The part of the file that all versions have.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    findings: Vec<Entry>,
    #[serde(default)]
    more: Vec<CountEntry>,
}

/// A finding. The rule and the component are for people who read the file.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    component: String,
    rule: String,
    severity: Severity,
    fingerprint: String,
}

/// The number of findings that a report does not list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountEntry {
    component: String,
    rule: String,
    severity: Severity,
    count: u32,
}

impl Baseline {
    /// The baseline of the findings of a report that only an older baseline suppresses, if anything does, and
    /// its text. Findings about malformed files cannot be suppressed, so they are not included. With `limit`,
    /// which is the older baseline, neither are those that it does not suppress.
    pub fn of(report: &Report, limit: Option<&Self>) -> (Self, String) {
        let new = report.findings.iter().map(Box::as_ref);
        let new = new.filter(|it| it.rule != MALFORMED);
        let new = new.filter_map(|finding| match limit {
            None => Some((finding, finding.severity)),
            // A finding that is more severe now stays new, and its entry stays.
            Some(limit) => Some((finding, *limit.findings.get(&finding.fingerprint)?)),
        });
        let old = suppressed_by_baseline(report).map(|finding| (finding, finding.severity));
        let entries = new.chain(old).map(|(finding, severity)| Entry {
            component: finding.component().to_string(),
            rule: finding.rule.clone(),
            severity,
            fingerprint: finding.fingerprint.clone(),
        });
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_unstable();
        let mut more: BTreeMap<Unlisted, usize> = BTreeMap::new();
        for unlisted in &report.more {
            let is_new = limit.is_none() && unlisted.suppressed.is_none();
            if is_new || is_by_baseline(unlisted.suppressed.as_ref()) {
                *more.entry(Self::unlisted(unlisted)).or_default() += unlisted.count;
            }
        }
        let counts = more.iter();
        let counts = counts.map(|((component, rule, severity), count)| CountEntry {
            component: component.clone(),
            rule: rule.clone(),
            severity: *severity,
            count: u32::try_from(*count).unwrap_or(u32::MAX),
        });
        let text = to_text(&entries, &counts.collect::<Vec<_>>());
        let findings = severities(entries);
        (Self { findings, more }, text)
    }

    /// Reads the file at `path`. Errors contain `display_path`.
    ///
    /// # Errors
    /// If the file is missing, truncated, not a baseline, or of another version. Without it, all
    /// findings that it suppresses would be reported as new.
    pub fn read(path: &Path, display_path: &str) -> Result<Self, BaselineError> {
        let display_path = sanitize(display_path).into_owned();
        let command = command(path, &display_path);
        match bounded::read(path) {
            Ok(bytes) => Self::parse(&bytes, display_path, command),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BaselineError::Missing {
                path: display_path,
                command,
            }),
            Err(error) => Err(BaselineError::Unreadable {
                path: display_path,
                reason: sanitize(&error.to_string()).into_owned(),
            }),
        }
    }

    /// Parses the bytes of a baseline, which `command` writes. Errors contain `path`.
    ///
    /// # Errors
    /// If the bytes are truncated, not a baseline, or of another version.
    pub fn parse(bytes: &[u8], path: String, command: String) -> Result<Self, BaselineError> {
        let text = String::from_utf8_lossy(bytes);
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let invalid = |error: &serde_json::Error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let reason = match reason {
                _ if error.is_eof() => "the file is truncated",
                // serde names the Rust type, which means nothing to users.
                _ if reason.contains("struct ") => "unexpected value",
                reason => reason,
            };
            let line = error.line().saturating_sub(1);
            let starts = json.split_inclusive('\n').take(line).map(str::len);
            let at = starts.sum::<usize>() + error.column().saturating_sub(1);
            let at = sanitize_lines(&json[..json.floor_char_boundary(at)]).len();
            let json = sanitize_lines(json);
            BaselineError::Invalid {
                reason: sanitize(reason).into_owned(),
                command: command.clone(),
                span: SourceSpan::from(drawable(at..at, &json)),
                source_code: NamedSource::new(&path, json),
                path: path.clone(),
            }
        };
        let head: Head = serde_json::from_str(json).map_err(|error| invalid(&error))?;
        if head.version != VERSION {
            return Err(BaselineError::OtherVersion {
                path,
                version: head.version,
                command,
            });
        }
        let file: File = serde_json::from_str(json).map_err(|error| invalid(&error))?;
        let mut more: BTreeMap<Unlisted, usize> = BTreeMap::new();
        for entry in file.more {
            let unlisted = (entry.component, entry.rule, entry.severity);
            // As for findings: after a merge, the lower number suppresses less.
            let recorded = entry.count as usize;
            let count = more.entry(unlisted).or_insert(recorded);
            *count = recorded.min(*count);
        }
        let findings = severities(file.findings);
        Ok(Self { findings, more })
    }

    /// What a baseline records about unlisted findings.
    pub(super) fn unlisted(more: &MoreFindings) -> Unlisted {
        let component = more.file.component.to_string();
        (component, more.rule.clone(), more.severity)
    }

    /// The findings without a fingerprint that the baseline suppresses.
    pub(super) fn allowance(&self) -> Allowance {
        let left = self.more.clone();
        Allowance { left }
    }

    /// Whether the baseline has the finding, with at least its current severity.
    pub fn has(&self, finding: &Finding) -> bool {
        let recorded = self.findings.get(&finding.fingerprint);
        finding.rule != MALFORMED && recorded.is_some_and(|it| finding.severity <= *it)
    }

    /// The number of findings in the baseline that are not among these fingerprints, nor among the `unlisted`
    /// findings that it suppresses without a fingerprint.
    pub fn gone<'f>(&self, fingerprints: impl Iterator<Item = &'f str>, unlisted: usize) -> usize {
        let current: HashSet<&str> = fingerprints.collect();
        let recorded = self.findings.keys();
        let gone = recorded.filter(|it| !current.contains(it.as_str())).count();
        gone.saturating_add(self.counted().saturating_sub(unlisted))
    }

    /// The number of findings of the report that it suppresses without a fingerprint.
    pub fn unlisted_in(&self, report: &Report) -> usize {
        let listed = suppressed_by_baseline(report).filter(|it| !self.has(it));
        let more = report.more.iter();
        let more = more.filter(|it| is_by_baseline(it.suppressed.as_ref()));
        listed.count() + more.map(|it| it.count).sum::<usize>()
    }

    /// The number of findings without a fingerprint. A file can have any numbers.
    fn counted(&self) -> usize {
        self.more.values().copied().fold(0, usize::saturating_add)
    }

    /// The fingerprints of its findings.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.findings.keys().map(String::as_str)
    }

    /// The number of findings.
    pub fn len(&self) -> usize {
        self.findings.len().saturating_add(self.counted())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it suppresses a finding that the other baseline does not.
    pub(crate) fn suppresses_more_than(&self, other: &Self) -> bool {
        let is_kept = |(fingerprint, severity): (&String, &Severity)| {
            let kept = other.findings.get(fingerprint);
            kept.is_some_and(|kept| kept >= severity)
        };
        let mut others = other.allowance();
        let mut more = self.more.iter();
        !self.findings.iter().all(is_kept)
            || more.any(|(unlisted, count)| others.take(unlisted, *count) < *count)
    }
}

/// The listed findings that a baseline suppresses.
fn suppressed_by_baseline(report: &Report) -> impl Iterator<Item = &Finding> {
    let suppressed = report.suppressed.iter().map(Box::as_ref);
    suppressed.filter(|it| is_by_baseline(it.suppressed.as_deref()))
}

fn is_by_baseline(suppression: Option<&Suppression>) -> bool {
    suppression.is_some_and(|it| it.kind == SuppressionKind::Baseline)
}

/// The command that writes the baseline at `path`.
fn command(path: &Path, display_path: &str) -> String {
    if path.file_name().is_some_and(|name| name == BASELINE_FILE) {
        "forcelint baseline".to_owned()
    } else {
        format!("forcelint baseline --output {display_path}")
    }
}

/// The severity of each entry, by fingerprint.
fn severities(entries: Vec<Entry>) -> BTreeMap<String, Severity> {
    let mut findings: BTreeMap<String, Severity> = BTreeMap::new();
    for entry in entries {
        // After a merge the file can contain a finding twice. The lower severity suppresses less.
        let severity = findings.entry(entry.fingerprint).or_insert(entry.severity);
        *severity = entry.severity.min(*severity);
    }
    findings
}

/// One line per finding, so that a diff shows which findings were added and removed.
fn to_text(entries: &[Entry], more: &[CountEntry]) -> String {
    let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": [");
    add_lines(&mut text, entries);
    if !more.is_empty() {
        text.push_str("\n],\n\"more\": [");
        add_lines(&mut text, more);
    }
    text.push_str("\n]\n}\n");
    sanitize_json(text)
}

fn add_lines(text: &mut String, entries: &[impl Serialize]) {
    for (at, entry) in entries.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let line = serde_json::to_string(entry)
            // It is a plain structure with string keys.
            .expect("plain data serializes");
        text.push_str(&line);
    }
}
