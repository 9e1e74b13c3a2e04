//! Text on a terminal or in a build log must not contain anything that the terminal or the CI
//! runner interprets. The list of such characters is separate from that in forcelint.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

/// Renders an error like the program does, at a width that wraps lines. The result must be
/// sanitized.
pub fn render(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::none())
        .with_width(60)
        .with_links(false)
        .render_report(&mut text, error)
        .expect("an error can be drawn");
    assert_sanitized(&text);
    text
}

pub fn assert_sanitized(text: &str) {
    let interpreted = text.chars().find(|&character| {
        let is_space = character == '\n' || character == '\t';
        let changes_direction = matches!(character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        character.is_control() && !is_space || changes_direction
    });
    assert_eq!(
        interpreted, None,
        "a terminal interprets a part of {text:?}"
    );
    for command in ["##[", "##vso[", "##teamcity["] {
        assert!(
            !text.contains(command),
            "a CI runner interprets a part of {text:?}"
        );
    }
}
