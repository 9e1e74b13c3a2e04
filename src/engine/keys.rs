//! The texts by which components refer to each other.

use std::collections::HashSet;

use smallvec::SmallVec;

use super::subject::{Found, Subject};
use crate::rule::Key;
use crate::xml::NodeId;

/// The keys of a component or element.
#[derive(Debug, Default)]
pub(crate) struct FoundKeys {
    /// Each once, in lowercase. Most components have one.
    pub texts: SmallVec<[String; 1]>,
    /// `replacements` change a text, so it can be any.
    pub some_replaced: bool,
}

/// The keys at the element `node`.
pub(super) fn find_keys(key: &Key, subject: Subject<'_>, node: NodeId) -> FoundKeys {
    let mut found = FoundKeys::default();
    let Some(path) = &key.path else {
        found.add(key, &subject.file.component.name);
        return found;
    };
    let elements = match subject.find(path, node) {
        Found::Elements(elements) => elements,
        Found::Unknown => {
            found.some_replaced = true;
            return found;
        }
        Found::Missing(parent) => {
            let mut nil = subject.document.children_named(parent, path.last());
            if key.or_name && nil.next().is_none() {
                found.add(key, &subject.file.component.name);
            }
            return found;
        }
    };
    for element in elements {
        if subject.replaced.hides_content(subject.document, element) {
            found.some_replaced = true;
            continue;
        }
        let value = subject.document.value(element);
        match key.split {
            Some(split) => {
                let items = value.split(split.separator());
                items.for_each(|item| found.add(key, item.text));
            }
            None => found.add(key, value.text()),
        }
    }
    if found.texts.len() > 1 {
        let mut known = HashSet::new();
        found.texts.retain(|text| known.insert(text.clone()));
    }
    found
}

impl FoundKeys {
    /// Adds the key in a text. Components with an empty reference are not related. Keys are lowercase: a
    /// profile that names the flow `register` is related to the flow `Register`. Developers report that
    /// Salesforce compares names without regard to case; its documentation does not mention it.
    fn add(&mut self, key: &Key, text: &str) {
        let part = match &key.capture {
            Some(capture) => capture.part_of(text),
            None => Some(text),
        };
        let part = part.filter(|part| !part.is_empty());
        self.texts.extend(part.map(str::to_ascii_lowercase));
    }
}
