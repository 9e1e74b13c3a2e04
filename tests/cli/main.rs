//! Commands started as a shell starts them: the compiled program checks whole projects.
//!
//! Each test has its own copy of projects in `testdata/`. Tests create what git cannot store, such
//! as pipes, unreadable files and unusual names.

mod audit;
mod bad_input;
mod baseline;
mod bundles;
mod certificates;
mod changed_links;
mod changed_relations;
mod changed_scope;
mod ci_formats;
#[cfg(unix)]
mod ci_pages;
mod compare;
mod completions;
mod config;
mod coverage;
mod decomposed;
mod exit_status;
mod explain;
mod formats;
#[cfg(unix)]
mod guides;
mod hiding;
mod hostile;
mod html;
mod ignore_files;
mod in_memory;
mod init;
#[cfg(unix)]
mod links;
mod lint;
mod manifest;
mod many_findings;
mod operators;
mod other_systems;
#[cfg(unix)]
mod pages;
mod paths;
mod planted_places;
mod planted_shapes;
mod project_rules;
#[cfg(unix)]
mod readme;
mod regressions;
mod replacements;
mod report_merge;
mod repositories;
mod repository;
mod rule_errors;
mod rule_keys;
mod rules;
mod rules_new;
mod secrets;
mod shared_conditions;
mod since;
mod staged;
mod stdin;
mod stories;
mod submodules;
mod support;
mod suppression;
mod terminal;
mod timings;
#[cfg(unix)]
mod unprivileged;
mod visualforce_pages;
mod zip_writer;
mod zips;
