//! How thoroughly a rule is verified when it is compiled.

/// Whether to verify a rule's patterns, and its fields and values against the metadata schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    Full,
    /// A test has verified the rule. Its patterns are compiled when they are first used, because
    /// compiling them is the most expensive part.
    AlreadyDone,
}
