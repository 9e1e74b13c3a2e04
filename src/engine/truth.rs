//! The three truth values of Kleene's logic: an unknown part matters only if it would decide the result.

/// The value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    pub(super) fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// How many of several candidates have to satisfy a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quantifier {
    /// At least one. Used for evidence that raises the severity.
    Any,
    /// Every one. Used for evidence that lowers the severity or makes a component pass.
    All,
}

impl Quantifier {
    /// The quantifier inside a negation.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Any => Self::All,
            Self::All => Self::Any,
        }
    }

    /// Combines the value of the next candidate with that of the previous ones.
    pub(super) fn join(self, before: Option<Truth>, next: Truth) -> Truth {
        match (before, self) {
            (None, _) => next,
            (Some(before), Self::All) => before.and(next),
            (Some(before), Self::Any) => before.or(next),
        }
    }
}
