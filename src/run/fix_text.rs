//! Fixes the text of one file.

use super::check_file::check_to_fix;
use super::indexes::Indexes;
use super::workspace::Workspace;
use crate::finding::{FileReport, Finding};
use crate::fix::{FixedText, apply_fixes};
use crate::project::SourceFile;
use crate::rule::MALFORMED;
use crate::xml::{self, Tree};

/// Applies the fixes of the selected findings to `text`, the content of `file`.
pub fn fix_text(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
    is_selected: impl Fn(&Finding) -> bool,
) -> FixedText {
    let mut tree = Tree::default();
    let mut lint = |text: &[u8]| -> Option<FileReport> {
        // A file that is not changed has no finding about its form, so it is parsed here.
        xml::parse(xml::decode(text).ok()?, &mut tree).ok()?;
        let report = check_to_fix(workspace, indexes, file, text);
        let is_malformed = report.findings.iter().any(|it| it.rule == MALFORMED);
        (!is_malformed).then_some(report)
    };
    apply_fixes(&mut lint, text, &is_selected)
}
