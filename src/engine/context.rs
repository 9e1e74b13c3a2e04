//! The files and the date that conditions can use.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jiff::civil::Date;

use super::component_index::ComponentIndex;
use super::evidence::Evaluated;
use super::schema_check::{SchemaReport, check_schema};
use super::subject::Subject;
use super::truth::Quantifier;
use crate::rule::ConditionId;

/// The file under check, and the other files of its project.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub subject: Subject<'a>,
    /// The other files. `None` until a condition needs them.
    pub index: Option<&'a ComponentIndex>,
    /// The position of `subject` in the index, if it is not the file under check.
    pub component: Option<usize>,
    /// Only the component's name has changed.
    pub is_renamed: bool,
    /// The day on which the file is checked.
    pub today: Date,
    /// `None` for components of the index.
    pub cache: Option<&'a Cache>,
}

impl<'a> Context<'a> {
    /// The context for conditions about a component of the index.
    pub(crate) fn of_component(index: &'a ComponentIndex, component: usize, today: Date) -> Self {
        Self {
            subject: index.subject(component),
            index: Some(index),
            component: Some(component),
            is_renamed: false,
            today,
            cache: None,
        }
    }
}

/// Results that are the same for every element of a file. Without the cache, a check of ten thousand
/// elements would compute them ten thousand times.
#[derive(Default)]
pub(crate) struct Cache {
    pub(super) conditions: RefCell<HashMap<(ConditionId, Quantifier), Rc<Evaluated>>>,
    schema: OnceCell<SchemaReport>,
}

impl Cache {
    /// The schema check of the file.
    pub(super) fn schema(&self, subject: Subject<'_>) -> &SchemaReport {
        self.schema.get_or_init(|| check_schema(subject))
    }
}
