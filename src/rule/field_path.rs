//! Paths of fields, and how their values are split.

/// The path of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// The path starts at the root element instead of the context.
    pub from_root: bool,
    /// Local names. Without any, the path leads to its start.
    pub names: Vec<String>,
}

impl FieldPath {
    /// Parses `a/b`, `/a/b` (from the root) or `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from_root, rest) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let names: Vec<String> = if rest == "." {
            Vec::new()
        } else {
            rest.split('/').map(str::to_owned).collect()
        };
        let valid = names.iter().all(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        valid.then_some(Self { from_root, names })
    }

    /// The name of the field.
    pub fn last(&self) -> &str {
        self.names.last().map_or(".", String::as_str)
    }

    /// Whether the path leads to its start, the context or the root element.
    pub fn is_start(&self) -> bool {
        self.names.is_empty()
    }
}

/// How a value is split into items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// One item per line.
    Lines,
    /// Items separated by commas.
    Commas,
}

impl Split {
    /// The character between items.
    pub fn separator(self) -> char {
        match self {
            Self::Lines => '\n',
            Self::Commas => ',',
        }
    }
}
