//! Bundles: components that are a folder of files, one of which has the metadata.

use crate::support::Sandbox;
use crate::zip_writer::{Entry, zip};

const MANIFEST: &str =
    "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>66.0</version></Package>";

const ACTION: &str = "<invocationTarget>register</invocationTarget>\
    <invocationTargetType>flow</invocationTargetType>\
    <isConfirmationRequired>false</isConfirmationRequired>";

/// Bundles with one finding each, and content that is not metadata. The suffix of files in source format
/// that have no content is `meta`.
fn files(meta: &str) -> Vec<(String, String)> {
    let xml = |path: &str, root: &str, content: &str| {
        let namespace = "http://soap.sforce.com/2006/04/metadata";
        let text = format!("<{root} xmlns=\"{namespace}\">{content}</{root}>\n");
        (path.to_owned(), text)
    };
    let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    vec![
        xml(
            "aura/Panel/Panel.cmp-meta.xml",
            "AuraDefinitionBundle",
            "<apiVersion>36.0</apiVersion>",
        ),
        text(
            "aura/Panel/Panel.cmp",
            "<aura:component><br></aura:component>",
        ),
        text("aura/Panel/PanelController.js", "({})"),
        xml(
            "aura/Shop/Shop.app-meta.xml",
            "AuraDefinitionBundle",
            "<apiVersion>36.0</apiVersion>",
        ),
        text("aura/Shop/Shop.app", "<aura:application>"),
        xml(
            "aura/Saved/Saved.evt-meta.xml",
            "AuraDefinitionBundle",
            "<apiVersion>36.0</apiVersion>",
        ),
        xml(
            "genAiFunctions/Register/Register.genAiFunction-meta.xml",
            "GenAiFunction",
            ACTION,
        ),
        text("genAiFunctions/Register/input/schema.json", "{}"),
        xml(
            "genAiPlannerBundles/Helper/Helper.genAiPlannerBundle",
            "GenAiPlannerBundle",
            &format!("<localTopics><localActions>{ACTION}</localActions></localTopics>"),
        ),
        xml(
            &format!("emailservices/Inbox.xml{meta}"),
            "EmailServicesFunction",
            "<apexClass>Inbox</apexClass><isAuthenticationRequired>false</isAuthenticationRequired>",
        ),
        xml(
            &format!("flows/Register.flow{meta}"),
            "Flow",
            "<runInMode>SystemModeWithoutSharing</runInMode><status>Active</status>",
        ),
    ]
}

const EXPECTED: [&str; 6] = [
    "agent-action-without-sharing GenAiFunction:Register",
    "agent-action-without-sharing GenAiPlannerBundle:Helper",
    "aura-locker-disabled AuraDefinitionBundle:Panel",
    "aura-locker-disabled AuraDefinitionBundle:Shop",
    "email-service-open EmailServicesFunction:Inbox",
    "flow-without-sharing Flow:Register",
];

/// The rules and components of the findings in `path`, sorted.
#[track_caller]
fn findings_in(sandbox: &Sandbox, path: &str) -> Vec<String> {
    let arguments = ["check", path, "--format=json", "--min-severity=info"];
    let report = sandbox.with_every_rule(arguments).run().json();
    assert_eq!(report["summary"]["not_checked"], serde_json::json!([]));
    let findings = report["findings"].as_array().unwrap().iter();
    let mut found: Vec<String> = findings
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let component = &finding["component"];
            let (of, name) = (text(&component["type"]), text(&component["name"]));
            format!("{} {of}:{name}", text(&finding["rule"]))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn bundles_in_source_format() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{"packageDirectories":[{"path":"force-app"}]}"#,
    );
    for (path, text) in files("-meta.xml") {
        sandbox.write(format!("force-app/main/default/{path}"), text);
    }
    assert_eq!(findings_in(&sandbox, "."), EXPECTED);
}

#[test]
fn bundles_in_metadata_format() {
    let sandbox = Sandbox::new();
    sandbox.write("src/package.xml", MANIFEST);
    let mut entries = vec![Entry::new("unpackaged/package.xml", MANIFEST)];
    for (path, text) in files("") {
        sandbox.write(format!("src/{path}"), text.as_str());
        entries.push(Entry::new(&format!("unpackaged/{path}"), text));
    }
    sandbox.write("org.zip", zip(&entries));
    assert_eq!(findings_in(&sandbox, "src"), EXPECTED);
    assert_eq!(findings_in(&sandbox, "org.zip"), EXPECTED);
}
