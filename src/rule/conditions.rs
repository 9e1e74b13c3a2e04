//! What the conditions of a rule file have in common: the names that they use, each checked, and
//! what is wrong so far.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::condition::FieldPath;
use super::fields::SchemaScope;
use super::model::ConditionTable;
use super::pattern::Pattern;
use super::problem::Problem;
use super::shared_conditions::{SharedCondition, SharedConditions, is_shared_name};
use super::spanned::Spanned;
use super::verification::Verification;
use crate::project::MetadataType;

/// What conditions of one rule file have in common.
pub(crate) struct Conditions<'s> {
    pub(super) verification: Verification,
    /// The file, to find a part of a path in it.
    text: Arc<str>,
    /// The `[condition.NAME]` tables.
    pub(super) tables: BTreeMap<String, Arc<Spanned<ConditionTable>>>,
    pub(super) shared: &'s SharedConditions,
    /// The shared conditions that are being compiled, one inside the other.
    pub(super) inside: Vec<Use<'s>>,
    /// The family that names without a slash belong to, in a file of shared conditions.
    pub(super) family: Option<&'s str>,
    /// Names of those that are being compiled, one inside of the other.
    pub(super) open: Vec<String>,
    pub(super) used: Vec<String>,
    pub(super) compiled: usize,
    pub(super) is_too_deep: bool,
    pub(super) problems: Vec<Problem>,
}

/// A place that uses a shared condition.
pub(super) struct Use<'s> {
    /// In the file that is compiled.
    pub(super) span: Range<usize>,
    pub(super) name: String,
    pub(super) condition: &'s SharedCondition,
}

impl<'s> Conditions<'s> {
    pub(super) fn new(
        tables: BTreeMap<String, Spanned<ConditionTable>>,
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
    pub(super) fn report(&mut self, mut problem: Problem) {
        if let Some(inside) = self.inside.last() {
            let location = inside.condition.location(problem.span.start);
            problem.message = format!("`{}` ({location}): {}", inside.name, problem.message);
            problem.span = inside.span.clone();
        }
        self.problems.push(problem);
    }

    /// Why a condition matters as evidence, if it is a shared one that says so.
    pub(super) fn because(&self, condition: &Spanned<ConditionTable>) -> Option<String> {
        let name = condition.get_ref().condition.as_ref()?.get_ref();
        let packed = self.tables.get(name).map(|table| table.get_ref());
        let shared = || self.shared.get(name).map(|shared| shared.table.get_ref());
        packed.or_else(shared)?.because.clone()
    }

    /// The metadata types of a list that is called `@FAMILY/NAME`.
    pub(super) fn shared_types(&mut self, name: &Spanned<String>) -> Option<&'s [String]> {
        let shared = self.shared;
        let types = shared.types(name.get_ref());
        if types.is_none() {
            self.unknown_value(name, "list of metadata types");
        }
        types
    }

    pub(super) fn pattern(&mut self, text: &Spanned<String>) -> Option<Arc<Pattern>> {
        if is_shared_name(text.get_ref()) {
            let shared = self.shared;
            let Some(pattern) = shared.pattern(text.get_ref()) else {
                self.unknown_value(text, "pattern");
                return None;
            };
            return self.pattern(&Spanned::new(text.span(), pattern.to_owned()));
        }
        let pattern = Pattern::shared(text.get_ref());
        if self.verification == Verification::Full
            && let Some(error) = pattern.error()
        {
            self.report(Problem::new(
                text.span(),
                format!("this is no regular expression: {error}"),
            ));
            return None;
        }
        Some(pattern)
    }

    /// A path that the schema knows.
    pub(super) fn path(
        &mut self,
        text: &Spanned<String>,
        scope: &SchemaScope,
    ) -> Option<FieldPath> {
        let Some(path) = FieldPath::parse(text.get_ref()) else {
            self.report(Problem::new(
                text.span(),
                "this is no path of element names such as `oauthConfig/scopes`",
            ));
            return None;
        };
        self.check_path(&Spanned::new(text.span(), path.clone()), scope)
            .then_some(path)
    }

    /// Complains about a path that the schema does not know.
    pub(super) fn check_path(&mut self, path: &Spanned<FieldPath>, scope: &SchemaScope) -> bool {
        if self.verification == Verification::AlreadyDone {
            return true;
        }
        let Err(wrong) = scope.find(path.get_ref()) else {
            return true;
        };
        let span = self.part_of(path.span(), &wrong.name);
        let mut problem = Problem::new(
            span,
            format!("{} has no field `{}`", wrong.structure, wrong.name),
        );
        problem.help = wrong.help;
        self.report(problem);
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
        scope: &SchemaScope,
    ) {
        if self.verification == Verification::Full
            && let Some(wrong) = scope.mismatch(path, value)
        {
            let mut problem = Problem::new(span.clone(), wrong.message);
            problem.help = wrong.help;
            self.report(problem);
        }
    }

    fn unknown_value(&mut self, name: &Spanned<String>, what: &str) {
        let problem = Problem::new(
            name.span(),
            format!("there is no shared {what} of this name"),
        );
        let known = self.shared.value_names();
        self.report(problem.nearest(name.get_ref(), known));
    }

    pub(super) fn metadata_type(&mut self, name: &Spanned<String>) -> Option<MetadataType> {
        let found = MetadataType::named(name.get_ref());
        if found.is_none() {
            self.report(
                Problem::new(name.span(), "forcelint knows no metadata type of this name").nearest(
                    name.get_ref(),
                    MetadataType::all().map(MetadataType::rule_name),
                ),
            );
        }
        found
    }
}
