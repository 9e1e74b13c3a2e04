//! The first tag of markup that does not have to be well-formed XML, such as a Visualforce page.

/// Whether the first tag of a text has an attribute. Case does not matter. `None` if the text starts with something
/// other than this tag, or if the tag cannot be read.
pub(crate) fn first_tag_has(text: &str, tag: &str, attribute: &str) -> Option<bool> {
    let rest = after_prolog(text)?.strip_prefix('<')?;
    let (name, attributes) = split_name(rest);
    if !name.eq_ignore_ascii_case(tag) {
        return None;
    }
    // In well-formed XML, the next quotation mark ends a value. Visualforce also allows quotation marks in the
    // expressions of a value: `action="{!if(a, "b", "c")}"`.
    has_attribute(attributes, attribute, in_quotes)
        .or_else(|| has_attribute(attributes, attribute, in_quotes_with_expressions))
}

/// Whether a text is a name of a tag or an attribute.
pub(crate) fn is_name(text: &str) -> bool {
    let (name, rest) = split_name(text);
    !name.is_empty() && rest.is_empty()
}

/// The text after the XML declaration, the document type and comments.
fn after_prolog(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!DOCTYPE") || rest.starts_with("<!doctype") {
            ">"
        } else {
            return Some(rest);
        };
        rest = rest.split_once(end)?.1;
    }
}

/// The name at the start of a text, and the rest.
fn split_name(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// Whether the attributes at the start of a text, up to the end of the tag, contain one. `after_value` returns the text
/// after a value that the given quotation mark ends.
fn has_attribute(
    attributes: &str,
    attribute: &str,
    after_value: fn(&str, char) -> Option<&str>,
) -> Option<bool> {
    let mut found = false;
    let mut rest = attributes;
    loop {
        let next = rest.trim_start();
        if next.starts_with('>') || next.starts_with("/>") {
            return Some(found);
        }
        // White space separates attributes.
        if next.len() == rest.len() {
            return None;
        }
        let (name, value) = split_name(next);
        found |= name.eq_ignore_ascii_case(attribute);
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest = after_value(&value[1..], quote)?;
    }
}

/// The text after a value, unless it ends in an expression.
fn in_quotes(value: &str, quote: char) -> Option<&str> {
    let (value, rest) = value.split_once(quote)?;
    let is_open = value
        .rfind("{!")
        .is_some_and(|at| !value[at..].contains('}'));
    (!is_open).then_some(rest)
}

/// The text after a value, without regard to quotation marks in `{!…}`.
fn in_quotes_with_expressions(value: &str, quote: char) -> Option<&str> {
    let mut rest = value;
    loop {
        let at = rest.find([quote, '{'])?;
        let from = &rest[at..];
        rest = match from.strip_prefix("{!") {
            Some(expression) => after_expression(expression)?,
            None if from.starts_with(quote) => return Some(&from[1..]),
            None => &from[1..],
        };
    }
}

/// The text after the `}` of an expression. A `}` in one of its strings does not end it.
fn after_expression(expression: &str) -> Option<&str> {
    let mut string = None;
    let mut is_escaped = false;
    for (at, c) in expression.char_indices() {
        match string {
            _ if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(quote) if c == quote => string = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => string = Some(c),
            None if c == '}' => return Some(&expression[at + 1..]),
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_action(text: &str) -> Option<bool> {
        first_tag_has(text, "apex:page", "action")
    }

    #[test]
    fn attributes_of_the_first_tag() {
        for text in [
            r#"<apex:page action="{!a}">"#,
            "<apex:page\r\n\tcontroller='C'\n\taction = '{!a}'\n/>",
            r#"<APEX:Page showHeader="false" ACTION="{!a}">"#,
            r#"<apex:page title="a > b" action="{!if(a > b, x, y)}">"#,
            r#"<apex:page title="{!if(a, "b c", "d}")}" action="{!x}">"#,
            r#"<apex:page action="{!if(a, "it's \"b\"", "c")}" title='{a}'>"#,
            r#"<apex:page title="{!a & " > " & b}" action="{!x}">"#,
            r#"<apex:page title="{!it's}" action="{!x}">"#,
            r#"<apex:page action="">"#,
            "\u{feff}<?xml version=\"1.0\"?>\n<!-- <apex:page> --><!DOCTYPE html>\n<!----><apex:page action='a'>",
        ] {
            assert_eq!(has_action(text), Some(true), "{text}");
        }
        for text in [
            "<apex:page>",
            "<apex:page/>",
            "<apex:page ></apex:page>",
            r#"<apex:page><apex:actionPoller action="{!a}"/></apex:page>"#,
            r#"<!-- <apex:page action="{!a}"> --><apex:page>"#,
            r#"<apex:page html-action="a" actions="b" title="action='c'">"#,
            r#"<apex:page title='action="{!a}"'>"#,
            r#"<apex:page title="{!if(a, " action='b' ", "c")}">"#,
        ] {
            assert_eq!(has_action(text), Some(false), "{text}");
        }
    }

    #[test]
    fn what_does_not_start_with_the_tag_is_unknown() {
        for text in [
            "",
            "(hidden)",
            "<apex:pageBlock action='a'>",
            "<apex:component action='a'/>",
            "<apex:page",
            "<apex:page action",
            "<apex:page action>",
            "<apex:page action=a>",
            "<apex:page action='a",
            "<apex:page action='a'",
            "<apex:page title='a'action='b'>",
            r#"<apex:page title="{!"#,
            r#"<apex:page title="{!'a">"#,
            "<!-- <apex:page action='a'>",
            "<![CDATA[<apex:page action='a'>]]>",
            "<<<<<<< HEAD\n<apex:page>",
            "PGFwZXg6cGFnZT4=",
        ] {
            assert_eq!(has_action(text), None, "{text}");
        }
    }

    #[test]
    fn names() {
        assert!(is_name("apex:page") && is_name("html-action"));
        assert!(!is_name("") && !is_name("<apex:page>") && !is_name("apex page"));
    }
}
