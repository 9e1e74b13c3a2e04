//! Documentation of rules: `explain`, rule pages, published controls, and the manifest of what rules read.

mod authority;
mod common_findings;
mod controls;
mod coverage;
mod generated;
mod incidents;
mod manifest;
mod page;
mod stories;
mod text;
mod topic;

pub(crate) use authority::control_heading;
pub use common_findings::what_to_do_page;
pub(crate) use controls::ControlReference;
pub use coverage::{
    ControlList, ControlSource, CoverageProblem, PUBLISHED, PublishedControl, coverage_page,
};
pub use incidents::incidents_page;
pub(crate) use manifest::package_manifest;
pub use page::{rule_markdown, rule_page, rules_index};
pub use stories::STORIES;
pub(crate) use stories::{StoryDefinition, StoryStep};
pub(crate) use text::{ListedRule, rule_lines, rule_list_json, rule_table};
pub(crate) use text::{OWN_RULE, controls, rule_plain};
pub use text::{rule_json, rule_terminal};
pub(crate) use topic::{explained_names, find_topic};
