//! The structure of a rule file, before it is compiled.
//!
//! The JSON Schema of rule files is generated from these types, and editors show their comments to
//! rule authors.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use super::certificate::CertificateTest;
use super::example::Example;
use super::field_path::Split;
use super::severity::Severity;
use super::spanned::Spanned;
use super::start_tag::StartTagTest;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A forcelint rule: what it checks and why, how severe a finding is, how to fix it, and its tests.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "forcelint rule")]
pub(crate) struct RuleFile {
    /// The rule's id in reports and in `--select`, in kebab-case.
    pub id: Spanned<String>,
    /// The problem in a few words.
    pub title: String,
    /// The severity of a finding, unless a check or a risk sets another.
    pub severity: Severity,
    /// The range of CVSS base scores that the publisher of the control gives.
    pub cvss: Option<[f64; 2]>,
    /// CWE numbers.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// Tags for `--select` and `--ignore`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Ids of published controls that the rule checks.
    #[serde(default)]
    pub covers: Vec<String>,
    /// The page of the control, or the best public reference. Reports link to it.
    #[serde(default)]
    pub url: String,
    /// URLs of further reading.
    #[serde(default)]
    pub references: Vec<String>,
    /// What to do about a finding, in a sentence or two.
    pub help: String,
    /// Where the setting is in Setup, as paths of menus separated by ` > `.
    #[serde(default)]
    pub setup: Vec<String>,
    /// When it is acceptable to leave a finding unfixed.
    pub exceptions: Option<String>,
    /// Notes of the rule's authors: what the rule checks, what it cannot detect, and why.
    pub notes: Option<String>,
    /// Also check files that `.forceignore` excludes. They are not deployed, but they are in the
    /// repository.
    #[serde(default)]
    pub include_forceignored: bool,
    /// The reported element is a secret. Its text is never shown.
    #[serde(default)]
    pub secret: bool,
    /// Report an element only if no other rule reports it.
    #[serde(default)]
    pub fallback: bool,
    /// The published control that the rule implements.
    #[serde(default)]
    pub control: Control,
    /// Conditions that other conditions of this rule use by name.
    #[serde(default)]
    pub condition: BTreeMap<String, Spanned<ConditionTable>>,
    /// The checks, each for one or more metadata types.
    #[serde(default)]
    pub check: Vec<CheckTable>,
    /// Tests: example files and the expected findings. Put them at the end of the file.
    #[serde(default)]
    pub test: Vec<Example>,
}

/// The published control that a rule implements, in the rule author's words. Its parts are those of a page
/// of the Salesforce Security Health Review.
#[derive(Debug, Default, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("examples" = [{"name": "…", "url": "…"}]))]
pub struct Control {
    /// The published name.
    pub name: String,
    /// The page of the control.
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
    /// How the change affects integrations and the business.
    pub business: String,
    /// How to fix it.
    pub remediation: String,
    /// The publisher's advice for reviewers.
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

/// A requirement for one or more metadata types.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckTable {
    /// The metadata type, or several that have the fields in common.
    pub metadata: Spanned<OneOrMore>,
    /// A path. Each element at this path is checked separately. Without it, the root element is
    /// checked.
    pub each: Option<Spanned<String>>,
    /// The check applies only where this condition is true.
    pub when: Option<Spanned<ConditionTable>>,
    /// Where this condition is false, there is a finding.
    pub require: Spanned<ConditionTable>,
    /// The first API version that has the field of the fix. Only needed if the metadata schema does
    /// not have that version.
    pub since: Option<Spanned<String>>,
    /// The severity of this check's findings, if it differs from the rule's.
    pub severity: Option<Severity>,
    /// The finding as a sentence without a final period. `{component}` is the component's full name,
    /// `{a/b}` the text of the field at that path.
    pub message: Spanned<String>,
    /// The reason for the severity if no risk applies.
    pub because: Option<String>,
    /// The fix of a finding.
    pub fix: Option<Spanned<FixTable>>,
    /// Evidence that decides the severity. The first risk that applies is used.
    #[serde(default)]
    pub risk: Vec<RiskTable>,
    /// Evidence that lowers the severity, each by one level.
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

// Not derived, because that would lose the spans of the names.
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

/// How to fix a finding: exactly one of `set` with `to`, `remove`, `replace` with `with`, and `repair`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{"set": "oauthConfig/isPkceRequired", "to": "true"}]))]
pub(crate) struct FixTable {
    /// Sets the field at this path to the text of `to`. A missing field is inserted.
    pub set: Option<Spanned<String>>,
    /// The text for `set`.
    pub to: Option<Spanned<String>>,
    /// Removes the element at this path. If the finding is about one of several, only that one.
    pub remove: Option<Spanned<String>>,
    /// Replaces what this regular expression matches in the reported value with the text of `with`.
    pub replace: Option<Spanned<String>>,
    /// The text for `replace`. `$1` is the first group.
    pub with: Option<String>,
    /// Only for `schema`: replaces the name or value with the only valid spelling.
    #[serde(default)]
    pub repair: bool,
    /// Further steps of the same fix.
    #[serde(default)]
    pub and: Vec<Spanned<StepTable>>,
    /// What has to be done before the fixed file is deployed. Without it, the fix is safe.
    pub rollout: Option<String>,
}

/// A further step of a fix: `set` with `to`, or `remove`.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{"set": "oauthConfig/isPkceRequired", "to": "true"}]))]
pub(crate) struct StepTable {
    /// Sets the field at this path to the text of `to`. A missing field is inserted.
    pub set: Option<Spanned<String>>,
    /// The text for `set`.
    pub to: Option<Spanned<String>>,
    /// Removes the element at this path.
    pub remove: Option<Spanned<String>>,
}

/// Evidence that decides the severity.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskTable {
    /// The evidence. The risk applies if this condition is true.
    pub when: Spanned<ConditionTable>,
    /// The severity, if it differs from the check's.
    pub severity: Option<Severity>,
    /// A message that replaces the check's.
    pub message: Option<Spanned<String>>,
    /// Why the evidence matters, as a sentence without a final period. Not needed if `when` names a
    /// condition that has a `because`.
    pub because: Option<String>,
    /// `false`: the fix is safe if this risk applies.
    pub rollout: Option<Spanned<bool>>,
    /// A fix that replaces the check's.
    pub fix: Option<Spanned<FixTable>>,
}

/// Evidence of another protection, which lowers the severity.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MitigationTable {
    /// The evidence. The mitigation applies if this condition is true.
    pub when: Spanned<ConditionTable>,
    /// Why it helps, as a clause without a final period.
    pub because: String,
}

/// A condition, which is true, false or unknown: exactly one of `field`, `component`, `suffix`, `all`, `any`,
/// `not`, `some`, `count`, `all_ipv4`, `project`, `related`, `none`, `schema` and `condition`, with the operators of
/// `field`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{"field": "oauthConfig/isPkceRequired", "is": true}]))]
pub(crate) struct ConditionTable {
    /// A path of element names, such as `oauthConfig/scopes`. It starts at the checked element, or at
    /// the root element if it begins with `/`. `.` is the checked element itself.
    pub field: Option<Spanned<String>>,
    /// The component's full name matches this regular expression.
    pub component: Option<Spanned<String>>,
    /// The suffix of the file, such as `cmp` of `Panel.cmp-meta.xml`, matches this regular expression.
    pub suffix: Option<Spanned<String>>,
    /// `true`: the field exists and is not empty. `false`: it is missing or empty.
    pub exists: Option<bool>,
    /// The value is this text or number, or with `true` and `false` this xsd:boolean.
    pub is: Option<Spanned<Scalar>>,
    /// The value is one of these.
    #[serde(rename = "in")]
    pub one_of: Option<Vec<Spanned<String>>>,
    /// This regular expression matches somewhere in the value.
    pub matches: Option<Spanned<String>>,
    /// This regular expression does not match the value.
    pub except: Option<Spanned<String>>,
    /// The value contains this text.
    pub contains: Option<String>,
    /// The lowest number, or with `order` the lowest value. In `count`: the lowest count.
    pub at_least: Option<Spanned<Limit>>,
    /// The highest number, or with `order` the highest value. In `count`: the highest count.
    pub at_most: Option<Spanned<Limit>>,
    /// Enumeration values from the lowest to the highest, for `at_least` and `at_most`.
    pub order: Option<Vec<Spanned<String>>>,
    /// The value is a later date than this one. The only possible date is `today`.
    pub after: Option<DayName>,
    /// The value is the text of a certificate that satisfies this.
    pub certificate: Option<Spanned<CertificateTest>>,
    /// The value is markup whose first tag satisfies this.
    pub start_tag: Option<Spanned<StartTagTest>>,
    /// Splits the value into items.
    pub split: Option<SplitName>,
    /// All values have to satisfy the condition, and there has to be at least one.
    #[serde(default)]
    pub every: bool,
    /// The meaning of a missing value, or for `related`, `none` and `count` of a missing component.
    pub absent: Option<Spanned<AbsentName>>,
    /// The label of the evidence: reports show it at the value that satisfies the condition.
    pub label: Option<String>,
    /// All of these conditions are true.
    pub all: Option<Vec<Spanned<ConditionTable>>>,
    /// At least one of these conditions is true.
    pub any: Option<Vec<Spanned<ConditionTable>>>,
    /// This condition is false.
    pub not: Option<Box<Spanned<ConditionTable>>>,
    /// At least one element at the path `each` satisfies the rest of this table. Paths start there.
    pub some: Option<Box<Spanned<ConditionTable>>>,
    /// In `some` and `count`: the path of the elements. With `from` or `to`: the path of the elements in the
    /// other component, where the paths of the condition start.
    pub each: Option<Spanned<String>>,
    /// The number of elements at the path `each`, or of components of the type `metadata`, that satisfy the
    /// rest of this table is at least `at_least` and at most `at_most`.
    pub count: Option<Box<Spanned<ConditionTable>>>,
    /// The ranges of IP addresses at a path contain together all, or almost all, public IPv4 addresses.
    pub all_ipv4: Option<Spanned<IpRangesTable>>,
    /// At least one component of the type `metadata` in the same package directory satisfies the rest
    /// of this table.
    pub project: Option<Box<Spanned<ConditionTable>>>,
    /// A component of the type `metadata` that is related to the checked one satisfies the rest of this
    /// table. `by`, or `from` and `to`, select the related components. Without a condition, it exists.
    pub related: Option<Box<Spanned<ConditionTable>>>,
    /// No component of the type `metadata` satisfies the rest of this table. With `by`, `from` or `to`, only
    /// related components count.
    pub none: Option<Box<Spanned<ConditionTable>>>,
    /// In `project`, `related`, `none` and `count`: the metadata type.
    pub metadata: Option<Spanned<String>>,
    /// The element whose text connects the components, one to one. A component without it uses its full
    /// name.
    pub by: Option<Spanned<String>>,
    /// Where the checked component has the text that connects it to others. Without it, its full name.
    pub from: Option<Spanned<KeyTable>>,
    /// Where the other components have the text that connects them. Without it, their full names.
    pub to: Option<Spanned<KeyTable>>,
    /// Only as the whole `require`: every element, or every value, is valid for the metadata type.
    pub schema: Option<SchemaName>,
    /// The condition with this name. `FAMILY/NAME` is a shared condition.
    pub condition: Option<Spanned<String>>,
    /// In a named condition: why it matters as evidence, for risks without a `because`.
    pub because: Option<String>,
}

impl ConditionTable {
    /// The number of kinds that the table has. A condition needs exactly one.
    pub(super) fn kinds(&self) -> usize {
        let kinds = [
            self.field.is_some(),
            self.component.is_some(),
            self.suffix.is_some(),
            self.all.is_some(),
            self.any.is_some(),
            self.not.is_some(),
            self.some.is_some(),
            self.count.is_some(),
            self.all_ipv4.is_some(),
            self.project.is_some(),
            self.related.is_some(),
            self.none.is_some(),
            self.schema.is_some(),
            self.condition.is_some(),
        ];
        kinds.iter().filter(|&&exists| exists).count()
    }

    /// Whether the table has a key that is only valid with `field`.
    pub(super) fn has_operator(&self) -> bool {
        self.has_operator_except_label() || self.label.is_some()
    }

    pub(super) fn has_operator_except_label(&self) -> bool {
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
            || self.certificate.is_some()
            || self.start_tag.is_some()
            || self.split.is_some()
            || self.every
            || self.absent.is_some()
    }
}

/// Where a component has the text that connects it to others: a path, or a table with a path.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum KeyTable {
    Path(String),
    Table(KeyFields),
}

/// A text that connects components.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFields {
    /// The path of the element. Without it, the component's full name.
    pub field: Option<Spanned<String>>,
    /// Splits the text into items.
    pub split: Option<SplitName>,
    /// A regular expression with one group: the part of the text that connects the components. Other texts
    /// connect nothing.
    pub capture: Option<Spanned<String>>,
}

// Not derived, because that would lose the spans in the table.
impl<'de> Deserialize<'de> for KeyTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = KeyTable;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("a path or a table")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<KeyTable, E> {
                Ok(KeyTable::Path(path.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<KeyTable, A::Error> {
                KeyFields::deserialize(MapAccessDeserializer::new(table)).map(KeyTable::Table)
            }
        }

        deserializer.deserialize_any(Keys)
    }
}

/// Ranges of IP addresses.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IpRangesTable {
    /// The path of the elements, one per range.
    pub each: Spanned<String>,
    /// The path of the first address, starting at the element.
    pub start: Spanned<String>,
    /// The path of the last address, starting at the element.
    pub end: Spanned<String>,
}

/// A value to compare with: a boolean, a number or a text.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Boolean(bool),
    Number(i64),
    Text(String),
}

/// A bound: a number, or with `order` an enumeration value.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Limit {
    Number(f64),
    Text(String),
}

/// The day on which forcelint runs.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DayName {
    Today,
}

/// Where to split a value: at line ends or at commas.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(crate) enum SplitName {
    #[serde(rename = "lines")]
    Lines,
    #[serde(rename = ",")]
    Commas,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Lines => Self::Lines,
            SplitName::Commas => Self::Commas,
        }
    }
}

/// The meaning of a missing value. `default` is the documented default of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AbsentName {
    Complies,
    Violates,
    Unknown,
    Default,
}

/// What to check against the metadata schema.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SchemaName {
    Fields,
    Values,
}
