//! Generates the Rust source of the metadata schema's tables: one text, and arrays of numbers for
//! `src/schema/tables.rs`.
//!
//! The tables are read in place in the binary. Nothing is built when the program starts, and nothing is
//! relocated.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use toml::Table;

use super::source::{Piece, Schema, Suffix, Type};
use forcelint::schema::layout::{
    BOUND, CONTENT, ELSEWHERE, ENUMERATION, FACT_SHIFT, FOLDERED, MISNAMED, NONE, PIECE_ONLY,
    REMOVED, REPEATS, REQUIRED, STRUCTURE, TEXT_PIECE,
};

const KINDS: [&str; 5] = ["unknown", "text", "boolean", "number", "date"];

/// The Rust source of the tables.
pub fn tables(metadata: &str, known: &str, history: &str) -> String {
    let mut schema = Schema::parse(metadata);
    let known: Table = known
        .parse()
        .unwrap_or_else(|error| panic!("known.toml: {error}"));
    schema.add(&known, history);
    Tables::new(&schema).code()
}

/// A type with a suffix: its index, the type, and the suffix as the type spells it.
type Claimant<'s> = (usize, &'s Type, &'s Suffix);

/// All texts in one blob. A text that is the end of another one takes no space.
struct Texts {
    blob: String,
    numbers: HashMap<String, u16>,
    /// For each text, its offset in the blob, shifted left by 8, and its length.
    ranges: Vec<u32>,
}

impl Texts {
    fn new(texts: BTreeSet<&str>) -> Self {
        let reversed = |text: &str| text.chars().rev().collect::<String>();
        let mut by_end: Vec<&str> = texts.iter().copied().collect();
        by_end.sort_by_key(|text| std::cmp::Reverse(reversed(text)));
        let mut blob = String::new();
        let mut ends: HashMap<&str, usize> = HashMap::new();
        let mut before = "";
        for text in by_end {
            if before.ends_with(text) {
                ends.insert(text, ends[before]);
            } else {
                blob.push_str(text);
                ends.insert(text, blob.len());
                before = text;
            }
        }
        let mut numbers = HashMap::new();
        let mut ranges = Vec::new();
        for text in texts {
            let length = u8::try_from(text.len()).expect("no name has more than 255 bytes");
            let start = u32::try_from(ends[text] - text.len()).expect("the blob is small");
            assert!(
                start < 1 << 24,
                "offsets in the blob need more than 24 bits"
            );
            numbers.insert(text.to_owned(), number(ranges.len()));
            ranges.push(start << 8 | u32::from(length));
        }
        Self {
            blob,
            numbers,
            ranges,
        }
    }

    fn of(&self, text: &str) -> u16 {
        self.numbers[text]
    }
}

/// The arrays that `src/schema/tables.rs` reads.
struct Tables {
    texts: Texts,
    types: Vec<[u16; 8]>,
    types_by_name: Vec<u16>,
    roots: Vec<[u16; 2]>,
    suffixes: Vec<[u16; 2]>,
    claims: Vec<[u16; 4]>,
    pieces: Vec<[u16; 5]>,
    settings: Vec<[u16; 2]>,
    structures: Vec<[u16; 2]>,
    fields: Vec<[u16; 3]>,
    fields_by_name: Vec<u16>,
    facts: Vec<[u16; 4]>,
    enumerations: Vec<[u16; 2]>,
    values: Vec<u16>,
    new_values: Vec<[u16; 2]>,
}

impl Tables {
    fn new(schema: &Schema) -> Self {
        let mut tables = Self {
            texts: Texts::new(schema.texts()),
            types: Vec::new(),
            types_by_name: Vec::new(),
            roots: Vec::new(),
            suffixes: Vec::new(),
            claims: Vec::new(),
            pieces: Vec::new(),
            settings: Vec::new(),
            structures: Vec::new(),
            fields: Vec::new(),
            fields_by_name: Vec::new(),
            facts: Vec::new(),
            enumerations: Vec::new(),
            values: Vec::new(),
            new_values: Vec::new(),
        };
        tables.add_structures(schema);
        for (name, values) in &schema.enumerations {
            let first = tables.values.len();
            for (at, value) in values.iter().enumerate() {
                let new = schema.new_values.iter();
                let mut new = new.filter(|(of, it, _)| of == name && it == value);
                if let Some((.., version)) = new.next() {
                    tables.new_values.push([number(first + at), *version]);
                }
            }
            tables
                .enumerations
                .push([tables.texts.of(name), number(first)]);
            tables
                .values
                .extend(values.iter().map(|value| tables.texts.numbers[value]));
        }
        tables
            .enumerations
            .push([NONE, number(tables.values.len())]);
        tables.add_types(schema);
        tables.add_suffixes(schema);
        tables
    }

    fn add_structures(&mut self, schema: &Schema) {
        let structures: Vec<&String> = schema.structures.keys().collect();
        let enumerations: Vec<&String> = schema.enumerations.keys().collect();
        let kind = |name: &String| {
            if let Some(primitive) = KINDS.iter().position(|kind| kind == name) {
                number(primitive)
            } else if let Ok(at) = structures.binary_search(&name) {
                STRUCTURE | number(at)
            } else if let Ok(at) = enumerations.binary_search(&name) {
                ENUMERATION | number(at)
            } else {
                panic!("metadata.txt does not have the type {name}");
            }
        };
        for (name, fields) in &schema.structures {
            let first = self.fields.len();
            self.structures.push([self.texts.of(name), number(first)]);
            for field in fields {
                let default = field.default.as_deref();
                let facts = [
                    field.since.unwrap_or(NONE),
                    default.map_or(NONE, |text| self.texts.of(text)),
                    field.unknown_before.unwrap_or(NONE),
                    field.until.unwrap_or(NONE),
                ];
                let fact = match facts == [NONE; 4] {
                    true => 0,
                    false => {
                        self.facts.push(facts);
                        number(self.facts.len())
                    }
                };
                assert!(
                    fact < 1 << (16 - FACT_SHIFT),
                    "too many facts for the bits of a field"
                );
                let flags = [
                    (field.repeats, REPEATS),
                    (field.required, REQUIRED),
                    (field.removed, REMOVED),
                ];
                let flags = flags
                    .iter()
                    .filter(|(on, _)| *on)
                    .fold(0, |all, (_, flag)| all | flag);
                self.fields.push([
                    self.texts.of(&field.name),
                    kind(&field.kind),
                    flags | fact << FACT_SHIFT,
                ]);
            }
            let mut by_name: Vec<usize> = (0..fields.len()).collect();
            by_name.sort_by_key(|&at| &fields[at].name);
            for pair in by_name.windows(2) {
                assert_ne!(
                    fields[pair[0]].name, fields[pair[1]].name,
                    "{name} has two fields of the same name"
                );
            }
            self.fields_by_name
                .extend(by_name.into_iter().map(|at| number(first + at)));
        }
        self.structures.push([NONE, number(self.fields.len())]);
    }

    fn add_types(&mut self, schema: &Schema) {
        let structures: Vec<&String> = schema.structures.keys().collect();
        for it in &schema.types {
            let flags = [
                (it.content, CONTENT),
                (it.foldered, FOLDERED),
                (it.misnamed, MISNAMED),
            ];
            let flags = flags
                .iter()
                .filter(|(on, _)| *on)
                .fold(0, |all, (_, flag)| all | flag);
            let suffix = it
                .suffixes
                .first()
                .map_or(NONE, |suffix| self.texts.of(&suffix.text));
            let stem = it.stem.as_deref().map_or(NONE, |stem| self.texts.of(stem));
            let within = it.within.as_deref();
            let within = within.map_or(NONE, |folder| self.texts.of(folder));
            let display_name = self.texts.of(&it.display_name);
            self.types.push([
                self.texts.of(&it.name),
                display_name,
                suffix,
                self.texts.of(&it.folder),
                stem,
                flags,
                number(self.roots.len()),
                within,
            ]);
            for (root, structure) in &it.roots {
                let structure = structure.as_ref().map_or(NONE, |name| {
                    let at = structures.binary_search(&name);
                    number(at.unwrap_or_else(|_| {
                        panic!("metadata.txt does not have the structure {name}")
                    }))
                });
                self.roots.push([self.texts.of(root), structure]);
            }
        }
        self.types.push([
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            0,
            number(self.roots.len()),
            NONE,
        ]);
        let mut by_name: Vec<usize> = (0..schema.types.len()).collect();
        by_name.sort_by_key(|&at| &schema.types[at].name);
        self.types_by_name = by_name.into_iter().map(number).collect();
    }

    /// Adds a kind of piece. Returns its index.
    fn add_piece(&mut self, schema: &Schema, piece: &Piece) -> u16 {
        let whole = schema.types.iter().position(|it| it.name == piece.whole);
        let whole = whole.unwrap_or_else(|| panic!("metadata.txt does not have {}", piece.whole));
        let text = |text: &Option<String>| text.as_deref().map_or(NONE, |it| self.texts.of(it));
        let flags = if piece.is_text { TEXT_PIECE } else { 0 };
        self.pieces.push([
            number(whole),
            text(&piece.element),
            text(&piece.root),
            flags,
            self.texts.of(&piece.suffix),
        ]);
        number(self.pieces.len() - 1)
    }

    /// The types with their pieces: the index in the table of pieces, or [`NONE`].
    fn add_pieces_of_types(&mut self, schema: &Schema) -> Vec<u16> {
        let pieces = schema.types.iter().map(|it| {
            let Some((whole, element)) = &it.piece else {
                return NONE;
            };
            let piece = Piece {
                whole: whole.clone(),
                root: Some(it.name.clone()),
                element: Some(element.clone()),
                suffix: it.suffixes[0].text.clone(),
                ..Piece::default()
            };
            self.add_piece(schema, &piece)
        });
        pieces.collect()
    }

    /// Adds the suffixes, sorted by length and then without regard to case, each with its types.
    fn add_suffixes(&mut self, schema: &Schema) {
        let pieces_of_types = self.add_pieces_of_types(schema);
        let key = |suffix: &str| (suffix.len(), suffix.to_ascii_lowercase());
        let mut pieces: BTreeMap<(usize, String), Vec<&Piece>> = BTreeMap::new();
        for piece in &schema.pieces {
            pieces.entry(key(&piece.suffix)).or_default().push(piece);
        }
        let mut claimed: BTreeMap<(usize, String), Vec<Claimant<'_>>> = BTreeMap::new();
        for (at, it) in schema.types.iter().enumerate() {
            for suffix in &it.suffixes {
                let claims = claimed.entry(key(&suffix.text)).or_default();
                claims.push((at, it, suffix));
            }
        }
        for key in pieces.keys() {
            claimed.entry(key.clone()).or_default();
        }
        let mut settings = BTreeMap::new();
        for (key, claims) in claimed {
            let pieces = pieces.remove(&key).unwrap_or_default();
            // Suffixes are compared without regard to case, so any spelling is fine.
            let of_claims = claims.iter().map(|(_, _, suffix)| &suffix.text);
            let mut spellings = of_claims.chain(pieces.iter().map(|it| &it.suffix));
            let spelling = spellings.next().expect("a suffix has a type or a piece");
            self.suffixes
                .push([self.texts.of(spelling), number(self.claims.len())]);
            for piece in pieces {
                self.claim_piece(schema, piece);
            }
            let mut free = 0;
            for &(at, it, suffix) in &claims {
                if let Some(stem) = &it.stem {
                    assert_eq!(
                        key.1, "settings",
                        "{} has a stem and another suffix",
                        it.name
                    );
                    settings.insert(self.texts.numbers[stem], number(at));
                    continue;
                }
                // Suffixes that differ in case do not conflict.
                free += usize::from(!suffix.bound && suffix.text == claims[0].2.text);
                let flags = [
                    (it.content, CONTENT),
                    (suffix.bound, BOUND),
                    (suffix.elsewhere, ELSEWHERE),
                ];
                let flags = flags
                    .iter()
                    .filter(|(on, _)| *on)
                    .fold(0, |all, (_, flag)| all | flag);
                let suffix = self.texts.of(&suffix.text);
                self.claims
                    .push([number(at), suffix, flags, pieces_of_types[at]]);
            }
            assert!(
                free < 2,
                "two types have the suffix {}, and no folder distinguishes them",
                key.1
            );
        }
        self.suffixes.push([NONE, number(self.claims.len())]);
        // Texts are numbered in alphabetical order, so this sorts by text.
        self.settings = settings.into_iter().map(|(stem, at)| [stem, at]).collect();
    }

    /// Adds the claim of a piece that is not a component itself: it counts as the type of the whole.
    fn claim_piece(&mut self, schema: &Schema, piece: &Piece) {
        let at = self.add_piece(schema, piece);
        let whole = self.pieces[usize::from(at)][0];
        // Pieces exist only in source format, where XML ends with `-meta.xml`.
        let flags = if piece.is_text {
            BOUND
        } else {
            BOUND | CONTENT
        };
        let suffix = self.texts.of(&piece.suffix);
        self.claims.push([whole, suffix, flags | PIECE_ONLY, at]);
    }

    fn code(&self) -> String {
        let mut code = String::new();
        let mut put = |line: String| {
            code.push_str(&line);
            code.push('\n');
        };
        put(format!(
            "pub(crate) static BLOB: &str = {:?};",
            self.texts.blob
        ));
        put(table(
            "TEXTS",
            "u32",
            self.texts.ranges.iter().map(u32::to_string),
        ));
        put(format!(
            "pub(crate) const TYPE_COUNT: usize = {};",
            self.types_by_name.len()
        ));
        put(array("TYPES", &self.types));
        put(list("TYPES_BY_NAME", &self.types_by_name));
        put(array("ROOTS", &self.roots));
        put(array("SUFFIXES", &self.suffixes));
        put(array("CLAIMS", &self.claims));
        put(array("PIECES", &self.pieces));
        put(array("SETTINGS", &self.settings));
        put(array("STRUCTURES", &self.structures));
        put(array("FIELDS", &self.fields));
        put(list("FIELDS_BY_NAME", &self.fields_by_name));
        put(array("FACTS", &self.facts));
        put(array("ENUMERATIONS", &self.enumerations));
        put(list("VALUES", &self.values));
        put(array("NEW_VALUES", &self.new_values));
        code
    }
}

fn number(at: usize) -> u16 {
    u16::try_from(at)
        .ok()
        .filter(|&at| at != NONE)
        .expect("indexes in the tables have 16 bits")
}

fn list(name: &str, numbers: &[u16]) -> String {
    let entries = numbers.iter().map(u16::to_string);
    table(name, "u16", entries)
}

/// A table as Rust source. It has several entries per line, so that a diff shows which part changed.
fn table(name: &str, entry: &str, entries: impl Iterator<Item = String>) -> String {
    const PER_LINE: usize = 12;
    let entries: Vec<String> = entries.collect();
    let mut code = format!(
        "pub(crate) static {name}: [{entry}; {}] = [\n",
        entries.len()
    );
    for line in entries.chunks(PER_LINE) {
        code.push_str(&format!("    {},\n", line.join(", ")));
    }
    code.push_str("];");
    code
}

fn array<const N: usize>(name: &str, rows: &[[u16; N]]) -> String {
    let entries = rows.iter().map(|row| format!("{row:?}"));
    table(name, &format!("[u16; {N}]"), entries)
}
