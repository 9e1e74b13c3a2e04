//! `replacements` of `sfdx-project.json`: text that the CLI replaces at deployment.
//!
//! Values in these ranges are unknown and must not be edited. Files are matched as in
//! `convert/replacements.js` of `@salesforce/source-deploy-retrieve`: the path ends with `filename`, or
//! matches `**/<glob>`.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use serde::Deserialize;

use crate::xml::{Document, NodeId, Span};

/// An entry in the file, without the source of the new text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replacement {
    filename: Option<String>,
    glob: Option<String>,
    string_to_replace: Option<String>,
    regex_to_replace: Option<String>,
    #[serde(skip)]
    compiled: OnceLock<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    files: Files,
    pattern: Pattern,
}

#[derive(Debug)]
enum Files {
    EndsWith(String),
    Glob(Box<GlobMatcher>),
    /// The CLI may interpret the glob in another way, so every file may match.
    Any(String),
}

#[derive(Debug)]
enum Pattern {
    Literal(String),
    Regex(Regex),
    Uncompilable(String),
}

impl Replacement {
    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled {
            files: match (&self.filename, &self.glob) {
                (Some(filename), _) => Files::EndsWith(filename.clone()),
                (None, Some(glob)) => compile_glob(glob),
                (None, None) => Files::EndsWith("/".to_owned()),
            },
            pattern: match (&self.string_to_replace, &self.regex_to_replace) {
                (Some(literal), _) => Pattern::Literal(literal.clone()),
                (None, Some(regex)) => Regex::new(regex)
                    .map_or_else(|_| Pattern::Uncompilable(regex.clone()), Pattern::Regex),
                (None, None) => Pattern::Literal(String::new()),
            },
        })
    }
}

fn compile_glob(glob: &str) -> Files {
    let glob = glob.trim_start_matches("./");
    // Extended patterns of minimatch, such as `!(a|b)`, have another meaning in globset.
    let extended = ["!(", "+(", "@(", "?(", "*("]
        .iter()
        .any(|start| glob.contains(start));
    let matcher = GlobBuilder::new(&format!("**/{glob}"))
        .literal_separator(true)
        .build();
    match matcher {
        Ok(matcher) if !extended => Files::Glob(Box::new(matcher.compile_matcher())),
        _ => Files::Any(glob.to_owned()),
    }
}

/// The most matches of one pattern in one file. After them, the rest of the file counts as replaced:
/// every element is compared with every match, and some patterns take longer for each further match.
const MAX_MATCHES: usize = 256;

/// The ranges of a file that the CLI replaces.
#[derive(Debug, Default)]
pub struct Replaced {
    spans: Vec<Span>,
    uncompilable: Option<String>,
}

impl Replaced {
    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.uncompilable.is_none()
    }

    /// Finds the matches of `replacements` in `source`, the text of the file at `path` (with `/`).
    pub(crate) fn find(replacements: &[Replacement], path: &str, source: &str) -> Self {
        let mut replaced = Self::default();
        for replacement in replacements {
            let compiled = replacement.compiled();
            let matches = match &compiled.files {
                Files::EndsWith(filename) => path.ends_with(filename.trim_start_matches("./")),
                Files::Glob(glob) => glob.is_match(path),
                Files::Any(glob) => {
                    replaced.uncompilable.get_or_insert_with(|| glob.clone());
                    true
                }
            };
            if !matches {
                continue;
            }
            match &compiled.pattern {
                Pattern::Literal(literal) if literal.is_empty() => {}
                Pattern::Literal(literal) => replaced.add(
                    source
                        .match_indices(literal.as_str())
                        .map(|(at, text)| Span::new(at, at + text.len())),
                    source.len(),
                ),
                Pattern::Regex(regex) => replaced.add(
                    regex
                        .find_iter(source)
                        .filter(|found| !found.is_empty())
                        .map(|found| Span::new(found.start(), found.end())),
                    source.len(),
                ),
                Pattern::Uncompilable(pattern) => {
                    replaced.uncompilable.get_or_insert_with(|| pattern.clone());
                }
            }
        }
        replaced
    }

    /// Adds the ranges of a file whose text begins at `start` in a composed document. If one of them is not
    /// `inside` an element, the list of elements is unknown: then `tag`, that of the root, is replaced, too.
    pub(crate) fn append(
        &mut self,
        of_file: Self,
        start: usize,
        tag: Span,
        is_inside: &dyn Fn(Span) -> bool,
    ) {
        for span in of_file.spans {
            let span = Span::new(start + span.start as usize, start + span.end as usize);
            if !is_inside(span) && self.spans.first() != Some(&tag) {
                self.spans.insert(0, tag);
            }
            self.spans.push(span);
        }
        self.uncompilable = self.uncompilable.take().or(of_file.uncompilable);
    }

    /// Adds the matches of one pattern, up to [`MAX_MATCHES`].
    fn add(&mut self, mut matches: impl Iterator<Item = Span>, length: usize) {
        self.spans.extend(matches.by_ref().take(MAX_MATCHES));
        if let Some(next) = matches.next() {
            self.spans.push(Span::new(next.start as usize, length));
        }
    }

    /// A pattern that forcelint cannot interpret, and which may match in this file. Then nothing in the
    /// file may be edited.
    pub fn uncompilable(&self) -> Option<&str> {
        self.uncompilable.as_deref()
    }

    /// Whether a replacement overlaps the span. For an empty span, whether it is inside a replacement.
    pub fn touches(&self, span: Span) -> bool {
        self.spans.iter().any(|replaced| {
            replaced.overlaps(span)
                || (span.is_empty() && replaced.start < span.start && span.start < replaced.end)
        })
    }

    /// Whether the element may be missing or another one after deployment.
    #[inline]
    pub fn hides_element(&self, document: Document<'_>, id: NodeId) -> bool {
        let span = document.span(id);
        let content = document.content(id);
        self.spans
            .iter()
            .any(|replaced| replaced.overlaps(span) && !content.contains(*replaced))
    }

    /// Whether the element's value or list of children may be another after deployment: a replacement
    /// overlaps it outside its child elements.
    #[inline]
    pub fn hides_content(&self, document: Document<'_>, id: NodeId) -> bool {
        let span = document.span(id);
        self.spans
            .iter()
            .filter(|replaced| replaced.overlaps(span))
            .any(|replaced| {
                !document
                    .children(id)
                    .any(|child| document.span(child).contains(*replaced))
            })
    }
}
