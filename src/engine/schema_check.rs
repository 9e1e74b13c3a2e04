//! Checks a file against the metadata schema: unknown elements and invalid values, with the correction if
//! only one is possible.

use super::failure::{Failure, Repair};
use super::subject::Subject;
use crate::finding::{MistypedValue, UnknownReason};
use crate::rule::{Mistyped, boolean};
use crate::schema::{ApiVersion, Field, Kind, NEWEST, Structure, only_correction, path_to};
use crate::text::nearest;
use crate::text::{display_value, is_placeholder};
use crate::xml::NodeId;

/// The result of a schema check. Fields and values are checked in one pass over the tree, because rules
/// need both for every file.
#[derive(Debug, Default)]
pub(crate) struct SchemaReport {
    /// Elements that are not valid in their parent.
    pub fields: SchemaResult,
    /// Values that are not valid for their element.
    pub values: SchemaResult,
}

#[derive(Debug, Default)]
pub(crate) struct SchemaResult {
    pub failures: Vec<Failure>,
    /// An element or value that the schema does not have, but a newer API version may have.
    pub unknown: Option<UnknownReason>,
}

/// Checks a file against the schema of its root element.
pub(crate) fn check_schema(subject: Subject<'_>) -> SchemaReport {
    let root = subject.document.root();
    let name = subject.document.name(root);
    let Some(structure) = Structure::named(name) else {
        let unknown = || SchemaResult {
            failures: Vec::new(),
            unknown: Some(UnknownReason::UnknownType {
                name: name.to_owned(),
            }),
        };
        return SchemaReport {
            fields: unknown(),
            values: unknown(),
        };
    };
    let mut checker = SchemaChecker {
        subject,
        top: structure,
        version: subject.file.api_version.ok().flatten(),
        report: SchemaReport::default(),
    };
    checker.element(root, structure);
    checker.report
}

struct SchemaChecker<'a> {
    subject: Subject<'a>,
    top: Structure,
    /// The API version of the project.
    version: Option<ApiVersion>,
    report: SchemaReport,
}

impl SchemaChecker<'_> {
    /// Checks the content of an element. The parser limits the depth of the recursion.
    fn element(&mut self, parent: NodeId, structure: Structure) {
        let document = self.subject.document;
        // Elements are usually in the order of the schema, with repeated ones next to each other.
        let mut before: Option<Field> = None;
        let mut next = 0;
        let mut corrections = Vec::new();
        for child in document.children(parent) {
            if self.subject.replaced.hides_element(document, child) || document.is_nil(child) {
                continue;
            }
            if !document.is_metadata(child) {
                let name = display_value("", document.qualified_name(child));
                let label = format!("the namespace of `{name}` is not Salesforce's");
                self.report_field(child, label, None);
                continue;
            }
            let name = document.name(child);
            let known = match before {
                Some(field) if field.name == name => Some(field),
                _ => structure.field_from(name, &mut next),
            };
            let Some(field) = known else {
                self.unknown_field(child, structure, &mut corrections);
                continue;
            };
            before = Some(field);
            if !field.repeats {
                self.check_not_repeated(parent, child);
            }
            match field.kind {
                Kind::Structure(inner) => self.element(child, inner),
                Kind::Unknown => {}
                _ => {
                    self.value(child, field);
                    self.check_no_children(child);
                }
            }
        }
    }

    /// Whether the project has a newer API version than the schema.
    fn is_outdated(&self) -> bool {
        self.version.is_some_and(|version| version > NEWEST)
    }

    fn report_field(&mut self, id: NodeId, label: String, repair: Option<Repair>) {
        let failure = Failure::at(self.subject.document, id, label).repaired_by(repair);
        self.report.fields.failures.push(failure);
    }

    fn report_value(&mut self, id: NodeId, label: String, repair: Option<Repair>) {
        let failure = Failure::at(self.subject.document, id, label).repaired_by(repair);
        self.report.values.failures.push(failure);
    }

    /// Reports an unknown element. `corrections` are the names that its siblings get.
    fn unknown_field(
        &mut self,
        id: NodeId,
        structure: Structure,
        corrections: &mut Vec<&'static str>,
    ) {
        let document = self.subject.document;
        let name = document.name(id);
        let names = structure.fields().map(|field| field.name);
        let correction = only_correction(name, names.collect::<Vec<_>>().into_iter());
        let repeats = |name: &str| structure.field(name).is_some_and(|field| field.repeats);
        let is_taken = |correction: &str| {
            let parent = document.parent(id).unwrap_or(id);
            !repeats(correction) && document.children_named(parent, correction).next().is_some()
        };
        let mut label = format!(
            "`{}` has no field `{}`",
            structure.name(),
            display_value("", name)
        );
        let near = correction.or_else(|| nearest(name, structure.fields().map(|field| field.name)));
        if let Some(near) = near {
            label.push_str(&format!(" (did you mean `{near}`?)"));
        } else if let Some(path) = path_to(self.top, name) {
            label.push_str(&format!(" (did you mean `{path}`?)"));
        }
        if self.is_outdated() && near.is_none() {
            let newer = UnknownReason::NewerField { description: label };
            self.report.fields.unknown.get_or_insert(newer);
            return;
        }
        let right = correction.filter(|right| !corrections.contains(right) && !is_taken(right));
        corrections.extend(right.filter(|right| !repeats(right)));
        let repair = right.map(Repair::Rename);
        self.report_field(id, label, repair);
    }

    fn check_not_repeated(&mut self, parent: NodeId, id: NodeId) {
        let document = self.subject.document;
        let name = document.name(id);
        let first = document.children_named(parent, name).next();
        if let Some(first) = first.filter(|&first| first != id) {
            let label = format!("`{name}` is repeated; which one applies is undefined");
            let failure = Failure::at(document, id, label)
                .together_with(document.span(first), "first occurrence");
            self.report.values.failures.push(failure);
        }
    }

    fn check_no_children(&mut self, id: NodeId) {
        let document = self.subject.document;
        let name = document.name(id);
        let children: Vec<NodeId> = document.children(id).collect();
        for child in children {
            let label = format!("`{name}` has a value and cannot contain other elements");
            self.report_field(child, label, None);
        }
    }

    fn value(&mut self, id: NodeId, field: Field) {
        let document = self.subject.document;
        if self.subject.replaced.hides_content(document, id)
            || document.children(id).next().is_some()
        {
            return;
        }
        let value = document.value(id);
        let text = value.text();
        let name = field.name;
        if text.is_empty() && field.kind != Kind::Boolean {
            // Retrieved files have many empty elements.
            return;
        }
        match field.kind {
            Kind::Boolean if boolean(text).is_none() => {
                let correction = ["true", "false"]
                    .into_iter()
                    .find(|word| word.eq_ignore_ascii_case(text));
                let label = mistyped(name, text, Mistyped::Boolean);
                self.report_value(id, label, correction.map(Repair::Value));
            }
            Kind::Number if text.parse::<f64>().is_err() => {
                self.report_value(id, mistyped(name, text, Mistyped::Number), None);
            }
            Kind::Enumeration(values) if !values.contains(text) => {
                self.unknown_value(id, name, text, &values.values().collect::<Vec<_>>());
            }
            _ => {}
        }
    }

    fn unknown_value(&mut self, id: NodeId, name: &str, text: &str, values: &[&'static str]) {
        let correction = only_correction(text, values.iter().copied());
        let value = display_value(name, text);
        let field = name.to_owned();
        if is_placeholder(text) {
            let placeholder = UnknownReason::Placeholder { field, value };
            self.report.values.unknown.get_or_insert(placeholder);
            return;
        }
        if self.is_outdated() && correction.is_none() {
            let newer = UnknownReason::NewerValue { field, value };
            self.report.values.unknown.get_or_insert(newer);
            return;
        }
        let near = correction.or_else(|| nearest(text, values.iter().copied()));
        let label = match near {
            Some(near) => format!("unknown value `{value}` for `{name}` (did you mean `{near}`?)"),
            None => format!(
                "unknown value `{value}` for `{name}`; the possible values are {}",
                listed(values)
            ),
        };
        self.report_value(id, label, correction.map(Repair::Value));
    }
}

fn mistyped(name: &str, text: &str, expected: Mistyped) -> String {
    let value = MistypedValue {
        field: name.to_owned(),
        value: display_value(name, text),
        expected,
    };
    value.to_string()
}

/// The first values of an enumeration, because some have hundreds.
fn listed(values: &[&str]) -> String {
    const MAX: usize = 12;
    let mut text = values[..values.len().min(MAX)].join(", ");
    if values.len() > MAX {
        text.push_str(", …");
    }
    text
}
