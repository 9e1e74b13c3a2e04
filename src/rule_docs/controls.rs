//! The published controls of a rule, as reports name them.

use schemars::JsonSchema;
use serde::Serialize;

use super::coverage::PUBLISHED;
use crate::project::MetadataType;

/// A published control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ControlReference<'a> {
    /// The publisher, such as `Salesforce Security Health Review`; null for a control that only a custom
    /// rule knows.
    pub authority: Option<&'a str>,
    /// The id of the publisher in `docs/controls.toml`.
    #[serde(skip)]
    pub source: Option<&'a str>,
    /// The publisher's id.
    pub id: &'a str,
    /// What the control requires, in forcelint's wording; null if forcelint does not know the control.
    pub title: Option<&'a str>,
    /// The page of the control, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
}

impl<'a> ControlReference<'a> {
    /// The control with this id.
    pub(crate) fn new(id: &'a str) -> Self {
        let published = PUBLISHED.control(id);
        Self {
            authority: published.map(|it| PUBLISHED.source_name(&it.source)),
            source: published.map(|it| it.source.as_str()),
            id,
            title: published.map(|it| it.name.as_str()),
            url: published.and_then(|it| it.url.as_deref()),
        }
    }

    /// Those of the controls that a rule `covers` which are about components of this type.
    pub(crate) fn about(
        covers: impl IntoIterator<Item = &'a str>,
        metadata_type: MetadataType,
    ) -> Vec<Self> {
        let is_about = |id: &&str| {
            let published = PUBLISHED.control(id);
            published.is_none_or(|it| it.is_about(metadata_type))
        };
        let covered = covers.into_iter().filter(is_about);
        covered.map(Self::new).collect()
    }
}
