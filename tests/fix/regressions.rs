//! Files whose fix or result was wrong once, with the correct one.

use crate::generate::{Case, Kind};
use crate::property::{check, findings, fixed};

const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// A connected app with this content.
fn app(inside: &str) -> String {
    format!("<ConnectedApp {XSI}>\n{inside}\n</ConnectedApp>\n")
}

/// Expects the fix of a connected app and checks the invariants of all fixes.
#[track_caller]
fn assert_fixed(old: &str, new: &str) {
    let case = Case {
        kind: Kind::ConnectedApp,
        text: app(old),
    };
    assert_eq!(fixed(case.kind, &case.text).0, app(new));
    check(&case);
}

/// Expects a finding without a fix, for this reason.
#[track_caller]
fn assert_not_fixable(text: &str, reason: &str) {
    let case = Case {
        kind: Kind::ConnectedApp,
        text: app(text),
    };
    check(&case);
    let findings = findings(case.kind, &case.text);
    let without_fix: Vec<_> = findings.iter().filter(|it| it.fix.is_none()).collect();
    assert_eq!(without_fix.len(), 1);
    let help = &without_fix[0].help;
    assert!(help.contains(reason), "{help}");
}

#[test]
fn trailing_comments_stay_on_their_line() {
    for comments in [
        " <!-- one -->",
        " <!-- one --> <!-- two -->",
        "<!-- over\n two lines -->",
        " <?pi one?><!-- two -->",
        " <!-- one -->\t<!-- and\n more --> ",
    ] {
        let trimmed = comments.trim_end_matches(' ');
        let blanks = &comments[trimmed.len()..];
        assert_fixed(
            &format!(
                "  <oauthConfig>\n    <callbackUrl/>{comments}\n    <scopes/>\n  </oauthConfig>"
            ),
            &format!(
                "  <oauthConfig>\n    <callbackUrl/>{trimmed}\n    \
                 <isPkceRequired>true</isPkceRequired>{blanks}\n    <scopes/>\n  </oauthConfig>"
            ),
        );
        assert_fixed(
            &format!("  <oauthConfig>{comments}\n    <scopes/>\n  </oauthConfig>"),
            &format!(
                "  <oauthConfig>{trimmed}\n    <isPkceRequired>true</isPkceRequired>{blanks}\n    \
                 <scopes/>\n  </oauthConfig>"
            ),
        );
    }
}

#[test]
fn trailing_comment_before_the_end_tag_stays() {
    assert_fixed(
        "<oauthConfig>\n  <callbackUrl/> <!-- c --></oauthConfig>",
        "<oauthConfig>\n  <callbackUrl/> <!-- c -->\n  <isPkceRequired>true</isPkceRequired></oauthConfig>",
    );
}

#[test]
fn comment_between_two_elements_on_a_line_stays_before_the_second() {
    assert_fixed(
        "<oauthConfig>\n  <callbackUrl/> <!-- c --> <scopes/>\n</oauthConfig>",
        "<oauthConfig>\n  <callbackUrl/>\n  <isPkceRequired>true</isPkceRequired> <!-- c --> <scopes/>\n</oauthConfig>",
    );
}

#[test]
fn comment_line_stays_before_the_next_element() {
    assert_fixed(
        "  <oauthConfig>\n    <callbackUrl/>\n    <!-- c -->\n    <scopes/>\n  </oauthConfig>",
        "  <oauthConfig>\n    <callbackUrl/>\n    <isPkceRequired>true</isPkceRequired>\n    \
         <!-- c -->\n    <scopes/>\n  </oauthConfig>",
    );
}

#[test]
fn empty_parent_becomes_several_lines() {
    let opened = "  <oauthConfig>\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>";
    for empty in [
        "  <oauthConfig/>",
        "  <oauthConfig />",
        "  <oauthConfig></oauthConfig>",
        // Blanks in it must not indent the end tag twice.
        "  <oauthConfig>   </oauthConfig>",
        "  <oauthConfig>\n  </oauthConfig>",
    ] {
        assert_fixed(empty, opened);
    }
    assert_fixed(
        "  <oauthConfig><!-- c --></oauthConfig>",
        "  <oauthConfig><!-- c -->\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>",
    );
    assert_fixed(
        "  <oauthConfig><!-- a\n b --></oauthConfig>",
        "  <oauthConfig><!-- a\n b -->\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>",
    );
}

#[test]
fn file_without_indentation_gets_none() {
    assert_fixed(
        "<oauthConfig/>",
        "<oauthConfig>\n<isPkceRequired>true</isPkceRequired>\n</oauthConfig>",
    );
}

#[test]
fn value_is_inserted_right_after_a_comment() {
    assert_fixed(
        "<oauthConfig><isPkceRequired>\n  <!-- c -->\n  </isPkceRequired></oauthConfig>",
        "<oauthConfig><isPkceRequired>\n  <!-- c -->true\n  </isPkceRequired></oauthConfig>",
    );
}

/// Unicode whitespace that XML does not know belongs to the value, which is then not a boolean.
#[test]
fn unicode_whitespace_belongs_to_the_value() {
    for value in [
        "true\u{a0}",
        "\u{3000}true",
        "true&#160;",
        "\u{a0}",
        "&#xa0;1",
    ] {
        assert_fixed(
            &format!("<oauthConfig><isPkceRequired> {value} </isPkceRequired></oauthConfig>"),
            "<oauthConfig><isPkceRequired> true </isPkceRequired></oauthConfig>",
        );
    }
}

#[test]
fn flag_with_child_elements_is_not_a_boolean() {
    for value in ["true<x/>", "<x>true</x>", "<x/>true"] {
        assert_not_fixable(
            &format!("<oauthConfig><isPkceRequired>{value}</isPkceRequired></oauthConfig>"),
            "`isPkceRequired` contains other elements.",
        );
    }
    assert_not_fixable(
        "<oauthConfig><isPkceRequired xsi:nil='1'><x/></isPkceRequired></oauthConfig>",
        "`isPkceRequired` contains other elements.",
    );
}

#[test]
fn nil_parent_is_not_fixed() {
    assert_not_fixable(
        "<oauthConfig xsi:nil='true'/><oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig>",
        "`oauthConfig`, the parent of `isPkceRequired`, is nil.",
    );
}

/// Both findings have the same element path, and only one of them can be fixed.
#[test]
fn one_of_two_parents_can_be_fixed() {
    let both = "<oauthConfig><isPkceRequired>%PKCE%</isPkceRequired></oauthConfig><oauthConfig>";
    assert_fixed(
        &format!("{both}<scopes/></oauthConfig>"),
        &format!("{both}<isPkceRequired>true</isPkceRequired><scopes/></oauthConfig>"),
    );
}

#[test]
fn nil_flag_that_declares_its_namespace_is_not_fixed() {
    let namespace = "http://soap.sforce.com/2006/04/metadata";
    for flag in [
        format!("<isPkceRequired xmlns=\"{namespace}\" xsi:nil=\"true\"/>"),
        format!("<m:isPkceRequired\txmlns:m = '{namespace}' xsi:nil='1'/>"),
    ] {
        assert_not_fixable(
            &format!("<oauthConfig>{flag}</oauthConfig>"),
            "declares its own namespace.",
        );
    }
    assert_fixed(
        "<oauthConfig><isPkceRequired xmlns:y=\"urn:y\" xsi:nil=\"true\"/></oauthConfig>",
        "<oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig>",
    );
}
