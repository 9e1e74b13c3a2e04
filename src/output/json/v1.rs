//! Version 1 of the JSON report. Its shape is a contract: a breaking change is a new version.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Serialize, Serializer};

use crate::finding::{
    DisabledBy, NotShown, Relaxations, SettingSource, SuppressionKind, ThresholdSetting,
};
use crate::output::context::Context;
use crate::output::in_order::serialize_list;
use crate::output::stories::{Story, stories};
use crate::output::view::{
    ComponentView, FindingView, LocationView, MoreView, ReportView, SuppressionView,
};
use crate::project::{MetadataType, SkipReason};
use crate::rule::{RuleSet, Severity};
use crate::rule_docs::ControlReference;
use crate::text::{Position, ScannedText, write_json};

/// The version of the format.
const VERSION: u32 = 1;

/// The output of `forcelint check --format json`. Within a `version`, keys can be added, but none is
/// removed or changes its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "JSON report of forcelint")]
struct JsonReport<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The absolute path of the folder that all paths are relative to.
    root: ScannedText<'a>,
    /// What was checked.
    summary: Summary<'a>,
    /// Rules that the config turns off.
    disabled_rules: Vec<JsonDisabledRule<'a>>,
    /// Rules whose severity the config lowers.
    lowered_rules: Vec<JsonLoweredRule<'a>>,
    /// Settings that are weaker than their defaults.
    weaker_settings: Vec<JsonWeakerSetting>,
    /// The rules and tags that the command line selects and ignores.
    command_line: JsonCommandLine<'a>,
    /// By path, location and rule. With `--show-suppressed`, suppressed findings too.
    #[schemars(with = "Vec<JsonFinding<'a>>")]
    findings: JsonFindings<'a>,
    /// Findings that are not listed, because `findings` has at most 1,000 of one rule in one file. They are
    /// counted in `summary`, fail the run, and are fixed. With `--show-suppressed`, suppressed findings too.
    more: Vec<JsonMore<'a>>,
    /// Attack stories: findings of one app that form one path. Those in which an attacker reaches the most are
    /// first.
    stories: Vec<JsonStory<'a>>,
    /// What could not be done. Not empty if the exit status is 2.
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    /// `forcelint`
    name: &'static str,
    /// The program's version, such as 0.1.0.
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Summary<'a> {
    /// Files of any kind that the run saw.
    files_seen: u64,
    /// Files that were read and checked.
    files_checked: u64,
    /// Components by metadata type.
    components: &'a BTreeMap<&'static str, u64>,
    /// Skipped files and folders, by reason.
    skipped: BTreeMap<&'static str, u64>,
    /// The skipped files of types that the rules read, and the folders that were not entered.
    skipped_files: Vec<JsonSkipped<'a>>,
    /// With `--audit`: checked files that an ignore file excludes, by ignore file.
    ignored: BTreeMap<&'static str, u64>,
    /// Reported findings, by severity.
    findings: Counts,
    /// Suppressed findings, by kind of suppression, whether they are listed or not.
    suppressed: SuppressedCounts,
    /// Findings below `--min-severity`. They are not in `findings`.
    not_shown: JsonNotShown<'a>,
    /// Number of findings that `--fix` fixed.
    fixed: usize,
    /// The files that `--fix` changed, by path.
    fixed_files: Vec<JsonFixedFile<'a>>,
    /// Rules that could not be checked for a component. They are neither a pass nor a finding.
    not_checked: Vec<JsonNotChecked<'a>>,
    /// What to retrieve from the org to check these, as `--metadata` of the Salesforce CLI takes it. Empty if that
    /// would not help.
    to_retrieve: BTreeSet<String>,
    compared: Vec<ScannedText<'a>>,
    notes: Vec<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSkipped<'a> {
    /// The file or folder.
    path: ScannedText<'a>,
    /// Why it was skipped, as in `skipped`.
    reason: &'static str,
}

#[derive(Serialize, Default, JsonSchema)]
pub(super) struct Counts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

/// Suppressed findings, whether they are listed or not.
#[derive(Serialize, JsonSchema)]
pub(super) struct SuppressedCounts {
    /// Accepted, with a reason, in the config.
    exception: usize,
    /// Accepted, with a reason, in a comment in the file.
    inline: usize,
    /// Recorded in the baseline, and not reviewed.
    baseline: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonNotShown<'a> {
    /// Their number, by severity.
    findings: Counts,
    /// How many of them fail the run.
    failing: usize,
    /// Those whose severity depends on a file in another package directory.
    decided_elsewhere: Vec<JsonDecidedElsewhere<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonDecidedElsewhere<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The component, as `Type:Name`.
    component: ScannedText<'a>,
    /// The severity of the finding.
    severity: Severity,
    /// The files in other package directories.
    paths: Vec<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonDisabledRule<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The key of the config that turns the rule off.
    by: DisabledBy,
    /// The line of the key in the config.
    line: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonLoweredRule<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity of all of its findings.
    severity: Severity,
    /// The highest severity that its findings can have without the config.
    highest: Severity,
    /// The line in the config.
    line: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonWeakerSetting {
    /// The setting.
    setting: ThresholdSetting,
    /// The severity, or `never`.
    value: &'static str,
    /// The same for the default.
    default: &'static str,
    /// Where it is set.
    source: SettingSource,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonCommandLine<'a> {
    /// `--select`: only these rules and tags are checked, if there are any.
    select: Vec<ScannedText<'a>>,
    /// `--ignore`: these rules and tags are not checked.
    ignore: Vec<ScannedText<'a>>,
    /// `--audit`: config, baseline, comments and ignore files of the repository did not apply.
    audit: bool,
}

#[derive(Serialize, JsonSchema)]
struct JsonFixedFile<'a> {
    /// The file.
    path: ScannedText<'a>,
    /// Number of findings that were fixed in it.
    findings: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonNotChecked<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The component.
    component: JsonComponent<'a>,
    /// The component's file.
    path: ScannedText<'a>,
    /// Why it was not checked.
    reason: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonComponent<'a> {
    /// The metadata type, such as `ConnectedApp`.
    pub(super) r#type: &'static str,
    /// The full name.
    pub(super) name: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonFinding<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity for this component.
    severity: Severity,
    /// The severity as a number between 0 and 10, for code scanning.
    security_severity: f64,
    /// What is wrong.
    message: ScannedText<'a>,
    /// What to do, and the reason if there is no automatic fix.
    help: ScannedText<'a>,
    /// The page about the rule; of a custom rule its `url`, or null without one.
    docs_url: Option<String>,
    /// The published controls that ask for what the rule checks. Empty for a rule of forcelint's own.
    controls: Vec<ControlReference<'a>>,
    /// The component.
    component: JsonComponent<'a>,
    /// The file, relative to the root of the repository, or of the project without one, with `/`.
    path: ScannedText<'a>,
    /// The location in the file.
    span: JsonSpan,
    /// The evidence for the severity.
    related: Vec<JsonRelated<'a>>,
    /// The automatic fix, which `--fix` applies, or `--fix=all` if it needs a rollout; null if there is
    /// none.
    fix: Option<JsonFix<'a>>,
    /// The same for the same finding in another run, independent of the file's folder and formatting.
    fingerprint: &'a str,
    /// What suppresses the finding; null if it is reported.
    suppressed: Option<JsonSuppression<'a>>,
    /// With `--audit`: what would exclude the file, `forceignore` or `gitignore`; null if nothing would.
    ignored_by: Option<&'static str>,
}

/// Findings of one rule and severity in one file that are not listed.
#[derive(Serialize, JsonSchema)]
pub(super) struct JsonMore<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity.
    severity: Severity,
    /// The component.
    component: JsonComponent<'a>,
    /// The file, as in `findings`.
    path: ScannedText<'a>,
    /// The location of the first one.
    span: JsonSpan,
    /// How many there are.
    count: usize,
    /// What suppresses them; null if they are reported.
    suppressed: Option<JsonSuppression<'a>>,
}

/// What an attacker can do with the findings of an app, step by step.
#[derive(Serialize, JsonSchema)]
struct JsonStory<'a> {
    /// The story's id.
    id: &'a str,
    /// What the attacker achieves.
    title: &'a str,
    /// The highest severity of its findings.
    severity: Severity,
    /// The app. An External Client App has the type `ExternalClientApplication`.
    component: JsonComponent<'a>,
    /// The steps in the order of the attack.
    steps: Vec<JsonStep<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonStep<'a> {
    /// What the findings let the attacker do.
    text: &'a str,
    /// The findings that make the step possible.
    findings: Vec<JsonEvidence<'a>>,
}

/// A finding of this report.
#[derive(Serialize, JsonSchema)]
struct JsonEvidence<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The file, as in `findings`.
    path: ScannedText<'a>,
    /// The fingerprint, as in `findings`.
    fingerprint: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonSuppression<'a> {
    /// The kind of suppression.
    kind: SuppressionKind,
    /// The reason, if one was given.
    reason: Option<ScannedText<'a>>,
    /// The expiry date, as `YYYY-MM-DD`.
    expires: Option<ScannedText<'a>>,
    /// The owner.
    owner: Option<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSpan {
    /// The first character.
    start: Position,
    /// After the last character.
    end: Position,
}

#[derive(Serialize, JsonSchema)]
struct JsonRelated<'a> {
    /// What it shows.
    message: ScannedText<'a>,
    /// The file; it may be another one.
    path: ScannedText<'a>,
    /// The location in the file.
    span: JsonSpan,
}

#[derive(Serialize, JsonSchema)]
struct JsonFix<'a> {
    /// What it does.
    title: ScannedText<'a>,
    /// `safe`, or `needs-rollout` if something has to be done before the result is deployed.
    applicability: &'static str,
    /// What has to be done before the result is deployed; null for a safe fix.
    rollout: Option<ScannedText<'a>>,
    /// Edits of the file as it was read, from its start to its end. Empty if `contains_secret` is set.
    edits: Vec<JsonEdit<'a>>,
    /// Whether the edits contain a secret, which reports never show. Apply the fix with
    /// `forcelint check --fix` then, or `--fix=all` if it needs a rollout.
    contains_secret: bool,
}

#[derive(Serialize, JsonSchema)]
struct JsonEdit<'a> {
    /// The first byte that goes, from 0.
    offset: usize,
    /// How many bytes go.
    length: usize,
    /// The same range as lines and columns.
    span: JsonEditSpan,
    /// What comes in their place.
    text: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonEditSpan {
    /// The first character that goes.
    start: JsonEditPosition,
    /// After the last character that goes; equal to `start` for an insertion.
    end: JsonEditPosition,
}

/// A position with the columns of editors, too, most of which count UTF-16 code units.
#[derive(Serialize, JsonSchema)]
struct JsonEditPosition {
    /// Line, from 1.
    line: usize,
    /// Column in Unicode scalar values, from 1.
    column: usize,
    /// Column in UTF-16 code units, from 1.
    utf16_column: usize,
    /// Offset in bytes, from 0.
    offset: usize,
}

impl From<Position> for JsonEditPosition {
    fn from(position: Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
            utf16_column: position.utf16_column,
            offset: position.offset,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JsonError<'a> {
    /// The file or folder.
    path: ScannedText<'a>,
    /// What could not be done, as a sentence without its subject.
    message: ScannedText<'a>,
}

/// The JSON Schema of the report, made from its types.
pub fn report_schema() -> String {
    // What is written, where every key is there.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<JsonReport<'_>>();
    let mut text = format!("{:#}", schema.to_value());
    text.push('\n');
    text
}

/// The findings to list, and what their rules add. Each entry is made when it is written.
pub(super) struct JsonFindings<'a> {
    pub(super) listed: Vec<FindingView<'a>>,
    rules: &'a RuleSet,
    /// By rule and type of the component.
    controls: HashMap<(&'a str, MetadataType), Vec<ControlReference<'a>>>,
}

impl Serialize for JsonFindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_list(&self.listed, |it| self.entry(*it), serializer)
    }
}

impl<'a> JsonFindings<'a> {
    pub(super) fn of(context: &Context<'a>) -> Self {
        let (listed, rules) = (context.report.listed(), context.rules);
        let mut controls = HashMap::new();
        for it in &listed {
            let (rule, metadata_type) = (it.rule(), it.component().metadata_type());
            controls
                .entry((rule, metadata_type))
                .or_insert_with(|| ControlReference::about(rules.covers(rule), metadata_type));
        }
        Self {
            listed,
            rules,
            controls,
        }
    }

    /// The entry of one of the listed findings, whose controls are known.
    pub(super) fn entry(&self, it: FindingView<'a>) -> JsonFinding<'a> {
        let key = (it.rule(), it.component().metadata_type());
        JsonFinding {
            docs_url: self.rules.docs_url(it.rule()),
            controls: self.controls[&key].clone(),
            ..finding(it)
        }
    }
}

pub(in crate::output) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = context.report;
    let relaxations = &context.run.relaxations;
    let fixed_files = report.fixed_files();
    let fixed_files = fixed_files.map(|(path, findings)| JsonFixedFile { path, findings });
    let tally = report.tally();
    let json = JsonReport {
        version: VERSION,
        tool: tool(),
        root: report.root(),
        summary: Summary {
            files_seen: tally.files_seen,
            files_checked: tally.files_checked,
            components: &tally.components,
            skipped: by_reason(&tally.skipped),
            skipped_files: report
                .skipped_files()
                .map(|(path, reason)| JsonSkipped {
                    path,
                    reason: reason.name(),
                })
                .collect(),
            ignored: by_reason(&tally.ignored),
            findings: counts(report),
            suppressed: suppressed_counts(report),
            not_shown: not_shown(report.not_shown()),
            fixed: report.fixed(),
            fixed_files: fixed_files.collect(),
            not_checked: not_checked(report),
            to_retrieve: report.to_retrieve(),
            compared: report.compared().collect(),
            notes: report.notes().collect(),
        },
        disabled_rules: disabled_rules(relaxations),
        lowered_rules: lowered_rules(relaxations),
        weaker_settings: weaker_settings(relaxations),
        command_line: command_line(context),
        findings: JsonFindings::of(context),
        more: report.more().into_iter().map(more).collect(),
        stories: stories(report).iter().map(story).collect(),
        errors: errors(report),
    };
    write_json(&json, out)
}

pub(super) fn command_line<'a>(context: &Context<'a>) -> JsonCommandLine<'a> {
    let relaxations = &context.run.relaxations;
    JsonCommandLine {
        select: relaxations.select.iter().map(ScannedText::from).collect(),
        ignore: relaxations.ignore.iter().map(ScannedText::from).collect(),
        audit: context.run.is_audit,
    }
}

pub(super) fn tool() -> Tool {
    Tool {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    }
}

pub(super) fn counts(report: ReportView<'_>) -> Counts {
    let mut counts = Counts::default();
    for (severity, number) in report.severities() {
        counts.add(severity, number);
    }
    counts
}

pub(super) fn suppressed_counts(report: ReportView<'_>) -> SuppressedCounts {
    SuppressedCounts {
        exception: report.suppressed_by(SuppressionKind::Exception),
        inline: report.suppressed_by(SuppressionKind::Inline),
        baseline: report.suppressed_by(SuppressionKind::Baseline),
    }
}

pub(super) fn not_checked(report: ReportView<'_>) -> Vec<JsonNotChecked<'_>> {
    let all = report.not_checked();
    all.map(|not_checked| JsonNotChecked {
        rule: not_checked.rule(),
        component: component(not_checked.component()),
        path: not_checked.path(),
        reason: not_checked.reason(),
    })
    .collect()
}

pub(super) fn errors(report: ReportView<'_>) -> Vec<JsonError<'_>> {
    let all = report.errors().into_iter();
    all.map(|error| JsonError {
        path: error.path,
        message: error.message,
    })
    .collect()
}

impl Counts {
    fn add(&mut self, severity: Severity, count: usize) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        } += count;
    }
}

pub(super) fn by_reason(counts: &BTreeMap<SkipReason, u64>) -> BTreeMap<&'static str, u64> {
    let counts = counts.iter();
    counts
        .map(|(reason, count)| (reason.name(), *count))
        .collect()
}

pub(super) fn not_shown(not_shown: &NotShown) -> JsonNotShown<'_> {
    let mut findings = Counts::default();
    for (severity, count) in &not_shown.by_severity {
        findings.add(*severity, *count);
    }
    let elsewhere = not_shown.decided_elsewhere.iter();
    JsonNotShown {
        findings,
        failing: not_shown.failing,
        decided_elsewhere: elsewhere
            .map(|it| JsonDecidedElsewhere {
                rule: &it.rule,
                component: (&it.component).into(),
                severity: it.severity,
                paths: it.paths.iter().map(ScannedText::from).collect(),
            })
            .collect(),
    }
}

pub(super) fn disabled_rules(relaxations: &Relaxations) -> Vec<JsonDisabledRule<'_>> {
    let disabled = relaxations.disabled_rules.iter();
    disabled
        .map(|it| JsonDisabledRule {
            rule: &it.rule,
            by: it.by,
            line: it.line,
        })
        .collect()
}

pub(super) fn lowered_rules(relaxations: &Relaxations) -> Vec<JsonLoweredRule<'_>> {
    let lowered = relaxations.lowered_rules.iter();
    lowered
        .map(|it| JsonLoweredRule {
            rule: &it.rule,
            severity: it.severity,
            highest: it.highest,
            line: it.line,
        })
        .collect()
}

pub(super) fn weaker_settings(relaxations: &Relaxations) -> Vec<JsonWeakerSetting> {
    let weaker = relaxations.weaker_settings.iter();
    weaker
        .map(|it| JsonWeakerSetting {
            setting: it.setting,
            value: it.value,
            default: it.default,
            source: it.source,
        })
        .collect()
}

/// A finding without what its rule adds.
fn finding(finding: FindingView<'_>) -> JsonFinding<'_> {
    let related = finding.related().map(|related| JsonRelated {
        message: related.message(),
        path: related.location().path(),
        span: span(related.location()),
    });
    let fix = finding.fix().map(|fix| JsonFix {
        title: fix.title(),
        applicability: fix.applicability(),
        rollout: fix.rollout(),
        edits: fix
            .edits()
            .map(|edit| JsonEdit {
                offset: edit.start().offset,
                length: edit.end().offset - edit.start().offset,
                span: JsonEditSpan {
                    start: edit.start().into(),
                    end: edit.end().into(),
                },
                text: edit.text(),
            })
            .collect(),
        contains_secret: fix.contains_secret(),
    });
    JsonFinding {
        rule: finding.rule(),
        severity: finding.severity(),
        security_severity: finding.severity().score(),
        message: finding.message(),
        help: finding.help(),
        docs_url: None,
        controls: Vec::new(),
        component: component(finding.component()),
        path: finding.location().path(),
        span: span(finding.location()),
        related: related.collect(),
        fix,
        fingerprint: finding.fingerprint(),
        suppressed: finding.suppression().map(suppression),
        ignored_by: finding.ignored_by().map(SkipReason::name),
    }
}

fn story<'a>(story: &Story<'a>) -> JsonStory<'a> {
    let evidence = |finding: &FindingView<'a>| JsonEvidence {
        rule: finding.rule(),
        path: finding.location().path(),
        fingerprint: finding.fingerprint(),
    };
    let steps = story.steps.iter();
    JsonStory {
        id: &story.definition.id,
        title: &story.definition.title,
        severity: story.severity(),
        component: JsonComponent {
            r#type: story.type_name,
            name: story.name.clone(),
        },
        steps: steps
            .map(|step| JsonStep {
                text: &step.definition.text,
                findings: step.findings.iter().map(evidence).collect(),
            })
            .collect(),
    }
}

pub(super) fn more(more: MoreView<'_>) -> JsonMore<'_> {
    JsonMore {
        rule: more.rule(),
        severity: more.severity(),
        component: component(more.component()),
        path: more.location().path(),
        span: span(more.location()),
        count: more.count(),
        suppressed: more.suppression().map(suppression),
    }
}

fn suppression(suppression: SuppressionView<'_>) -> JsonSuppression<'_> {
    JsonSuppression {
        kind: suppression.kind(),
        reason: suppression.reason(),
        expires: suppression.expires(),
        owner: suppression.owner(),
    }
}

pub(super) fn component(component: ComponentView<'_>) -> JsonComponent<'_> {
    JsonComponent {
        r#type: component.type_name(),
        name: component.name(),
    }
}

fn span(location: LocationView<'_>) -> JsonSpan {
    JsonSpan {
        start: location.start(),
        end: location.end(),
    }
}
