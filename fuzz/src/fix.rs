//! Findings and fixes of a file: every location is inside the file, and a fix changes only what it
//! announces.
//!
//! The first line of the input is the name of a metadata type, the rest is the file. Any other first line
//! selects a type by its bytes.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use forcelint::finding::{Edit, Finding, Location};
use forcelint::fix::Level;
use forcelint::project::{MetadataType, SourceFile};
use forcelint::rule::{MALFORMED, RuleSet, Selection};
use forcelint::run::{Indexes, Options, Workspace, check_text, fix_text};
use forcelint::xml::{Document, Tree, decode, parse};

static RULES: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let rules = RuleSet::select(&Selection::default());
    Arc::new(rules.expect("the default selection is valid"))
});

static WORKSPACE: LazyLock<Workspace> =
    LazyLock::new(|| Workspace::new(&RULES, Options::on(Default::default())));

/// The project of the inputs, which does not exist.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("no-such-project-of-forcelint"));

/// The types that rules check.
static TYPES: LazyLock<Vec<MetadataType>> = LazyLock::new(|| {
    MetadataType::all()
        .filter(|&it| RULES.checks(it).next().is_some())
        .collect()
});

/// Checks the input and applies its fixes.
pub fn check(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (head, text) = match end {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (&b""[..], input),
    };
    let file = file(head);
    let outcome = check_text(&WORKSPACE, &mut Indexes::default(), &file, text);
    for finding in &outcome.findings {
        check_locations(finding, text);
    }
    for level in [Level::Safe, Level::All] {
        check_fixes(&file, text, &outcome.findings, level);
    }
}

fn file(head: &[u8]) -> SourceFile {
    let named = std::str::from_utf8(head).ok().and_then(MetadataType::named);
    // The files of a type without a suffix have various names.
    let named = named.filter(|it| it.suffix().is_some());
    let chosen = head.iter().fold(0, |sum, &byte| sum + usize::from(byte));
    let metadata_type = named.unwrap_or_else(|| TYPES[chosen % TYPES.len()]);
    let project = WORKSPACE.projects.around(&FOLDER, &FOLDER);
    // Some suffixes are only valid in the type's folder.
    let folder = FOLDER.join(metadata_type.folder());
    SourceFile::new(folder.join(metadata_type.file_name("Name")), project)
        .expect("the file name of a type is valid")
}

fn check_locations(finding: &Finding, bytes: &[u8]) {
    assert!(!finding.message().is_empty() && !finding.help.is_empty());
    let location = |location: &Location| {
        let (start, end) = (location.start.offset, location.end.offset);
        assert!(start <= end && end <= bytes.len(), "{finding:#?}");
        assert!(
            (location.start.line, location.start.column)
                <= (location.end.line, location.end.column)
        );
    };
    location(&finding.location);
    finding.related.iter().for_each(|it| location(&it.location));
    let Some(fix) = &finding.fix else {
        return;
    };
    assert_ne!(finding.rule, MALFORMED);
    assert!(!fix.edits.is_empty() && !fix.title.is_empty());
    let text = std::str::from_utf8(bytes).expect("only UTF-8 files have fixes");
    for (at, edit) in fix.edits.iter().enumerate() {
        let range = edit.start.offset..edit.end.offset;
        assert!(
            text.get(range.clone()).is_some(),
            "{range:?} is not a range of the text"
        );
        assert_ne!(&text[range], edit.text, "an edit changes nothing");
        assert!(!fix.edits[..at].iter().any(|other| overlap(edit, other)));
    }
}

fn overlap(one: &Edit, other: &Edit) -> bool {
    one.start.offset < other.end.offset && other.start.offset < one.end.offset
        || one.start.offset == other.start.offset
}

fn check_fixes(file: &SourceFile, text: &[u8], findings: &[Finding], level: Level) {
    let is_selected =
        |finding: &Finding| finding.fix.as_ref().is_some_and(|fix| level.includes(fix));
    let fix = |text: &[u8]| fix_text(&WORKSPACE, &mut Indexes::default(), file, text, is_selected);
    let result = fix(text);
    if findings.iter().any(|finding| finding.rule == MALFORMED) {
        assert_eq!(result.text, text, "a malformed file was changed");
        return;
    }
    assert_eq!(result.fixed.is_empty(), result.text == text);
    let old = decode(text).expect("other encodings are malformed");
    let new = decode(&result.text).expect("fixed files are UTF-8");
    let (mut old_tree, mut new_tree) = (Tree::default(), Tree::default());
    parse(old, &mut old_tree).expect("files that do not parse are malformed");
    if let Err(malformed) = parse(new, &mut new_tree) {
        panic!("a fix broke the file: {malformed:?}\n{new}");
    }
    if result.fixed.is_empty() {
        return;
    }
    let again = fix(&result.text);
    assert_eq!(again.text, result.text, "a second run changes the file");
    check_outside_root(Document::new(old, &old_tree), Document::new(new, &new_tree));
    check_edits(old, findings, is_selected, &result.fixed, new);
}

/// No fix changes the text before and after the root.
fn check_outside_root(old: Document<'_>, new: Document<'_>) {
    let around = |document: Document<'_>| {
        let root = document.span(document.root()).range();
        let text = document.source();
        (text[..root.start].to_owned(), text[root.end..].to_owned())
    };
    assert_eq!(around(old), around(new));
}

/// If all fixes were applied in one pass, the result is the text with exactly the announced edits.
fn check_edits(
    old: &str,
    findings: &[Finding],
    is_selected: impl Fn(&Finding) -> bool,
    fixed: &[Finding],
    new: &str,
) {
    let selected = findings.iter().filter(|finding| is_selected(finding));
    let announced = selected.clone().count();
    let mut edits: Vec<&Edit> = selected
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .collect();
    edits.sort_by_key(|edit| (edit.start.offset, edit.end.offset));
    let collide = edits
        .windows(2)
        .any(|pair| pair[0].end.offset > pair[1].start.offset || pair[0].start == pair[1].start);
    if collide || announced != fixed.len() {
        return;
    }
    let mut expected = old.to_owned();
    for edit in edits.iter().rev() {
        expected.replace_range(edit.start.offset..edit.end.offset, &edit.text);
    }
    assert_eq!(expected, new);
}
