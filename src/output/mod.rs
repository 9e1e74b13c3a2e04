//! Reports: one file per format. Each renderer is a pure function from a report to a string.

mod concise;
mod github;
mod gitlab;
mod hidden;
mod html;
mod json;
mod junit;
mod markdown;
mod markdown_text;
mod pretty;
mod render;
mod sarif;
mod summary;

pub use json::report_schema;
pub(crate) use json::serialise;
pub(crate) use markdown_text::{code, prose};
pub use pretty::Style;
pub(crate) use render::relative;
pub use render::{Format, Occasion, render};
pub(crate) use summary::{by_severity, rollout_checklist, summary, summary_of_errors};
