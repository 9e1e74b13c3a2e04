//! Rules as data: read from TOML, compiled, and selected for a run.

mod built_in;
mod compile;
mod compile_condition;
mod condition;
mod fields;
mod mentions;
mod message;
mod model;
mod pattern;
mod problem;
mod rule;
pub(crate) mod set;
mod severity;
mod shape;
mod spanned;

pub use built_in::BUILT_IN;
pub use compile::compile;
pub(crate) use condition::{
    Absent, Condition, ConditionId, CrossFile, FieldPath, FieldTest, Mistyped, SchemaQuestion,
    boolean,
};
pub(crate) use mentions::Mention;
pub(crate) use message::{Message, MessagePart};
pub(crate) use model::{Control, Expectation};
pub use model::{Example, ExampleFix};
pub(crate) use problem::{Mistake, RuleError};
pub(crate) use problem::{Problem, count, mistakes};
pub(crate) use rule::{Check, Recipe, SCHEMA, Step};
pub use rule::{Rule, json_schema};
pub use set::{MALFORMED, RuleSet, Selection, find_rule};
pub use severity::Severity;
pub(crate) use shape::mend;
pub(crate) use spanned::Placed;
