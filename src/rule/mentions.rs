//! Which fields a rule looks at.
//!
//! In: a rule, a metadata type and a path below its root. Out: what the rule does with the field,
//! for people who look at the field and not at the rule. And of each type what files of others ask
//! about it.

use std::collections::{HashMap, HashSet};

use super::condition::{Condition, FieldPath};
use super::rule::{Check, Rule, Step};
use crate::project::MetadataType;

/// What a rule does with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// It asks it about something else: how severe a finding is, or whether there is one.
    Asks,
    /// It says what the field has to hold.
    Requires,
}

impl Rule {
    /// What the rule does with the field at a path of names below the root of a type.
    pub fn mention(&self, metadata_type: MetadataType, path: &[&str]) -> Option<Mention> {
        let mut strongest = None;
        for check in &self.checks {
            let context = check.each.as_ref().map_or(&[][..], |each| &each.names);
            let mut look = Look {
                metadata_type,
                path,
                strongest: &mut strongest,
            };
            let of = check.metadata_type;
            look.condition(&check.require, of, context, Mention::Requires);
            let fixes = check.fix.iter();
            let fixes = fixes.chain(check.risks.iter().filter_map(|risk| risk.fix.as_ref()));
            for step in fixes.flat_map(|fix| &fix.steps) {
                if let Step::Set { path, .. } | Step::Remove { path } = step {
                    look.field(path, of, context, Mention::Requires);
                }
            }
            let evidence = check.risks.iter().map(|risk| &risk.when);
            let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
            for condition in check.when.iter().chain(evidence) {
                look.condition(condition, of, context, Mention::Asks);
            }
        }
        strongest
    }
}

/// For each metadata type that conditions of the check ask about from other files: the children of
/// the root that they look at.
pub(crate) fn asked(check: &Check, names: &mut HashMap<MetadataType, HashSet<String>>) {
    let evidence = check.risks.iter().map(|risk| &risk.when);
    let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
    for condition in check.when.iter().chain([&check.require]).chain(evidence) {
        asked_by(condition, None, true, names);
    }
}

/// `of`: the other type that the condition is about, if it is; `at_root`: its context is the root.
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
        // Inside of an element it asks about a part of what is noted already.
        note(of, path.names.first().filter(|_| at_root || path.from_root));
    };
    match condition {
        Condition::Field(test) => note_path(&test.path),
        Condition::Some(path, inner) => {
            note_path(path);
            let at_root = path.is_start() && (at_root || path.from_root);
            asked_by(inner, of, at_root, names);
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts
                .iter()
                .for_each(|part| asked_by(part, of, at_root, names));
        }
        Condition::Not(inner) | Condition::AboutFile(_, inner) => {
            asked_by(inner, of, at_root, names);
        }
        Condition::Project(other) | Condition::Related(other) => {
            if matches!(condition, Condition::Related(_)) {
                note(of, Some(&other.by));
                note(Some(other.metadata_type), Some(&other.by));
            }
            asked_by(&other.condition, Some(other.metadata_type), true, names);
        }
        Condition::Component(_) | Condition::Schema(_) => {}
    }
}

struct Look<'a> {
    metadata_type: MetadataType,
    path: &'a [&'a str],
    strongest: &'a mut Option<Mention>,
}

impl Look<'_> {
    fn field(&mut self, path: &FieldPath, of: MetadataType, context: &[String], mention: Mention) {
        let names = absolute(path, context);
        if of == self.metadata_type && !names.is_empty() && names == self.path {
            *self.strongest = (*self.strongest).max(Some(mention));
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
            Condition::Field(test) => self.field(&test.path, of, context, mention),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(part, of, context, mention);
                }
            }
            Condition::Not(inner) | Condition::AboutFile(_, inner) => {
                self.condition(inner, of, context, mention);
            }
            Condition::Some(path, inner) => {
                let context = absolute(path, context);
                self.condition(inner, of, &context, mention);
            }
            // It is another component's field, whose own rules say what it has to hold.
            Condition::Project(other) | Condition::Related(other) => {
                self.condition(&other.condition, other.metadata_type, &[], Mention::Asks);
            }
            Condition::Component(_) | Condition::Schema(_) => {}
        }
    }
}

/// The names from below the root.
fn absolute(path: &FieldPath, context: &[String]) -> Vec<String> {
    let context = if path.from_root { &[] } else { context };
    context.iter().chain(&path.names).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::set::find_rule;

    #[test]
    fn a_rule_knows_its_fields() {
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
