//! The rules of one run.
//!
//! A [`RuleSet`] knows which rules check a metadata type, and which other types their conditions read.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, OnceLock};

use miette::Diagnostic;
use thiserror::Error;

use super::built_in::{BUILT_IN, BuiltIn};
use super::compile::{compile, compile_embedded, compile_tests};
use super::rule::{Check, MALFORMED, Rule};
use super::severity::Severity;
use crate::project::{MetadataType, PieceKind, SourceFile, TypeSet, decomposable_types};
use crate::rule::mentions;
use crate::text::nearest;
use crate::text::sanitize;

/// Where the pages of the built-in rules are.
const RULE_PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

/// Which rules to run, by ids and tags.
#[derive(Debug, Default, Clone)]
pub struct Selection {
    /// Run only these rules. If empty, run all rules.
    pub select: Vec<String>,
    /// Do not run these rules.
    pub ignore: Vec<String>,
    /// Do not run these rules, unless `select` contains the id of the rule.
    pub off: Vec<String>,
    /// The severities that the config sets for all findings of a rule, by rule id.
    pub severity_overrides: Vec<(String, Severity)>,
}

/// A text that is neither the id of a rule nor a tag.
#[derive(Debug, Error)]
#[error("`{}` is neither a rule nor a tag{}", sanitize(selector), nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct UnknownSelector {
    selector: String,
    nearest: Option<String>,
}

/// A text that is not the id of a rule.
#[derive(Debug, Error, Diagnostic)]
pub enum UnknownRule {
    #[error("`{0}` is a tag, not a rule")]
    #[diagnostic(help("list its rules with `forcelint rules list --select {0}`"))]
    Tag(String),
    #[error("unknown rule `{}`{}", sanitize(id), nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    #[diagnostic(help("list all rules with `forcelint rules list`"))]
    Id { id: String, nearest: Option<String> },
}

/// A rule of a set.
#[derive(Debug)]
enum Entry {
    BuiltIn {
        built_in: &'static BuiltIn,
        /// Only compiled if the whole rule is needed. Checking a file needs only the checks of its type.
        compiled: OnceLock<Box<Rule>>,
        /// The severity that the config sets for all findings.
        severity: Option<Severity>,
    },
    /// A user's rule. Loading it compiled it, to find its problems.
    Own(Arc<Rule>),
}

impl Entry {
    fn id(&self) -> &str {
        match self {
            Self::BuiltIn { built_in, .. } => built_in.id,
            Self::Own(rule) => &rule.id,
        }
    }

    /// The id and the tags.
    fn names(&self) -> Vec<&str> {
        match self {
            Self::BuiltIn { built_in, .. } => {
                built_in.tags.iter().copied().chain([built_in.id]).collect()
            }
            Self::Own(rule) => {
                let tags = rule.tags.iter().map(String::as_str);
                tags.chain([rule.id.as_str()]).collect()
            }
        }
    }

    /// The types that the rule checks, and those that its conditions read in other files.
    fn types(&self) -> (Vec<MetadataType>, Vec<MetadataType>) {
        let named = |names: &[&str]| {
            let types = names.iter().copied().filter_map(MetadataType::named);
            types.collect()
        };
        match self {
            Self::BuiltIn { built_in, .. } => {
                (named(built_in.checked_types), named(built_in.read_types))
            }
            Self::Own(rule) => (rule.metadata_types(), rule.read_types()),
        }
    }

    fn is_for_forceignored(&self) -> bool {
        match self {
            Self::BuiltIn { built_in, .. } => built_in.include_forceignored,
            Self::Own(rule) => rule.include_forceignored,
        }
    }

    fn rule(&self) -> &Rule {
        match self {
            Self::BuiltIn {
                built_in,
                compiled,
                severity,
            } => compiled.get_or_init(|| embedded(built_in.id, &built_in.packed(), *severity)),
            Self::Own(rule) => rule,
        }
    }
}

/// The built-in rules and the user's rules, in the order of their ids, which are unique.
fn entries(own: &[Arc<Rule>]) -> Vec<Entry> {
    let built_in = BUILT_IN.iter().map(|built_in| Entry::BuiltIn {
        built_in,
        compiled: OnceLock::new(),
        severity: None,
    });
    let own = own.iter().map(|rule| Entry::Own(Arc::clone(rule)));
    let mut entries: Vec<Entry> = built_in.chain(own).collect();
    entries.sort_by(|one, other| one.id().cmp(other.id()));
    entries
}

/// A rule that checks a metadata type.
#[derive(Debug)]
struct OfType {
    /// The index of the rule in the set.
    at: usize,
    /// A built-in rule with the checks of the type, compiled when a file of that type is found.
    rule: OnceLock<Box<Rule>>,
}

/// The enabled rules.
pub struct RuleSet {
    rules: Vec<Entry>,
    /// All of the user's rules, enabled or not.
    own: Vec<Arc<Rule>>,
    /// For each metadata type, the rules that check it.
    by_type: Vec<Vec<OfType>>,
    checked: TypeSet,
    checked_when_forceignored: TypeSet,
    read: TypeSet,
    reading_others: TypeSet,
    /// For each metadata type, the types that its rules read in other files.
    read_about: Vec<TypeSet>,
    /// For each of these types, the names of the elements that the rules read.
    asked: OnceLock<HashMap<MetadataType, HashSet<String>>>,
    /// How components with several files are read.
    decomposed: OnceLock<Decomposed>,
}

/// How rules read components with several files.
#[derive(Debug, Clone, Copy, Default)]
struct Decomposed {
    /// The types of pieces that are components themselves, and which rules for the whole read. Other pieces,
    /// such as list views, are not read at all.
    pieces: TypeSet,
    /// The types of which no rule needs two pieces.
    read_apart: TypeSet,
}

impl RuleSet {
    /// The built-in rules that the selection enables.
    ///
    /// # Errors
    /// If the selection contains an unknown id or tag.
    pub fn select(selection: &Selection) -> Result<Self, UnknownSelector> {
        Self::select_with(selection, &[])
    }

    /// The rules that the selection enables, from the built-in ones and the user's `own`.
    ///
    /// # Errors
    /// If the selection contains an unknown id or tag.
    pub fn select_with(selection: &Selection, own: &[Arc<Rule>]) -> Result<Self, UnknownSelector> {
        let entries = entries(own);
        let selectors = selection.select.iter().chain(&selection.ignore);
        for selector in selectors.chain(&selection.off) {
            check_selector(selector, &entries)?;
        }
        let mut set = Self::empty();
        set.own = own.to_vec();
        let mut asks_for_malformed = false;
        for mut entry in entries {
            let mut overrides = selection.severity_overrides.iter();
            let severity_override = overrides.find(|(id, _)| id == entry.id());
            let severity_override = severity_override.map(|(_, severity)| *severity);
            if let Entry::BuiltIn { severity, .. } = &mut entry {
                *severity = severity_override;
            }
            let names = entry.names();
            let named = |selectors: &[String]| {
                selectors
                    .iter()
                    .any(|selector| names.contains(&selector.as_str()))
            };
            let selected = selection.select.is_empty() || named(&selection.select);
            let off = named(&selection.off) && !selection.select.iter().any(|it| it == entry.id());
            let on = selected && !off && !named(&selection.ignore);
            let is_malformed = entry.id() == MALFORMED;
            asks_for_malformed |= is_malformed && named(&selection.select);
            if on || is_malformed {
                set.add(entry);
            }
        }
        if asks_for_malformed {
            // The rule about malformed files lists no types. Without this, selecting only that rule would
            // check no file.
            let types = self::entries(own).into_iter().flat_map(|it| it.types().0);
            types.for_each(|it| set.checked.insert(it));
        }
        Ok(set)
    }

    /// A set of one rule, and the rule about malformed files, which is always enabled.
    pub fn alone(rule: Arc<Rule>) -> Self {
        let mut set = Self::empty();
        let is_malformed = rule.id == MALFORMED;
        set.add(Entry::Own(rule));
        for entry in entries(&[]) {
            if entry.id() == MALFORMED && !is_malformed {
                set.add(entry);
            }
        }
        set
    }

    /// The rules about secrets, enabled or not.
    pub(crate) fn about_secrets(&self) -> Self {
        let mut set = Self::empty();
        for entry in entries(&self.own) {
            if entry.rule().secret {
                set.add(entry);
            }
        }
        set
    }

    fn empty() -> Self {
        Self {
            rules: Vec::new(),
            own: Vec::new(),
            by_type: MetadataType::all().map(|_| Vec::new()).collect(),
            checked: TypeSet::default(),
            checked_when_forceignored: TypeSet::default(),
            read: TypeSet::default(),
            reading_others: TypeSet::default(),
            read_about: vec![TypeSet::default(); MetadataType::count()],
            asked: OnceLock::new(),
            decomposed: OnceLock::new(),
        }
    }

    fn add(&mut self, entry: Entry) {
        let at = self.rules.len();
        let (checked, read) = entry.types();
        let even_forceignored = entry.is_for_forceignored();
        for metadata_type in checked {
            self.checked.insert(metadata_type);
            if !read.is_empty() {
                self.reading_others.insert(metadata_type);
            }
            if even_forceignored {
                self.checked_when_forceignored.insert(metadata_type);
            }
            for &other in &read {
                self.read_about[metadata_type.index()].insert(other);
            }
            let rule = OnceLock::new();
            self.by_type[metadata_type.index()].push(OfType { at, rule });
        }
        for metadata_type in read {
            self.read.insert(metadata_type);
        }
        self.rules.push(entry);
    }

    fn rule(&self, at: usize) -> &Rule {
        self.rules[at].rule()
    }

    /// Whether no rule is enabled besides the one about malformed files, which is always enabled.
    pub fn is_empty(&self) -> bool {
        TypeSet::default().has_all_of(self.checked)
    }

    /// The enabled rules in the order of their ids. The built-in ones have no examples.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        (0..self.rules.len()).map(|at| self.rule(at))
    }

    /// The ids of the enabled rules.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(Entry::id)
    }

    /// The rule with this id, if it is enabled.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        let at = self.rules.iter().position(|entry| entry.id() == id)?;
        Some(self.rule(at))
    }

    /// The ids of the published controls that the rule with this id checks, without compiling it.
    pub fn covers(&self, id: &str) -> Vec<&str> {
        match self.rules.iter().find(|entry| entry.id() == id) {
            Some(Entry::BuiltIn { built_in, .. }) => built_in.covers.to_vec(),
            Some(Entry::Own(rule)) => rule.covers.iter().map(String::as_str).collect(),
            None => Vec::new(),
        }
    }

    /// The address of the page about the rule with this id: of a user's rule, its `url`.
    pub fn docs_url(&self, id: &str) -> Option<String> {
        match self.rules.iter().find(|entry| entry.id() == id)? {
            Entry::BuiltIn { .. } => Some(format!("{RULE_PAGES}/{id}.md")),
            Entry::Own(rule) => Some(rule.url.clone()).filter(|url| !url.is_empty()),
        }
    }

    /// Whether the rule with this id is enabled.
    pub fn has(&self, id: &str) -> bool {
        self.ids().any(|it| it == id)
    }

    /// The user's rules, enabled or not.
    pub fn own(&self) -> impl Iterator<Item = &Rule> {
        self.own.iter().map(|rule| &**rule)
    }

    /// The ids of all rules, enabled or not.
    pub fn known_ids(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().map(|rule| rule.id.as_str());
        BUILT_IN.iter().map(|rule| rule.id).chain(own)
    }

    /// The rules that are not enabled, in the order of their ids, each with its tags and its id.
    pub fn disabled(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let own = self.own.iter().map(|rule| {
            let tags = rule.tags.iter().map(String::as_str);
            (rule.id.as_str(), tags.chain([rule.id.as_str()]).collect())
        });
        let built_in = BUILT_IN.iter().map(|rule| {
            let names = rule.tags.iter().copied().chain([rule.id]);
            (rule.id, names.collect())
        });
        let mut disabled: Vec<(&str, Vec<&str>)> = own.chain(built_in).collect();
        disabled.retain(|(id, _)| !self.has(id));
        disabled.sort_unstable();
        disabled.into_iter()
    }

    /// The rule about malformed files, which cannot be checked.
    pub fn malformed(&self) -> &Rule {
        let at = self.rules.iter().position(|entry| entry.id() == MALFORMED);
        // Every set has this rule. A test verifies that it is a built-in rule.
        self.rule(at.unwrap_or_default())
    }

    /// The checks of a metadata type, each with its rule. A built-in rule has only the checks of this type,
    /// and no control.
    pub fn checks(&self, metadata_type: MetadataType) -> impl Iterator<Item = (&Rule, &Check)> {
        let rules = self.by_type[metadata_type.index()].iter();
        rules.flat_map(move |of_type| {
            let rule = self.rule_of_type(of_type, metadata_type);
            let checks = rule.checks.iter();
            checks
                .filter(move |check| check.metadata_type == metadata_type)
                .map(move |check| (rule, check))
        })
    }

    fn rule_of_type<'s>(&'s self, of_type: &'s OfType, metadata_type: MetadataType) -> &'s Rule {
        match &self.rules[of_type.at] {
            Entry::BuiltIn {
                built_in, severity, ..
            } => of_type.rule.get_or_init(|| {
                let name = metadata_type.rule_name();
                let mut packed = built_in.by_type.iter().filter(|(of, _)| *of == name);
                match packed.next() {
                    Some((_, packed)) => embedded(built_in.id, packed, *severity),
                    None => embedded(built_in.id, &built_in.packed(), *severity),
                }
            }),
            Entry::Own(rule) => rule,
        }
    }

    /// The types whose files are checked.
    pub fn checked_types(&self) -> TypeSet {
        self.checked
    }

    /// The types whose files are checked even if `.forceignore` excludes them.
    pub fn types_checked_when_forceignored(&self) -> TypeSet {
        self.checked_when_forceignored
    }

    /// The types that conditions read in other files.
    pub fn read_types(&self) -> TypeSet {
        self.read
    }

    /// The types of the files that components of `types` consist of: also those of pieces that are components
    /// themselves, such as custom fields, if rules read them as a part of the whole.
    pub fn types_of_files(&self, types: TypeSet) -> TypeSet {
        let mut all = types;
        for kind in PieceKind::all().filter(|kind| types.contains(kind.whole())) {
            let own = kind.component_type();
            own.filter(|own| self.decomposed().pieces.contains(*own))
                .into_iter()
                .for_each(|own| all.insert(own));
        }
        all
    }

    /// Whether a file can be a part of a component of `types` that consists of several files.
    pub(crate) fn may_be_part_of(&self, types: TypeSet, file: &SourceFile) -> bool {
        if !types.contains(file.whole_type()) {
            return false;
        }
        match file.piece() {
            Some(_) if file.is_component() => self
                .decomposed()
                .pieces
                .contains(file.component.metadata_type),
            Some(_) => true,
            None => decomposable_types().contains(file.component.metadata_type),
        }
    }

    /// Whether no rule needs two pieces of a component of this type: each check reads one element of a piece and the
    /// main file, or only the main file.
    pub(crate) fn reads_pieces_apart(&self, whole: MetadataType) -> bool {
        self.decomposed().read_apart.contains(whole)
    }

    fn decomposed(&self) -> &Decomposed {
        self.decomposed.get_or_init(|| {
            let mut decomposed = Decomposed::default();
            let mut read: HashMap<MetadataType, Option<HashSet<String>>> = HashMap::new();
            for kind in PieceKind::all() {
                let whole = kind.whole();
                let names = read.entry(whole).or_insert_with(|| {
                    if self.pieces_are_apart(whole) {
                        decomposed.read_apart.insert(whole);
                    }
                    self.read_in(whole)
                });
                let (Some(own), Some(element)) = (kind.component_type(), kind.element()) else {
                    continue;
                };
                if names.as_ref().is_none_or(|names| names.contains(element)) {
                    decomposed.pieces.insert(own);
                }
            }
            decomposed
        })
    }

    /// Whether no rule needs two pieces of a component of this type. Text pieces are never apart: they have no
    /// element below them.
    fn pieces_are_apart(&self, whole: MetadataType) -> bool {
        let of_whole = || PieceKind::all().filter(|kind| kind.whole() == whole);
        let elements: HashSet<&str> = of_whole().filter_map(PieceKind::element).collect();
        let is_apart = |check: &Check| {
            let Some(names) = mentions::read_by(check) else {
                return false;
            };
            let each = check.each.as_ref().and_then(|each| each.names.first());
            let mut others = names.iter().filter(|name| Some(*name) != each);
            others.all(|name| !elements.contains(name.as_str()))
        };
        of_whole().all(|kind| kind.component_type().is_some())
            && self.checks(whole).all(|(_, check)| is_apart(check))
    }

    /// The children of the root that rules read in components of a type. `None` if they read all.
    fn read_in(&self, metadata_type: MetadataType) -> Option<HashSet<String>> {
        let mut names = match self.read.contains(metadata_type) {
            true => self.asked_about(metadata_type).clone(),
            false => HashSet::new(),
        };
        for (_, check) in self.checks(metadata_type) {
            names.extend(mentions::read_by(check)?);
        }
        Some(names)
    }

    /// The types that the rules for a metadata type read in other files.
    pub fn types_read_about(&self, metadata_type: MetadataType) -> TypeSet {
        self.read_about[metadata_type.index()]
    }

    /// The children of the root that conditions about other files read in files of a type. This compiles
    /// all rules with such conditions.
    pub fn asked_about(&self, metadata_type: MetadataType) -> &HashSet<String> {
        static NOTHING: LazyLock<HashSet<String>> = LazyLock::new(HashSet::new);
        let asked = self.asked.get_or_init(|| {
            let mut asked = HashMap::new();
            for metadata_type in MetadataType::all().filter(|it| self.reading_others.contains(*it))
            {
                for (_, check) in self.checks(metadata_type) {
                    mentions::asked(check, &mut asked);
                }
            }
            asked
        });
        asked.get(&metadata_type).unwrap_or(&NOTHING)
    }

    /// Whether the conditions read nothing in other files that those of another set do not read.
    pub fn asks_no_more_than(&self, other: &Self) -> bool {
        MetadataType::all()
            .filter(|it| self.read.contains(*it))
            .all(|it| self.asked_about(it).is_subset(other.asked_about(it)))
    }

    /// The types whose findings may depend on other files.
    pub fn types_reading_others(&self) -> TypeSet {
        self.reading_others
    }
}

fn check_selector(selector: &str, entries: &[Entry]) -> Result<(), UnknownSelector> {
    let known = || entries.iter().flat_map(Entry::names);
    if known().any(|name| name == selector) {
        return Ok(());
    }
    Err(UnknownSelector {
        selector: selector.to_owned(),
        nearest: nearest(selector, known()).map(str::to_owned),
    })
}

/// A built-in rule with its examples.
///
/// # Panics
/// If the rule is invalid, which tests rule out.
pub(crate) fn compiled(built_in: &BuiltIn) -> Rule {
    let rule = compile(built_in.id, built_in.toml()).and_then(|mut rule| {
        rule.examples = compile_tests(built_in.id, built_in.tests_toml())?;
        Ok(rule)
    });
    match rule {
        Ok(rule) => rule,
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

/// A built-in rule without its examples. Panics if the rule is invalid, which tests rule out.
fn embedded(id: &str, packed: &[u8], severity: Option<Severity>) -> Box<Rule> {
    match compile_embedded(packed) {
        Ok(mut rule) => {
            if let Some(severity) = severity {
                rule.override_severity(severity);
            }
            Box::new(rule)
        }
        Err(problems) => panic!("{id}: {problems:?}"),
    }
}

/// Finds a rule among the built-in ones and the user's `own`.
///
/// # Errors
/// If no rule has this id; the error suggests a similar one.
pub fn find_rule(id: &str, own: &[Arc<Rule>]) -> Result<Arc<Rule>, UnknownRule> {
    if let Some(rule) = own.iter().find(|rule| rule.id == id) {
        return Ok(Arc::clone(rule));
    }
    BUILT_IN
        .iter()
        .find(|rule| rule.id == id)
        .map(|built_in| Arc::new(compiled(built_in)))
        .ok_or_else(|| {
            if entries(own)
                .iter()
                .flat_map(Entry::names)
                .any(|name| name == id)
            {
                return UnknownRule::Tag(id.to_owned());
            }
            let own = own.iter().map(|rule| rule.id.as_str());
            let known = BUILT_IN.iter().map(|rule| rule.id).chain(own);
            UnknownRule::Id {
                id: id.to_owned(),
                nearest: nearest(id, known).map(str::to_owned),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::model::Control;

    /// A rule as text, without the ids of conditions, which differ in each compilation.
    fn described(rule: &Rule) -> String {
        let text = format!("{rule:?}");
        let ids = regex::Regex::new(r"ConditionId\(\d+\)").unwrap();
        ids.replace_all(&text, "ConditionId").into_owned()
    }

    /// The tests of a rule use its file, but a run uses the packed rule.
    #[test]
    fn packed_rules_equal_their_files() {
        for built_in in BUILT_IN {
            let mut from_file = compiled(built_in);
            from_file.examples.clear();
            let same = |one: &Rule, other: &Rule| described(one) == described(other);
            let packed = embedded(built_in.id, &built_in.packed(), None);
            assert!(same(&packed, &from_file), "{}", built_in.id);
            from_file.control = Control::default();
            from_file.exceptions = None;
            from_file.notes = None;
            from_file.references.clear();
            from_file.setup.clear();
            let all = std::mem::take(&mut from_file.checks);
            for (name, packed) in built_in.by_type {
                let metadata_type = MetadataType::named(name).unwrap();
                let of_type = all.iter().filter(|it| it.metadata_type == metadata_type);
                from_file.checks = of_type.cloned().collect();
                let packed = embedded(built_in.id, packed, None);
                assert!(same(&packed, &from_file), "{} of {name}", built_in.id);
            }
        }
    }
}
