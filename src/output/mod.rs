//! Reports: one file or folder per format. Each renderer is a pure function from a [`Context`] to a
//! string.

mod agent;
mod comparison;
mod concise;
mod context;
mod control_results;
mod coverage;
mod evidence;
mod fix_first;
mod fix_line;
mod format;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod listing;
mod markdown;
mod more;
mod notices;
mod paragraph;
mod pretty;
mod relative_path;
mod sarif;
mod statistics;
mod stories;
mod style;
mod summary;
mod suppression;
mod view;

pub use comparison::{ComparisonFormat, comparison_schema};
pub(crate) use comparison::{ComparisonReport, render_comparison};
pub use context::{Context, RunInfo};
pub use coverage::{CoverageFormat, coverage_schema, render_coverage};
pub use evidence::{CheckedRepository, Evidence};
pub use format::{Format, render};
pub use json::{line_schema, report_schema};
pub use listing::{Grouping, Listing, MaxFindings};
pub(crate) use markdown::{code, page_address, prose, rule_prose};
pub(crate) use relative_path::relative;
pub use style::Style;
pub(crate) use style::colored_patch;
pub use summary::summary;
pub(crate) use summary::{by_severity, rollout_checklist, summary_of_errors};
pub(crate) use view::FindingView;
pub use view::ReportView;
