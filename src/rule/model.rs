//! The shape of a rule file.
//!
//! In: TOML. Out: the same as plain structures, with the places of what `compile` may have to
//! report about. Meaning is given to them there. The JSON Schema of the format is made from
//! these types, and their comments are what editors show.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use super::example::Example;
use super::severity::Severity;
use super::spanned::Spanned;
use schemars::JsonSchema;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A rule of forcelint: what it checks, why, how severe it is, how it is fixed, and its tests.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "forcelint rule")]
pub(crate) struct RuleFile {
    /// What `--select` and reports call the rule, in kebab-case.
    pub id: Spanned<String>,
    /// What is wrong, in a few words.
    pub title: String,
    /// The severity of a finding, if neither a check nor a risk says another.
    pub severity: Severity,
    /// The range of CVSS base scores that an authority gives.
    pub cvss: Option<[f64; 2]>,
    /// CWE numbers.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// Words for `--select` and `--ignore`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Ids of published controls that the rule checks.
    #[serde(default)]
    pub covers: Vec<String>,
    /// The control's page, or the best public reference.
    pub url: String,
    /// Further pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// What to do about a finding, in a sentence or two.
    pub help: String,
    /// Where the setting is in Setup, as paths of menus separated by ` > `.
    #[serde(default)]
    pub setup: Vec<String>,
    /// When it is right to leave a finding.
    pub exceptions: Option<String>,
    /// What the rule's authors add: what the rule checks, what it cannot see, and why it was written
    /// this way.
    pub notes: Option<String>,
    /// Also check files that `.forceignore` excludes: they are not deployed, but still in the
    /// repository.
    #[serde(default)]
    pub include_forceignored: bool,
    /// The element that the rule finds is a secret: its text is never shown.
    #[serde(default)]
    pub secret: bool,
    /// Report an element only if no other rule reports it.
    #[serde(default)]
    pub fallback: bool,
    /// The control behind the rule.
    #[serde(default)]
    pub control: Control,
    /// Conditions that others use by their name.
    #[serde(default)]
    pub condition: BTreeMap<String, Spanned<ConditionTable>>,
    /// What metadata types have to satisfy.
    #[serde(default)]
    pub check: Vec<CheckTable>,
    /// Examples, and what the rule says of them. They end the file.
    #[serde(default)]
    pub test: Vec<Example>,
}

/// The published control behind a rule, in the rule author's words. The parts are those of a page of the
/// Salesforce Security Health Review.
#[derive(Debug, Default, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// Its published name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// The recommended configuration.
    pub recommended: String,
    /// What the setting does.
    pub overview: String,
    /// The risk if it is not configured.
    pub risk: String,
    /// How an attack works.
    pub threat: String,
    /// What an attack leads to.
    pub impact: String,
    /// When the risk is higher.
    pub higher_risk_when: String,
    /// When the risk is lower.
    pub lower_risk_when: String,
    /// What the change means for integrations and the business.
    pub business: String,
    /// How to fix it.
    pub remediation: String,
    /// What the authority adds for reviewers.
    pub guidance: String,
}

impl Control {
    /// Whether the rule has no published control.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// The parts, each with a heading, in reading order.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("Recommended", &self.recommended),
            ("What it is", &self.overview),
            ("Risk", &self.risk),
            ("Threat", &self.threat),
            ("Impact", &self.impact),
            ("Higher risk when", &self.higher_risk_when),
            ("Lower risk when", &self.lower_risk_when),
            ("Impact on integrations and business", &self.business),
            ("Remediation", &self.remediation),
            ("Review guidance", &self.guidance),
        ]
        .into_iter()
        .map(|(heading, text)| (heading, text.trim()))
        .filter(|(_, text)| !text.is_empty())
    }
}

/// What one or more metadata types have to satisfy.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckTable {
    /// The metadata type, or several that have the fields in common.
    pub metadata: Spanned<OneOrMore>,
    /// A path: each such element is judged by itself. Without it, the root element is.
    pub each: Option<Spanned<String>>,
    /// Where this fails, the check does not apply.
    pub when: Option<Spanned<ConditionTable>>,
    /// Where this fails, there is a finding.
    pub require: Spanned<ConditionTable>,
    /// The first API version that knows the field of the fix, where the metadata schema does not
    /// know it.
    pub since: Option<Spanned<String>>,
    /// If not the rule's.
    pub severity: Option<Severity>,
    /// The finding in a sentence without a full stop. `{component}` is the full name, `{a/b}` the
    /// text of that field.
    pub message: Spanned<String>,
    /// Why the severity is what it is where no risk holds.
    pub because: Option<String>,
    /// How to make it hold.
    pub fix: Option<Spanned<FixTable>>,
    /// Evidence that decides the severity; the first that holds counts.
    #[serde(default)]
    pub risk: Vec<RiskTable>,
    /// Evidence that lowers the severity by one band each.
    #[serde(default)]
    pub mitigation: Vec<MitigationTable>,
}

/// A name or a list of names.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<Spanned<String>>),
}

// By hand, since the derived one would lose the places of the names.
impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = OneOrMore;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore::One(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<OneOrMore, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(OneOrMore::More)
            }
        }

        deserializer.deserialize_any(Names)
    }
}

/// How to mend a finding: one of `set` with `to`, `remove`, `replace` with `with`, and `repair`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixTable {
    /// The field at this path gets the text of `to`; it is inserted when it is missing.
    pub set: Option<Spanned<String>>,
    /// The text for `set`.
    pub to: Option<Spanned<String>>,
    /// The element at this path goes; where the finding is about one of several, only that.
    pub remove: Option<Spanned<String>>,
    /// In the value that the finding is about, what this regular expression matches becomes the
    /// text of `with`.
    pub replace: Option<Spanned<String>>,
    /// The text for `replace`; `$1` is the first group.
    pub with: Option<String>,
    /// With `schema` alone: the one name or value that can have been meant.
    #[serde(default)]
    pub repair: bool,
    /// Further steps of the same fix.
    #[serde(default)]
    pub and: Vec<Spanned<StepTable>>,
    /// What somebody has to do before the mended file is deployed. Without it the fix is safe.
    pub rollout: Option<String>,
}

/// A further step of a fix: `set` with `to`, or `remove`.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepTable {
    /// The field at this path gets the text of `to`; it is inserted when it is missing.
    pub set: Option<Spanned<String>>,
    /// The text for `set`.
    pub to: Option<Spanned<String>>,
    /// The element at this path goes.
    pub remove: Option<Spanned<String>>,
}

/// Evidence of how much is at stake.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskTable {
    /// The evidence.
    pub when: Spanned<ConditionTable>,
    /// The severity that it gives, if not the check's.
    pub severity: Option<Severity>,
    /// What to say instead of the check's message.
    pub message: Option<Spanned<String>>,
    /// Why the evidence matters; a sentence without a full stop. A shared condition may have one of
    /// its own.
    pub because: Option<String>,
    /// Only `false` says something: that the fix is safe here.
    pub rollout: Option<Spanned<bool>>,
    /// Another fix than the check's.
    pub fix: Option<Spanned<FixTable>>,
}

/// Evidence that something else protects as well.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MitigationTable {
    /// The evidence.
    pub when: Spanned<ConditionTable>,
    /// Why it helps; a clause without a full stop.
    pub because: String,
}

/// Something that holds, fails or cannot be told: exactly one of `field`, `component`, `all`, `any`,
/// `not`, `some`, `project`, `related`, `schema` and `condition`, and the operators of `field`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionTable {
    /// A path of element names from the context; from the root when it begins with `/`; `.` is the
    /// context itself.
    pub field: Option<Spanned<String>>,
    /// The component's full name matches this regular expression.
    pub component: Option<Spanned<String>>,
    /// The field is there and not empty, or with `false` is not.
    pub exists: Option<bool>,
    /// The value: a text, a number, or with `true` and `false` an xsd:boolean.
    pub is: Option<Spanned<Scalar>>,
    /// Values of which it is one.
    #[serde(rename = "in")]
    pub one_of: Option<Vec<Spanned<String>>>,
    /// A regular expression that matches somewhere in the value.
    pub matches: Option<Spanned<String>>,
    /// A regular expression that does not match.
    pub except: Option<Spanned<String>>,
    /// A text that the value has in it.
    pub contains: Option<String>,
    /// The least number, or with `order` the least place.
    pub at_least: Option<Spanned<Limit>>,
    /// The greatest number, or with `order` the greatest place.
    pub at_most: Option<Spanned<Limit>>,
    /// Enum values from the least to the greatest, for `at_least` and `at_most`.
    pub order: Option<Vec<Spanned<String>>>,
    /// The value is a date later than this one: only `today` can be said.
    pub after: Option<DayName>,
    /// Cuts the value into several.
    pub split: Option<SplitName>,
    /// All values have to satisfy it, and there has to be one.
    #[serde(default)]
    pub every: bool,
    /// What a missing value means, or for `related` a missing component.
    pub absent: Option<Spanned<AbsentName>>,
    /// What to write under the place where the condition holds, when it is evidence.
    pub label: Option<String>,
    /// All of these hold.
    pub all: Option<Vec<Spanned<ConditionTable>>>,
    /// Some of these holds.
    pub any: Option<Vec<Spanned<ConditionTable>>>,
    /// This fails.
    pub not: Option<Box<Spanned<ConditionTable>>>,
    /// Some element at the path `each` satisfies the rest, whose paths start there.
    pub some: Option<Box<Spanned<ConditionTable>>>,
    /// In `some`: the path of the elements.
    pub each: Option<Spanned<String>>,
    /// Some component of the type `metadata` in the same package directory satisfies the rest.
    pub project: Option<Box<Spanned<ConditionTable>>>,
    /// A component of the type `metadata` that belongs to this one through the element `by`
    /// satisfies the rest.
    pub related: Option<Box<Spanned<ConditionTable>>>,
    /// In `project` and `related`: the metadata type.
    pub metadata: Option<Spanned<String>>,
    /// In `related`: the element by whose text components name each other.
    pub by: Option<Spanned<String>>,
    /// In `require`: every element, or every value, is one that the metadata type knows.
    pub schema: Option<SchemaName>,
    /// The condition of this name; `FAMILY/NAME` is a shared one.
    pub condition: Option<Spanned<String>>,
    /// In a named condition: why it matters as evidence, for risks that do not say it.
    pub because: Option<String>,
}

impl ConditionTable {
    /// How many of the things that exactly one of is needed are there.
    pub(super) fn kinds(&self) -> usize {
        let kinds = [
            self.field.is_some(),
            self.component.is_some(),
            self.all.is_some(),
            self.any.is_some(),
            self.not.is_some(),
            self.some.is_some(),
            self.project.is_some(),
            self.related.is_some(),
            self.schema.is_some(),
            self.condition.is_some(),
        ];
        kinds.iter().filter(|&&is_there| is_there).count()
    }

    /// Whether something is there that only a `field` can be asked.
    pub(super) fn has_operator(&self) -> bool {
        self.exists.is_some()
            || self.is.is_some()
            || self.one_of.is_some()
            || self.matches.is_some()
            || self.except.is_some()
            || self.contains.is_some()
            || self.at_least.is_some()
            || self.at_most.is_some()
            || self.order.is_some()
            || self.after.is_some()
            || self.split.is_some()
            || self.every
            || self.label.is_some()
            || self.absent.is_some()
    }
}

/// A value to compare with.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Boolean(bool),
    Number(i64),
    Text(String),
}

/// A bound.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Limit {
    Number(f64),
    Text(String),
}

/// A day.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DayName {
    Today,
}

/// Where a value is cut.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(crate) enum SplitName {
    #[serde(rename = "lines")]
    Lines,
    #[serde(rename = ",")]
    Commas,
}

/// What a missing value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AbsentName {
    Complies,
    Violates,
    Unknown,
    Default,
}

/// What is held against the metadata schema.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SchemaName {
    Fields,
    Values,
}
