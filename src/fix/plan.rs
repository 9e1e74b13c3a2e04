//! Plans the edits that fix a diagnostic.
//!
//! Everything outside the edits stays as it is, and siblings are never reordered. An insertion is
//! placed directly after a tag, so that editors that clamp columns to the first visible character
//! apply it, too.

use regex::Regex;

use super::change::{Change, open_tag};
use super::insert::{Insertions, LINE_ENDS};
use super::no_fix::{ManualAction, NoFix};
use crate::engine::{Diagnostic, Elements, Found, Repair, Subject};
use crate::project::UnreadableManifest;
use crate::rule::{FieldPath, Recipe, Step};
use crate::text::is_placeholder;
use crate::xml::{Document, NodeId, PieceKind, Span, WHITESPACE, trim};

/// The changes that fix `diagnostic`.
///
/// # Errors
/// If there is no automatic fix.
pub(crate) fn plan(
    diagnostic: &Diagnostic<'_>,
    recipe: &Recipe,
    subject: Subject<'_>,
) -> Result<Vec<Change>, NoFix> {
    check_fixable(diagnostic, recipe, subject)?;
    let mut changes = Vec::new();
    let mut inserted = Insertions::default();
    for step in &recipe.steps {
        match step {
            Step::Set { path, to } => {
                let start = start(path, subject, diagnostic.context);
                changes.extend(set(start, &path.names, to, subject, &mut inserted)?);
            }
            Step::Remove { path } => changes.extend(remove(path, diagnostic, subject)?),
            Step::Replace { pattern, with } => {
                changes.push(replace(pattern, with, diagnostic, subject)?);
            }
            Step::Repair => changes.extend(repair(diagnostic, subject)?),
        }
    }
    changes.extend(inserted.changes(subject.document));
    if changes.is_empty() {
        return Err(NoFix::AlreadySet);
    }
    let file = |span: Span| subject.document.file_at(span.start);
    let here = file(diagnostic.failure.span);
    if changes.iter().any(|(span, _)| file(*span) != here) {
        return Err(NoFix::OtherFile);
    }
    let in_file = |(span, text)| Some((subject.replaced.editable(span)?, text));
    let changes: Option<Vec<Change>> = changes.into_iter().map(in_file).collect();
    changes.ok_or(NoFix::ReplacementsMatch)
}

fn start(path: &FieldPath, subject: Subject<'_>, context: NodeId) -> NodeId {
    if path.from_root {
        subject.document.root()
    } else {
        context
    }
}

/// Sets the value of the field at the path `names` below `parent`. A missing field is added to
/// `inserted`.
fn set(
    parent: NodeId,
    names: &[String],
    to: &str,
    subject: Subject<'_>,
    inserted: &mut Insertions,
) -> Result<Option<Change>, NoFix> {
    let document = subject.document;
    let Some((name, inner)) = names.split_first() else {
        return Ok(None);
    };
    if document.is_nil(parent) {
        return Err(NoFix::NilParent {
            parent: document.qualified_name(parent).to_owned(),
            field: name.clone(),
        });
    }
    let existing: Vec<NodeId> = document.children_named(parent, name).collect();
    let is_hidden = |&id: &NodeId| subject.replaced.hides_content(document, id);
    if existing.iter().any(is_hidden) || (existing.is_empty() && is_hidden(&parent)) {
        return Err(NoFix::Replaced {
            field: name.clone(),
        });
    }
    match existing.as_slice() {
        [] => {
            let parent = document.parent_of_missing(parent, name);
            if parent == document.root() && document.has_no_main_file() {
                return Err(NoFix::NoMainFile {
                    field: name.clone(),
                });
            }
            inserted.add(parent, names, to);
            Ok(None)
        }
        [one] if !inner.is_empty() => set(*one, inner, to, subject, inserted),
        [one] if document.is_nil(*one) => replace_element(document, *one, to).map(Some),
        [one] if document.value(*one).text() == to && document.children(*one).next().is_none() => {
            Ok(None)
        }
        [one] => replace_value(document, *one, to).map(Some),
        _ => Err(NoFix::Repeated {
            field: name.clone(),
            to: inner.is_empty().then(|| to.to_owned()),
        }),
    }
}

/// Removes the elements at a path. If the finding is about one of them, only that one is removed.
fn remove(
    path: &FieldPath,
    diagnostic: &Diagnostic<'_>,
    subject: Subject<'_>,
) -> Result<Vec<Change>, NoFix> {
    let document = subject.document;
    let failure = &diagnostic.failure;
    // Most findings are about the element to remove, and searching for all such elements takes long.
    let is_found =
        |node: NodeId| subject.replaced.is_empty() && leads_to(path, diagnostic, subject, node);
    let found = match failure.node.filter(|node| is_found(*node)) {
        Some(node) => Found::Elements(Elements::from_iter([node])),
        None => subject.find(path, diagnostic.context),
    };
    let elements = match found {
        Found::Elements(elements) => elements,
        Found::Missing(_) => return Ok(Vec::new()),
        Found::Unknown => {
            return Err(NoFix::Replaced {
                field: path.last().to_owned(),
            });
        }
    };
    let elements = match failure.node {
        Some(node) if elements.contains(&node) => Elements::from_iter([node]),
        _ => elements,
    };
    if let (Some(item), [one]) = (failure.item, elements.as_slice()) {
        return remove_item(document, *one, item).map(|change| vec![change]);
    }
    if elements.iter().any(|it| document.is_file_root(*it)) {
        return Err(NoFix::WholeFile);
    }
    Ok(elements
        .into_iter()
        .map(|id| (whole_line(document, document.span(id)), String::new()))
        .collect())
}

/// Whether a path leads to the element `node`.
fn leads_to(
    path: &FieldPath,
    diagnostic: &Diagnostic<'_>,
    subject: Subject<'_>,
    node: NodeId,
) -> bool {
    let document = subject.document;
    let mut at = Some(node);
    for name in path.names.iter().rev() {
        let is_named = |id: &NodeId| document.is_metadata(*id) && document.name(*id) == name;
        at = at.filter(is_named).and_then(|id| document.parent(id));
    }
    at == Some(start(path, subject, diagnostic.context))
}

/// The span of an element. If nothing else is on its line, it includes the line and the line end before
/// it.
fn whole_line(document: Document<'_>, span: Span) -> Span {
    let source = document.source();
    let before = &source[..span.start as usize];
    let after = &source[span.end as usize..];
    let line = before.trim_end_matches([' ', '\t']);
    let rest = after.trim_start_matches([' ', '\t']);
    let blanks = after.len() - rest.len();
    let line_end = LINE_ENDS.into_iter().find(|end| line.ends_with(end));
    match line_end {
        Some(line_end) if rest.is_empty() || rest.starts_with(['\n', '\r']) => {
            Span::new(line.len() - line_end.len(), span.end as usize + blanks)
        }
        _ => span,
    }
}

/// Removes an item of a list, with the separator after it, or before it if it is the last one.
fn remove_item(document: Document<'_>, id: NodeId, item: Span) -> Result<Change, NoFix> {
    let name = document.name(id);
    let content = document.content(id);
    let source = document.source();
    if !document.is_plain(id) {
        return Err(NoFix::NotPlainText {
            field: name.to_owned(),
            action: ManualAction::RemoveItem,
        });
    }
    let before = &source[content.start as usize..item.start as usize];
    let after = &source[item.end as usize..content.end as usize];
    let separators = [',', '\n', '\r'];
    let is_blank = |text: &str| trim(text).trim_matches(separators).trim().is_empty();
    // Both look at the characters next to the item first, because there can be many items.
    let is_filler = |c: char| c.is_whitespace() || separators.contains(&c);
    let is_first = before.trim_end_matches(is_filler).is_empty() && is_blank(before);
    let is_last = after.trim_start_matches(is_filler).is_empty() && is_blank(after);
    if is_first && is_last {
        return Err(NoFix::OnlyItem {
            field: name.to_owned(),
        });
    }
    let span = if is_first {
        let next = after.len()
            - after
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

/// Replaces the match of a pattern in the value or item that the finding is about.
fn replace(
    pattern: &str,
    with: &str,
    diagnostic: &Diagnostic<'_>,
    subject: Subject<'_>,
) -> Result<Change, NoFix> {
    let document = subject.document;
    let Some(node) = diagnostic.failure.node else {
        return Err(NoFix::NothingToChange);
    };
    let name = document.name(node);
    if !document.is_plain(node) {
        return Err(NoFix::NotPlainText {
            field: name.to_owned(),
            action: ManualAction::Change,
        });
    }
    let content = document.content(node);
    let span = diagnostic.failure.item.unwrap_or_else(|| {
        let text = &document.source()[content.range()];
        let start = text.len() - text.trim_start_matches(WHITESPACE).len();
        Span::new(
            content.start as usize + start,
            content.start as usize + start + trim(text).len(),
        )
    });
    let text = &document.source()[span.range()];
    // The pattern was compiled together with the rule, so this does not fail.
    let Ok(pattern) = Regex::new(pattern) else {
        return Err(NoFix::UnusablePattern);
    };
    let replaced = pattern.replace(text, with);
    if replaced == text {
        return Err(NoFix::UnknownValue {
            field: name.to_owned(),
        });
    }
    Ok(shortest(span, text, &replaced))
}

/// The change from `old`, at `span`, to `new` without what both begin and end with. A value can contain
/// a secret, which should not be a part of the change.
fn shortest(span: Span, old: &str, new: &str) -> Change {
    let same = |(one, other): &(char, char)| one == other;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(same).map(|(one, _)| one.len_utf8()).sum()
    };
    let before = length(&mut old.chars().zip(new.chars()));
    let (old, new) = (&old[before..], &new[before..]);
    let after = length(&mut old.chars().rev().zip(new.chars().rev()));
    let start = span.start as usize + before;
    let change = Span::new(start, start + old.len() - after);
    (change, new[..new.len() - after].to_owned())
}

/// Replaces a value or a name by the only valid spelling.
fn repair(diagnostic: &Diagnostic<'_>, subject: Subject<'_>) -> Result<Vec<Change>, NoFix> {
    let document = subject.document;
    let failure = &diagnostic.failure;
    let (Some(node), Some(repair)) = (failure.node, &failure.repair) else {
        return Err(NoFix::Ambiguous);
    };
    match repair {
        Repair::KeepOne => Err(NoFix::Repeated {
            field: document.name(node).to_owned(),
            to: None,
        }),
        Repair::Value(value) => replace_text(document, node, value).map(|change| vec![change]),
        Repair::Rename(name) => {
            let old = document.qualified_name(node);
            let prefix = document.prefix(node);
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

/// Checks the reasons against a fix that do not depend on the content of the file.
fn check_fixable(
    diagnostic: &Diagnostic<'_>,
    recipe: &Recipe,
    subject: Subject<'_>,
) -> Result<(), NoFix> {
    let name = match &recipe.steps[..] {
        [Step::Set { path, .. }, ..] => format!("`{}`", path.last()),
        _ => "the fix".to_owned(),
    };
    if subject.file.project.broken.is_some() {
        return Err(NoFix::ProjectFileUnreadable);
    }
    if let Some(namespace) = subject.file.foreign_namespace() {
        return Err(NoFix::ForeignNamespace {
            namespace: namespace.to_owned(),
        });
    }
    if let Some(pattern) = subject.replaced.uncompilable() {
        return Err(NoFix::UnknownReplacement {
            pattern: pattern.to_owned(),
        });
    }
    match (diagnostic.check.since, subject.file.api_version) {
        (Some(since), Err(UnreadableManifest)) => Err(NoFix::ManifestUnreadable {
            subject: name,
            since,
        }),
        (Some(since), Ok(Some(version))) if version < since => Err(NoFix::OldApiVersion {
            subject: name,
            since,
            version,
        }),
        _ => Ok(()),
    }
}

/// Replaces the value of an element, unless it is a placeholder.
fn replace_value(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, NoFix> {
    let name = document.name(id);
    if document.children(id).next().is_some() {
        return Err(NoFix::HasElements {
            field: name.to_owned(),
        });
    }
    let value = document.value(id);
    // This also trims whitespace that is not XML whitespace: it is a typo and not a placeholder.
    let is_boolean = matches!(to, "true" | "false");
    let (field, to) = (name.to_owned(), to.to_owned());
    if is_placeholder(value.text()) {
        return Err(NoFix::Placeholder { field, to });
    }
    if is_boolean && !is_plain_word(value.text().trim()) {
        return Err(NoFix::NotBoolean { field, to });
    }
    replace_text(document, id, &to)
}

/// Replaces the text of an element that has no child elements.
fn replace_text(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, NoFix> {
    let name = document.name(id);
    if document.is_self_closed(id) {
        return Ok(open_tag(document, id, to));
    }
    let content = document.content(id);
    let pieces = document.pieces(id);
    let has_text = |at: &usize| !trim(&pieces[*at].decoded()).is_empty();
    let first = (0..pieces.len()).find(has_text);
    let last = (0..pieces.len()).rev().find(has_text);
    let (Some(first), Some(last)) = (first, last) else {
        let comment = pieces
            .iter()
            .rfind(|piece| piece.kind == PieceKind::Comment);
        let span = comment.map_or(content, |comment| Span::at(comment.span.end as usize));
        return Ok((span, to.to_owned()));
    };
    let run = &pieces[first..=last];
    if run.iter().any(|piece| piece.kind == PieceKind::Comment) {
        return Err(NoFix::CommentInValue {
            field: name.to_owned(),
            to: to.to_owned(),
        });
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

/// Whether this is a word that people write for a boolean. Anything else may be a placeholder of some
/// tool, and is not replaced.
fn is_plain_word(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "", "true", "false", "0", "1", "yes", "no", "y", "n", "t", "f", "on", "off", "enabled",
        "disabled",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Replaces a nil element as a whole, because a value has no effect beside `xsi:nil`.
fn replace_element(document: Document<'_>, id: NodeId, to: &str) -> Result<Change, NoFix> {
    let name = document.qualified_name(id);
    let has_comment = document
        .pieces(id)
        .iter()
        .any(|piece| piece.kind == PieceKind::Comment);
    if has_comment {
        return Err(NoFix::CommentInNil {
            field: name.to_owned(),
            to: to.to_owned(),
        });
    }
    if document.children(id).next().is_some() {
        return Err(NoFix::HasElements {
            field: name.to_owned(),
        });
    }
    if declares_own_namespace(document, id) {
        return Err(NoFix::NamespaceInNil {
            field: name.to_owned(),
            to: to.to_owned(),
        });
    }
    Ok((document.span(id), format!("<{name}>{to}</{name}>")))
}

/// Whether the element's tag declares the namespace of its name.
fn declares_own_namespace(document: Document<'_>, id: NodeId) -> bool {
    let tag = &document.source()[document.start_tag(id).range()];
    let declaration = match document.qualified_name(id).split_once(':') {
        Some((prefix, _)) => format!("xmlns:{prefix}"),
        None => "xmlns".to_owned(),
    };
    tag.split(|c| c == '=' || WHITESPACE.contains(&c))
        .any(|word| word == declaration)
}
