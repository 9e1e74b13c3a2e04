//! `--since` and `--staged` report what a change does to other components, and to the other files of the same one.

use std::collections::BTreeSet;
use std::fs;

use crate::repository::Repository;

const FOLDERS: &str = r#"{ "packageDirectories": [{ "path": "force-app" }, { "path": "more" }] }"#;
const OWN_RULES: &str = "rule-paths = ['rules']\n";
const SELECT: &str = "--select=ours,page-csrf-token,secret-field-public,named-credential-not-granted,\
                      permission-set-group-administrator,modify-all-data,view-all-data";

/// Rules about several files of a component, about another component, about none, and about the project.
const RULES: &str = r#"
id = "own"
title = "Components that belong together"
severity = "low"
tags = ["ours"]
help = "None."

[[check]]
metadata = "CustomObject"
each = "fields"
when = { field = "/sharingModel", is = "ReadWrite" }
require = { field = "type", except = "Text" }
message = "`{component}` has the text `{fullName}`"

[[check]]
metadata = "PermissionSet"
when = { field = "userPermissions/name", is = "ModifyAllData" }
require = { field = "hasActivationRequired", is = true }
message = "`{component}` needs no activation"

[[check]]
metadata = "CustomSite"
require = { none = { metadata = "Flow" } }
message = "`{component}` has a flow"

[[check]]
metadata = "Flow"
require = { related = { metadata = "CustomSite", from = "label", absent = "violates", field = "active", is = true } }
message = "`{component}` has no site"

[[check]]
metadata = "Project"
require = { count = { metadata = "PermissionSet", at_least = 1, absent = "violates", field = "label", exists = true } }
message = "`{component}` has no permission set"
"#;

fn project() -> Repository {
    let repository = Repository::empty();
    repository.write("sfdx-project.json", FOLDERS);
    repository.write("force-app/readme.txt", "");
    repository.write("rules/own.toml", RULES);
    repository.write("forcelint.toml", OWN_RULES);
    repository
}

/// What a finding says, without its component; the component's type and name; the rank of the severity.
type Found = (String, String, usize);

fn found(repository: &Repository, arguments: &[&str]) -> BTreeSet<Found> {
    const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];
    let fixed = [
        "check",
        "--format=json",
        "--min-severity=info",
        "--allow-empty",
    ];
    let all = fixed.iter().chain(&[SELECT]).chain(arguments);
    let outcome = repository.sandbox.with_every_rule(all).run();
    assert!(outcome.code.is_some_and(|code| code < 2), "{outcome:?}");
    let report = outcome.json();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|it| {
            let text = |it: &serde_json::Value| it.as_str().unwrap().to_owned();
            let (kind, name) = (&it["component"]["type"], text(&it["component"]["name"]));
            let message = text(&it["message"]).replace(&format!("`{name}`"), "");
            let rank = SEVERITIES
                .iter()
                .position(|severity| it["severity"] == *severity);
            (
                format!("{} {message}", text(&it["rule"])),
                format!("{}:{name}", text(kind)),
                rank.unwrap(),
            )
        })
        .collect()
}

/// The new findings with each option.
fn new_findings(repository: &Repository) -> [BTreeSet<Found>; 2] {
    let since = found(repository, &["--since=HEAD"]);
    repository.git(["add", "--all"]);
    [since, found(repository, &["--staged"])]
}

fn object(content: &str) -> String {
    format!("<CustomObject>{content}</CustomObject>")
}

const OPEN: &str = "<sharingModel>ReadWrite</sharingModel>";
const KEY: &str = "<CustomField><fullName>ApiKey__c</fullName><type>Text</type></CustomField>";
const LABEL: &str = "<PermissionSet><label>Orders</label></PermissionSet>";
const ACTION: &str = "<apex:page action=\"{!archive}\"/>\n";
const NO_TOKEN: &str = "<ApexPage><apiVersion>62.0</apiVersion>\
                        <confirmationTokenRequired>false</confirmationTokenRequired></ApexPage>";

fn permission(name: &str) -> String {
    format!("<UserPermission><enabled>true</enabled><name>{name}</name></UserPermission>")
}

/// The renamed file is unchanged, but now belongs to a component whose other files make it a finding.
#[test]
fn a_renamed_file_becomes_a_part_of_another_component() {
    let open = object(OPEN);
    let modify = permission("ModifyAllData");
    let objects = (
        "objects/Closed__c/fields/Key__c.field-meta.xml",
        "objects/Open__c/fields/Key__c.field-meta.xml",
    );
    let main = (
        "objects/New__c/New__c.object-meta.xml",
        "objects/Open__c/Open__c.object-meta.xml",
    );
    let page = ("pages/Old.page", "pages/Orders.page");
    let page_meta = ("pages/Old.page-meta.xml", "pages/Orders.page-meta.xml");
    let set = (
        "permissionsets/A/userPermissions/M.userPermission-meta.xml",
        "permissionsets/B/userPermissions/M.userPermission-meta.xml",
    );
    let label = "permissionsets/B/B.permissionset-meta.xml";
    for ((from, to), text, other, other_text) in [
        (objects, KEY, main.1, open.as_str()),
        (main, open.as_str(), objects.1, KEY),
        (page, ACTION, page_meta.1, NO_TOKEN),
        (page_meta, NO_TOKEN, page.1, ACTION),
        (set, modify.as_str(), label, LABEL),
    ] {
        let repository = project();
        let path = |path: &str| format!("force-app/{path}");
        repository.write(path(from), text);
        repository.write(path(other), other_text);
        repository.commit();
        let old = found(&repository, &[]);
        let folder = repository.path(path(to));
        fs::create_dir_all(folder.parent().unwrap()).unwrap();
        fs::rename(repository.path(path(from)), folder).unwrap();
        let new = found(&repository, &[]);
        let name = to.split(['/', '.']).nth(1).unwrap();
        let mut expected: Vec<_> = new.difference(&old).collect();
        expected.retain(|it| it.1.ends_with(&format!(":{name}")));
        assert!(!expected.is_empty(), "{from}: {new:?}");
        for found in new_findings(&repository) {
            assert!(
                expected.iter().all(|it| found.contains(it)),
                "{from}: {found:?}"
            );
        }
    }
}

/// What is excluded is invisible to rules about other files.
#[test]
fn an_excluded_component_was_evidence() {
    let repository = project();
    let flow = "<Flow><label>Register</label></Flow>";
    repository.write("force-app/flows/Register.flow-meta.xml", flow);
    let site = "<CustomSite><active>true</active></CustomSite>";
    repository.write("force-app/sites/Register.site-meta.xml", site);
    repository.commit();
    let has_finding = |found: &BTreeSet<Found>| found.iter().any(|it| it.1 == "Flow:Register");
    assert!(!has_finding(&found(&repository, &[])));
    repository.write(
        "forcelint.toml",
        format!("{OWN_RULES}exclude = ['**/sites']\n"),
    );
    assert!(has_finding(&found(&repository, &[])));
    for found in new_findings(&repository) {
        assert!(has_finding(&found), "{found:?}");
    }
}

/// A rule about the project is no longer off, or an exception ends.
#[test]
fn config_that_finds_more_affects_the_project() {
    let exception = "[[exception]]\nrule = 'own'\npath = 'sfdx-project.json'\nreason = 'r'\n";
    for former in ["rules.own = 'off'\n", exception] {
        let repository = project();
        repository.write("forcelint.toml", format!("{OWN_RULES}{former}"));
        repository.commit();
        let is_of_project =
            |found: &BTreeSet<Found>| found.iter().any(|it| it.1.starts_with("Project:"));
        assert!(!is_of_project(&found(&repository, &[])), "{former}");
        repository.write("forcelint.toml", OWN_RULES);
        assert!(is_of_project(&found(&repository, &[])), "{former}");
        let [since, staged] = new_findings(&repository);
        assert!(is_of_project(&since), "{former}: {since:?}");
        // Staged files are never a whole project.
        assert!(!is_of_project(&staged), "{former}: {staged:?}");
    }
}
