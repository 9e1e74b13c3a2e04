//! From a violation to the edits that would mend it.
//!
//! In: the recipe of a check and the tree. Out: byte ranges and their new text, or the reason why
//! there is no fix. Everything outside of the ranges stays as it is; siblings are never reordered.
//! An insertion stands right behind a tag, so that editors which clamp columns to the first
//! visible character apply it too.

use regex::Regex;

use super::insert::{Insertions, LINE_ENDS};
use crate::engine::Repair;
use crate::engine::Violation;
use crate::engine::{Elements, Found, Scene, find, replaced_reason};
use crate::project::UnreadableManifest;
use crate::rule::{FieldPath, Recipe, Step};
use crate::xml::{Document, NodeId, PieceKind, Span, WHITESPACE, trim};

/// A change, as a range and its new text.
pub(super) type Change = (Span, String);

/// The changes that make `violation` go away.
///
/// # Errors
/// Why nobody should make them, as a sentence that begins behind "No fix is offered: ".
pub(crate) fn propose(
    violation: &Violation<'_>,
    recipe: &Recipe,
    scene: Scene<'_>,
) -> Result<Vec<Change>, String> {
    refuse(violation, recipe, scene)?;
    let mut changes = Vec::new();
    let mut inserted = Insertions::default();
    for step in &recipe.steps {
        match step {
            Step::Set { path, to } => {
                let start = start(path, scene, violation.context);
                changes.extend(set(start, &path.names, to, scene, &mut inserted)?);
            }
            Step::Remove { path } => changes.extend(remove(path, violation, scene)?),
            Step::Replace { pattern, with } => {
                changes.push(replace(pattern, with, violation, scene)?);
            }
            Step::Repair => changes.extend(repair(violation, scene)?),
        }
    }
    changes.extend(inserted.changes(scene.document));
    if changes.is_empty() {
        return Err("the values are in place already.".to_owned());
    }
    if changes
        .iter()
        .any(|(span, _)| scene.replaced.touches(*span))
    {
        return Err("`replacements` of sfdx-project.json match what it would change.".to_owned());
    }
    Ok(changes)
}

fn start(path: &FieldPath, scene: Scene<'_>, context: NodeId) -> NodeId {
    if path.from_root {
        scene.document.root()
    } else {
        context
    }
}

/// Gives the field at `names` below `parent` a value. What is missing is left to `inserted`.
fn set(
    parent: NodeId,
    names: &[String],
    to: &str,
    scene: Scene<'_>,
    inserted: &mut Insertions,
) -> Result<Option<Change>, String> {
    let document = scene.document;
    let Some((name, inner)) = names.split_first() else {
        return Ok(None);
    };
    if document.is_nil(parent) {
        let parent = document.qualified_name(parent);
        return Err(format!(
            "`{parent}`, which should hold `{name}`, is nil. Give it its content first."
        ));
    }
    let existing: Vec<NodeId> = document.children_named(parent, name).collect();
    let is_hidden = |&id: &NodeId| scene.replaced.hides_content(document, id);
    if existing.iter().any(is_hidden) || (existing.is_empty() && is_hidden(&parent)) {
        return Err(format!("{}.", replaced_reason(name)));
    }
    match existing.as_slice() {
        [] => {
            inserted.add(parent, names, to);
            Ok(None)
        }
        [one] if !inner.is_empty() => set(*one, inner, to, scene, inserted),
        [one] if document.is_nil(*one) => replace_element(document, *one, to).map(Some),
        [one] if document.value(*one).text() == to && document.children(*one).next().is_none() => {
            Ok(None)
        }
        [one] => replace_value(document, *one, to).map(Some),
        _ if inner.is_empty() => Err(format!(
            "`{name}` stands twice. Keep one of them, set to `{to}`."
        )),
        _ => Err(format!("`{name}` stands twice. Keep one of them.")),
    }
}

/// The element at a path goes; where the finding is about one of those there, only that.
fn remove(
    path: &FieldPath,
    violation: &Violation<'_>,
    scene: Scene<'_>,
) -> Result<Vec<Change>, String> {
    let document = scene.document;
    let elements = match find(path, scene, violation.context) {
        Found::Elements(elements) => elements,
        Found::Missing(_) => return Ok(Vec::new()),
        Found::Unknown => return Err(format!("{}.", replaced_reason(path.last()))),
    };
    let breach = &violation.breach;
    let elements = match breach.node {
        Some(node) if elements.contains(&node) => Elements::from_iter([node]),
        _ => elements,
    };
    if let (Some(item), [one]) = (breach.item, elements.as_slice()) {
        return remove_item(document, *one, item).map(|change| vec![change]);
    }
    if elements.contains(&document.root()) {
        return Err("it is the whole file that has to go.".to_owned());
    }
    Ok(elements
        .into_iter()
        .map(|id| (whole_line(document, document.span(id)), String::new()))
        .collect())
}

/// The element with its line where it has one to itself: from the line end before it on.
fn whole_line(document: Document<'_>, span: Span) -> Span {
    let source = document.source();
    let before = &source[..span.start as usize];
    let behind = &source[span.end as usize..];
    let line = before.trim_end_matches([' ', '\t']);
    let ends = behind.trim_start_matches([' ', '\t']);
    let blanks = behind.len() - ends.len();
    let line_end = LINE_ENDS.into_iter().find(|end| line.ends_with(end));
    match line_end {
        Some(line_end) if ends.is_empty() || ends.starts_with(['\n', '\r']) => {
            Span::new(line.len() - line_end.len(), span.end as usize + blanks)
        }
        _ => span,
    }
}

/// An item goes with what separates it from the next one, or from the one before.
fn remove_item(document: Document<'_>, id: NodeId, item: Span) -> Result<Change, String> {
    let name = document.name(id);
    let content = document.content(id);
    let source = document.source();
    if !is_plain_text(document, id) {
        return Err(format!(
            "`{name}` holds more than plain text. Take the item out by hand."
        ));
    }
    let before = &source[content.start as usize..item.start as usize];
    let behind = &source[item.end as usize..content.end as usize];
    let separators = [',', '\n', '\r'];
    let is_blank = |text: &str| trim(text).trim_matches(separators).trim().is_empty();
    if is_blank(before) && is_blank(behind) {
        return Err(format!(
            "it is the only item of `{name}`. Decide what should stand there instead."
        ));
    }
    let span = if is_blank(before) {
        let next = behind.len()
            - behind
                .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',')
                .len();
        Span::new(item.start as usize, item.end as usize + next)
    } else {
        let kept = before
            .trim_end_matches(|c: char| c.is_ascii_whitespace() || c == ',')
            .len();
        Span::new(content.start as usize + kept, item.end as usize)
    };
    Ok((span, String::new()))
}

/// Exchanges what a pattern matches in the value or item that the finding is about.
fn replace(
    pattern: &str,
    with: &str,
    violation: &Violation<'_>,
    scene: Scene<'_>,
) -> Result<Change, String> {
    let document = scene.document;
    let Some(node) = violation.breach.node else {
        return Err("there is no value to change.".to_owned());
    };
    let name = document.name(node);
    if !is_plain_text(document, node) {
        return Err(format!(
            "`{name}` holds more than plain text. Change it by hand."
        ));
    }
    let content = document.content(node);
    let span = violation.breach.item.unwrap_or_else(|| {
        let text = &document.source()[content.range()];
        let start = text.len() - text.trim_start_matches(WHITESPACE).len();
        Span::new(
            content.start as usize + start,
            content.start as usize + start + trim(text).len(),
        )
    });
    let text = &document.source()[span.range()];
    // Rules are compiled only when their patterns are.
    let Ok(pattern) = Regex::new(pattern) else {
        return Err("its pattern cannot be read.".to_owned());
    };
    let replaced = pattern.replace(text, with);
    if replaced == text {
        return Err(format!("nobody knows what `{name}` should say instead."));
    }
    Ok((span, replaced.into_owned()))
}

/// Whether the content is nothing but characters that stand for themselves.
fn is_plain_text(document: Document<'_>, id: NodeId) -> bool {
    let source = &document.source()[document.content(id).range()];
    document.children(id).next().is_none() && !source.contains(['<', '&'])
}

/// Puts what can only have been meant.
fn repair(violation: &Violation<'_>, scene: Scene<'_>) -> Result<Vec<Change>, String> {
    let document = scene.document;
    let breach = &violation.breach;
    let (Some(node), Some(repair)) = (breach.node, &breach.repair) else {
        return Err("what was meant is not certain.".to_owned());
    };
    match repair {
        Repair::Value(value) => replace_text(document, node, value).map(|change| vec![change]),
        Repair::Rename(name) => {
            let old = document.qualified_name(node);
            let prefix = &old[..old.len() - document.name(node).len()];
            let new = format!("{prefix}{name}");
            let start = document.span(node).start as usize + 1;
            let mut changes = vec![(Span::new(start, start + old.len()), new.clone())];
            if !document.is_self_closed(node) {
                let end = document.content(node).end as usize + 2;
                changes.push((Span::new(end, end + old.len()), new));
            }
            Ok(changes)
        }
    }
}

/// Reasons that hold whatever the file says.
fn refuse(violation: &Violation<'_>, recipe: &Recipe, scene: Scene<'_>) -> Result<(), String> {
    let name = match &recipe.steps[..] {
        [Step::Set { path, .. }, ..] => format!("`{}`", path.last()),
        _ => "the fix".to_owned(),
    };
    if scene.file.project.broken.is_some() {
        return Err(
            "sfdx-project.json cannot be read, so nobody knows what may be edited. Mend it first."
                .to_owned(),
        );
    }
    if let Some(namespace) = scene.file.foreign_namespace() {
        return Err(format!(
            "the component belongs to the package `{namespace}`, whose owner has to act."
        ));
    }
    if let Some(pattern) = scene.replaced.uncompilable() {
        return Err(format!(
            "the pattern `{pattern}` among the `replacements` of sfdx-project.json cannot be read \
             here, and may match in this file."
        ));
    }
    match (violation.check.since, scene.file.api_version()) {
        (Some(since), Err(UnreadableManifest)) => Err(format!(
            "{name} needs API version {since}, and package.xml, which tells the project's, cannot \
             be read. Mend it first."
        )),
        (Some(since), Ok(Some(version))) if version < since => Err(format!(
            "{name} needs API version {since}, and the project deploys with {version}. Raise \
             `sourceApiVersion` (or `<version>` in package.xml) first."
        )),
        _ => Ok(()),
    }
}

/// Exchanges what an element says, and nothing else of it.
fn replace_value(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, String> {
    let name = document.name(id);
    if document.children(id).next().is_some() {
        return Err(format!("`{name}` holds other elements. Remove them first."));
    }
    let value = document.value(id);
    // By Unicode's blanks: one that is none for XML is a slip, and no placeholder.
    let is_truth = matches!(to, "true" | "false");
    if (is_truth && !is_plain_word(value.text().trim())) || is_placeholder(value.text()) {
        return Err(format!(
            "`{name}` is a placeholder. Set its value to `{to}` where it is filled in."
        ));
    }
    replace_text(document, id, to)
}

/// Texts that something else fills in.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let open = ["${", "{{", "__", "%%", "<%", "@@"];
    open.into_iter().any(|open| text.contains(open))
}

/// Exchanges the characters of an element without others in it.
fn replace_text(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, String> {
    let name = document.name(id);
    if document.is_self_closed(id) {
        return Ok(open_tag(document, id, to));
    }
    let content = document.content(id);
    let pieces = document.pieces(id);
    let says_something = |at: &usize| !trim(&pieces[*at].decoded()).is_empty();
    let first = (0..pieces.len()).find(says_something);
    let last = (0..pieces.len()).rev().find(says_something);
    let (Some(first), Some(last)) = (first, last) else {
        let comment = pieces
            .iter()
            .rfind(|piece| piece.kind == PieceKind::Comment);
        let place = comment.map_or(content, |comment| Span::at(comment.span.end as usize));
        return Ok((place, to.to_owned()));
    };
    let run = &pieces[first..=last];
    if run.iter().any(|piece| piece.kind == PieceKind::Comment) {
        return Err(format!(
            "a comment stands in the middle of the value of `{name}`. Set it to `{to}` by hand."
        ));
    }
    let text = |span: Span| &document.source()[span.range()];
    let mut start = run[0].span.start as usize;
    let mut end = run[run.len() - 1].span.end as usize;
    if run[0].kind == PieceKind::Text {
        let run_text = text(run[0].span);
        start += run_text.len() - run_text.trim_start_matches(WHITESPACE).len();
    }
    if run[run.len() - 1].kind == PieceKind::Text {
        let run_text = text(run[run.len() - 1].span);
        end -= run_text.len() - run_text.trim_end_matches(WHITESPACE).len();
    }
    Ok((Span::new(start, end), to.to_owned()))
}

/// Words that people write for a boolean. Anything else is taken for a placeholder, which means
/// something to somebody.
fn is_plain_word(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "", "true", "false", "0", "1", "yes", "no", "y", "n", "t", "f", "on", "off", "enabled",
        "disabled",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `<x/>` becomes `<x>to</x>`.
pub(super) fn open_tag(document: Document<'_>, id: NodeId, content: &str) -> Change {
    let span = document.span(id);
    let tag = &document.source()[span.range()];
    let kept = tag.trim_end_matches("/>").trim_end().len();
    let name = document.qualified_name(id);
    (
        Span::new(span.start as usize + kept, span.end as usize),
        format!(">{content}</{name}>"),
    )
}

/// A nil element is exchanged as a whole, since a value beside `xsi:nil` would not count.
fn replace_element(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, String> {
    let name = document.qualified_name(id);
    let has_comment = document
        .pieces(id)
        .iter()
        .any(|piece| piece.kind == PieceKind::Comment);
    if has_comment {
        return Err(format!(
            "a comment stands in the nil element `{name}`. Set it to `{to}` by hand."
        ));
    }
    if document.children(id).next().is_some() {
        return Err(format!("`{name}` holds other elements. Remove them first."));
    }
    if declares_own_namespace(document, id) {
        return Err(format!(
            "the nil element `{name}` declares the namespace that it is of. Set it to `{to}` by \
             hand."
        ));
    }
    Ok((document.span(id), format!("<{name}>{to}</{name}>")))
}

/// Whether the element's name would mean something else without the attributes of its tag.
fn declares_own_namespace(document: Document<'_>, id: NodeId) -> bool {
    let tag = &document.source()[document.start_tag(id).range()];
    let declaration = match document.qualified_name(id).split_once(':') {
        Some((prefix, _)) => format!("xmlns:{prefix}"),
        None => "xmlns".to_owned(),
    };
    tag.split(|c| c == '=' || WHITESPACE.contains(&c))
        .any(|word| word == declaration)
}
