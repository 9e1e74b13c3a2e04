//! How thoroughly a rule is compiled.

/// Whether what a rule says is verified: its patterns, and its fields and values by the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    Full,
    /// A test has verified the rule. Its patterns are not even compiled until they are needed, since
    /// that costs more than everything else.
    AlreadyDone,
}
