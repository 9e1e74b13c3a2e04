//! Generates metadata documents and malformed documents from a sequence of random choices.

use forcelint::xml::METADATA_NAMESPACE;
use proptest::prelude::*;

use crate::XSI;

/// A sequence of choices. After its end, the choice is always the first and simplest one, so that a
/// shorter sequence produces a simpler document.
pub struct Choices<'a> {
    pub tape: &'a [u8],
}

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let (two_bytes, mut number) = (limit > 256, 0);
        for _ in 0..=usize::from(two_bytes) {
            let (&first, rest) = self.tape.split_first().unwrap_or((&0, &[]));
            self.tape = rest;
            number = number << 8 | usize::from(first);
        }
        number % limit.max(1)
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == chance - 1
    }

    pub fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    pub fn is_over(&self) -> bool {
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
pub const DOCTYPES: &[&str] = &[
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
    /// Whether the prefixes `xsi`, `m` and `o` are declared.
    prefixes: bool,
    depth: usize,
}

impl Writer<'_> {
    /// A well-formed document.
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

    /// Text that does not produce `]]>` together with the text before it.
    fn text(&mut self) {
        let text = self.choices.pick(TEXTS);
        if !(text.starts_with(['>', ']']) && self.out.ends_with(']')) {
            self.out.push_str(text);
        }
    }

    /// Nested elements, which make a deep document with a single choice.
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

pub fn write_document(tape: &[u8]) -> String {
    Writer {
        choices: Choices { tape },
        out: String::new(),
        prefixes: false,
        depth: 0,
    }
    .document()
}

#[rustfmt::skip]
pub const FRAGMENTS: &[&str] = &[
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

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rfind(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// Changes `text` at a random position.
fn mutate(text: &mut String, choices: &mut Choices<'_>) {
    let random_position = |text: &str, choices: &mut Choices<'_>| {
        let mut at = choices.below(text.len() + 1);
        // Prefer positions next to markup in half of the cases.
        if choices.one_in(2) {
            at += text.as_bytes()[at..]
                .iter()
                .position(|byte| b"<>&\"'=?!-[]/ ;".contains(byte))
                .unwrap_or(0);
            at += choices.below(2);
        }
        floor(text, at)
    };
    let (one, other) = (
        random_position(text, choices),
        random_position(text, choices),
    );
    let (start, end) = (one.min(other), one.max(other));
    let short_end = floor(text, start + 1 + choices.below(4));
    match choices.below(10) {
        0..5 => {
            let fragment = choices.pick(FRAGMENTS);
            text.insert_str(one, fragment);
        }
        5 | 6 => text.replace_range(start..short_end.max(start), ""),
        7 if choices.one_in(4) => text.truncate(one),
        7 => {
            let copy = text[start..floor(text, end.min(start + 30)).max(start)].to_owned();
            text.insert_str(random_position(text, choices), &copy);
        }
        8 => {
            let moved: String = text.drain(start..short_end.max(start)).collect();
            let to = random_position(text, choices);
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

pub fn mutations(text: &str, tape: &[u8]) -> String {
    let mut choices = Choices { tape };
    let mut text = text.to_owned();
    for _ in 0..=choices.below(3) {
        mutate(&mut text, &mut choices);
    }
    text
}

pub fn tape(max_length: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..max_length)
}
