//! A rule for a terminal, as plain text and as JSON, and the list of rules. `page.rs` has the Markdown.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;
use textwrap::Options;
use unicode_width::UnicodeWidthStr;

use super::authority::{asking_authority, authority, control_heading};
use super::controls::ControlReference;
use super::incidents::{Incident, incidents_of};
use crate::rule::{Check, Control, Rule, Severity};
use crate::schema::ApiVersion;
use crate::text::{ScannedText, plain_rule_text, terminal_rule_text, to_json};

/// About a rule of forcelint's own.
pub(crate) const OWN_RULE: &str =
    "None. forcelint recommends this; no published control that forcelint knows asks for it.";

/// The severity, and what changes it.
pub(crate) struct SeverityNotes {
    /// The severity, with the CVSS range.
    pub lead: String,
    /// How to read the notes.
    pub order: &'static str,
    /// The metadata types, and one note per risk or mitigation. Checks with the same notes are combined.
    pub by_check: Vec<(String, Vec<String>)>,
}

pub(crate) fn severity_notes(rule: &Rule) -> SeverityNotes {
    let mut lead = rule.severity.name().to_owned();
    if let Some([low, high]) = rule.cvss {
        let _ = write!(lead, " (CVSS {low:.1} to {high:.1})");
    }
    let mut groups: Vec<(Vec<&Check>, Vec<String>)> = Vec::new();
    let differing = rule
        .checks
        .iter()
        .filter(|check| !check_notes(rule, check).is_empty());
    let differing: Vec<_> = differing.map(|check| check.metadata_type).collect();
    for check in &rule.checks {
        let mut notes = check_notes(rule, check);
        // A list with some of the types looks as if the rule were only about these.
        if !differing.is_empty() && !differing.contains(&check.metadata_type) {
            notes.push(severity_note(check));
        }
        match groups.iter_mut().find(|(_, others)| *others == notes) {
            _ if notes.is_empty() => {}
            Some((checks, _)) => checks.push(check),
            None => groups.push((vec![check], notes)),
        }
    }
    let one_of_type = |check: &Check| {
        let same_type = |other: &&Check| other.metadata_type == check.metadata_type;
        rule.checks.iter().filter(same_type).count() == 1
    };
    let by_check = groups
        .into_iter()
        .map(|(checks, notes)| {
            let mut names: Vec<String> = Vec::new();
            for check in checks {
                let name = check.metadata_type.name();
                // If a type has several checks, its name does not identify the check.
                let name = if one_of_type(check) {
                    name.to_owned()
                } else {
                    format!("{name} ({})", message_about(check, "Example"))
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            (names.join(", "), notes)
        })
        .collect();
    let order = if rule.checks.iter().any(|check| !check.risks.is_empty()) {
        "The first case that applies decides."
    } else {
        "The severity depends on the finding."
    };
    SeverityNotes {
        lead,
        order,
        by_check,
    }
}

/// What decides the severity of a check's findings. Empty if it is always the rule's.
fn check_notes(rule: &Rule, check: &Check) -> Vec<String> {
    let mut notes = Vec::new();
    for risk in &check.risks {
        let severity = risk.severity.unwrap_or(check.severity);
        let safe = if risk.safe { " Its fix is safe." } else { "" };
        notes.push(format!("{severity}: {}.{safe}", risk.because));
    }
    if !notes.is_empty() || check.severity != rule.severity || !check.mitigations.is_empty() {
        match check.because {
            None if !notes.is_empty() => {
                notes.push(format!("{}: all other cases.", check.severity))
            }
            _ => notes.push(severity_note(check)),
        }
    }
    for mitigation in &check.mitigations {
        notes.push(format!("one level lower: {}.", mitigation.because));
    }
    notes
}

/// The severity of a check's findings, with its reason if the rule has one.
fn severity_note(check: &Check) -> String {
    match check.because.as_deref() {
        Some(because) => format!("{}: {because}.", check.severity),
        None => format!("{}.", check.severity),
    }
}

/// A check's message about a component with this name. `…` replaces the values of fields.
pub(crate) fn message_about(check: &Check, component: &str) -> String {
    let message = check.message.template().replace("{component}", component);
    let mut sentence = String::new();
    let mut rest = message.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        sentence.push('…');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    sentence + rest
}

/// A fix of one or more checks.
struct FixNote<'a> {
    title: String,
    /// How to apply it, and its rollout.
    how: String,
    /// The metadata types, and the API versions that the fix needs.
    types: Vec<(&'a str, Option<ApiVersion>)>,
}

/// The fixes of a rule, and what has to be done before they are deployed. If they differ between metadata types, each
/// with its types.
pub(crate) fn fix_notes(rule: &Rule) -> Vec<String> {
    let mut fixes: Vec<FixNote<'_>> = Vec::new();
    for check in &rule.checks {
        let risks = check.risks.iter().filter_map(|risk| risk.fix.as_ref());
        for recipe in check.fix.iter().chain(risks) {
            let title = recipe.title();
            let how = match &recipe.rollout {
                Some(rollout) => format!("Applied by `--fix=all`. Rollout: {rollout}"),
                None => "Applied by `--fix`.".to_owned(),
            };
            let of_check = (check.metadata_type.name(), check.since);
            match fixes
                .iter_mut()
                .find(|it| it.title == title && it.how == how)
            {
                Some(same) if same.types.contains(&of_check) => {}
                Some(same) => same.types.push(of_check),
                None => fixes.push(FixNote {
                    title,
                    how,
                    types: vec![of_check],
                }),
            }
        }
    }
    let types = fixes.iter().map(|fix| fix.types.iter().map(|it| it.0));
    let types: BTreeSet<BTreeSet<&str>> = types.map(Iterator::collect).collect();
    let differ = types.len() > 1;
    fixes.iter().map(|fix| fix_note(fix, differ)).collect()
}

fn fix_note(fix: &FixNote<'_>, names_types: bool) -> String {
    let FixNote { title, how, types } = fix;
    let versions: BTreeSet<_> = types.iter().map(|it| it.1).collect();
    if !names_types && versions.len() == 1 {
        let needed = versions.first().copied().flatten();
        let needed = needed.map(|since| format!("; needs API version {since} or later"));
        return format!("{title}{}. {how}", needed.unwrap_or_default());
    }
    let types = types.iter().map(|(name, since)| match since {
        Some(since) => format!("`{name}` (API version {since} or later)"),
        None => format!("`{name}`"),
    });
    let types: Vec<String> = types.collect();
    format!("{}: {title}. {how}", types.join(", "))
}

/// The rule for a terminal of this width. Headings are bold if `color` is set.
pub fn rule_terminal(rule: &Rule, width: usize, color: bool) -> String {
    let mut page = TerminalPage {
        width,
        color,
        text: String::new(),
    };
    let severity = severity_notes(rule);
    page.text = format!("{}\n", heading(&rule.title, color));
    page.fill(&format!("{}, {}", rule.id, severity.lead), "", "");
    page.text.push('\n');
    page.fill(&rule.help, "", "");
    if !rule.setup.is_empty() {
        page.heading("Where in Setup");
        rule.setup.iter().for_each(|path| page.item(path));
    }
    if !rule.control.is_empty() {
        page.heading(&control_heading(rule));
        page.paragraph(&rule.control.name);
        for (title, part) in rule.control.parts() {
            page.fill(&format!("{title}: {part}"), "  ", "    ");
        }
    }
    if let Some(notes) = &rule.notes {
        page.heading("How forcelint checks it");
        page.paragraph(notes);
    }
    if !severity.by_check.is_empty() {
        page.heading("How forcelint rates it");
        page.paragraph(severity.order);
        for (what, notes) in &severity.by_check {
            page.paragraph(what);
            notes.iter().for_each(|note| page.item(note));
        }
    }
    let fixes = fix_notes(rule);
    if !fixes.is_empty() {
        page.heading("How forcelint fixes it");
        fixes.iter().for_each(|fix| page.paragraph(fix));
    }
    if let Some(exceptions) = &rule.exceptions {
        page.heading("When to leave a finding");
        page.paragraph(exceptions);
    }
    page.controls(rule);
    if incidents_of(rule).next().is_some() {
        page.heading("Incidents");
    }
    for Incident { id, name, when, .. } in incidents_of(rule) {
        page.item(&format!("{name}, {when}: forcelint explain {id}"));
    }
    if rule.pages().next().is_some() || !rule.cwe.is_empty() {
        page.heading("References");
    }
    for url in rule.pages() {
        let _ = writeln!(page.text, "  {url}");
    }
    for cwe in &rule.cwe {
        let url = format!("https://cwe.mitre.org/data/definitions/{cwe}.html");
        let _ = writeln!(page.text, "  {url}");
    }
    page.text
}

struct TerminalPage {
    width: usize,
    color: bool,
    text: String,
}

impl TerminalPage {
    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{}", heading(text, self.color));
    }

    fn paragraph(&mut self, text: &str) {
        self.fill(text, "  ", "  ");
    }

    /// The published controls, or that the rule is forcelint's own.
    fn controls(&mut self, rule: &Rule) {
        if rule.covers.is_empty() && authority(rule).is_none() {
            return;
        }
        self.heading("Published controls");
        if rule.covers.is_empty() {
            self.paragraph(OWN_RULE);
        }
        let mut last = None;
        for control in controls(rule) {
            if last != Some(control.authority) {
                self.paragraph(control.authority.unwrap_or("Others"));
                last = Some(control.authority);
            }
            match control.title {
                Some(title) => {
                    self.item(title);
                    self.fill(control.id, "      ", "      ");
                }
                None => self.item(control.id),
            }
        }
    }

    fn item(&mut self, text: &str) {
        self.fill(text, "    - ", "      ");
    }

    fn fill(&mut self, text: &str, first: &str, rest: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = terminal_rule_text(&text.into());
        let options = Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false);
        let _ = writeln!(self.text, "{}", textwrap::fill(&text.one_line(), options));
    }
}

/// The rule as plain text without line wrapping, for programs that cannot show Markdown.
pub(crate) fn rule_plain(rule: &Rule) -> ScannedText<'static> {
    let mut text = rule.help.to_string();
    if !rule.setup.is_empty() {
        let _ = write!(text, "\n\nWhere in Setup: {}", rule.setup.join("; "));
    }
    if !rule.control.is_empty() {
        let _ = write!(text, "\n\n{}: {}", control_heading(rule), rule.control.name);
    }
    for (heading, part) in rule.control.parts() {
        let _ = write!(text, "\n\n{heading}: {part}");
    }
    plain_rule_text(&text.into())
}

#[derive(Serialize)]
pub(super) struct RuleJson<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    tags: &'a [String],
    metadata: Vec<&'static str>,
    fixable: bool,
    /// The severities that findings can have.
    severities: Vec<Severity>,
    cwe: &'a [u32],
    url: &'a str,
    help: &'a str,
    /// Who asks for what the rule checks: a publisher of controls, or `forcelint`.
    authority: Option<&'static str>,
    /// The published controls that ask for it.
    controls: Vec<ControlReference<'a>>,
}

#[derive(Serialize)]
struct ListedJson<'a> {
    #[serde(flatten)]
    rule: RuleJson<'a>,
    on: bool,
}

#[derive(Serialize)]
struct ExplainJson<'a> {
    #[serde(flatten)]
    rule: RuleJson<'a>,
    cvss: Option<[f64; 2]>,
    covers: &'a [String],
    references: &'a [String],
    setup: &'a [String],
    exceptions: Option<&'a str>,
    notes: Option<&'a str>,
    control: Option<&'a Control>,
    fix: Vec<String>,
}

pub(super) fn listed(rule: &Rule) -> RuleJson<'_> {
    RuleJson {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity,
        tags: &rule.tags,
        metadata: metadata_names(rule),
        fixable: rule.is_fixable(),
        severities: rule.possible_severities(),
        cwe: &rule.cwe,
        url: &rule.url,
        help: &rule.help,
        authority: asking_authority(rule),
        controls: controls(rule),
    }
}

/// The published controls that a rule covers.
pub(crate) fn controls(rule: &Rule) -> Vec<ControlReference<'_>> {
    let covers = rule.covers.iter();
    covers.map(|id| ControlReference::new(id)).collect()
}

fn metadata_names(rule: &Rule) -> Vec<&'static str> {
    let types = rule.metadata_types();
    types
        .into_iter()
        .map(|metadata_type| metadata_type.name())
        .collect()
}

/// The rule as a JSON object.
pub fn rule_json(rule: &Rule) -> String {
    to_json(&ExplainJson {
        rule: listed(rule),
        cvss: rule.cvss,
        covers: &rule.covers,
        references: &rule.references,
        setup: &rule.setup,
        exceptions: rule.exceptions.as_deref(),
        notes: rule.notes.as_deref(),
        control: (!rule.control.is_empty()).then_some(&rule.control),
        fix: fix_notes(rule),
    })
}

/// A rule in a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedRule<'a> {
    /// The rule, with the severity that the config sets.
    pub rule: &'a Rule,
    /// Whether the rule is enabled in a run without `--select`.
    pub is_on: bool,
}

/// The rules as a JSON array.
pub(crate) fn rule_list_json(rules: &[ListedRule<'_>]) -> String {
    let rules = rules.iter().map(|it| ListedJson {
        rule: listed(it.rule),
        on: it.is_on,
    });
    to_json(&rules.collect::<Vec<_>>())
}

/// One line per rule for `grep` and `cut`, without a heading: id, severity, on or off, whether there is a fix,
/// metadata types, tags and title, separated by tabs.
pub(crate) fn rule_lines(rules: &[ListedRule<'_>]) -> String {
    let lines = rules.iter().map(|ListedRule { rule, is_on }| {
        let columns = [
            rule.id.as_str(),
            rule.severity.name(),
            if *is_on { "on" } else { "off" },
            if rule.is_fixable() { "fix" } else { "-" },
            &metadata_names(rule).join(","),
            &rule.tags.join(","),
            &rule.title.replace(['\t', '\n'], " "),
        ];
        format!("{}\n", columns.join("\t"))
    });
    lines.collect()
}

/// The rules as a table of this width: id, whether there is a fix, and title. The highest severity is
/// first, disabled rules are last. Below the table are the tags for `--select`.
pub(crate) fn rule_table(rules: &[ListedRule<'_>], width: usize, color: bool) -> String {
    let mut text = String::new();
    let ids = rules.iter().map(|it| it.rule.id.width());
    // The title of a rule with a longer id is not aligned.
    let id_width = ids.max().unwrap_or(0).min(width / 2);
    let severities = Severity::ALL.into_iter().map(Some);
    for group in severities.chain([None]) {
        let in_group = |it: &&ListedRule<'_>| it.is_on.then_some(it.rule.severity) == group;
        for (at, ListedRule { rule, .. }) in rules.iter().filter(in_group).enumerate() {
            if at == 0 {
                let title = group.map_or("disabled by forcelint.toml", Severity::name);
                let _ = writeln!(text, "{}", heading(title, color));
            }
            let fix = if rule.is_fixable() { "fix" } else { "" };
            let lead = format!("  {:id_width$}  {fix:3}  ", rule.id);
            let indent = " ".repeat(id_width + 9);
            let options = Options::new(width.max(indent.len() + 24))
                .initial_indent(&lead)
                .subsequent_indent(&indent);
            let _ = writeln!(text, "{}", textwrap::fill(&rule.title, options));
        }
    }
    let mut tags: Vec<&str> = rules
        .iter()
        .flat_map(|it| it.rule.tags.iter().map(String::as_str))
        .collect();
    tags.sort_unstable();
    tags.dedup();
    let count = match rules.len() {
        1 => "1 rule".to_owned(),
        count => format!("{count} rules"),
    };
    if !tags.is_empty() {
        let options = Options::new(width).subsequent_indent("      ");
        let tags = format!("Tags: {}", tags.join(", "));
        let _ = writeln!(text, "\n{}", textwrap::fill(&tags, options));
    }
    let _ = writeln!(text, "{count}");
    text
}

pub(super) fn heading(text: &str, color: bool) -> String {
    if color {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}
