//! `.forceignore`, with the semantics of the Salesforce CLI and of its library, npm `ignore` 5.3.2.
//!
//! That library rewrites each line into a JavaScript regular expression in fifteen steps, whose
//! interplay has effects that its documentation does not mention: `[!x]` matches `!`, for example, and
//! `\d` matches a digit. Only the same steps have the same effects, so `rewrite` takes them too, and
//! `js_regex` translates the result.

mod code_units;
mod file;
mod js_regex;
mod literal;
mod rewrite;

pub(crate) use file::{Forceignore, MatchedFolder, in_node_modules};
