//! The parser against roxmltree, on documents as metadata is written and on broken ones.
//!
//! What roxmltree rejects, forcelint must call malformed, and where both accept, they must see the
//! same elements at the same places. What forcelint rejects beyond that needs a reason on the list
//! of [`STRICTER`]. Every property runs a few thousand cases; `PROPTEST_CASES` says how many.

use forcelint::xml::{
    self, Document, LineIndex, MAX_ATTRIBUTES, MAX_DEPTH, METADATA_NAMESPACE, Malformed, NodeId,
    Tree,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

fn config() -> Config {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 1500;
    }
    config
}

// ---------------------------------------------------------------------------------------------
// Reasons to reject what roxmltree accepts
// ---------------------------------------------------------------------------------------------

/// Whether a reason applies to a source, given also what stands from the reported place on.
type Applies = fn(&str, &str) -> bool;

/// Part of a reason, and when it is one although roxmltree sees nothing wrong. The comments name
/// the authority: the design, XML 1.0 (fifth edition) or Namespaces in XML 1.0.
const STRICTER: &[(&str, Applies)] = &[
    // Design: at most 64 levels, no merge conflicts, Salesforce's root, no entities but XML's own,
    // no other encoding, and no file that takes long.
    ("levels deep", |_, _| true),
    ("merge conflict", |_, _| true),
    ("the root element is not of the namespace", |_, _| true),
    ("does not define the entity", |source, _| {
        source.contains("<!ENTITY")
    }),
    (
        "the value of this attribute that XML does not define",
        |source, _| source.contains("<!ENTITY") || has_number(source),
    ),
    ("the file says that it is", |_, _| true),
    ("more than 64", |source, _| {
        source.len() > 64 * " a=''".len()
    }),
    // XML [2], [66]: roxmltree puts U+FFFD for a number that is no character.
    ("no character that XML allows", |source, _| {
        has_number(source)
    }),
    // XML [16], [17]: `xml` in any case is reserved, a space follows the target; Namespaces, 7:
    // no colon in a target.
    ("this is no processing instruction", |_, _| true),
    ("has to be the first thing", |_, at| {
        at.starts_with("<?xml") && !at.starts_with("<?xml ")
    }),
    // Namespaces [7]: a name does not begin with a colon.
    ("no attribute name", |_, at| at.starts_with(':')),
    ("no element name", |_, at| at.starts_with("<:")),
    ("is expected", |_, at| at.starts_with("</:")),
    // XML 3.1: roxmltree takes a second `xmlns` on one tag.
    ("the same attribute twice", |_, at| at.starts_with("xmlns")),
    // Namespaces, 2.2 and 3: no prefix is undeclared, none but `xml` is bound to its namespace.
    ("this namespace cannot be declared so", |_, _| true),
    // roxmltree takes any `…:xmlns="…"` for a declaration of the default namespace.
    ("is bound to no namespace", |source, _| {
        source.contains(":xmlns")
    }),
    // XML [28]-[76]: roxmltree skims a DOCTYPE.
    ("ends inside of a DOCTYPE", |_, _| true),
    ("this cannot be read as part of a DOCTYPE", |_, _| true),
    ("is not allowed in XML", |source, _| {
        source.contains("<!DOCTYPE")
    }),
];

fn has_number(source: &str) -> bool {
    source.contains("&#")
}

/// XML [23]-[26], [32], [80]: roxmltree skips the values in a declaration, and takes `<?xml` before
/// a tab or a line end for a processing instruction.
fn is_in_declaration(source: &str, at: usize) -> bool {
    let text = source.trim_start_matches('\u{FEFF}');
    let end = source.find("?>").unwrap_or(source.len());
    text.starts_with("<?xml") && at <= end
}

fn is_justified(source: &str, malformed: &Malformed) -> bool {
    let start = malformed.span.range().start;
    is_in_declaration(source, start)
        || STRICTER.iter().any(|(reason, applies)| {
            malformed.reason.contains(reason) && applies(source, &source[start..])
        })
}

// ---------------------------------------------------------------------------------------------
// Comparing
// ---------------------------------------------------------------------------------------------

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

fn options<'input>() -> roxmltree::ParsingOptions<'input> {
    roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    }
}

/// Holds `parse` against roxmltree. Says whether both accepted.
fn compare(source: &str) -> Result<bool, TestCaseError> {
    let mut tree = Tree::default();
    let ours = xml::parse(source, &mut tree);
    let oracle = roxmltree::Document::parse_with_options(source, options());
    match (ours, oracle) {
        (Ok(()), Ok(oracle)) => {
            same_elements(Document::new(source, &tree), &oracle)?;
            Ok(true)
        }
        // Namespaces, 3: `xml` is bound without a declaration; roxmltree grants that to attributes.
        (Ok(()), Err(roxmltree::Error::UnknownNamespace(prefix, _))) if prefix == "xml" => {
            Ok(false)
        }
        (Ok(()), Err(error)) => {
            prop_assert!(false, "accepted, but {error}: {source:?}");
            Ok(false)
        }
        (Err(malformed), oracle) => {
            reported_well(source, &malformed)?;
            prop_assert!(
                oracle.is_err() || is_justified(source, &malformed),
                "{malformed:?} has no justification: {source:?}"
            );
            Ok(false)
        }
    }
}

fn reported_well(source: &str, malformed: &Malformed) -> Result<(), TestCaseError> {
    let related = malformed.related.iter().map(|(span, _)| span);
    for span in std::iter::once(&malformed.span).chain(related) {
        prop_assert!(span.start <= span.end, "{malformed:?}: {source:?}");
        prop_assert!(
            source.get(span.range()).is_some(),
            "{malformed:?}: {source:?}"
        );
    }
    prop_assert!(!malformed.reason.is_empty() && !malformed.reason.ends_with('.'));
    prop_assert!(malformed.reason.chars().count() < 300, "{malformed:?}");
    Ok(())
}

fn same_elements(
    document: Document<'_>,
    oracle: &roxmltree::Document<'_>,
) -> Result<(), TestCaseError> {
    let source = document.source();
    // roxmltree takes any `…:xmlns="…"` for a declaration of the default namespace.
    let namespaces_agree = !source.contains(":xmlns");
    let elements: Vec<_> = oracle
        .descendants()
        .filter(|node| node.is_element())
        .collect();
    let ids: Vec<NodeId> = document.all().collect();
    prop_assert_eq!(ids.len(), elements.len(), "{:?}", source);
    let number = |wanted: roxmltree::Node<'_, '_>| elements.iter().position(|&e| e == wanted);
    for (&id, &element) in ids.iter().zip(&elements) {
        let name = element.tag_name().name();
        prop_assert_eq!(document.name(id), name);
        prop_assert_eq!(document.span(id).range(), element.range(), "{:?}", source);
        let parent = document
            .parent(id)
            .and_then(|parent| ids.iter().position(|&i| i == parent));
        prop_assert_eq!(
            parent,
            element.parent_element().and_then(number),
            "{:?}",
            source
        );
        let children: Vec<_> = document
            .children(id)
            .map(|child| document.span(child).range())
            .collect();
        let expected: Vec<_> = element
            .children()
            .filter(|node| node.is_element())
            .map(|node| node.range())
            .collect();
        prop_assert_eq!(children, expected, "{:?}", source);
        if namespaces_agree {
            let namespace = element.tag_name().namespace().unwrap_or_default();
            prop_assert_eq!(
                document.is_metadata(id),
                matches!(namespace, "" | METADATA_NAMESPACE),
                "{:?}",
                source
            );
            let nil = element
                .attribute((XSI, "nil"))
                .map(|value| value.trim_matches(SPACE));
            prop_assert_eq!(
                document.is_nil(id),
                matches!(nil, Some("true" | "1")),
                "{:?}",
                source
            );
        }
        same_tags(document, id)?;
        same_value(document, id, element)?;
        pieces_cover_the_content(document, id)?;
    }
    Ok(())
}

fn same_tags(document: Document<'_>, id: NodeId) -> Result<(), TestCaseError> {
    let text = |span: xml::Span| &document.source()[span.range()];
    let name = document.qualified_name(id);
    let opening = format!("<{name}");
    let start_tag = text(document.start_tag(id));
    prop_assert!(start_tag.starts_with(&opening) && start_tag.ends_with('>'));
    prop_assert_eq!(document.content(id).start, document.start_tag(id).end);
    if document.is_self_closed(id) {
        prop_assert!(start_tag.ends_with("/>"));
        prop_assert!(document.content(id).is_empty());
        prop_assert_eq!(document.content(id).end, document.span(id).end);
    } else {
        let end_tag = &text(document.span(id))
            [(document.content(id).end - document.span(id).start) as usize..];
        let inside = end_tag
            .strip_prefix("</")
            .and_then(|tag| tag.strip_suffix('>'));
        prop_assert_eq!(
            inside.map(|inside| inside.trim_end_matches(SPACE)),
            Some(name)
        );
    }
    Ok(())
}

/// A character of an element's value, and where it stands.
type Placed = (char, usize, usize);

/// The value read by another way than the parser's: roxmltree says where comments, instructions
/// and elements are, and what is left is taken character by character.
fn placed_characters(
    document: Document<'_>,
    id: NodeId,
    element: roxmltree::Node<'_, '_>,
) -> Vec<Placed> {
    let source = document.source();
    let content = document.content(id).range();
    let mut at = content.start;
    let mut characters = Vec::new();
    let mut skip: Vec<_> = element
        .children()
        .filter(|node| !node.is_text())
        .map(|node| node.range())
        .collect();
    skip.push(content.end..content.end);
    for skipped in skip {
        while at < skipped.start {
            let rest = &source[at..skipped.start];
            if let Some(behind) = rest.strip_prefix("<![CDATA[") {
                at += "<![CDATA[".len();
                let inside = behind.split_once("]]>").unwrap().0;
                for c in inside.chars() {
                    characters.push((c, at, at + c.len_utf8()));
                    at += c.len_utf8();
                }
                at += "]]>".len();
            } else if let Some(behind) = rest.strip_prefix('&') {
                let name = behind.split_once(';').unwrap().0;
                let end = at + name.len() + 2;
                characters.push((referenced(name), at, end));
                at = end;
            } else {
                let c = rest.chars().next().unwrap();
                characters.push((c, at, at + c.len_utf8()));
                at += c.len_utf8();
            }
        }
        at = skipped.end;
    }
    characters
}

fn referenced(name: &str) -> char {
    let number =
        |digits, radix| char::from_u32(u32::from_str_radix(digits, radix).unwrap()).unwrap();
    match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ if name.starts_with("#x") => number(&name[2..], 16),
        _ => number(&name[1..], 10),
    }
}

fn same_value(
    document: Document<'_>,
    id: NodeId,
    element: roxmltree::Node<'_, '_>,
) -> Result<(), TestCaseError> {
    let source = document.source();
    // roxmltree normalizes line ends, which a fix has to keep.
    let without_line_ends = |text: &str| text.replace(['\r', '\n'], "");
    let expected: String = element
        .children()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .collect();
    let value = document.value(id);
    let (read, expected) = (
        without_line_ends(value.text()),
        without_line_ends(&expected),
    );
    prop_assert_eq!(
        read.trim_matches(SPACE),
        expected.trim_matches(SPACE),
        "{:?}",
        source
    );
    let characters = placed_characters(document, id, element);
    let found = |item: xml::Item<'_>| (item.text.to_owned(), item.span.range());
    let whole = found(value.whole());
    match trimmed(&characters) {
        Some(placed) => prop_assert_eq!(whole, placed, "{:?}", source),
        None => {
            prop_assert_eq!(&whole.0, "");
            let content = document.content(id).range();
            prop_assert!(
                whole.1.is_empty() && content.start <= whole.1.start && whole.1.end <= content.end
            );
        }
    }
    for separator in ['\n', ',', ';', ' '] {
        let splits = |&(c, ..): &Placed| c == separator || (separator == '\n' && c == '\r');
        let expected: Vec<_> = characters.split(splits).filter_map(trimmed).collect();
        let items: Vec<_> = value.split(separator).map(found).collect();
        prop_assert_eq!(items, expected, "{:?} {:?}", separator, source);
    }
    Ok(())
}

fn trimmed(characters: &[Placed]) -> Option<(String, std::ops::Range<usize>)> {
    let is_text = |(c, ..): &Placed| !SPACE.contains(c);
    let first = characters.iter().position(is_text)?;
    let last = characters.iter().rposition(is_text)?;
    let kept = &characters[first..=last];
    Some((
        kept.iter().map(|&(c, ..)| c).collect(),
        characters[first].1..characters[last].2,
    ))
}

fn pieces_cover_the_content(document: Document<'_>, id: NodeId) -> Result<(), TestCaseError> {
    let pieces = document
        .pieces(id)
        .into_iter()
        .map(|piece| piece.span.range());
    let mut parts: Vec<_> = document
        .children(id)
        .map(|child| document.span(child).range())
        .chain(pieces)
        .collect();
    parts.sort_by_key(|part| part.start);
    let content = document.content(id).range();
    let mut at = content.start;
    for part in parts {
        prop_assert_eq!(part.start, at, "{:?}", document.source());
        at = part.end;
    }
    prop_assert_eq!(at, content.end);
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// Generating
// ---------------------------------------------------------------------------------------------

/// A tape of decisions. Its end decides for the first, simplest choice, so that shrinking the tape
/// shrinks the document.
struct Choices<'a> {
    tape: &'a [u8],
}

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let (wide, mut number) = (limit > 256, 0);
        for _ in 0..=usize::from(wide) {
            let (&first, rest) = self.tape.split_first().unwrap_or((&0, &[]));
            self.tape = rest;
            number = number << 8 | usize::from(first);
        }
        number % limit.max(1)
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == chance - 1
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn is_over(&self) -> bool {
        self.tape.is_empty()
    }
}

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "a", "oauthConfig", "isPkceRequired", "label", "Größe", "_x-1.2", "名前", "xmlx", "é\u{301}",
    "𐐀b",
];
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "true", "Api, Web;Full", "false\r\n", " \t", "\n    ", "Ünï 😀", "a]]b", "]", ">", "\"'",
    "\u{A0}x\u{A0}", "\u{FEFF}", "one\ntwo\r\nthree", "\u{85}", "=======", "--", "?>",
    "\u{FFFD}\u{FFFC}", "\u{7F}", "a=b", "/",
];
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "&amp;", "&lt;", "&gt;", "&apos;", "&quot;", "&#65;", "&#x1F600;", "&#10;", "&#13;", "&#x20;",
    "&#44;", "&#0065;",
];
#[rustfmt::skip]
const CDATAS: &[&str] = &[
    "", " ", "true", "<a>&amp;&foo;</a>", "]]", "]", ">", "<!-- no comment -->", "a\r\nb", "ü,ö",
    "\u{FEFF}",
];
#[rustfmt::skip]
const COMMENTS: &[&str] = &[
    "", " why ", "<a></b>&foo;", "-a", "a - b", ">", "]]>", "<?xml?>", "ü", "\r\n", "->",
];
#[rustfmt::skip]
const INSTRUCTIONS: &[&str] = &[
    "go", "go on", "xml-stylesheet href=\"x\"", "go ?", "go <a>&b;", "ü\n?", "xmlx  a ",
];
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "", "1", "a > b", "&lt;&#65;&quot;", "x\r\ny\tz", "ü", "/", "]]>", "=", "true",
];
const DOCTYPES: &[&str] = &[
    "<!DOCTYPE a>",
    "<!DOCTYPE ConnectedApp [<!ENTITY e \"true\">]>",
    "<!DOCTYPE a SYSTEM \"a.dtd\">",
    "<!DOCTYPE a PUBLIC '-//A//B' \"a>.dtd\" [ ] >",
    "<!DOCTYPE a[<!ELEMENT a (#PCDATA)> <!-- ] > --> <?go ]> ?>\r\n<!ATTLIST a b CDATA 'c'>]\t>",
    "<!DOCTYPE m:a [<!ENTITY % p 'q'><!ENTITY f SYSTEM 'file:///etc/passwd'><!ENTITY g PUBLIC '' '' NDATA h ><!NOTATION h SYSTEM 'i'>]>",
];

struct Writer<'a> {
    choices: Choices<'a>,
    out: String,
    /// `xsi`, `m` and `o` are bound.
    prefixes: bool,
    depth: usize,
}

impl Writer<'_> {
    /// A document as metadata could be written.
    fn document(mut self) -> String {
        if self.choices.one_in(4) {
            self.out.push('\u{FEFF}');
        }
        let declaration = self.choices.pick(&[
            "",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<?xml version='1.0'?>",
            "<?xml version = \"1.0\"\tencoding = 'utf-8' ?>\r\n",
            "<?xml  version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>",
            "<?xml version=\"1.1\"\r\nstandalone='no'?>\n\n",
        ]);
        self.out.push_str(declaration);
        self.misc();
        if self.choices.one_in(6) {
            let doctype = self.choices.pick(DOCTYPES);
            self.out.push_str(doctype);
            self.misc();
        }
        self.prefixes = self.choices.one_in(2);
        self.element();
        self.misc();
        self.out
    }

    fn misc(&mut self) {
        while self.choices.one_in(3) {
            match self.choices.below(3) {
                0 => self.space(),
                1 => self.comment(),
                _ => self.instruction(),
            }
        }
    }

    fn space(&mut self) {
        let space = self
            .choices
            .pick(&["\n", " ", "\r\n", "\t", "\r", "\n\n    "]);
        self.out.push_str(space);
    }

    fn maybe_space(&mut self) {
        if self.choices.one_in(8) {
            self.space();
        }
    }

    fn comment(&mut self) {
        let comment = self.choices.pick(COMMENTS);
        self.out.push_str(&format!("<!--{comment}-->"));
    }

    fn instruction(&mut self) {
        let instruction = self.choices.pick(INSTRUCTIONS);
        self.out.push_str(&format!("<?{instruction}?>"));
    }

    fn element(&mut self) {
        let is_root = self.depth == 0;
        let prefix = match (self.prefixes, is_root, self.choices.below(8)) {
            (true, _, 7) => "m:",
            (true, false, 6) => "o:",
            _ => "",
        };
        let name = format!("{prefix}{}", self.choices.pick(NAMES));
        self.out.push('<');
        self.out.push_str(&name);
        if is_root {
            if self.choices.one_in(2) {
                self.attribute("xmlns", METADATA_NAMESPACE);
            }
            if self.prefixes {
                self.attribute("xmlns:xsi", XSI);
                self.attribute("xmlns:o", "urn:other&amp;&#97;");
                self.attribute("xmlns:m", METADATA_NAMESPACE);
            }
        }
        self.attributes(is_root);
        self.maybe_space();
        if self.choices.one_in(5) {
            self.out.push_str("/>");
            return;
        }
        self.out.push('>');
        self.depth += 1;
        while !self.choices.is_over() && !self.choices.one_in(5) {
            match self.choices.below(16) {
                0..4 => self.text(),
                4..6 => self.space(),
                6..8 => {
                    let reference = self.choices.pick(REFERENCES);
                    self.out.push_str(reference);
                }
                8 => {
                    let cdata = self.choices.pick(CDATAS);
                    self.out.push_str(&format!("<![CDATA[{cdata}]]>"));
                }
                9 => self.comment(),
                10 => self.instruction(),
                11 => self.chain(),
                _ if self.depth < 40 => self.element(),
                _ => {}
            }
        }
        self.depth -= 1;
        self.out.push_str("</");
        self.out.push_str(&name);
        self.maybe_space();
        self.out.push('>');
    }

    /// Text, never so that it closes a CDATA section.
    fn text(&mut self) {
        let text = self.choices.pick(TEXTS);
        if !(text.starts_with(['>', ']']) && self.out.ends_with(']')) {
            self.out.push_str(text);
        }
    }

    /// Elements around elements, to get deep at the cost of one choice.
    fn chain(&mut self) {
        let length = self.choices.below(60usize.saturating_sub(self.depth));
        self.out.push_str(&"<d>".repeat(length));
        self.text();
        self.out.push_str(&"</d>".repeat(length));
    }

    fn attributes(&mut self, is_root: bool) {
        if self.choices.one_in(6) {
            let value = self.choices.pick(VALUES);
            self.attribute("b", value);
        }
        if self.choices.one_in(8) {
            let value = self.choices.pick(VALUES);
            self.attribute("Ä-1", value);
            self.attribute("xml:lang", value);
        }
        if self.prefixes && self.choices.one_in(6) {
            let value =
                self.choices
                    .pick(&["true", "1", "false", " true\n", "&#116;rue", "TRUE", ""]);
            let name = self.choices.pick(&["xsi:nil", "o:nil", "nil", "xsi:type"]);
            self.attribute(name, value);
        }
        if !is_root && self.choices.one_in(10) {
            let value = self.choices.pick(&["", "urn:x", METADATA_NAMESPACE, XSI]);
            self.attribute("xmlns", value);
        }
        if !is_root && self.prefixes && self.choices.one_in(10) {
            let name = self
                .choices
                .pick(&["xmlns:m", "xmlns:o", "xmlns:xsi", "xmlns:new"]);
            let value = self.choices.pick(&["urn:x", METADATA_NAMESPACE, XSI]);
            self.attribute(name, value);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.space();
        self.out.push_str(name);
        self.maybe_space();
        self.out.push('=');
        self.maybe_space();
        let quote = self.choices.pick(&["\"", "'"]);
        self.out.push_str(&format!("{quote}{value}{quote}"));
    }
}

fn write_document(tape: &[u8]) -> String {
    Writer {
        choices: Choices { tape },
        out: String::new(),
        prefixes: false,
        depth: 0,
    }
    .document()
}

#[rustfmt::skip]
const TRICKS: &[&str] = &[
    "<", ">", "&", "]]>", "--", "<!--", "-->", "?>", "<?", "&foo;", "&#0;", "&#x110000;",
    "&#xD800;", "&;", "&#;", "&#x;", "& ;", "&#x+41;", "<1a>", "</", "</a>", "<a>", "<a/>", "/>",
    "/", "<a:b:c/>", ":", "::", " xmlns:x=\"\"", " xmlns:x='urn:other&#97;'", " xmlns=\"\"",
    " b='1'", " b='1' b='2'", " o:b='1' o:b='2'", " xmlns:p='urn:p' xmlns:q='urn:p' p:b='' q:b=''",
    " o:nil='' xmlns:r='urn:other&amp;a' r:nil=''", "<?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?XML?>", "<?xml?>", "<?a:b?>", "<??>", "<?>",
    "\0", "\u{1}", "\u{1F}", "\u{C}", "\u{FFFE}", "\u{FFFF}", "\u{FEFF}", "\u{85}", "\u{2028}",
    "<![CDATA[", "<![CDATA[x]]>", "]]", "<!DOCTYPE a>", "<!DOCTYPE a [<!ENTITY e 'x'>]>",
    "<!doctype a>", "<!ENTITY e 'x'>", "<!ELEMENT a ANY>", "<!", "<!>", "<!->", "<!-->", "<!--->",
    "<!a>", "<![x[", "[", "]", "%p;", "SYSTEM", "NDATA", "\"", "'", "=", " = ", " ", "\t", "\r",
    "\n", "ü", "-", "!", "?", "xml", "xmlns", "xmlns:", "xmlns:xmlns='a'", " xmlns:xml='a'",
    " xml:a='1'", " u:a='1'", "<u:a/>", "<xmlns:a/>", "<xml/>", "1", ".", "\u{B7}", "\u{300}", "a",
    "standalone='maybe'", "encoding='latin1'", "version='1.0'", "text", ";", "#",
    "\n<<<<<<< HEAD\n", "\n=======\n", "\n>>>>>>> b\n", "http://www.w3.org/2000/xmlns/",
    "http://www.w3.org/XML/1998/namespace",
];

/// The last character boundary up to `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rfind(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// One change somewhere in `text`.
fn mutate(text: &mut String, choices: &mut Choices<'_>) {
    let near = |text: &str, choices: &mut Choices<'_>| {
        let mut at = choices.below(text.len() + 1);
        // Half of the places are those where it hurts.
        if choices.one_in(2) {
            at += text.as_bytes()[at..]
                .iter()
                .position(|byte| b"<>&\"'=?!-[]/ ;".contains(byte))
                .unwrap_or(0);
            at += choices.below(2);
        }
        floor(text, at)
    };
    let (one, other) = (near(text, choices), near(text, choices));
    let (start, end) = (one.min(other), one.max(other));
    let short_end = floor(text, start + 1 + choices.below(4));
    match choices.below(10) {
        0..5 => {
            let trick = choices.pick(TRICKS);
            text.insert_str(one, trick);
        }
        5 | 6 => text.replace_range(start..short_end.max(start), ""),
        7 if choices.one_in(4) => text.truncate(one),
        7 => {
            let copy = text[start..floor(text, end.min(start + 30)).max(start)].to_owned();
            text.insert_str(near(text, choices), &copy);
        }
        8 => {
            let moved: String = text.drain(start..short_end.max(start)).collect();
            let to = near(text, choices);
            text.insert_str(to, &moved);
        }
        _ => {
            let addition = choices.pick(&[
                "<a/>",
                "x",
                "&amp;",
                "<!-- -->",
                "<![CDATA[]]>",
                "<!DOCTYPE a>",
                "</a>",
                "\0",
                "<",
            ]);
            text.push_str(addition);
        }
    }
}

fn mutations(text: &str, tape: &[u8]) -> String {
    let mut choices = Choices { tape };
    let mut text = text.to_owned();
    for _ in 0..=choices.below(3) {
        mutate(&mut text, &mut choices);
    }
    text
}

fn tape(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..longest)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn agrees_on_metadata(tape in tape(250)) {
        let source = write_document(&tape);
        prop_assert!(compare(&source)?, "one of the two rejects {:?}: {:?} {:?}", source,
            xml::parse(&source, &mut Tree::default()),
            roxmltree::Document::parse_with_options(&source, options()).err());
    }

    #[test]
    fn agrees_on_broken_metadata(document in tape(120), changes in tape(40)) {
        compare(&mutations(&write_document(&document), &changes))?;
    }

    #[test]
    fn agrees_on_soup(tape in tape(30)) {
        let mut choices = Choices { tape: &tape };
        let mut inside = String::new();
        while !choices.is_over() {
            inside.push_str(choices.pick(TRICKS));
        }
        compare(&inside)?;
        compare(&format!("<a>{inside}</a>"))?;
        compare(&format!("<a {inside}>x</a>"))?;
        compare(&format!("{inside}<a b='{inside}'/>"))?;
    }

    #[test]
    fn agrees_on_doctypes(first in any::<u8>(), changes in tape(30)) {
        let doctype = mutations(DOCTYPES[usize::from(first) % DOCTYPES.len()], &changes);
        compare(&format!("{doctype}<a>true</a>"))?;
    }

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), tape in tape(40), at in any::<u16>()) {
        let mut broken = write_document(&tape).into_bytes();
        let at = usize::from(at) % (broken.len() + 1);
        broken.splice(at..at, bytes.iter().copied().take(3));
        for bytes in [bytes, broken] {
            match xml::decode(&bytes) {
                Ok(text) => { compare(text)?; }
                Err(malformed) => {
                    prop_assert!(malformed.span.start <= malformed.span.end);
                    prop_assert!(malformed.span.end as usize <= bytes.len());
                }
            }
        }
    }

    #[test]
    fn never_panics_on_text(text in "\\PC*") {
        compare(&text)?;
    }
}

// ---------------------------------------------------------------------------------------------
// What the properties found, and what they cannot reach
// ---------------------------------------------------------------------------------------------

const TYPICAL: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>
    <!-- Größe -->
    <contactEmail xsi:nil=\"true\"/>
    <label>A &amp; <![CDATA[B]]></label>
    <oauthConfig>
        <scopes>Api</scopes>
    </oauthConfig>
</ConnectedApp>
";

/// Line, column and reason of what is wrong with the bytes.
fn malformed_bytes(bytes: &[u8]) -> (usize, usize, String) {
    let text = String::from_utf8_lossy(bytes);
    let malformed = xml::decode(bytes)
        .and_then(|source| {
            let malformed = xml::parse(source, &mut Tree::default());
            if let Err(malformed) = &malformed {
                reported_well(source, malformed).unwrap();
            }
            malformed
        })
        .expect_err(&text);
    let position = LineIndex::new(&text).position(malformed.span.range().start);
    (position.line, position.column, malformed.reason)
}

#[track_caller]
fn assert_malformed(source: impl AsRef<[u8]>, line: usize, column: usize, reason: &str) {
    let found = malformed_bytes(source.as_ref());
    assert_eq!(found, (line, column, reason.to_owned()));
}

#[track_caller]
fn assert_fine(source: &str) {
    assert!(compare(source).unwrap(), "{source}");
}

#[test]
fn a_byte_order_mark_is_allowed_once_and_has_no_column() {
    assert_fine("\u{FEFF}<a>\u{FEFF}<b>\u{FEFF}\u{FEFF}x<!----></b></a>");
    assert_malformed("\u{FEFF}\u{FEFF}<a/>", 1, 1, "a second byte order mark");
    assert_malformed("<a/>\u{FEFF}", 1, 5, "text outside the root element");
}

#[test]
fn names_the_place_in_a_tag() {
    assert_malformed("<a b=ü/>", 1, 6, "the value of an attribute is not quoted");
    assert_malformed("<a ü/>", 1, 5, "an attribute without a value");
    assert_malformed("<a b c='1'/>", 1, 6, "an attribute without a value");
    assert_malformed("<a b='1' c = />", 1, 14, "an attribute without a value");
    assert_malformed("<a b='1'\nb='2'/>", 2, 1, "the same attribute twice");
    assert_malformed(
        "<a b='1'c='2'/>",
        1,
        9,
        "a space is missing before this attribute",
    );
    assert_malformed("<a b='<'/>", 1, 7, "`<` in the value of an attribute");
    assert_malformed("<a b='\n <'/>", 2, 2, "`<` in the value of an attribute");
    assert_malformed("<a 1='2'/>", 1, 4, "this is no attribute name");
    assert_malformed("<a>\n<1 b=''/></a>", 2, 1, "this is no element name");
    assert_malformed(
        "<a>\n  1 < 2</a>",
        2,
        5,
        "`<` that begins no tag; write `&lt;`",
    );
    assert_malformed("<a/\n>", 1, 1, "this is no element name");
    assert_malformed("<a:b:c/>", 1, 1, "this is no element name");
    assert_malformed("<a:b/>", 1, 2, "the prefix `a` is bound to no namespace");
    assert_malformed(
        "<a>\n<b x='",
        2,
        1,
        "the file ends inside of the value of an attribute of this tag",
    );
    assert_malformed("<a>\n<b", 2, 1, "the file ends inside of a tag");
}

#[test]
fn tells_apart_what_is_unclosed_and_what_is_unknown() {
    assert_malformed("<a><!-- x", 1, 4, "the file ends inside of a comment");
    assert_malformed(
        "<a><![CDATA[x]>",
        1,
        4,
        "the file ends inside of a CDATA section",
    );
    assert_malformed(
        "<!DOCTYPE a [<a/>",
        1,
        1,
        "the file ends inside of a DOCTYPE",
    );
    assert_malformed(
        "<a><?go",
        1,
        4,
        "the file ends inside of a processing instruction",
    );
    assert_malformed(
        "<?xml version='1.0'",
        1,
        1,
        "the file ends inside of the XML declaration",
    );
    assert_malformed("<a><?></a>", 1, 4, "this is no processing instruction");
    let unknown = "`<!` that begins neither a comment nor a CDATA section nor a DOCTYPE";
    for markup in ["<!x>", "<![x]]>", "<!->", "<!Dx>", "<!", "<![if !IE]>"] {
        assert_malformed(format!("<a>{markup}</a>"), 1, 4, unknown);
    }
}

#[test]
fn names_the_place_in_text() {
    assert_malformed(
        "<a>x & y</a>",
        1,
        6,
        "`&` that begins no reference; write `&amp;`",
    );
    assert_malformed(
        "<a>x &\n y;</a>",
        1,
        6,
        "`&` that begins no reference; write `&amp;`",
    );
    assert_malformed(
        "<a>&#0;</a>",
        1,
        4,
        "a reference to no character that XML allows",
    );
    assert_malformed(
        "<a>&#x110000;</a>",
        1,
        4,
        "a reference to no character that XML allows",
    );
    assert_malformed(
        "<a>&nbsp;</a>",
        1,
        4,
        "XML itself does not define this entity, and others are never expanded",
    );
    assert_malformed(
        "<a b='&nbsp;'/>",
        1,
        4,
        "a reference in the value of this attribute that XML does not define",
    );
    assert_malformed("<a>\n]]></a>", 2, 1, "`]]>` is not allowed in text");
    assert_malformed(
        "<a>ü\u{1}</a>",
        1,
        5,
        "the character U+0001 is not allowed in XML",
    );
    assert_malformed(
        "<a>\u{FFFD}\u{FFFE}</a>",
        1,
        5,
        "the character U+FFFE is not allowed in XML",
    );
    assert_malformed(
        "<a>\0</a>",
        1,
        4,
        "the character U+0000 is not allowed in XML",
    );
    assert_malformed("<a/>\n \u{A0}", 2, 2, "text outside the root element");
    assert_malformed("x<a/>", 1, 1, "text outside the root element");
    assert_malformed("<a/>&amp;", 1, 5, "a reference outside the root element");
    assert_malformed(
        "<![CDATA[]]><a/>",
        1,
        1,
        "a CDATA section outside the root element",
    );
}

#[test]
fn names_the_place_in_the_tree() {
    assert_malformed(
        "<a>\n<b>\n</a>",
        3,
        1,
        "`</a>` stands where `</b>` is expected",
    );
    assert_malformed("<a/>\n</a>", 2, 1, "an end tag that closes nothing");
    assert_malformed("<a/>\n<b/>", 2, 1, "a second root element");
    assert_malformed("<a>\n", 2, 1, "the file ends before `<a>` is closed");
    assert_malformed("<a/><!DOCTYPE a>", 1, 5, "a DOCTYPE where none is allowed");
    let twice = "<!DOCTYPE a><!DOCTYPE a><a/>";
    assert_malformed(twice, 1, 13, "a DOCTYPE where none is allowed");
    let foreign = format!("the root element is not of the namespace {METADATA_NAMESPACE}");
    assert_malformed("<a xmlns='urn:x'/>", 1, 1, &foreign);
}

#[test]
fn hyphens_in_comments_are_found_where_they_are() {
    // The tokenizer's own check names a wrong place behind the first hyphen, even within `ü`.
    assert_malformed(
        "<a><!-- x-yü-z --- --></a>",
        1,
        16,
        "`--` inside of a comment",
    );
    assert_malformed("<a><!-- x---></a>", 1, 10, "`--` inside of a comment");
    assert_fine("<a><!----><!-- - > -a- --></a>");
}

#[test]
fn one_namespace_by_two_prefixes_from_outside_is_one_attribute() {
    let source = "<a xmlns:p='urn:x' xmlns:q='urn:x'>\n<b p:c='' q:c=''/></a>";
    assert_malformed(source, 2, 11, "the same attribute twice");
    assert_fine("<a xmlns:p='urn:x' xmlns:q='urn:y'><b p:c='' q:c='' c=''/></a>");
}

#[test]
fn elements_may_have_the_prefix_that_xml_itself_binds() {
    xml::parse("<a><xml:b/></a>", &mut Tree::default()).unwrap();
}

#[test]
fn declarations_are_read_as_what_they_are() {
    let beginning = "the XML declaration does not begin with version=\"1.0\"";
    for declaration in [
        "",
        " encoding='UTF-8'",
        " version='2.0'",
        " version='1.'",
        " a:version='1.0'",
    ] {
        assert_malformed(format!("<?xml{declaration}?><a/>"), 1, 3, beginning);
    }
    let first = "the XML declaration has to be the first thing in the file";
    assert_malformed("\n<?xml version='1.0'?><a/>", 2, 1, first);
    assert_malformed("<a><?xml version='1.0'?></a>", 1, 4, first);
    assert_malformed(
        "<a><?XML x?></a>",
        1,
        4,
        "this is no processing instruction",
    );
    assert_malformed(
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        1,
        21,
        "the file says that it is ISO-8859-1; metadata has to be UTF-8",
    );
    assert_fine("<?xml version='1.0' encoding='us-ascii'?><a/>");
    assert!(
        xml::parse(
            "<?xml version='1.0' encoding='us-ascii'?><a>ü</a>",
            &mut Tree::default()
        )
        .is_err()
    );
}

#[test]
fn other_encodings_are_named() {
    let encode = |unit: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let utf32 = |unit: fn(u32) -> [u8; 4], text: &str| -> Vec<u8> {
        text.chars().flat_map(|c| unit(c.into())).collect()
    };
    for mark in ["", "\u{FEFF}"] {
        let text = format!("{mark}{TYPICAL}");
        let utf16 = "the file is UTF-16; metadata has to be UTF-8";
        assert_malformed(encode(u16::to_le_bytes, &text), 1, 1, utf16);
        assert_malformed(encode(u16::to_be_bytes, &text), 1, 1, utf16);
        let reason = "the file is UTF-32; metadata has to be UTF-8";
        assert_malformed(utf32(u32::to_le_bytes, &text), 1, 1, reason);
        assert_malformed(utf32(u32::to_be_bytes, &text), 1, 1, reason);
    }
    assert_malformed(
        b"<a>\n <b>Gr\xF6\xDFe</b></a>",
        2,
        7,
        "the byte 0xF6 is not UTF-8; the file seems to have another encoding",
    );
    assert_malformed(
        vec![0; 100],
        1,
        1,
        "the character U+0000 is not allowed in XML",
    );
}

#[test]
fn files_without_an_element() {
    for empty in ["", " \n", "\u{FEFF}", "\u{FEFF}\n"] {
        let (_, _, reason) = malformed_bytes(empty.as_bytes());
        assert_eq!(reason, "the file is empty", "{empty:?}");
    }
    assert_malformed("<!-- a -->", 1, 11, "the file has no element");
    assert_malformed("<?xml version='1.0'?>\n", 2, 1, "the file has no element");
}

#[test]
fn a_truncated_file_is_malformed_wherever_it_ends() {
    assert_fine(TYPICAL);
    let whole = TYPICAL.trim_end().len();
    for end in 0..whole {
        let (line, column, reason) = malformed_bytes(&TYPICAL.as_bytes()[..end]);
        assert!(line >= 1 && column >= 1 && !reason.is_empty());
    }
    for end in whole..=TYPICAL.len() {
        assert_fine(&TYPICAL[..end]);
    }
}

#[test]
fn depth_has_a_limit_and_takes_no_stack() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let reason = "elements are nested more than 64 levels deep";
    assert_fine(&nested(MAX_DEPTH));
    assert_malformed(nested(MAX_DEPTH + 1), 1, 64 * 3 + 1, reason);
    assert_malformed(nested(20_000), 1, 64 * 3 + 1, reason);
    assert_malformed("<a>".repeat(2_000_000), 1, 64 * 3 + 1, reason);
}

#[test]
fn attributes_and_namespaces_have_limits() {
    let tag = |name: &str, count| {
        let attributes: String = (0..count).map(|n| format!("\n{name}{n}=''")).collect();
        format!("<a{attributes}/>")
    };
    assert_fine(&tag("b", MAX_ATTRIBUTES));
    assert_malformed(
        tag("b", 200_000),
        66,
        1,
        "a tag with more than 64 attributes",
    );
    let level: String = (0..40).map(|n| format!(" xmlns:p{n}='urn:x'")).collect();
    assert_fine(&format!("<a><b{level}/><c{level}/></a>"));
    let (line, _, reason) = malformed_bytes(format!("<a{level}>\n<b{level}/></a>").as_bytes());
    assert_eq!(
        (line, &*reason),
        (2, "more than 64 namespaces are declared at one place")
    );
}

#[test]
fn entities_are_never_expanded() {
    let lol = |n| {
        format!(
            "<!ENTITY lol{} \"{}\">",
            n + 1,
            format!("&lol{n};").repeat(10)
        )
    };
    let definitions: String = (0..9).map(lol).collect();
    let laughs = format!("<!DOCTYPE a [<!ENTITY lol0 \"lol\">{definitions}]>\n");
    let reason = "XML itself does not define this entity, and others are never expanded";
    assert_fine(&format!("{laughs}<a>true</a>"));
    assert_malformed(format!("{laughs}<a>&lol9;</a>"), 2, 4, reason);
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a>&x;</a>";
    let reason = "XML itself does not define this entity, and others are never expanded";
    assert_malformed(external, 2, 4, reason);
    assert_fine("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>");
    assert_malformed(
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a b='&e;'/>",
        1,
        34,
        "a reference in the value of this attribute that XML does not define",
    );
}

#[test]
fn doctypes_are_read_as_far_as_their_parts() {
    let unreadable = "this cannot be read as part of a DOCTYPE";
    assert_malformed("<!doctype a><a/>", 1, 1, unreadable);
    assert_malformed("<!DOCTYPE ><a/>", 1, 11, unreadable);
    assert_malformed("<!DOCTYPEa><a/>", 1, 10, unreadable);
    assert_malformed("<!DOCTYPE a b><a/>", 1, 13, unreadable);
    assert_malformed("<!DOCTYPE a [\n<!ENTITY e true>]><a/>", 2, 12, unreadable);
    assert_malformed("<!DOCTYPE a [\n<!ENTITY e>]><a/>", 2, 11, unreadable);
    assert_malformed("<!DOCTYPE a [\n<!-- -- -->]><a/>", 2, 1, unreadable);
    assert_malformed("<!DOCTYPE a [\n<?xml?>]><a/>", 2, 1, unreadable);
    let parameter = "<!DOCTYPE a [\n<!ENTITY % p SYSTEM '' NDATA n>]><a/>";
    assert_malformed(parameter, 2, 24, unreadable);
    assert_malformed("<!DOCTYPE a []x><a/>", 1, 15, unreadable);
    // The limits: what a declaration says is not asked, and parameter entities are unknown.
    assert_fine("<!DOCTYPE a [<!ELEMENT a nonsense)><!ATTLIST a b>]><a/>");
    assert_malformed("<!DOCTYPE a [<!ENTITY % p ''>%p;]><a/>", 1, 30, unreadable);
}

#[test]
fn merge_conflicts_are_found_wherever_they_are() {
    let conflict =
        "\n<<<<<<< HEAD\n<b>1</b>\n||||||| base\n<b>2</b>\n=======\n<b>3</b>\n>>>>>>> theirs\n";
    let short = "<<<<<<< HEAD\n=======\n>>>>>>> theirs\n";
    let reason = "an unresolved merge conflict begins here";
    assert_malformed(format!("<a>{conflict}</a>"), 2, 1, reason);
    assert_malformed(
        format!("<a>{conflict}</a>").replace('\n', "\r\n"),
        2,
        1,
        reason,
    );
    assert_malformed(format!("<a><!-- {conflict} --></a>"), 2, 1, reason);
    assert_malformed(format!("<a><![CDATA[{conflict}]]></a>"), 2, 1, reason);
    assert_malformed(format!("{short}<a/>"), 1, 1, reason);
    assert_malformed("<a>\n<<<<<<<\n=======\n>>>>>>>", 2, 1, reason);
    let malformed = xml::parse(&format!("<a>{conflict}</a>"), &mut Tree::default()).unwrap_err();
    let (span, label) = malformed.related.unwrap();
    assert_eq!(
        (&format!("<a>{conflict}")[span.range()], &*label),
        (">>>>>>>", "and ends here")
    );
    assert_fine("<a>\n=======\n</a>");
    assert_fine("<a>\n=======\n>>>>>>> x\n</a>");
    assert_fine("<a><!--\n<<<<<<< HEAD\n>>>>>>> x\n--></a>");
}

#[test]
fn white_space_is_what_xml_takes_for_it() {
    let mut tree = Tree::default();
    let source = "<a>\u{A0}true\t\r\n </a>";
    xml::parse(source, &mut tree).unwrap();
    let document = Document::new(source, &tree);
    assert_eq!(document.value(document.root()).text(), "\u{A0}true");
}

#[test]
fn an_empty_value_has_a_place() {
    // Behind a comment, the end came before the start.
    assert_fine("<a><!-- why --> \n</a>");
    assert_fine("<a> <![CDATA[]]> <b/></a>");
}
