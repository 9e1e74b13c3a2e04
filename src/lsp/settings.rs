//! The user's settings in the editor.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::rule::Severity;

/// Settings. The defaults are those of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Settings {
    /// A config instead of the nearest `forcelint.toml`.
    pub config_path: Option<PathBuf>,
    /// The lowest severity to report.
    pub min_severity: Option<Severity>,
    /// Files that are not open are checked as well.
    pub whole_project: bool,
}

impl Settings {
    /// Reads the settings that a client sends, at the top level or under `forcelint`. Unknown keys are
    /// the client's own; `null` and an empty string mean the default. A relative `configPath` is
    /// relative to `folder`.
    ///
    /// # Errors
    /// A key has an invalid value.
    pub(super) fn read(sent: &Value, folder: Option<&Path>) -> Result<Self, String> {
        let section = match &sent["forcelint"] {
            Value::Null => sent,
            section => section,
        };
        let Some(section) = section.as_object() else {
            return Ok(Self::default());
        };
        let is_set = |value: &Value| !(value.is_null() || value == "");
        let set = section.iter().filter(|(_, value)| is_set(value));
        let set: Value = set
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut settings = Self::deserialize(set).map_err(|error| error.to_string())?;
        if let (Some(path), Some(folder)) = (&settings.config_path, folder) {
            settings.config_path = Some(folder.join(path));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_read_as_clients_send_them() {
        let read = |sent: &Value| Settings::read(sent, Some(Path::new("/project")));
        let strict = Settings {
            min_severity: Some(Severity::High),
            whole_project: true,
            config_path: None,
        };
        let keys =
            json!({ "minSeverity": "high", "wholeProject": true, "configPath": "", "path": 1 });
        assert_eq!(read(&keys), Ok(strict.clone()));
        assert_eq!(read(&json!({ "forcelint": keys })), Ok(strict));
        for nothing in [
            json!(null),
            json!({}),
            json!({ "forcelint": null }),
            json!([1]),
        ] {
            assert_eq!(read(&nothing), Ok(Settings::default()));
        }
        assert!(read(&json!({ "minSeverity": "worst" })).is_err());
        let config = read(&json!({ "configPath": "a.toml" }))
            .unwrap()
            .config_path;
        assert_eq!(config.as_deref(), Some(Path::new("/project/a.toml")));
    }
}
