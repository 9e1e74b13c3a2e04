//! Documentation of rules: `explain`, rule pages, and published controls.

mod authority;
mod coverage;
mod generated;
mod page;
mod text;

pub(crate) use authority::control_heading;
pub use coverage::{ControlList, CoverageProblem, PUBLISHED, coverage_page};
pub use page::{rule_markdown, rule_page, rules_index};
pub(crate) use text::rule_plain;
pub(crate) use text::{ListedRule, rule_list_json, rule_table};
pub use text::{rule_json, rule_terminal};
