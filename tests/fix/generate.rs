//! Random metadata files in the formatting of people, editors and tools, and in unusual formatting.

use std::fmt;
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ConnectedApp,
    GlobalOauth,
    Oidc,
}

impl Kind {
    pub fn root(self) -> &'static str {
        match self {
            Self::ConnectedApp => "ConnectedApp",
            Self::GlobalOauth => "ExtlClntAppGlobalOauthSettings",
            Self::Oidc => "OauthOidcSettings",
        }
    }

    pub fn file_name(self) -> &'static str {
        match self {
            Self::ConnectedApp => "App.connectedApp-meta.xml",
            Self::GlobalOauth => "App.ecaGlblOauth-meta.xml",
            Self::Oidc => "OauthOidc.settings-meta.xml",
        }
    }

    fn field_names(self) -> &'static [&'static str] {
        match self {
            Self::ConnectedApp => &[
                "callbackUrl",
                "certificate",
                "consumerKey",
                "consumerSecret",
                "idTokenConfig",
                "isAdminApproved",
                "isConsumerSecretOptional",
                "isIntrospectAllTokens",
                "isPKImTLSEnabled",
                "isRefreshTokenRotationEnabled",
                "isSecretRequiredForRefreshToken",
                "scopes",
                "scopes",
                "singleLogoutUrl",
            ],
            Self::GlobalOauth => &[
                "callbackUrl",
                "certificate",
                "consumerKey",
                "consumerSecret",
                "externalClientApplication",
                "idTokenConfig",
                "isConsumerSecretOptional",
                "isNamedUserJwtEnabled",
                "isSecretRequiredForRefreshToken",
                "label",
                "shouldRotateConsumerKey",
            ],
            Self::Oidc => &[
                "agentAuthLinking",
                "blockOAuthUnPwFlow",
                "blockOAuthUsrAgtFlow",
                "oAuthCdCrdtFlowEnable",
            ],
        }
    }
}

#[derive(Clone)]
pub struct Case {
    pub kind: Kind,
    pub text: String,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}\n{}", self.kind, self.text, self.text)
    }
}

/// A child of the element that contains the flag. The flag is one of them.
#[derive(Debug, Clone)]
struct Child {
    name: &'static str,
    value: &'static str,
    attributes: &'static str,
    tag: Tag,
    before: &'static str,
    after: &'static str,
    /// On the same line as the previous child.
    joined: bool,
    foreign: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Plain,
    /// Wrapped as Prettier does it.
    Split,
    SelfClosed,
}

/// The content of the element that contains the flag, except the flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Children,
    NoChildren(&'static str),
    SelfClosed(&'static str),
}

#[derive(Debug, Clone)]
struct Parent {
    content: Content,
    children: Vec<Child>,
    is_sorted: bool,
    flags: Vec<Child>,
    /// The index of the flags, or a number after the last child for their sorted position.
    flag_at: usize,
    attributes: &'static str,
    after_start_tag: &'static str,
    end_tag_joined: bool,
}

#[derive(Debug, Clone)]
struct Shape {
    kind: Kind,
    parents: Vec<Parent>,
    around: Vec<Child>,
    is_one_line: bool,
    line_ends: &'static [&'static str],
    indent: &'static str,
    prefix: &'static str,
    namespace: bool,
    start: &'static str,
    end: &'static str,
}

/// Possible values of the flag. `\n` becomes the line end of the file.
const FLAG_VALUES: [&str; 49] = [
    "true",
    "true",
    "false",
    "false",
    "false",
    "1",
    "0",
    " true ",
    "\n    false\n",
    "\t0",
    "TRUE",
    "False",
    "yes",
    "off",
    "",
    " ",
    "\n",
    "\n\t \n",
    "%PKCE%",
    "${PKCE}",
    "truefalse",
    "2",
    "-1",
    "<!-- c -->true",
    "<!-- c --> false <!-- d -->",
    "fal<!-- c -->se",
    "tr<!-- c -->ue",
    "false<?pi c?>",
    "<!-- c -->",
    " <!-- c --> ",
    "\n <!-- c -->\n ",
    "<!-- true -->false",
    "<!-- <isPkceRequired>true</isPkceRequired> -->",
    "<![CDATA[true]]>",
    "<![CDATA[false]]>",
    "<![CDATA[ ]]>",
    "<![CDATA[fal]]>se",
    "<![CDATA[ ]]><!-- c --><![CDATA[]]>",
    " <![CDATA[ 0 ]]> ",
    "&#116;rue",
    "f&#x61;lse",
    "&#32;true&#10;",
    "&#32;false&#10;",
    "true&#160;",
    "\u{a0}false\u{3000}",
    "&#48;",
    "true<x/>",
    "<x>true</x>",
    "&lt;true&gt;",
];

const FLAG_ATTRIBUTES: [&str; 12] = [
    "",
    "",
    "",
    "",
    " a=\"1\"",
    " a='/>'\n b='>'",
    " xsi:nil=\"true\"",
    " xsi:nil='1'",
    " xsi:nil=\" true \"",
    " xsi:nil=\"false\"",
    " xsi:nil=\"true\" xmlns:y=\"urn:y\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"",
];

const BEFORE: [&str; 10] = [
    "",
    "",
    "",
    "",
    "",
    "<!-- above -->\n",
    "<!-- one -->\n<!-- two -->\n",
    "<!-- <isPkceRequired>true</isPkceRequired> -->\n",
    "<!-- same line --> ",
    "\n",
];

const AFTER: [&str; 12] = [
    "",
    "",
    "",
    "",
    "",
    "",
    " <!-- trails -->",
    "<!-- trails -->",
    " <!-- one --> <!-- two -->\t",
    " <!-- over\n two lines -->",
    "  ",
    " <?pi trails?>",
];

fn value_of(name: &str) -> impl Strategy<Value = &'static str> + use<> {
    let values: &'static [&'static str] = match name {
        "callbackUrl" => &[
            "https://portal.acme.test/callback",
            "https://login.salesforce.com/services/oauth2/callback",
            "https://a.acme.test/cb\nhttps://b.acme.test/cb",
            "myapp://callback",
            "http://a.acme.test/cb\nhttps://b.acme.test/cb\n  http://*.acme.test",
            "https://a.acme.test/?a=1&amp;b=2",
            "<![CDATA[https://a.acme.test/?a=1&b=2]]>",
        ],
        "consumerKey" | "consumerSecret" => &["0123456789ABCDEF", "two\nlines", ""],
        "certificate" => &["Acme_Certificate", "MIIB\nAAAA\nBBBB"],
        "idTokenConfig" => &[
            "<isPkceRequired>false</isPkceRequired>",
            "\n<idTokenAudience>a</idTokenAudience>\n<idTokenValidity>2</idTokenValidity>\n",
        ],
        "scopes" => &["Api", "RefreshToken", "Full"],
        name if name.starts_with("is") || name.starts_with("block") => {
            &["true", "false", " false ", "1"]
        }
        _ => &["Äpp &#8364;", "false", ""],
    };
    select(values)
}

fn child(kind: Kind) -> impl Strategy<Value = Child> {
    let foreign = prop_oneof![30 => Just(false), 1 => Just(true)];
    let tag = prop_oneof![6 => Just(Tag::Plain), 1 => Just(Tag::Split)];
    let attributes = prop_oneof![9 => Just(""), 1 => Just(" a=\"/>\"")];
    let joined = prop_oneof![12 => Just(false), 1 => Just(true)];
    select(kind.field_names()).prop_flat_map(move |name| {
        (
            value_of(name),
            tag.clone(),
            attributes.clone(),
            select(&BEFORE[..]),
            select(&AFTER[..]),
            joined.clone(),
            foreign.clone(),
        )
            .prop_map(
                move |(value, tag, attributes, before, after, joined, foreign)| Child {
                    name,
                    value,
                    attributes,
                    tag,
                    before,
                    after,
                    joined,
                    foreign,
                },
            )
    })
}

fn flag() -> impl Strategy<Value = Child> {
    let tag = select(vec![Tag::Plain, Tag::Plain, Tag::Split, Tag::SelfClosed]);
    let foreign = prop_oneof![20 => Just(false), 1 => Just(true)];
    let joined = prop_oneof![12 => Just(false), 1 => Just(true)];
    (
        select(&FLAG_VALUES[..]),
        select(&FLAG_ATTRIBUTES[..]),
        tag,
        select(&BEFORE[..]),
        select(&AFTER[..]),
        joined,
        foreign,
    )
        .prop_map(
            |(value, attributes, tag, before, after, joined, foreign)| Child {
                name: "isPkceRequired",
                value,
                attributes,
                tag,
                before,
                after,
                joined,
                foreign,
            },
        )
}

fn parent(kind: Kind) -> impl Strategy<Value = Parent> {
    let without_children = select(vec![
        Content::NoChildren(""),
        Content::NoChildren("   "),
        Content::NoChildren("\n"),
        Content::NoChildren("\n\n\t"),
        Content::NoChildren("<!-- c -->"),
        Content::NoChildren(" <!-- c -->\n"),
        Content::NoChildren("\n<!-- c -->\n"),
        Content::NoChildren("<!-- a\n b -->"),
        Content::NoChildren("<!-- <isPkceRequired>true</isPkceRequired> -->"),
        Content::SelfClosed("/>"),
        Content::SelfClosed(" />"),
        Content::SelfClosed("\n/>"),
    ]);
    let content = prop_oneof![5 => Just(Content::Children), 1 => without_children];
    let flags = prop_oneof![
        6 => vec(flag(), 0),
        8 => vec(flag(), 1),
        1 => vec(flag(), 2),
    ];
    let attributes = prop_oneof![
        20 => Just(""),
        1 => Just(" a=\"b>c\""),
        1 => Just(" xsi:nil=\"true\""),
        1 => Just("\n a='1'"),
    ];
    let end_tag_joined = prop_oneof![12 => Just(false), 1 => Just(true)];
    (
        content,
        vec(child(kind), 0..6),
        any::<bool>(),
        flags,
        0usize..12,
        attributes,
        select(&AFTER[..]),
        end_tag_joined,
    )
        .prop_map(
            |(
                content,
                children,
                is_sorted,
                flags,
                flag_at,
                attributes,
                after_start_tag,
                end_tag_joined,
            )| {
                Parent {
                    content,
                    children,
                    is_sorted,
                    flags,
                    flag_at,
                    attributes,
                    after_start_tag,
                    end_tag_joined,
                }
            },
        )
}

fn shape() -> impl Strategy<Value = Shape> {
    let kind = prop_oneof![
        4 => Just(Kind::ConnectedApp),
        1 => Just(Kind::GlobalOauth),
        1 => Just(Kind::Oidc),
    ];
    let line_ends: Vec<&'static [&'static str]> = vec![
        &["\n"],
        &["\n"],
        &["\r\n"],
        &["\r"],
        &["\n", "\r\n"],
        &["\r\n", "\r", "\n"],
    ];
    let starts = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "\u{feff}",
        "",
        "<!-- a comment\n -->\n\n",
    ];
    kind.prop_flat_map(move |kind| {
        let parents = if kind == Kind::ConnectedApp {
            prop_oneof![
                1 => vec(parent(kind), 0),
                15 => vec(parent(kind), 1),
                1 => vec(parent(kind), 2),
            ]
            .boxed()
        } else {
            vec(parent(kind), 1).boxed()
        };
        (
            parents,
            vec(child(Kind::GlobalOauth), 0..3),
            prop_oneof![6 => Just(false), 1 => Just(true)],
            select(line_ends.clone()),
            select(vec!["    ", "\t", "  ", "   ", ""]),
            select(vec!["", "", "", "sf:"]),
            prop_oneof![9 => Just(true), 1 => Just(false)],
            select(starts.clone()),
            select(vec!["\n", "\n", "", "\n\n", "\n<!-- the end -->"]),
        )
            .prop_map(
                move |(
                    parents,
                    around,
                    is_one_line,
                    line_ends,
                    indent,
                    prefix,
                    namespace,
                    start,
                    end,
                )| Shape {
                    kind,
                    parents,
                    around,
                    is_one_line,
                    line_ends,
                    indent,
                    prefix,
                    namespace,
                    start,
                    end,
                },
            )
    })
}

pub fn case() -> impl Strategy<Value = Case> {
    shape().prop_map(|shape| shape.case())
}

impl Shape {
    fn case(&self) -> Case {
        let root = format!("{}{}", self.prefix, self.kind.root());
        let xmlns = match (self.namespace || !self.prefix.is_empty(), self.prefix) {
            (false, _) => "",
            (true, "") => " xmlns=\"http://soap.sforce.com/2006/04/metadata\"",
            (true, _) => " xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"",
        };
        let xmlns = format!("{xmlns} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        let mut body = String::new();
        if self.kind == Kind::ConnectedApp {
            let (before, after) = self.around.split_at(self.around.len() / 2);
            self.children(&mut body, before, 1);
            for parent in &self.parents {
                let _ = write!(body, "\n{}", self.indent);
                let name = format!("{}oauthConfig", self.prefix);
                self.parent(&mut body, parent, &name, parent.attributes, 1);
            }
            self.children(&mut body, after, 1);
            body = format!("<{root}{xmlns}>{body}\n</{root}>");
        } else {
            self.parent(&mut body, &self.parents[0], &root, &xmlns, 0);
        }
        let start = self.start;
        let end = self.end;
        let text = if self.is_one_line {
            format!("{start}{}{end}", body.replace('\n', " "))
        } else {
            format!("{start}{body}{end}")
        };
        let mut line_ends = self.line_ends.iter().cycle();
        let text = text
            .split_inclusive('\n')
            .map(|line| match line.strip_suffix('\n') {
                Some(line) => format!("{line}{}", line_ends.next().unwrap()),
                None => line.to_owned(),
            })
            .collect();
        Case {
            kind: self.kind,
            text,
        }
    }

    fn parent(
        &self,
        out: &mut String,
        parent: &Parent,
        name: &str,
        attributes: &str,
        depth: usize,
    ) {
        let _ = write!(out, "<{name}{attributes}");
        match parent.content {
            Content::SelfClosed(end) => out.push_str(end),
            Content::NoChildren(content) => {
                let _ = write!(out, ">{content}</{name}>");
            }
            Content::Children => {
                let mut children = parent.children.clone();
                if parent.is_sorted {
                    children.sort_by_key(|child| child.name);
                }
                let sorted = children
                    .iter()
                    .position(|child| child.name > "isPkceRequired")
                    .unwrap_or(children.len());
                let at = if parent.flag_at > children.len() {
                    sorted
                } else {
                    parent.flag_at
                };
                children.splice(at..at, parent.flags.iter().cloned());
                let _ = write!(out, ">{}", parent.after_start_tag);
                self.children(out, &children, depth + 1);
                if !parent.end_tag_joined {
                    let _ = write!(out, "\n{}", self.indent.repeat(depth));
                }
                let _ = write!(out, "</{name}>");
            }
        }
    }

    fn children(&self, out: &mut String, children: &[Child], depth: usize) {
        let indent = self.indent.repeat(depth);
        for child in children {
            if !child.joined {
                let _ = write!(out, "\n{indent}");
            }
            let before = child.before.replace('\n', &format!("\n{indent}"));
            out.push_str(&before);
            self.child(out, child, &indent);
            out.push_str(child.after);
        }
    }

    fn child(&self, out: &mut String, child: &Child, indent: &str) {
        let prefix = if child.foreign { "x:" } else { self.prefix };
        let name = format!("{prefix}{}", child.name);
        let foreign = if child.foreign {
            " xmlns:x=\"urn:x\""
        } else {
            ""
        };
        let attributes = format!("{foreign}{}", child.attributes);
        let mut value = child.value.to_owned();
        if !self.prefix.is_empty() {
            // Child elements get the prefix, too. Names in comments do not matter.
            value = value
                .replace("<id", "<sf:id")
                .replace("</id", "</sf:id")
                .replace("<isP", "<sf:isP")
                .replace("</isP", "</sf:isP");
        }
        let _ = match child.tag {
            Tag::Plain => write!(out, "<{name}{attributes}>{value}</{name}>"),
            Tag::Split => write!(
                out,
                "<{name}{attributes}\n{indent}>{value}</{name}\n{indent}>"
            ),
            Tag::SelfClosed => write!(out, "<{name}{attributes}/>"),
        };
    }
}
