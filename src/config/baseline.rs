//! The baseline, `forcelint-baseline.json`: existing findings, so that only new ones are reported.
//!
//! It has one line per finding, and does not change when metadata is moved or reformatted.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::finding::Finding;
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

impl Baseline {
    /// The baseline of these findings and its text. Findings about malformed files cannot be
    /// suppressed, so they are not included.
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
        let text = to_text(&entries);
        (Self::from(entries), text)
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
        Ok(Self::from(file.findings))
    }

    /// Whether the baseline has the finding, with at least its current severity.
    pub fn has(&self, finding: &Finding) -> bool {
        let recorded = self.findings.get(&finding.fingerprint);
        finding.rule != MALFORMED && recorded.is_some_and(|it| finding.severity <= *it)
    }

    /// The number of findings in the baseline that are not among these fingerprints.
    pub fn gone<'f>(&self, fingerprints: impl Iterator<Item = &'f str>) -> usize {
        let current: std::collections::HashSet<&str> = fingerprints.collect();
        let recorded = self.findings.keys();
        recorded.filter(|it| !current.contains(it.as_str())).count()
    }

    /// The number of findings.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The number of findings that the other baseline does not have.
    pub fn without(&self, other: &Self) -> usize {
        let own = self.findings.keys();
        own.filter(|it| !other.findings.contains_key(*it)).count()
    }
}

/// The command that writes the baseline at `path`.
fn command(path: &Path, display_path: &str) -> String {
    if path.file_name().is_some_and(|name| name == BASELINE_FILE) {
        "forcelint baseline".to_owned()
    } else {
        format!("forcelint baseline --output {display_path}")
    }
}

impl From<Vec<Entry>> for Baseline {
    fn from(entries: Vec<Entry>) -> Self {
        let mut findings: BTreeMap<String, Severity> = BTreeMap::new();
        for entry in entries {
            // After a merge the file can contain a finding twice. The lower severity suppresses
            // less.
            let severity = findings.entry(entry.fingerprint).or_insert(entry.severity);
            *severity = entry.severity.min(*severity);
        }
        Self { findings }
    }
}

/// One line per finding, so that a diff shows which findings were added and removed.
fn to_text(entries: &[Entry]) -> String {
    let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": [");
    for (at, entry) in entries.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let line = serde_json::to_string(entry)
            // It is a plain structure with string keys.
            .expect("plain data serializes");
        text.push_str(&line);
    }
    text.push_str("\n]\n}\n");
    sanitize_json(text)
}
