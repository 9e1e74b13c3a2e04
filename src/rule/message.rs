//! Messages of findings, with placeholders for the component's name and for field values.

use super::field_path::FieldPath;

/// A message with placeholders.
#[derive(Debug, Clone)]
pub struct Message {
    template: String,
    parts: Vec<MessagePart>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessagePart {
    /// Verbatim text.
    Text(String),
    /// The component's full name.
    Component,
    /// The text of a field.
    Field(FieldPath),
}

/// An invalid placeholder.
#[derive(Debug)]
pub(crate) struct UnknownPlaceholder {
    /// The text between the braces, or after a brace that is never closed.
    pub text: String,
}

impl Message {
    pub(crate) fn parse(template: &str) -> Result<Self, UnknownPlaceholder> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            let unknown = |text: &str| UnknownPlaceholder {
                text: text.to_owned(),
            };
            let (name, after) = after.split_once('}').ok_or_else(|| unknown(after))?;
            if !text.is_empty() {
                parts.push(MessagePart::Text(text.to_owned()));
            }
            parts.push(match name {
                "component" => MessagePart::Component,
                path => MessagePart::Field(FieldPath::parse(path).ok_or_else(|| unknown(path))?),
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(MessagePart::Text(rest.to_owned()));
        }
        Ok(Self {
            template: template.to_owned(),
            parts,
        })
    }

    /// The message with its placeholders.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The fields that the placeholders name.
    pub(crate) fn fields(&self) -> Vec<FieldPath> {
        let paths = self.parts.iter().filter_map(|part| match part {
            MessagePart::Field(path) => Some(path.clone()),
            _ => None,
        });
        paths.collect()
    }

    /// The parts in order.
    pub fn parts(&self) -> &[MessagePart] {
        &self.parts
    }
}
