//! String replacements of `sfdx-project.json`: what the CLI rewrites at deploy.
//!
//! In: the `replacements` of a project and a file's text. Out: the byte ranges that will be
//! something else in the org. What stands there cannot be judged and must not be edited. The
//! semantics are those of `convert/replacements.js` in `@salesforce/source-deploy-retrieve`: a
//! file matches when its path ends with `filename`, or by `**/<glob>`.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use serde::Deserialize;

use crate::xml::{Document, NodeId, Span};

/// One entry as the file has it. Where the new text comes from is the CLI's business.
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
    /// The glob means something here that it may not mean in the CLI, so every file may match.
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
    // Extended patterns of minimatch (`!(a|b)`) mean something else to globset.
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

/// Matches of one pattern in one file that are told apart.
const MAX_MATCHES: usize = 256;

/// What the CLI will rewrite in one file.
#[derive(Debug, Default)]
pub struct Replaced {
    spans: Vec<Span>,
    uncompilable: Option<String>,
}

impl Replaced {
    /// Whether nothing is rewritten, as far as that can be told.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.uncompilable.is_none()
    }

    /// Finds what `replacements` match in `source`, the text of the file at `path` (with `/`).
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

    /// Takes the places of one pattern. Each costs time for every element, and some patterns take
    /// ever longer for the next, so behind [`MAX_MATCHES`] everything counts as replaced.
    fn add(&mut self, mut matches: impl Iterator<Item = Span>, length: usize) {
        self.spans.extend(matches.by_ref().take(MAX_MATCHES));
        if let Some(next) = matches.next() {
            self.spans.push(Span::new(next.start as usize, length));
        }
    }

    /// A pattern that cannot be understood here and may match in this file: nothing in it may be
    /// edited.
    pub fn uncompilable(&self) -> Option<&str> {
        self.uncompilable.as_deref()
    }

    /// Whether a replacement touches these bytes. For an empty span: whether one runs across it.
    pub fn touches(&self, span: Span) -> bool {
        self.spans.iter().any(|replaced| {
            replaced.overlaps(span)
                || (span.is_empty() && replaced.start < span.start && span.start < replaced.end)
        })
    }

    /// Whether the element may not be there, or be another one, once deployed.
    #[inline]
    pub fn hides_element(&self, document: Document<'_>, id: NodeId) -> bool {
        let span = document.span(id);
        let content = document.content(id);
        self.spans
            .iter()
            .any(|replaced| replaced.overlaps(span) && !content.contains(*replaced))
    }

    /// Whether the element's own value or list of children may be another once deployed: a
    /// replacement touches it outside of its child elements.
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
