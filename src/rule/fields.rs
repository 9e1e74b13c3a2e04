//! Paths and values of a rule, held against the metadata schema.
//!
//! In: a metadata type and the paths that a rule asks about. Out: what the schema knows of the
//! fields there, or which name is wrong and which one is right.

use super::condition::FieldPath;
use crate::project::MetadataType;
use crate::schema::ApiVersion;
use crate::schema::{Field, Kind, Structure, path_to};
use crate::text::nearest;

/// Where paths start: the structures that the root and the context can have.
#[derive(Debug, Clone, Default)]
pub(crate) struct SchemaScope {
    /// None where the schema does not know.
    root: Vec<Structure>,
    context: Vec<Structure>,
    is_root: bool,
}

/// A name that no structure has.
pub(crate) struct WrongField {
    /// The name.
    pub name: String,
    /// Where it was looked for.
    pub structure: &'static str,
    pub help: Option<String>,
}

/// A value that a field cannot have.
pub(crate) struct WrongValue {
    pub message: String,
    pub help: Option<String>,
}

impl SchemaScope {
    /// Of something that the schema does not know: every path is right.
    pub(super) fn unknown() -> Self {
        Self::default()
    }

    /// The root element of a type.
    pub(super) fn of(metadata_type: MetadataType) -> Self {
        let root: Vec<Structure> = metadata_type.structures();
        Self {
            context: root.clone(),
            root,
            is_root: true,
        }
    }

    /// The elements at `path`.
    pub(super) fn inside(&self, path: &FieldPath) -> Self {
        if path.is_start() {
            return self.clone();
        }
        let structures = self
            .fields(path)
            .into_iter()
            .filter_map(|field| match field.kind {
                Kind::Structure(structure) => Some(structure),
                _ => None,
            });
        Self {
            context: structures.collect(),
            root: self.root.clone(),
            is_root: false,
        }
    }

    /// Whether the context is the root element.
    pub(super) fn is_root(&self) -> bool {
        self.is_root
    }

    fn start(&self, path: &FieldPath) -> &[Structure] {
        if path.from_root {
            &self.root
        } else {
            &self.context
        }
    }

    /// The fields that a path can mean; none where the schema does not know.
    fn fields(&self, path: &FieldPath) -> Vec<Field> {
        let starts = self.start(path).iter();
        starts
            .filter_map(|&start| follow(start, path).ok().flatten())
            .collect()
    }

    /// Whether the path leads anywhere.
    ///
    /// # Errors
    /// The first name on it that is wrong.
    pub(super) fn find(&self, path: &FieldPath) -> Result<(), WrongField> {
        let mut wrong = None;
        for &start in self.start(path) {
            match follow(start, path) {
                Ok(_) => return Ok(()),
                Err(error) => wrong = wrong.or(Some(error)),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// Whether the file can hold one such element at most; `None` when the schema does not know.
    pub(super) fn is_single(&self, path: &FieldPath) -> Option<bool> {
        let mut single = None;
        for &start in self.start(path) {
            let mut structure = Some(start);
            let mut repeats = false;
            for name in &path.names {
                let field = structure.and_then(|structure| structure.field(name))?;
                repeats |= field.repeats;
                structure = match field.kind {
                    Kind::Structure(structure) => Some(structure),
                    _ => None,
                };
            }
            single = Some(single.unwrap_or(true) && !repeats);
        }
        single
    }

    /// The documented default of a field.
    pub(super) fn documented_default(&self, path: &FieldPath) -> Option<&'static str> {
        self.fields(path).first().and_then(|field| field.default)
    }

    /// The first API version that knows a field.
    pub(super) fn since(&self, path: &FieldPath) -> Option<ApiVersion> {
        self.fields(path).first().and_then(|field| field.since)
    }

    /// Why the field can never have this value, if so.
    pub(super) fn mismatch(&self, path: &FieldPath, value: &str) -> Option<WrongValue> {
        let fields = self.fields(path);
        let field = fields.first()?;
        let name = field.name;
        match field.kind {
            Kind::Boolean if !matches!(value, "true" | "false") => Some(WrongValue {
                message: format!("`{name}` is a boolean"),
                help: Some("it is `true` or `false`".to_owned()),
            }),
            Kind::Enumeration(values) if !values.contains(value) => Some(WrongValue {
                message: format!("`{name}` is never `{value}`"),
                help: Some(match nearest(value, values.values()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "it is one of {}",
                        values.values().collect::<Vec<_>>().join(", ")
                    ),
                }),
            }),
            Kind::Structure(_) => Some(WrongValue {
                message: format!("`{name}` holds other elements, and no value"),
                help: None,
            }),
            _ => None,
        }
    }
}

/// The field at the end of a path; `None` for the start itself, and behind what the schema does not
/// know.
fn follow(start: Structure, path: &FieldPath) -> Result<Option<Field>, WrongField> {
    let mut structure = Some(start);
    let mut field = None;
    for name in &path.names {
        let Some(here) = structure else {
            return match field {
                // A value has no fields; of anything else nothing is known.
                Some(Field {
                    kind: Kind::Unknown,
                    ..
                })
                | None => Ok(None),
                Some(Field { name: value, .. }) => Err(WrongField {
                    name: name.clone(),
                    structure: value,
                    help: Some(format!("`{value}` holds a value, and no other elements")),
                }),
            };
        };
        let found = here
            .field(name)
            .ok_or_else(|| wrong_field(start, here, name))?;
        structure = match found.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        };
        field = Some(found);
    }
    Ok(field)
}

fn wrong_field(start: Structure, here: Structure, name: &str) -> WrongField {
    let names = here.fields().map(|field| field.name);
    let help = if let Some(near) = nearest(name, names) {
        Some(format!("did you mean `{near}`?"))
    } else {
        path_to(start, name).map(|path| format!("the field stands at `{path}`"))
    };
    WrongField {
        name: name.to_owned(),
        structure: here.name(),
        help,
    }
}
