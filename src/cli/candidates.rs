//! Values that shells complete.

use clap::ValueEnum as _;
use clap_complete::engine::CompletionCandidate;

use crate::output::Format;
use crate::project::MetadataType;
use crate::rule::BUILT_IN;
use crate::rule_docs::PUBLISHED;

/// The ids and tags of the built-in rules.
pub(super) fn rules_and_tags() -> Vec<CompletionCandidate> {
    let rules = BUILT_IN.iter().map(|rule| rule.id);
    let mut tags: Vec<&str> = BUILT_IN
        .iter()
        .flat_map(|rule| rule.tags)
        .copied()
        .collect();
    tags.sort_unstable();
    tags.dedup();
    rules.chain(tags).map(CompletionCandidate::new).collect()
}

/// What `explain` explains, without fields.
pub(super) fn explained() -> Vec<CompletionCandidate> {
    let controls = PUBLISHED.control.iter();
    let controls = controls.map(|control| CompletionCandidate::new(control.id.as_str()));
    rules_and_tags().into_iter().chain(controls).collect()
}

/// The formats of `--format`. A file may follow.
pub(super) fn formats() -> Vec<CompletionCandidate> {
    let formats = Format::value_variants().iter();
    let formats = formats.filter_map(|it| it.to_possible_value());
    formats
        .map(|it| CompletionCandidate::new(it.get_name().to_owned()))
        .collect()
}

pub(super) fn metadata_types() -> Vec<CompletionCandidate> {
    MetadataType::all()
        .filter(|it| !it.is_project())
        .map(|it| CompletionCandidate::new(it.name()))
        .collect()
}
