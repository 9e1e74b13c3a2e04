//! The sources of the metadata schema: `metadata.txt` and `history.txt`, generated from npm packages, and
//! `known.toml`, written by hand.
//!
//! They are combined in one [`Schema`]. Contradictions are errors with the line or entry.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

#[derive(Default)]
pub struct Schema {
    pub types: Vec<Type>,
    /// The pieces of components that are not components themselves.
    pub pieces: Vec<Piece>,
    pub structures: BTreeMap<String, Vec<Field>>,
    pub enumerations: BTreeMap<String, Vec<String>>,
    /// Enumerations, values, and an API version: older ones do not have the value.
    pub new_values: Vec<(String, String, u16)>,
}

#[derive(Default)]
pub struct Type {
    /// The name in rules.
    pub name: String,
    /// The name in reports. If the suffix is misspelled, that of the type with the correct suffix.
    pub display_name: String,
    pub suffixes: Vec<Suffix>,
    pub folder: String,
    /// If components of this type are parts of others: the folder that contains one folder per component.
    pub within: Option<String>,
    pub stem: Option<String>,
    pub roots: Vec<(String, Option<String>)>,
    /// If its files are pieces of components of another type: that type, and the element there.
    pub piece: Option<(String, String)>,
    pub content: bool,
    /// Components are in folders, which are part of their full names.
    pub foldered: bool,
    pub misnamed: bool,
}

/// A kind of file that is a piece of a component.
#[derive(Default)]
pub struct Piece {
    pub suffix: String,
    /// The type of the component.
    pub whole: String,
    /// The root element of a file that has only one element of the component.
    pub root: Option<String>,
    /// The name of that element.
    pub element: Option<String>,
    /// The file is the text of the element and not XML.
    pub is_text: bool,
}

pub struct Suffix {
    pub text: String,
    /// Only valid for files below the type's folder.
    pub bound: bool,
    /// The suffix is bound, but a `-meta.xml` file outside the folders of all types with this suffix is of
    /// this type.
    pub elsewhere: bool,
}

pub struct Field {
    pub name: String,
    pub kind: String,
    pub repeats: bool,
    pub required: bool,
    pub removed: bool,
    pub since: Option<u16>,
    /// API versions before this one do not have the field. Absent if that is not proven.
    pub unknown_before: Option<u16>,
    /// API versions after this one do not have the field.
    pub until: Option<u16>,
    pub default: Option<String>,
}

impl Schema {
    pub fn parse(text: &str) -> Self {
        let mut schema = Self::default();
        let mut block = "";
        let mut name = String::new();
        for (at, line) in text.lines().enumerate() {
            let invalid = || -> ! { panic!("metadata.txt:{}: invalid line: {line}", at + 1) };
            if line.starts_with('#') {
                continue;
            }
            if let Some(entry) = line.strip_prefix(' ') {
                match block {
                    "structure" => {
                        let Some((field, kind)) = entry.split_once(' ') else {
                            invalid()
                        };
                        let fields = schema.structures.get_mut(&name);
                        fields
                            .unwrap_or_else(|| invalid())
                            .push(Field::parse(field, kind));
                    }
                    "enum" => {
                        let values = schema.enumerations.get_mut(&name);
                        values.unwrap_or_else(|| invalid()).push(entry.to_owned());
                    }
                    _ => invalid(),
                }
                continue;
            }
            let Some((first, rest)) = line.split_once(' ') else {
                invalid()
            };
            block = first;
            match block {
                "type" => schema
                    .types
                    .push(Type::parse(rest).unwrap_or_else(|| invalid())),
                "piece" => schema
                    .pieces
                    .push(Piece::parse(rest).unwrap_or_else(|| invalid())),
                "structure" => {
                    name = rest.to_owned();
                    schema.structures.insert(name.clone(), Vec::new());
                }
                "enum" => {
                    name = rest.to_owned();
                    schema.enumerations.insert(name.clone(), Vec::new());
                }
                _ => invalid(),
            }
        }
        // Types that the WSDL does not have remain without a structure.
        for metadata_type in &mut schema.types {
            for (root, structure) in &mut metadata_type.roots {
                if structure.is_none() && schema.structures.contains_key(root) {
                    *structure = Some(root.clone());
                }
            }
        }
        schema
    }

    /// Adds the facts of `known.toml` and `history.txt`.
    pub fn add(&mut self, known: &Table, history: &str) {
        for (section, table) in known {
            let Some(table) = table.as_table() else {
                panic!("known.toml: {section} is not a table");
            };
            match section.as_str() {
                "fields" => self.add_fields(table),
                "misnamed" => self.add_misnamed(table),
                "suffixes" => self.add_suffixes(table),
                "elsewhere" => self.add_elsewhere(table),
                "project" => self.add_project(table),
                _ => panic!("known.toml: unknown section {section}"),
            }
        }
        self.add_history(history);
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
                    panic!("known.toml: {structure}.{name} is not a table");
                });
                self.add_field(structure, name, facts);
            }
        }
    }

    fn add_field(&mut self, structure: &str, name: &str, facts: &Table) {
        let entry = format!("known.toml: {structure}.{name}");
        let fields = self
            .structures
            .get_mut(structure)
            .unwrap_or_else(|| panic!("{entry}: metadata.txt does not have the structure"));
        let at = fields.iter().position(|field| field.name == name);
        let at = match (at, facts.get("removed").and_then(Value::as_str)) {
            (Some(_), Some(_)) => panic!("{entry}: metadata.txt has the field; drop `removed`"),
            (Some(at), None) => at,
            (None, None) => panic!("{entry}: metadata.txt does not have the field"),
            (None, Some(kind)) => {
                // The WSDL sorts the fields of a type. Inherited ones come first.
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
                    field.since = Some(api_version(*since));
                    field.unknown_before = field.since;
                }
                // The release is a guess, so that only `history.txt` proves something.
                ("first_seen", Value::Integer(since)) => field.since = Some(api_version(*since)),
                ("until", Value::Integer(until)) => field.until = Some(api_version(*until)),
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
                        "{entry}: the values must add to those in metadata.txt"
                    );
                    // No name of the WSDL has a dot.
                    let enumeration = format!("{structure}.{name}");
                    self.enumerations.insert(enumeration.clone(), values);
                    field.kind = enumeration;
                }
                _ => panic!("{entry}: invalid key or value: {fact}"),
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
        assert!(possible, "{entry}: {default} is not a possible value");
    }

    /// Adds the facts of `history.txt`. Documented ones are more exact.
    fn add_history(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let invalid = || -> ! { panic!("history.txt: invalid line: {line}") };
            let words: Vec<&str> = line.split(' ').collect();
            let [kind, of, name, version] = words[..] else {
                invalid()
            };
            let version = version.parse().unwrap_or_else(|_| invalid());
            if kind == "value" {
                self.new_values
                    .push((of.to_owned(), name.to_owned(), version));
                continue;
            }
            let fields = self.structures.get_mut(of).unwrap_or_else(|| invalid());
            let field = fields.iter_mut().find(|field| field.name == name);
            let field = field.unwrap_or_else(|| invalid());
            field.unknown_before.get_or_insert(version);
        }
    }

    fn add_misnamed(&mut self, suffixes: &Table) {
        for (suffix, correct) in suffixes {
            let correct = correct.as_str().expect("known.toml: a type name");
            let correct = self.type_named(correct);
            let misnamed = Type {
                name: format!("*.{suffix}"),
                display_name: correct.name.clone(),
                suffixes: vec![Suffix {
                    text: suffix.clone(),
                    bound: false,
                    elsewhere: false,
                }],
                folder: correct.folder.clone(),
                roots: correct.roots.clone(),
                misnamed: true,
                ..Type::default()
            };
            self.types.push(misnamed);
        }
    }

    /// Adds what is not a metadata type, and has no fields.
    fn add_project(&mut self, types: &Table) {
        for (name, roots) in types {
            let roots = roots.as_array().expect("known.toml: a list of roots");
            let roots = roots.iter().filter_map(Value::as_str);
            self.structures.insert(name.clone(), Vec::new());
            self.types.push(Type {
                name: name.clone(),
                display_name: name.clone(),
                roots: roots
                    .map(|root| (root.to_owned(), Some(name.clone())))
                    .collect(),
                ..Type::default()
            });
        }
    }

    fn add_suffixes(&mut self, types: &Table) {
        for (name, suffixes) in types {
            let suffixes = suffixes.as_table().expect("known.toml: a table");
            let metadata_type = self.type_named(name);
            assert!(
                metadata_type.suffixes.is_empty(),
                "known.toml: metadata.txt has a suffix of {name}"
            );
            for (kind, suffixes) in suffixes {
                match kind.as_str() {
                    "meta" => metadata_type.content = true,
                    "xml" => metadata_type.content = false,
                    _ => panic!("known.toml: {name}: unknown key {kind}"),
                }
                let suffixes = suffixes.as_array().expect("known.toml: a list of suffixes");
                for suffix in suffixes {
                    metadata_type.suffixes.push(Suffix {
                        text: suffix.as_str().expect("known.toml: a suffix").to_owned(),
                        bound: true,
                        elsewhere: false,
                    });
                }
            }
        }
    }

    fn add_elsewhere(&mut self, suffixes: &Table) {
        for (suffix, name) in suffixes {
            let name = name.as_str().expect("known.toml: a type name");
            let found = self
                .type_named(name)
                .suffixes
                .iter_mut()
                .find(|it| it.text == *suffix);
            found
                .unwrap_or_else(|| panic!("known.toml: {name} does not have the suffix {suffix}"))
                .elsewhere = true;
        }
    }

    fn type_named(&mut self, name: &str) -> &mut Type {
        let found = self.types.iter_mut().find(|it| it.name == name);
        found.unwrap_or_else(|| panic!("known.toml: metadata.txt does not have the type {name}"))
    }

    /// All texts that the tables contain.
    pub fn texts(&self) -> BTreeSet<&str> {
        let mut texts = BTreeSet::new();
        for it in &self.types {
            texts.extend([it.name.as_str(), &it.display_name, &it.folder]);
            texts.extend(it.stem.as_deref());
            texts.extend(it.within.as_deref());
            texts.extend(it.roots.iter().map(|(root, _)| root.as_str()));
            texts.extend(it.suffixes.iter().map(|suffix| suffix.text.as_str()));
            texts.extend(it.piece.iter().map(|(_, element)| element.as_str()));
        }
        for it in &self.pieces {
            texts.insert(&it.suffix);
            texts.extend(it.root.as_deref());
            texts.extend(it.element.as_deref());
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

fn api_version(number: i64) -> u16 {
    u16::try_from(number).expect("an API version is small")
}

impl Type {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        let mut it = Self {
            display_name: name.clone(),
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
                Some(("piece", piece)) => {
                    let (whole, element) = piece.split_once(':')?;
                    it.piece = Some((whole.to_owned(), element.to_owned()));
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

impl Piece {
    fn parse(line: &str) -> Option<Self> {
        let mut it = Self::default();
        for word in line.split(' ') {
            match word.split_once('=') {
                Some(("suffix", suffix)) => it.suffix = suffix.to_owned(),
                Some(("of", whole)) => it.whole = whole.to_owned(),
                Some(("root", root)) => it.root = Some(root.to_owned()),
                Some(("element", element)) => it.element = Some(element.to_owned()),
                None if word == "text" => it.is_text = true,
                _ => return None,
            }
        }
        Some(it).filter(|it| !it.suffix.is_empty() && !it.whole.is_empty())
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
            unknown_before: None,
            until: None,
            default: None,
        }
    }
}
