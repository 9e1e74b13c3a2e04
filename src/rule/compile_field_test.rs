//! Compiles conditions about the values of a field.

use jiff::civil::Date;

use super::condition::{Absent, FieldTest, Mistyped, Operator};
use super::conditions::Conditions;
use super::field_path::{FieldPath, Split};
use super::fields::SchemaScope;
use super::model::{AbsentName, ConditionTable, Limit, Scalar};
use super::problem::Problem;
use super::spanned::Spanned;

impl Conditions<'_> {
    pub(super) fn field_test(
        &mut self,
        field: &Spanned<String>,
        spanned: &Spanned<ConditionTable>,
        scope: &SchemaScope,
    ) -> Option<FieldTest> {
        let table = spanned.get_ref();
        self.reject_join(spanned);
        let path = self.path(field, scope);
        let unknown = SchemaScope::unknown();
        // The possible values of an invalid path are unknown.
        let scope = if path.is_some() { scope } else { &unknown };
        let operators = self.operators(path.as_ref(), table, scope);
        if operators
            .as_ref()
            .is_some_and(|operators| operators.is_empty())
            == table.exists.is_none()
        {
            self.report(Problem::new(
                spanned.span(),
                "a `field` needs either `exists` or at least one of `is`, `in`, `matches`, \
                 `except`, `contains`, `at_least`, `at_most`, `after`, `certificate` and `start_tag`",
            ));
            return None;
        }
        let (path, operators) = (path?, operators?);
        let (absent, default) = self.absent(table, &path, &operators, scope)?;
        Some(FieldTest {
            is_single: operators
                .iter()
                .any(|operator| matches!(operator, Operator::IsBoolean(_)))
                && scope.is_single(&path).unwrap_or(true),
            path,
            exists: table.exists,
            operators,
            split: table.split.map(Split::from),
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
        scope: &SchemaScope,
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
                self.value(path, &text, &is.span(), scope);
            }
            operators.push(match is.get_ref() {
                Scalar::Boolean(value) => Operator::IsBoolean(*value),
                _ => Operator::In(vec![text]),
            });
        }
        if let Some(values) = &table.one_of {
            for value in values {
                if let Some(path) = path {
                    self.value(path, value.get_ref(), &value.span(), scope);
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
                    self.value(path, value.get_ref(), &value.span(), scope);
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
                    Limit::Text(_) => self.report(
                        Problem::new(bound.span(), "expected a number, found a string")
                            .help("to compare enumeration values, list them in `order`"),
                    ),
                }
            }
        }
        operators.extend(table.after.map(|_| Operator::AfterToday));
        self.text_operators(table, &mut operators);
        (self.problems.len() == before).then_some(operators)
    }

    /// The operators about what a text contains.
    fn text_operators(&mut self, table: &ConditionTable, operators: &mut Vec<Operator>) {
        if let Some(test) = &table.certificate {
            if test.get_ref().is_empty() {
                self.report(Problem::new(
                    test.span(),
                    "`certificate` needs at least one of `expires_after`, `rsa_bits_at_least` and `strong_hash = true`",
                ));
            }
            operators.push(Operator::Certificate(test.get_ref().clone()));
        }
        if let Some(test) = &table.start_tag {
            if !test.get_ref().is_valid() {
                self.report(Problem::new(
                    test.span(),
                    "`name` and `attribute` need a name, such as `apex:page` and `action`",
                ));
            }
            operators.push(Operator::StartTag(test.get_ref().clone()));
        }
    }

    fn ordered(&mut self, order: &[Spanned<String>], table: &ConditionTable) -> Option<Operator> {
        let values: Vec<String> = order.iter().map(|value| value.get_ref().clone()).collect();
        let Some(span) = order.first().map(Spanned::span) else {
            self.report(Problem::new(0..0, "`order` has no values"));
            return None;
        };
        if table.at_least.is_none() && table.at_most.is_none() {
            self.report(Problem::new(
                span,
                "`order` needs `at_least`, `at_most` or both",
            ));
            return None;
        }
        let mut position = |bound: &Option<Spanned<Limit>>, otherwise: usize| match bound {
            None => Some(otherwise),
            Some(bound) => {
                let text = match bound.get_ref() {
                    Limit::Text(text) => text.clone(),
                    Limit::Number(number) => number.to_string(),
                };
                let found = values.iter().position(|value| *value == text);
                if found.is_none() {
                    self.problems.push(
                        Problem::new(bound.span(), format!("`{text}` is not in `order`"))
                            .nearest(&text, values.iter().map(String::as_str)),
                    );
                }
                found
            }
        };
        let least = position(&table.at_least, 0);
        let most = position(&table.at_most, values.len() - 1);
        Some(Operator::Ordered {
            positions: least?..=most?,
            order: values,
        })
    }

    /// The meaning of a missing value, and the documented default that it follows from.
    fn absent(
        &mut self,
        table: &ConditionTable,
        path: &FieldPath,
        operators: &[Operator],
        scope: &SchemaScope,
    ) -> Option<(Absent, Option<&'static str>)> {
        let Some(name) = &table.absent else {
            return Some((Absent::Violates, None));
        };
        let absent = match name.get_ref() {
            AbsentName::Complies => Absent::Complies,
            AbsentName::Violates => Absent::Violates,
            AbsentName::Unknown => Absent::Unknown,
            AbsentName::Default => {
                let Some(default) = scope.documented_default(path) else {
                    self.report(
                        Problem::new(
                            name.span(),
                            format!("`{}` has no documented default", path.last()),
                        )
                        .help("use `violates`, `complies` or `unknown`"),
                    );
                    return None;
                };
                // No documented default is a date. If there were one, it would fail a comparison with
                // the current day.
                let today = Date::MAX;
                let satisfied: Result<Vec<bool>, Mistyped> = operators
                    .iter()
                    .map(|operator| operator.satisfied_by(default, today))
                    .collect();
                let absent = match satisfied {
                    Ok(satisfied) if satisfied.iter().all(|&it| it) => Absent::Complies,
                    Ok(_) => Absent::Violates,
                    Err(_) => Absent::Unknown,
                };
                return Some((absent, Some(default)));
            }
        };
        Some((absent, None))
    }
}
