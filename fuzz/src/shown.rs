//! What reaches a terminal or a build log.
//!
//! In: an error, or text that is written for people. Out: nothing; a panic if a terminal or a
//! runner would act on a part of it. The list is made anew here and not taken from forcelint.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

/// Draws an error as the program does, at a width that breaks lines. Whatever it quotes must come
/// out sanitized.
pub fn drawn(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::none())
        .with_width(60)
        .with_links(false)
        .render_report(&mut text, error)
        .expect("an error can be drawn");
    assert_sanitized(&text);
    text
}

/// Nothing acts in a text of several lines.
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
            "a runner acts on a part of {text:?}"
        );
    }
}
