//! The API version of the metadata schema.

use super::api_version::ApiVersion;

/// The API version of the Metadata WSDL from which the tables are generated. The package does not contain
/// its version; by its date, it is from Winter '27.
pub(crate) const NEWEST: ApiVersion = ApiVersion::new(68);
