//! Which fields rules use.
//!
//! The editor explains a field by the rules that use it, and the index of other files keeps only the
//! elements that conditions read.

use std::collections::{HashMap, HashSet};

use super::condition::{Condition, Counted, CrossFile};
use super::field_path::FieldPath;
use super::message::{Message, MessagePart};
use super::rule::{Check, Rule, Step};
use crate::project::MetadataType;

/// How a rule uses a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// The field affects whether there is a finding about something else, or how severe it is.
    Asks,
    /// The rule requires a value of the field.
    Requires,
}

/// A field that a rule uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MentionedField {
    pub metadata_type: MetadataType,
    /// The names below the root.
    pub path: Vec<String>,
    pub mention: Mention,
}

impl Rule {
    /// How the rule uses the field at a path of names below the root of a type.
    pub fn mention(&self, metadata_type: MetadataType, path: &[&str]) -> Option<Mention> {
        let fields = self.mentioned_fields().into_iter();
        fields
            .filter(|it| it.metadata_type == metadata_type && it.path == path)
            .map(|it| it.mention)
            .max()
    }

    /// All fields that the rule uses. A field can occur several times.
    pub fn mentioned_fields(&self) -> Vec<MentionedField> {
        let mut search = MentionSearch::default();
        for check in &self.checks {
            let context = check.each.as_ref().map_or(&[][..], |each| &each.names);
            let of = check.metadata_type;
            search.condition(&check.require, of, context, Mention::Requires);
            let fixes = check.fix.iter();
            let fixes = fixes.chain(check.risks.iter().filter_map(|risk| risk.fix.as_ref()));
            for step in fixes.flat_map(|fix| &fix.steps) {
                if let Step::Set { path, .. } | Step::Remove { path } = step {
                    search.field(path, of, context, Mention::Requires);
                }
            }
            let evidence = check.risks.iter().map(|risk| &risk.when);
            let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
            for condition in check.when.iter().chain(evidence) {
                search.condition(condition, of, context, Mention::Asks);
            }
        }
        search.found
    }
}

/// Adds the children of the root that the check's conditions read in other files, by metadata type.
pub(crate) fn asked(check: &Check, names: &mut HashMap<MetadataType, HashSet<String>>) {
    let evidence = check.risks.iter().map(|risk| &risk.when);
    let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
    for condition in check.when.iter().chain([&check.require]).chain(evidence) {
        asked_by(condition, None, true, names);
    }
}

/// The children of the root that a check reads in the component that it checks. `None` if it reads all.
pub(crate) fn read_by(check: &Check) -> Option<HashSet<String>> {
    let evidence = check.risks.iter().map(|risk| &risk.when);
    let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
    let of = Some(check.metadata_type);
    let mut names: HashMap<MetadataType, HashSet<String>> = HashMap::new();
    for condition in check.when.iter().chain([&check.require]).chain(evidence) {
        if reads_all(condition) {
            return None;
        }
        asked_by(condition, of, check.each.is_none(), &mut names);
    }
    let mut names = names.remove(&check.metadata_type).unwrap_or_default();
    names.extend(
        check
            .each
            .iter()
            .filter_map(|each| each.names.first().cloned()),
    );
    let messages = check.risks.iter().filter_map(|risk| risk.message.as_ref());
    let parts = messages.chain([&check.message]).flat_map(Message::parts);
    let in_messages = parts.filter_map(|part| match part {
        MessagePart::Field(path) => Some(path),
        MessagePart::Text(_) | MessagePart::Component => None,
    });
    let fixes = check.risks.iter().filter_map(|risk| risk.fix.as_ref());
    let steps = fixes.chain(&check.fix).flat_map(|fix| &fix.steps);
    let in_fixes = steps.filter_map(|step| match step {
        Step::Set { path, .. } | Step::Remove { path } => Some(path),
        Step::Replace { .. } | Step::Repair => None,
    });
    let at_root = |path: &&FieldPath| check.each.is_none() || path.from_root;
    let paths = in_messages.chain(in_fixes).filter(at_root);
    names.extend(paths.filter_map(|path| path.names.first().cloned()));
    Some(names)
}

fn reads_all(condition: &Condition) -> bool {
    match condition {
        Condition::Schema(_) => true,
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(reads_all),
        Condition::Not(inner) | Condition::AboutFile(_, inner) | Condition::Some(_, inner) => {
            reads_all(inner)
        }
        Condition::Count(count) => match &count.counted {
            Counted::Elements(_, inner) => reads_all(inner),
            Counted::Components(_) => false,
        },
        Condition::Field(_)
        | Condition::AllIpv4(_)
        | Condition::Project(_)
        | Condition::Related(_)
        | Condition::Name(..) => false,
    }
}

/// `of` is the metadata type of the other file that the condition is about, if it is about one.
/// `at_root` is whether its paths start at the root of that file.
fn asked_by(
    condition: &Condition,
    of: Option<MetadataType>,
    at_root: bool,
    names: &mut HashMap<MetadataType, HashSet<String>>,
) {
    let mut note = |of: Option<MetadataType>, name: Option<&String>| {
        if let (Some(of), Some(name)) = (of, name) {
            names.entry(of).or_default().insert(name.clone());
        }
    };
    let mut note_path = |path: &FieldPath| {
        // The element that contains the field has already been added.
        note(of, path.names.first().filter(|_| at_root || path.from_root));
    };
    match condition {
        Condition::Field(test) => note_path(&test.path),
        Condition::AllIpv4(ranges) => note_path(&ranges.each),
        Condition::Some(path, inner) => {
            note_path(path);
            let at_root = path.is_start() && (at_root || path.from_root);
            asked_by(inner, of, at_root, names);
        }
        Condition::Count(count) => match &count.counted {
            Counted::Elements(path, inner) => {
                note_path(path);
                let at_root = path.is_start() && (at_root || path.from_root);
                asked_by(inner, of, at_root, names);
            }
            Counted::Components(other) => asked_by_cross_file(other, of, at_root, names),
        },
        Condition::All(parts) | Condition::Any(parts) => {
            parts
                .iter()
                .for_each(|part| asked_by(part, of, at_root, names));
        }
        Condition::Not(inner) | Condition::AboutFile(_, inner) => {
            asked_by(inner, of, at_root, names);
        }
        Condition::Project(other) | Condition::Related(other) => {
            asked_by_cross_file(other, of, at_root, names);
        }
        Condition::Name(..) | Condition::Schema(_) => {}
    }
}

/// The same for a condition about other components.
fn asked_by_cross_file(
    cross_file: &CrossFile,
    of: Option<MetadataType>,
    at_root: bool,
    names: &mut HashMap<MetadataType, HashSet<String>>,
) {
    let mut note_path = |of: Option<MetadataType>, path: Option<&FieldPath>, at_root: bool| {
        let path = path.filter(|path| at_root || path.from_root);
        if let (Some(of), Some(name)) = (of, path.and_then(|path| path.names.first())) {
            names.entry(of).or_default().insert(name.clone());
        }
    };
    let other = Some(cross_file.metadata_type);
    let mut is_whole = true;
    if let Some(join) = &cross_file.join {
        let each = join.to.each.as_ref();
        is_whole = each.is_none_or(FieldPath::is_start);
        note_path(of, join.from.path.as_ref(), at_root);
        note_path(other, each, true);
        note_path(other, join.to.key.path.as_ref(), is_whole);
    }
    asked_by(&cross_file.condition, other, is_whole, names);
}

#[derive(Default)]
struct MentionSearch {
    found: Vec<MentionedField>,
}

impl MentionSearch {
    fn field(&mut self, path: &FieldPath, of: MetadataType, context: &[String], mention: Mention) {
        let path = absolute(path, context);
        if !path.is_empty() {
            self.found.push(MentionedField {
                metadata_type: of,
                path,
                mention,
            });
        }
    }

    fn condition(
        &mut self,
        condition: &Condition,
        of: MetadataType,
        context: &[String],
        mention: Mention,
    ) {
        match condition {
            // The text of a page is not a setting, and most changes to it are not about its first tag.
            Condition::Field(test) if test.is_about_markup() => {}
            Condition::Field(test) => self.field(&test.path, of, context, mention),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(part, of, context, mention);
                }
            }
            Condition::Not(inner) | Condition::AboutFile(_, inner) => {
                self.condition(inner, of, context, mention);
            }
            Condition::AllIpv4(ranges) => {
                let context = absolute(&ranges.each, context);
                self.field(&ranges.start, of, &context, mention);
                self.field(&ranges.end, of, &context, mention);
            }
            Condition::Some(path, inner) => {
                let context = absolute(path, context);
                self.condition(inner, of, &context, mention);
            }
            Condition::Count(count) => match &count.counted {
                Counted::Elements(path, inner) => {
                    let context = absolute(path, context);
                    self.condition(inner, of, &context, mention);
                }
                Counted::Components(other) => self.cross_file(other, of, context, mention),
            },
            Condition::Project(other) | Condition::Related(other) => {
                self.cross_file(other, of, context, mention);
            }
            Condition::Name(..) | Condition::Schema(_) => {}
        }
    }
}

impl MentionSearch {
    fn cross_file(
        &mut self,
        other: &CrossFile,
        of: MetadataType,
        context: &[String],
        mention: Mention,
    ) {
        let mut inside = Vec::new();
        // All parts of an app have the name of the app, which the rule is not about.
        if let Some(join) = other.join.as_ref().filter(|join| !join.is_one_to_one) {
            if let Some(path) = &join.from.path {
                self.field(path, of, context, mention);
            }
            if let Some(each) = &join.to.each {
                inside = absolute(each, &[]);
            }
            if let Some(path) = &join.to.key.path {
                self.field(path, other.metadata_type, &inside, Mention::Asks);
            }
        }
        // Other rules require values of that component's fields.
        let of = other.metadata_type;
        self.condition(&other.condition, of, &inside, Mention::Asks);
    }
}

/// The names of a path, starting below the root.
fn absolute(path: &FieldPath, context: &[String]) -> Vec<String> {
    let context = if path.from_root { &[] } else { context };
    context.iter().chain(&path.names).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::set::find_rule;

    #[test]
    fn mentions_of_fields() {
        let rule = find_rule("pkce-required", &[]).unwrap();
        let of = |name: &str, path: &[&str]| rule.mention(MetadataType::named(name).unwrap(), path);
        let flag = ["oauthConfig", "isPkceRequired"];
        assert_eq!(of("ConnectedApp", &flag), Some(Mention::Requires));
        let secret = ["oauthConfig", "isConsumerSecretOptional"];
        assert_eq!(of("ConnectedApp", &secret), Some(Mention::Asks));
        // The org's settings lower the severity.
        let org = ["isPkceRequired"];
        assert_eq!(of("OauthOidcSettings", &org), Some(Mention::Asks));
        assert_eq!(of("ConnectedApp", &org), None);
        assert_eq!(of("ConnectedApp", &[]), None);
    }
}
