//! The report on many repositories as JSON. Its shape is a contract, as that of the JSON report.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::words::{Authority, ControlName, authorities};
use crate::merge::{
    AppFindings, ControlOutcome, ControlTotals, MergedException, MergedReport, MergedRepository,
    RepositoryStatus,
};
use crate::output::json::JsonSeverities;
use crate::text::{ScannedText, to_json};

/// The version of the format.
const VERSION: u32 = 1;

/// The output of `forcelint report merge --format json`. Within a `version`, keys can be added, but none is removed or
/// changes its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Merged report of forcelint")]
struct JsonMerged<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The version of forcelint that merged the reports.
    forcelint: &'static str,
    /// Whether every file was read and every repository was checked without errors. If not, the exit status is 2.
    complete: bool,
    /// The repositories. The incomplete ones are first, then those with the worst findings.
    repositories: Vec<JsonRepository<'a>>,
    /// The publishers of controls.
    authorities: Vec<JsonAuthority<'a>>,
    /// The apps with the worst findings, at most 100.
    worst_apps: Vec<JsonApp<'a>>,
    /// The exceptions that have an expiry date. Those that expire first are first.
    exceptions: Vec<JsonException<'a>>,
    /// Files that are not complete reports.
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonRepository<'a> {
    /// The name, such as `acme/crm`.
    name: ScannedText<'a>,
    /// The server that has the repository; null if it is unknown.
    host: Option<ScannedText<'a>>,
    /// The names of its projects.
    projects: Vec<ScannedText<'a>>,
    /// The file with its report.
    file: ScannedText<'a>,
    /// The commit; null if it is unknown.
    commit: Option<&'a str>,
    /// The branch; null if it is unknown.
    branch: Option<ScannedText<'a>>,
    /// The result. Only `passes` means that everything was checked and complies.
    result: JsonResult,
    /// Reported findings, by severity.
    findings: JsonSeverities,
    /// Findings that are accepted with a reason.
    accepted: usize,
    /// Findings in the baseline, which are not reviewed.
    baseline: usize,
    /// Number of rules that could not be checked for a component.
    not_checked: usize,
    /// Number of connected apps and External Client Apps.
    apps: u64,
    /// How many controls of all publishers have each result.
    controls: JsonOutcomes,
    /// Number of errors.
    error_count: usize,
    /// The first errors.
    errors: Vec<JsonRunError<'a>>,
    /// What makes the run cover less than the whole project, such as `--since main`, and what its config turns off.
    notes: Vec<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum JsonResult {
    /// There were errors, or the report is truncated, so that there may be more findings.
    Incomplete,
    /// At least one finding of the severity low or higher, or the run failed.
    Fails,
    /// No findings, but only a part was checked, or a rule could not be checked.
    PartlyChecked,
    /// Everything was checked, and there are no findings.
    Passes,
}

/// Numbers by result, as in `forcelint coverage`. What passes in a part of a project, or in a run with errors, is not
/// checked.
#[derive(Serialize, JsonSchema)]
struct JsonOutcomes {
    failed: usize,
    not_checked: usize,
    passed: usize,
    passed_in_part: usize,
    not_set: usize,
    nothing_to_check: usize,
}

#[derive(Serialize, JsonSchema)]
struct JsonAuthority<'a> {
    /// The name.
    name: ScannedText<'a>,
    /// The controls that a run reports. Those that fail in most repositories are first.
    controls: Vec<JsonControl<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonControl<'a> {
    /// The publisher's id.
    id: ScannedText<'a>,
    /// What the control requires, in forcelint's wording.
    title: ScannedText<'a>,
    /// The page of the control; null if there is none.
    url: Option<&'static str>,
    /// In how many repositories it has each result.
    repositories: JsonOutcomes,
}

#[derive(Serialize, JsonSchema)]
struct JsonApp<'a> {
    /// The repository.
    repository: ScannedText<'a>,
    /// `ConnectedApp` or `ExternalClientApplication`.
    r#type: ScannedText<'a>,
    /// The full name.
    name: ScannedText<'a>,
    /// Reported findings, by severity.
    findings: JsonSeverities,
}

#[derive(Serialize, JsonSchema)]
struct JsonException<'a> {
    /// The repository.
    repository: ScannedText<'a>,
    /// The rule's id.
    rule: ScannedText<'a>,
    /// `Type:Name` of a component, or a glob.
    subject: ScannedText<'a>,
    /// The reason.
    reason: ScannedText<'a>,
    /// The owner.
    owner: Option<ScannedText<'a>>,
    /// The last day on which it applies, as `YYYY-MM-DD`.
    expires: ScannedText<'a>,
    /// Whether it has expired.
    expired: bool,
}

#[derive(Serialize, JsonSchema)]
struct JsonError<'a> {
    /// The file with the report.
    file: ScannedText<'a>,
    /// What is wrong, as a sentence without its subject.
    message: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonRunError<'a> {
    /// The file or folder, relative to the root of the run.
    path: ScannedText<'a>,
    /// What could not be done, as a sentence without its subject.
    message: ScannedText<'a>,
}

pub(super) fn render(report: &MergedReport) -> String {
    let errors = report.errors.iter();
    to_json(&JsonMerged {
        version: VERSION,
        forcelint: env!("CARGO_PKG_VERSION"),
        complete: report.is_complete(),
        repositories: report.repositories.iter().map(repository).collect(),
        authorities: authorities(report).iter().map(authority).collect(),
        worst_apps: report.worst_apps.iter().map(app).collect(),
        exceptions: report.exceptions.iter().map(exception).collect(),
        errors: errors
            .map(|it| JsonError {
                file: it.file.clone(),
                message: it.message.clone(),
            })
            .collect(),
    })
}

/// The JSON Schema of the report.
pub fn merged_schema() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<JsonMerged<'_>>();
    format!("{:#}\n", schema.to_value())
}

fn repository(repository: &MergedRepository) -> JsonRepository<'_> {
    let errors = repository.errors();
    JsonRepository {
        name: repository.name(),
        host: repository.host(),
        projects: repository.projects().collect(),
        file: repository.file(),
        commit: repository.commit(),
        branch: repository.branch(),
        result: match repository.status() {
            RepositoryStatus::Incomplete => JsonResult::Incomplete,
            RepositoryStatus::Fails => JsonResult::Fails,
            RepositoryStatus::PartlyChecked => JsonResult::PartlyChecked,
            RepositoryStatus::Passes => JsonResult::Passes,
        },
        findings: JsonSeverities::of(repository.findings),
        accepted: repository.accepted,
        baseline: repository.baseline,
        not_checked: repository.not_checked,
        apps: repository.apps,
        controls: outcomes(|outcome| repository.controls.with(outcome)),
        error_count: repository.error_count,
        errors: errors
            .map(|(path, message)| JsonRunError { path, message })
            .collect(),
        notes: repository.notes(),
    }
}

fn outcomes(count: impl Fn(ControlOutcome) -> usize) -> JsonOutcomes {
    JsonOutcomes {
        failed: count(ControlOutcome::Failed),
        not_checked: count(ControlOutcome::NotChecked),
        passed: count(ControlOutcome::Passed),
        passed_in_part: count(ControlOutcome::PassedInPart),
        not_set: count(ControlOutcome::NotSet),
        nothing_to_check: count(ControlOutcome::NothingToCheck),
    }
}

fn authority<'a>(authority: &Authority<'a>) -> JsonAuthority<'a> {
    let control = |(control, totals): &(ControlName<'a>, &ControlTotals)| JsonControl {
        id: control.id.clone(),
        title: control.title.clone(),
        url: control.url,
        repositories: outcomes(|outcome| totals.with(outcome)),
    };
    JsonAuthority {
        name: authority.name.clone(),
        controls: authority.controls.iter().map(control).collect(),
    }
}

fn app(app: &AppFindings) -> JsonApp<'_> {
    JsonApp {
        repository: app.repository(),
        r#type: app.type_name(),
        name: app.name(),
        findings: JsonSeverities::of(app.counts),
    }
}

fn exception(exception: &MergedException) -> JsonException<'_> {
    JsonException {
        repository: exception.repository(),
        rule: exception.rule(),
        subject: exception.subject(),
        reason: exception.reason(),
        owner: exception.owner(),
        expires: exception.expires(),
        expired: exception.is_expired,
    }
}
