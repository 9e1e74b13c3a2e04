//! `.pre-commit-hooks.yaml`: its pattern names the files that the rules judge, no more and no less.
//!
//! `cargo xtask generate` writes it.

use std::ffi::OsStr;
use std::fs;

use forcelint::project::{MetadataType, TypeSet};
use forcelint::rule::BUILT_IN;
use regex::Regex;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");

/// What stands before and behind the pattern.
const START: &str = "  files: &files |-\n";
const END: &str = "- id: forcelint-fix\n";

fn judged() -> TypeSet {
    let mut types = TypeSet::default();
    for name in BUILT_IN.iter().flat_map(|rule| rule.checked_types) {
        types.insert(MetadataType::named(name).unwrap());
    }
    types
}

/// The pattern.
fn hooks() -> String {
    let text = fs::read_to_string(FILE).unwrap().replace("\r\n", "\n");
    let start = text.find(START).unwrap() + START.len();
    let end = text.find(END).unwrap();
    text[start..end].to_owned()
}

/// As pre-commit reads it: YAML takes the indentation away.
fn pattern_there() -> Regex {
    Regex::new(hooks().trim()).unwrap()
}

#[test]
fn it_takes_what_the_rules_judge_and_leaves_the_rest() {
    let pattern = pattern_there();
    let judged = judged();
    let mut taken = 0;
    for metadata_type in MetadataType::all() {
        let source = metadata_type.file_name("A Name.1");
        let metadata = source.strip_suffix("-meta.xml").unwrap();
        let other_case = match source.split_once('.') {
            Some((stem, _)) if metadata_type.is_settings() => format!("{stem}.SETTINGS"),
            _ => metadata.to_uppercase(),
        };
        for name in [&source, metadata, &other_case, &format!("{source}.bak")] {
            let wanted = judged.may_have(OsStr::new(name));
            taken += usize::from(wanted);
            let path = format!("force-app/main/{}/{name}", metadata_type.folder());
            for path in [path.as_str(), name] {
                assert_eq!(pattern.is_match(path), wanted, "{path}");
            }
        }
    }
    assert!(taken > 100, "{taken}");
}

#[test]
fn it_takes_well_known_files() {
    let pattern = pattern_there();
    for path in [
        "force-app/main/default/connectedApps/ERP.connectedApp-meta.xml",
        "src/connectedApps/ERP.connectedApp",
        "OauthOidc.settings-meta.xml",
        "settings/Security.settings",
        "profiles/Admin.profile-meta.xml",
        "extlClntAppGlobalOauthSets/A.ecaGlblOauth-meta.xml",
        "wrong/A.ecaGlobalOauth-meta.xml",
        "certs/A.crt-meta.xml",
    ] {
        assert!(pattern.is_match(path), "{path}");
    }
    for path in [
        "README.md",
        "sfdx-project.json",
        "classes/A.cls",
        "classes/A.cls-meta.xml",
        "settings/Account.settings-meta.xml",
        "settings/NotSecurity.settings",
        "certs/A.crt",
        "connectedApps/.connectedApp",
        "connectedApp",
        "A.connectedApp/readme.txt",
    ] {
        assert!(!pattern.is_match(path), "{path}");
    }
}
