//! Names of files in a project.

/// The file in the root of a Salesforce DX project.
pub(crate) const PROJECT_FILE: &str = "sfdx-project.json";

/// The ignore file of the Salesforce CLI.
pub(crate) const FORCEIGNORE: &str = ".forceignore";

/// The file that names the API version of metadata in the old format.
pub(crate) const MANIFEST: &str = "package.xml";

/// The files of a project that decide what is checked and how.
pub(crate) const CONTROL_FILES: [&str; 3] = [PROJECT_FILE, FORCEIGNORE, MANIFEST];
