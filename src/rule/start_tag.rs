//! The test of the first tag in the text of a field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{first_tag_has, is_name};

/// The name of the first tag of markup, and an attribute that it has. Case does not matter.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartTagTest {
    /// The name of the tag, such as `apex:page`. A text that starts with something else cannot be checked.
    pub name: String,
    /// The name of the attribute.
    pub attribute: String,
}

impl StartTagTest {
    /// Whether both are names.
    pub(super) fn is_valid(&self) -> bool {
        is_name(&self.name) && is_name(&self.attribute)
    }

    /// Whether the first tag of the text has the attribute. `None` if it does not start with that tag.
    pub(crate) fn satisfied_by(&self, text: &str) -> Option<bool> {
        first_tag_has(text, &self.name, &self.attribute)
    }
}
