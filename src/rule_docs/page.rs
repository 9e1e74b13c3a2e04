//! A rule as Markdown, and the index of all rules.
//!
//! `explain`, the help in SARIF and the pages in `docs/rules/` use the same text.

use std::fmt::Write as _;

use super::authority::{authority, control_heading};
use super::generated::{GENERATED, cell};
use super::incidents::{Incident, incidents_of};
use super::text::{OWN_RULE, controls, fix_notes, message_about, severity_notes};
use crate::rule::{ERROR_MARKER, Example, Rule, Severity};

/// The rule as Markdown, with its examples if it was compiled with them.
pub fn rule_markdown(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n", rule.title);
    let _ = writeln!(text, "{}", lead(rule));
    finds(&mut text, rule);
    what_to_do(&mut text, rule);
    why(&mut text, rule);
    examples(&mut text, rule);
    notes(&mut text, rule);
    severity(&mut text, rule);
    fix(&mut text, rule);
    exceptions(&mut text, rule);
    covered(&mut text, rule);
    incidents(&mut text, rule);
    references(&mut text, rule);
    text
}

/// The rule's page in `docs/rules/`, with links to other pages.
pub fn rule_page(rule: &Rule) -> String {
    format!(
        "{GENERATED}\n\n{}\n---\n\n[All rules](README.md) · [Published controls](../coverage.md)\n",
        rule_markdown(rule)
    )
}

/// One line with the id, the severity, the CVSS range and the kinds of fixes.
fn lead(rule: &Rule) -> String {
    let mut line = format!("`{}` · {}", rule.id, severity_notes(rule).lead);
    let fixes = fix_kinds(rule);
    if fixes != "none" {
        let _ = write!(line, " · fix: {fixes}");
    }
    line
}

fn finds(text: &mut String, rule: &Rule) {
    if rule.checks.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## What it finds\n");
    // The types of a check share its message, so they are listed together.
    let mut found: Vec<(String, Option<String>, Vec<&str>)> = Vec::new();
    for check in &rule.checks {
        let sentence = message_about(check, "Example");
        let since = check.since.map(|since| since.to_string());
        let name = check.metadata_type.name();
        match found
            .iter_mut()
            .find(|(listed, version, _)| *listed == sentence && *version == since)
        {
            Some((_, _, types)) if types.contains(&name) => {}
            Some((_, _, types)) => types.push(name),
            None => found.push((sentence, since, vec![name])),
        }
    }
    for (sentence, since, types) in found {
        let types = types
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let since = since
            .map(|since| format!(" *(API version {since} and later)*"))
            .unwrap_or_default();
        let _ = writeln!(text, "- {types}: {sentence}{since}");
    }
}

fn why(text: &mut String, rule: &Rule) {
    let control = &rule.control;
    if control.is_empty() {
        return;
    }
    let name = match control.url.as_str() {
        "" => control.name.clone(),
        url => format!("[{}]({url})", control.name),
    };
    let _ = writeln!(text, "\n## {}\n\n{name}", control_heading(rule));
    for (heading, part) in control.parts() {
        let _ = writeln!(text, "\n**{heading}.** {part}");
    }
}

fn what_to_do(text: &mut String, rule: &Rule) {
    let _ = writeln!(text, "\n## What to do\n\n{}", rule.help.trim());
    if !rule.setup.is_empty() {
        let _ = writeln!(text, "\nWhere in Setup:\n");
        for path in &rule.setup {
            let _ = writeln!(text, "- {path}");
        }
    }
}

fn notes(text: &mut String, rule: &Rule) {
    if let Some(notes) = &rule.notes {
        let _ = writeln!(text, "\n## How forcelint checks it\n\n{}", notes.trim());
    }
}

fn severity(text: &mut String, rule: &Rule) {
    let notes = severity_notes(rule);
    if notes.by_check.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## How forcelint rates it\n\n{}", notes.order);
    for (what, notes) in &notes.by_check {
        let _ = writeln!(text, "\n{what}:\n");
        for note in notes {
            let _ = writeln!(text, "- {note}");
        }
    }
}

fn violates(example: &Example) -> bool {
    !example.expect.is_empty()
}

fn complies(example: &Example) -> bool {
    example.expect.is_empty() && !example.not_checked
}

fn examples(text: &mut String, rule: &Rule) {
    let bad = rule.examples.iter().find(|example| violates(example));
    let good = |of_type: Option<&str>| {
        rule.examples.iter().find(|example| {
            complies(example) && of_type.is_none_or(|name| example.metadata == name)
        })
    };
    let Some(bad) = bad else {
        if let Some(good) = good(None) {
            let _ = writeln!(text, "\n## Example\n\nThis complies:");
            files(text, good, &good.xml);
        }
        return;
    };
    let _ = writeln!(
        text,
        "\n## Example\n\nThis `{}` violates the rule:",
        bad.metadata
    );
    files(text, bad, &bad.xml);
    for finding in bad.expectations().unwrap_or_default() {
        let xml = match bad.is_of_project() {
            true => bad.project_text().to_owned(),
            false => without_markers(&bad.xml),
        };
        let line = xml
            .lines()
            .nth(finding.line.saturating_sub(1))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "\nReported at line {}, `{}`: **{}**.",
            finding.line,
            line.trim(),
            finding.severity
        );
    }
    if let Some(fixed) = &bad.fixed {
        let _ = writeln!(text, "\nAfter the fix:");
        fenced(text, "xml", fixed);
    } else if let Some(good) = good(Some(&bad.metadata)).or_else(|| good(None)) {
        let _ = writeln!(text, "\nThis complies ({}):", good.name);
        files(text, good, &good.xml);
    }
}

/// The file of an example, and the other files of its project.
fn files(text: &mut String, example: &Example, xml: &str) {
    match example.is_of_project() {
        true => fenced(text, "json", example.project_text()),
        false => fenced(text, "xml", &without_markers(xml)),
    }
    for other in &example.with {
        let _ = writeln!(
            text,
            "\nWith `{}` `{}` in the same project:",
            other.metadata, other.component
        );
        fenced(text, "xml", &other.xml);
    }
}

/// The XML without the comments that mark expected findings.
pub(super) fn without_markers(xml: &str) -> String {
    let lines = xml.lines().map(|line| match line.split_once(ERROR_MARKER) {
        Some((before, after)) => format!("{}{after}", before.trim_end()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn fenced(text: &mut String, language: &str, content: &str) {
    let _ = writeln!(text, "\n```{language}\n{}\n```", content.trim_end());
}

fn fix(text: &mut String, rule: &Rule) {
    if rule.checks.is_empty() {
        return;
    }
    let fixes = fix_notes(rule);
    let _ = writeln!(text, "\n## How forcelint fixes it\n");
    if fixes.is_empty() {
        let _ = writeln!(
            text,
            "No automatic fix: forcelint cannot determine the correct value."
        );
    }
    for fix in fixes {
        let _ = writeln!(text, "- {fix}");
    }
}

fn exceptions(text: &mut String, rule: &Rule) {
    // A malformed file cannot have an exception.
    let snippet = if rule.checks.is_empty() {
        None
    } else {
        rule.examples.iter().find(|example| violates(example))
    };
    if rule.exceptions.is_none() && snippet.is_none() {
        return;
    }
    let _ = writeln!(text, "\n## When to leave a finding");
    if let Some(exceptions) = &rule.exceptions {
        let _ = writeln!(text, "\n{}", exceptions.trim());
    }
    if let Some(example) = snippet {
        let _ = writeln!(
            text,
            "\nAdd an exception to `forcelint.toml`, with a reason and an expiry date:"
        );
        let exception = format!(
            "[[exception]]\n\
             rule = \"{}\"\n\
             component = \"{}:{}\"\n\
             reason = \"why the risk is acceptable, and who decided it\"\n\
             expires = 2027-03-31\n\
             owner = \"the team that owns the risk\"",
            rule.id, example.metadata, example.component
        );
        fenced(text, "toml", &exception);
    }
}

fn covered(text: &mut String, rule: &Rule) {
    if rule.covers.is_empty() && authority(rule).is_none() {
        return;
    }
    let _ = writeln!(text, "\n## Published controls\n");
    if rule.covers.is_empty() {
        let _ = writeln!(text, "{OWN_RULE}");
    }
    for control in controls(rule) {
        let id = control.id;
        let _ = match (control.authority, control.title, control.url) {
            (Some(authority), Some(title), Some(url)) => {
                writeln!(text, "- {authority}: [{title}]({url}) (`{id}`)")
            }
            (Some(authority), Some(title), None) => {
                writeln!(text, "- {authority}: {title} (`{id}`)")
            }
            _ => writeln!(text, "- `{id}`"),
        };
    }
}

fn incidents(text: &mut String, rule: &Rule) {
    if incidents_of(rule).next().is_some() {
        let _ = writeln!(text, "\n## Incidents\n");
    }
    for Incident { id, name, when, .. } in incidents_of(rule) {
        let _ = writeln!(text, "- {name}, {when} (`{id}`)");
    }
}

fn references(text: &mut String, rule: &Rule) {
    if rule.pages().next().is_none() && rule.cwe.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## References\n");
    for url in rule.pages() {
        let _ = writeln!(text, "- <{url}>");
    }
    for cwe in &rule.cwe {
        let _ = writeln!(
            text,
            "- [CWE-{cwe}](https://cwe.mitre.org/data/definitions/{cwe}.html)"
        );
    }
}

/// The index of rules, `docs/rules/README.md`: one table per family, in the given order.
pub fn rules_index(families: &[(String, Vec<Rule>)]) -> String {
    let count: usize = families.iter().map(|(_, rules)| rules.len()).sum();
    let mut text = format!(
        "{GENERATED}\n\n# Rules\n\n\
         {count} rules by subject. `forcelint explain <rule>` shows a rule's page in a terminal.\n\n\
         `--fix` applies **safe** fixes. `--fix=all` also applies fixes that **need a rollout**: \
         something has to change before the file is deployed, such as the app's clients. \
         [Coverage](../coverage.md) lists the published controls and the rules that check them.\n"
    );
    for (family, rules) in families {
        let _ = writeln!(
            text,
            "\n## {}\n\n\
             | rule | finds | severity | fix | metadata |\n\
             | --- | --- | --- | --- | --- |",
            family_title(family)
        );
        for rule in rules {
            let types: Vec<_> = rule
                .metadata_types()
                .into_iter()
                .map(|metadata_type| format!("`{}`", metadata_type.name()))
                .collect();
            let types = if types.is_empty() {
                "every file".to_owned()
            } else {
                types.join(", ")
            };
            let _ = writeln!(
                text,
                "| [{id}]({id}.md) | {} | {} | {} | {types} |",
                cell(&rule.title),
                severity_range(rule),
                fix_kinds(rule),
                id = rule.id,
            );
        }
    }
    text
}

fn family_title(family: &str) -> String {
    match family {
        "oauth" => "OAuth".to_owned(),
        "saml" => "SAML".to_owned(),
        family => {
            let mut letters = family.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default()
        }
    }
}

fn severity_range(rule: &Rule) -> String {
    let severities = rule.possible_severities();
    let highest = severities.iter().max().copied().unwrap_or(rule.severity);
    let lowest: Severity = severities.iter().min().copied().unwrap_or(rule.severity);
    if highest == lowest {
        highest.to_string()
    } else {
        format!("{highest} to {lowest}")
    }
}

/// The kinds of fixes that findings of the rule can have.
fn fix_kinds(rule: &Rule) -> &'static str {
    let mut safe = false;
    let mut rollout = false;
    for check in &rule.checks {
        let of_risks = check.risks.iter().filter_map(|risk| risk.fix.as_ref());
        for fix in check.fix.iter().chain(of_risks) {
            match fix.rollout {
                Some(_) => rollout = true,
                None => safe = true,
            }
        }
        safe |= check.risks.iter().any(|risk| risk.safe);
    }
    match (safe, rollout) {
        (true, true) => "safe or needs a rollout",
        (true, false) => "safe",
        (false, true) => "needs a rollout",
        (false, false) => "none",
    }
}
