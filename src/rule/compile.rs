//! Compiles a rule file to a [`Rule`], or reports everything that is wrong with it. Conditions are
//! compiled in `compile_condition`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::DeTable;

use super::condition::Condition;
use super::conditions::Conditions;
use super::example::{Example, TestFile};
use super::field_path::FieldPath;
use super::fields::SchemaScope;
use super::json_schema::{SCHEMA, tests_schema};
use super::message::Message;
use super::model::{
    CheckTable, FixTable, MitigationTable, OneOrMore, RiskTable, RuleFile, StepTable,
};
use super::problem::{Problem, RuleError};
use super::rule::{Check, MALFORMED, Mitigation, Recipe, Risk, Rule, Step};
use super::shared_conditions::{SharedConditions, is_shared_name};
use super::spanned::Spanned;
use super::verification::Verification;
use crate::project::MetadataType;
use crate::rule::shape;
use crate::schema::ApiVersion;
use crate::text::without_secret_words;

/// Compiles a rule file with the built-in shared conditions. Errors show `file_name`.
///
/// # Errors
/// If the file is not a valid rule; the error lists all problems.
pub fn compile(file_name: &str, text: &str) -> Result<Rule, RuleError> {
    compile_with(file_name, text, SharedConditions::built_in())
}

/// Compiles a rule file. Errors show `file_name`.
///
/// # Errors
/// If the file is not a valid rule; the error lists all problems.
pub fn compile_with(
    file_name: &str,
    text: &str,
    shared: &SharedConditions,
) -> Result<Rule, RuleError> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = syntax.iter().map(toml_problem).collect();
    if !problems.is_empty() {
        // After a syntax error, the parser may put keys into the wrong table.
        return Err(RuleError::new(file_name, text, problems));
    }
    let mut placeholders = Vec::new();
    let file = match RuleFile::deserialize(toml::de::Deserializer::from(table)) {
        Ok(file) => file,
        Err(_) => {
            // Only invalid files need the slower check of their shape, which finds all problems.
            let (mut table, _) = DeTable::parse_recoverable(text);
            let repaired = shape::repair(&mut table, SCHEMA);
            problems.extend(repaired.problems);
            placeholders = repaired.placeholders;
            match RuleFile::deserialize(toml::de::Deserializer::from(table)) {
                Ok(file) => file,
                Err(error) => {
                    problems.push(toml_problem(&error));
                    return Err(RuleError::new(file_name, text, problems));
                }
            }
        }
    };
    match rule(file, text, Verification::Full, shared) {
        Ok(rule) if problems.is_empty() => Ok(rule),
        Ok(_) => Err(RuleError::new(file_name, text, problems)),
        Err(found) => {
            problems.extend(
                found
                    .into_iter()
                    .filter(|it| !placeholders.contains(&it.span)),
            );
            Err(RuleError::new(file_name, text, problems))
        }
    }
}

/// Compiles an embedded rule.
///
/// # Errors
/// If the rule is invalid, which tests rule out.
pub(super) fn compile_embedded(packed: &[u8]) -> Result<Rule, Vec<Problem>> {
    let file = rmp_serde::from_slice(packed)
        .map_err(|error| vec![Problem::new(0..0, error.to_string())])?;
    // The shared conditions that it uses are packed with it.
    let shared = SharedConditions::default();
    rule(file, "", Verification::AlreadyDone, &shared)
}

/// Checks the shared conditions of the families that `of` selects, even if no rule uses them.
pub(crate) fn verify_shared(
    shared: &SharedConditions,
    of: impl Fn(&str) -> bool,
) -> Vec<RuleError> {
    let mut errors = Vec::new();
    for (name, (text, conditions)) in shared.by_file(of) {
        let mut problems = Vec::new();
        for condition in conditions {
            let mut compiler = Conditions::new(BTreeMap::new(), text, Verification::Full, shared);
            compiler.compile_shared(condition, &SchemaScope::unknown());
            problems.extend(compiler.finish());
        }
        if !problems.is_empty() {
            errors.push(RuleError::new(name, text, problems));
        }
    }
    errors
}

/// Reads the `[[test]]` tables of a rule from a separate file.
///
/// # Errors
/// If the file is not valid; the error lists all problems.
pub fn compile_tests(file_name: &str, text: &str) -> Result<Vec<Example>, RuleError> {
    match toml::from_str::<TestFile>(text) {
        Ok(file) => Ok(file.test),
        Err(error) => {
            let mut problems = shape::mismatches(text, &tests_schema());
            if problems.is_empty() {
                problems.push(toml_problem(&error));
            }
            Err(RuleError::new(file_name, text, problems))
        }
    }
}

fn toml_problem(error: &toml::de::Error) -> Problem {
    let message = without_secret_words(error.message());
    Problem::new(error.span().unwrap_or(0..0), message)
}

fn rule(
    file: RuleFile,
    text: &str,
    verification: Verification,
    shared: &SharedConditions,
) -> Result<Rule, Vec<Problem>> {
    let mut compiler = Compiler {
        conditions: Conditions::new(file.condition, text, verification, shared),
    };
    let id = file.id.get_ref();
    if file.check.is_empty() && id != MALFORMED {
        compiler.report(Problem::new(
            file.id.span(),
            "the rule has no `[[check]]`; add at least one",
        ));
    }
    if !is_kebab_case(id) {
        compiler.report(
            Problem::new(file.id.span(), "the id is not in kebab-case")
                .help("use lowercase words separated by hyphens, such as `pkce-required`"),
        );
    }
    let checks: Vec<Check> = file
        .check
        .into_iter()
        .flat_map(|table| compiler.checks(table, file.severity))
        .collect();
    let problems = compiler.conditions.finish();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Rule {
        id: file.id.into_inner(),
        title: file.title,
        severity: file.severity,
        severity_override: None,
        cvss: file.cvss,
        cwe: file.cwe,
        tags: file.tags,
        covers: file.covers,
        url: file.url,
        references: file.references,
        help: file.help.into(),
        setup: file.setup,
        exceptions: file.exceptions,
        notes: file.notes,
        include_forceignored: file.include_forceignored,
        secret: file.secret,
        fallback: file.fallback,
        control: file.control,
        checks,
        examples: file.test,
    })
}

pub(crate) fn is_kebab_case(id: &str) -> bool {
    id.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

struct Compiler<'s> {
    conditions: Conditions<'s>,
}

impl Compiler<'_> {
    fn report(&mut self, problem: Problem) {
        self.conditions.report(problem);
    }

    /// Compiles a check for each of its metadata types.
    fn checks(&mut self, table: CheckTable, severity: super::Severity) -> Vec<Check> {
        let span = table.metadata.span();
        let names = match table.metadata.get_ref() {
            OneOrMore::One(name) if is_shared_name(name) => {
                let name = Spanned::new(span.clone(), name.clone());
                let types = self.conditions.shared_types(&name).unwrap_or_default();
                let types = types.iter();
                types
                    .map(|it| Spanned::new(span.clone(), it.clone()))
                    .collect()
            }
            OneOrMore::One(name) => vec![Spanned::new(span.clone(), name.clone())],
            OneOrMore::More(names) => names.clone(),
        };
        if names.is_empty() {
            self.report(Problem::new(
                span,
                "the list is empty; name at least one metadata type",
            ));
        }
        let types: Vec<Option<MetadataType>> = names
            .iter()
            .map(|name| self.conditions.checked_type(name))
            .collect();
        if types.iter().all(Option::is_none) {
            // Its fields are unknown, but the rest of the check can still be verified.
            self.check(&table, None, severity);
        }
        types
            .into_iter()
            .flatten()
            .filter_map(|metadata_type| self.check(&table, Some(metadata_type), severity))
            .collect()
    }

    fn check(
        &mut self,
        table: &CheckTable,
        metadata_type: Option<MetadataType>,
        severity: super::Severity,
    ) -> Option<Check> {
        let mut scope = metadata_type.map_or_else(SchemaScope::unknown, SchemaScope::of);
        let each = match &table.each {
            None => None,
            Some(each) => {
                let path = self.conditions.path(each, &scope);
                scope = path
                    .as_ref()
                    .map_or_else(SchemaScope::unknown, |path| scope.inside(path));
                Some(path)
            }
        };
        let when = table
            .when
            .as_ref()
            .map(|when| self.conditions.compile(when, &scope));
        let require = self.conditions.compile_requirement(&table.require, &scope);
        let message = self.message(&table.message, &scope);
        let fix = table.fix.as_ref().map(|fix| self.recipe(fix, &scope));
        let risks: Vec<Option<Risk>> = table
            .risk
            .iter()
            .map(|risk| self.risk(risk, &scope))
            .collect();
        let mitigations: Vec<Option<Mitigation>> = table
            .mitigation
            .iter()
            .map(|mitigation| self.mitigation(mitigation, &scope))
            .collect();
        let since = self.since(table, &scope);
        if metadata_type.is_some_and(MetadataType::is_project) {
            self.reject_fixes(table);
        }
        let risks: Vec<Risk> = risks.into_iter().collect::<Option<_>>()?;
        let mitigations: Vec<Mitigation> = mitigations.into_iter().collect::<Option<_>>()?;
        let evidence = risks.iter().map(|risk| &risk.when);
        let severity_needs_other_files = evidence
            .chain(mitigations.iter().map(|mitigation| &mitigation.when))
            .any(Condition::needs_other_files);
        let check = Check {
            metadata_type: metadata_type?,
            each: each.map_or(Some(None), |each| each.map(Some))?,
            when: when.map_or(Some(None), |when| when.map(Some))?,
            require: require?,
            since,
            severity: table.severity.unwrap_or(severity),
            message: message?,
            because: table.because.clone(),
            fix: fix.map_or(Some(None), |fix| fix.map(Some))?,
            risks,
            mitigations,
            severity_needs_other_files,
        };
        if check.metadata_type.is_project() {
            self.verify_project_check(table, &check);
        }
        Some(check)
    }

    /// A check of the project can only test which components the project has.
    fn verify_project_check(&mut self, table: &CheckTable, check: &Check) {
        let risks = table.risk.iter().zip(&check.risks);
        let risks = risks.map(|(table, risk)| (&table.when, &risk.when));
        let mitigations = table.mitigation.iter().zip(&check.mitigations);
        let mitigations = mitigations.map(|(table, it)| (&table.when, &it.when));
        let when = table.when.iter().zip(&check.when);
        let require = [(&table.require, &check.require)];
        let conditions = when.chain(require).chain(risks).chain(mitigations);
        for (table, _) in conditions.filter(|(_, condition)| !condition.is_about_project()) {
            self.report(
                Problem::new(
                    table.span(),
                    "a check of the project can only test which components the project has",
                )
                .help("use `project`, `none` or `count` with `metadata`, without `from`, `to` and `by`"),
            );
        }
    }

    /// A check of the project has no fix.
    fn reject_fixes(&mut self, table: &CheckTable) {
        let fixes = table.risk.iter().filter_map(|risk| risk.fix.as_ref());
        for fix in table.fix.iter().chain(fixes) {
            self.report(Problem::new(
                fix.span(),
                "a check of the project has no fix: forcelint cannot write the missing component",
            ));
        }
    }

    fn risk(&mut self, table: &RiskTable, scope: &SchemaScope) -> Option<Risk> {
        if let Some(rollout) = table.rollout.as_ref().filter(|rollout| *rollout.get_ref()) {
            self.report(Problem::new(
                rollout.span(),
                "in a risk, `rollout` can only be `false`, which makes the fix safe",
            ));
        }
        let when = self.conditions.compile(&table.when, scope);
        let message = table
            .message
            .as_ref()
            .map(|message| self.message(message, scope));
        let fix = table.fix.as_ref().map(|fix| self.recipe(fix, scope));
        let because = table.because.clone();
        let because = because.or_else(|| self.conditions.because(&table.when));
        if because.is_none() {
            self.report(Problem::new(
                table.when.span(),
                "missing key `because`: explain why this evidence matters",
            ));
        }
        Some(Risk {
            when: when?,
            severity: table.severity,
            message: message.map_or(Some(None), |message| message.map(Some))?,
            because: because?,
            safe: table.rollout.is_some(),
            fix: fix.map_or(Some(None), |fix| fix.map(Some))?,
        })
    }

    fn mitigation(&mut self, table: &MitigationTable, scope: &SchemaScope) -> Option<Mitigation> {
        Some(Mitigation {
            when: self.conditions.compile(&table.when, scope)?,
            because: table.because.clone(),
        })
    }

    fn message(&mut self, template: &Spanned<String>, scope: &SchemaScope) -> Option<Message> {
        match Message::parse(template.get_ref()) {
            Ok(message) => {
                for path in message.fields() {
                    let path = Spanned::new(template.span(), path);
                    self.conditions.check_path(&path, scope);
                }
                Some(message)
            }
            Err(unknown) => {
                self.report(
                    Problem::new(
                        template.span(),
                        format!("invalid placeholder `{{{}}}`", unknown.text),
                    )
                    .help(
                        "use `{component}` for the component's full name, or `{a/b}` for the text \
                         of a field",
                    ),
                );
                None
            }
        }
    }

    /// The API version that the fix needs, from the rule or from the metadata schema.
    fn since(&mut self, table: &CheckTable, scope: &SchemaScope) -> Option<ApiVersion> {
        let fields = [&table.fix].into_iter().flatten().chain(
            // The fix of a risk may set another field. The highest version applies to all fixes.
            table.risk.iter().filter_map(|risk| risk.fix.as_ref()),
        );
        let known = fields
            .flat_map(|fix| {
                let others = fix.get_ref().and.iter();
                let others = others.filter_map(|step| step.get_ref().set.as_ref());
                fix.get_ref().set.iter().chain(others)
            })
            .filter_map(|set| scope.since(&FieldPath::parse(set.get_ref())?))
            .max();
        let Some(text) = &table.since else {
            return known;
        };
        let Some(since) = ApiVersion::parse(text.get_ref()) else {
            self.report(
                Problem::new(text.span(), "not an API version")
                    .help("write a version such as \"59.0\""),
            );
            return None;
        };
        if let Some(known) = known.filter(|known| since < *known) {
            self.report(
                Problem::new(
                    text.span(),
                    format!("the field of the fix was added in API version {known}"),
                )
                .help("remove `since`, or set a later version"),
            );
        }
        Some(since)
    }

    fn recipe(&mut self, table: &Spanned<FixTable>, scope: &SchemaScope) -> Option<Recipe> {
        let span = table.span();
        let table = table.get_ref();
        let kinds = [
            table.set.is_some(),
            table.remove.is_some(),
            table.replace.is_some(),
            table.repair,
        ];
        if kinds.iter().filter(|&&exists| exists).count() != 1 {
            self.report(Problem::new(
                span,
                "a fix needs exactly one of `set`, `remove`, `replace` and `repair`",
            ));
            return None;
        }
        let first = if table.repair {
            Some(Step::Repair)
        } else if let Some(pattern) = &table.replace {
            self.replacement(pattern, table.with.as_deref())
        } else {
            self.step(&table.set, &table.to, &table.remove, scope)
        };
        let others: Vec<Option<Step>> = table
            .and
            .iter()
            .map(|step| {
                let span = step.span();
                let StepTable { set, to, remove } = step.get_ref();
                if set.is_some() == remove.is_some() {
                    self.report(Problem::new(span, "a step needs either `set` or `remove`"));
                    return None;
                }
                self.step(set, to, remove, scope)
            })
            .collect();
        let mut steps = vec![first?];
        for step in others {
            steps.push(step?);
        }
        Some(Recipe {
            steps,
            rollout: table.rollout.as_deref().map(|text| text.trim().into()),
        })
    }

    fn replacement(&mut self, pattern: &Spanned<String>, with: Option<&str>) -> Option<Step> {
        let Some(with) = with else {
            self.report(Problem::new(
                pattern.span(),
                "missing key `with`: the text for `replace`",
            ));
            return None;
        };
        self.conditions.pattern(pattern)?;
        Some(Step::Replace {
            pattern: pattern.get_ref().clone(),
            with: with.to_owned(),
        })
    }

    /// Compiles `set` with `to`, or `remove`. One of them exists.
    fn step(
        &mut self,
        set: &Option<Spanned<String>>,
        to: &Option<Spanned<String>>,
        remove: &Option<Spanned<String>>,
        scope: &SchemaScope,
    ) -> Option<Step> {
        if let Some(remove) = remove {
            let path = self.conditions.path(remove, scope)?;
            return Some(Step::Remove { path });
        }
        let set = set.as_ref()?;
        let Some(to) = to else {
            self.report(Problem::new(
                set.span(),
                "missing key `to`: the text for `set`",
            ));
            return None;
        };
        let path = self.conditions.path(set, scope)?;
        if path.is_start() {
            self.report(Problem::new(
                set.span(),
                "`set` needs the path of a field; the checked element itself cannot be set",
            ));
            return None;
        }
        self.conditions
            .value(&path, to.get_ref(), &to.span(), scope);
        Some(Step::Set {
            path,
            to: to.get_ref().clone(),
        })
    }
}
