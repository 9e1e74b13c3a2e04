//! Conditions of a rule file, compiled.
//!
//! In: condition tables, and the [`Ground`] on which their paths start. Out: [`Condition`]s; what
//! is wrong is gathered, so that one look shows all of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use super::condition::{
    Absent, Condition, CrossFile, FieldPath, FieldTest, Mistyped, Operator, SchemaQuestion, Split,
};
use super::fields::Ground;
use super::model::{AbsentName, ConditionTable, Limit, Scalar, SchemaName, SplitName};
use super::pattern::Pattern;
use super::problem::Problem;
use super::shared_conditions::{SharedCondition, SharedConditions, is_shared_name};
use super::spanned::Placed;
use super::verification::Verification;
use crate::project::MetadataType;

/// Named conditions inside of each other, at most: each takes room on the stack.
const MAX_NAMED_DEPTH: usize = 32;

/// Conditions of a rule, at most, each counted wherever its name stands: forty of them that each name
/// the next twice would be a million millions.
const MAX_CONDITIONS: usize = 20_000;

/// What conditions of one rule file have in common.
pub(crate) struct Conditions<'s> {
    verification: Verification,
    /// The file, to find a part of a path in it.
    text: Arc<str>,
    /// The `[condition.NAME]` tables.
    tables: BTreeMap<String, Arc<Placed<ConditionTable>>>,
    shared: &'s SharedConditions,
    /// The shared conditions that are being compiled, one inside the other.
    inside: Vec<Use<'s>>,
    /// The family that names without a slash belong to, in a file of shared conditions.
    family: Option<&'s str>,
    /// Names of those that are being compiled, one inside of the other.
    open: Vec<String>,
    used: Vec<String>,
    compiled: usize,
    is_too_deep: bool,
    problems: Vec<Problem>,
}

/// A place that uses a shared condition.
struct Use<'s> {
    /// In the file that is compiled.
    span: Range<usize>,
    name: String,
    condition: &'s SharedCondition,
}

impl<'s> Conditions<'s> {
    pub(super) fn new(
        tables: BTreeMap<String, Placed<ConditionTable>>,
        text: &str,
        verification: Verification,
        shared: &'s SharedConditions,
    ) -> Self {
        let tables = tables.into_iter();
        Self {
            verification,
            text: Arc::from(text),
            tables: tables
                .map(|(name, table)| (name, Arc::new(table)))
                .collect(),
            shared,
            inside: Vec::new(),
            family: None,
            open: Vec::new(),
            used: Vec::new(),
            compiled: 0,
            is_too_deep: false,
            problems: Vec::new(),
        }
    }

    /// Notes a problem. One inside a shared condition is shown where the condition is used, with
    /// its own location.
    pub(super) fn complain(&mut self, mut problem: Problem) {
        if let Some(inside) = self.inside.last() {
            let location = inside.condition.location(problem.span.start);
            problem.message = format!("`{}` ({location}): {}", inside.name, problem.message);
            problem.span = inside.span.clone();
        }
        self.problems.push(problem);
    }

    /// Compiles a shared condition of the file whose text this has.
    pub(super) fn compile_shared(&mut self, condition: &'s SharedCondition, ground: &Ground) {
        self.family = Some(condition.family());
        self.compile(&condition.table, ground);
    }

    /// Everything that is wrong, named conditions included that nothing asks for.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        // What is too deep or too much was not looked at to its end, so that more may be used.
        let is_known = !self.is_too_deep && self.compiled <= MAX_CONDITIONS;
        if self.verification == Verification::Full && is_known {
            let unused: Vec<Arc<Placed<ConditionTable>>> = self
                .tables
                .iter()
                .filter(|(name, _)| !self.used.contains(name))
                .map(|(_, table)| Arc::clone(table))
                .collect();
            for table in unused {
                self.compile(&table, &Ground::unknown());
                self.complain(Problem::new(table.span(), "nothing uses this condition"));
            }
        }
        self.problems
    }

    /// A condition in `require`, where `schema` may stand too.
    pub(super) fn compile_requirement(
        &mut self,
        table: &Placed<ConditionTable>,
        ground: &Ground,
    ) -> Option<Condition> {
        let Some(schema) = table.get_ref().schema else {
            return self.compile(table, ground);
        };
        if table.get_ref().kinds() != 1 {
            self.complain(Problem::new(table.span(), "`schema` stands alone"));
        }
        if !ground.is_root() {
            self.complain(Problem::new(
                table.span(),
                "`schema` asks about the whole file, so it takes no `each`",
            ));
        }
        Some(Condition::Schema(match schema {
            SchemaName::Fields => SchemaQuestion::Fields,
            SchemaName::Values => SchemaQuestion::Values,
        }))
    }

    pub(super) fn compile(
        &mut self,
        spanned: &Placed<ConditionTable>,
        ground: &Ground,
    ) -> Option<Condition> {
        self.compile_kind(spanned, ground).map(Condition::with_id)
    }

    fn compile_kind(
        &mut self,
        spanned: &Placed<ConditionTable>,
        ground: &Ground,
    ) -> Option<Condition> {
        let table = spanned.get_ref();
        self.compiled += 1;
        if self.compiled > MAX_CONDITIONS {
            if self.compiled == MAX_CONDITIONS + 1 {
                self.complain(Problem::new(
                    spanned.span(),
                    format!(
                        "a rule has at most {MAX_CONDITIONS} conditions, counted wherever one is named"
                    ),
                ));
            }
            return None;
        }
        if table.kinds() != 1 {
            self.complain(Problem::new(
                spanned.span(),
                "exactly one of field, component, all, any, not, some, project, related and \
                 condition is needed",
            ));
            return None;
        }
        if table.field.is_none() {
            self.reject_operators(spanned);
        }
        if let Some(field) = &table.field {
            let test = self.field_test(field, spanned, ground)?;
            Some(Condition::Field(test))
        } else if let Some(pattern) = &table.component {
            Some(Condition::Component(self.pattern(pattern)?))
        } else if let Some(parts) = &table.all {
            Some(Condition::All(self.parts(parts, ground)?))
        } else if let Some(parts) = &table.any {
            Some(Condition::Any(self.parts(parts, ground)?))
        } else if let Some(inner) = &table.not {
            Some(Condition::Not(Box::new(self.compile(inner, ground)?)))
        } else if let Some(inner) = &table.some {
            self.some(inner, ground)
        } else if let Some(inner) = &table.project {
            let inner = self.cross_file(inner, false)?;
            Some(Condition::Project(Box::new(inner)))
        } else if let Some(inner) = &table.related {
            let inner = self.cross_file(inner, true)?;
            Some(Condition::Related(Box::new(inner)))
        } else if let Some(name) = &table.condition {
            self.named(name, ground)
        } else {
            self.complain(Problem::new(
                spanned.span(),
                "`schema` belongs into `require`, and stands alone there",
            ));
            None
        }
    }

    /// `{ each = …, <condition> }`
    fn some(&mut self, table: &Placed<ConditionTable>, ground: &Ground) -> Option<Condition> {
        let mut inner = table.get_ref().clone();
        let Some(each) = inner.each.take() else {
            self.complain(Problem::new(table.span(), "`each` is missing"));
            return None;
        };
        let path = self.path(&each, ground);
        let ground = path
            .as_ref()
            .map_or_else(Ground::unknown, |path| ground.inside(path));
        let condition = self.compile(&Placed::new(table.span(), inner), &ground);
        Some(Condition::Some(path?, Box::new(condition?)))
    }

    fn parts(
        &mut self,
        tables: &[Placed<ConditionTable>],
        ground: &Ground,
    ) -> Option<Vec<Condition>> {
        let parts: Vec<Option<Condition>> = tables
            .iter()
            .map(|table| self.compile(table, ground))
            .collect();
        parts.into_iter().collect()
    }

    /// Operators without a field to ask would be passed over in silence.
    fn reject_operators(&mut self, table: &Placed<ConditionTable>) {
        let condition = table.get_ref();
        if condition.has_operator() {
            self.complain(Problem::new(
                table.span(),
                "operators such as `is`, `absent` and `label` belong to a `field`",
            ));
        }
        if condition.each.is_some() {
            self.complain(Problem::new(table.span(), "`each` belongs into `some`"));
        }
        if condition.metadata.is_some() || condition.by.is_some() {
            self.complain(Problem::new(
                table.span(),
                "`metadata` and `by` belong into `project` and `related`",
            ));
        }
    }

    /// The condition of this name, compiled for this ground.
    fn named(&mut self, name: &Placed<String>, ground: &Ground) -> Option<Condition> {
        let inside = self.inside.last();
        let family = inside.map_or(self.family, |inside| Some(inside.condition.family()));
        let full = match family {
            Some(family) if !name.get_ref().contains('/') => format!("{family}/{}", name.get_ref()),
            _ => name.get_ref().clone(),
        };
        if self.open.contains(&full) {
            self.complain(Problem::new(
                name.span(),
                "this condition asks for itself in the end",
            ));
            return None;
        }
        if self.open.len() == MAX_NAMED_DEPTH {
            // Once: there may be as many such places as there are conditions.
            if std::mem::replace(&mut self.is_too_deep, true) {
                return None;
            }
            self.complain(Problem::new(
                name.span(),
                format!("conditions name each other at most {MAX_NAMED_DEPTH} deep"),
            ));
            return None;
        }
        if let Some(table) = self.tables.get(&full).cloned() {
            self.used.push(full.clone());
            self.open.push(full);
            let condition = self.compile(&table, ground);
            self.open.pop();
            return condition;
        }
        let shared = self.shared;
        let Some(condition) = shared.get(&full) else {
            self.complain(self.unknown_name(name, &full));
            return None;
        };
        let span = self
            .inside
            .first()
            .map_or(name.span(), |it| it.span.clone());
        self.inside.push(Use {
            span,
            name: full.clone(),
            condition,
        });
        self.open.push(full);
        let compiled = self.compile(&condition.table, ground);
        self.open.pop();
        self.inside.pop();
        compiled
    }

    /// Why a condition matters as evidence, if it is a shared one that says so.
    pub(super) fn because(&self, condition: &Placed<ConditionTable>) -> Option<String> {
        let name = condition.get_ref().condition.as_ref()?.get_ref();
        let packed = self.tables.get(name).map(|table| table.get_ref());
        let shared = || self.shared.get(name).map(|shared| shared.table.get_ref());
        packed.or_else(shared)?.because.clone()
    }

    /// The metadata types of a list that is called `@FAMILY/NAME`.
    pub(super) fn shared_types(&mut self, name: &Placed<String>) -> Option<&'s [String]> {
        let shared = self.shared;
        let types = shared.types(name.get_ref());
        if types.is_none() {
            self.unknown_value(name, "list of metadata types");
        }
        types
    }

    fn unknown_value(&mut self, name: &Placed<String>, what: &str) {
        let problem = Problem::new(
            name.span(),
            format!("there is no shared {what} of this name"),
        );
        let known = self.shared.value_names();
        self.complain(problem.nearest(name.get_ref(), known));
    }

    fn unknown_name(&self, name: &Placed<String>, full: &str) -> Problem {
        if full.contains('/') {
            let known = self.shared.names();
            return Problem::new(name.span(), "there is no shared condition of this name")
                .nearest(full, known);
        }
        let known = self.tables.keys().map(String::as_str);
        Problem::new(name.span(), "there is no [condition] of this name").nearest(full, known)
    }

    /// `{ metadata = …, by = …, <condition> }`
    fn cross_file(
        &mut self,
        table: &Placed<ConditionTable>,
        is_related: bool,
    ) -> Option<CrossFile> {
        let span = table.span();
        let mut inner = table.get_ref().clone();
        let metadata = inner.metadata.take();
        if metadata.is_none() {
            self.complain(Problem::new(span.clone(), "`metadata` is missing"));
        }
        let metadata_type = metadata.and_then(|name| self.metadata_type(&name));
        let by = inner.by.take();
        match &by {
            None if is_related => {
                self.complain(Problem::new(span.clone(), "`by` is missing"));
            }
            Some(by) if !is_related => {
                self.complain(Problem::new(by.span(), "`by` belongs into `related`"));
            }
            _ => {}
        }
        let absent = match inner.absent.take().filter(|_| is_related) {
            None if is_related => Absent::Unknown,
            None => Absent::Violates,
            Some(name) => match name.get_ref() {
                AbsentName::Complies => Absent::Complies,
                AbsentName::Violates => Absent::Violates,
                AbsentName::Unknown => Absent::Unknown,
                AbsentName::Default => {
                    self.complain(Problem::new(name.span(), "a component has no default"));
                    Absent::Unknown
                }
            },
        };
        let ground = metadata_type.map_or_else(Ground::unknown, Ground::of);
        let condition = self.compile(&Placed::new(span, inner), &ground);
        Some(CrossFile {
            metadata_type: metadata_type?,
            by: by.map(Placed::into_inner).unwrap_or_default(),
            absent,
            condition: condition?,
        })
    }

    fn field_test(
        &mut self,
        field: &Placed<String>,
        spanned: &Placed<ConditionTable>,
        ground: &Ground,
    ) -> Option<FieldTest> {
        let table = spanned.get_ref();
        if table.each.is_some() {
            self.complain(Problem::new(spanned.span(), "`each` belongs into `some`"));
        }
        if table.metadata.is_some() || table.by.is_some() {
            self.complain(Problem::new(
                spanned.span(),
                "`metadata` and `by` belong into `project` and `related`",
            ));
        }
        let path = self.path(field, ground);
        let unknown = Ground::unknown();
        // A field that is none has no values to hold others against.
        let ground = if path.is_some() { ground } else { &unknown };
        let operators = self.operators(path.as_ref(), table, ground);
        if operators
            .as_ref()
            .is_some_and(|operators| operators.is_empty())
            == table.exists.is_none()
        {
            self.complain(Problem::new(
                spanned.span(),
                "either `exists` is needed, or some of is, in, matches, except, contains, \
                 at_least, at_most and after",
            ));
            return None;
        }
        let (path, operators) = (path?, operators?);
        let (absent, default) = self.absent(table, &path, &operators, ground)?;
        Some(FieldTest {
            is_single: operators
                .iter()
                .any(|operator| matches!(operator, Operator::IsBoolean(_)))
                && ground.is_single(&path).unwrap_or(true),
            path,
            exists: table.exists,
            operators,
            split: table.split.map(|split| match split {
                SplitName::Lines => Split::Lines,
                SplitName::Commas => Split::Commas,
            }),
            every: table.every,
            absent,
            default,
            label: table.label.clone(),
        })
    }

    fn operators(
        &mut self,
        path: Option<&FieldPath>,
        table: &ConditionTable,
        ground: &Ground,
    ) -> Option<Vec<Operator>> {
        let before = self.problems.len();
        let mut operators = Vec::new();
        if let Some(is) = &table.is {
            let text = match is.get_ref() {
                Scalar::Boolean(value) => value.to_string(),
                Scalar::Number(number) => number.to_string(),
                Scalar::Text(text) => text.clone(),
            };
            if let Some(path) = path {
                self.value(path, &text, &is.span(), ground);
            }
            operators.push(match is.get_ref() {
                Scalar::Boolean(value) => Operator::IsBoolean(*value),
                _ => Operator::In(vec![text]),
            });
        }
        if let Some(values) = &table.one_of {
            for value in values {
                if let Some(path) = path {
                    self.value(path, value.get_ref(), &value.span(), ground);
                }
            }
            let values = values.iter().map(|value| value.get_ref().clone());
            operators.push(Operator::In(values.collect()));
        }
        if let Some(pattern) = &table.matches {
            operators.extend(self.pattern(pattern).map(Operator::Matches));
        }
        if let Some(pattern) = &table.except {
            operators.extend(self.pattern(pattern).map(Operator::Except));
        }
        operators.extend(table.contains.clone().map(Operator::Contains));
        if let Some(order) = &table.order {
            for value in order {
                if let Some(path) = path {
                    self.value(path, value.get_ref(), &value.span(), ground);
                }
            }
            operators.extend(self.ordered(order, table));
        } else {
            for (bound, operator) in [
                (&table.at_least, Operator::AtLeast as fn(f64) -> Operator),
                (&table.at_most, Operator::AtMost),
            ] {
                let Some(bound) = bound else { continue };
                match bound.get_ref() {
                    Limit::Number(number) => operators.push(operator(*number)),
                    Limit::Text(_) => self.complain(
                        Problem::new(bound.span(), "this is no number")
                            .help("for a place among enum values, list them in `order`"),
                    ),
                }
            }
        }
        operators.extend(table.after.map(|_| Operator::AfterToday));
        (self.problems.len() == before).then_some(operators)
    }

    fn ordered(&mut self, order: &[Placed<String>], table: &ConditionTable) -> Option<Operator> {
        let values: Vec<String> = order.iter().map(|value| value.get_ref().clone()).collect();
        let Some(span) = order.first().map(Placed::span) else {
            self.complain(Problem::new(0..0, "`order` lists no value"));
            return None;
        };
        if table.at_least.is_none() && table.at_most.is_none() {
            self.complain(Problem::new(
                span,
                "`order` needs `at_least` or `at_most` beside it",
            ));
            return None;
        }
        let mut place = |bound: &Option<Placed<Limit>>, otherwise: usize| match bound {
            None => Some(otherwise),
            Some(bound) => {
                let text = match bound.get_ref() {
                    Limit::Text(text) => text.clone(),
                    Limit::Number(number) => number.to_string(),
                };
                let place = values.iter().position(|value| *value == text);
                if place.is_none() {
                    self.problems.push(
                        Problem::new(bound.span(), "this is none of the values in `order`")
                            .nearest(&text, values.iter().map(String::as_str)),
                    );
                }
                place
            }
        };
        let least = place(&table.at_least, 0);
        let most = place(&table.at_most, values.len() - 1);
        Some(Operator::Ordered {
            places: least?..=most?,
            order: values,
        })
    }

    /// What a missing value means, with the default that says so.
    fn absent(
        &mut self,
        table: &ConditionTable,
        path: &FieldPath,
        operators: &[Operator],
        ground: &Ground,
    ) -> Option<(Absent, Option<&'static str>)> {
        let Some(name) = &table.absent else {
            return Some((Absent::Violates, None));
        };
        let absent = match name.get_ref() {
            AbsentName::Complies => Absent::Complies,
            AbsentName::Violates => Absent::Violates,
            AbsentName::Unknown => Absent::Unknown,
            AbsentName::Default => {
                let Some(default) = ground.documented_default(path) else {
                    self.complain(
                        Problem::new(
                            name.span(),
                            format!("no default of `{}` is documented", path.last()),
                        )
                        .help("say what a missing value means: violates, complies or unknown"),
                    );
                    return None;
                };
                // No documented default is a date. If one were, rules that compare it with the
                // current day would report it.
                let today = Date::MAX;
                let holds: Result<Vec<bool>, Mistyped> = operators
                    .iter()
                    .map(|operator| operator.satisfied_by(default, today))
                    .collect();
                let absent = match holds {
                    Ok(holds) if holds.iter().all(|&holds| holds) => Absent::Complies,
                    Ok(_) => Absent::Violates,
                    Err(_) => Absent::Unknown,
                };
                return Some((absent, Some(default)));
            }
        };
        Some((absent, None))
    }

    pub(super) fn pattern(&mut self, text: &Placed<String>) -> Option<Arc<Pattern>> {
        if is_shared_name(text.get_ref()) {
            let shared = self.shared;
            let Some(pattern) = shared.pattern(text.get_ref()) else {
                self.unknown_value(text, "pattern");
                return None;
            };
            return self.pattern(&Placed::new(text.span(), pattern.to_owned()));
        }
        let pattern = Pattern::shared(text.get_ref());
        if self.verification == Verification::Full
            && let Some(error) = pattern.error()
        {
            self.complain(Problem::new(
                text.span(),
                format!("this is no regular expression: {error}"),
            ));
            return None;
        }
        Some(pattern)
    }

    /// A path that the schema knows.
    pub(super) fn path(&mut self, text: &Placed<String>, ground: &Ground) -> Option<FieldPath> {
        let Some(path) = FieldPath::parse(text.get_ref()) else {
            self.complain(Problem::new(
                text.span(),
                "this is no path of element names such as `oauthConfig/scopes`",
            ));
            return None;
        };
        self.hold_against_schema(&Placed::new(text.span(), path.clone()), ground)
            .then_some(path)
    }

    /// Complains about a path that the schema does not know.
    pub(super) fn hold_against_schema(
        &mut self,
        path: &Placed<FieldPath>,
        ground: &Ground,
    ) -> bool {
        if self.verification == Verification::AlreadyDone {
            return true;
        }
        let Err(wrong) = ground.find(path.get_ref()) else {
            return true;
        };
        let span = self.part_of(path.span(), &wrong.name);
        let mut problem = Problem::new(
            span,
            format!("{} has no field `{}`", wrong.structure, wrong.name),
        );
        problem.help = wrong.help;
        self.complain(problem);
        false
    }

    /// Where `part` stands in the text at `span`, or all of it.
    fn part_of(&self, span: Range<usize>, part: &str) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let mut places = text.match_indices(part);
        match (places.next(), places.next()) {
            (Some((at, _)), None) => span.start + at..span.start + at + part.len(),
            _ => span,
        }
    }

    /// Complains about a value that the field can never have.
    pub(super) fn value(
        &mut self,
        path: &FieldPath,
        value: &str,
        span: &Range<usize>,
        ground: &Ground,
    ) {
        if self.verification == Verification::Full
            && let Some(wrong) = ground.mismatch(path, value)
        {
            let mut problem = Problem::new(span.clone(), wrong.message);
            problem.help = wrong.help;
            self.complain(problem);
        }
    }

    pub(super) fn metadata_type(&mut self, name: &Placed<String>) -> Option<MetadataType> {
        let found = MetadataType::named(name.get_ref());
        if found.is_none() {
            self.complain(
                Problem::new(name.span(), "forcelint knows no metadata type of this name").nearest(
                    name.get_ref(),
                    MetadataType::all().map(MetadataType::rule_name),
                ),
            );
        }
        found
    }
}
