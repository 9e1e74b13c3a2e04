//! Code actions: fixes, and exceptions in `forcelint.toml`.

mod action_request;
pub(super) mod exception;
pub(super) mod fixes;

pub(super) use action_request::ActionRequest;
