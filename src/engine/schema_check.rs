//! Checks a file against the metadata schema: unknown elements and invalid values, with the correction if
//! only one is possible.

use super::failure::{Failure, Repair};
use super::subject::Subject;
use crate::finding::{MistypedValue, UnknownReason};
use crate::rule::{Mistyped, boolean};
use crate::schema::{
    ApiVersion, Enumeration, Field, Kind, NEWEST, Structure, only_correction, path_to,
};
use crate::text::{is_placeholder, nearest};
use crate::xml::{Document, NodeId};
use smallvec::SmallVec;

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
    pub failures: Vec<SchemaFailure>,
    /// An element or value that the schema does not have, but a newer API version may have.
    pub unknown: Option<UnknownReason>,
}

/// An element that does not match the schema. A file can have very many, so only those that are reported
/// are described: searching for the name that was meant takes longer than the check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SchemaFailure {
    pub node: NodeId,
    problem: SchemaProblem,
}

#[derive(Debug, Clone, Copy)]
enum SchemaProblem {
    ForeignNamespace,
    /// The structure has no such field.
    UnknownField(Structure),
    /// It is inside an element with a value.
    InsideValue,
    Repeated {
        first: NodeId,
    },
    Mistyped(Field, Mistyped),
    /// The API version of the deploy does not have the field.
    FieldVersion(Field, ApiVersion),
    /// API versions before the second one do not have the value.
    ValueVersion(Field, ApiVersion, ApiVersion),
    UnknownValue(Field, Enumeration),
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
        version: subject.file.api_version.ok().flatten(),
        report: SchemaReport::default(),
    };
    checker.element(root, structure);
    checker.report
}

struct SchemaChecker<'a> {
    subject: Subject<'a>,
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
        // The first element of each field that may not be repeated.
        let mut firsts: SmallVec<[(&str, NodeId); 16]> = SmallVec::new();
        for child in document.children(parent) {
            let is_metadata = document.is_metadata(child);
            let name = document.name(child);
            let field = match before {
                _ if !is_metadata => None,
                Some(field) if field.name == name => Some(field),
                _ => structure.field_from(name, &mut next),
            };
            before = field.or(before);
            let single = field.filter(|field| !field.repeats);
            let first = single.map(|field| first_of(&mut firsts, field.name, child));
            if self.subject.replaced.hides_element(document, child) || document.is_nil(child) {
                continue;
            }
            let Some(field) = field else {
                match is_metadata {
                    true => self.unknown_field(child, structure),
                    false => self.report_field(child, SchemaProblem::ForeignNamespace),
                }
                continue;
            };
            self.check_version(child, field);
            if let Some(first) = first.filter(|first| *first != child) {
                self.report_value(child, SchemaProblem::Repeated { first });
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

    fn report_field(&mut self, node: NodeId, problem: SchemaProblem) {
        let failure = SchemaFailure { node, problem };
        self.report.fields.failures.push(failure);
    }

    fn report_value(&mut self, node: NodeId, problem: SchemaProblem) {
        let failure = SchemaFailure { node, problem };
        self.report.values.failures.push(failure);
    }

    fn unknown_field(&mut self, id: NodeId, structure: Structure) {
        if self.is_outdated() {
            let unknown = UnknownField::new(self.subject, id, structure);
            if unknown.near.is_none() {
                let newer = UnknownReason::NewerField {
                    description: unknown.label,
                };
                self.report.fields.unknown.get_or_insert(newer);
                return;
            }
        }
        self.report_field(id, SchemaProblem::UnknownField(structure));
    }

    /// Reports a field that the API version of the deploy does not have.
    fn check_version(&mut self, id: NodeId, field: Field) {
        if field.unknown_before.is_none() && field.until.is_none() {
            return;
        }
        let Some(version) = self.deployed_version() else {
            return;
        };
        let is_too_new = field.unknown_before.is_some_and(|before| version < before);
        if is_too_new || field.until.is_some_and(|until| until < version) {
            self.report_field(id, SchemaProblem::FieldVersion(field, version));
        }
    }

    /// The API version of the deploy. Without one in the project, it is that of the org, the newest.
    fn deployed_version(&self) -> Option<ApiVersion> {
        let version = self.subject.file.api_version.ok()?;
        Some(version.unwrap_or(NEWEST))
    }

    fn check_no_children(&mut self, id: NodeId) {
        let document = self.subject.document;
        for child in document.children(id) {
            self.report_field(child, SchemaProblem::InsideValue);
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
        if text.is_empty() && field.kind != Kind::Boolean {
            // Retrieved files have many empty elements.
            return;
        }
        match field.kind {
            Kind::Boolean if boolean(text).is_none() => {
                self.report_value(id, SchemaProblem::Mistyped(field, Mistyped::Boolean));
            }
            Kind::Number if text.parse::<f64>().is_err() => {
                self.report_value(id, SchemaProblem::Mistyped(field, Mistyped::Number));
            }
            Kind::Enumeration(values) if !values.contains(text) => {
                self.unknown_value(id, field, text, values);
            }
            Kind::Enumeration(values) => {
                if let Some(version) = self.deployed_version().filter(|it| *it < NEWEST)
                    && let Some(before) = values.unknown_before(text)
                    && version < before
                {
                    self.report_value(id, SchemaProblem::ValueVersion(field, version, before));
                }
            }
            _ => {}
        }
    }

    fn unknown_value(&mut self, id: NodeId, field: Field, text: &str, values: Enumeration) {
        let unknown = |reason: fn(String, String) -> UnknownReason| {
            let value = self.subject.displayed(id, field.name, text);
            reason(field.name.to_owned(), value)
        };
        let correction = || only_correction(text, values.values().collect::<Vec<_>>().into_iter());
        if is_placeholder(text) {
            self.report.values.unknown.get_or_insert_with(|| {
                unknown(|field, value| UnknownReason::Placeholder { field, value })
            });
        } else if self.is_outdated() && correction().is_none() {
            self.report.values.unknown.get_or_insert_with(|| {
                unknown(|field, value| UnknownReason::NewerValue { field, value })
            });
        } else {
            self.report_value(id, SchemaProblem::UnknownValue(field, values));
        }
    }
}

/// The first element of a field, which is `child` if none was seen before.
fn first_of<'n>(
    firsts: &mut SmallVec<[(&'n str, NodeId); 16]>,
    name: &'n str,
    child: NodeId,
) -> NodeId {
    match firsts.iter().find(|(known, _)| *known == name) {
        Some((_, first)) => *first,
        None => {
            firsts.push((name, child));
            child
        }
    }
}

impl SchemaFailure {
    /// What is wrong, and the correction if only one is possible.
    pub(crate) fn describe(self, subject: Subject<'_>) -> Failure {
        let document = subject.document;
        let id = self.node;
        let value = document.value(id);
        let text = value.text();
        match self.problem {
            SchemaProblem::ForeignNamespace => {
                let name = subject.displayed(id, "", document.qualified_name(id));
                let label = format!("the namespace of `{name}` is not Salesforce's");
                Failure::at(document, id, label)
            }
            SchemaProblem::UnknownField(structure) => {
                let unknown = UnknownField::new(subject, id, structure);
                let repair = unknown.repair(document, id, structure);
                Failure::at(document, id, unknown.label).repaired_by(repair)
            }
            SchemaProblem::InsideValue => {
                let name = document.name(document.parent(id).unwrap_or(id));
                let label = format!("`{name}` has a value and cannot contain other elements");
                Failure::at(document, id, label)
            }
            SchemaProblem::Repeated { first } => {
                let name = document.name(id);
                let label = format!("`{name}` is repeated; which one applies is undefined");
                Failure::at(document, id, label)
                    .together_with(document.span(first), "first occurrence")
                    .repaired_by(Some(Repair::KeepOne))
            }
            SchemaProblem::Mistyped(field, expected) => {
                let correction = ["true", "false"]
                    .into_iter()
                    .filter(|_| expected == Mistyped::Boolean)
                    .find(|word| word.eq_ignore_ascii_case(text));
                let label = mistyped(subject, id, field.name, expected);
                Failure::at(document, id, label).repaired_by(correction.map(Repair::Value))
            }
            SchemaProblem::FieldVersion(field, version) => {
                Failure::at(document, id, field_version(field, version))
            }
            SchemaProblem::ValueVersion(field, version, before) => {
                let value = subject.displayed(id, field.name, text);
                let what = format!("`{value}` of `{}`", field.name);
                Failure::at(document, id, too_old(&what, version, before, false))
            }
            SchemaProblem::UnknownValue(field, values) => {
                unknown_value(subject, id, field.name, values)
            }
        }
    }
}

/// An element that its structure does not have.
struct UnknownField {
    label: String,
    /// The only possible correction.
    correction: Option<&'static str>,
    /// The most similar field.
    near: Option<&'static str>,
}

impl UnknownField {
    fn new(subject: Subject<'_>, id: NodeId, structure: Structure) -> Self {
        let document = subject.document;
        let name = document.name(id);
        let names: Vec<&str> = structure.fields().map(|field| field.name).collect();
        let correction = only_correction(name, names.iter().copied());
        let near = correction.or_else(|| nearest(name, names.iter().copied()));
        let mut label = format!(
            "`{}` has no field `{}`",
            structure.name(),
            subject.displayed(id, "", name)
        );
        let top = Structure::named(document.name(document.root()));
        if let Some(near) = near {
            label.push_str(&format!(" (did you mean `{near}`?)"));
        } else if let Some(path) = top.and_then(|top| path_to(top, name)) {
            label.push_str(&format!(" (did you mean `{path}`?)"));
        }
        Self {
            label,
            correction,
            near,
        }
    }

    /// The correction, unless its parent already has an element with that name and may have only one.
    fn repair(&self, document: Document<'_>, id: NodeId, structure: Structure) -> Option<Repair> {
        let is_free = |right: &&str| {
            let field = structure.field(right);
            let parent = document.parent(id).unwrap_or(id);
            field.is_some_and(|field| field.repeats)
                || document.find_children(parent, right).is_empty()
        };
        self.correction.filter(is_free).map(Repair::Rename)
    }
}

fn unknown_value(subject: Subject<'_>, id: NodeId, name: &str, values: Enumeration) -> Failure {
    let value = subject.document.value(id);
    let text = value.text();
    let values: Vec<&str> = values.values().collect();
    let correction = only_correction(text, values.iter().copied());
    let value = subject.displayed(id, name, text);
    let label = match correction.or_else(|| nearest(text, values.iter().copied())) {
        Some(near) => format!("unknown value `{value}` for `{name}` (did you mean `{near}`?)"),
        None => format!(
            "unknown value `{value}` for `{name}`; the possible values are {}",
            listed(&values)
        ),
    };
    Failure::at(subject.document, id, label).repaired_by(correction.map(Repair::Value))
}

fn mistyped(subject: Subject<'_>, id: NodeId, name: &str, expected: Mistyped) -> String {
    let value = MistypedValue {
        field: name.to_owned(),
        value: subject.displayed(id, name, subject.document.value(id).text()),
        expected,
    };
    value.to_string()
}

fn field_version(field: Field, version: ApiVersion) -> String {
    let name = field.name;
    match (field.unknown_before, field.until) {
        (Some(before), _) if version < before => {
            let is_exact = field.since == Some(before);
            too_old(&format!("`{name}`"), version, before, is_exact)
        }
        (_, Some(until)) => format!(
            "`{name}` exists only until API version {until}, but the project deploys with {version}; \
             remove it"
        ),
        _ => String::new(),
    }
}

/// Why something cannot be deployed: API versions before `before` do not have it. That is the first one
/// that has it if `is_exact`.
fn too_old(what: &str, version: ApiVersion, before: ApiVersion, is_exact: bool) -> String {
    let known = match is_exact {
        true => "exists only since",
        false => "does not exist before",
    };
    format!(
        "{what} {known} API version {before}, but the project deploys with {version}; raise \
         `sourceApiVersion` (or `<version>` in package.xml), or remove it"
    )
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
