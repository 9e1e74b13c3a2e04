//! A whole file held against the metadata schema.
//!
//! In: a tree. Out: the elements that its type does not have, or the values that its elements
//! cannot have, with the repair where only one thing can have been meant.

use super::check::Breach;
use super::conditions::{Evaluation, Scene, mistyped_reason, shown};
use crate::fix::is_placeholder;
use crate::rule::{Mistyped, SchemaQuestion, boolean, nearest};
use crate::schema::{ApiVersion, Field, Kind, NEWEST, Structure, certainly_meant, path_to};
use crate::xml::NodeId;

/// The only thing that can have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Repair {
    /// The element has this name.
    Rename(&'static str),
    /// The element has this value.
    Value(&'static str),
}

/// What the schema says of a file. Both questions are answered on one way through the tree, since
/// both are asked of every file.
#[derive(Debug, Default)]
pub(crate) struct HeldAgainstSchema {
    fields: Answered,
    values: Answered,
}

/// The answer to one question.
#[derive(Debug, Default)]
struct Answered {
    breaches: Vec<Breach>,
    /// Something that is unknown here may be known to the API version of the project.
    strange: Option<String>,
}

/// What is not as the schema says.
pub(super) fn schema_breaches(
    question: SchemaQuestion,
    scene: Scene<'_>,
    evaluation: &mut Evaluation,
) -> Vec<Breach> {
    let held = match scene.answers {
        Some(answers) => answers.schema.get_or_init(|| hold(scene)),
        None => &hold(scene),
    };
    let answered = match question {
        SchemaQuestion::Fields => &held.fields,
        SchemaQuestion::Values => &held.values,
    };
    if let Some(strange) = &answered.strange {
        evaluation.reason.get_or_insert_with(|| strange.clone());
    }
    answered.breaches.clone()
}

fn hold(scene: Scene<'_>) -> HeldAgainstSchema {
    let mut held = HeldAgainstSchema::default();
    let root = scene.document.root();
    let name = scene.document.name(root);
    let Some(structure) = Structure::named(name) else {
        let reason = format!("the metadata schema does not know {name}");
        held.fields.strange = Some(reason.clone());
        held.values.strange = Some(reason);
        return held;
    };
    let mut reader = Reader {
        scene,
        top: structure,
        version: scene.file.api_version().ok().flatten(),
        held,
    };
    reader.element(root, structure);
    reader.held
}

struct Reader<'a> {
    scene: Scene<'a>,
    top: Structure,
    /// The API version of the project.
    version: Option<ApiVersion>,
    held: HeldAgainstSchema,
}

impl Reader<'_> {
    /// The parser bounds the depth of the tree.
    fn element(&mut self, parent: NodeId, structure: Structure) {
        let document = self.scene.document;
        // Elements of a structure stand in order more often than not, and like ones follow each
        // other.
        let mut before: Option<Field> = None;
        let mut next = 0;
        for child in document.children(parent) {
            if self.scene.replaced.hides_element(document, child) || document.is_nil(child) {
                continue;
            }
            if !document.is_metadata(child) {
                let name = shown("", document.qualified_name(child));
                let label = format!("`{name}` is of a namespace that is not Salesforce's");
                self.report_field(child, label, None);
                continue;
            }
            let name = document.name(child);
            let known = match before {
                Some(field) if field.name == name => Some(field),
                _ => structure.field_from(name, &mut next),
            };
            let Some(field) = known else {
                self.unknown_field(child, structure);
                continue;
            };
            before = Some(field);
            if !field.repeats {
                self.only_once(parent, child);
            }
            match field.kind {
                Kind::Structure(inner) => self.element(child, inner),
                Kind::Unknown => {}
                _ => {
                    self.value(child, field);
                    self.no_elements_inside(child);
                }
            }
        }
    }

    /// Whether the schema is older than what the project deploys with.
    fn is_outdated(&self) -> bool {
        self.version.is_some_and(|version| version > NEWEST)
    }

    fn report_field(&mut self, id: NodeId, label: String, repair: Option<Repair>) {
        let breach = self.breach(id, label, repair);
        self.held.fields.breaches.push(breach);
    }

    fn report_value(&mut self, id: NodeId, label: String, repair: Option<Repair>) {
        let breach = self.breach(id, label, repair);
        self.held.values.breaches.push(breach);
    }

    fn breach(&self, id: NodeId, label: String, repair: Option<Repair>) -> Breach {
        let mut breach = Breach::at(self.scene.document, id, label);
        breach.repair = repair;
        breach
    }

    fn unknown_field(&mut self, id: NodeId, structure: Structure) {
        let document = self.scene.document;
        let name = document.name(id);
        let names = structure.fields().map(|field| field.name);
        let meant = certainly_meant(name, names.collect::<Vec<_>>().into_iter());
        let is_taken = |right: &str| {
            let repeats = structure.field(right).is_some_and(|field| field.repeats);
            let parent = document.parent(id).unwrap_or(id);
            !repeats && document.children_named(parent, right).next().is_some()
        };
        let mut label = format!("{} has no `{}`", structure.name(), shown("", name));
        let near = meant.or_else(|| nearest(name, structure.fields().map(|field| field.name)));
        if let Some(near) = near {
            label.push_str(&format!("; it has `{near}`"));
        } else if let Some(path) = path_to(self.top, name) {
            label.push_str(&format!("; the field belongs to `{path}`"));
        }
        if self.is_outdated() && near.is_none() {
            self.held.fields.strange.get_or_insert(format!(
                "{label}, as far as forcelint knows API version {NEWEST}"
            ));
            return;
        }
        let repair = meant.filter(|right| !is_taken(right)).map(Repair::Rename);
        self.report_field(id, label, repair);
    }

    fn only_once(&mut self, parent: NodeId, id: NodeId) {
        let document = self.scene.document;
        let name = document.name(id);
        let first = document.children_named(parent, name).next();
        if let Some(first) = first.filter(|&first| first != id) {
            let label = format!("`{name}` stands here once more; which one counts is undefined");
            self.report_value(id, label, None);
            if let Some(breach) = self.held.values.breaches.last_mut() {
                breach
                    .also
                    .push((document.span(first), "here first".to_owned()));
            }
        }
    }

    fn no_elements_inside(&mut self, id: NodeId) {
        let document = self.scene.document;
        let name = document.name(id);
        let inside: Vec<NodeId> = document.children(id).collect();
        for child in inside {
            let label = format!("`{name}` holds a value, and no other elements");
            self.report_field(child, label, None);
        }
    }

    fn value(&mut self, id: NodeId, field: Field) {
        let document = self.scene.document;
        if self.scene.replaced.hides_content(document, id) || document.children(id).next().is_some()
        {
            return;
        }
        let value = document.value(id);
        let text = value.text();
        let name = field.name;
        if text.is_empty() && field.kind != Kind::Boolean {
            // Retrieved files are full of them.
            return;
        }
        match field.kind {
            Kind::Boolean if boolean(text).is_none() => {
                let meant = ["true", "false"]
                    .into_iter()
                    .find(|word| word.eq_ignore_ascii_case(text));
                let label = mistyped_reason(name, text, Mistyped::Boolean);
                self.report_value(id, label, meant.map(Repair::Value));
            }
            Kind::Number if text.parse::<f64>().is_err() => {
                self.report_value(id, mistyped_reason(name, text, Mistyped::Number), None);
            }
            Kind::Enumeration(values) if !values.contains(text) => {
                let values: Vec<&'static str> = values.values().collect();
                let meant = certainly_meant(text, values.iter().copied());
                if is_placeholder(text) {
                    let label = format!("`{name}` is the placeholder `{}`", shown(name, text));
                    self.held.values.strange.get_or_insert(label);
                    return;
                }
                if self.is_outdated() && meant.is_none() {
                    let label = format!("`{name}` is `{}`", shown(name, text));
                    self.held.values.strange.get_or_insert(format!(
                        "{label}, which forcelint does not know of API version {NEWEST}"
                    ));
                    return;
                }
                let near = meant.or_else(|| nearest(text, values.iter().copied()));
                let label = match near {
                    Some(near) => {
                        format!(
                            "`{name}` is `{}`; a value of it is `{near}`",
                            shown(name, text)
                        )
                    }
                    None => format!(
                        "`{name}` is `{}`, and can be {}",
                        shown(name, text),
                        listed(&values)
                    ),
                };
                self.report_value(id, label, meant.map(Repair::Value));
            }
            _ => {}
        }
    }
}

/// The values, as far as anybody reads them.
fn listed(values: &[&str]) -> String {
    const MAX: usize = 12;
    let mut text = values[..values.len().min(MAX)].join(", ");
    if values.len() > MAX {
        text.push_str(", …");
    }
    text
}
