//! Rules: read from TOML, compiled, and selected for a run.

mod built_in;
mod certificate;
mod compile;
mod compile_condition;
mod compile_field_test;
mod compile_join;
mod condition;
mod conditions;
mod example;
mod field_path;
mod fields;
mod join;
mod json_schema;
mod mentions;
mod message;
mod model;
mod pattern;
mod problem;
mod rule;
pub(crate) mod set;
mod severity;
mod shape;
mod shared_conditions;
mod spanned;
mod start_tag;
mod verification;

pub use built_in::BUILT_IN;
pub use compile::{compile, compile_tests, compile_with};
pub(crate) use compile::{is_kebab_case, verify_shared};
pub(crate) use condition::{
    Absent, Condition, ConditionId, Count, Counted, CrossFile, FieldTest, IpRanges, Mistyped,
    NamePart, Operator, SchemaQuestion, boolean,
};
pub(crate) use example::{ERROR_MARKER, Expectation};
pub use example::{Example, ExampleFix};
pub(crate) use field_path::FieldPath;
pub(crate) use join::{Join, Key, KeyedElements};
pub(crate) use json_schema::SCHEMA;
pub use json_schema::{conditions_schema, json_schema};
pub(crate) use mentions::{Mention, MentionedField};
pub(crate) use message::{Message, MessagePart};
pub(crate) use model::Control;
pub(crate) use problem::{Mistake, RuleError};
pub(crate) use problem::{Problem, count, mistakes};
pub(crate) use rule::{Check, Recipe, Step};
pub use rule::{MALFORMED, Rule};
pub use set::{RuleSet, Selection, find_rule};
pub use severity::Severity;
pub(crate) use shape::repair;
pub use shared_conditions::SharedConditions;
pub(crate) use spanned::Spanned;
