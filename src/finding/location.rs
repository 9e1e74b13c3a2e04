//! The location of a finding, and other locations that explain it.

use std::sync::Arc;

use super::excerpt::Excerpt;
use crate::text::Position;

/// A range of a file.
#[derive(Debug, Clone)]
pub struct Location {
    /// Relative to the git root, or to the project without git. Separated by `/`.
    pub path: Arc<str>,
    pub start: Position,
    /// Exclusive.
    pub end: Position,
    /// The source lines around it, if a report shows them.
    pub excerpt: Option<Box<Excerpt>>,
}

/// A location that explains a finding, in addition to its primary one.
#[derive(Debug, Clone)]
pub struct Related {
    pub kind: RelatedKind,
    /// What is at the location.
    pub message: String,
    pub location: Location,
}

/// How a related location explains a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelatedKind {
    /// It is part of the problem, such as the second of two contradicting elements.
    Cause,
    /// The severity is based on it.
    Evidence,
}
