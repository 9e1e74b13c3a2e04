//! What Salesforce's metadata is made of: structures, their fields, the values of enumerations.
//!
//! In: names, as rules and files have them. Out: what the Metadata WSDL and Salesforce's
//! documentation know of them. It ships with the program, knows no files, and is read where it lies
//! in the binary: `schema/` has the texts that it is made from, `schema/tables.rs` makes the tables.

use super::api_version::ApiVersion;

/// The API version of the Metadata WSDL that the tables are made from. By the date of the package,
/// which does not say: Winter '27.
pub(crate) const NEWEST: ApiVersion = ApiVersion::new(68);
