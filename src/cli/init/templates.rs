//! The texts of the files that `forcelint init` writes.
//!
//! The configuration for pre-commit and CI is in `docs/examples`, where tests verify it with the real
//! programs.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::config::BASELINE_FILE;
use crate::text::shell_word;

/// The docs of this version.
pub(super) const DOCS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/v",
    env!("CARGO_PKG_VERSION"),
    "/docs"
);

/// The address of this version's archives.
pub(super) const RELEASE: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/releases/download/v",
    env!("CARGO_PKG_VERSION")
);

/// The schema of the config of this version, for completion in editors.
const SCHEMA: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/raw/v",
    env!("CARGO_PKG_VERSION"),
    "/docs/forcelint.schema.json"
);

/// A check of pull requests, for GitHub Actions.
const GITHUB_WORKFLOW: &str = include_str!("../../../docs/examples/github-pull-request.yml");

/// A config of pre-commit with the hook.
pub(super) const PRE_COMMIT_CONFIG: &str =
    include_str!("../../../docs/examples/pre-commit-config.yaml");

/// A job of GitLab CI.
const GITLAB_JOB: &str = include_str!("../../../docs/examples/gitlab-ci.yml");

/// The line of a config that uses the baseline.
pub(super) const BASELINE_LINE: &str = "baseline = \"forcelint-baseline.json\"";

/// The workflow for a project `below` the root of its repository, or in it. With a baseline, the whole
/// project is checked each time.
pub(super) fn github_workflow(below: Option<&str>, has_baseline: bool) -> String {
    let mut lines: Vec<&str> = GITHUB_WORKFLOW.lines().collect();
    if has_baseline {
        for setting in ["only-changed:", "fetch-depth:"] {
            drop_with_comments(&mut lines, setting);
        }
    }
    let folder = below.map(|below| format!("          working-directory: {}", yaml(below)));
    let is_empty = lines.last().is_some_and(|last| last.trim() == "with:");
    if is_empty && folder.is_none() {
        lines.pop();
    }
    lines.extend(folder.as_deref());
    lines.join("\n") + "\n"
}

/// The job for a project `below` the root of its repository, or in it.
pub(super) fn gitlab_job(below: Option<&str>) -> String {
    match below {
        Some(below) => GITLAB_JOB.replace(
            "/forcelint check ",
            &format!("/forcelint check {} ", shell_word(below)),
        ),
        None => GITLAB_JOB.to_owned(),
    }
}

/// A text as a YAML string.
fn yaml(text: &str) -> String {
    // A JSON string is a YAML string too.
    serde_json::Value::from(text).to_string()
}

/// Removes the line of a setting and the comments directly above it.
fn drop_with_comments(lines: &mut Vec<&str>, setting: &str) {
    let Some(at) = lines.iter().position(|it| it.trim().starts_with(setting)) else {
        return;
    };
    let above = lines[..at].iter().rev();
    let comments = above.take_while(|it| it.trim().starts_with('#')).count();
    lines.drain(at - comments..=at);
}

/// The part of [`PRE_COMMIT_CONFIG`] that belongs below `repos:` of an existing config.
pub(super) fn pre_commit_entry() -> &'static str {
    match PRE_COMMIT_CONFIG.split_once("repos:\n") {
        Some((_, entry)) => entry,
        None => PRE_COMMIT_CONFIG,
    }
}

/// A `forcelint.toml` with few settings and examples of others. The example of an exception expires six
/// months after `today`.
pub(super) fn config_text(has_baseline: bool, today: Date) -> String {
    debug_assert!(BASELINE_LINE.contains(BASELINE_FILE));
    let off = if has_baseline { "" } else { "# " };
    let expires = today.saturating_add(6.months());
    format!(
        "#:schema {SCHEMA}
# Configuration of forcelint. All keys: {DOCS}/config.md
# `forcelint check --show-config` shows the effective settings and where each one comes from.

# Lowest severity that fails a run: critical, high, medium, low, info, or never.
fail-on = \"low\"

# Suppress the findings that were here before. `forcelint baseline` writes the file.
{off}{BASELINE_LINE}

# Files and folders to exclude, as globs like in .gitignore.
# exclude = [\"test-apps\"]

# Change the severity of rules, or turn them off.
# [rules]
# hsts = \"off\"

# Exceptions for accepted findings: each with a reason, an owner, and an expiry date.
# [[exception]]
# rule      = \"pkce-required\"
# component = \"ConnectedApp:Legacy_ERP\"
# reason    = \"the vendor adds code_challenge in its next release\"
# owner     = \"integration team\"
# expires   = {expires}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts that the code searches for have to stay in the example.
    #[test]
    fn a_workflow_fits_its_project() {
        let changed = github_workflow(None, false);
        assert_eq!(changed, GITHUB_WORKFLOW);
        assert!(changed.contains("only-changed: true\n") && changed.contains("fetch-depth: 2\n"));
        let whole = github_workflow(None, true);
        assert!(
            !whole.contains("only-changed") && !whole.contains("fetch-depth"),
            "{whole}"
        );
        assert!(
            whole
                .trim_end()
                .lines()
                .last()
                .is_some_and(|it| it.contains("uses: "))
        );
        for has_baseline in [true, false] {
            let below = github_workflow(Some("apps/a: b"), has_baseline);
            assert!(
                below.ends_with("          working-directory: \"apps/a: b\"\n"),
                "{below}"
            );
        }
    }

    #[test]
    fn a_job_fits_its_project() {
        assert_eq!(gitlab_job(None), GITLAB_JOB);
        let below = gitlab_job(Some("apps/it's"));
        let checks = below
            .matches("/forcelint check 'apps/it'\\''s' --quiet")
            .count();
        let checks_of_changes = below
            .matches("/forcelint check 'apps/it'\\''s' ${CI_")
            .count();
        assert_eq!((checks, checks_of_changes), (1, 1), "{below}");
    }

    #[test]
    fn an_entry_of_pre_commit_is_the_part_below_repos() {
        assert!(
            pre_commit_entry().starts_with("  - repo: "),
            "{}",
            pre_commit_entry()
        );
    }
}
