//! Names of files in a project.

/// The file in the root of a Salesforce DX project.
pub(crate) const PROJECT_FILE: &str = "sfdx-project.json";
