//! Cases that properties found or cannot find: malformed documents with their reason and position.

use forcelint::text::LineIndex;
use forcelint::xml;
use forcelint::xml::{Document, MAX_ATTRIBUTES, MAX_DEPTH, METADATA_NAMESPACE, Tree};

use crate::compare::{check_report, compare};

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

/// Line, column and reason of the error in the bytes.
fn malformed_bytes(bytes: &[u8]) -> (usize, usize, String) {
    let text = String::from_utf8_lossy(bytes);
    let malformed = xml::decode(bytes)
        .and_then(|source| {
            let malformed = xml::parse(source, &mut Tree::default());
            if let Err(malformed) = &malformed {
                check_report(source, malformed).unwrap();
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
fn assert_well_formed(source: &str) {
    assert!(compare(source).unwrap(), "{source}");
}

#[test]
fn byte_order_mark_is_allowed_once_and_has_no_column() {
    assert_well_formed("\u{FEFF}<a>\u{FEFF}<b>\u{FEFF}\u{FEFF}x<!----></b></a>");
    assert_malformed("\u{FEFF}\u{FEFF}<a/>", 1, 1, "a second byte order mark");
    assert_malformed("<a/>\u{FEFF}", 1, 5, "text outside the root element");
}

#[test]
fn errors_in_a_tag_have_a_position() {
    assert_malformed("<a b=ü/>", 1, 6, "the attribute value is not quoted");
    assert_malformed("<a ü/>", 1, 5, "attribute without a value");
    assert_malformed("<a b c='1'/>", 1, 6, "attribute without a value");
    assert_malformed("<a b='1' c = />", 1, 14, "attribute without a value");
    assert_malformed("<a b='1'\nb='2'/>", 2, 1, "duplicate attribute");
    assert_malformed(
        "<a b='1'c='2'/>",
        1,
        9,
        "missing space before this attribute",
    );
    assert_malformed(
        "<a b='<'/>",
        1,
        7,
        "`<` is not allowed in an attribute value; write `&lt;`",
    );
    assert_malformed(
        "<a b='\n <'/>",
        2,
        2,
        "`<` is not allowed in an attribute value; write `&lt;`",
    );
    assert_malformed("<a 1='2'/>", 1, 4, "invalid attribute name");
    assert_malformed("<a>\n<1 b=''/></a>", 2, 1, "invalid element name");
    assert_malformed(
        "<a>\n  1 < 2</a>",
        2,
        5,
        "`<` does not begin a tag; write `&lt;`",
    );
    assert_malformed("<a/\n>", 1, 1, "invalid element name");
    assert_malformed("<a:b:c/>", 1, 1, "invalid element name");
    assert_malformed("<a:b/>", 1, 2, "the prefix `a` is not bound to a namespace");
    assert_malformed(
        "<a>\n<b x='",
        2,
        1,
        "the file ends inside an attribute value of this tag",
    );
    assert_malformed("<a>\n<b", 2, 1, "the file ends inside a tag");
}

#[test]
fn unclosed_and_unknown_markup_have_different_reasons() {
    assert_malformed("<a><!-- x", 1, 4, "the file ends inside a comment");
    assert_malformed(
        "<a><![CDATA[x]>",
        1,
        4,
        "the file ends inside a CDATA section",
    );
    assert_malformed("<!DOCTYPE a [<a/>", 1, 1, "the file ends inside a DOCTYPE");
    assert_malformed(
        "<a><?go",
        1,
        4,
        "the file ends inside a processing instruction",
    );
    assert_malformed(
        "<?xml version='1.0'",
        1,
        1,
        "the file ends inside the XML declaration",
    );
    assert_malformed("<a><?></a>", 1, 4, "invalid processing instruction");
    let reason = "`<!` does not begin a comment, a CDATA section or a DOCTYPE";
    for markup in ["<!x>", "<![x]]>", "<!->", "<!Dx>", "<!", "<![if !IE]>"] {
        assert_malformed(format!("<a>{markup}</a>"), 1, 4, reason);
    }
}

#[test]
fn errors_in_text_have_a_position() {
    assert_malformed(
        "<a>x & y</a>",
        1,
        6,
        "`&` does not begin a reference; write `&amp;`",
    );
    assert_malformed(
        "<a>x &\n y;</a>",
        1,
        6,
        "`&` does not begin a reference; write `&amp;`",
    );
    assert_malformed(
        "<a>&#0;</a>",
        1,
        4,
        "this reference is to a character that XML does not allow",
    );
    assert_malformed(
        "<a>&#x110000;</a>",
        1,
        4,
        "this reference is to a character that XML does not allow",
    );
    assert_malformed(
        "<a>&nbsp;</a>",
        1,
        4,
        "undefined entity; only `&lt;`, `&gt;`, `&amp;`, `&apos;` and `&quot;` are allowed",
    );
    assert_malformed(
        "<a b='&nbsp;'/>",
        1,
        4,
        "undefined reference in the value of this attribute",
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
fn errors_in_the_tree_have_a_position() {
    assert_malformed("<a>\n<b>\n</a>", 3, 1, "found `</a>` instead of `</b>`");
    assert_malformed("<a/>\n</a>", 2, 1, "end tag without a start tag");
    assert_malformed("<a/>\n<b/>", 2, 1, "a second root element");
    assert_malformed("<a>\n", 2, 1, "the file ends before `<a>` is closed");
    assert_malformed("<a/><!DOCTYPE a>", 1, 5, "a DOCTYPE is not allowed here");
    let twice = "<!DOCTYPE a><!DOCTYPE a><a/>";
    assert_malformed(twice, 1, 13, "a DOCTYPE is not allowed here");
    let foreign = format!("the root element is not in the namespace {METADATA_NAMESPACE}");
    assert_malformed("<a xmlns='urn:x'/>", 1, 1, &foreign);
}

#[test]
fn double_hyphens_in_comments_have_a_position() {
    // The tokenizer reports a wrong position after the first hyphen, which may even be within `ü`.
    assert_malformed(
        "<a><!-- x-yü-z --- --></a>",
        1,
        16,
        "`--` is not allowed in a comment",
    );
    assert_malformed(
        "<a><!-- x---></a>",
        1,
        10,
        "`--` is not allowed in a comment",
    );
    assert_well_formed("<a><!----><!-- - > -a- --></a>");
}

#[test]
fn two_prefixes_of_one_namespace_are_a_duplicate_attribute() {
    let source = "<a xmlns:p='urn:x' xmlns:q='urn:x'>\n<b p:c='' q:c=''/></a>";
    assert_malformed(source, 2, 11, "duplicate attribute");
    assert_well_formed("<a xmlns:p='urn:x' xmlns:q='urn:y'><b p:c='' q:c='' c=''/></a>");
}

#[test]
fn elements_may_have_the_prefix_xml() {
    xml::parse("<a><xml:b/></a>", &mut Tree::default()).unwrap();
}

#[test]
fn invalid_declarations_are_errors() {
    let reason = "the XML declaration does not begin with version=\"1.0\"";
    for declaration in [
        "",
        " encoding='UTF-8'",
        " version='2.0'",
        " version='1.'",
        " a:version='1.0'",
    ] {
        assert_malformed(format!("<?xml{declaration}?><a/>"), 1, 3, reason);
    }
    let misplaced = "the XML declaration must be at the start of the file";
    assert_malformed("\n<?xml version='1.0'?><a/>", 2, 1, misplaced);
    assert_malformed("<a><?xml version='1.0'?></a>", 1, 4, misplaced);
    assert_malformed("<a><?XML x?></a>", 1, 4, "invalid processing instruction");
    assert_malformed(
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        1,
        21,
        "the file declares the encoding ISO-8859-1; metadata must be UTF-8",
    );
    assert_well_formed("<?xml version='1.0' encoding='us-ascii'?><a/>");
    assert!(
        xml::parse(
            "<?xml version='1.0' encoding='us-ascii'?><a>ü</a>",
            &mut Tree::default()
        )
        .is_err()
    );
}

#[test]
fn other_encodings_are_reported_by_name() {
    let encode = |unit: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let utf32 = |unit: fn(u32) -> [u8; 4], text: &str| -> Vec<u8> {
        text.chars().flat_map(|c| unit(c.into())).collect()
    };
    for mark in ["", "\u{FEFF}"] {
        let text = format!("{mark}{TYPICAL}");
        let utf16 = "the file is encoded in UTF-16; metadata must be UTF-8";
        assert_malformed(encode(u16::to_le_bytes, &text), 1, 1, utf16);
        assert_malformed(encode(u16::to_be_bytes, &text), 1, 1, utf16);
        let reason = "the file is encoded in UTF-32; metadata must be UTF-8";
        assert_malformed(utf32(u32::to_le_bytes, &text), 1, 1, reason);
        assert_malformed(utf32(u32::to_be_bytes, &text), 1, 1, reason);
    }
    assert_malformed(
        b"<a>\n <b>Gr\xF6\xDFe</b></a>",
        2,
        7,
        "the byte 0xF6 is not valid UTF-8; save the file as UTF-8",
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
fn truncated_file_is_malformed() {
    assert_well_formed(TYPICAL);
    let length = TYPICAL.trim_end().len();
    for end in 0..length {
        let (line, column, reason) = malformed_bytes(&TYPICAL.as_bytes()[..end]);
        assert!(line >= 1 && column >= 1 && !reason.is_empty());
    }
    for end in length..=TYPICAL.len() {
        assert_well_formed(&TYPICAL[..end]);
    }
}

#[test]
fn depth_is_limited_without_recursion() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let reason = "elements are nested more than 64 levels deep";
    assert_well_formed(&nested(MAX_DEPTH));
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
    assert_well_formed(&tag("b", MAX_ATTRIBUTES));
    assert_malformed(
        tag("b", 200_000),
        66,
        1,
        "the tag has more than 64 attributes",
    );
    let level: String = (0..40).map(|n| format!(" xmlns:p{n}='urn:x'")).collect();
    assert_well_formed(&format!("<a><b{level}/><c{level}/></a>"));
    let (line, _, reason) = malformed_bytes(format!("<a{level}>\n<b{level}/></a>").as_bytes());
    assert_eq!(
        (line, &*reason),
        (2, "more than 64 namespaces are declared here")
    );
}

#[test]
fn entities_are_never_expanded() {
    let entity = |n| {
        format!(
            "<!ENTITY lol{} \"{}\">",
            n + 1,
            format!("&lol{n};").repeat(10)
        )
    };
    let definitions: String = (0..9).map(entity).collect();
    let doctype = format!("<!DOCTYPE a [<!ENTITY lol0 \"lol\">{definitions}]>\n");
    let reason =
        "undefined entity; only `&lt;`, `&gt;`, `&amp;`, `&apos;` and `&quot;` are allowed";
    assert_well_formed(&format!("{doctype}<a>true</a>"));
    assert_malformed(format!("{doctype}<a>&lol9;</a>"), 2, 4, reason);
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a>&x;</a>";
    let reason =
        "undefined entity; only `&lt;`, `&gt;`, `&amp;`, `&apos;` and `&quot;` are allowed";
    assert_malformed(external, 2, 4, reason);
    assert_well_formed("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>");
    assert_malformed(
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a b='&e;'/>",
        1,
        34,
        "undefined reference in the value of this attribute",
    );
}

#[test]
fn doctypes_are_checked_except_their_declarations() {
    let reason = "invalid DOCTYPE";
    assert_malformed("<!doctype a><a/>", 1, 1, reason);
    assert_malformed("<!DOCTYPE ><a/>", 1, 11, reason);
    assert_malformed("<!DOCTYPEa><a/>", 1, 10, reason);
    assert_malformed("<!DOCTYPE a b><a/>", 1, 13, reason);
    assert_malformed("<!DOCTYPE a [\n<!ENTITY e true>]><a/>", 2, 12, reason);
    assert_malformed("<!DOCTYPE a [\n<!ENTITY e>]><a/>", 2, 11, reason);
    assert_malformed("<!DOCTYPE a [\n<!-- -- -->]><a/>", 2, 1, reason);
    assert_malformed("<!DOCTYPE a [\n<?xml?>]><a/>", 2, 1, reason);
    let parameter = "<!DOCTYPE a [\n<!ENTITY % p SYSTEM '' NDATA n>]><a/>";
    assert_malformed(parameter, 2, 24, reason);
    assert_malformed("<!DOCTYPE a []x><a/>", 1, 15, reason);
    // forcelint does not check the content of declarations, and does not expand parameter entities.
    assert_well_formed("<!DOCTYPE a [<!ELEMENT a nonsense)><!ATTLIST a b>]><a/>");
    assert_malformed("<!DOCTYPE a [<!ENTITY % p ''>%p;]><a/>", 1, 30, reason);
}

#[test]
fn merge_conflicts_are_found_in_all_contexts() {
    let conflict =
        "\n<<<<<<< HEAD\n<b>1</b>\n||||||| base\n<b>2</b>\n=======\n<b>3</b>\n>>>>>>> theirs\n";
    let short = "<<<<<<< HEAD\n=======\n>>>>>>> theirs\n";
    let reason = "unresolved merge conflict";
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
        (">>>>>>>", "the conflict ends here")
    );
    assert_well_formed("<a>\n=======\n</a>");
    assert_well_formed("<a>\n=======\n>>>>>>> x\n</a>");
    assert_well_formed("<a><!--\n<<<<<<< HEAD\n>>>>>>> x\n--></a>");
}

#[test]
fn only_xml_whitespace_is_trimmed() {
    let mut tree = Tree::default();
    let source = "<a>\u{A0}true\t\r\n </a>";
    xml::parse(source, &mut tree).unwrap();
    let document = Document::new(source, &tree);
    assert_eq!(document.value(document.root()).text(), "\u{A0}true");
}

#[test]
fn empty_value_has_a_position() {
    // After a comment, the end of the span was before its start.
    assert_well_formed("<a><!-- why --> \n</a>");
    assert_well_formed("<a> <![CDATA[]]> <b/></a>");
}
