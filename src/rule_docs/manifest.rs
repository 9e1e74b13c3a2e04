//! A `package.xml` with what rules read, to retrieve the metadata of an org.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::project::{MetadataType, TypeSet};
use crate::schema::ApiVersion;

/// Standard objects whose settings rules check. For `CustomObject`, the member `*` brings only custom objects.
/// (developer.salesforce.com, Metadata API Developer Guide: Specify Objects in a Package Manifest.)
const STANDARD_OBJECTS: [&str; 10] = [
    "Account",
    "Asset",
    "Campaign",
    "Case",
    "Contact",
    "Contract",
    "Individual",
    "Lead",
    "Opportunity",
    "Order",
];

/// The name of all settings types in a `package.xml`; the member is the name of the file.
const SETTINGS: &str = "Settings";

/// The manifest of all components of these types. A comment names the types whose components are in folders, because `*`
/// is the name of all folders for them. (`ManifestResolver` of `@salesforce/source-deploy-retrieve` 13.7.0.)
pub(crate) fn package_manifest(types: TypeSet, version: ApiVersion) -> String {
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut in_folders = Vec::new();
    let all = MetadataType::all()
        .filter(|it| types.contains(*it) && it.suffix().is_some() && !it.is_misnamed());
    for metadata_type in all {
        if let Some(settings) = metadata_type.settings_name() {
            members.entry(SETTINGS).or_default().insert(settings);
            continue;
        }
        if metadata_type.is_foldered() {
            in_folders.push(metadata_type.name());
            continue;
        }
        let of_type = members.entry(metadata_type.name()).or_default();
        of_type.insert("*");
        if metadata_type.name() == "CustomObject" {
            of_type.extend(STANDARD_OBJECTS);
        }
    }
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n"
        .to_owned();
    if !in_folders.is_empty() {
        let _ = writeln!(
            text,
            "    <!-- Not included: {}. Add their components by name, such as `Folder/Name`. -->",
            in_folders.join(", ")
        );
    }
    for (name, members) in members {
        text.push_str("    <types>\n");
        for member in members {
            let _ = writeln!(text, "        <members>{member}</members>");
        }
        let _ = writeln!(text, "        <name>{name}</name>\n    </types>");
    }
    let _ = writeln!(text, "    <version>{version}</version>\n</Package>");
    text
}
