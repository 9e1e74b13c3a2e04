//! Words of a shell command.

/// A path as one word of a shell command, which is not taken for an option.
pub(crate) fn shell_word(path: &str) -> String {
    let path = match path.starts_with('-') {
        true => format!("./{path}"),
        false => path.to_owned(),
    };
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:".contains(c);
    match !path.is_empty() && path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_if_necessary() {
        assert_eq!(shell_word("force-app/A.app"), "force-app/A.app");
        assert_eq!(shell_word("-x"), "./-x");
        assert_eq!(shell_word("an app"), "'an app'");
        assert_eq!(shell_word("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(shell_word(""), "''");
    }
}
