//! Checks zips and files that are not on disk, for the page in the browser: the same run, reports and fixes as on the
//! command line.
//!
//! Fixed and edited texts replace the read ones in memory. Nothing is written.

mod changed_zip;
mod deployment;
mod explain;
mod input;
mod link;
mod session;

pub use changed_zip::ZipPart;
pub use deployment::{Deployment, Unlisted};
pub use explain::{explain_rule, manifest, metadata_types, rule_list};
pub use input::{Bytes, Files, Input};
pub use link::may_be_shared;
pub use session::{CheckOptions, Fixed, ReportFormat, Session, VERSION};
