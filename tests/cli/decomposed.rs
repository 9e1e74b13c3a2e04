//! Decomposed components: every rule sees the whole, and findings are in the pieces.
//!
//! `testdata/decomposed` has the same components whole and decomposed by Salesforce's library, which
//! `.ci/check_decomposed.mjs` runs again. That script also composes fixed pieces with the library.

use std::fs;

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::support::Sandbox;

/// The decomposed projects, each with the type that is decomposed.
const PROJECTS: [(&str, &str); 8] = [
    ("decomposeCustomLabelsBeta", "CustomLabels"),
    ("decomposeCustomLabelsBeta2", "CustomLabels"),
    (
        "decomposeExternalServiceRegistrationBeta",
        "ExternalServiceRegistration",
    ),
    ("decomposePermissionSetBeta", "PermissionSet"),
    ("decomposePermissionSetBeta2", "PermissionSet"),
    ("decomposeSharingRulesBeta", "SharingRules"),
    ("decomposeWorkflowBeta", "Workflow"),
    ("objects", "CustomObject"),
];

const PIECES: &str = "force-app/main/default/permissionsets/PO_Manager";
const USER_PERMISSIONS: &str =
    "force-app/main/default/permissionsets/PO_Manager/PO_Manager.userPermission-meta.xml";
const ACCOUNT: &str = "force-app/main/default/permissionsets/PO_Manager/objectSettings/Account.objectSettings-meta.xml";

/// The projects, in which also the rules in `testdata/decomposed/rules` run.
fn projects() -> Sandbox {
    let sandbox = Sandbox::with(&["decomposed"]);
    for project in PROJECTS.iter().map(|(name, _)| *name).chain(["whole"]) {
        let config = format!("decomposed/{project}/forcelint.toml");
        sandbox.write(config, "rule-paths = [\"rules\"]\n");
        for rule in fs::read_dir(sandbox.path("decomposed/rules")).unwrap() {
            let rule = rule.unwrap();
            let copy = format!("decomposed/{project}/rules/{}", rule.file_name().display());
            sandbox.write(copy, fs::read(rule.path()).unwrap());
        }
    }
    sandbox
}

fn check(sandbox: &Sandbox, project: &str, arguments: &[&str]) -> Value {
    check_from("info", sandbox, project, arguments)
}

/// Checks a project, and reports findings of at least a severity.
fn check_from(severity: &str, sandbox: &Sandbox, project: &str, arguments: &[&str]) -> Value {
    let fixed = ["check", "--format=json", "--min-severity", severity];
    let all = fixed.iter().chain(arguments);
    let outcome = sandbox
        .with_every_rule(all)
        .in_folder(format!("decomposed/{project}"))
        .run();
    assert!(outcome.code.is_some_and(|code| code < 2), "{outcome:?}");
    outcome.json()
}

/// What a finding says, without its file: rule, severity, message, component, fingerprint, and the text
/// of the first line.
fn described(sandbox: &Sandbox, project: &str, report: &Value, of_type: &str) -> Vec<String> {
    let all = report["findings"].as_array().unwrap().iter();
    let found = all.filter(|it| it["component"]["type"] == of_type);
    let mut described: Vec<String> = found
        .map(|it| {
            let path = format!("decomposed/{project}/{}", it["path"].as_str().unwrap());
            let text = fs::read_to_string(sandbox.path(&path)).unwrap();
            let line = it["span"]["start"]["line"].as_u64().unwrap() as usize;
            let line = text.lines().nth(line - 1).unwrap().trim();
            // Without a main file, there is no start tag of the whole. A schema in a file has no tag.
            let line = line.trim_start_matches("<schema>");
            let (rule, severity, message) = (&it["rule"], &it["severity"], &it["message"]);
            let (component, fingerprint) = (&it["component"], &it["fingerprint"]);
            format!("{rule} {severity} {message} {component} {fingerprint} {line}")
        })
        .collect();
    let not_checked = report["summary"]["not_checked"].as_array().unwrap().iter();
    let of_type = format!("\"{of_type}");
    let of_type = not_checked.filter(|it| it.to_string().contains(&of_type));
    described.extend(of_type.map(|it| {
        let (rule, component, reason) = (&it["rule"], &it["component"], &it["reason"]);
        format!("{rule} {component} {reason}")
    }));
    described.sort();
    described
}

#[test]
fn findings_are_those_of_the_whole() {
    let sandbox = projects();
    // With built-in rules only, no rule needs two files of an object, and they are checked separately.
    for built_in_only in [false, true] {
        let ignored: &[&str] = if built_in_only {
            &["--ignore=decomposed"]
        } else {
            &[]
        };
        let whole = check(&sandbox, "whole", &[ignored, &["."]].concat());
        for (project, of_type) in PROJECTS {
            let pieces = check(&sandbox, project, ignored);
            let expected = described(&sandbox, "whole", &whole, of_type);
            let has_built_in = ["PermissionSet", "CustomObject", "SharingRules"].contains(&of_type);
            assert_eq!(
                expected.is_empty(),
                built_in_only && !has_built_in,
                "{project}"
            );
            let found = described(&sandbox, project, &pieces, of_type);
            assert_eq!(found, expected, "{project}");
            for other in pieces["findings"].as_array().unwrap() {
                assert_eq!(other["component"]["type"], of_type, "{other}");
            }
        }
    }
}

/// The script compares the fixed texts. Here, the findings that remain are compared.
#[test]
fn fixes_are_those_of_the_whole() {
    let sandbox = projects();
    let whole = check(&sandbox, "whole", &["--fix=all", "."]);
    assert!(whole["summary"]["fixed"].as_u64().unwrap() > 8);
    for (project, of_type) in PROJECTS {
        let pieces = check(&sandbox, project, &["--fix=all"]);
        assert!(
            pieces["summary"]["fixed"].as_u64().unwrap() > 0,
            "{project}"
        );
        assert_eq!(
            described(&sandbox, project, &pieces, of_type),
            described(&sandbox, "whole", &whole, of_type),
            "{project}"
        );
    }
}

/// `rule path:line` for each finding.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|it| {
            let path = it["path"].as_str().unwrap().rsplit('/').next().unwrap();
            let line = &it["span"]["start"]["line"];
            format!("{} {path}:{line}", it["rule"].as_str().unwrap())
        })
        .collect()
}

/// The rules that are not checked, with the reason.
fn not_checked(report: &Value) -> Vec<String> {
    let entries = report["summary"]["not_checked"].as_array().unwrap().iter();
    entries
        .map(|it| format!("{} {}", it["rule"], it["reason"]))
        .collect()
}

#[test]
fn one_piece_stands_for_its_component() {
    let sandbox = projects();
    for (project, of_type) in PROJECTS {
        let all = check(&sandbox, project, &[]);
        let folder = sandbox.path(&format!("decomposed/{project}/force-app"));
        let files = walkdir::WalkDir::new(&folder)
            .into_iter()
            .map(Result::unwrap);
        for file in files.filter(|it| it.file_type().is_file()) {
            let name = file.file_name().to_str().unwrap();
            let unread = [
                "listView",
                "validationRule",
                "sharingCriteriaRule",
                "workflowAlert",
            ];
            let unread = unread.iter().chain(&["workflowRule", "workflowTask"]);
            if unread
                .into_iter()
                .any(|it| name.ends_with(&format!(".{it}-meta.xml")))
            {
                // No rule reads it.
                continue;
            }
            let path = file.path().to_str().unwrap();
            let one = check(&sandbox, project, &[path]);
            let one = found(&one);
            let all = found(&all);
            assert!(one.iter().all(|it| all.contains(it)), "{one:?}");
            // No rule needs two files of these.
            let is_separable = ["CustomLabels", "Workflow"].contains(&of_type);
            if !is_separable && !project.starts_with("decomposePermissionSet") {
                assert_eq!(one, all);
            }
            assert!(is_separable || !one.is_empty(), "{path:?}");
        }
    }
}

#[test]
fn only_the_named_piece_is_fixed() {
    let sandbox = projects();
    let project = "decomposePermissionSetBeta2";
    let report = check(&sandbox, project, &["--fix=all", USER_PERMISSIONS]);
    assert_eq!(report["summary"]["fixed"], 1);
    let text =
        fs::read_to_string(sandbox.path(&format!("decomposed/{project}/{USER_PERMISSIONS}")));
    assert!(
        text.unwrap()
            .contains("<enabled>false</enabled>\n        <name>ApiEnabled</name>")
    );
    assert!(found(&report).contains(&"class-access PO_Manager.classAccess-meta.xml:9".to_owned()));
}

#[test]
fn missing_element_belongs_into_the_piece_that_has_its_siblings() {
    let sandbox = projects();
    let project = "decomposePermissionSetBeta2";
    sandbox.write(
        format!("decomposed/{project}/forcelint.toml"),
        "rule-paths = [\"own.toml\"]\n",
    );
    sandbox.write(
        format!("decomposed/{project}/own.toml"),
        r#"
id = "own"
title = "An element is missing"
severity = "low"
tags = ["own"]
url = "https://acme.example/own"
help = "Add it."

[[check]]
metadata = "PermissionSet"
when = { component = '^PO_' }
require = { field = "pageAccesses/apexPage", is = "Home" }
message = "`{component}` has no access to `Home`"
fix = { set = "pageAccesses/apexPage", to = "Home" }

[[check]]
metadata = "PermissionSet"
when = { component = '^PO_' }
require = { field = "description", exists = true }
message = "`{component}` has no description"
fix = { set = "description", to = "Orders" }
"#,
    );
    let select = "--select=own";
    let page = format!("{PIECES}/PO_Manager.pageAccess-meta.xml");
    sandbox.write(
        format!("decomposed/{project}/{page}"),
        "<PermissionSet>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>Z</name>\n    </userPermissions>\n</PermissionSet>\n",
    );
    let report = check(&sandbox, project, &[select]);
    let expected = [
        "own PO_Manager.pageAccess-meta.xml:1",
        "own PO_Manager.permissionset-meta.xml:2",
    ];
    assert_eq!(found(&report), expected);
    let report = check(&sandbox, project, &[select, "--fix"]);
    assert_eq!(found(&report), [""; 0]);
    let text = |path: &str| {
        let path = format!("decomposed/{project}/{path}");
        fs::read_to_string(sandbox.path(&path)).unwrap()
    };
    let added = "<PermissionSet>\n    <pageAccesses>\n        <apexPage>Home</apexPage>\n    </pageAccesses>\n    <userPermissions>\n";
    assert!(text(&page).starts_with(added), "{}", text(&page));
    let main = text(&format!("{PIECES}/PO_Manager.permissionset-meta.xml"));
    assert!(
        main.contains("\">\n    <description>Orders</description>\n    <label>"),
        "{main}"
    );
}

#[test]
fn malformed_piece() {
    let sandbox = projects();
    let project = "decomposePermissionSetBeta2";
    let before = found(&check(&sandbox, project, &[PIECES]));
    sandbox.write(
        format!("decomposed/{project}/{ACCOUNT}"),
        "<PermissionSet>\n<a>",
    );
    let report = check(&sandbox, project, &[PIECES]);
    let mut expected = before;
    expected.retain(|it| !it.contains("Account.") && !it.starts_with("activation-required"));
    // Without the field permission, the condition of this rule is not true.
    expected.retain(|it| !it.starts_with("class-access"));
    let mut found = found(&report);
    let malformed = "malformed-metadata Account.objectSettings-meta.xml:2";
    assert!(found.contains(&malformed.to_owned()), "{found:?}");
    found.retain(|it| it != malformed);
    assert_eq!(found, expected);
    let unchecked = not_checked(&report);
    let reason = format!("\"{ACCOUNT}, a part of the component, cannot be read\"");
    for rule in [
        "class-access",
        "activation-required",
        "guest-object-permissions",
        "author-apex",
    ] {
        assert!(
            unchecked.contains(&format!("\"{rule}\" {reason}"))
                || found.iter().any(|it| it.starts_with(rule)),
            "{rule}: {unchecked:?}"
        );
    }
    // A rule with a finding is checked, also if its finding is not shown.
    let arguments = [PIECES, "--fail-on=critical"];
    let critical = check_from("critical", &sandbox, project, &arguments);
    assert_eq!(not_checked(&critical), unchecked);
}

#[test]
fn malformed_main_file_with_clean_pieces() {
    let sandbox = projects();
    let rule = r#"
id = "unused-object"
title = "Object is in no permission set"
severity = "low"
url = "https://acme.example/rules/unused-object"
help = "Add a permission set."

[[check]]
metadata = "CustomObject"
each = "fields"
require = { field = "externalId", is = false, absent = "complies" }
message = "`{fullName}` is an external ID"

[[check]]
metadata = "CustomObject"
require = { none = { metadata = "PermissionSet" } }
message = "`{component}` has a permission set"
"#;
    let objects = "force-app/main/default/objects";
    let main = format!("{objects}/Order__c/Order__c.object-meta.xml");
    fs::remove_dir_all(sandbox.path(&format!("decomposed/objects/{objects}"))).unwrap();
    sandbox.write("decomposed/objects/rules/unused-object.toml", rule);
    sandbox.write(format!("decomposed/objects/{main}"), "<CustomObject>\n<a>");
    let field = "<CustomField><fullName>A__c</fullName></CustomField>";
    let path = format!("decomposed/objects/{objects}/Order__c/fields/A__c.field-meta.xml");
    sandbox.write(path, field);
    let report = check(&sandbox, "objects", &["--select=unused-object"]);
    let reason = format!("{main}, a part of the component, cannot be read");
    let expected = format!("\"unused-object\" \"{reason}\"");
    assert_eq!(not_checked(&report), [expected], "{report}");
}

#[test]
fn unreadable_text_piece_is_malformed() {
    let sandbox = projects();
    let project = "decomposeExternalServiceRegistrationBeta";
    let yaml = "force-app/main/default/externalServiceRegistrations/Erp.yaml";
    sandbox.write(format!("decomposed/{project}/{yaml}"), b"a: \xFF\n");
    let report = check(&sandbox, project, &[]);
    let expected = [
        "service-status Erp.externalServiceRegistration-meta.xml:9",
        "malformed-metadata Erp.yaml:1",
    ];
    assert_eq!(found(&report), expected);
    assert_eq!(not_checked(&report).len(), 1, "{report}");
}

#[test]
fn pieces_without_a_main_file_are_a_component() {
    let sandbox = projects();
    for (project, main) in [
        (
            "decomposeSharingRulesBeta",
            "sharingRules/Account/Account.sharingRules-meta.xml",
        ),
        (
            "decomposeWorkflowBeta",
            "workflows/Account/Account.workflow-meta.xml",
        ),
        (
            "decomposePermissionSetBeta",
            "permissionsets/Support/Support.permissionset-meta.xml",
        ),
        ("objects", "objects/Order__c/Order__c.object-meta.xml"),
    ] {
        let main_name = main.rsplit('/').next().unwrap();
        let mut expected = found(&check(&sandbox, project, &[]));
        // The condition of the second rule reads the main file.
        expected.retain(|it| !it.contains(main_name) && !it.starts_with("open-formula"));
        let main = format!("decomposed/{project}/force-app/main/default/{main}");
        fs::remove_file(sandbox.path(&main)).unwrap();
        let report = check(&sandbox, project, &[]);
        let mut found = found(&report);
        found.retain(|it| !it.contains(main_name));
        // The field was in the main file. The finding is at the first piece.
        found.retain(|it| it != "activation-required ActivateContract.userPermission-meta.xml:2");
        assert_eq!(found, expected, "{project}");
    }
    // What the object itself lacks is unknown.
    let report = check(&sandbox, "objects", &[]);
    let expected = "\"service-status\" \"the project has no main file of the component\"";
    assert_eq!(not_checked(&report), [expected]);
}

#[test]
fn preset_need_not_be_enabled() {
    let sandbox = projects();
    for (project, of_type) in PROJECTS {
        let before = described(&sandbox, project, &check(&sandbox, project, &[]), of_type);
        sandbox.write(
            format!("decomposed/{project}/sfdx-project.json"),
            r#"{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "63.0" }"#,
        );
        let after = described(&sandbox, project, &check(&sandbox, project, &[]), of_type);
        assert_eq!(after, before, "{project}");
    }
}

#[test]
fn inline_comment_covers_its_piece() {
    let sandbox = projects();
    let project = "decomposePermissionSetBeta2";
    let path = format!("decomposed/{project}/{USER_PERMISSIONS}");
    let text = fs::read_to_string(sandbox.path(&path)).unwrap();
    let comment = "<!-- forcelint-ignore modify-all-data, guest-api-access: for a test -->";
    let text = text.replacen("<PermissionSet", &format!("{comment}\n<PermissionSet"), 1);
    let text = text.replacen(
        "<userPermissions>",
        "<!-- forcelint-ignore nonsense: x --><userPermissions>",
        1,
    );
    sandbox.write(path, text);
    let report = check(&sandbox, project, &["--show-suppressed", PIECES]);
    let findings = report["findings"].as_array().unwrap().iter();
    let suppressed = findings.filter(|it| !it["suppressed"].is_null());
    let rules: Vec<&str> = suppressed.map(|it| it["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["guest-api-access", "modify-all-data"]);
    let notes = report["summary"]["notes"].to_string();
    let note = format!("{USER_PERMISSIONS}:4:5: this forcelint-ignore comment has no effect");
    assert!(notes.contains(&note), "{notes}");
}

/// A repository with a decomposed permission set.
fn repository() -> Repository {
    let repository = Repository::empty();
    for (name, text) in [
        (
            "PO.permissionset-meta.xml",
            "<PermissionSet><label>PO</label></PermissionSet>",
        ),
        (
            "userPermissions/A.userPermission-meta.xml",
            "<UserPermission><enabled>true</enabled><name>AuthorApex</name></UserPermission>",
        ),
        (
            "userPermissions/B.userPermission-meta.xml",
            "<UserPermission><enabled>true</enabled><name>ViewAllData</name></UserPermission>",
        ),
    ] {
        repository.write(format!("force-app/permissionsets/PO/{name}"), text);
    }
    repository.commit();
    repository
}

fn found_in(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let fixed = ["check", "--format=json"];
    let all = fixed.iter().chain(arguments);
    let outcome = repository.sandbox.with_every_rule(all).run();
    assert!(outcome.code.is_some_and(|code| code < 2), "{outcome:?}");
    found(&outcome.json())
}

#[test]
fn changed_pieces() {
    let repository = repository();
    let piece = |name: &str| {
        format!("force-app/permissionsets/PO/userPermissions/{name}.userPermission-meta.xml")
    };
    let since =
        |arguments: &[&str]| found_in(&repository, &[&["--since=main"], arguments].concat());
    let none: [&str; 0] = [];
    assert_eq!(since(&[]), none);
    repository.git(["switch", "--quiet", "--create=work"]);
    // The label is in another file: what was there before is not new.
    repository.write(
        "force-app/permissionsets/PO/PO.permissionset-meta.xml",
        "<PermissionSet><label>Orders</label></PermissionSet>",
    );
    assert_eq!(since(&[]), none);
    // A license in the main file makes a permission in another piece a finding.
    repository.write(
        "force-app/permissionsets/PO/PO.permissionset-meta.xml",
        "<PermissionSet><label>PO</label><license>Guest User License</license></PermissionSet>",
    );
    repository.write(
        piece("C"),
        "<UserPermission><enabled>true</enabled><name>ApiEnabled</name></UserPermission>",
    );
    repository.commit();
    assert_eq!(since(&[]), ["guest-api-access C.userPermission-meta.xml:1"]);
    repository.git(["switch", "--quiet", "main"]);
    repository.git(["merge", "--quiet", "work"]);
    repository.git(["switch", "--quiet", "--create=more"]);
    // The rule for View All Data skips a component with Modify All Data.
    repository.write(
        piece("D"),
        "<UserPermission><enabled>true</enabled><name>ModifyAllData</name></UserPermission>",
    );
    repository.commit();
    assert_eq!(since(&[]), ["modify-all-data D.userPermission-meta.xml:1"]);
    repository.git(["switch", "--quiet", "main"]);
    repository.git(["merge", "--quiet", "more"]);
    repository.git(["switch", "--quiet", "--create=less"]);
    // Without it, the permission in an unchanged piece is a finding.
    let expected = ["view-all-data B.userPermission-meta.xml:1"];
    repository.write(".forceignore", "**/D.userPermission-meta.xml\n");
    assert_eq!(since(&[]), expected);
    fs::remove_file(repository.path(".forceignore")).unwrap();
    assert_eq!(since(&[]), none);
    fs::remove_file(repository.path(piece("D"))).unwrap();
    assert_eq!(since(&[]), expected);
    let staged = |arguments: &[&str]| found_in(&repository, &[&["--staged"], arguments].concat());
    assert_eq!(staged(&[]), none);
    repository.git(["add", "--all"]);
    assert_eq!(staged(&[]), expected);
    // The other pieces are read from the index, too.
    repository.write(piece("B"), "<UserPermission/>");
    assert_eq!(staged(&[]), expected);
    assert_eq!(staged(&["more"]), none);
}

#[test]
fn new_findings_beyond_the_limit_are_counted() {
    let repository = repository();
    let permission =
        "<userPermissions><enabled>TRUE</enabled><name>RunFlow</name></userPermissions>";
    let piece = "force-app/permissionsets/PO/PO.userPermission-meta.xml";
    let many = |count: usize| {
        format!(
            "<PermissionSet>{}</PermissionSet>",
            permission.repeat(count)
        )
    };
    repository.write(piece, many(1_010));
    let check = |arguments: &[&str]| {
        let fixed = ["check", "--format=json", "--select=invalid-value"];
        let all = fixed.iter().chain(arguments);
        let report = repository.sandbox.forcelint(all).run().json();
        let more = report["more"].as_array().unwrap().iter();
        let more = more.map(|it| it["count"].as_u64().unwrap());
        (
            report["findings"].as_array().unwrap().len(),
            more.collect::<Vec<_>>(),
        )
    };
    assert_eq!(check(&[]), (1_000, vec![10]));
    assert_eq!(check(&["--since=main"]), (1_000, vec![10]));
    repository.commit();
    // Findings in a piece that is not changed are known, also those beyond the limit.
    repository.write(
        "force-app/permissionsets/PO/PO.permissionset-meta.xml",
        "<PermissionSet><label>Orders</label></PermissionSet>",
    );
    assert_eq!(check(&["--since=HEAD"]), (0, vec![]));
    assert_eq!(check(&[]), (1_000, vec![10]));
}

/// Replaces texts of the pieces with class accesses by those of files.
fn replace_in_classes(sandbox: &Sandbox, replacements: &[(&str, &str)]) {
    let project = "decomposed/decomposePermissionSetBeta2/sfdx-project.json";
    let text = fs::read_to_string(sandbox.path(project)).unwrap();
    let mut settings: Value = serde_json::from_str(&text).unwrap();
    let entries = replacements.iter().map(|(old, new)| {
        let file = format!("{new}.txt");
        sandbox.write(
            format!("decomposed/decomposePermissionSetBeta2/{file}"),
            new,
        );
        let classes = format!("{PIECES}/PO_Manager.classAccess-meta.xml");
        json!({ "filename": classes, "stringToReplace": old, "replaceWithFile": file })
    });
    settings["replacements"] = entries.collect();
    sandbox.write(project, settings.to_string());
}

#[test]
fn replacements_are_applied_to_pieces() {
    let project = "decomposePermissionSetBeta2";
    let expected = projects();
    let longer = projects();
    // The text of a later piece begins elsewhere in what is deployed.
    replace_in_classes(&longer, &[("OrderService", "Service_with_a_longer_name")]);
    let parts = |sandbox: &Sandbox, arguments: &[&str]| {
        // This rule's messages contain the names of classes.
        let arguments = [&["--ignore=guest-code-access"], arguments].concat();
        let report = check(sandbox, project, &arguments);
        let summary = &report["summary"];
        [
            &report["findings"],
            &summary["not_checked"],
            &summary["fixed_files"],
        ]
        .map(Value::clone)
    };
    assert_eq!(parts(&longer, &[]), parts(&expected, &[]));
    assert_eq!(
        parts(&longer, &["--fix=all"]),
        parts(&expected, &["--fix=all"])
    );
    let text = |sandbox: &Sandbox, path: &str| {
        fs::read_to_string(sandbox.path(&format!("decomposed/{project}/{path}"))).unwrap()
    };
    for path in [
        USER_PERMISSIONS,
        ACCOUNT,
        &format!("{PIECES}/PO_Manager.classAccess-meta.xml"),
    ] {
        assert_eq!(text(&longer, path), text(&expected, path), "{path}");
    }
    // The deployed text decides, and is not printed.
    let other = projects();
    replace_in_classes(
        &other,
        &[
            ("TokenService", "Renamed"),
            ("OrderService", "TokenSecretService"),
        ],
    );
    let report = check(&other, project, &[]);
    let classes: Vec<String> = found(&report)
        .into_iter()
        .filter(|it| it.starts_with("class-access PO_Manager"))
        .collect();
    assert_eq!(classes, ["class-access PO_Manager.classAccess-meta.xml:5"]);
    assert!(
        !report.to_string().contains("TokenSecretService"),
        "{report}"
    );
}

#[test]
fn suffix_of_a_component_is_that_of_its_main_file() {
    let sandbox = Sandbox::new();
    let rule = r#"
id = "own"
title = "A field has a label"
severity = "low"
tags = ["own"]
url = "https://acme.example/own"
help = "None."

[[check]]
metadata = "CustomObject"
each = "fields"
when = { suffix = "^object$" }
require = { field = "label", exists = false }
message = "`{component}`"
"#;
    sandbox.write("own.toml", rule);
    sandbox.write("forcelint.toml", "rule-paths = [\"own.toml\"]\n");
    sandbox.write(
        "sfdx-project.json",
        r#"{"packageDirectories": [{"path": "app"}]}"#,
    );
    let folder = "app/main/default/objects/A__c";
    let (object, field) = ("A__c.object-meta.xml", "fields/B__c.field-meta.xml");
    sandbox.write(format!("{folder}/{object}"), "<CustomObject/>");
    let text = "<CustomField><fullName>B__c</fullName><label>B</label></CustomField>";
    sandbox.write(format!("{folder}/{field}"), text);
    let arguments = ["check", "--select=own", "--format=json"];
    let report = sandbox.with_every_rule(arguments).run().json();
    let found = &report["findings"][0];
    assert_eq!(found["path"], format!("{folder}/{field}"), "{report}");
}

const READING: &str = r#"
id = "reading"
title = "A permission set is read"
severity = "low"
tags = ["own"]
url = "https://acme.example/reading"
help = "None."

[[check]]
metadata = "ConnectedApp"
require = { component = '^$' }
message = "`{component}`"

[[check.risk]]
when = { project = { metadata = "PermissionSet", all = [
    { field = "userPermissions/name", is = "ViewAllData", label = "can view all data" },
    { field = "license", is = "Salesforce" },
] } }
severity = "critical"
because = "A permission set of the project can view all data"
"#;

#[test]
fn conditions_of_other_files_read_the_whole() {
    let repository = repository();
    let main = "force-app/permissionsets/PO/PO.permissionset-meta.xml";
    let licensed = "<PermissionSet><label>PO</label><license>Salesforce</license></PermissionSet>";
    repository.write(main, licensed);
    repository.app("App", "https://acme.example/");
    repository.write("own.toml", READING);
    repository.write("forcelint.toml", "rule-paths = [\"own.toml\"]\n");
    repository.commit();
    let report = |arguments: &[&str]| {
        let fixed = ["check", "--format=json", "--select=reading"];
        let all = fixed.iter().chain(arguments);
        repository.sandbox.with_every_rule(all).run().json()
    };
    let all = report(&["--min-severity=info"]);
    let finding = &all["findings"][0];
    assert_eq!(finding["severity"], "critical", "{all}");
    let related = finding["related"].as_array().unwrap();
    let piece = "force-app/permissionsets/PO/userPermissions/B.userPermission-meta.xml";
    let evidence = related.iter().find(|it| it["path"] == piece);
    assert_eq!(evidence.unwrap()["span"]["start"]["column"], 40);
    assert!(related.iter().any(|it| it["path"] == main), "{related:?}");
    // An unchanged app is reported if a piece changes.
    assert_eq!(found(&report(&["--since=main"])), [""; 0]);
    repository.git(["switch", "--quiet", "--create=work"]);
    repository.write(
        piece,
        "<UserPermission><enabled>true</enabled><name>ViewAllData</name> </UserPermission>",
    );
    assert_eq!(
        found(&report(&["--since=main"])),
        ["reading App.connectedApp:2"]
    );
    fs::remove_file(repository.path(piece)).unwrap();
    let after = report(&["--since=main", "--min-severity=info"]);
    assert_eq!(after["findings"][0]["severity"], "low", "{after}");
    // A malformed piece makes the condition unknown.
    repository.write(piece, "<UserPermission>");
    let broken = report(&["--min-severity=info"]);
    assert_eq!(found(&broken).len(), 1, "{broken}");
}

#[test]
fn change_of_a_piece_affects_related_components() {
    let repository = repository();
    let main = "force-app/permissionsets/PO/PO.permissionset-meta.xml";
    // The components are related by their labels, which the changed piece does not contain.
    repository.write(main, "<PermissionSet><label>App</label></PermissionSet>");
    repository.app("Orders", "https://acme.example/");
    let condition = READING.replace(
        "when = { project = {",
        "when = { related = { by = \"label\",",
    );
    let condition = condition.replace("    { field = \"license\", is = \"Salesforce\" },\n", "");
    repository.write("own.toml", condition);
    repository.write("forcelint.toml", "rule-paths = [\"own.toml\"]\n");
    repository.commit();
    repository.git(["switch", "--quiet", "--create=work"]);
    let since = || {
        let arguments = [
            "check",
            "--format=json",
            "--select=reading",
            "--min-severity=info",
        ];
        let all = arguments.iter().chain(&["--since=main"]);
        repository.sandbox.with_every_rule(all).run().json()
    };
    assert_eq!(found(&since()), [""; 0]);
    let piece = "force-app/permissionsets/PO/userPermissions/B.userPermission-meta.xml";
    fs::remove_file(repository.path(piece)).unwrap();
    let report = since();
    assert_eq!(found(&report), ["reading Orders.connectedApp:2"]);
    assert_eq!(report["findings"][0]["severity"], "low");
}
