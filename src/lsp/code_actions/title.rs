//! The titles of code actions, for the narrow menus of editors.

/// The most characters of a title.
const MAX_CHARACTERS: usize = 59;

/// A title from what the action does, which is cut if it is long, and a note that is never cut.
pub(super) fn menu_title(action: &str, note: &str) -> String {
    let most = MAX_CHARACTERS - note.chars().count();
    if action.chars().count() <= most {
        return format!("{action}{note}");
    }
    let kept: String = action.chars().take(most - 1).collect();
    format!("{}…{note}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_cut_before_the_note() {
        assert_eq!(menu_title("Set a to b", " (first)"), "Set a to b (first)");
        let title = menu_title(&"ä".repeat(70), " (first)");
        assert!(title.ends_with("ä… (first)"), "{title}");
        assert_eq!(title.chars().count(), MAX_CHARACTERS);
        assert_eq!(menu_title(&"ä".repeat(59), ""), "ä".repeat(59));
    }
}
