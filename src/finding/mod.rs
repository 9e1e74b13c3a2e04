//! The results of a run: findings, locations, suppressions, errors and notes.
//!
//! This is plain data that owns its text, so that the scanned files can be dropped.

mod comparison;
mod detail;
mod excerpt;
mod exit_status;
mod file_report;
mod finding;
mod fingerprint;
mod fix;
mod line_hash;
mod location;
mod more_findings;
mod not_checked;
mod not_shown;
mod posture;
mod relaxations;
mod report;
mod suppression;

pub(crate) use comparison::{
    ChangedSetting, Comparison, ComponentSettings, SecuritySettings, SettingValue, Side,
};
pub use detail::Detail;
pub(crate) use excerpt::Excerpt;
pub use exit_status::ExitStatus;
pub use file_report::FileReport;
pub use finding::Finding;
pub(crate) use finding::sort_findings;
pub(crate) use fingerprint::{ElementPaths, add_fingerprints};
pub use fix::{Applicability, Edit, Fix};
pub(crate) use line_hash::{LineHash, line_hashes};
pub use location::Location;
pub(crate) use location::{Related, RelatedKind};
pub(crate) use more_findings::{MAX_LISTED, MoreFindings};
pub(crate) use not_checked::{MistypedValue, NotChecked, UnknownReason};
pub use not_shown::{DecidedElsewhere, NotShown};
pub(crate) use posture::{AppPart, Outcome, Posture, RuleTally};
pub use relaxations::{
    DisabledBy, DisabledRule, LoweredRule, Relaxations, SettingSource, ThresholdSetting,
    WeakerSetting,
};
pub use report::{FixedFile, Report, RunError, Tally};
pub use suppression::{DatedException, ExpiredException, Suppression, SuppressionKind};
