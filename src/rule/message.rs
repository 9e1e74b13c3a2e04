//! The sentence of a finding, with places for what the file says.
//!
//! In: the template of a rule. Out: its parts, which `lint` fills in.

use super::condition::FieldPath;

/// A sentence with placeholders.
#[derive(Debug, Clone)]
pub struct Message {
    template: String,
    parts: Vec<MessagePart>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessagePart {
    /// It stands as it is.
    Text(String),
    /// The component's full name.
    Component,
    /// The text of the field.
    Field(FieldPath),
}

/// A placeholder that means nothing.
#[derive(Debug)]
pub(crate) struct UnknownPlaceholder {
    /// What stands between the braces, or from the one that is never closed.
    pub text: String,
}

impl Message {
    pub(crate) fn parse(template: &str) -> Result<Self, UnknownPlaceholder> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, behind)) = rest.split_once('{') {
            let wrong = |text: &str| UnknownPlaceholder {
                text: text.to_owned(),
            };
            let (name, behind) = behind.split_once('}').ok_or_else(|| wrong(behind))?;
            if !text.is_empty() {
                parts.push(MessagePart::Text(text.to_owned()));
            }
            parts.push(match name {
                "component" => MessagePart::Component,
                path => MessagePart::Field(FieldPath::parse(path).ok_or_else(|| wrong(path))?),
            });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(MessagePart::Text(rest.to_owned()));
        }
        Ok(Self {
            template: template.to_owned(),
            parts,
        })
    }

    /// The sentence with its placeholders.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The fields whose text it wants.
    pub(crate) fn fields(&self) -> Vec<FieldPath> {
        let paths = self.parts.iter().filter_map(|part| match part {
            MessagePart::Field(path) => Some(path.clone()),
            _ => None,
        });
        paths.collect()
    }

    /// Its parts in order.
    pub fn parts(&self) -> &[MessagePart] {
        &self.parts
    }
}
