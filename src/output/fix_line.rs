//! How to apply a fix, in one line.

use super::view::FixView;
use crate::text::ScannedText;

/// How to apply a fix, and the rollout that it needs.
pub(super) fn fix_line(fix: FixView<'_>) -> ScannedText<'static> {
    match fix.rollout() {
        Some(rollout) => {
            ScannedText::concat(&["fix: forcelint check --fix=all; rollout: ".into(), rollout])
        }
        None => "fix: forcelint check --fix".into(),
    }
}
