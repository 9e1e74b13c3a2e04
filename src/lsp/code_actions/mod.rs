//! Code actions: fixes, ways to suppress a finding, and the page about its rule.

mod action_request;
pub(super) mod comment;
pub(super) mod exception;
pub(super) mod fixes;
pub(super) mod rule_page;
mod title;

pub(super) use action_request::ActionRequest;
