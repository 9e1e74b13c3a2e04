//! Compiles conditions about other components: `project`, `related`, `none` and `count`.

use std::sync::Arc;

use super::condition::{Absent, Condition, ConditionId, Count, Counted, CrossFile};
use super::conditions::Conditions;
use super::field_path::{FieldPath, Split};
use super::fields::SchemaScope;
use super::join::{Join, Key, KeyedElements};
use super::model::{AbsentName, ConditionTable, KeyTable, Limit};
use super::pattern::Capture;
use super::problem::Problem;
use super::shared_conditions::is_shared_name;
use super::spanned::Spanned;
use super::verification::Verification;

/// Counts above this are the same. It is exact as a number of TOML.
const MAX_COUNT: f64 = 1e9;

impl Conditions<'_> {
    /// `{ metadata = …, <condition> }`
    pub(super) fn project(&mut self, table: &Spanned<ConditionTable>) -> Option<Condition> {
        let inner = table.get_ref();
        let names = [
            inner.by.as_ref().map(Spanned::span),
            inner.from.as_ref().map(Spanned::span),
            inner.to.as_ref().map(Spanned::span),
            inner.each.as_ref().map(Spanned::span),
        ];
        if let Some(span) = names.into_iter().flatten().next() {
            self.report(Problem::new(
                span,
                "`by`, `from`, `to` and `each` are not valid in `project`; use `related`, `none` or \
                 `count`",
            ));
            return None;
        }
        let other = self.cross_file(table, None, Absent::Violates)?;
        Some(Condition::Project(Box::new(other)))
    }

    /// `{ metadata = …, by = …, <condition> }`, or with `from`, `to` and `each`.
    pub(super) fn related(
        &mut self,
        table: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let inner = table.get_ref();
        if inner.by.is_none() && inner.from.is_none() && inner.to.is_none() {
            self.report(Problem::new(
                table.span(),
                "missing key `by`, `from` or `to`: the text that connects the components",
            ));
        }
        let other = self.cross_file(table, Some(scope), Absent::Unknown)?;
        if other.join.as_ref()?.is_one_to_one {
            return Some(Condition::Related(Box::new(other)));
        }
        Some(Condition::Count(Box::new(Count {
            counted: Counted::Components(other),
            at_least: Some(1),
            at_most: None,
        })))
    }

    /// As `related`, but the result is the opposite. Without a join, about all components.
    pub(super) fn none(
        &mut self,
        table: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let other = self.cross_file(table, Some(scope), Absent::Unknown)?;
        Some(Condition::Count(Box::new(Count {
            counted: Counted::Components(other),
            at_least: None,
            at_most: Some(0),
        })))
    }

    /// `{ each = …, at_least = …, at_most = …, <condition> }`, or with `metadata`.
    pub(super) fn count(
        &mut self,
        table: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let mut inner = table.get_ref().clone();
        if inner.at_least.is_none() && inner.at_most.is_none() {
            self.report(Problem::new(
                table.span(),
                "`count` needs `at_least`, `at_most` or both",
            ));
        }
        let at_least = self.limit(inner.at_least.take());
        let at_most = self.limit(inner.at_most.take());
        let counted = if inner.metadata.is_some() {
            let inner = Spanned::new(table.span(), inner);
            let other = self.cross_file(&inner, Some(scope), Absent::Unknown);
            Counted::Components(other?)
        } else {
            let Some(each) = inner.each.take() else {
                self.report(Problem::new(
                    table.span(),
                    "missing key `each` or `metadata`: what to count",
                ));
                return None;
            };
            let path = self.path(&each, scope);
            let inside = path
                .as_ref()
                .map_or_else(SchemaScope::unknown, |path| scope.inside(path));
            let condition = self.or_exists(table, inner, &inside);
            Counted::Elements(path?, condition?)
        };
        Some(Condition::Count(Box::new(Count {
            counted,
            at_least: at_least?,
            at_most: at_most?,
        })))
    }

    /// `None` if it is invalid.
    fn limit(&mut self, limit: Option<Spanned<Limit>>) -> Option<Option<usize>> {
        let Some(limit) = limit else {
            return Some(None);
        };
        match limit.get_ref() {
            Limit::Number(number)
                if (0.0..=MAX_COUNT).contains(number) && number.fract() == 0.0 =>
            {
                Some(Some(*number as usize))
            }
            _ => {
                self.report(Problem::new(
                    limit.span(),
                    "a count is a whole number, such as 1",
                ));
                None
            }
        }
    }

    /// Compiles a condition about the components of the type `metadata`. `scope` is that of the checked
    /// component if a join is allowed.
    fn cross_file(
        &mut self,
        table: &Spanned<ConditionTable>,
        scope: Option<&SchemaScope>,
        absent: Absent,
    ) -> Option<CrossFile> {
        let mut inner = table.get_ref().clone();
        let metadata = inner.metadata.take();
        if metadata.is_none() {
            self.report(Problem::new(table.span(), "missing key `metadata`"));
        }
        let metadata_type = metadata.and_then(|name| self.metadata_type(&name));
        let other = metadata_type.map_or_else(SchemaScope::unknown, SchemaScope::of);
        let (join, inside) = match scope {
            Some(scope) => self.join(table, &mut inner, scope, &other),
            None => (Some(None), other),
        };
        let absent = match inner.absent.take().filter(|_| scope.is_some()) {
            None => absent,
            Some(name) => self.absent_component(&name),
        };
        let condition = self.or_exists(table, inner, &inside);
        Some(CrossFile {
            id: ConditionId::next(),
            metadata_type: metadata_type?,
            join: join?,
            absent,
            condition: condition?,
        })
    }

    /// Compiles the rest of a table. Without a condition, it is that the component or element exists.
    fn or_exists(
        &mut self,
        table: &Spanned<ConditionTable>,
        mut inner: ConditionTable,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let is_empty = inner.kinds() == 0 && inner.schema.is_none();
        if is_empty && !inner.has_operator_except_label() {
            inner.field = Some(Spanned::new(table.span(), ".".to_owned()));
            inner.exists = Some(true);
        }
        self.compile(&Spanned::new(table.span(), inner), scope)
    }

    fn absent_component(&mut self, name: &Spanned<AbsentName>) -> Absent {
        match name.get_ref() {
            AbsentName::Complies => Absent::Complies,
            AbsentName::Violates => Absent::Violates,
            AbsentName::Unknown => Absent::Unknown,
            AbsentName::Default => {
                self.report(
                    Problem::new(name.span(), "a component has no default")
                        .help("use `complies`, `violates` or `unknown`"),
                );
                Absent::Unknown
            }
        }
    }

    /// How the components are connected, and the scope of the condition about the other one.
    fn join(
        &mut self,
        table: &Spanned<ConditionTable>,
        inner: &mut ConditionTable,
        scope: &SchemaScope,
        other: &SchemaScope,
    ) -> (Option<Option<Join>>, SchemaScope) {
        let (by, from, to) = (inner.by.take(), inner.from.take(), inner.to.take());
        let each = inner.each.take();
        if let Some(by) = by {
            if from.is_some() || to.is_some() || each.is_some() {
                self.report(Problem::new(
                    by.span(),
                    "`by` cannot be combined with `from`, `to` and `each`",
                ));
            }
            let join = self.by(&by, scope, other).map(Some);
            return (join, other.clone());
        }
        if from.is_none() && to.is_none() {
            if let Some(each) = each {
                self.report(Problem::new(
                    each.span(),
                    "`each` needs `from` or `to`; without them, use `some`",
                ));
            }
            return (Some(None), other.clone());
        }
        let each = each.map(|each| self.path(&each, other));
        let inside = match &each {
            None => other.clone(),
            Some(Some(path)) => other.inside(path),
            Some(None) => SchemaScope::unknown(),
        };
        let from = self.key(from, table, scope);
        let to = self.key(to, table, &inside);
        let join = || {
            Some(Some(Join {
                from: from?,
                to: KeyedElements {
                    each: each.map_or(Some(None), |each| each.map(Some))?,
                    key: to?,
                },
                is_one_to_one: false,
            }))
        };
        (join(), inside)
    }

    /// A text that both components have. One of them may be what the other names.
    fn by(
        &mut self,
        by: &Spanned<String>,
        scope: &SchemaScope,
        other: &SchemaScope,
    ) -> Option<Join> {
        let path = FieldPath::parse(&format!("/{}", by.get_ref()));
        let Some(path) = path.filter(|path| path.names.len() == 1) else {
            self.report(
                Problem::new(by.span(), "`by` is the name of a child of the root element")
                    .help("for other paths, use `from` and `to`"),
            );
            return None;
        };
        if scope.find(&path).is_err() {
            // The component itself may be the one that the others name.
            let path = Spanned::new(by.span(), path.clone());
            if !self.check_path(&path, other) {
                return None;
            }
        }
        let key = Key::of_child(path);
        Some(Join {
            from: key.clone(),
            to: KeyedElements { each: None, key },
            is_one_to_one: true,
        })
    }

    fn key(
        &mut self,
        table: Option<Spanned<KeyTable>>,
        around: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Key> {
        let (field, split, capture) = match table.map(|table| (table.span(), table.into_inner())) {
            None => (None, None, None),
            Some((span, KeyTable::Path(path))) => (Some(Spanned::new(span, path)), None, None),
            Some((_, KeyTable::Table(fields))) => (fields.field, fields.split, fields.capture),
        };
        if split.is_some() && field.is_none() {
            self.report(Problem::new(around.span(), "`split` needs `field`"));
        }
        let path = match &field {
            None => None,
            Some(field) => {
                let path = self.path(field, scope)?;
                if scope.has_fields(&path) {
                    self.report(Problem::new(
                        field.span(),
                        format!("`{}` contains other elements and has no value", path.last()),
                    ));
                    return None;
                }
                Some(path)
            }
        };
        let capture = match capture {
            None => None,
            Some(capture) => Some(self.capture(&capture)?),
        };
        Some(Key {
            path,
            or_name: false,
            split: split.map(Split::from),
            capture,
        })
    }

    fn capture(&mut self, text: &Spanned<String>) -> Option<Arc<Capture>> {
        if is_shared_name(text.get_ref()) {
            let pattern = self.shared_pattern(text)?;
            return self.capture(&Spanned::new(text.span(), pattern.to_owned()));
        }
        let capture = Capture::new(text.get_ref());
        if self.verification == Verification::Full
            && let Some(error) = capture.error()
        {
            let message = format!("invalid regular expression: {error}");
            self.report(Problem::new(text.span(), message));
            return None;
        }
        Some(Arc::new(capture))
    }
}
