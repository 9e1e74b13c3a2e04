//! The metadata schema as it is written.
//!
//! In: `metadata.txt` (generated from the npm packages) and `known.toml` (written by hand). Out: both
//! in one [`Schema`]. What does not fit together is an error that names the line or the entry.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

#[derive(Default)]
pub struct Schema {
    pub types: Vec<Type>,
    pub structures: BTreeMap<String, Vec<Field>>,
    pub enumerations: BTreeMap<String, Vec<String>>,
}

#[derive(Default)]
pub struct Type {
    /// What rules call it.
    pub name: String,
    /// What it is called in reports: the type that was meant, when the suffix is wrong.
    pub shown: String,
    pub suffixes: Vec<Suffix>,
    pub folder: String,
    /// The folder below which each component that this is a part of has a folder of its own.
    pub within: Option<String>,
    pub stem: Option<String>,
    pub roots: Vec<(String, Option<String>)>,
    pub content: bool,
    /// Components lie in folders, which are part of their full names.
    pub foldered: bool,
    pub misnamed: bool,
}

pub struct Suffix {
    pub text: String,
    /// Only files below the type's folder.
    pub bound: bool,
    /// Although it is bound, a `-meta.xml` outside of all folders of this suffix is of this type.
    pub elsewhere: bool,
}

pub struct Field {
    pub name: String,
    pub kind: String,
    pub repeats: bool,
    pub required: bool,
    pub removed: bool,
    pub since: Option<u16>,
    pub default: Option<String>,
}

impl Schema {
    pub fn parse(text: &str) -> Self {
        let mut schema = Self::default();
        let mut block = "";
        let mut name = String::new();
        for (at, line) in text.lines().enumerate() {
            let wrong = || -> ! { panic!("metadata.txt:{}: not understood: {line}", at + 1) };
            if line.starts_with('#') {
                continue;
            }
            if let Some(entry) = line.strip_prefix(' ') {
                match block {
                    "structure" => {
                        let Some((field, kind)) = entry.split_once(' ') else {
                            wrong()
                        };
                        let fields = schema.structures.get_mut(&name);
                        fields
                            .unwrap_or_else(|| wrong())
                            .push(Field::parse(field, kind));
                    }
                    "enum" => {
                        let values = schema.enumerations.get_mut(&name);
                        values.unwrap_or_else(|| wrong()).push(entry.to_owned());
                    }
                    _ => wrong(),
                }
                continue;
            }
            let Some((first, rest)) = line.split_once(' ') else {
                wrong()
            };
            block = first;
            match block {
                "type" => schema
                    .types
                    .push(Type::parse(rest).unwrap_or_else(|| wrong())),
                "structure" => {
                    name = rest.to_owned();
                    schema.structures.insert(name.clone(), Vec::new());
                }
                "enum" => {
                    name = rest.to_owned();
                    schema.enumerations.insert(name.clone(), Vec::new());
                }
                _ => wrong(),
            }
        }
        // Types without a structure are those that the WSDL does not have.
        for metadata_type in &mut schema.types {
            for (root, structure) in &mut metadata_type.roots {
                if structure.is_none() && schema.structures.contains_key(root) {
                    *structure = Some(root.clone());
                }
            }
        }
        schema
    }

    /// Adds what is known from elsewhere.
    pub fn add(&mut self, known: &Table) {
        for (section, table) in known {
            let Some(table) = table.as_table() else {
                panic!("known.toml: {section} is no table");
            };
            match section.as_str() {
                "fields" => self.add_fields(table),
                "misnamed" => self.add_misnamed(table),
                "suffixes" => self.add_suffixes(table),
                "elsewhere" => self.add_elsewhere(table),
                _ => panic!("known.toml: there is no section {section}"),
            }
        }
    }

    fn add_fields(&mut self, structures: &Table) {
        for (structure, facts) in structures {
            let facts = facts
                .as_table()
                .expect("known.toml: a structure is a table");
            assert!(
                facts.get("source").is_some_and(Value::is_str),
                "known.toml: {structure} has no source"
            );
            for (name, facts) in facts.iter().filter(|(key, _)| *key != "source") {
                let facts = facts.as_table().unwrap_or_else(|| {
                    panic!("known.toml: {structure}.{name} is no table");
                });
                self.add_field(structure, name, facts);
            }
        }
    }

    fn add_field(&mut self, structure: &str, name: &str, facts: &Table) {
        let place = format!("known.toml: {structure}.{name}");
        let fields = self
            .structures
            .get_mut(structure)
            .unwrap_or_else(|| panic!("{place}: metadata.txt has no such structure"));
        let at = fields.iter().position(|field| field.name == name);
        let at = match (at, facts.get("removed").and_then(Value::as_str)) {
            (Some(_), Some(_)) => panic!("{place}: it is not removed, metadata.txt has it"),
            (Some(at), None) => at,
            (None, None) => panic!("{place}: metadata.txt has no such field"),
            (None, Some(kind)) => {
                // The WSDL sorts the fields of a type; those that it inherits stand first.
                let own = fields
                    .iter()
                    .position(|field| field.name.as_str() > name && field.name != "fullName");
                let at = own.unwrap_or(fields.len());
                let mut field = Field::parse(name, kind);
                field.removed = true;
                fields.insert(at, field);
                at
            }
        };
        let field = &mut fields[at];
        for (fact, value) in facts {
            match (fact.as_str(), value) {
                ("removed", _) => {}
                ("since", Value::Integer(since)) => {
                    field.since = Some(u16::try_from(*since).expect("an API version is small"));
                }
                ("default", Value::String(default)) => field.default = Some(default.clone()),
                ("values", Value::Array(values)) => {
                    let values: Vec<String> = values
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect();
                    let of_wsdl = self.enumerations.get(&field.kind);
                    assert!(
                        of_wsdl.map_or(field.kind == "text", |old| {
                            values.len() > old.len() && old.iter().all(|it| values.contains(it))
                        }),
                        "{place}: the packages have these values or others"
                    );
                    // No name of the WSDL has a dot.
                    let enumeration = format!("{structure}.{name}");
                    self.enumerations.insert(enumeration.clone(), values);
                    field.kind = enumeration;
                }
                _ => panic!("{place}: not understood: {fact}"),
            }
        }
        let Some(default) = &field.default else {
            return;
        };
        let possible = match field.kind.as_str() {
            "boolean" => matches!(default.as_str(), "true" | "false"),
            "number" => default.parse::<f64>().is_ok(),
            kind => self
                .enumerations
                .get(kind)
                .is_none_or(|values| values.contains(default)),
        };
        assert!(possible, "{place}: it can never be {default}");
    }

    fn add_misnamed(&mut self, suffixes: &Table) {
        for (suffix, meant) in suffixes {
            let meant = meant.as_str().expect("known.toml: the name of a type");
            let right = self.of_name(meant);
            let misnamed = Type {
                name: format!("*.{suffix}"),
                shown: meant.to_owned(),
                suffixes: vec![Suffix {
                    text: suffix.clone(),
                    bound: false,
                    elsewhere: false,
                }],
                folder: right.folder.clone(),
                roots: right.roots.clone(),
                misnamed: true,
                ..Type::default()
            };
            self.types.push(misnamed);
        }
    }

    fn add_suffixes(&mut self, types: &Table) {
        for (name, suffix) in types {
            let suffix = suffix.as_str().expect("known.toml: a suffix").to_owned();
            self.of_name(name).suffixes.push(Suffix {
                text: suffix,
                bound: true,
                elsewhere: false,
            });
        }
    }

    fn add_elsewhere(&mut self, suffixes: &Table) {
        for (suffix, name) in suffixes {
            let name = name.as_str().expect("known.toml: the name of a type");
            let own = self
                .of_name(name)
                .suffixes
                .iter_mut()
                .find(|own| own.text == *suffix);
            own.unwrap_or_else(|| panic!("known.toml: {name} has no suffix {suffix}"))
                .elsewhere = true;
        }
    }

    fn of_name(&mut self, name: &str) -> &mut Type {
        let found = self.types.iter_mut().find(|it| it.name == name);
        found.unwrap_or_else(|| panic!("known.toml: metadata.txt has no type {name}"))
    }

    /// Every text of the tables.
    pub fn texts(&self) -> BTreeSet<&str> {
        let mut texts = BTreeSet::new();
        for it in &self.types {
            texts.extend([it.name.as_str(), &it.shown, &it.folder]);
            texts.extend(it.stem.as_deref());
            texts.extend(it.within.as_deref());
            texts.extend(it.roots.iter().map(|(root, _)| root.as_str()));
            texts.extend(it.suffixes.iter().map(|suffix| suffix.text.as_str()));
        }
        for (name, fields) in &self.structures {
            texts.insert(name);
            for field in fields {
                texts.insert(field.name.as_str());
                texts.extend(field.default.as_deref());
            }
        }
        for (name, values) in &self.enumerations {
            texts.insert(name);
            texts.extend(values.iter().map(String::as_str));
        }
        texts
    }
}

impl Type {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        let mut it = Self {
            shown: name.clone(),
            name,
            ..Self::default()
        };
        let mut bound = false;
        for word in words {
            match word.split_once('=') {
                Some(("suffix", suffix)) => {
                    it.suffixes.push(Suffix {
                        text: suffix.to_owned(),
                        bound: false,
                        elsewhere: false,
                    });
                }
                Some(("folder", folder)) => it.folder = folder.to_owned(),
                Some(("within", folder)) => it.within = Some(folder.to_owned()),
                Some(("stem", stem)) => it.stem = Some(stem.to_owned()),
                Some(("structure", structure)) => {
                    it.roots.push((it.name.clone(), Some(structure.to_owned())));
                }
                Some(("root", root)) => {
                    let (root, structure) = root.split_once(':')?;
                    it.roots.push((root.to_owned(), Some(structure.to_owned())));
                }
                None if word == "content" => it.content = true,
                None if word == "bound" => bound = true,
                None if word == "foldered" => it.foldered = true,
                _ => return None,
            }
        }
        for suffix in &mut it.suffixes {
            suffix.bound = bound;
        }
        if it.roots.is_empty() {
            it.roots.push((it.name.clone(), None));
        }
        Some(it)
    }
}

impl Field {
    fn parse(name: &str, kind: &str) -> Self {
        let (kind, required) = kind
            .strip_suffix('!')
            .map_or((kind, false), |kind| (kind, true));
        let (kind, repeats) = kind
            .strip_suffix('*')
            .map_or((kind, false), |kind| (kind, true));
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            repeats,
            required,
            removed: false,
            since: None,
            default: None,
        }
    }
}
