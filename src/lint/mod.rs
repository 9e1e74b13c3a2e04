//! Trees held against rules.
//!
//! In: the files of a project and a [`crate::rule::RuleSet`]. Out: a [`Report`] of findings, of
//! what could not be judged, and of what was looked at. Files are read here and nowhere else in
//! the pipeline; nothing is written.

mod check;
mod compose;
mod evaluate;
mod excerpt;
mod fact;
mod facts;
mod finding;
mod fingerprint;
mod gathered;
mod held_against_schema;
mod ignore_comments;
mod insert;
mod line_hash;
mod linter;
mod partners;
mod posture;
mod propose;
mod readable;
mod reading;
mod secret;

pub use excerpt::{Excerpt, ExcerptLine};
pub use finding::{
    Edit, Finding, Fix, Location, NotJudged, Related, Report, RunError, Suppression,
    SuppressionKind, Tally,
};
pub use linter::{Detail, FileOutcome, Linter};
pub use posture::{AppPart, Judgement, Posture, RuleTally};
pub use secret::secret_spans;
