//! A report as renderers see it: text of scanned files comes only as [`ScannedText`].

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::relative_path::relative;
use crate::finding::{
    AppPart, Edit, Excerpt, Finding, Fix, Location, MoreFindings, NotChecked, NotShown, Outcome,
    Related, RelatedKind, Report, RuleTally, Suppression, SuppressionKind, Tally, UnknownReason,
};
use crate::project::{Component, MetadataType, SkipReason};
use crate::rule::Severity;
use crate::text::{Position, ScannedText};

/// A report whose texts cannot be written unsanitized.
#[derive(Clone, Copy)]
pub struct ReportView<'a>(&'a Report);

impl<'a> ReportView<'a> {
    pub fn new(report: &'a Report) -> Self {
        Self(report)
    }

    /// Findings that are not suppressed.
    pub(super) fn findings(self) -> Vec<FindingView<'a>> {
        FindingView::all(&self.0.findings)
    }

    pub(super) fn has_findings(self) -> bool {
        !self.0.findings.is_empty()
    }

    pub(super) fn suppressed(self) -> Vec<FindingView<'a>> {
        FindingView::all(&self.0.suppressed)
    }

    /// Whether suppressed findings are listed too.
    pub(super) fn lists_suppressed(self) -> bool {
        self.0.shows_suppressed
    }

    /// The findings to list, in order.
    pub(super) fn listed(self) -> Vec<FindingView<'a>> {
        self.0.listed().into_iter().map(FindingView).collect()
    }

    /// How many findings are suppressed in this way.
    pub(super) fn suppressed_by(self, kind: SuppressionKind) -> usize {
        self.0.suppressed_by(kind)
    }

    /// How many critical findings are suppressed in this way.
    pub(super) fn suppressed_critical_by(self, kind: SuppressionKind) -> usize {
        self.0.suppressed_critical_by(kind)
    }

    /// The numbers of findings that are not listed. Suppressed ones only if they would be listed.
    pub(super) fn more(self) -> Vec<MoreView<'a>> {
        let more = self.0.more.iter();
        let shown = more.filter(|it| it.suppressed.is_none() || self.lists_suppressed());
        shown.map(MoreView).collect()
    }

    /// The severities of all findings that are not suppressed, each with a number of findings.
    pub(super) fn severities(self) -> impl Iterator<Item = (Severity, usize)> {
        self.0.severities()
    }

    pub(super) fn not_checked(self) -> impl ExactSizeIterator<Item = NotCheckedView<'a>> {
        self.0.not_checked.iter().map(NotCheckedView)
    }

    /// What to retrieve from the org to check what was not checked.
    pub(super) fn to_retrieve(self) -> BTreeSet<String> {
        let reasons = self.0.not_checked.iter().map(|it| &it.reason);
        reasons.filter_map(UnknownReason::to_retrieve).collect()
    }

    /// Findings below `--min-severity`.
    pub(super) fn not_shown(self) -> &'a NotShown {
        &self.0.not_shown
    }

    pub(super) fn has_errors(self) -> bool {
        self.0.has_errors()
    }

    /// Every error, by path.
    pub(super) fn errors(self) -> Vec<ErrorView<'a>> {
        let errors = self.0.all_errors().into_iter();
        errors
            .map(|error| ErrorView {
                path: error.path.into(),
                message: error.message.into(),
            })
            .collect()
    }

    /// Errors except those of project files, which are shown with their source. Arguments are shown as
    /// the user wrote them.
    pub(super) fn errors_of_run(self) -> impl Iterator<Item = ErrorView<'a>> {
        let errors = self.0.errors.iter().map(|it| (&it.path, &it.message));
        let unusable = self.0.unusable.iter().map(|it| (&it.argument, &it.reason));
        errors.chain(unusable).map(|(path, message)| ErrorView {
            path: path.into(),
            message: message.into(),
        })
    }

    pub(super) fn compared(self) -> impl ExactSizeIterator<Item = ScannedText<'a>> {
        self.0.compared.iter().map(ScannedText::from)
    }

    pub(super) fn notes(self) -> impl Iterator<Item = ScannedText<'a>> {
        self.0.notes.iter().map(ScannedText::from)
    }

    /// The folder that paths are relative to.
    pub(super) fn root(self) -> ScannedText<'a> {
        ScannedText::from(self.0.root.as_str())
    }

    /// The folder that paths are relative to, as seen from the working directory.
    pub(super) fn root_from(self, working_directory: &Path) -> ScannedText<'static> {
        relative(working_directory, Path::new(&self.0.root)).into()
    }

    /// The skipped files and folders, if the report needs them.
    pub(super) fn skipped_files(self) -> impl Iterator<Item = (ScannedText<'a>, SkipReason)> {
        let skipped = self.0.skipped_files.iter();
        skipped.map(|(path, reason)| (ScannedText::from(path), *reason))
    }

    pub(super) fn tally(self) -> &'a Tally {
        &self.0.tally
    }

    /// How many findings the run fixed.
    pub(super) fn fixed(self) -> usize {
        self.0.fixed.iter().map(|file| file.findings).sum()
    }

    /// The files that the run fixed, by path, and how many findings in each.
    pub(super) fn fixed_files(self) -> impl ExactSizeIterator<Item = (ScannedText<'a>, usize)> {
        let files = self.0.fixed.iter();
        files.map(|file| ((&file.path).into(), file.findings))
    }

    /// The names of the projects.
    pub(super) fn projects(self) -> Vec<ScannedText<'a>> {
        let projects = self.0.posture.projects.iter();
        projects.map(ScannedText::from).collect()
    }

    /// The parts of all apps, by path.
    pub(super) fn app_parts(self) -> impl Iterator<Item = AppPartView<'a>> {
        self.0.posture.apps.iter().map(AppPartView)
    }

    /// The outcomes of a rule for the components of these types.
    pub(super) fn rule_tally(
        self,
        rule: &str,
        includes: impl Fn(MetadataType) -> bool,
    ) -> RuleTally {
        let mut sum = RuleTally::default();
        let by_type = self.0.posture.rules.get(rule).into_iter().flatten();
        for (_, tally) in by_type.filter(|(metadata_type, _)| includes(**metadata_type)) {
            sum.add(*tally);
        }
        sum
    }
}

/// A finding whose texts cannot be written unsanitized.
#[derive(Clone, Copy)]
pub(crate) struct FindingView<'a>(&'a Finding);

impl<'a> FindingView<'a> {
    /// Views of findings that are not a report.
    pub(crate) fn all(findings: &'a [impl Borrow<Finding>]) -> Vec<Self> {
        findings.iter().map(|it| Self(it.borrow())).collect()
    }

    /// Whether both are the same finding of the report.
    pub(super) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// The rule's id.
    pub(super) fn rule(self) -> &'a str {
        &self.0.rule
    }

    pub(super) fn severity(self) -> Severity {
        self.0.severity
    }

    /// Whether its file is in a zip, which forcelint never changes.
    pub(super) fn is_packed(self) -> bool {
        self.0.file.project.is_packed()
    }

    pub(super) fn message(self) -> ScannedText<'a> {
        self.0.message().into()
    }

    pub(super) fn headline(self) -> ScannedText<'a> {
        (&self.0.headline).into()
    }

    pub(super) fn label(self) -> ScannedText<'a> {
        (&self.0.label).into()
    }

    pub(super) fn reasons(self) -> impl ExactSizeIterator<Item = ScannedText<'a>> {
        self.0.reasons.iter().map(ScannedText::from)
    }

    pub(super) fn help(self) -> ScannedText<'a> {
        (&*self.0.help).into()
    }

    pub(super) fn component(self) -> ComponentView<'a> {
        ComponentView(self.0.component())
    }

    pub(super) fn location(self) -> LocationView<'a> {
        LocationView(&self.0.location)
    }

    pub(super) fn related(self) -> impl ExactSizeIterator<Item = RelatedView<'a>> {
        self.0.related.iter().map(RelatedView)
    }

    pub(super) fn fix(self) -> Option<FixView<'a>> {
        self.0.fix.as_deref().map(FixView)
    }

    pub(super) fn fingerprint(self) -> &'a str {
        &self.0.fingerprint
    }

    pub(super) fn line_hash(self) -> Option<&'a str> {
        self.0.line_hash.as_deref()
    }

    pub(super) fn suppression(self) -> Option<SuppressionView<'a>> {
        self.0.suppressed.as_deref().map(SuppressionView)
    }

    /// The name of the External Client App that the file describes or is a part of.
    pub(super) fn external_client_app(self) -> Option<ScannedText<'a>> {
        self.0.external_client_app.as_ref().map(ScannedText::from)
    }

    /// Identifies the project of the file.
    pub(super) fn project(self) -> FileKey<'a> {
        FileKey(&self.0.file.project.root)
    }

    /// In an audit: the ignore file that excludes the file.
    pub(super) fn ignored_by(self) -> Option<SkipReason> {
        self.0.file.ignored_by()
    }

    /// Identifies the file.
    pub(super) fn file(self) -> FileKey<'a> {
        FileKey(&self.0.file.path)
    }

    /// The file's path as seen from the working directory.
    pub(super) fn path_from(self, working_directory: &Path) -> ScannedText<'static> {
        relative(working_directory, &self.0.file.path).into()
    }

    /// The path of a related location as seen from the working directory.
    pub(super) fn related_path_from(
        self,
        location: LocationView<'_>,
        working_directory: &Path,
    ) -> ScannedText<'static> {
        let base = self.0.file.project.base();
        relative(working_directory, &base.join(&*location.0.path)).into()
    }
}

/// A number of findings that are not listed.
#[derive(Clone, Copy)]
pub(super) struct MoreView<'a>(&'a MoreFindings);

impl<'a> MoreView<'a> {
    /// The rule's id.
    pub(super) fn rule(self) -> &'a str {
        &self.0.rule
    }

    pub(super) fn severity(self) -> Severity {
        self.0.severity
    }

    pub(super) fn component(self) -> ComponentView<'a> {
        ComponentView(&self.0.file.component)
    }

    /// Identifies the file.
    pub(super) fn file(self) -> FileKey<'a> {
        FileKey(&self.0.file.path)
    }

    /// The location of the first one.
    pub(super) fn location(self) -> LocationView<'a> {
        LocationView(&self.0.location)
    }

    pub(super) fn count(self) -> usize {
        self.0.count
    }

    pub(super) fn suppression(self) -> Option<SuppressionView<'a>> {
        self.0.suppressed.as_ref().map(SuppressionView)
    }

    /// The file's path as seen from the working directory.
    pub(super) fn path_from(self, working_directory: &Path) -> ScannedText<'static> {
        relative(working_directory, &self.0.file.path).into()
    }
}

/// Identifies a file or folder without showing its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FileKey<'a>(&'a Path);

#[derive(Clone, Copy)]
pub(super) struct ComponentView<'a>(&'a Component);

impl<'a> ComponentView<'a> {
    pub(super) fn new(component: &'a Component) -> Self {
        Self(component)
    }

    pub(super) fn all(components: &'a [Component]) -> Vec<Self> {
        components.iter().map(Self).collect()
    }

    pub(super) fn metadata_type(self) -> MetadataType {
        self.0.metadata_type
    }

    pub(super) fn type_name(self) -> &'static str {
        self.0.metadata_type.name()
    }

    pub(super) fn name(self) -> ScannedText<'a> {
        (&self.0.name).into()
    }

    /// `Type:Name`
    pub(super) fn full_name(self) -> ScannedText<'static> {
        self.0.to_string().into()
    }
}

#[derive(Clone, Copy)]
pub(super) struct LocationView<'a>(&'a Location);

impl<'a> LocationView<'a> {
    pub(super) fn path(self) -> ScannedText<'a> {
        (&*self.0.path).into()
    }

    pub(super) fn start(self) -> Position {
        self.0.start
    }

    pub(super) fn end(self) -> Position {
        self.0.end
    }

    pub(super) fn excerpt(self) -> Option<ExcerptView<'a>> {
        self.0.excerpt.as_deref().map(ExcerptView)
    }
}

/// Lines of a file. Sanitized lines have as many characters as before, so that the mark fits them.
#[derive(Clone, Copy)]
pub(super) struct ExcerptView<'a>(&'a Excerpt);

impl<'a> ExcerptView<'a> {
    /// Numbers of lines, and their text.
    pub(super) fn lines(self) -> impl Iterator<Item = (usize, ScannedText<'a>)> {
        let lines = self.0.lines();
        lines.map(|(number, text)| (number, ScannedText::already_masked(text)))
    }

    pub(super) fn marked_line(self) -> usize {
        self.0.marked_line
    }

    /// Characters before the mark.
    pub(super) fn mark_start(self) -> usize {
        self.0.mark_start
    }

    /// Characters in the mark.
    pub(super) fn mark_length(self) -> usize {
        self.0.mark_length
    }
}

#[derive(Clone, Copy)]
pub(super) struct RelatedView<'a>(&'a Related);

impl<'a> RelatedView<'a> {
    pub(super) fn kind(self) -> RelatedKind {
        self.0.kind
    }

    pub(super) fn message(self) -> ScannedText<'a> {
        (&self.0.message).into()
    }

    pub(super) fn location(self) -> LocationView<'a> {
        LocationView(&self.0.location)
    }
}

#[derive(Clone, Copy)]
pub(super) struct FixView<'a>(&'a Fix);

impl<'a> FixView<'a> {
    pub(super) fn title(self) -> ScannedText<'a> {
        (&self.0.title).into()
    }

    pub(super) fn applicability(self) -> &'static str {
        self.0.applicability.name()
    }

    pub(super) fn rollout(self) -> Option<ScannedText<'a>> {
        self.0.applicability.rollout().map(ScannedText::from)
    }

    /// Whether the edits contain a secret. Then only forcelint can apply them.
    pub(super) fn contains_secret(self) -> bool {
        self.0.contains_secret
    }

    /// None if they contain a secret.
    pub(super) fn edits(self) -> impl ExactSizeIterator<Item = EditView<'a>> {
        let edits = match self.0.contains_secret {
            true => &[],
            false => self.0.edits.as_slice(),
        };
        edits.iter().map(EditView)
    }
}

#[derive(Clone, Copy)]
pub(super) struct EditView<'a>(&'a Edit);

impl<'a> EditView<'a> {
    pub(super) fn start(self) -> Position {
        self.0.start
    }

    pub(super) fn end(self) -> Position {
        self.0.end
    }

    pub(super) fn text(self) -> ScannedText<'a> {
        (&self.0.text).into()
    }
}

#[derive(Clone, Copy)]
pub(super) struct SuppressionView<'a>(&'a Suppression);

impl<'a> SuppressionView<'a> {
    pub(super) fn new(suppression: &'a Suppression) -> Self {
        Self(suppression)
    }

    pub(super) fn kind(self) -> SuppressionKind {
        self.0.kind
    }

    pub(super) fn reason(self) -> Option<ScannedText<'a>> {
        self.0.reason.as_ref().map(ScannedText::from)
    }

    pub(super) fn expires(self) -> Option<ScannedText<'a>> {
        self.0.expires.as_ref().map(ScannedText::from)
    }

    pub(super) fn owner(self) -> Option<ScannedText<'a>> {
        self.0.owner.as_ref().map(ScannedText::from)
    }
}

#[derive(Clone, Copy)]
pub(super) struct NotCheckedView<'a>(&'a NotChecked);

impl<'a> NotCheckedView<'a> {
    /// The rule's id.
    pub(super) fn rule(self) -> &'a str {
        &self.0.rule
    }

    pub(super) fn component(self) -> ComponentView<'a> {
        ComponentView(&self.0.component)
    }

    /// The path of the component's file.
    pub(super) fn path(self) -> ScannedText<'a> {
        (&self.0.path).into()
    }

    pub(super) fn reason(self) -> ScannedText<'static> {
        self.0.reason.to_string().into()
    }
}

/// What could not be done.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ErrorView<'a> {
    pub(super) path: ScannedText<'a>,
    pub(super) message: ScannedText<'a>,
}

/// A file that describes an app or a part of one.
#[derive(Clone, Copy)]
pub(super) struct AppPartView<'a>(&'a AppPart);

impl<'a> AppPartView<'a> {
    pub(super) fn app(self) -> ScannedText<'a> {
        (&self.0.app).into()
    }

    pub(super) fn type_name(self) -> &'static str {
        self.0.file.component.metadata_type.name()
    }

    pub(super) fn file(self) -> FileKey<'a> {
        FileKey(&self.0.file.path)
    }

    pub(super) fn project(self) -> FileKey<'a> {
        FileKey(&self.0.file.project.root)
    }

    pub(super) fn report_path(self) -> ScannedText<'static> {
        self.0.file.report_path().into()
    }

    /// By rule id. A rule that is missing here does not apply.
    pub(super) fn outcomes(self) -> &'a BTreeMap<String, Outcome> {
        &self.0.outcomes
    }
}
