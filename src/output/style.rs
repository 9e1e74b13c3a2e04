//! What a terminal can show.

use miette::GraphicalTheme;

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colors are allowed.
    pub color: bool,
    /// Whether lines and arrows beyond ASCII are allowed.
    pub unicode: bool,
}

impl Style {
    /// miette's theme for the terminal.
    pub fn theme(&self) -> GraphicalTheme {
        match (self.unicode, self.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        }
    }
}
