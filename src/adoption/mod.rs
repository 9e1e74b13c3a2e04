//! A project's first day with forcelint: what it has, and what can be written for it.
//!
//! In: a project. Out: its [`Surroundings`], and the texts of the files that `forcelint init`
//! writes. Nothing is written here.

mod surroundings;
mod texts;

pub use surroundings::{OTHER_CI, Present, Surroundings};
pub use texts::{
    BASELINE_LINE, DOCS, PRE_COMMIT_CONFIG, RELEASE, config_text, github_workflow, gitlab_job,
    pre_commit_entry, shell_word,
};
