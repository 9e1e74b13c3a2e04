//! Compiles the condition tables of a rule file, and collects their problems.

use std::sync::Arc;

use super::condition::{Condition, IpRanges, NamePart, SchemaQuestion};
use super::conditions::{Conditions, SharedUse};
use super::fields::SchemaScope;
use super::model::{ConditionTable, IpRangesTable, SchemaName};
use super::problem::Problem;
use super::shared_conditions::SharedCondition;
use super::spanned::Spanned;
use super::verification::Verification;

/// How deep named conditions may refer to each other. Each level takes space on the stack.
const MAX_NAMED_DEPTH: usize = 32;

/// How many conditions a rule may have. Each use of a named condition counts: forty conditions that each
/// use the next one twice would otherwise become a trillion.
const MAX_CONDITIONS: usize = 20_000;

impl<'s> Conditions<'s> {
    /// Compiles a condition of a file of shared conditions.
    pub(super) fn compile_shared(&mut self, condition: &'s SharedCondition, scope: &SchemaScope) {
        self.family = Some(condition.family());
        self.compile(&condition.table, scope);
    }

    /// Returns all problems, those of unused named conditions included.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        // After a limit was exceeded, some uses of conditions have not been seen.
        let is_known = !self.is_too_deep && self.compiled <= MAX_CONDITIONS;
        if self.verification == Verification::Full && is_known {
            let unused: Vec<Arc<Spanned<ConditionTable>>> = self
                .tables
                .iter()
                .filter(|(name, _)| !self.used.contains(name))
                .map(|(_, table)| Arc::clone(table))
                .collect();
            for table in unused {
                self.compile(&table, &SchemaScope::unknown());
                self.report(Problem::new(table.span(), "unused condition"));
            }
        }
        self.problems
    }

    /// Compiles a `require`, which may also be `schema`.
    pub(super) fn compile_requirement(
        &mut self,
        table: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let Some(schema) = table.get_ref().schema else {
            return self.compile(table, scope);
        };
        if table.get_ref().kinds() != 1 {
            self.report(Problem::new(
                table.span(),
                "`schema` cannot be combined with other conditions",
            ));
        }
        if !scope.is_root() {
            self.report(Problem::new(
                table.span(),
                "`schema` checks the whole file; remove `each`",
            ));
        }
        Some(Condition::Schema(match schema {
            SchemaName::Fields => SchemaQuestion::Fields,
            SchemaName::Values => SchemaQuestion::Values,
        }))
    }

    pub(super) fn compile(
        &mut self,
        spanned: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        self.compile_kind(spanned, scope).map(Condition::with_id)
    }

    fn compile_kind(
        &mut self,
        spanned: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<Condition> {
        let table = spanned.get_ref();
        self.compiled += 1;
        if self.compiled > MAX_CONDITIONS {
            if self.compiled == MAX_CONDITIONS + 1 {
                self.report(Problem::new(
                    spanned.span(),
                    format!(
                        "the rule has more than {MAX_CONDITIONS} conditions; each use of a named \
                         condition counts"
                    ),
                ));
            }
            return None;
        }
        if table.kinds() != 1 {
            self.report(Problem::new(
                spanned.span(),
                "a condition needs exactly one of `field`, `component`, `suffix`, `all`, `any`, \
                 `not`, `some`, `count`, `all_ipv4`, `project`, `related`, `none` and `condition`",
            ));
            return None;
        }
        if table.field.is_none() {
            self.reject_operators(spanned);
        }
        if let Some(field) = &table.field {
            let test = self.field_test(field, spanned, scope)?;
            Some(Condition::Field(test))
        } else if let Some(pattern) = &table.component {
            Some(Condition::Name(NamePart::FullName, self.pattern(pattern)?))
        } else if let Some(pattern) = &table.suffix {
            Some(Condition::Name(NamePart::Suffix, self.pattern(pattern)?))
        } else if let Some(parts) = &table.all {
            Some(Condition::All(self.parts(parts, scope)?))
        } else if let Some(parts) = &table.any {
            Some(Condition::Any(self.parts(parts, scope)?))
        } else if let Some(inner) = &table.not {
            Some(Condition::Not(Box::new(self.compile(inner, scope)?)))
        } else if let Some(inner) = &table.some {
            self.some(inner, scope)
        } else if let Some(ranges) = &table.all_ipv4 {
            self.ip_ranges(ranges, scope).map(Condition::AllIpv4)
        } else if let Some(inner) = &table.project {
            self.project(inner)
        } else if let Some(inner) = &table.related {
            self.related(inner, scope)
        } else if let Some(inner) = &table.none {
            self.none(inner, scope)
        } else if let Some(inner) = &table.count {
            self.count(inner, scope)
        } else if let Some(name) = &table.condition {
            self.named(name, scope)
        } else {
            self.report(Problem::new(
                spanned.span(),
                "`schema` is only valid as the whole `require`",
            ));
            None
        }
    }

    /// `{ each = …, <condition> }`
    fn some(&mut self, table: &Spanned<ConditionTable>, scope: &SchemaScope) -> Option<Condition> {
        let mut inner = table.get_ref().clone();
        let Some(each) = inner.each.take() else {
            self.report(Problem::new(
                table.span(),
                "missing key `each`: the path of the elements",
            ));
            return None;
        };
        let path = self.path(&each, scope);
        let scope = path
            .as_ref()
            .map_or_else(SchemaScope::unknown, |path| scope.inside(path));
        let condition = self.compile(&Spanned::new(table.span(), inner), &scope);
        Some(Condition::Some(path?, Box::new(condition?)))
    }

    /// `{ each = …, start = …, end = … }`
    fn ip_ranges(
        &mut self,
        table: &Spanned<IpRangesTable>,
        scope: &SchemaScope,
    ) -> Option<IpRanges> {
        let table = table.get_ref();
        let each = self.path(&table.each, scope);
        let inside = each
            .as_ref()
            .map_or_else(SchemaScope::unknown, |path| scope.inside(path));
        let start = self.path(&table.start, &inside);
        let end = self.path(&table.end, &inside);
        Some(IpRanges {
            each: each?,
            start: start?,
            end: end?,
        })
    }

    fn parts(
        &mut self,
        tables: &[Spanned<ConditionTable>],
        scope: &SchemaScope,
    ) -> Option<Vec<Condition>> {
        let parts: Vec<Option<Condition>> = tables
            .iter()
            .map(|table| self.compile(table, scope))
            .collect();
        parts.into_iter().collect()
    }

    /// Reports keys that have no effect in a condition of this kind.
    fn reject_operators(&mut self, table: &Spanned<ConditionTable>) {
        let condition = table.get_ref();
        if condition.has_operator() {
            self.report(Problem::new(
                table.span(),
                "operators such as `is`, `absent` and `label` are only valid with `field`",
            ));
        }
        self.reject_join(table);
    }

    /// Reports keys that only select elements or components.
    pub(super) fn reject_join(&mut self, table: &Spanned<ConditionTable>) {
        let condition = table.get_ref();
        if condition.each.is_some() {
            self.report(Problem::new(
                table.span(),
                "`each` is only valid in `some` and `count`, and with `from` or `to`",
            ));
        }
        if condition.metadata.is_some()
            || condition.by.is_some()
            || condition.from.is_some()
            || condition.to.is_some()
        {
            self.report(Problem::new(
                table.span(),
                "`metadata`, `by`, `from` and `to` are only valid in `project`, `related`, `none` \
                 and `count`",
            ));
        }
    }

    /// Compiles the condition with this name for this scope.
    fn named(&mut self, name: &Spanned<String>, scope: &SchemaScope) -> Option<Condition> {
        let inside = self.inside.last();
        let family = inside.map_or(self.family, |inside| Some(inside.condition.family()));
        let full = match family {
            Some(family) if !name.get_ref().contains('/') => format!("{family}/{}", name.get_ref()),
            _ => name.get_ref().clone(),
        };
        if self.open.contains(&full) {
            self.report(Problem::new(
                name.span(),
                format!("the condition `{full}` refers to itself"),
            ));
            return None;
        }
        if self.open.len() == MAX_NAMED_DEPTH {
            // Reported once, because there may be as many such uses as there are conditions.
            if std::mem::replace(&mut self.is_too_deep, true) {
                return None;
            }
            self.report(Problem::new(
                name.span(),
                format!(
                    "named conditions may refer to each other at most {MAX_NAMED_DEPTH} levels deep"
                ),
            ));
            return None;
        }
        if let Some(table) = self.tables.get(&full).cloned() {
            self.used.push(full.clone());
            self.open.push(full);
            let condition = self.compile(&table, scope);
            self.open.pop();
            return condition;
        }
        let shared = self.shared;
        let Some(condition) = shared.get(&full) else {
            self.report(self.unknown_name(name, &full));
            return None;
        };
        let span = self
            .inside
            .first()
            .map_or(name.span(), |it| it.span.clone());
        self.inside.push(SharedUse {
            span,
            name: full.clone(),
            condition,
        });
        self.open.push(full);
        let compiled = self.compile(&condition.table, scope);
        self.open.pop();
        self.inside.pop();
        compiled
    }

    fn unknown_name(&self, name: &Spanned<String>, full: &str) -> Problem {
        if full.contains('/') {
            let known = self.shared.names();
            return Problem::new(name.span(), format!("unknown shared condition `{full}`"))
                .nearest(full, known);
        }
        let known = self.tables.keys().map(String::as_str);
        let problem = Problem::new(name.span(), format!("unknown condition `{full}`"));
        let mut problem = problem.nearest(full, known);
        problem
            .help
            .get_or_insert_with(|| "define it in this file as `[condition.NAME]`".to_owned());
        problem
    }
}
