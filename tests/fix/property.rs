//! Invariants of all fixes.
//!
//! To test more cases than `cargo test`, run `PROPTEST_CASES=100000 cargo test --release --test fix
//! property`.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use forcelint::finding::{Edit, Finding};
use forcelint::fix::Level;
use forcelint::project::SourceFile;
use forcelint::rule::{RuleSet, Selection};
use forcelint::run::{Indexes, Options, Workspace, check_text, fix_text};
use jiff::civil::Date;
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::generate::{Case, Kind, case};
use crate::oracle::{contexts, kept_attributes, rest_of_tree};

const TODAY: Date = jiff::civil::date(2026, 11, 28);

/// The rules that the oracle implements.
static RULES: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let selection = Selection {
        select: vec!["pkce".to_owned()],
        ..Selection::default()
    };
    Arc::new(RuleSet::select(&selection).unwrap())
});

/// Shared by all cases, because its caches do not depend on them.
static WORKSPACE: LazyLock<Workspace> =
    LazyLock::new(|| Workspace::new(&RULES, Options::on(TODAY)));

/// The project of the cases. It does not exist on disk.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("no-such-project-of-forcelint"));

pub fn file(kind: Kind) -> SourceFile {
    let project = WORKSPACE.projects.around(&FOLDER, &FOLDER);
    SourceFile::new(FOLDER.join(kind.file_name()), project).unwrap()
}

pub fn findings(kind: Kind, text: &str) -> Vec<Finding> {
    let mut findings = check_text(
        &WORKSPACE,
        &mut Indexes::default(),
        &file(kind),
        text.as_bytes(),
    )
    .findings;
    findings.sort_by_key(|finding| finding.location.start.offset);
    findings
}

/// The fixed text and the number of fixes.
pub fn fixed(kind: Kind, text: &str) -> (String, usize) {
    let is_included = |finding: &Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| Level::All.includes(fix))
    };
    let fixed = fix_text(
        &WORKSPACE,
        &mut Indexes::default(),
        &file(kind),
        text.as_bytes(),
        is_included,
    );
    assert!(fixed.refused.is_empty(), "{:?}\n{text:?}", fixed.refused);
    (String::from_utf8(fixed.text).unwrap(), fixed.fixed.len())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases(400))
    })]

    #[test]
    fn fix_resolves_the_finding_and_changes_nothing_else(case in case()) {
        check(&case);
    }

    #[test]
    fn fixes_of_all_rules_are_compatible(case in case()) {
        check_with_every_rule(&case);
    }
}

static EVERY_RULE: LazyLock<Arc<RuleSet>> =
    LazyLock::new(|| Arc::new(RuleSet::select(&Selection::default()).unwrap()));

static EVERY_WORKSPACE: LazyLock<Workspace> =
    LazyLock::new(|| Workspace::new(&EVERY_RULE, Options::on(TODAY)));

/// Invariants of the fixes of all rules: the result is valid, and a second run changes nothing.
fn check_with_every_rule(case: &Case) {
    let Case { kind, text } = case;
    let is_included = |finding: &Finding| finding.fix.is_some();
    let fix = |text: &str| {
        let fixed = fix_text(
            &EVERY_WORKSPACE,
            &mut Indexes::default(),
            &file(*kind),
            text.as_bytes(),
            is_included,
        );
        // Of two such elements, either may apply, so that a fix can cause a finding about the other one.
        let tree = parse(text);
        let names = tree.descendants().map(|node| node.tag_name().name());
        // The fixes also correct the case of a name. It can have a prefix.
        let same = names.filter(|it| it.eq_ignore_ascii_case("isSecretRequiredForRefreshToken"));
        let is_repeated = same.count() > 1;
        assert!(
            fixed.refused.is_empty() || is_repeated,
            "{:?}\n{text}",
            fixed.refused
        );
        (String::from_utf8(fixed.text).unwrap(), fixed.fixed.len())
    };
    let (new, count) = fix(text);
    assert_eq!(count == 0, new == *text);
    assert_eq!(fix(&new), (new.clone(), 0), "a second fix changes the text");
    let (old_tree, new_tree) = (parse(text), parse(&new));
    assert_eq!(
        old_tree.root_element().tag_name(),
        new_tree.root_element().tag_name()
    );
    // Text outside the root element never changes.
    let outside_root = |text: &str, tree: &Document<'_>| {
        let root = tree.root_element().range();
        (text[..root.start].to_owned(), text[root.end..].to_owned())
    };
    assert_eq!(outside_root(text, &old_tree), outside_root(&new, &new_tree));
    let line_ends = |text: &str| text.matches(['\n', '\r']).count();
    if line_ends(&text[old_tree.root_element().range()]) == 0 {
        assert_eq!(line_ends(text), line_ends(&new), "one line became several");
    }
    // Comments are kept: no rule removes an element of these files that can contain one.
    let comments = |tree: &Document<'_>| -> Vec<String> {
        let all = tree.descendants().filter(Node::is_comment);
        all.filter_map(|comment| comment.text().map(str::to_owned))
            .collect()
    };
    let after = comments(&new_tree);
    for comment in comments(&old_tree) {
        assert!(after.contains(&comment), "{comment:?} is gone: {new}");
    }
}

/// An explicit number of cases would override `PROPTEST_CASES`.
fn cases(default: u32) -> u32 {
    let cases = std::env::var("PROPTEST_CASES").ok();
    cases
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(default)
}

/// Checks all invariants for one file.
pub fn check(case: &Case) {
    let Case { kind, text } = case;
    let old = parse(text);
    let before = contexts(*kind, &old);
    let found = findings(*kind, text);

    // The findings.
    let violating: Vec<_> = before.iter().filter(|context| context.violates).collect();
    assert_eq!(found.len(), violating.len(), "{found:#?}");
    for (finding, context) in found.iter().zip(&violating) {
        assert!(finding.rule.starts_with("pkce-required"), "{finding:?}");
        assert_eq!(
            finding.fix.is_some(),
            context.is_fixable,
            "{}",
            finding.help
        );
        let location = finding.location.start.offset..finding.location.end.offset;
        let range = context.node.range();
        assert!(range.start <= location.start && location.end <= range.end);
    }

    // The edits.
    let edits: Vec<&Edit> = found
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .collect();
    for edit in &edits {
        let (start, end) = (edit.start.offset, edit.end.offset);
        assert!(start < end || text[..start].ends_with('>'), "{edit:?}");
        assert!(
            violating.iter().any(|context| {
                let range = context.node.range();
                range.start < start && end <= range.end
            }),
            "{edit:?} is outside"
        );
    }
    let new = apply(text, &edits);
    let (by_fix_text, count) = fixed(*kind, text);
    assert_eq!(new, by_fix_text);
    assert_eq!(count, edits.len());

    // The result.
    let document = parse(&new);
    let after = contexts(*kind, &document);
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            after.violates,
            before.violates && !before.is_fixable,
            "{new}"
        );
        if before.is_fixable {
            assert_eq!(after.flags.len(), 1);
            let text: String = after.flags[0]
                .children()
                .filter_map(|child| child.text().filter(|_| child.is_text()))
                .collect();
            assert_eq!(text.trim(), "true");
        }
    }
    let mut fixed_contexts = after;
    for (before, after) in before.iter().zip(&mut fixed_contexts) {
        after.violates = before.violates;
        after.is_fixable = before.is_fixable;
    }
    assert_eq!(
        rest_of_tree(&old, &before),
        rest_of_tree(&document, &fixed_contexts)
    );
    let attributes = kept_attributes(&fixed_contexts);
    for attribute in kept_attributes(&before) {
        assert!(attributes.contains(&attribute), "{attribute} is gone");
    }
    let remaining = findings(*kind, &new);
    assert_eq!(remaining.len(), found.len() - edits.len(), "{remaining:#?}");

    // A second fix changes nothing.
    assert_eq!(fixed(*kind, &new), (new.clone(), 0));

    // The position of inserted flags.
    for (before, after) in before.iter().zip(&fixed_contexts) {
        if before.is_fixable && before.flags.is_empty() {
            check_inserted_flag(text, before.node, &new, after.node, after.flags[0]);
        }
    }
    let count = |text: &str| text.matches(['\n', '\r']).count();
    if count(&text[old.root_element().range()]) == 0 {
        assert_eq!(count(text), count(&new), "one line became several: {new}");
    }
}

/// Checks the position and indentation of an inserted flag.
fn check_inserted_flag(
    old: &str,
    old_parent: Node<'_, '_>,
    new: &str,
    parent: Node<'_, '_>,
    flag: Node<'_, '_>,
) {
    let names = |node: Node<'_, '_>| -> Vec<String> {
        node.children()
            .filter(Node::is_element)
            .map(|child| child.tag_name().name().to_owned())
            .collect()
    };
    if names(old_parent).is_sorted() {
        assert!(names(parent).is_sorted(), "out of order: {new}");
    }
    let siblings: Vec<_> = old_parent.children().filter(Node::is_element).collect();
    let flag_start = line_start(new, flag);
    if siblings.is_empty() {
        let Some((line_end, indent)) = line_start(old, old_parent) else {
            assert_eq!(
                flag_start, None,
                "an element within a line got several lines: {new}"
            );
            return;
        };
        let first = old_parent
            .parent()
            .and_then(|root| root.first_element_child());
        let unit = match first.and_then(|first| line_start(old, first)) {
            Some((_, indent)) => indent,
            None => "    ",
        };
        assert_eq!(
            flag_start,
            Some((line_end, &*format!("{indent}{unit}"))),
            "{new}"
        );
        assert!(ends_line(new, flag.range().end, false), "{new}");
        let is_blank = |node: Node<'_, '_>| node.text().is_none_or(|it| it.trim().is_empty());
        if !old[old_parent.range()].contains(['\n', '\r'])
            && old_parent
                .children()
                .all(|child| is_blank(child) && child.is_text())
        {
            let content_end = new[..parent.range().end].rfind("</").unwrap();
            let before = new[..content_end].strip_suffix(indent).unwrap();
            assert!(before.ends_with(line_end), "{new}");
        }
        return;
    }
    let in_lines = siblings.iter().all(|&sibling| {
        line_start(old, sibling).is_some() && ends_line(old, sibling.range().end, true)
    });
    if !in_lines {
        return;
    }
    let before = flag.prev_sibling_element();
    let sibling = before.or(flag.next_sibling_element()).unwrap();
    assert_eq!(
        flag_start,
        line_start(new, sibling),
        "not indented like its siblings: {new}"
    );
    let has_next = flag.next_sibling_element().is_some();
    let rest_of_line = &new[flag.range().end..];
    assert!(
        ends_line(new, flag.range().end, false)
            || (!has_next
                && rest_of_line
                    .trim_start_matches([' ', '\t'])
                    .starts_with("</")),
        "not alone on its line: {new}"
    );
    // Comments between the flag and the element before it trail on the line of that element.
    // Comment lines before the next element stay before that element.
    let start = match before {
        Some(before) => before.range().end,
        None => parent.children().next().unwrap().range().start,
    };
    let mut rest = &new[start..flag.range().start];
    while let Some(at) = rest.find("<!--").into_iter().chain(rest.find("<?")).min() {
        assert!(
            rest[..at].trim_matches([' ', '\t']).is_empty(),
            "a comment line before the flag: {new}"
        );
        rest = after_comment(&rest[at..]).unwrap();
    }
    assert_eq!(rest.trim(), "", "{new}");
}

/// The line end before an element and its indentation, if it is the first on its line.
fn line_start<'t>(text: &'t str, node: Node<'_, '_>) -> Option<(&'t str, &'t str)> {
    let before = &text[..node.range().start];
    let line = before.trim_end_matches([' ', '\t']);
    let line_end = if line.ends_with("\r\n") {
        2
    } else if line.ends_with(['\n', '\r']) {
        1
    } else {
        return None;
    };
    Some((&line[line.len() - line_end..], &before[line.len()..]))
}

/// Whether only blanks follow on the line, or comments if `allow_comments` is true.
fn ends_line(text: &str, at: usize, allow_comments: bool) -> bool {
    let rest = text[at..].trim_start_matches([' ', '\t']);
    if let Some(rest_of_line) = after_comment(rest).filter(|_| allow_comments) {
        return ends_line(text, text.len() - rest_of_line.len(), allow_comments);
    }
    rest.starts_with(['\n', '\r']) || (allow_comments && rest.starts_with("</"))
}

/// The text after the comment or processing instruction at the start of the text.
fn after_comment(text: &str) -> Option<&str> {
    let end = if text.starts_with("<!--") {
        "-->"
    } else if text.starts_with("<?") {
        "?>"
    } else {
        return None;
    };
    Some(&text[text.find(end)? + end.len()..])
}

pub fn parse(text: &str) -> Document<'_> {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Applies edits from the last to the first, so that no edit moves another.
pub fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| edit.start.offset);
    let mut new = text.to_owned();
    for edit in edits.into_iter().rev() {
        new.replace_range(edit.start.offset..edit.end.offset, &edit.text);
    }
    new
}

/// The invariants would prove nothing if the generator produced only files without findings.
#[test]
fn generator_covers_all_kinds_of_cases() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut clean, mut fixable, mut not_fixable, mut insertions, mut filled) = (0, 0, 0, 0, 0);
    for _ in 0..400 {
        let case = case().new_tree(&mut runner).unwrap().current();
        let document = parse(&case.text);
        for context in contexts(case.kind, &document) {
            clean += u32::from(!context.violates);
            fixable += u32::from(context.is_fixable);
            not_fixable += u32::from(context.violates && !context.is_fixable);
            let is_insertion = context.is_fixable && context.flags.is_empty();
            let is_empty = !context.node.children().any(|child| child.is_element());
            insertions += u32::from(is_insertion && !is_empty);
            filled += u32::from(is_insertion && is_empty);
        }
    }
    for (kind, count) in [
        ("clean", clean),
        ("fixable", fixable),
        ("not fixable", not_fixable),
        ("inserted", insertions),
        ("filled", filled),
    ] {
        assert!(count >= 20, "only {count} cases are {kind}");
    }
}
