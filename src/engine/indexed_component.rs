//! One file of the component index.
//!
//! A project can have hundreds of profiles of several megabytes, of which conditions read a few elements.
//! If a file is long, or if there are many files, the index keeps only the children of the root that
//! conditions read. To show evidence, the file is read again.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::composition::{Composition, FileText, compose_files};
use crate::project::{ComponentFiles, Replaced, SourceFile};
use crate::rule::RuleSet;
use crate::xml;
use crate::xml::{Document, Span, Tree};

/// Longer files are shortened. Shorter ones are not, because finding the elements that conditions read
/// needs many rules to be compiled.
const KEPT_WHOLE_BYTES: usize = 16 * 1024;

/// With more files than this, all files are shortened. Tests always do that.
const MANY_FILES: usize = if cfg!(test) { 0 } else { 500 };

/// A parsed file.
pub(crate) struct IndexedComponent {
    pub file: SourceFile,
    pub source: String,
    pub tree: Tree,
    pub replaced: Replaced,
    /// The files of a decomposed component. Empty for a component that is one file.
    pub files: Vec<FileText>,
    /// The text of the file, if `source` is the one after `replacements`.
    original: Option<String>,
    /// The parts of the file that are not in `source`.
    cut: Option<Cuts>,
}

impl IndexedComponent {
    /// Parses one of `count` files. `None` if it is malformed. If its type is checked, that is a separate
    /// finding.
    pub(crate) fn parse(
        file: &SourceFile,
        bytes: Vec<u8>,
        rules: &RuleSet,
        count: usize,
    ) -> Option<Self> {
        let metadata_type = file.component.metadata_type;
        let mut source = String::from_utf8(bytes).ok()?;
        let mut tree = Tree::default();
        xml::parse(&source, &mut tree).ok()?;
        let document = Document::new(&source, &tree);
        if !metadata_type.accepts_root(document.name(document.root())) {
            return None;
        }
        let replaced = file.replaced(&source);
        let mut original = None;
        if let Some(text) = replaced.text() {
            xml::parse(text, &mut tree).ok()?;
            original = Some(std::mem::replace(&mut source, text.to_owned()));
        }
        let document = Document::new(&source, &tree);
        let mut cut = None;
        let is_cut = source.len() > KEPT_WHOLE_BYTES || count > MANY_FILES;
        // A replaced text may extend from one element into the next.
        if is_cut
            && replaced.is_empty()
            && let Some((short, out)) = shortened(document, rules.asked_about(metadata_type))
        {
            if xml::parse(&short, &mut tree).is_ok() {
                (source, cut) = (short, Some(out));
            } else {
                // The texts on both sides of a cut may be malformed together.
                xml::parse(&source, &mut tree).ok()?;
            }
        }
        // Thousands of files are kept, and most are a tenth of what was read.
        source.shrink_to_fit();
        tree.shrink_to_fit();
        Some(Self {
            file: file.clone(),
            source,
            tree,
            replaced,
            files: Vec::new(),
            original,
            cut,
        })
    }

    /// Composes a decomposed component. `None` if one of its files is malformed. `texts` are the bytes of its
    /// files.
    pub(crate) fn compose(
        component: &ComponentFiles,
        texts: &[(SourceFile, Vec<u8>)],
    ) -> Option<Self> {
        let (composition, malformed) = compose_files(component, texts);
        let Composition {
            mut source,
            mut tree,
            replaced,
            deployed_tree,
            files,
        } = composition;
        let mut original = None;
        if let (Some(text), Some(deployed)) = (replaced.text(), deployed_tree) {
            original = Some(std::mem::replace(&mut source, text.to_owned()));
            tree = deployed;
        }
        malformed.is_empty().then(|| Self {
            file: component.file.clone(),
            source,
            tree,
            replaced,
            files,
            original,
            cut: None,
        })
    }

    /// Whether all of the file is kept.
    pub(crate) fn is_whole(&self) -> bool {
        self.cut.is_none()
    }

    /// Whether its file is long.
    pub(crate) fn is_long(&self) -> bool {
        let cut = self.cut.as_ref();
        cut.map_or(self.source.len(), |cut| cut.whole_bytes) > KEPT_WHOLE_BYTES
    }

    /// The text of the file, to show locations in it. `read` returns the bytes of a file. If the file has
    /// changed since it was indexed, this is the text in the index.
    pub(crate) fn text(&self, read: impl FnOnce(&Path) -> io::Result<Vec<u8>>) -> Cow<'_, str> {
        if let Some(original) = &self.original {
            return Cow::Borrowed(original);
        }
        let whole = self.cut.as_ref().and_then(|cut| {
            let text = String::from_utf8(read(&self.file.path).ok()?).ok()?;
            (text.len() == cut.whole_bytes).then_some(Cow::Owned(text))
        });
        whole.unwrap_or(Cow::Borrowed(&self.source))
    }

    /// Converts a span of `source` to one of `text`, the text of the file.
    pub(crate) fn span_in(&self, span: Span, text: &str) -> Span {
        if self.original.is_some() {
            return self.replaced.source_span(span);
        }
        let cut = self.cut.as_ref();
        let of_whole = cut.filter(|it| it.whole_bytes == text.len());
        let in_whole = of_whole.map(|it| it.in_whole(span));
        in_whole
            .filter(|it| text.get(it.range()).is_some())
            .unwrap_or(span)
    }
}

/// The parts that were cut out of a text.
struct Cuts {
    /// For each cut, its offset in the remaining text, and the number of bytes that were cut up to there.
    cuts: Vec<(usize, usize)>,
    /// The length of the whole text.
    whole_bytes: usize,
}

impl Cuts {
    /// Converts a span of the remaining text to one of the whole text.
    fn in_whole(&self, span: Span) -> Span {
        let moved = |at: usize, includes_cut: bool| {
            let before = self.cuts.partition_point(|(cut, _)| match includes_cut {
                true => *cut <= at,
                false => *cut < at,
            });
            at + before.checked_sub(1).map_or(0, |last| self.cuts[last].1)
        };
        let range = span.range();
        // A span that ends at a cut ends before it.
        let end = moved(range.end, range.is_empty());
        Span::new(moved(range.start, true), end)
    }
}

/// The text of a document with only those children of the root that have one of these names. `None` if all
/// children have one.
fn shortened(document: Document<'_>, kept: &HashSet<String>) -> Option<(String, Cuts)> {
    let source = document.source();
    let mut short = String::new();
    let mut cuts = Vec::new();
    // The end of the part that has been copied or cut.
    let mut done = 0;
    let mut cut = 0;
    for child in document.children(document.root()) {
        if kept.contains(document.name(child)) {
            continue;
        }
        let out = document.span(child).range();
        let between = &source[done..out.start];
        // White space between two cut elements is also cut.
        if cuts.is_empty() || !xml::trim(between).is_empty() {
            short.push_str(between);
        } else {
            cut += between.len();
        }
        cut += out.len();
        done = out.end;
        match cuts.last_mut() {
            Some((at, bytes)) if *at == short.len() => *bytes = cut,
            _ => cuts.push((short.len(), cut)),
        }
    }
    if cuts.is_empty() {
        return None;
    }
    short.push_str(&source[done..]);
    let whole_bytes = source.len();
    Some((short, Cuts { cuts, whole_bytes }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::rule::set::compiled;
    use crate::rule::{BUILT_IN, Rule};
    use crate::rule_tests::run_all;

    /// The tests of these rules contain the other files that the rules read.
    #[test]
    fn rules_find_elements_in_shortened_files() {
        let reading = BUILT_IN.iter().filter(|it| !it.read_types.is_empty());
        let rules: Vec<Arc<Rule>> = reading.map(|it| Arc::new(compiled(it))).collect();
        assert!(rules.len() > 10);
        for (rule, failures) in rules
            .iter()
            .zip(run_all(&rules, jiff::civil::date(2026, 11, 28)))
        {
            assert!(failures.is_empty(), "{}: {failures:?}", rule.id);
        }
    }

    /// Checks that spans in the shortened text are converted to those of the whole text.
    fn check_spans(
        children: &[(String, String, String)],
        kept: &HashSet<String>,
    ) -> Result<(), TestCaseError> {
        let mut source = String::from("<R>\n");
        for (name, between, value) in children {
            source.push_str(&format!("<{name}><v>{value}</v></{name}>{between}"));
        }
        source.push_str("</R>\n");
        let mut tree = Tree::default();
        xml::parse(&source, &mut tree).unwrap();
        let whole = Document::new(&source, &tree);
        let Some((short, cut)) = shortened(whole, kept) else {
            prop_assert!(children.iter().all(|(name, ..)| kept.contains(name)));
            return Ok(());
        };
        let mut short_tree = Tree::default();
        xml::parse(&short, &mut short_tree).unwrap();
        let short = Document::new(&short, &short_tree);
        let of_kept = whole
            .children(whole.root())
            .filter(|it| kept.contains(whole.name(*it)));
        let of_kept: Vec<Span> = of_kept.map(|it| whole.span(it)).collect();
        let mapped = short
            .children(short.root())
            .map(|it| cut.in_whole(short.span(it)));
        prop_assert_eq!(of_kept, mapped.collect::<Vec<_>>());
        prop_assert_eq!(
            whole.span(whole.root()),
            cut.in_whole(short.span(short.root()))
        );
        for id in short.all() {
            if id != short.root() {
                let text = &short.source()[short.span(id).range()];
                prop_assert_eq!(text, &source[cut.in_whole(short.span(id)).range()]);
            }
        }
        Ok(())
    }

    #[test]
    fn span_of_a_root_without_children() {
        let only = [("a".to_owned(), String::new(), String::new())];
        check_spans(&only, &HashSet::default()).unwrap();
    }

    proptest! {
        #[test]
        fn spans_of_a_shortened_text(
            children in prop::collection::vec(("[abc]", "[ \n]{0,2}", "[xyz]{0,3}"), 0..12),
            kept in prop::collection::hash_set("[abc]", 0..3),
        ) {
            check_spans(&children, &kept)?;
        }
    }
}
