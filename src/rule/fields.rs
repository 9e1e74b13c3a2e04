//! Checks the paths and values of a rule against the metadata schema.

use super::field_path::FieldPath;
use crate::project::MetadataType;
use crate::schema::ApiVersion;
use crate::schema::{Field, Kind, Structure, path_to};
use crate::text::nearest;

/// The structures that the root and the context can have, where paths start.
#[derive(Debug, Clone, Default)]
pub(crate) struct SchemaScope {
    /// Empty if the schema does not have the type.
    root: Vec<Structure>,
    context: Vec<Structure>,
    is_root: bool,
}

/// A name in a path that its structure does not have.
pub(crate) struct UnknownField {
    pub name: String,
    pub structure: &'static str,
    pub help: Option<String>,
}

/// A value that a field cannot have.
pub(crate) struct InvalidValue {
    pub message: String,
    pub help: Option<String>,
}

impl SchemaScope {
    /// The scope of something that the schema does not have. Every path is valid in it.
    pub(super) fn unknown() -> Self {
        Self::default()
    }

    /// The scope of the root element of a type.
    pub(super) fn of(metadata_type: MetadataType) -> Self {
        let root: Vec<Structure> = metadata_type.structures();
        Self {
            context: root.clone(),
            root,
            is_root: true,
        }
    }

    /// The scope of the elements at `path`.
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

    /// The fields at a path. Empty if the schema does not have them.
    fn fields(&self, path: &FieldPath) -> Vec<Field> {
        let starts = self.start(path).iter();
        starts
            .filter_map(|&start| follow(start, path).ok().flatten())
            .collect()
    }

    /// Checks that the schema has a path.
    ///
    /// # Errors
    /// The first unknown name in the path.
    pub(super) fn find(&self, path: &FieldPath) -> Result<(), UnknownField> {
        let mut unknown = None;
        for &start in self.start(path) {
            match follow(start, path) {
                Ok(_) => return Ok(()),
                Err(error) => unknown = unknown.or(Some(error)),
            }
        }
        unknown.map_or(Ok(()), Err)
    }

    /// Whether a file can have at most one such element. `None` if the schema does not have it.
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

    /// Whether a field contains other elements instead of a value.
    pub(super) fn has_fields(&self, path: &FieldPath) -> bool {
        let fields = self.fields(path);
        let is_structure = |field: &Field| matches!(field.kind, Kind::Structure(_));
        !fields.is_empty() && fields.iter().all(is_structure)
    }

    /// The documented default of a field.
    pub(super) fn documented_default(&self, path: &FieldPath) -> Option<&'static str> {
        self.fields(path).first().and_then(|field| field.default)
    }

    /// The first API version that has a field.
    pub(super) fn since(&self, path: &FieldPath) -> Option<ApiVersion> {
        self.fields(path).first().and_then(|field| field.since)
    }

    /// Why the field can never have this value. `None` if it can.
    pub(super) fn mismatch(&self, path: &FieldPath, value: &str) -> Option<InvalidValue> {
        let fields = self.fields(path);
        let field = fields.first()?;
        let name = field.name;
        match field.kind {
            Kind::Boolean if !matches!(value, "true" | "false") => Some(InvalidValue {
                message: format!("`{name}` is a boolean and cannot be `{value}`"),
                help: Some("use `true` or `false`".to_owned()),
            }),
            Kind::Enumeration(values) if !values.contains(value) => Some(InvalidValue {
                message: format!("unknown value `{value}` for `{name}`"),
                help: Some(match nearest(value, values.values()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "the possible values are {}",
                        values.values().collect::<Vec<_>>().join(", ")
                    ),
                }),
            }),
            Kind::Structure(_) => Some(InvalidValue {
                message: format!("`{name}` contains other elements and has no value"),
                help: None,
            }),
            _ => None,
        }
    }
}

/// The field at the end of a path. `None` for the start of the path, and below elements whose content the
/// schema leaves open.
fn follow(start: Structure, path: &FieldPath) -> Result<Option<Field>, UnknownField> {
    let mut structure = Some(start);
    let mut field = None;
    for name in &path.names {
        let Some(here) = structure else {
            return match field {
                // Only values are known to have no fields.
                Some(Field {
                    kind: Kind::Unknown,
                    ..
                })
                | None => Ok(None),
                Some(Field { name: value, .. }) => Err(UnknownField {
                    name: name.clone(),
                    structure: value,
                    help: Some(format!(
                        "`{value}` has a value and cannot contain other elements"
                    )),
                }),
            };
        };
        let found = here
            .field(name)
            .ok_or_else(|| unknown_field(start, here, name))?;
        structure = match found.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        };
        field = Some(found);
    }
    Ok(field)
}

fn unknown_field(start: Structure, here: Structure, name: &str) -> UnknownField {
    let names = here.fields().map(|field| field.name);
    let help = if let Some(near) = nearest(name, names) {
        Some(format!("did you mean `{near}`?"))
    } else {
        path_to(start, name).map(|path| format!("did you mean `{path}`?"))
    };
    UnknownField {
        name: name.to_owned(),
        structure: here.name(),
        help,
    }
}
