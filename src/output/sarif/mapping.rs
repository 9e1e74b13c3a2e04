//! Maps a report to SARIF 2.1.0, as GitHub's code scanning and the SARIF viewers read it.
//!
//! GitHub reads the severity only from the rule, so a rule has one descriptor for each severity that its
//! findings can have. Columns and offsets are UTF-16 units. There are no byte offsets, because the viewer
//! of VS Code shows a region that has them as a hex dump. There is no time and no absolute path: the same
//! input gives the same bytes everywhere.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::model::{
    ArtifactChange, ArtifactLocation, AutomationDetails, BaseId, Configuration, Descriptor,
    DescriptorProperties, DescriptorReference, Driver, FileOnly, Fingerprints, Help, Inserted,
    Invocation, Log, LogicalLocation, Notification, NotificationLocation, PhysicalLocation, Region,
    Replacement, Run, SarifFix, SarifLocation, SarifResult, SarifSuppression, Text, Tool,
};
use super::taxonomies::{self, Taxonomies};
use crate::finding::SuppressionKind;
use crate::output::context::Context;
use crate::output::in_order::serialize_list;
use crate::output::more::more_in_file;
use crate::output::notices::{Notice, notices};
use crate::output::view::{
    ErrorView, FindingView, LocationView, MoreView, NotCheckedView, ReportView, SuppressionView,
};
use crate::rule::{Rule, Severity};
use crate::rule_docs::{controls, rule_markdown, rule_plain};
use crate::text::{Position, ScannedText, plain_message, plain_rule_text, write_json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const ROOT: &str = "%SRCROOT%";

/// GitHub truncates descriptions at this many characters.
const MAX_DESCRIPTION: usize = 1024;

/// GitHub rejects a file with more tags of a rule.
const MAX_TAGS: usize = 20;

/// The results of all findings. Each is made when it is written.
struct Results<'a> {
    report: ReportView<'a>,
    /// With the index of the descriptor of its rule, if there is one.
    listed: Vec<(FindingView<'a>, Option<usize>)>,
    descriptors: &'a [Descriptor<'a>],
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_list(&self.listed, |it| self.result(*it), serializer)
    }
}

impl<'a> Results<'a> {
    fn result(&self, (finding, index): (FindingView<'a>, Option<usize>)) -> SarifResult<'a> {
        let id = index.map_or(finding.rule(), |at| &self.descriptors[at].id);
        let mut result = result(finding, index, id);
        if self.report.lists_suppressed() {
            let suppression = finding.suppression().into_iter().map(suppression);
            result.suppressions = Some(suppression.collect());
        }
        result
    }
}

pub(in crate::output) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = context.report;
    let taxonomies = Taxonomies::of_rules(context.rules.rules());
    let mut descriptors = Vec::new();
    let mut indexes = HashMap::new();
    for rule in context.rules.rules() {
        for severity in rule.possible_severities() {
            indexes.insert((rule.id.as_str(), severity), descriptors.len());
            descriptors.push(descriptor(rule, severity, &taxonomies));
        }
    }
    let own_index = |rule: &str| {
        let rule = context.rules.find(rule)?;
        indexes.get(&(rule.id.as_str(), rule.severity)).copied()
    };
    let index_of = |finding: FindingView<'_>| {
        let (rule, severity) = (finding.rule(), finding.severity());
        let index = indexes.get(&(rule, severity)).copied();
        // Every finding has one, even if its severity is not one that the rule is known to have.
        index.or_else(|| own_index(rule))
    };
    let listed = report.listed().into_iter();
    let listed = listed.map(|it| (it, index_of(it))).collect();
    let errors = report.errors();
    // Results with `kind: "open"` would be alerts on GitHub, which does not read the kind.
    let mut notifications: Vec<_> = errors.iter().map(error_notification).collect();
    notifications.extend(report.more().into_iter().map(more_notification));
    notifications.extend(report.not_checked().map(|it| {
        let index = own_index(it.rule()).map(|at| (descriptors[at].id.clone(), at));
        not_checked(it, index, context.run.fails_unchecked)
    }));
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            invocations: [Invocation {
                execution_successful: errors.is_empty(),
                tool_execution_notifications: notifications,
                tool_configuration_notifications: notices(report, context.run)
                    .iter()
                    .map(of_notice)
                    .collect(),
            }],
            original_uri_base_ids: HashMap::from([(
                ROOT,
                BaseId {
                    description: text("The root of the repository, or of the project without one."),
                },
            )]),
            automation_details: AutomationDetails { id: "forcelint/" },
            column_kind: "utf16CodeUnits",
            results: Results {
                report,
                listed,
                descriptors: &descriptors,
            },
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    full_name: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    supported_taxonomies: taxonomies.references(),
                    rules: &descriptors,
                },
            },
            taxonomies: taxonomies.all,
        }],
    };
    write_json(&log, out)
}

fn error_notification(error: &ErrorView<'_>) -> Notification {
    let message = [error.path.clone(), ": ".into(), error.message.clone()];
    Notification {
        level: "error",
        message: text(ScannedText::concat(&message)),
        associated_rule: None,
        locations: in_file(&error.path),
    }
}

/// The number of findings that are not listed.
fn more_notification(more: MoreView<'_>) -> Notification {
    let path = more.location().path();
    let number = format!(
        ": {}[{}] {}",
        more.severity(),
        more.rule(),
        more_in_file(more)
    );
    Notification {
        level: "note",
        message: text(ScannedText::concat(&[path.clone(), number.into()])),
        associated_rule: None,
        locations: in_file(&path),
    }
}

/// A rule that could not be checked. `rule` is the id and the index of its descriptor.
fn not_checked(
    it: NotCheckedView<'_>,
    rule: Option<(String, usize)>,
    fails_run: bool,
) -> Notification {
    let message = [
        format!("{} was not checked for ", it.rule()).into(),
        it.component().full_name(),
        ": ".into(),
        plain_message(&it.reason()),
        ".".into(),
    ];
    Notification {
        level: if fails_run { "error" } else { "warning" },
        message: text(ScannedText::concat(&message)),
        associated_rule: rule.map(|(id, index)| DescriptorReference { id, index }),
        locations: in_file(&it.path()),
    }
}

fn of_notice(notice: &Notice) -> Notification {
    let message = [
        format!("{}: ", notice.label).into(),
        plain_message(&notice.whole()),
        ".".into(),
    ];
    Notification {
        level: "note",
        message: text(ScannedText::concat(&message)),
        associated_rule: None,
        locations: Vec::new(),
    }
}

fn in_file(path: &ScannedText<'_>) -> Vec<NotificationLocation> {
    if !path.is_path_below_root() {
        return Vec::new();
    }
    vec![NotificationLocation {
        physical_location: FileOnly {
            artifact_location: artifact(path),
        },
    }]
}

fn descriptor<'a>(
    rule: &'a Rule,
    severity: Severity,
    taxonomies: &Taxonomies<'a>,
) -> Descriptor<'a> {
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
        rule.help.to_string()
    } else {
        rule.control.overview.clone()
    };
    Descriptor {
        name: readable_name(&id),
        id,
        short_description: text(plain_rule_text(&title.into())),
        full_description: Text {
            text: plain_rule_text(&full.into())
                .map(|full| full.chars().take(MAX_DESCRIPTION).collect()),
        },
        help: Help {
            text: rule_plain(rule),
            markdown: rule_markdown(rule),
        },
        help_uri: &rule.url,
        default_configuration: Configuration {
            level: level(severity),
        },
        relationships: taxonomies.relationships(rule),
        properties: DescriptorProperties {
            precision: "high",
            security_severity: format!("{:.1}", severity.score()),
            tags: tags(rule),
            controls: controls(rule),
        },
    }
}

/// The tags of a rule: its own, then those that link it to weaknesses and controls.
fn tags(rule: &Rule) -> Vec<String> {
    let mut tags = vec!["security".to_owned()];
    tags.extend(rule.tags.iter().cloned());
    tags.extend(
        rule.cwe
            .iter()
            .map(|cwe| format!("external/cwe/cwe-{cwe:03}")),
    );
    tags.extend(controls(rule).iter().filter_map(taxonomies::tag));
    tags.truncate(MAX_TAGS);
    tags
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

fn result<'a>(
    finding: FindingView<'a>,
    rule_index: Option<usize>,
    rule_id: &str,
) -> SarifResult<'a> {
    let related = finding.related().enumerate().map(|(at, related)| {
        let mut location = location(related.location());
        location.id = Some(at + 1);
        location.message = Some(text(plain_message(&related.message())));
        location
    });
    let mut primary = location(finding.location());
    primary.logical_locations.push(LogicalLocation {
        fully_qualified_name: finding.component().full_name(),
    });
    // A viewer would apply a fix without its secret.
    let fixes = finding.fix().filter(|fix| !fix.contains_secret());
    let fixes = fixes.into_iter().map(|fix| SarifFix {
        description: text(plain_rule_text(&match fix.rollout() {
            Some(rollout) => ScannedText::concat(&[fix.title(), ". Rollout: ".into(), rollout]),
            None => ScannedText::concat(&[fix.title(), ".".into()]),
        })),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&finding.location().path()),
            replacements: fix
                .edits()
                .map(|edit| Replacement {
                    deleted_region: region(edit.start(), edit.end()),
                    inserted_content: Inserted { text: edit.text() },
                })
                .collect(),
        }],
    });
    SarifResult {
        rule_id: rule_id.to_owned(),
        rule_index,
        level: level(finding.severity()),
        message: text(plain_message(&finding.message())),
        locations: [primary],
        partial_fingerprints: Fingerprints {
            primary_location_line_hash: finding.line_hash(),
            own: finding.fingerprint(),
        },
        related_locations: related.collect(),
        fixes: fixes.collect(),
        suppressions: None,
    }
}

fn suppression(suppression: SuppressionView<'_>) -> SarifSuppression<'_> {
    let without_reason = || "Recorded in the baseline, not reviewed.".into();
    SarifSuppression {
        kind: match suppression.kind() {
            SuppressionKind::Inline => "inSource",
            SuppressionKind::Exception | SuppressionKind::Baseline => "external",
        },
        status: "accepted",
        justification: suppression.reason().unwrap_or_else(without_reason),
    }
}

fn location(location: LocationView<'_>) -> SarifLocation {
    SarifLocation {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(&location.path()),
            region: region(location.start(), location.end()),
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

fn artifact(path: &ScannedText<'_>) -> ArtifactLocation {
    ArtifactLocation {
        uri: path.percent_encoded(),
        uri_base_id: ROOT,
    }
}

/// A plain text message. In SARIF, brackets can be a link, so brackets in names that look like one are
/// escaped.
fn text<'a>(plain: impl Into<ScannedText<'a>>) -> Text {
    let text = plain.into().map(|plain| {
        if plain.contains("](") {
            plain
                .replace('\\', "\\\\")
                .replace('[', "\\[")
                .replace(']', "\\]")
        } else {
            plain.to_owned()
        }
    });
    Text { text }
}
