//! The rules of one run.
//!
//! In: a [`Selection`]. Out: a [`RuleSet`] that answers which rules judge a metadata type, and
//! which types have to be looked at.

use std::sync::OnceLock;

use thiserror::Error;

use super::compile::compile_tested;
use super::problem::nearest;
use super::{BUILT_IN, BuiltIn, Check, Rule};
use crate::inert::inert;
use crate::project::{MetadataType, TypeSet};

/// The rule about files that cannot be judged. It is always on.
pub const MALFORMED: &str = "malformed-metadata";

/// What `--select` and `--ignore` say: ids and tags.
#[derive(Debug, Default, Clone)]
pub struct Selection {
    /// Only these; all rules when empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

/// A word that is neither a rule nor a tag.
#[derive(Debug, Error)]
#[error("`{}` is neither a rule nor a tag{}", inert(selector), nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct UnknownSelector {
    selector: String,
    nearest: Option<&'static str>,
}

struct Lazy {
    built_in: &'static BuiltIn,
    compiled: OnceLock<Rule>,
}

/// The rules that are on.
pub struct RuleSet {
    rules: Vec<Lazy>,
    /// For each metadata type the places in `rules` of those that judge it.
    by_type: Vec<Vec<usize>>,
    judged: TypeSet,
    judged_when_forceignored: TypeSet,
    read: TypeSet,
}

impl RuleSet {
    /// The rules that the selection leaves on.
    ///
    /// # Errors
    /// A word of the selection that nothing answers to.
    pub fn select(selection: &Selection) -> Result<Self, UnknownSelector> {
        for selector in selection.select.iter().chain(&selection.ignore) {
            check_selector(selector)?;
        }
        let names = |selectors: &[String], rule: &BuiltIn| {
            selectors
                .iter()
                .any(|selector| rule.id == selector || rule.tags.contains(&selector.as_str()))
        };
        let mut set = Self {
            rules: Vec::new(),
            by_type: vec![Vec::new(); MetadataType::count()],
            judged: TypeSet::default(),
            judged_when_forceignored: TypeSet::default(),
            read: TypeSet::default(),
        };
        for built_in in BUILT_IN {
            let selected = selection.select.is_empty() || names(&selection.select, built_in);
            let on = selected && !names(&selection.ignore, built_in);
            if on || built_in.id == MALFORMED {
                set.add(built_in);
            }
        }
        Ok(set)
    }

    fn add(&mut self, built_in: &'static BuiltIn) {
        let at = self.rules.len();
        for metadata_type in built_in
            .judges
            .iter()
            .copied()
            .filter_map(MetadataType::named)
        {
            self.judged.insert(metadata_type);
            if built_in.forceignored {
                self.judged_when_forceignored.insert(metadata_type);
            }
            self.by_type[metadata_type.index()].push(at);
        }
        for metadata_type in built_in
            .reads
            .iter()
            .copied()
            .filter_map(MetadataType::named)
        {
            self.read.insert(metadata_type);
        }
        self.rules.push(Lazy {
            built_in,
            compiled: OnceLock::new(),
        });
    }

    fn rule(&self, at: usize) -> &Rule {
        let lazy = &self.rules[at];
        lazy.compiled.get_or_init(|| {
            let built_in = lazy.built_in;
            compiled_text(built_in, &built_in.toml[..built_in.examples_at])
        })
    }

    /// Every rule that is on, in the order of their ids; without their examples.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        (0..self.rules.len()).map(|at| self.rule(at))
    }

    /// The rule about files that cannot be judged.
    pub fn malformed(&self) -> &Rule {
        let at = self
            .rules
            .iter()
            .position(|lazy| lazy.built_in.id == MALFORMED);
        // `select` never leaves it out, and a test holds that it is among the built-in rules.
        self.rule(at.unwrap_or_default())
    }

    /// The checks of a metadata type, each with its rule.
    pub fn checks(&self, metadata_type: MetadataType) -> impl Iterator<Item = (&Rule, &Check)> {
        self.by_type[metadata_type.index()]
            .iter()
            .flat_map(move |&at| {
                let rule = self.rule(at);
                let checks = rule.checks.iter();
                checks
                    .filter(move |check| check.metadata_type == metadata_type)
                    .map(move |check| (rule, check))
            })
    }

    /// The types whose files are judged.
    pub fn judged_types(&self) -> TypeSet {
        self.judged
    }

    /// Those whose files are judged even if `.forceignore` names them.
    pub fn types_judged_when_forceignored(&self) -> TypeSet {
        self.judged_when_forceignored
    }

    /// The types that conditions ask about from other files.
    pub fn read_types(&self) -> TypeSet {
        self.read
    }
}

fn check_selector(selector: &str) -> Result<(), UnknownSelector> {
    let known = || {
        BUILT_IN
            .iter()
            .flat_map(|rule| rule.tags.iter().copied().chain([rule.id]))
    };
    if known().any(|name| name == selector) {
        return Ok(());
    }
    Err(UnknownSelector {
        selector: selector.to_owned(),
        nearest: nearest(selector, known()),
    })
}

/// Compiles a built-in rule, with its examples.
///
/// # Panics
/// Never in a released binary: a test compiles every one of them.
pub fn compiled(built_in: &BuiltIn) -> Rule {
    compiled_text(built_in, built_in.toml)
}

fn compiled_text(built_in: &BuiltIn, toml: &str) -> Rule {
    match compile_tested(built_in.id, toml) {
        Ok(rule) => rule,
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

/// The built-in rule of this id.
///
/// # Errors
/// When there is none; the error knows the nearest id.
pub fn find_built_in(id: &str) -> Result<Rule, UnknownSelector> {
    BUILT_IN
        .iter()
        .find(|rule| rule.id == id)
        .map(compiled)
        .ok_or_else(|| UnknownSelector {
            selector: id.to_owned(),
            nearest: nearest(id, BUILT_IN.iter().map(|rule| rule.id)),
        })
}
