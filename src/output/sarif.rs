//! SARIF 2.1.0, as GitHub's code scanning and the SARIF viewers read it.
//!
//! GitHub takes the severity from the rule alone, so a rule has one descriptor for each severity
//! that it can come out with. Columns and offsets are UTF-16 units; byte offsets are left out,
//! since the viewer of VS Code takes a region that has them for a hex dump. No time and no
//! absolute path: the same input gives the same bytes everywhere.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::json::serialise;
use crate::finding::{Finding, Location, Report, Suppression, SuppressionKind};
use crate::rule::{Rule, RuleSet, Severity};
use crate::rule_docs::rule_markdown;
use crate::rule_docs::rule_plain;
use crate::text::Position;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const ROOT: &str = "%SRCROOT%";

/// GitHub cuts descriptions at this many characters.
const MAX_DESCRIPTION: usize = 1024;

/// What a path may have unescaped in a relative URI.
pub(crate) const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: HashMap<&'static str, BaseId>,
    automation_details: AutomationDetails,
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: String,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Help,
    #[serde(skip_serializing_if = "str::is_empty")]
    help_uri: &'a str,
    default_configuration: Configuration,
    properties: DescriptorProperties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct DescriptorProperties {
    precision: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: String,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<NotificationLocation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationLocation<'a> {
    physical_location: FileOnly<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileOnly<'a> {
    artifact_location: ArtifactLocation<'a>,
}

#[derive(Serialize)]
struct BaseId {
    description: Text,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [SarifLocation<'a>; 1],
    partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<SarifLocation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    /// The standard wants either all results of a run to have it, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<SarifSuppression<'a>>>,
}

#[derive(Serialize)]
struct SarifSuppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation<'a> {
    uri: Cow<'a, str>,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    char_offset: usize,
    char_length: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_location_line_hash: Option<&'a str>,
    #[serde(rename = "forcelint/v1")]
    own: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Text,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation<'a>,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Inserted<'a>,
}

#[derive(Serialize)]
struct Inserted<'a> {
    text: &'a str,
}

pub(crate) fn render(report: &Report, rules: &RuleSet) -> String {
    let mut descriptors = Vec::new();
    let mut indexes = HashMap::new();
    for rule in rules.rules() {
        for severity in rule.possible_severities() {
            indexes.insert((rule.id.as_str(), severity), descriptors.len());
            descriptors.push(descriptor(rule, severity));
        }
    }
    let results = report
        .shown()
        .into_iter()
        .filter_map(|finding| {
            let index = *indexes.get(&(finding.rule.as_str(), finding.severity))?;
            let mut result = result(finding, index, &descriptors[index].id);
            if report.shows_suppressed {
                result.suppressions = Some(finding.suppressed.iter().map(suppression).collect());
            }
            Some(result)
        })
        .collect();
    let errors = report.all_errors();
    let notifications = errors.iter().map(|error| Notification {
        level: "error",
        message: text(&format!("{}: {}", error.path, error.message)),
        locations: if is_below_root(&error.path) {
            vec![NotificationLocation {
                physical_location: FileOnly {
                    artifact_location: artifact(&error.path),
                },
            }]
        } else {
            Vec::new()
        },
    });
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            invocations: [Invocation {
                execution_successful: errors.is_empty(),
                tool_execution_notifications: notifications.collect(),
            }],
            original_uri_base_ids: HashMap::from([(
                ROOT,
                BaseId {
                    description: text("The root of the repository, else of the project."),
                },
            )]),
            automation_details: AutomationDetails { id: "forcelint/" },
            column_kind: "utf16CodeUnits",
            results,
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: descriptors,
                },
            },
        }],
    };
    serialise(&log)
}

fn descriptor(rule: &Rule, severity: Severity) -> Descriptor<'_> {
    let is_own = severity == rule.severity;
    let id = if is_own {
        rule.id.clone()
    } else {
        format!("{}/{severity}", rule.id)
    };
    let title = if is_own {
        format!("{}.", rule.title)
    } else {
        format!("{} ({severity}).", rule.title)
    };
    let full = if rule.control.overview.is_empty() {
        rule.help.clone()
    } else {
        rule.control.overview.clone()
    };
    let mut tags = vec!["security".to_owned()];
    tags.extend(rule.tags.iter().cloned());
    tags.extend(
        rule.cwe
            .iter()
            .map(|cwe| format!("external/cwe/cwe-{cwe:03}")),
    );
    Descriptor {
        name: readable_name(&id),
        id,
        short_description: text(&title),
        full_description: Text {
            text: full.chars().take(MAX_DESCRIPTION).collect(),
        },
        help: Help {
            text: rule_plain(rule),
            markdown: rule_markdown(rule),
        },
        help_uri: &rule.url,
        default_configuration: Configuration {
            level: level(severity),
        },
        properties: DescriptorProperties {
            precision: "high",
            security_severity: format!("{:.1}", severity.score()),
            tags,
        },
    }
}

/// A readable name. It has to be another word than the id, even but for case, which that of an id of
/// one word would not be.
fn readable_name(id: &str) -> String {
    let name = pascal_case(id);
    if name.eq_ignore_ascii_case(id) {
        return format!("{name}Rule");
    }
    name
}

fn pascal_case(id: &str) -> String {
    id.split(['-', '/'])
        .flat_map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(characters)
        })
        .collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn result<'a>(finding: &'a Finding, rule_index: usize, rule_id: &str) -> SarifResult<'a> {
    let related = finding.related.iter().enumerate().map(|(at, related)| {
        let mut location = location(&related.location);
        location.id = Some(at + 1);
        location.message = Some(text(&related.message));
        location
    });
    let mut primary = location(&finding.location);
    primary.logical_locations.push(LogicalLocation {
        fully_qualified_name: finding.component().to_string(),
    });
    let fixes = finding.fix.iter().map(|fix| SarifFix {
        description: text(&match fix.applicability.rollout() {
            Some(rollout) => format!("{}. Roll-out: {rollout}", fix.title),
            None => format!("{}.", fix.title),
        }),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&finding.location.path),
            replacements: fix
                .edits
                .iter()
                .map(|edit| Replacement {
                    deleted_region: region(edit.start, edit.end),
                    inserted_content: Inserted { text: &edit.text },
                })
                .collect(),
        }],
    });
    SarifResult {
        rule_id: rule_id.to_owned(),
        rule_index,
        level: level(finding.severity),
        message: text(&finding.message),
        locations: [primary],
        partial_fingerprints: Fingerprints {
            primary_location_line_hash: finding.line_hash.as_deref(),
            own: &finding.fingerprint,
        },
        related_locations: related.collect(),
        fixes: fixes.collect(),
        suppressions: None,
    }
}

fn suppression(suppression: &Suppression) -> SarifSuppression<'_> {
    SarifSuppression {
        kind: match suppression.kind {
            SuppressionKind::Inline => "inSource",
            SuppressionKind::Exception | SuppressionKind::Baseline => "external",
        },
        status: "accepted",
        justification: match &suppression.reason {
            Some(reason) => Cow::Borrowed(reason),
            None => Cow::Borrowed("It was there when the baseline was written."),
        },
    }
}

fn location(location: &Location) -> SarifLocation<'_> {
    SarifLocation {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(&location.path),
            region: region(location.start, location.end),
        },
        logical_locations: Vec::new(),
        message: None,
    }
}

fn region(start: Position, end: Position) -> Region {
    Region {
        start_line: start.line,
        start_column: start.utf16_column,
        end_line: end.line,
        end_column: end.utf16_column,
        char_offset: start.utf16_offset,
        char_length: end.utf16_offset - start.utf16_offset,
    }
}

fn artifact(path: &str) -> ArtifactLocation<'_> {
    ArtifactLocation {
        uri: utf8_percent_encode(path, PATH).into(),
        uri_base_id: ROOT,
    }
}

/// Whether the path can be a relative URI; one that a user typed can lie anywhere.
pub(crate) fn is_below_root(path: &str) -> bool {
    Path::new(path)
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
}

/// A plain text message. What looks like a link in it would be one, so brackets that belong to
/// names are escaped as the standard has it.
fn text(plain: &str) -> Text {
    let text = if plain.contains("](") {
        plain
            .replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
    } else {
        plain.to_owned()
    };
    Text { text }
}
