//! The tests of a rule: example files and the findings that the rule must report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::severity::Severity;
use crate::project::{MetadataType, package_directories_span};

/// The tests of a rule, in a separate file next to the rule.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestFile {
    /// Example files and the expected findings.
    pub test: Vec<Example>,
}

/// A `[[test]]` table: a component and the findings that the rule must report.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the test shows.
    pub name: String,
    /// The component's metadata type, or `Project`.
    pub metadata: String,
    /// The component's full name. The default is `Example`.
    #[serde(default = "example_component")]
    pub component: String,
    /// The suffix of the file. The default is the most common one of the metadata type.
    pub suffix: Option<String>,
    /// The text of the checked file. A test of the project has `project` and `with` instead.
    #[serde(default)]
    pub xml: String,
    /// Other files of the project.
    #[serde(default)]
    pub with: Vec<ExampleFile>,
    /// The text of `sfdx-project.json`, for example to have several package directories.
    pub project: Option<String>,
    /// The text of `.forceignore`.
    pub forceignore: Option<String>,
    /// The rule's findings in the file, in order.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// The rule must report that it could not check the file.
    #[serde(default)]
    pub not_checked: bool,
    /// The text of the file after `--fix=all`. Without it, no fix may change the file.
    pub fixed: Option<String>,
}

/// Marks the line of an expected finding in the XML of an [`Example`].
pub(crate) const ERROR_MARKER: &str = "<!-- error -->";

impl Example {
    /// Whether it is about the project, which has no XML.
    pub(crate) fn is_of_project(&self) -> bool {
        self.metadata == MetadataType::project().name()
    }

    /// The expected findings. Those without a line get the lines that are marked in the XML, or that of a finding
    /// on the project.
    ///
    /// # Errors
    /// If there are more or fewer marked lines than expectations without a line, or if the test has no XML.
    pub fn expectations(&self) -> Result<Vec<Expectation>, String> {
        if self.is_of_project() {
            let text = self.project_text();
            let start = package_directories_span(text).start as usize;
            let line = text[..start].matches('\n').count() + 1;
            let mut expected = self.expect.clone();
            let unnumbered = expected.iter_mut().filter(|it| it.line == 0);
            unnumbered.for_each(|it| it.line = line);
            return Ok(expected);
        }
        let lines = self.xml.lines().enumerate();
        let marked = lines.filter(|(_, line)| line.contains(ERROR_MARKER));
        let marked: Vec<usize> = marked.map(|(at, _)| at + 1).collect();
        let mut expected = self.expect.clone();
        let unnumbered = expected.iter_mut().filter(|it| it.line == 0);
        let unnumbered: Vec<&mut Expectation> = unnumbered.collect();
        if marked.len() != unnumbered.len() {
            return Err(format!(
                "the number of lines with `{ERROR_MARKER}` ({}) differs from the number of \
                 expected findings without `line` ({})",
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

impl Example {
    /// The text of `sfdx-project.json`.
    pub(crate) fn project_text(&self) -> &str {
        self.project.as_deref().unwrap_or(PROJECT)
    }
}

/// The project of a test without `project`.
const PROJECT: &str = r#"{
    "packageDirectories": [{ "path": "force-app", "default": true }],
    "sourceApiVersion": "66.0"
}
"#;

fn example_component() -> String {
    "Example".to_owned()
}

/// Another file in an [`Example`].
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// The component's metadata type.
    pub metadata: String,
    /// The component's full name. The default is `Example`.
    #[serde(default = "example_component")]
    pub component: String,
    /// The package directory, relative to the project. The default is `force-app`, the directory of the
    /// checked file. List any other directory in `project`.
    #[serde(default = "example_directory")]
    pub directory: String,
    /// The text of the file.
    pub xml: String,
}

fn example_directory() -> String {
    "force-app".to_owned()
}

/// An expected finding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The line of the finding, counted from 1. Without it, the next line of `xml` with the comment
    /// `<!-- error -->`.
    #[serde(default)]
    pub line: usize,
    /// The severity of the finding.
    pub severity: Severity,
    /// The kind of fix. Without it, any.
    pub fix: Option<ExampleFix>,
    /// The lines of the evidence in the same file, in order. Without it, any.
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
    /// There is no fix.
    None,
}
