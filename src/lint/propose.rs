//! From a violation to the edits that would mend it.
//!
//! In: the recipe of a check and the tree. Out: byte ranges and their new text, or the reason why
//! there is no fix. Everything outside of the ranges stays as it is; siblings are never reordered.
//! An insertion stands right behind a tag, so that editors which clamp columns to the first
//! visible character apply it too.

use super::check::Violation;
use super::evaluate::{Scene, replaced_reason};
use crate::project::UnreadableManifest;
use crate::rule::{FieldPath, Recipe};
use crate::xml::{Document, NodeId, PieceKind, Span, WHITESPACE, trim};

/// A change, as a range and its new text.
pub type Change = (Span, String);

/// The changes that make `violation` go away.
///
/// # Errors
/// Why nobody should make them, as a sentence that begins behind "No fix is offered: ".
pub fn propose(
    violation: &Violation<'_>,
    recipe: &Recipe,
    scene: Scene<'_>,
) -> Result<Vec<Change>, String> {
    refuse(violation, recipe, scene)?;
    let document = scene.document;
    let Some((parent, existing)) = locate(&recipe.set, scene, violation.context) else {
        return Err("the element that should hold the value is missing.".to_owned());
    };
    let name = recipe.set.last();
    if document.is_nil(parent) {
        let parent = document.qualified_name(parent);
        return Err(format!(
            "`{parent}`, which should hold `{name}`, is nil. Give it its content first."
        ));
    }
    let change = match existing.as_slice() {
        [] => insert(document, parent, name, &recipe.to),
        [one] if document.is_nil(*one) => replace_element(document, *one, &recipe.to)?,
        [one] => replace_value(document, *one, &recipe.to)?,
        _ => {
            return Err(format!(
                "`{name}` stands twice. Keep one of them, set to `{}`.",
                recipe.to
            ));
        }
    };
    let touched = scene.replaced.touches(change.0)
        || existing
            .iter()
            .any(|&id| scene.replaced.hides_content(document, id))
        || (existing.is_empty() && scene.replaced.hides_content(document, parent));
    if touched {
        return Err(format!("{}.", replaced_reason(name)));
    }
    Ok(vec![change])
}

/// Reasons that hold whatever the file says.
fn refuse(violation: &Violation<'_>, recipe: &Recipe, scene: Scene<'_>) -> Result<(), String> {
    let name = recipe.set.last();
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
            "`{name}` needs API version {since}, and package.xml, which tells the project's, cannot \
             be read. Mend it first."
        )),
        (Some(since), Ok(Some(version))) if version < since => Err(format!(
            "`{name}` needs API version {since}, and the project deploys with {version}. Raise \
             `sourceApiVersion` (or `<version>` in package.xml) first."
        )),
        _ => Ok(()),
    }
}

/// The element that holds a field, and what stands there under its name.
fn locate(path: &FieldPath, scene: Scene<'_>, context: NodeId) -> Option<(NodeId, Vec<NodeId>)> {
    let document = scene.document;
    let (name, parents) = path.names.split_last()?;
    let mut parent = if path.from_root {
        document.root()
    } else {
        context
    };
    for step in parents {
        parent = document.children_named(parent, step).next()?;
    }
    Some((parent, document.children_named(parent, name).collect()))
}

/// Exchanges what an element says, and nothing else of it.
fn replace_value(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, String> {
    let name = document.name(id);
    if document.children(id).next().is_some() {
        return Err(format!("`{name}` holds other elements. Remove them first."));
    }
    let value = document.value(id);
    // By Unicode's blanks: one that is none for XML is a slip, and no placeholder.
    if !is_plain_word(value.text().trim()) {
        return Err(format!(
            "`{name}` is a placeholder. Set its value to `{to}` where it is filled in."
        ));
    }
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
fn open_tag(document: Document<'_>, id: NodeId, content: &str) -> Change {
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

/// Puts a new element to its place in schema order, which is that of the ASCII names.
fn insert(document: Document<'_>, parent: NodeId, name: &str, to: &str) -> Change {
    let qualified = document.qualified_name(parent);
    let prefix = &qualified[..qualified.len() - document.name(parent).len()];
    let element = format!("<{prefix}{name}>{to}</{prefix}{name}>");
    let children: Vec<NodeId> = document.children(parent).collect();
    if children.is_empty() {
        return fill(document, parent, &element);
    }
    let at = children
        .iter()
        .position(|&child| document.name(child) > name)
        .unwrap_or(children.len());
    let before = at.checked_sub(1).map(|at| children[at]);
    let behind = match before {
        Some(sibling) => document.span(sibling).end,
        None => document.start_tag(parent).end,
    };
    let layout = before
        .and_then(|sibling| line_start(document, sibling))
        .or_else(|| line_start(document, *children.get(at)?));
    match layout {
        Some((line_end, indent)) => (
            Span::at(behind_comment(document, behind as usize)),
            format!("{line_end}{indent}{element}"),
        ),
        None => (Span::at(behind as usize), element),
    }
}

/// Puts the first element into an empty parent.
fn fill(document: Document<'_>, parent: NodeId, element: &str) -> Change {
    let content = document.content(parent);
    let Some((line_end, indent)) = line_start(document, parent) else {
        return if document.is_self_closed(parent) {
            open_tag(document, parent, element)
        } else {
            (Span::at(content.start as usize), element.to_owned())
        };
    };
    let line = format!("{line_end}{indent}{}{element}", indent_unit(document));
    let closing = format!("{line}{line_end}{indent}");
    if document.is_self_closed(parent) {
        return open_tag(document, parent, &closing);
    }
    let behind = behind_comment(document, content.start as usize);
    let rest = &document.source()[behind..content.end as usize];
    let rest = rest.trim_start_matches([' ', '\t']);
    if rest.is_empty() {
        // The blanks would indent the end tag once more.
        (Span::new(behind, content.end as usize), closing)
    } else if rest.starts_with(['\n', '\r']) {
        (Span::at(behind), line)
    } else {
        (Span::at(behind), closing)
    }
}

/// The line end before an element and its indentation, if it begins its line.
fn line_start(document: Document<'_>, id: NodeId) -> Option<(&str, &str)> {
    let before = &document.source()[..document.span(id).start as usize];
    let line = before.trim_end_matches([' ', '\t']);
    let indent = &before[line.len()..];
    let line_end = ["\r\n", "\n", "\r"]
        .into_iter()
        .find(|line_end| line.ends_with(line_end))?;
    Some((line_end, indent))
}

/// By what the file indents: the indentation of the first element below the root.
fn indent_unit(document: Document<'_>) -> &str {
    let first = document.children(document.root()).next();
    match first.and_then(|first| line_start(document, first)) {
        Some((_, indent)) => indent,
        None => "    ",
    }
}

/// Behind the comments and processing instructions that follow on the line of `offset` with
/// nothing but the line's or the parent's end behind them: they are about what stands before them.
fn behind_comment(document: Document<'_>, offset: usize) -> usize {
    let source = document.source();
    let mut behind = offset;
    loop {
        let rest = source[behind..].trim_start_matches([' ', '\t']);
        if rest.starts_with(['\n', '\r']) || rest.starts_with("</") {
            return behind;
        }
        let after = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .find_map(|(start, end)| Some(rest.strip_prefix(start)?.split_once(end)?.1));
        match after {
            Some(after) => behind = source.len() - after.len(),
            None => return offset,
        }
    }
}
