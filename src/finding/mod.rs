//! What a run reports: findings with their locations, and everything a report is made of.
//!
//! Plain data that owns its text, so that the scanned files can be dropped.

mod excerpt;
mod finding;
mod fingerprint;
mod line_hash;
mod posture;

pub(crate) use excerpt::Excerpt;
pub use finding::{Edit, Finding, Location, Report, Suppression, SuppressionKind};
pub(crate) use finding::{Fix, NotChecked, Related, RunError, Tally, sort_findings};
pub(crate) use fingerprint::{add_fingerprints, element_path};
pub(crate) use line_hash::line_hashes;
pub(crate) use posture::{AppPart, Judgement, Posture, RuleTally};
