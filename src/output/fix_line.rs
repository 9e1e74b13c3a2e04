//! How to apply a fix, in one line.

use super::view::FixView;
use crate::text::ScannedText;

/// How to apply a fix, and what has to be done before that.
pub(super) fn fix_line(fix: FixView<'_>) -> ScannedText<'static> {
    match fix.rollout() {
        Some(rollout) => ScannedText::concat(&[
            "fix: forcelint check --fix=all, after a roll-out. ".into(),
            rollout,
        ]),
        None => "fix: forcelint check --fix; no client notices it here.".into(),
    }
}
