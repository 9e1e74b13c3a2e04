//! The rules that fixes are checked against.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use miette::IntoDiagnostic as _;

use crate::cli::arguments::CheckArgs;
use crate::config::{CliOverrides, Config, Settings};
use crate::finding::Finding;
use crate::fix::FixedText;
use crate::project::SourceFile;
use crate::rule::{Rule, RuleSet, Selection};
use crate::run::{Indexes, Workspace, fix_text};

/// Fixes the findings of the selected rules. `--select` and `--ignore` limit what is fixed, but a fix must not cause
/// a finding of another rule that the config enables, either.
#[derive(Default)]
pub(super) struct Fixer {
    /// The rules of the config and the selected ones, if the command line selects rules.
    all: Option<(Arc<RuleSet>, Indexes)>,
}

impl Fixer {
    /// # Errors
    /// If the config names an unknown rule.
    pub(super) fn new(
        arguments: &CheckArgs,
        config: &Config,
        own: &[Arc<Rule>],
        selected: &RuleSet,
    ) -> miette::Result<Self> {
        let selects = !arguments.select.is_empty() || !arguments.ignore.is_empty();
        if !selects || !(arguments.diff || arguments.fix.is_some()) {
            return Ok(Self::default());
        }
        let settings = Settings::new(&CliOverrides::default(), config);
        let selection = settings.selection(config);
        let enabled = RuleSet::select_with(&selection, own).into_diagnostic()?;
        let ids: BTreeSet<&str> = enabled.ids().chain(selected.ids()).collect();
        let all = Selection {
            select: ids.into_iter().map(str::to_owned).collect(),
            severity_overrides: selection.severity_overrides,
            ..Selection::default()
        };
        let all = RuleSet::select_with(&all, own).into_diagnostic()?;
        Ok(Self {
            all: Some((Arc::new(all), Indexes::for_fixes(true))),
        })
    }

    /// Applies the fixes of the selected findings to `text`, the content of `file`. The rules of the workspace are
    /// the selected ones.
    pub(super) fn fix_text(
        &mut self,
        workspace: &mut Workspace,
        indexes: &mut Indexes,
        file: &SourceFile,
        text: &[u8],
        is_selected: impl Fn(&Finding) -> bool,
    ) -> FixedText {
        let Some((all, indexes)) = &mut self.all else {
            return fix_text(workspace, indexes, file, text, is_selected);
        };
        let selected = mem::replace(&mut workspace.rules, Arc::clone(all));
        let is_selected = |finding: &Finding| selected.has(&finding.rule) && is_selected(finding);
        let fixed = fix_text(workspace, indexes, file, text, is_selected);
        workspace.rules = selected;
        fixed
    }
}
