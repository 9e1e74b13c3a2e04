//! The expected results and fixes of a file, computed with another parser and without code of
//! forcelint.

use roxmltree::{Document, Node, NodeType};

use crate::generate::Kind;

const METADATA: &str = "http://soap.sforce.com/2006/04/metadata";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const WHITESPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The value of the flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    True,
    False,
    Invalid,
}

/// An element that contains the flag or should contain it.
#[derive(Debug)]
pub struct Context<'a, 'i> {
    pub node: Node<'a, 'i>,
    pub flags: Vec<Node<'a, 'i>>,
    pub violates: bool,
    pub is_fixable: bool,
}

pub fn is_metadata(node: Node<'_, '_>, name: &str) -> bool {
    let namespace = node.tag_name().namespace();
    node.is_element()
        && node.tag_name().name() == name
        && namespace.is_none_or(|namespace| namespace == METADATA || namespace.is_empty())
}

fn is_nil(node: Node<'_, '_>) -> bool {
    let value = node.attribute((XSI, "nil")).unwrap_or_default();
    matches!(value.trim_matches(WHITESPACE), "true" | "1")
}

pub fn contexts<'a, 'i>(kind: Kind, document: &'a Document<'i>) -> Vec<Context<'a, 'i>> {
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), kind.root());
    let nodes: Vec<Node<'_, '_>> = if kind == Kind::ConnectedApp {
        let all: Vec<_> = root
            .children()
            .filter(|&node| is_metadata(node, "oauthConfig"))
            .collect();
        // Nil means absent.
        if all.iter().all(|&node| is_nil(node)) {
            Vec::new()
        } else {
            all
        }
    } else {
        vec![root]
    };
    nodes
        .into_iter()
        .map(|node| {
            let flags: Vec<_> = node
                .children()
                .filter(|&child| is_metadata(child, "isPkceRequired"))
                .collect();
            let state = state(&flags);
            let violates = match state {
                State::True => false,
                State::Absent => kind == Kind::ConnectedApp,
                State::False | State::Invalid => true,
            };
            let is_fixable = violates && !is_nil(node) && is_fixable(&flags);
            Context {
                node,
                flags,
                violates,
                is_fixable,
            }
        })
        .collect()
}

fn state(flags: &[Node<'_, '_>]) -> State {
    if flags.iter().all(|&flag| is_nil(flag)) {
        return State::Absent;
    }
    let [flag] = flags else {
        return State::Invalid;
    };
    if flag.children().any(|child| child.is_element()) {
        return State::Invalid;
    }
    match text(*flag).trim_matches(WHITESPACE) {
        "true" | "1" => State::True,
        "false" | "0" => State::False,
        _ => State::Invalid,
    }
}

fn text(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect()
}

fn is_fixable(flags: &[Node<'_, '_>]) -> bool {
    let flag = match flags {
        [] => return true,
        [flag] => *flag,
        _ => return false,
    };
    let is_comment_or_instruction = |node: &Node<'_, '_>| node.is_comment() || node.is_pi();
    if flag.children().any(|child| child.is_element()) {
        return false;
    }
    if is_nil(flag) {
        // The new element would lose this declaration and its namespace.
        let declares_namespace = flag.tag_name().namespace().is_some_and(|namespace| {
            let prefix = flag.lookup_prefix(namespace);
            let parent = flag.parent_element();
            parent.and_then(|it| it.lookup_namespace_uri(prefix)) != Some(namespace)
        });
        return !declares_namespace
            && !flag
                .children()
                .any(|child| is_comment_or_instruction(&child));
    }
    let has_text = |node: &Node<'_, '_>| {
        let text = node.text().unwrap_or_default();
        node.is_text() && !text.trim_matches(WHITESPACE).is_empty()
    };
    let children: Vec<_> = flag.children().collect();
    let first = children.iter().position(has_text);
    let last = children.iter().rposition(has_text);
    let is_split = match (first, last) {
        (Some(first), Some(last)) => children[first..=last].iter().any(is_comment_or_instruction),
        _ => false,
    };
    let words = [
        "", "true", "false", "0", "1", "yes", "no", "y", "n", "t", "f", "on", "off", "enabled",
        "disabled",
    ];
    let word = text(flag).trim().to_ascii_lowercase();
    !is_split && words.contains(&word.as_str())
}

/// The tree without the fixable flags of `contexts`: elements with attributes, comments and
/// processing instructions in order and with their depth, and all text except whitespace between
/// elements. Comments in a flag are included, because a fix must keep them.
pub fn rest_of_tree(document: &Document<'_>, contexts: &[Context<'_, '_>]) -> Vec<String> {
    let flags: Vec<_> = contexts
        .iter()
        .filter(|context| context.violates && context.is_fixable)
        .flat_map(|context| context.flags.iter().copied())
        .collect();
    let depth = |node: Node<'_, '_>| node.ancestors().count();
    let mut rest = Vec::new();
    for node in document.descendants() {
        let in_flag = node.ancestors().any(|ancestor| flags.contains(&ancestor));
        let line = match node.node_type() {
            NodeType::Root => continue,
            NodeType::Element if in_flag => continue,
            NodeType::Element => {
                let attributes: Vec<_> = node
                    .attributes()
                    .map(|it| format!("{:?} {}={:?}", it.namespace(), it.name(), it.value()))
                    .collect();
                format!("{:?} {attributes:?}", node.tag_name())
            }
            NodeType::Text if in_flag => continue,
            NodeType::Text => {
                let text = node.text().unwrap_or_default();
                let is_between = node.parent().is_some_and(|parent| {
                    parent.children().any(|child| child.is_element()) || !parent.is_element()
                });
                let is_blank = text.trim_matches(WHITESPACE).is_empty();
                let is_in_context = contexts
                    .iter()
                    .any(|context| node.parent() == Some(context.node));
                if is_blank && (is_between || is_in_context) {
                    continue;
                }
                format!("text {text:?}")
            }
            NodeType::Comment => format!("comment {:?}", node.text()),
            NodeType::PI => format!("instruction {:?}", node.pi()),
        };
        rest.push(format!("{} {line}", depth(node)));
    }
    rest
}

/// Attributes of the flags whose value is edited. A fix replaces a nil flag completely.
pub fn kept_attributes(contexts: &[Context<'_, '_>]) -> Vec<String> {
    contexts
        .iter()
        .filter_map(|context| context.flags.first())
        .filter(|&&flag| !is_nil(flag))
        .flat_map(|flag| flag.attributes())
        .map(|it| format!("{}={:?}", it.name(), it.value()))
        .collect()
}
