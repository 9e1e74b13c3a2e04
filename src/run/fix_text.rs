//! Fixes the text of one file.

use super::check_file::check_to_fix;
use super::indexes::Indexes;
use super::workspace::Workspace;
use crate::finding::Finding;
use crate::fix::{FixError, FixedText, apply_fixes};
use crate::project::SourceFile;

/// Applies the fixes of the selected findings to `text`, the content of `file`.
///
/// # Errors
/// If the result must not be written.
pub fn fix_text(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
    is_selected: impl Fn(&Finding) -> bool,
) -> Result<FixedText, FixError> {
    let mut lint = |text: &[u8]| check_to_fix(workspace, indexes, file, text);
    apply_fixes(&mut lint, text, &is_selected)
}
