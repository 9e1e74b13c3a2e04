//! Names of files in a project.

/// The file that makes a folder a Salesforce DX project.
pub(crate) const PROJECT_FILE: &str = "sfdx-project.json";
