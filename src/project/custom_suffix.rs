//! Suffixes that `registryCustomizations` in `sfdx-project.json` gives to metadata types.

use std::path::Path;

use serde_json::Value;

use super::classify::classify_at;
use super::metadata_type::MetadataType;

/// A suffix of files that the CLI deploys as this type. The CLI on its own does not know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomSuffix {
    pub metadata_type: MetadataType,
    pub suffix: String,
}

/// The unknown suffixes of known types and of their pieces, in `registryCustomizations`. It has the structure of the
/// registry in `@salesforce/source-deploy-retrieve`.
pub(super) fn custom_suffixes(customizations: &Value) -> Vec<CustomSuffix> {
    let types = |registry: &Value| {
        let types = registry["types"].as_object().into_iter();
        types
            .flat_map(|it| it.values().cloned())
            .collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for whole in types(customizations) {
        let Some(metadata_type) = whole["name"].as_str().and_then(MetadataType::named) else {
            continue;
        };
        for file in types(&whole["children"]).iter().chain([&whole]) {
            let Some(suffix) = file["suffix"].as_str() else {
                continue;
            };
            let folder = Path::new(file["directoryName"].as_str().unwrap_or_default());
            let name = folder.join(format!("Example.{suffix}-meta.xml"));
            if classify_at(&name).is_none() {
                found.push(CustomSuffix {
                    metadata_type,
                    suffix: suffix.to_owned(),
                });
            }
        }
    }
    found
}
