//! A baseline of Salesforce's Health Check, as Setup exports it: an XML file with the values of security settings
//! that a team accepts.
//!
//! Each setting that is a field of the org's security settings becomes a rule, so that it is checked like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde::Deserialize;
use thiserror::Error;

use crate::rule::{Rule, compile};

/// The page of Salesforce about the file.
pub(crate) const HEALTH_CHECK_PAGE: &str = "https://help.salesforce.com/s/articleView?id=xcloud.security_custom_baseline_file_requirements.htm&type=5";

/// By name: the path of the field in `Security.settings`.
static FIELDS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        fields: BTreeMap<String, String>,
    }
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/health-check.msgpack"));
    // A test reads the embedded list.
    let file: File = rmp_serde::from_slice(packed).expect("docs/health-check.toml is valid");
    file.fields
});

/// A baseline of Health Check.
#[derive(Debug)]
pub(crate) struct HealthCheck {
    pub(crate) name: String,
    pub(crate) settings: Vec<HealthCheckSetting>,
}

/// A setting of the baseline.
#[derive(Debug)]
pub(crate) struct HealthCheckSetting {
    /// The name, such as `PasswordPolicies.history`.
    pub(crate) name: String,
    /// The values that comply, for people.
    pub(crate) compliant: String,
    /// The rule that checks it; `None` if it is not a field of the security settings.
    pub(crate) rule: Option<Arc<Rule>>,
}

impl HealthCheckSetting {
    /// The id of the setting as a control.
    pub(crate) fn control_id(&self) -> String {
        format!("health-check/{}", self.name)
    }
}

/// Why a file is not a baseline.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum HealthCheckError {
    #[error("is not well-formed XML")]
    Malformed,
    #[error("is not a Health Check baseline: its root element is not `baseline`")]
    NoBaseline,
    #[error("has no settings")]
    Empty,
    #[error("has an invalid setting `{0}`")]
    Invalid(String),
}

/// Reads a baseline.
///
/// # Errors
/// If the text is not a baseline.
pub(crate) fn read_health_check(text: &str) -> Result<HealthCheck, HealthCheckError> {
    let mut reader = Reader::from_str(text);
    let mut name = None;
    let mut severity = "info";
    let mut settings = Vec::new();
    loop {
        let event = reader
            .read_event()
            .map_err(|_| HealthCheckError::Malformed)?;
        let element = match &event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::Eof => break,
            _ => continue,
        };
        let element_name = element.name();
        if name.is_none() {
            if element_name.as_ref() != "baseline" {
                return Err(HealthCheckError::NoBaseline);
            }
            name = Some(attribute(element, "name")?.unwrap_or_default());
            continue;
        }
        match element_name.as_ref() {
            "highRiskSecuritySettings" => severity = "high",
            "mediumRiskSecuritySettings" => severity = "medium",
            "lowRiskSecuritySettings" => severity = "low",
            "informationalSecuritySettings" => severity = "info",
            "booleanSetting" => settings.push(setting(element, Kind::Boolean, severity)?),
            "numericRangeSetting" => settings.push(setting(element, Kind::Number, severity)?),
            "enumSetting" => settings.push(setting(element, Kind::Enumeration, severity)?),
            _ => {}
        }
    }
    match (name, settings.is_empty()) {
        (None, _) => Err(HealthCheckError::NoBaseline),
        (Some(_), true) => Err(HealthCheckError::Empty),
        (Some(mut name), false) => {
            // Reports in Markdown show it.
            name.retain(|it| it.is_alphanumeric() || " ._-".contains(it));
            Ok(HealthCheck { name, settings })
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, HealthCheckError> {
    let found = element.try_get_attribute(name);
    let found = found.map_err(|_| HealthCheckError::Malformed)?;
    let value = found.map(|it| {
        it.normalized_value(XmlVersion::Implicit1_0)
            .map(|value| value.trim().to_owned())
    });
    value.transpose().map_err(|_| HealthCheckError::Malformed)
}

#[derive(Clone, Copy)]
enum Kind {
    Boolean,
    /// A number that complies if it is at least the given one. The two fields in the list are of this kind.
    Number,
    Enumeration,
}

fn setting(
    element: &BytesStart<'_>,
    kind: Kind,
    severity: &str,
) -> Result<HealthCheckSetting, HealthCheckError> {
    let name = attribute(element, "name")?.unwrap_or_default();
    let compliant = attribute(element, "compliant")?.unwrap_or_default();
    // Both become part of a rule.
    let is_plain = |text: &str, others: &str| {
        let is_valid = |it: char| it.is_ascii_alphanumeric() || others.contains(it);
        !text.is_empty() && text.len() <= 1_000 && text.chars().all(is_valid)
    };
    if !is_plain(&name, "._") || !is_plain(&compliant, "._, -") {
        return Err(HealthCheckError::Invalid(name));
    }
    let rule = match FIELDS.get(&name) {
        None => None,
        Some(field) => Some(rule(&name, field, &compliant, kind, severity)?),
    };
    Ok(HealthCheckSetting {
        name,
        compliant,
        rule,
    })
}

fn rule(
    name: &str,
    field: &str,
    compliant: &str,
    kind: Kind,
    severity: &str,
) -> Result<Arc<Rule>, HealthCheckError> {
    let invalid = || HealthCheckError::Invalid(name.to_owned());
    let test = match kind {
        Kind::Boolean if matches!(compliant, "true" | "false") => format!("is = {compliant}"),
        Kind::Number => {
            let least: f64 = compliant.parse().map_err(|_| invalid())?;
            format!("at_least = {least:?}")
        }
        Kind::Enumeration => {
            let values: Vec<&str> = compliant.split(',').map(str::trim).collect();
            format!("in = {values:?}")
        }
        Kind::Boolean => return Err(invalid()),
    };
    let id = rule_id(name);
    let text = format!(
        "id = \"{id}\"\ntitle = \"Setting differs from the Health Check baseline\"\nseverity = \"{severity}\"\n\
         covers = [\"health-check/{name}\"]\nurl = \"{HEALTH_CHECK_PAGE}\"\n\
         help = \"The baseline accepts `{compliant}`.\"\n\n[[check]]\nmetadata = \"SecuritySettings\"\n\
         require = {{ field = \"{field}\", {test}, absent = \"complies\" }}\n\
         message = \"`{name}` differs from the Health Check baseline\"\n"
    );
    compile(&id, &text).map(Arc::new).map_err(|_| invalid())
}

/// `health-check-password-policies-history`
fn rule_id(name: &str) -> String {
    let mut id = "health-check".to_owned();
    let mut before = '.';
    for letter in name.chars() {
        let starts_word = !letter.is_ascii_lowercase() && before.is_ascii_lowercase();
        if (before == '.' || starts_word) && letter != '.' {
            id.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            id.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Kind as SchemaKind, Structure};

    /// Each name in the list has a field that exists.
    #[test]
    fn fields_of_the_list_exist() {
        for (name, path) in FIELDS.iter() {
            let mut kind = SchemaKind::Structure(Structure::named("SecuritySettings").unwrap());
            for part in path.split('/') {
                let SchemaKind::Structure(structure) = kind else {
                    panic!("{name}: `{part}` is in a field with a value");
                };
                let field = structure.field(part);
                kind = field.unwrap_or_else(|| panic!("{name}: no `{part}`")).kind;
            }
            let (kind, value) = match kind {
                SchemaKind::Boolean => (Kind::Boolean, "true"),
                SchemaKind::Enumeration(values) => {
                    (Kind::Enumeration, values.values().next().unwrap())
                }
                _ => (Kind::Number, "1.0"),
            };
            let made = rule(name, path, value, kind, "low");
            assert!(made.is_ok(), "{name}: {made:?}");
        }
    }
}
