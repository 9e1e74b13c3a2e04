//! Rules about the project: a component that is missing.

use serde_json::Value;

use crate::repository::Repository;
use crate::support::{Outcome, Sandbox, findings};
use crate::zip_writer::zip_of;

const SETTINGS: &str = "whole-project/org/main/default/settings/Security.settings-meta.xml";
const SECURITY: &str = "<SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
const PROJECT_FILE: &str = "whole-project/sfdx-project.json";
const RULES: [&str; 2] = ["settings-in-source", "trusted-site-for-network"];
const NONE: [&str; 0] = [];

fn project() -> Sandbox {
    Sandbox::with(&["whole-project"])
}

/// Uses the rules in another folder, too.
fn use_rules(sandbox: &Sandbox, folder: &str) {
    for rule in RULES {
        let text = std::fs::read(sandbox.path(&format!("whole-project/rules/{rule}.toml")));
        sandbox.write(format!("{folder}/rules/{rule}.toml"), text.unwrap());
    }
    let config = format!("{folder}/forcelint.toml");
    sandbox.write(config, "rule-paths = [\"rules\"]\n");
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let fixed = ["check", "--select=ours", "--format=json"];
    let check = sandbox.forcelint(fixed.iter().chain(arguments));
    check.in_folder("whole-project").run()
}

/// The rules with a finding.
fn rules(outcome: &Outcome) -> Vec<String> {
    let report = outcome.json();
    let found = report["findings"].as_array().unwrap().iter();
    let found = found.filter(|it| it["suppressed"].is_null());
    found
        .map(|it| it["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// The reasons for not being checked.
fn reasons(outcome: &Outcome) -> Vec<String> {
    let report = outcome.json();
    let list = report["summary"]["not_checked"].as_array().unwrap().iter();
    list.map(|it| it["reason"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_missing_component_is_reported_at_the_package_directories() {
    let sandbox = project();
    let terminal = ["check", "--select=ours", "--format=pretty"];
    let outcome = sandbox.forcelint(terminal).in_folder("whole-project").run();
    insta::assert_snapshot!(outcome.expect(1).whole());
    let outcome = check(&sandbox, &[]).expect(1);
    let report = outcome.json();
    assert_eq!(rules(&outcome), RULES);
    let finding = &report["findings"][0];
    assert_eq!(finding["component"]["type"], "Project");
    assert_eq!(finding["component"]["name"], "acme-site");
    assert_eq!(finding["path"], "sfdx-project.json");
    let text = std::fs::read_to_string(sandbox.path(PROJECT_FILE)).unwrap();
    let offset = |end: &str| finding["span"][end]["offset"].as_u64().unwrap() as usize;
    assert_eq!(&text[offset("start")..offset("end")], "packageDirectories");
    assert_eq!(report["summary"]["components"]["Project"], 1);
    for jobs in ["1", "2", "4"] {
        assert_eq!(check(&sandbox, &["--jobs", jobs]).stdout, outcome.stdout);
    }
}

#[test]
fn a_component_in_any_package_directory_counts() {
    let sandbox = project();
    sandbox.write(SETTINGS, SECURITY);
    assert_eq!(rules(&check(&sandbox, &[])), RULES[1..]);
    let site = |active: &str| {
        let path = "whole-project/org/main/default/cspTrustedSites/Maps.cspTrustedSite-meta.xml";
        let text = format!(
            "<CspTrustedSite xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
             <isActive>{active}</isActive></CspTrustedSite>"
        );
        sandbox.write(path, text);
    };
    site("false");
    assert_eq!(rules(&check(&sandbox, &[])), RULES[1..]);
    site("true");
    assert_eq!(rules(&check(&sandbox, &[]).expect(0)), NONE);
    // What an ignore file or the config excludes is not in source.
    sandbox.write("whole-project/.forceignore", "Security.settings-meta.xml\n");
    assert_eq!(rules(&check(&sandbox, &[])), RULES[..1]);
}

#[test]
fn only_a_whole_project_is_checked() {
    let sandbox = project();
    assert_eq!(rules(&check(&sandbox, &["force-app", "org"])), RULES);
    assert_eq!(rules(&check(&sandbox, &["."])), RULES);
    let file = "force-app/main/default/networks/Help.network-meta.xml";
    for part in [&["force-app"][..], &[file], &["--force-exclude", file]] {
        let outcome = check(&sandbox, part).expect(0);
        assert_eq!(rules(&outcome), NONE);
        assert_eq!(reasons(&outcome), NONE);
    }
    let piped = [
        "check",
        "--select=ours",
        "--format=json",
        "-",
        "--stdin-filename",
        file,
    ];
    let piped = sandbox.forcelint(piped).in_folder("whole-project");
    let network = "<Network xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
    assert_eq!(rules(&piped.stdin(network).run().expect(0)), NONE);
}

#[test]
fn each_of_several_projects_is_checked() {
    let sandbox = project();
    use_rules(&sandbox, "whole-project/apps");
    for (name, text) in [("a", SECURITY), ("b", ""), ("c", "")] {
        let folder = format!("whole-project/apps/{name}");
        let json = "{\"packageDirectories\": [{\"path\": \"src\"}]}";
        sandbox.write(format!("{folder}/sfdx-project.json"), json);
        let file = format!("{folder}/src/settings/Security.settings-meta.xml");
        if !text.is_empty() {
            sandbox.write(file, text);
        }
        let other = format!("{folder}/src/settings/MyDomain.settings-meta.xml");
        let domain = "<MyDomainSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
        sandbox.write(other, domain);
    }
    let arguments = ["check", "--select=settings-in-source", "--format=json", "."];
    let outcome = sandbox.forcelint(arguments).in_folder("whole-project/apps");
    let report = outcome.run().expect(1).json();
    let found = report["findings"].as_array().unwrap().iter();
    let paths: Vec<&str> = found.map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths[0].ends_with("b/sfdx-project.json"), "{paths:?}");
    assert!(paths[1].ends_with("c/sfdx-project.json"), "{paths:?}");
}

#[test]
fn what_is_unknown_is_not_checked() {
    let sandbox = project();
    sandbox.write(SETTINGS, "<SecuritySettings");
    let outcome = check(&sandbox, &[]);
    assert_eq!(rules(&outcome), RULES[1..]);
    let unreadable = "a file of the type SecuritySettings cannot be read";
    assert_eq!(reasons(&outcome), [unreadable]);
    // A package with a namespace is installed in orgs with other components.
    sandbox.write(SETTINGS, SECURITY);
    let json = "{\"namespace\": \"acme\", \"packageDirectories\": [{\"path\": \"force-app\"}]}";
    sandbox.write(PROJECT_FILE, json);
    let outcome = check(&sandbox, &[]).expect(0);
    let package =
        "the package can be installed in other orgs, whose settings are not in this project";
    assert_eq!(reasons(&outcome), [package; 2]);
    sandbox.write(PROJECT_FILE, "{\"packageDirectories\": ");
    let outcome = check(&sandbox, &[]).expect(2);
    assert_eq!(reasons(&outcome), ["sfdx-project.json cannot be read"; 2]);
}

#[test]
fn findings_on_the_project_can_be_suppressed() {
    let sandbox = project();
    let config = |text: &str| {
        let text = format!("rule-paths = [\"rules\"]\n{text}");
        sandbox.write("whole-project/forcelint.toml", text);
    };
    config(
        "[[exception]]\nrule = \"settings-in-source\"\ncomponent = \"Project:acme-site\"\n\
         reason = \"The settings are managed in another repository\"\n",
    );
    let outcome = check(&sandbox, &[]);
    assert_eq!(rules(&outcome), RULES[1..]);
    assert_eq!(outcome.json()["summary"]["suppressed"]["exception"], 1);
    config("[rules]\nsettings-in-source = \"off\"\ntrusted-site-for-network = \"info\"\n");
    let outcome = check(&sandbox, &["--min-severity=info"]);
    assert_eq!(outcome.json()["findings"][0]["severity"], "info");
    assert_eq!(rules(&outcome), RULES[1..]);
    config("baseline = \"forcelint-baseline.json\"\n");
    let baseline = sandbox.forcelint(["baseline"]).in_folder("whole-project");
    baseline.run().expect(0);
    let outcome = check(&sandbox, &[]).expect(0);
    assert_eq!(outcome.json()["summary"]["suppressed"]["baseline"], 2);
    // An audit does not trust them.
    let audit = ["check", "--select=ours", "--format=json", "--audit", "."];
    let config = sandbox.path("trusted.toml");
    sandbox.write("trusted.toml", "rule-paths = [\"whole-project/rules\"]\n");
    let audit = sandbox.forcelint(
        audit
            .iter()
            .copied()
            .chain(["--config", config.to_str().unwrap()]),
    );
    assert_eq!(rules(&audit.in_folder("whole-project").run()), RULES);
}

#[test]
fn every_format_shows_the_project() {
    let sandbox = project();
    for format in [
        "pretty", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown",
        "html",
    ] {
        let arguments = ["check", "--select=ours", "--format", format];
        let outcome = sandbox
            .forcelint(arguments)
            .in_folder("whole-project")
            .run();
        let text = outcome.expect(1).stdout;
        assert!(text.contains("sfdx-project.json"), "{format}");
        assert!(text.contains("settings-in-source"), "{format}");
    }
}

#[test]
fn only_new_findings_since_a_revision() {
    let repository = Repository::empty();
    let sandbox = project();
    let mut files = vec![
        "sfdx-project.json",
        "forcelint.toml",
        "force-app/main/default/networks/Help.network-meta.xml",
        "org/main/default/settings/MyDomain.settings-meta.xml",
        "rules/settings-in-source.toml",
        "rules/trusted-site-for-network.toml",
    ];
    for file in files.drain(..) {
        let text = std::fs::read(sandbox.path("whole-project").join(file)).unwrap();
        repository.write(file, text);
    }
    let settings = "org/main/default/settings/Security.settings-meta.xml";
    repository.write(settings, SECURITY);
    repository.commit();
    let check = |arguments: &[&str]| {
        let arguments = [&["--select=ours"], arguments].concat();
        rules(&repository.check(&arguments).run())
    };
    // The finding about the site was there before.
    repository.write(
        "org/main/default/settings/MyDomain.settings-meta.xml",
        "<MyDomainSettings/>",
    );
    assert_eq!(check(&["--since=HEAD"]), NONE);
    // A change of the components that the rule reads makes it the subject of the change.
    repository.git(["rm", "--quiet", settings]);
    assert_eq!(check(&["--since=HEAD"]), RULES[..1]);
    assert_eq!(check(&["--staged"]), NONE);
    repository.git(["commit", "--quiet", "--all", "--message=remove"]);
    assert_eq!(check(&["--since=HEAD"]), NONE);
    assert_eq!(check(&["--since=HEAD~1"]), RULES[..1]);
    // What a changed project brings into scope is new.
    let json = "{\"packageDirectories\": [{\"path\": \"force-app\"}]}";
    repository.write("sfdx-project.json", json);
    assert_eq!(check(&["--since=HEAD"]), RULES);
}

#[test]
fn a_package_in_metadata_format_is_a_project() {
    let sandbox = Sandbox::with(&["metadata-format", "whole-project"]);
    use_rules(&sandbox, "metadata-format");
    let settings = sandbox.path("metadata-format/src/settings/Security.settings");
    std::fs::remove_file(&settings).unwrap();
    let check = |path: &str| {
        let arguments = [
            "check",
            "--select=settings-in-source",
            "--format=json",
            "--config=forcelint.toml",
            path,
        ];
        sandbox
            .forcelint(arguments)
            .in_folder("metadata-format")
            .run()
    };
    for folder in ["src", "."] {
        let report = check(folder).expect(1).json();
        let finding = &report["findings"][0];
        // Without a repository, paths are relative to the named folder.
        let path = if folder == "." {
            "src/package.xml"
        } else {
            "package.xml"
        };
        assert_eq!(finding["path"], path);
        assert_eq!(finding["span"]["start"]["line"], 2);
    }
    let folder = sandbox.path("metadata-format");
    sandbox.write("metadata-format/org.zip", zip_of(&folder, &folder));
    let report = check("org.zip").expect(1).json();
    assert_eq!(report["findings"][0]["path"], "org.zip/src/package.xml");
    sandbox.write(&settings, SECURITY);
    assert_eq!(rules(&check("src").expect(0)), NONE);
    // A part of the package.
    let part = check("src/connectedApps").json();
    assert_eq!(part["findings"], Value::Array(Vec::new()));
}

#[test]
fn a_folder_without_project_has_no_finding() {
    let sandbox = Sandbox::with(&["no-project", "whole-project"]);
    use_rules(&sandbox, "no-project");
    let arguments = ["check", "--select=ours", "--format=json", "."];
    let check = sandbox.forcelint(arguments).in_folder("no-project");
    let report = check.run().expect(0);
    assert_eq!(findings(&report.json()), NONE);
    assert_eq!(reasons(&report), NONE);
}

#[test]
fn wrong_uses_are_errors() {
    let sandbox = project();
    let rule = r#"
id = "wrong"
title = "Wrong"
severity = "low"
tags = ["ours"]
help = "Fix it."

[[check]]
metadata = "Project"
each = "packageDirectories"
require = { project = { metadata = "Network" } }
message = "`{label}` is wrong"
fix = { set = "name", to = "x" }

[[check]]
metadata = ["Project", "ConnectedApp"]
when = { component = "^acme" }
require = { none = { metadata = "ConnectedApp", to = "label" } }
message = "Wrong"

[[check]]
metadata = "ConnectedApp"
require = { project = { metadata = "Project" } }
message = "Wrong"

[[check]]
metadata = "Project"
require = { project = { metadata = "Network" } }
message = "Wrong"

[[check.risk]]
when = { schema = "fields" }
because = "It matters"
"#;
    sandbox.write("whole-project/rules/wrong.toml", rule);
    let outcome = check(&sandbox, &[]).expect(2);
    insta::assert_snapshot!(outcome.stderr);
    std::fs::remove_file(sandbox.path("whole-project/rules/wrong.toml")).unwrap();
    let tests = "[[test]]\nname = \"a\"\nmetadata = \"Project\"\nxml = \"<a/>\"\n\n\
                 [[test]]\nname = \"b\"\nmetadata = \"Network\"\n";
    sandbox.write("whole-project/rules/settings-in-source.test.toml", tests);
    let test = ["rules", "test", "rules/settings-in-source.toml"];
    let outcome = sandbox.forcelint(test).in_folder("whole-project").run();
    insta::assert_snapshot!(outcome.expect(1).whole());
}
