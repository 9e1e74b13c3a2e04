//! The state of compiling the conditions of one rule file, and the checks of the names in them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::field_path::FieldPath;
use super::fields::SchemaScope;
use super::model::ConditionTable;
use super::pattern::Pattern;
use super::problem::Problem;
use super::shared_conditions::{SharedCondition, SharedConditions, is_shared_name};
use super::spanned::Spanned;
use super::verification::Verification;
use crate::project::MetadataType;

/// The state of compiling the conditions of one rule file.
pub(crate) struct Conditions<'s> {
    pub(super) verification: Verification,
    /// The text of the file, to find a part of a path in it.
    text: Arc<str>,
    /// The `[condition.NAME]` tables.
    pub(super) tables: BTreeMap<String, Arc<Spanned<ConditionTable>>>,
    pub(super) shared: &'s SharedConditions,
    /// The shared conditions that are being compiled, the innermost last.
    pub(super) inside: Vec<SharedUse<'s>>,
    /// The family of names without a slash. Only set in a file of shared conditions.
    pub(super) family: Option<&'s str>,
    /// The names of all conditions that are being compiled, the innermost last.
    pub(super) open: Vec<String>,
    pub(super) used: Vec<String>,
    pub(super) compiled: usize,
    pub(super) is_too_deep: bool,
    pub(super) problems: Vec<Problem>,
}

/// The use of a shared condition.
pub(super) struct SharedUse<'s> {
    /// The location in the file that is compiled.
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

    /// Adds a problem. A problem in a shared condition is reported where the rule uses the condition,
    /// and the message contains its location.
    pub(super) fn report(&mut self, mut problem: Problem) {
        if let Some(inside) = self.inside.last() {
            let location = inside.condition.location(problem.span.start);
            problem.message = format!("`{}` ({location}): {}", inside.name, problem.message);
            problem.span = inside.span.clone();
        }
        self.problems.push(problem);
    }

    /// The `because` of a condition that is used by its name.
    pub(super) fn because(&self, condition: &Spanned<ConditionTable>) -> Option<String> {
        let name = condition.get_ref().condition.as_ref()?.get_ref();
        let packed = self.tables.get(name).map(|table| table.get_ref());
        let shared = || self.shared.get(name).map(|shared| shared.table.get_ref());
        packed.or_else(shared)?.because.clone()
    }

    /// The metadata types of the list `@FAMILY/NAME`.
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
            let pattern = self.shared_pattern(text)?;
            return self.pattern(&Spanned::new(text.span(), pattern.to_owned()));
        }
        let pattern = Pattern::shared(text.get_ref());
        if self.verification == Verification::Full
            && let Some(error) = pattern.error()
        {
            self.report(Problem::new(
                text.span(),
                format!("invalid regular expression: {error}"),
            ));
            return None;
        }
        Some(pattern)
    }

    /// The regular expression `@FAMILY/NAME`.
    pub(super) fn shared_pattern(&mut self, name: &Spanned<String>) -> Option<&'s str> {
        let shared = self.shared;
        let pattern = shared.pattern(name.get_ref());
        if pattern.is_none() {
            self.unknown_value(name, "pattern");
        }
        pattern
    }

    /// Parses a path, and checks it against the metadata schema.
    pub(super) fn path(
        &mut self,
        text: &Spanned<String>,
        scope: &SchemaScope,
    ) -> Option<FieldPath> {
        let Some(path) = FieldPath::parse(text.get_ref()) else {
            self.report(Problem::new(
                text.span(),
                "not a path of element names, such as `oauthConfig/scopes`",
            ));
            return None;
        };
        self.check_path(&Spanned::new(text.span(), path.clone()), scope)
            .then_some(path)
    }

    /// Reports a path that the metadata schema does not have.
    pub(super) fn check_path(&mut self, path: &Spanned<FieldPath>, scope: &SchemaScope) -> bool {
        if self.verification == Verification::AlreadyDone {
            return true;
        }
        let Err(unknown) = scope.find(path.get_ref()) else {
            return true;
        };
        let span = self.part_of(path.span(), &unknown.name);
        let mut problem = Problem::new(
            span,
            format!("`{}` has no field `{}`", unknown.structure, unknown.name),
        );
        problem.help = unknown.help;
        self.report(problem);
        false
    }

    /// The range of `part` in the text at `span`, or `span` if it does not occur exactly once.
    fn part_of(&self, span: Range<usize>, part: &str) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let mut matches = text.match_indices(part);
        match (matches.next(), matches.next()) {
            (Some((at, _)), None) => span.start + at..span.start + at + part.len(),
            _ => span,
        }
    }

    /// Reports a value that the field can never have.
    pub(super) fn value(
        &mut self,
        path: &FieldPath,
        value: &str,
        span: &Range<usize>,
        scope: &SchemaScope,
    ) {
        if self.verification == Verification::Full
            && let Some(invalid) = scope.mismatch(path, value)
        {
            let mut problem = Problem::new(span.clone(), invalid.message);
            problem.help = invalid.help;
            self.report(problem);
        }
    }

    fn unknown_value(&mut self, name: &Spanned<String>, what: &str) {
        let problem = Problem::new(
            name.span(),
            format!("unknown shared {what} `{}`", name.get_ref()),
        );
        let known = self.shared.value_names();
        self.report(problem.nearest(name.get_ref(), known));
    }

    /// The type of a check: a metadata type, or the project.
    pub(super) fn checked_type(&mut self, name: &Spanned<String>) -> Option<MetadataType> {
        let project = MetadataType::project();
        match name.get_ref() == project.name() {
            true => Some(project),
            false => self.metadata_type(name),
        }
    }

    pub(super) fn metadata_type(&mut self, name: &Spanned<String>) -> Option<MetadataType> {
        let found = MetadataType::named(name.get_ref());
        if found.is_some_and(MetadataType::is_project) {
            let message = format!("`{}` is not a metadata type", name.get_ref());
            let help = "use it as the `metadata` of a check; conditions are about the components of the project";
            self.report(Problem::new(name.span(), message).help(help));
            return None;
        }
        if found.is_none() {
            let message = format!("unknown metadata type `{}`", name.get_ref());
            self.report(Problem::new(name.span(), message).nearest(
                name.get_ref(),
                MetadataType::all().map(MetadataType::rule_name),
            ));
        }
        if found.is_some_and(|it| it.suffix().is_none()) {
            let message = format!("no file has the metadata type `{}`", name.get_ref());
            self.report(Problem::new(name.span(), message).help(
                "forcelint reads no XML file of this type. If its components are elements of another type, as \
                 those of `CustomLabel` are of `CustomLabels`, name that type",
            ));
        }
        found
    }
}
