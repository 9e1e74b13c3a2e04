//! One file per notification. Each handler takes the protocol's own parameters and only records what
//! changed.

pub(super) mod did_change;
pub(super) mod did_change_configuration;
pub(super) mod did_change_watched_files;
pub(super) mod did_change_workspace_folders;
pub(super) mod did_close;
pub(super) mod did_open;
pub(super) mod did_save;
pub(super) mod exit;
pub(super) mod initialized;
