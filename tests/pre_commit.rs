//! `.pre-commit-hooks.yaml`: its pattern matches exactly the files that rules check.
//!
//! `cargo xtask generate` writes the file.

use std::fs;

use forcelint::project::{MetadataType, PieceKind, TypeSet};
use forcelint::rule::{BUILT_IN, RuleSet, Selection};
use regex::Regex;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");

/// The lines before and after the pattern.
const START: &str = "  files: &files |-\n";
const END: &str = "- id: forcelint-fix\n";

fn checked_types() -> TypeSet {
    let mut types = TypeSet::default();
    for name in BUILT_IN.iter().flat_map(|rule| rule.checked_types) {
        types.insert(MetadataType::named(name).unwrap());
    }
    let rules = RuleSet::select(&Selection::default()).unwrap();
    rules.types_of_files(types)
}

/// The lines of the pattern.
fn pattern_lines() -> String {
    let text = fs::read_to_string(FILE).unwrap().replace("\r\n", "\n");
    let start = text.find(START).unwrap() + START.len();
    let end = text.find(END).unwrap();
    text[start..end].to_owned()
}

/// The pattern as pre-commit reads it. YAML removes the indentation.
fn pattern_of_hook() -> Regex {
    Regex::new(pattern_lines().trim()).unwrap()
}

#[test]
fn pattern_matches_exactly_the_checked_files() {
    let pattern = pattern_of_hook();
    let checked_types = checked_types();
    let mut matched = 0;
    let suffixes = MetadataType::all()
        .flat_map(|it| it.suffixes().into_iter().map(move |suffix| (it, suffix)));
    for (metadata_type, suffix) in suffixes {
        let source = metadata_type.file_name_with_suffix("A Name.1", suffix);
        let metadata = source.strip_suffix("-meta.xml").unwrap();
        let other_case = match source.split_once('.') {
            Some((stem, _)) if metadata_type.is_settings() => format!("{stem}.SETTINGS"),
            _ => metadata.to_uppercase(),
        };
        for name in [&source, metadata, &other_case, &format!("{source}.bak")] {
            let is_checked = checked_types.may_have(name.as_bytes());
            matched += usize::from(is_checked);
            let path = format!("force-app/main/{}/{name}", metadata_type.folder());
            assert_eq!(pattern.is_match(&path), is_checked, "{path}");
            // Only the folder shows that a file such as `A.xml` is metadata.
            let is_any_xml = suffix == "xml" && *name != source;
            assert_eq!(pattern.is_match(name), is_checked && !is_any_xml, "{name}");
        }
    }
    assert!(matched > 100, "{matched}");
    for piece in PieceKind::all() {
        let name = format!("A Name.1.{}-meta.xml", piece.suffix());
        let path = format!("force-app/main/{}/A/{name}", piece.whole().folder());
        assert_eq!(
            pattern.is_match(&path),
            checked_types.may_have(name.as_bytes()),
            "{path}"
        );
    }
}

#[test]
fn pattern_matches_common_files() {
    let pattern = pattern_of_hook();
    for path in [
        "force-app/main/default/connectedApps/ERP.connectedApp-meta.xml",
        "src/connectedApps/ERP.connectedApp",
        "OauthOidc.settings-meta.xml",
        "settings/Security.settings",
        "profiles/Admin.profile-meta.xml",
        "extlClntAppGlobalOauthSets/A.ecaGlblOauth-meta.xml",
        "wrong/A.ecaGlobalOauth-meta.xml",
        "certs/A.crt-meta.xml",
        "certs/A.crt",
        "aura/A/A.app-meta.xml",
        "genAiPlannerBundles/A/A.genAiPlannerBundle",
        "src/emailservices/A.xml",
    ] {
        assert!(pattern.is_match(path), "{path}");
    }
    for path in [
        "README.md",
        "sfdx-project.json",
        "package.xml",
        "aura/A/A.app",
        "classes/A.cls",
        "classes/A.cls-meta.xml",
        "settings/Account.settings-meta.xml",
        "settings/NotSecurity.settings",
        "connectedApps/.connectedApp",
        "connectedApp",
        "A.connectedApp/readme.txt",
    ] {
        assert!(!pattern.is_match(path), "{path}");
    }
}
