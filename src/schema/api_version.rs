//! Versions of the Salesforce API.

use std::fmt;

/// An API version, such as 59.0. There are no minor versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(u32);

impl ApiVersion {
    pub(crate) const fn new(version: u16) -> Self {
        Self(version as u32)
    }

    /// Parses `59.0` or `59`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = text.strip_suffix(".0").unwrap_or(text);
        whole.parse().ok().map(Self)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}
