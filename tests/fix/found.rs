//! Files that were once fixed wrongly, or judged so, each with what is right.

use crate::generate::{Case, Kind};
use crate::property::{check, findings, fixed};

const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// A connected app with this inside.
fn app(inside: &str) -> String {
    format!("<ConnectedApp {XSI}>\n{inside}\n</ConnectedApp>\n")
}

/// Fixes a connected app. Everything that holds of any file is held against it too.
#[track_caller]
fn becomes(old: &str, new: &str) {
    let case = Case {
        kind: Kind::ConnectedApp,
        text: app(old),
    };
    assert_eq!(fixed(case.kind, &case.text).0, app(new));
    check(&case);
}

/// A connected app with a finding that has no fix, for this reason.
#[track_caller]
fn refused(text: &str, reason: &str) {
    let case = Case {
        kind: Kind::ConnectedApp,
        text: app(text),
    };
    check(&case);
    let findings = findings(case.kind, &case.text);
    let refused: Vec<_> = findings.iter().filter(|it| it.fix.is_none()).collect();
    assert_eq!(refused.len(), 1);
    let help = &refused[0].help;
    assert!(help.contains(reason), "{help}");
}

#[test]
fn comments_stay_with_what_they_trail() {
    for comments in [
        " <!-- one -->",
        " <!-- one --> <!-- two -->",
        "<!-- over\n two lines -->",
        " <?pi one?><!-- two -->",
        " <!-- one -->\t<!-- and\n more --> ",
    ] {
        let kept = comments.trim_end_matches(' ');
        let blanks = &comments[kept.len()..];
        becomes(
            &format!(
                "  <oauthConfig>\n    <callbackUrl/>{comments}\n    <scopes/>\n  </oauthConfig>"
            ),
            &format!(
                "  <oauthConfig>\n    <callbackUrl/>{kept}\n    \
                 <isPkceRequired>true</isPkceRequired>{blanks}\n    <scopes/>\n  </oauthConfig>"
            ),
        );
        becomes(
            &format!("  <oauthConfig>{comments}\n    <scopes/>\n  </oauthConfig>"),
            &format!(
                "  <oauthConfig>{kept}\n    <isPkceRequired>true</isPkceRequired>{blanks}\n    \
                 <scopes/>\n  </oauthConfig>"
            ),
        );
    }
}

#[test]
fn a_comment_before_the_end_tag_stays_with_what_it_trails() {
    becomes(
        "<oauthConfig>\n  <callbackUrl/> <!-- c --></oauthConfig>",
        "<oauthConfig>\n  <callbackUrl/> <!-- c -->\n  <isPkceRequired>true</isPkceRequired></oauthConfig>",
    );
}

#[test]
fn a_comment_between_two_in_one_line_may_be_about_either() {
    becomes(
        "<oauthConfig>\n  <callbackUrl/> <!-- c --> <scopes/>\n</oauthConfig>",
        "<oauthConfig>\n  <callbackUrl/>\n  <isPkceRequired>true</isPkceRequired> <!-- c --> <scopes/>\n</oauthConfig>",
    );
}

#[test]
fn comments_above_the_next_stay_above_it() {
    becomes(
        "  <oauthConfig>\n    <callbackUrl/>\n    <!-- c -->\n    <scopes/>\n  </oauthConfig>",
        "  <oauthConfig>\n    <callbackUrl/>\n    <isPkceRequired>true</isPkceRequired>\n    \
         <!-- c -->\n    <scopes/>\n  </oauthConfig>",
    );
}

#[test]
fn an_empty_parent_is_opened_over_lines() {
    let opened = "  <oauthConfig>\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>";
    for empty in [
        "  <oauthConfig/>",
        "  <oauthConfig />",
        "  <oauthConfig></oauthConfig>",
        // Its blanks do not indent the end tag twice.
        "  <oauthConfig>   </oauthConfig>",
        "  <oauthConfig>\n  </oauthConfig>",
    ] {
        becomes(empty, opened);
    }
    becomes(
        "  <oauthConfig><!-- c --></oauthConfig>",
        "  <oauthConfig><!-- c -->\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>",
    );
    becomes(
        "  <oauthConfig><!-- a\n b --></oauthConfig>",
        "  <oauthConfig><!-- a\n b -->\n    <isPkceRequired>true</isPkceRequired>\n  </oauthConfig>",
    );
}

#[test]
fn a_file_that_does_not_indent_gets_no_indentation() {
    becomes(
        "<oauthConfig/>",
        "<oauthConfig>\n<isPkceRequired>true</isPkceRequired>\n</oauthConfig>",
    );
}

#[test]
fn a_value_behind_a_comment_stands_right_behind_it() {
    becomes(
        "<oauthConfig><isPkceRequired>\n  <!-- c -->\n  </isPkceRequired></oauthConfig>",
        "<oauthConfig><isPkceRequired>\n  <!-- c -->true\n  </isPkceRequired></oauthConfig>",
    );
}

/// What Unicode alone calls a blank makes it no boolean of XML, and a deployment fail.
#[test]
fn other_blanks_belong_to_the_value() {
    for value in [
        "true\u{a0}",
        "\u{3000}true",
        "true&#160;",
        "\u{a0}",
        "&#xa0;1",
    ] {
        becomes(
            &format!("<oauthConfig><isPkceRequired> {value} </isPkceRequired></oauthConfig>"),
            "<oauthConfig><isPkceRequired> true </isPkceRequired></oauthConfig>",
        );
    }
}

#[test]
fn a_flag_with_elements_in_it_is_no_boolean() {
    for value in ["true<x/>", "<x>true</x>", "<x/>true"] {
        refused(
            &format!("<oauthConfig><isPkceRequired>{value}</isPkceRequired></oauthConfig>"),
            "`isPkceRequired` contains other elements.",
        );
    }
    refused(
        "<oauthConfig><isPkceRequired xsi:nil='1'><x/></isPkceRequired></oauthConfig>",
        "`isPkceRequired` contains other elements.",
    );
}

#[test]
fn a_nil_parent_is_not_filled() {
    refused(
        "<oauthConfig xsi:nil='true'/><oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig>",
        "`oauthConfig`, the parent of `isPkceRequired`, is nil.",
    );
}

/// Both findings have the same element path, and only one of them goes away.
#[test]
fn of_two_parents_one_can_be_fixed() {
    let both = "<oauthConfig><isPkceRequired>%PKCE%</isPkceRequired></oauthConfig><oauthConfig>";
    becomes(
        &format!("{both}<scopes/></oauthConfig>"),
        &format!("{both}<isPkceRequired>true</isPkceRequired><scopes/></oauthConfig>"),
    );
}

#[test]
fn a_nil_flag_that_declares_its_own_namespace_is_not_exchanged() {
    let namespace = "http://soap.sforce.com/2006/04/metadata";
    for flag in [
        format!("<isPkceRequired xmlns=\"{namespace}\" xsi:nil=\"true\"/>"),
        format!("<m:isPkceRequired\txmlns:m = '{namespace}' xsi:nil='1'/>"),
    ] {
        refused(
            &format!("<oauthConfig>{flag}</oauthConfig>"),
            "declares its own namespace.",
        );
    }
    becomes(
        "<oauthConfig><isPkceRequired xmlns:y=\"urn:y\" xsi:nil=\"true\"/></oauthConfig>",
        "<oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig>",
    );
}
