//! How conditions find other components: by a text that both have, their key.

use std::sync::Arc;

use super::field_path::{FieldPath, Split};
use super::pattern::Capture;

/// Which components belong together: those with the same key.
#[derive(Debug, Clone)]
pub struct Join {
    /// The keys of the checked component. A relative path starts at the context.
    pub from: Key,
    /// The other components, or elements of them, with their keys.
    pub to: KeyedElements,
    /// A component has at most one related component. If there are several, it is unknown which one takes effect.
    pub is_one_to_one: bool,
}

/// The elements of components of a type, by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedElements {
    /// The elements. Without it, the component as a whole.
    pub each: Option<FieldPath>,
    /// The keys of an element. A relative path starts at the element.
    pub key: Key,
}

/// Where the keys of a component or element are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The path of the texts. `None`: the full name of the component.
    pub path: Option<FieldPath>,
    /// A component without this element uses its full name.
    pub or_name: bool,
    pub split: Option<Split>,
    /// The part of a text that is the key. A text without a match is none.
    pub capture: Option<Arc<Capture>>,
}

impl Key {
    /// The text of a child of the root, or else the full name.
    pub(super) fn of_child(path: FieldPath) -> Self {
        Self {
            path: Some(path),
            or_name: true,
            split: None,
            capture: None,
        }
    }

    /// Whether it can be the name of the component.
    pub(crate) fn has_name(&self) -> bool {
        self.or_name || self.path.is_none()
    }

    /// Whether it is the same for every element of a file.
    pub(super) fn is_about_file(&self) -> bool {
        self.path.as_ref().is_none_or(|path| path.from_root)
    }
}
