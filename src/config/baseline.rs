//! `forcelint-baseline.json`: the findings that were there before, so that only new ones count.
//!
//! In: the findings of a run, or the file. Out: the file, a line a finding, or whether it has a
//! finding. The file holds nothing that moving or reformatting metadata changes.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::finding::Finding;
use crate::project::bounded;
use crate::rule::{MALFORMED, Severity};
use crate::text::{sanitize, sanitize_json, sanitize_lines};

/// The default name of the file.
pub(crate) const BASELINE_FILE: &str = "forcelint-baseline.json";

/// The version of its shape.
const VERSION: u64 = 1;

/// Findings that were there before, by fingerprint.
#[derive(Debug, Default, Clone)]
pub struct Baseline {
    findings: BTreeMap<String, Severity>,
}

/// A baseline that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum BaselineError {
    /// There is none.
    #[error("the baseline `{path}` does not exist")]
    #[diagnostic(code("baseline"), help("write it: {command}"))]
    Missing {
        /// The file.
        path: String,
        /// What writes it.
        command: String,
    },
    /// It could not be read.
    #[error("the baseline `{path}` cannot be read: {reason}")]
    #[diagnostic(code("baseline"))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Another forcelint wrote it.
    #[error("the baseline `{path}` is of version {version}, and this forcelint reads {VERSION}")]
    #[diagnostic(
        code("baseline"),
        help("use the forcelint that wrote it, or write it anew: {command}")
    )]
    OtherVersion {
        /// The file.
        path: String,
        /// Its version.
        version: u64,
        /// What writes it.
        command: String,
    },
    /// It is none.
    #[error("the baseline `{path}` is broken: {reason}")]
    #[diagnostic(
        code("baseline"),
        help("bring it back from version control, or write it anew: {command}")
    )]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
        /// What writes it.
        command: String,
        /// Its text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("here")]
        span: SourceSpan,
    },
}

/// What every version has.
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
}

/// A finding. Rule and component are there for those who read the file.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    component: String,
    rule: String,
    severity: Severity,
    fingerprint: String,
}

impl Baseline {
    /// These findings. Those that must not be hidden are left out.
    pub fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> (Self, String) {
        let mut entries: Vec<Entry> = findings
            .filter(|finding| finding.rule != MALFORMED)
            .map(|finding| Entry {
                component: finding.component().to_string(),
                rule: finding.rule.clone(),
                severity: finding.severity,
                fingerprint: finding.fingerprint.clone(),
            })
            .collect();
        entries.sort_unstable();
        let text = written(&entries);
        (Self::from(entries), text)
    }

    /// Reads the file at `path`, which people know as `shown`.
    ///
    /// # Errors
    /// When it is not there, cut off, none at all or of another version: what it hid would be new.
    pub fn read(path: &Path, shown: &str) -> Result<Self, BaselineError> {
        let shown = sanitize(shown).into_owned();
        let command = command(path, &shown);
        match bounded::read(path) {
            Ok(bytes) => Self::parse(&bytes, shown, command),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BaselineError::Missing {
                path: shown,
                command,
            }),
            Err(error) => Err(BaselineError::Unreadable {
                path: shown,
                reason: sanitize(&error.to_string()).into_owned(),
            }),
        }
    }

    /// The baseline that `bytes` are: the file `shown`, which `command` writes.
    ///
    /// # Errors
    /// When they are cut off, no baseline at all or one of another version.
    pub fn parse(bytes: &[u8], shown: String, command: String) -> Result<Self, BaselineError> {
        let text = String::from_utf8_lossy(bytes);
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let broken = |error: &serde_json::Error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let reason = match reason {
                _ if error.is_eof() => "it is cut off",
                // serde names the structure, which means nothing to anybody else.
                _ if reason.contains("struct ") => "this is not what a baseline has here",
                reason => reason,
            };
            let line = error.line().saturating_sub(1);
            let starts = json.split_inclusive('\n').take(line).map(str::len);
            let at = starts.sum::<usize>() + error.column().saturating_sub(1);
            let at = json.floor_char_boundary(at);
            BaselineError::Broken {
                reason: sanitize(reason).into_owned(),
                command: command.clone(),
                source_code: NamedSource::new(&shown, sanitize_lines(json)),
                span: SourceSpan::from((sanitize_lines(&json[..at]).len(), 0)),
                path: shown.clone(),
            }
        };
        let head: Head = serde_json::from_str(json).map_err(|error| broken(&error))?;
        if head.version != VERSION {
            return Err(BaselineError::OtherVersion {
                path: shown,
                version: head.version,
                command,
            });
        }
        let file: File = serde_json::from_str(json).map_err(|error| broken(&error))?;
        Ok(Self::from(file.findings))
    }

    /// Whether the finding was there, and no milder than it is now.
    pub fn has(&self, finding: &Finding) -> bool {
        let recorded = self.findings.get(&finding.fingerprint);
        finding.rule != MALFORMED && recorded.is_some_and(|was| finding.severity <= *was)
    }

    /// How many of its findings are not among the fingerprints.
    pub fn gone<'f>(&self, fingerprints: impl Iterator<Item = &'f str>) -> usize {
        let here: std::collections::HashSet<&str> = fingerprints.collect();
        let recorded = self.findings.keys();
        recorded.filter(|it| !here.contains(it.as_str())).count()
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings it has that the other does not have.
    pub fn without(&self, other: &Self) -> usize {
        let own = self.findings.keys();
        own.filter(|it| !other.findings.contains_key(*it)).count()
    }
}

/// What writes the baseline at `path` anew.
fn command(path: &Path, shown: &str) -> String {
    if path.file_name().is_some_and(|name| name == BASELINE_FILE) {
        "forcelint baseline".to_owned()
    } else {
        format!("forcelint baseline --output {shown}")
    }
}

impl From<Vec<Entry>> for Baseline {
    fn from(entries: Vec<Entry>) -> Self {
        let mut findings: BTreeMap<String, Severity> = BTreeMap::new();
        for entry in entries {
            // A merge may leave a finding twice: the milder one hides less.
            let severity = findings.entry(entry.fingerprint).or_insert(entry.severity);
            *severity = entry.severity.min(*severity);
        }
        Self { findings }
    }
}

/// A line a finding, so that a diff shows what came and went.
fn written(entries: &[Entry]) -> String {
    let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": [");
    for (at, entry) in entries.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let line = serde_json::to_string(entry)
            // It is a plain structure with string keys, which always serialises.
            .expect("plain data serialises");
        text.push_str(&line);
    }
    text.push_str("\n]\n}\n");
    sanitize_json(text)
}
