//! From a rule file to a [`Rule`].
//!
//! In: the TOML text. Out: the rule, or a [`RuleError`] that shows the place in the file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;
use toml::Spanned;

use super::condition::{
    Absent, Condition, CrossFile, Expected, FieldPath, FieldTest, Pattern, Split,
};
use super::model::{
    AbsentName, CheckTable, ConditionTable, RecipeTable, RuleFile, Scalar, SplitName,
};
use super::{Check, MALFORMED, Mitigation, Recipe, Risk, Rule};
use crate::project::{ApiVersion, MetadataType};

/// A rule file that cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(code("rule"))]
pub struct RuleError {
    message: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("{label}")]
    span: SourceSpan,
    label: String,
    #[help]
    help: Option<String>,
}

struct Problem {
    span: Range<usize>,
    label: String,
    help: Option<String>,
}

impl Problem {
    fn new(span: Range<usize>, label: impl Into<String>) -> Self {
        Self {
            span,
            label: label.into(),
            help: None,
        }
    }

    fn nearest<'n>(mut self, wrong: &str, right: impl Iterator<Item = &'n str>) -> Self {
        self.help = nearest(wrong, right).map(|name| format!("did you mean `{name}`?"));
        self
    }
}

/// The name that is most like `wrong`, if one is like it at all.
pub(super) fn nearest<'n>(wrong: &str, right: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    right
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}

/// Compiles the rule file `text`, which errors call `file_name`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn compile(file_name: &str, text: &str) -> Result<Rule, RuleError> {
    read(file_name, text, true)
}

/// Compiles a rule file that a test has compiled before: regular expressions are left until they
/// are needed, since looking at each costs more than all the rest.
///
/// # Errors
/// As [`compile`], but for its regular expressions.
pub(super) fn compile_tested(file_name: &str, text: &str) -> Result<Rule, RuleError> {
    read(file_name, text, false)
}

fn read(file_name: &str, text: &str, check_patterns: bool) -> Result<Rule, RuleError> {
    let to_error = |problem: Problem| RuleError {
        message: format!("{file_name} is no valid rule"),
        source_code: NamedSource::new(file_name, text.to_owned()),
        span: SourceSpan::from(problem.span),
        label: problem.label,
        help: problem.help,
    };
    let file: RuleFile = toml::from_str(text).map_err(|error| to_error(toml_problem(&error)))?;
    rule(file, check_patterns).map_err(to_error)
}

/// What the TOML parser complains about. Its message on an unknown key lists the keys that there
/// are, all in backticks, the wrong one first.
fn toml_problem(error: &toml::de::Error) -> Problem {
    let message = error.message();
    let problem = Problem::new(error.span().unwrap_or(0..0), message);
    let mut names = message.split('`').skip(1).step_by(2);
    match names.next() {
        Some(wrong) if message.starts_with("unknown") => problem.nearest(wrong, names),
        _ => problem,
    }
}

fn rule(file: RuleFile, check_patterns: bool) -> Result<Rule, Problem> {
    let compiler = Compiler {
        check_patterns,
        tables: file.condition,
        named: RefCell::default(),
    };
    for (name, table) in &compiler.tables {
        compiler.named(&Spanned::new(table.span(), name.clone()))?;
    }
    let checks = file
        .check
        .into_iter()
        .map(|table| compiler.check(table, file.severity))
        .collect::<Result<Vec<_>, _>>()?;
    if checks.is_empty() && file.id != MALFORMED {
        return Err(Problem::new(0..0, "a rule needs a [[check]]"));
    }
    Ok(Rule {
        id: file.id,
        title: file.title,
        severity: file.severity,
        cvss: file.cvss,
        cwe: file.cwe,
        tags: file.tags,
        url: file.url,
        help: file.help,
        control: file.control,
        checks,
        examples: file.test,
    })
}

struct Compiler {
    check_patterns: bool,
    /// The `[condition.NAME]` tables.
    tables: BTreeMap<String, Spanned<ConditionTable>>,
    /// Those of them that are compiled, or for `None` being compiled.
    named: RefCell<BTreeMap<String, Option<Condition>>>,
}

impl Compiler {
    fn check(&self, table: CheckTable, severity: super::Severity) -> Result<Check, Problem> {
        let risks = table
            .risk
            .into_iter()
            .map(|risk| {
                if let Some(rollout) = risk.rollout.as_ref().filter(|rollout| *rollout.get_ref()) {
                    return Err(Problem::new(
                        rollout.span(),
                        "only `rollout = false` means something here",
                    ));
                }
                Ok(Risk {
                    when: self.condition(risk.when)?,
                    severity: risk.severity,
                    message: risk.message,
                    because: risk.because,
                    safe: risk.rollout.is_some(),
                    fix: risk.fix.map(recipe).transpose()?,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mitigations = table
            .mitigation
            .into_iter()
            .map(|mitigation| {
                Ok(Mitigation {
                    when: self.condition(mitigation.when)?,
                    because: mitigation.because,
                })
            })
            .collect::<Result<Vec<_>, Problem>>()?;
        let since = match table.since {
            None => None,
            Some(text) => Some(ApiVersion::parse(text.get_ref()).ok_or_else(|| {
                Problem::new(text.span(), "this is no API version such as \"59.0\"")
            })?),
        };
        let evidence = risks.iter().map(|risk: &Risk| &risk.when);
        let severity_needs_other_files = evidence
            .chain(mitigations.iter().map(|mitigation| &mitigation.when))
            .any(Condition::needs_other_files);
        Ok(Check {
            metadata_type: metadata_type(&table.metadata)?,
            each: table.each.as_ref().map(field_path).transpose()?,
            when: table.when.map(|when| self.condition(when)).transpose()?,
            require: self.condition(table.require)?,
            since,
            severity: table.severity.unwrap_or(severity),
            message: table.message,
            because: table.because,
            fix: table.fix.map(recipe).transpose()?,
            risks,
            mitigations,
            severity_needs_other_files,
        })
    }

    fn condition(&self, table: Spanned<ConditionTable>) -> Result<Condition, Problem> {
        let span = table.span();
        let table = table.into_inner();
        let all = |tables: Vec<Spanned<ConditionTable>>| {
            tables
                .into_iter()
                .map(|table| self.condition(table))
                .collect::<Result<Vec<_>, _>>()
        };
        let kinds = [
            table.field.is_some(),
            table.all.is_some(),
            table.any.is_some(),
            table.not.is_some(),
            table.project.is_some(),
            table.related.is_some(),
            table.condition.is_some(),
        ];
        if kinds.iter().filter(|&&is_there| is_there).count() != 1 {
            return Err(Problem::new(
                span,
                "exactly one of field, all, any, not, project, related and condition is needed",
            ));
        }
        if let Some(field) = table.field.clone() {
            return Ok(Condition::Field(self.field_test(&field, table, span)?));
        }
        if let Some(name) = table.condition {
            return self.named(&name);
        }
        match (
            table.all,
            table.any,
            table.not,
            table.project,
            table.related,
        ) {
            (Some(tables), ..) => Ok(Condition::All(all(tables)?)),
            (_, Some(tables), ..) => Ok(Condition::Any(all(tables)?)),
            (_, _, Some(inner), ..) => Ok(Condition::Not(Box::new(self.condition(*inner)?))),
            (_, _, _, Some(inner), _) => Ok(Condition::Project(Box::new(
                self.cross_file(*inner, false)?,
            ))),
            (_, _, _, _, Some(inner)) => {
                Ok(Condition::Related(Box::new(self.cross_file(*inner, true)?)))
            }
            _ => Err(Problem::new(span, "an empty condition")),
        }
    }

    /// The condition of this name, compiled once so that its regular expressions are, too.
    fn named(&self, name: &Spanned<String>) -> Result<Condition, Problem> {
        if let Some(known) = self.named.borrow().get(name.get_ref()) {
            return known.clone().ok_or_else(|| {
                Problem::new(name.span(), "this condition asks for itself in the end")
            });
        }
        let Some(table) = self.tables.get(name.get_ref()) else {
            return Err(
                Problem::new(name.span(), "there is no [condition] of this name")
                    .nearest(name.get_ref(), self.tables.keys().map(String::as_str)),
            );
        };
        let insert = |condition| {
            self.named
                .borrow_mut()
                .insert(name.get_ref().clone(), condition);
        };
        insert(None);
        let condition = self.condition(table.clone())?;
        insert(Some(condition.clone()));
        Ok(condition)
    }

    /// `{ metadata = …, by = …, <condition> }`
    fn cross_file(
        &self,
        table: Spanned<ConditionTable>,
        is_related: bool,
    ) -> Result<CrossFile, Problem> {
        let span = table.span();
        let mut inner = table.into_inner();
        let Some(metadata) = inner.metadata.take() else {
            return Err(Problem::new(span, "`metadata` is missing"));
        };
        let by = match (inner.by.take(), is_related) {
            (Some(by), true) => by,
            (None, false) => String::new(),
            (None, true) => return Err(Problem::new(span, "`by` is missing")),
            (Some(_), false) => return Err(Problem::new(span, "`by` belongs to `related`")),
        };
        let absent = if is_related {
            absent(inner.absent.take(), Absent::Unknown)
        } else {
            Absent::Violates
        };
        Ok(CrossFile {
            metadata_type: metadata_type(&metadata)?,
            by,
            absent,
            condition: self.condition(Spanned::new(span, inner))?,
        })
    }

    fn field_test(
        &self,
        field: &Spanned<String>,
        table: ConditionTable,
        span: Range<usize>,
    ) -> Result<FieldTest, Problem> {
        if table.metadata.is_some() || table.by.is_some() {
            return Err(Problem::new(
                span,
                "`metadata` and `by` belong to `project` and `related`",
            ));
        }
        let test = FieldTest {
            path: field_path(field)?,
            exists: table.exists,
            is: table.is.map(|scalar| match scalar {
                Scalar::Boolean(value) => Expected::Boolean(value),
                Scalar::Text(text) => Expected::Text(text),
            }),
            one_of: table.one_of.unwrap_or_default(),
            matches: table.matches.map(|text| self.pattern(text)).transpose()?,
            except: table.except.map(|text| self.pattern(text)).transpose()?,
            split: table.split.map(|split| match split {
                SplitName::Lines => Split::Lines,
                SplitName::Commas => Split::Commas,
            }),
            every: table.every,
            absent: absent(table.absent, Absent::Violates),
            label: table.label,
        };
        let asks_value = test.is.is_some()
            || !test.one_of.is_empty()
            || test.matches.is_some()
            || test.except.is_some();
        if asks_value == test.exists.is_some() {
            return Err(Problem::new(
                span,
                "either `exists`, or some of is, in, matches and except is needed",
            ));
        }
        Ok(test)
    }

    fn pattern(&self, text: Spanned<String>) -> Result<Arc<Pattern>, Problem> {
        let pattern = Pattern::new(text.get_ref().as_str());
        if self.check_patterns
            && let Some(error) = pattern.error()
        {
            return Err(Problem::new(text.span(), error.to_string()));
        }
        Ok(Arc::new(pattern))
    }
}

fn absent(name: Option<AbsentName>, otherwise: Absent) -> Absent {
    match name {
        Some(AbsentName::Complies) => Absent::Complies,
        Some(AbsentName::Violates) => Absent::Violates,
        Some(AbsentName::Unknown) => Absent::Unknown,
        None => otherwise,
    }
}

fn recipe(table: RecipeTable) -> Result<Recipe, Problem> {
    Ok(Recipe {
        set: field_path(&table.set)?,
        to: table.to,
        rollout: table.rollout.map(|text| text.trim().to_owned()),
    })
}

fn field_path(text: &Spanned<String>) -> Result<FieldPath, Problem> {
    FieldPath::parse(text.get_ref()).ok_or_else(|| {
        Problem::new(
            text.span(),
            "this is no path of element names such as `oauthConfig/scopes`",
        )
    })
}

fn metadata_type(name: &Spanned<String>) -> Result<MetadataType, Problem> {
    MetadataType::named(name.get_ref()).ok_or_else(|| {
        Problem::new(name.span(), "forcelint knows no metadata type of this name")
            .nearest(name.get_ref(), MetadataType::all().map(MetadataType::name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"
id = "x"
title = "x"
severity = "low"
url = "https://example.com"
help = "x"
[[check]]
metadata = "ConnectedApp"
require = { field = "label", is = "x" }
message = "x"
"#;

    /// The label and help of the error that `RULE` gives with `old` replaced by `new`.
    fn complaint(old: &str, new: &str) -> (String, Option<String>, String) {
        let text = RULE.replace(old, new);
        let error = compile("x.toml", &text).unwrap_err();
        let start = error.span.offset();
        let place = text[start..start + error.span.len()].to_owned();
        (error.label, error.help, place)
    }

    #[test]
    fn a_rule_compiles() {
        assert_eq!(compile("x.toml", RULE).unwrap().checks.len(), 1);
    }

    #[test]
    fn errors_show_the_place_and_the_nearest_name() {
        let (_, help, place) = complaint("\"ConnectedApp\"", "\"ConectedApp\"");
        assert_eq!(help.as_deref(), Some("did you mean `ConnectedApp`?"));
        assert_eq!(place, "\"ConectedApp\"");
        let (_, help, place) = complaint("message", "mesage");
        assert_eq!(help.as_deref(), Some("did you mean `message`?"));
        assert_eq!(place, "mesage");
        let (_, _, place) = complaint("is = \"x\"", "matches = \"(\"");
        assert_eq!(place, "\"(\"");
        let (label, _, _) = complaint(", is = \"x\"", "");
        assert!(label.starts_with("either `exists`"), "{label}");
        let (label, _, _) = complaint("require", "when = { condition = \"b\" }\nrequire");
        assert_eq!(label, "there is no [condition] of this name");
        let (label, _, _) = complaint("[[check]]", "[condition.b]\ncondition = \"b\"\n[[check]]");
        assert_eq!(label, "this condition asks for itself in the end");
        let (label, _, _) = complaint("is = \"x\"", "is = \"x\", any = []");
        assert!(label.starts_with("exactly one"), "{label}");
        let (_, help, _) = complaint("\"low\"", "\"loww\"");
        assert_eq!(help.as_deref(), Some("did you mean `low`?"));
        let (_, _, place) = complaint("\"label\"", "\"la bel\"");
        assert_eq!(place, "\"la bel\"");
    }
}
