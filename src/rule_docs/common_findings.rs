//! The page about the most common findings: what they mean, and what to do in Setup, in the metadata and
//! in the clients. Its texts are those of the rules.

use std::fmt::Write as _;

use similar::{DiffTag, group_diff_ops};

use super::generated::GENERATED;
use super::page::{fenced, without_markers};
use crate::rule::Rule;
use crate::text::line_difference;

/// The rules with the most findings in the sample project and in public repositories that are about an
/// org's settings, the most common ones first.
const COMMON: [&str; 10] = [
    "self-authorized-users",
    "pkce-required",
    "refresh-token-rotation",
    "refresh-token-expiry",
    "scope-full",
    "ip-relaxation",
    "client-credentials-flow",
    "secret-for-web-server-flow",
    "secret-for-refresh-token",
    "consumer-secret-in-source",
];

const INTRODUCTION: &str = "\
# What a finding means and what to do

These are the findings that projects have most often. For all others, see [the rules](rules/README.md), or run
`forcelint explain RULE`.

Almost every fix needs something first: a change in the clients of the app, or a decision about its users. Such a fix is
only applied by `--fix=all` or by a quick fix in an editor. If you cannot change the clients yet, [record an
exception](exceptions.md) with an expiry date.
";

/// The page `docs/what-to-do.md`.
///
/// # Errors
/// The id of a common rule that is not in `rules`.
pub fn what_to_do_page(rules: &[Rule]) -> Result<String, &'static str> {
    let mut text = format!("{GENERATED}\n\n{INTRODUCTION}");
    for id in COMMON {
        let rule = rules.iter().find(|rule| rule.id == id).ok_or(id)?;
        section(&mut text, rule);
    }
    Ok(text)
}

fn section(text: &mut String, rule: &Rule) {
    let control = &rule.control;
    let _ = writeln!(
        text,
        "\n## {}\n\n[`{1}`](rules/{1}.md)",
        rule.title, rule.id
    );
    let _ = writeln!(text, "\n**What it means.** {}", control.risk.trim());
    let _ = writeln!(text, "\n**How it works.** {}", control.overview.trim());
    let _ = writeln!(text, "\n**What to do.** {}", rule.help.trim());
    list(text, "In Setup", rule.setup.iter().map(String::as_str));
    list(text, "Clients and users", rollouts(rule).into_iter());
    let mut types: Vec<&str> = Vec::new();
    for example in &rule.examples {
        let fixed = example.fixed.as_ref();
        if let Some(fixed) = fixed.filter(|_| !types.contains(&example.metadata.as_str())) {
            types.push(&example.metadata);
            let (old, new) = (without_markers(&example.xml), without_markers(fixed));
            let _ = writeln!(text, "\n**In a file of type `{}`:**", example.metadata);
            fenced(text, "diff", &changes(&old, &new));
        }
    }
}

/// What the fixes of a rule need before they are deployed.
fn rollouts(rule: &Rule) -> Vec<&str> {
    let recipes = rule.checks.iter().flat_map(|check| {
        let risks = check.risks.iter().filter_map(|risk| risk.fix.as_ref());
        check.fix.iter().chain(risks)
    });
    let mut rollouts: Vec<&str> = Vec::new();
    for rollout in recipes.filter_map(|recipe| recipe.rollout.as_deref()) {
        // A longer text for another metadata type includes this one.
        if !rollouts.iter().any(|other| other.starts_with(rollout)) {
            rollouts.retain(|other| !rollout.starts_with(other));
            rollouts.push(rollout);
        }
    }
    rollouts
}

/// The changed lines as a patch, with the lines next to them.
fn changes(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut text = String::new();
    for operation in group_diff_ops(line_difference(&old, &new), 1).concat() {
        let (before, after) = (operation.old_range(), operation.new_range());
        let is_equal = operation.tag() == DiffTag::Equal;
        let (removed, added) = match is_equal {
            true => (' ', 0..0),
            false => ('-', after),
        };
        for line in &old[before] {
            let _ = writeln!(text, "{removed}{line}");
        }
        for line in &new[added] {
            let _ = writeln!(text, "+{line}");
        }
    }
    text
}

fn list<'a>(text: &mut String, heading: &str, items: impl Iterator<Item = &'a str>) {
    let _ = writeln!(text, "\n**{heading}:**\n");
    items.for_each(|item| text.push_str(&format!("- {}\n", item.trim())));
}
