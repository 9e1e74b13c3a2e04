//! The newest API version that the metadata schema knows.

use super::api_version::ApiVersion;

/// The API version of the Metadata WSDL that the tables are made from. By the date of the package,
/// which does not say: Winter '27.
pub(crate) const NEWEST: ApiVersion = ApiVersion::new(68);
