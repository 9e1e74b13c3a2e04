//! Where a finding is, and the other places that explain it.

use super::excerpt::Excerpt;
use crate::text::Position;

/// A place in a file.
#[derive(Debug, Clone)]
pub struct Location {
    /// Relative to the git root, or to the project without git; with `/`.
    pub path: String,
    pub start: Position,
    /// Exclusive.
    pub end: Position,
    /// The lines around it, if a report shows them.
    pub excerpt: Option<Excerpt>,
}

/// A place beside the primary one of a finding.
#[derive(Debug, Clone)]
pub struct Related {
    pub kind: RelatedKind,
    /// What can be seen there.
    pub message: String,
    pub location: Location,
}

/// What a related place is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelatedKind {
    /// Part of the problem: the other of two elements that contradict each other.
    Cause,
    /// What the severity is based on.
    Evidence,
}
