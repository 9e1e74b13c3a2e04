//! Output must not contain characters or commands that a terminal or a CI runner acts on.
//!
//! The list is independent of the one in forcelint.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

/// Renders an error like the program, with a width that wraps lines, and checks that it is sanitized.
pub fn render(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::none())
        .with_width(60)
        .with_links(false)
        .render_report(&mut text, error)
        .expect("errors can be rendered");
    assert_sanitized(&text);
    text
}

/// Checks that a terminal and a CI runner act on no part of a text of several lines.
pub fn assert_sanitized(text: &str) {
    let acting = text.chars().find(|&character| {
        let is_space = character == '\n' || character == '\t';
        let turns_direction = matches!(character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        character.is_control() && !is_space || turns_direction
    });
    assert_eq!(acting, None, "a terminal acts on a part of {text:?}");
    for command in ["##[", "##vso[", "##teamcity["] {
        assert!(
            !text.contains(command),
            "a CI runner acts on a part of {text:?}"
        );
    }
}
