//! The commands as a shell starts them: the real binary over whole projects.
//!
//! The projects are those of `testdata/`, copied into a folder of their own for each test. What
//! cannot lie in a repository (pipes, unreadable files, odd names) is made there.

#[cfg(unix)]
mod adoption;
mod bad_input;
mod baseline;
mod ci_formats;
mod completions;
mod config;
mod exit_status;
mod explain;
mod formats;
mod hidden;
mod hostile;
mod html;
mod ignore_files;
mod init;
mod lint;
mod operators;
mod paths;
mod regressions;
mod repositories;
mod repository;
mod rule_mistakes;
mod rules;
mod shared_conditions;
mod since;
mod staged;
mod stdin;
mod support;
#[cfg(unix)]
mod unprivileged;
