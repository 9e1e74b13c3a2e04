//! The text that replaces a secret. It is not searched for secrets again.

/// Printed in place of a secret.
pub(crate) const MASK: &str = "[masked]";
