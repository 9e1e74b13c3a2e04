//! One file per request. Each handler takes the protocol's own parameters.

pub(super) mod code_action;
pub(super) mod completion;
pub(super) mod execute_command;
pub(super) mod hover;
pub(super) mod initialize;
pub(super) mod shutdown;
