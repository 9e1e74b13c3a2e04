//! `--since` and `--staged` report what a change does to other components, and to the other files of the same one.

use std::collections::BTreeSet;
use std::fs;

use crate::repository::{Repository, cases};

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
const PUBLIC: &str =
    "<customSettingsType>Hierarchy</customSettingsType><visibility>Public</visibility>";
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

/// The renamed file has the same name and text, but only now its text is metadata.
#[test]
fn a_renamed_text_becomes_the_main_file() {
    let repository = project();
    let rule = RULES.lines().take(6).collect::<Vec<_>>().join("\n");
    let rule = rule.replace("\"own\"", "\"page\"");
    let check = "[[check]]\nmetadata = 'ApexPage'\nrequire = { field = 'confirmationTokenRequired', is = true }\n\
                 message = '`{component}` has no token'\n";
    repository.write("rules/page.toml", format!("{rule}\n{check}"));
    let text = repository.path("force-app/pages/Orders.page");
    repository.write("force-app/pages/Orders.page", NO_TOKEN);
    repository.commit();
    let has_finding = |found: &BTreeSet<Found>| found.iter().any(|it| it.0.starts_with("page "));
    assert!(!has_finding(&found(&repository, &[])));
    fs::rename(&text, text.with_extension("page-meta.xml")).unwrap();
    assert!(has_finding(&found(&repository, &[])));
    for found in new_findings(&repository) {
        assert!(has_finding(&found), "{found:?}");
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

/// What a file was before does not matter if it was not checked then.
#[test]
fn an_edited_file_comes_into_scope() {
    let set = "force-app/permissionsets/A/A.permissionset-meta.xml";
    let piece = "force-app/permissionsets/A/userPermissions/M.userPermission-meta.xml";
    let excluded = format!("{OWN_RULES}exclude = ['**/userPermissions']\n");
    for (file, before, after) in [
        (".forceignore", "**/userPermissions/**\n", ""),
        ("forcelint.toml", excluded.as_str(), OWN_RULES),
    ] {
        for end in ["", "\n"] {
            let repository = project();
            let modify = permission("ModifyAllData");
            repository.write(set, LABEL);
            repository.write(piece, &modify);
            repository.write(file, before);
            repository.commit();
            let is_of_set = |it: &Found| it.0.starts_with("own ") && it.1 == "PermissionSet:A";
            assert!(!found(&repository, &[]).iter().any(is_of_set), "{file}");
            repository.write(file, after);
            repository.write(piece, modify + end);
            for found in new_findings(&repository) {
                assert!(found.iter().any(is_of_set), "{file}, {end:?}: {found:?}");
            }
        }
    }
}

/// A deleted file was not a part of the former component if it was not checked then.
#[test]
fn a_deleted_file_was_not_in_scope() {
    let repository = project();
    let piece = |name: &str| {
        format!("force-app/permissionsets/A/userPermissions/{name}.userPermission-meta.xml")
    };
    repository.write("force-app/permissionsets/A/A.permissionset-meta.xml", LABEL);
    repository.write(piece("Ignored"), permission("ModifyAllData"));
    repository.write(piece("Other"), permission("ViewAllData"));
    repository.write(".forceignore", "**/Ignored.*\n");
    repository.commit();
    let is_of_set = |it: &Found| it.0.starts_with("own ") && it.1 == "PermissionSet:A";
    assert!(!found(&repository, &[]).iter().any(is_of_set));
    repository.write(".forceignore", "");
    fs::remove_file(repository.path(piece("Ignored"))).unwrap();
    repository.write(piece("Other"), permission("ModifyAllData"));
    for found in new_findings(&repository) {
        assert!(found.iter().any(is_of_set), "{found:?}");
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

/// What each part of a project can be. Without text, it does not exist.
fn parts() -> Vec<(String, Vec<String>)> {
    let set = |content: &str| format!("<PermissionSet>{content}<label>A</label></PermissionSet>");
    let grants = |name: &str| {
        set(&format!(
            "<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"
        ))
    };
    let bank = set(
        "<externalCredentialPrincipalAccesses><enabled>true</enabled>\
                    <externalCredentialPrincipal>Bank-Main</externalCredentialPrincipal>\
                    </externalCredentialPrincipalAccesses>",
    );
    let credential = "<NamedCredential><namedCredentialParameters><externalCredential>Bank</externalCredential>\
                      </namedCredentialParameters></NamedCredential>";
    let group = "<PermissionSetGroup><permissionSets>Bank</permissionSets><permissionSets>Team</permissionSets>\
                 </PermissionSetGroup>";
    let objects = vec![String::new(), object(OPEN), object(PUBLIC), object("")];
    let fields = vec![String::new(), KEY.to_owned(), KEY.replace("Text", "Date")];
    let permissions = ["ManageUsers", "ModifyAllData", "ViewAllData"].map(permission);
    let permissions = [&[String::new()], &permissions[..]].concat();
    let pages = vec![
        String::new(),
        ACTION.to_owned(),
        "<apex:page/>\n".to_owned(),
    ];
    let of = |text: &str| vec![String::new(), text.to_owned()];
    let config = |text: &str| format!("{OWN_RULES}{text}");
    let mut parts = Vec::new();
    for folder in ["force-app", "more"] {
        let mut add =
            |path: &str, texts: Vec<String>| parts.push((format!("{folder}/{path}"), texts));
        add("objects/Gate__c/Gate__c.object-meta.xml", objects.clone());
        add(
            "objects/Gate__c/fields/ApiKey__c.field-meta.xml",
            fields.clone(),
        );
        add("objects/Order__c/Order__c.object-meta.xml", objects.clone());
        add(
            "objects/Order__c/fields/ApiKey__c.field-meta.xml",
            fields.clone(),
        );
        add(
            "permissionsets/Team/Team.permissionset-meta.xml",
            vec![String::new(), LABEL.to_owned(), set("")],
        );
        add(
            "permissionsets/Team/userPermissions/One.userPermission-meta.xml",
            permissions.clone(),
        );
        add(
            "permissionsets/Bank.permissionset-meta.xml",
            vec![String::new(), bank.clone(), grants("ViewAllData"), set("")],
        );
        add(
            "permissionsets/Work/userPermissions/One.userPermission-meta.xml",
            permissions.clone(),
        );
        add(
            "permissionsetgroups/Both.permissionsetgroup-meta.xml",
            of(group),
        );
        add(
            "namedCredentials/Bank.namedCredential-meta.xml",
            of(credential),
        );
        add(
            "flows/Register.flow-meta.xml",
            of("<Flow><label>Register</label></Flow>"),
        );
        add(
            "sites/Register.site-meta.xml",
            of("<CustomSite><active>true</active></CustomSite>"),
        );
        for name in ["Orders", "Other"] {
            add(&format!("pages/{name}.page"), pages.clone());
            add(&format!("pages/{name}.page-meta.xml"), of(NO_TOKEN));
        }
    }
    let ignored = [
        "",
        "more\n",
        "**/One.*\n",
        "**/Team.*\n",
        "**/*.object-meta.xml\n",
        "**/*.page\n",
    ];
    parts.push((
        ".forceignore".to_owned(),
        ignored.map(str::to_owned).to_vec(),
    ));
    let configs = [
        "",
        "exclude = ['more']\n",
        "exclude = ['**/One.*', '**/*.site-meta.xml']\n",
        "rules.own = 'off'\n",
        "[[exception]]\nrule = 'own'\ncomponent = 'Flow:Register'\nreason = 'r'\n",
        "[[exception]]\nrule = 'page-csrf-token'\npath = '**/Orders.*'\nreason = 'r'\n",
    ];
    parts.push(("forcelint.toml".to_owned(), configs.map(config).to_vec()));
    parts
}

/// Writes the parts, each of which is chosen by a number.
fn write_parts(repository: &Repository, choices: &[usize]) {
    for ((path, options), choice) in parts().iter().zip(choices) {
        let _ = fs::remove_file(repository.path(path));
        match &options[choice % options.len()] {
            text if text.is_empty() => {}
            text => repository.write(path, text),
        }
    }
}

/// The parts that change and the others that exist, for a failure.
fn describe(before: &[usize], after: &[usize]) -> String {
    let choices = before.iter().zip(after);
    let described = parts()
        .into_iter()
        .zip(choices)
        .map(|((path, options), (before, after))| {
            let [before, after] = [before, after].map(|it| options[it % options.len()].clone());
            match before == after {
                true if before.is_empty() => String::new(),
                true => format!("{path}: {before}\n"),
                false => format!("{path}: {before} => {after}\n"),
            }
        });
    described.collect()
}

/// Whether a finding was there before, and as severe: for the component or, because it may have been renamed, for
/// one that no longer has it.
fn was_as_severe(finding: &Found, old: &BTreeSet<Found>, new: &BTreeSet<Found>) -> bool {
    let (what, name, rank) = finding;
    let is_gone = |other: &Found| !new.iter().any(|it| it.0 == other.0 && it.1 == other.1);
    let mut same = old.iter().filter(|it| it.0 == *what && it.2 >= *rank);
    same.any(|it| it.1 == *name || is_gone(it))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: cases(30),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Default::default()
    })]

    /// After any changes of components that belong together, a finding that the whole project has now and did not
    /// have before is new, unless its component may only have been renamed.
    #[test]
    fn nothing_new_is_missing(
        before in proptest::collection::vec(0..60_usize, 34),
        after in proptest::collection::vec((0..60_usize, 0..5), 34),
    ) {
        let repository = project();
        write_parts(&repository, &before);
        repository.commit();
        let old = found(&repository, &[]);
        // A fifth of the parts changes.
        let after = before.iter().zip(&after);
        let after: Vec<usize> = after.map(|(old, (new, changes))| if *changes == 0 { *new } else { *old }).collect();
        write_parts(&repository, &after);
        let new = found(&repository, &[]);
        let expected: Vec<&Found> = new.difference(&old).filter(|it| !was_as_severe(it, &old, &new)).collect();
        for (option, found) in ["--since", "--staged"].into_iter().zip(new_findings(&repository)) {
            for finding in &expected {
                // Staged files are never a whole project.
                let is_expected = option == "--since" || !finding.1.starts_with("Project:");
                proptest::prop_assert!(!is_expected || found.contains(finding), "{option}: {finding:?} is not in {found:?}\n{}", describe(&before, &after));
            }
        }
    }
}
