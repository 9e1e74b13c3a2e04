//! Limits of the parser, so that no file takes long or fills memory.

/// The namespace of every metadata file.
pub const METADATA_NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";
/// The namespace in files that older versions of the Salesforce CLI created, such as those of Aura components and
/// Visualforce pages. Salesforce deploys them. (github.com/forcedotcom/salesforcedx-vscode/issues/1550)
pub(super) const TOOLING_NAMESPACE: &str = "urn:metadata.tooling.soap.sforce.com";

/// The size of the largest metadata file that is parsed.
pub(crate) const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The most levels of nested elements. Real metadata has fewer than ten.
pub const MAX_DEPTH: usize = 64;

/// The most attributes of a tag, and the most namespace declarations that apply to an element. Real
/// metadata has only a few. Each attribute is compared with all others of its tag, and each prefix
/// with all declarations.
pub const MAX_ATTRIBUTES: usize = 64;
