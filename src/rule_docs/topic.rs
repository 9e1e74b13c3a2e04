//! What `explain` shows about a tag, a metadata field, a published control or an incident: its rules.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::coverage::{PUBLISHED, PublishedControl};
use super::incidents::{INCIDENTS, Incident};
use super::text::{RuleJson, heading, listed};
use crate::rule::{Mention, MentionedField, Rule};
use crate::text::to_json;

/// A name that is not a rule, with its rules.
pub(crate) struct Topic<'a> {
    /// A tag, a field, a control or an incident.
    kind: &'static str,
    name: String,
    /// What is known about it, one sentence each.
    about: Vec<String>,
    url: Option<&'a str>,
    /// A heading, and the rules below it.
    rules: Vec<(&'static str, Vec<&'a Rule>)>,
}

/// The tag, published control or field of this name.
pub(crate) fn find_topic<'a>(name: &str, rules: &[&'a Rule]) -> Option<Topic<'a>> {
    let mut topic = topic_of(name, rules)?;
    for (_, rules) in &mut topic.rules {
        rules.sort_by_key(|rule| (std::cmp::Reverse(rule.severity), &rule.id));
    }
    Some(topic)
}

fn topic_of<'a>(name: &str, rules: &[&'a Rule]) -> Option<Topic<'a>> {
    let tagged = rules
        .iter()
        .filter(|rule| rule.tags.iter().any(|tag| tag == name));
    let tagged: Vec<&Rule> = tagged.copied().collect();
    if !tagged.is_empty() {
        let about = format!("Check only these rules with `forcelint check --select {name}`.");
        return Some(Topic {
            kind: "tag",
            name: name.to_owned(),
            about: vec![about],
            url: None,
            rules: vec![("Rules", tagged)],
        });
    }
    if let Some(control) = PUBLISHED.control(name) {
        return Some(about_control(control, rules));
    }
    if let Some(incident) = INCIDENTS.iter().find(|it| it.id == name) {
        return Some(about_incident(incident, rules));
    }
    about_field(name, rules)
}

fn about_control<'a>(control: &'a PublishedControl, rules: &[&'a Rule]) -> Topic<'a> {
    let covering = rules
        .iter()
        .filter(|rule| rule.covers.contains(&control.id));
    let mut about = vec![format!(
        "{}: {}.",
        PUBLISHED.source_name(&control.source),
        control.name
    )];
    if let Some([low, high]) = control.cvss {
        about.push(format!("CVSS {low:.1} to {high:.1}."));
    }
    let limits = control.reason.as_ref().or(control.partly.as_ref());
    about.extend(limits.map(|limits| format!("Not in source: {limits}")));
    Topic {
        kind: "control",
        name: control.id.clone(),
        about,
        url: control.url.as_deref(),
        rules: vec![("Checked by", covering.copied().collect())],
    }
}

fn about_incident<'a>(incident: &'static Incident, rules: &[&'a Rule]) -> Topic<'a> {
    let sources = incident.source.iter();
    let sources: Vec<String> = sources
        .map(|it| format!("{}: {}", it.name, it.url))
        .collect();
    let related = rules
        .iter()
        .filter(|rule| incident.rules.contains(&rule.id));
    Topic {
        kind: "incident",
        name: incident.id.clone(),
        about: vec![
            format!("{}, {}.", incident.name, incident.when),
            incident.what.clone(),
            format!("Weakness: {}", incident.weakness),
            format!("Not in source: {}", incident.limits),
            format!("Sources: {}", sources.join("; ")),
        ],
        url: None,
        rules: vec![("Rules about the weakness", related.copied().collect())],
    }
}

/// A field by its name, or by the end of its path, such as `oauthConfig.isPkceRequired`.
fn about_field<'a>(name: &str, rules: &[&'a Rule]) -> Option<Topic<'a>> {
    let words: Vec<&str> = name.split(['.', '/']).collect();
    let is_named = |field: &MentionedField| full_path(field).ends_with(&words);
    let mut fields = BTreeSet::new();
    let (mut required, mut evidence) = (Vec::new(), Vec::new());
    for rule in rules {
        let mentioned = rule.mentioned_fields().into_iter();
        let mentioned: Vec<MentionedField> = mentioned.filter(is_named).collect();
        match mentioned.iter().map(|it| it.mention).max() {
            Some(Mention::Requires) => required.push(*rule),
            Some(Mention::Asks) => evidence.push(*rule),
            None => continue,
        }
        fields.extend(mentioned.iter().map(|field| full_path(field).join(".")));
    }
    let fields: Vec<String> = fields.into_iter().collect();
    (!fields.is_empty()).then(|| Topic {
        kind: "field",
        name: name.to_owned(),
        about: vec![format!("Read as `{}`.", fields.join("`, `"))],
        url: None,
        rules: vec![
            ("Rules about its value", required),
            ("Rules that read it as evidence", evidence),
        ],
    })
}

/// The type, and the names below the root.
fn full_path(field: &MentionedField) -> Vec<&str> {
    let below = field.path.iter().map(String::as_str);
    [field.metadata_type.name()]
        .into_iter()
        .chain(below)
        .collect()
}

/// Every name that `explain` knows besides files, for suggestions.
pub(crate) fn explained_names(rules: &[&Rule]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = PUBLISHED.control.iter().map(|it| it.id.clone()).collect();
    names.extend(INCIDENTS.iter().map(|it| it.id.clone()));
    for rule in rules {
        names.insert(rule.id.clone());
        names.extend(rule.tags.iter().cloned());
        let fields = rule.mentioned_fields().into_iter();
        names.extend(fields.filter_map(|mut field| field.path.pop()));
    }
    names
}

impl Topic<'_> {
    pub(crate) fn terminal(&self, width: usize, color: bool) -> String {
        let mut text = format!("{}\n", heading(&self.name, color));
        for sentence in &self.about {
            let _ = writeln!(text, "{}", textwrap::fill(sentence, options(width)));
        }
        if let Some(url) = self.url {
            let _ = writeln!(text, "{url}");
        }
        for (title, rules) in self.filled() {
            let _ = writeln!(text, "\n{}", heading(title, color));
            let columns = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            let columns = columns.min(width / 2);
            for rule in rules {
                let lead = format!("  {:8}  {:columns$}  ", rule.severity, rule.id);
                let indent = " ".repeat(columns + 14);
                let options = options(width.max(indent.len() + 24));
                let options = options.initial_indent(&lead).subsequent_indent(&indent);
                let _ = writeln!(text, "{}", textwrap::fill(&rule.title, options));
            }
        }
        if self.filled().next().is_some() {
            text.push_str("\nExplain one of them with `forcelint explain RULE`.\n");
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("# `{}`\n\n{}\n", self.name, self.about.join(" "));
        if let Some(url) = self.url {
            let _ = writeln!(text, "\n<{url}>");
        }
        for (title, rules) in self.filled() {
            let _ = writeln!(text, "\n## {title}\n");
            for rule in rules {
                let _ = writeln!(text, "- `{}` ({}): {}", rule.id, rule.severity, rule.title);
            }
        }
        text
    }

    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct TopicJson<'a> {
            kind: &'static str,
            name: &'a str,
            about: &'a [String],
            url: Option<&'a str>,
            rules: Vec<RuleJson<'a>>,
        }
        let rules = self.rules.iter().flat_map(|(_, rules)| rules);
        to_json(&TopicJson {
            kind: self.kind,
            name: &self.name,
            about: &self.about,
            url: self.url,
            rules: rules.map(|rule| listed(rule)).collect(),
        })
    }

    fn filled(&self) -> impl Iterator<Item = (&'static str, &Vec<&Rule>)> {
        let filled = self.rules.iter().filter(|(_, rules)| !rules.is_empty());
        filled.map(|(title, rules)| (*title, rules))
    }
}

/// Fields and addresses stay whole.
fn options<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}
