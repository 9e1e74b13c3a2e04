//! The shape of the tests of a rule: example files, and what the rule says about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::severity::Severity;

/// The tests of a rule, in a file of their own beside it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestFile {
    /// Examples, and what the rule says about them.
    pub test: Vec<Example>,
}

/// A `[[test]]` table: a component, and what the rule must say of it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What is shown.
    pub name: String,
    /// The component's type.
    pub metadata: String,
    /// Its full name; `Example` when not given.
    #[serde(default = "example_component")]
    pub component: String,
    /// The file.
    pub xml: String,
    /// Other files of the project.
    #[serde(default)]
    pub with: Vec<ExampleFile>,
    /// The text of `sfdx-project.json`, when more than one package directory matters.
    pub project: Option<String>,
    /// The text of `.forceignore`, when what is deployed matters.
    pub forceignore: Option<String>,
    /// The findings of this rule in the file, in order.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// The rule has to say that it cannot judge.
    #[serde(default)]
    pub not_checked: bool,
    /// The text of the file after `--fix=all`; unchanged when not given.
    pub fixed: Option<String>,
}

/// Marks the line of an expected finding in the XML of an [`Example`].
pub(crate) const ERROR_MARKER: &str = "<!-- error -->";

impl Example {
    /// The expected findings, with the lines of those that are marked in the XML.
    ///
    /// # Errors
    /// If there are not as many markers as expectations without a line, in words.
    pub fn expectations(&self) -> Result<Vec<Expectation>, String> {
        let lines = self.xml.lines().enumerate();
        let marked = lines.filter(|(_, line)| line.contains(ERROR_MARKER));
        let marked: Vec<usize> = marked.map(|(at, _)| at + 1).collect();
        let mut expected = self.expect.clone();
        let unnumbered = expected.iter_mut().filter(|it| it.line == 0);
        let unnumbered: Vec<&mut Expectation> = unnumbered.collect();
        if marked.len() != unnumbered.len() {
            return Err(format!(
                "the XML has {} lines with `{ERROR_MARKER}`, and {} expected findings have no \
                 `line`",
                marked.len(),
                unnumbered.len()
            ));
        }
        for (expectation, line) in unnumbered.into_iter().zip(marked) {
            expectation.line = line;
        }
        Ok(expected)
    }
}

fn example_component() -> String {
    "Example".to_owned()
}

/// Another file in an [`Example`].
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// The component's type.
    pub metadata: String,
    /// Its full name.
    #[serde(default = "example_component")]
    pub component: String,
    /// The folder that it lies in, from the project's; another package directory than that of the
    /// example's own file if `project` says so.
    #[serde(default = "example_directory")]
    pub directory: String,
    /// The file.
    pub xml: String,
}

fn example_directory() -> String {
    "force-app".to_owned()
}

/// A finding that an [`Example`] must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Line of the primary span, from 1. Without it, it is the next line of `xml` that has the
    /// comment `<!-- error -->`.
    #[serde(default)]
    pub line: usize,
    /// The severity.
    pub severity: Severity,
    /// Which fix it has.
    pub fix: Option<ExampleFix>,
    /// Lines of the evidence in the same file, in order.
    pub evidence: Option<Vec<usize>>,
}

/// The fix of an expected finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExampleFix {
    /// Applied by `--fix`.
    Safe,
    /// Applied by `--fix=all`.
    Rollout,
    /// None is offered.
    None,
}
