//! What the renderers of a comparison get: views that print texts of scanned files only in sanitized form.

use crate::finding::{ChangedSetting, Comparison, Finding, SettingValue, Side};
use crate::output::view::{ComponentView, FindingView};
use crate::rule::Severity;
use crate::text::{ScannedText, counted};

/// A comparison, and what is known about its run.
pub(crate) struct ComparisonReport<'a> {
    comparison: &'a Comparison,
    /// As the user wrote them.
    sides: [&'a str; 2],
    /// Whether the right side fails the run.
    is_worse: bool,
}

impl<'a> ComparisonReport<'a> {
    pub(crate) fn new(comparison: &'a Comparison, sides: [&'a str; 2], is_worse: bool) -> Self {
        Self {
            comparison,
            sides,
            is_worse,
        }
    }

    pub(super) fn is_worse(&self) -> bool {
        self.is_worse
    }

    pub(super) fn left(&self) -> ScannedText<'a> {
        self.sides[0].into()
    }

    pub(super) fn right(&self) -> ScannedText<'a> {
        self.sides[1].into()
    }

    /// By component and path.
    pub(super) fn settings(&self) -> impl ExactSizeIterator<Item = SettingView<'a>> + use<'a> {
        self.comparison.settings.iter().map(SettingView)
    }

    /// The components that only one side has, with a heading for each side.
    pub(super) fn components(&self) -> [(&'static str, Vec<ComponentView<'a>>); 2] {
        [
            ("Only on the right side", self.added()),
            ("Only on the left side", self.removed()),
        ]
    }

    pub(super) fn added(&self) -> Vec<ComponentView<'a>> {
        ComponentView::all(&self.comparison.added)
    }

    pub(super) fn removed(&self) -> Vec<ComponentView<'a>> {
        ComponentView::all(&self.comparison.removed)
    }

    pub(super) fn new_findings(&self) -> Vec<FindingView<'a>> {
        FindingView::all(&self.comparison.new)
    }

    pub(super) fn gone(&self) -> Vec<FindingView<'a>> {
        FindingView::all(&self.comparison.gone)
    }

    pub(super) fn no_longer_checked(&self) -> Vec<FindingView<'a>> {
        FindingView::all(&self.comparison.no_longer_checked)
    }

    /// The findings with another severity, with that of the left side.
    pub(super) fn changed(&self) -> Vec<(Severity, FindingView<'a>)> {
        let view = |finding: &'a Finding| FindingView::all(std::slice::from_ref(finding));
        let changed = self.comparison.changed.iter();
        changed
            .flat_map(|it| view(&it.finding).into_iter().map(|view| (it.left, view)))
            .collect()
    }

    pub(super) fn unchanged(&self) -> usize {
        self.comparison.unchanged
    }

    /// The side, the path and what could not be done.
    pub(crate) fn errors(
        &self,
    ) -> impl ExactSizeIterator<Item = (Side, ScannedText<'a>, ScannedText<'a>)> + use<'a> {
        let errors = self.comparison.errors.iter();
        errors.map(|(side, path, message)| (*side, path.into(), message.into()))
    }

    /// The result in one line.
    pub(super) fn summary(&self) -> String {
        let it = self.comparison;
        let result = match self.is_worse {
            true => "worse",
            false => "not worse",
        };
        let others = [
            (it.changed.len(), "with another severity"),
            (it.gone.len(), "gone"),
            (it.no_longer_checked.len(), "no longer checked"),
            (it.unchanged, "unchanged"),
        ];
        let others = others.iter().filter(|(count, _)| *count > 0);
        let others: String = others
            .map(|(count, what)| format!(", {count} {what}"))
            .collect();
        format!(
            "{result}: {}{others}; {}",
            counted(it.new.len(), "new finding"),
            counted(it.settings.len(), "changed setting")
        )
    }
}

/// A setting that differs.
#[derive(Clone, Copy)]
pub(super) struct SettingView<'a>(&'a ChangedSetting);

impl<'a> SettingView<'a> {
    pub(super) fn component(self) -> ComponentView<'a> {
        ComponentView::new(&self.0.component)
    }

    pub(super) fn path(self) -> ScannedText<'a> {
        (&self.0.path).into()
    }

    pub(super) fn left(self) -> Vec<ScannedText<'a>> {
        values(&self.0.left)
    }

    pub(super) fn right(self) -> Vec<ScannedText<'a>> {
        values(&self.0.right)
    }
}

fn values(values: &[SettingValue]) -> Vec<ScannedText<'_>> {
    values.iter().map(|it| (&it.shown).into()).collect()
}

/// The values of one side in one text.
pub(super) fn joined(values: &[ScannedText<'_>]) -> ScannedText<'static> {
    let shown: Vec<_> = values.iter().map(ScannedText::one_line).collect();
    match shown.is_empty() {
        true => "not set".into(),
        false => shown.join(", ").into(),
    }
}
