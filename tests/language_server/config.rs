//! Configs in the editor have the same effect as on the command line, and errors in them have a
//! location.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, offset, uri};

fn rules(client: &mut Client, path: &Path) -> Vec<String> {
    let published = client.diagnostics(path).into_iter();
    let findings = published.filter(|it| !it["data"].is_null());
    let mut rules: Vec<String> = findings
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules
}

fn messages(published: &[Value]) -> String {
    let messages = published.iter().map(|it| it["message"].as_str().unwrap());
    messages.collect::<Vec<_>>().join("\n")
}

#[test]
fn unsaved_config_applies_and_an_invalid_one_does_not() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let config = project.path("forcelint.toml");
    client.open(&path);
    let all = rules(&mut client, &path);
    assert!(all.contains(&"pkce-required".to_owned()));
    // The config exists only in the editor.
    client.open_as(&config, "[rules]\npkce-required = \"off\"\n");
    let filtered = rules(&mut client, &path);
    assert!(filtered.len() < all.len() && !filtered.contains(&"pkce-required".to_owned()));
    assert!(client.last(&config).diagnostics.is_empty());
    // An invalid config is reported, and the last valid one still applies.
    let invalid = "\u{FEFF}# ü😀\r\n[rules]\r\npkce-required = \"of\"\r\n";
    client.write(&config, invalid);
    assert_eq!(rules(&mut client, &path), filtered);
    let errors = client.last(&config).diagnostics;
    assert_eq!(errors.len(), 1);
    assert!(
        messages(&errors).contains("did you mean `off`?"),
        "{errors:?}"
    );
    assert!(
        messages(&errors).contains("unknown value `of`"),
        "{errors:?}"
    );
    let at = |end: &str| offset(invalid, &errors[0]["range"][end], false);
    assert_eq!(&invalid[at("start")..at("end")], "\"of\"");
    let shown_messages = client
        .other_messages
        .iter()
        .filter(|it| it["method"] == "window/showMessage")
        .count();
    assert_eq!(shown_messages, 1);
    // A new server has no valid config, so it reports all findings.
    project.write("forcelint.toml", invalid);
    let mut new_client = Client::start(&project.root);
    new_client.open(&path);
    assert_eq!(rules(&mut new_client, &path), all);
    assert_eq!(new_client.last(&config).diagnostics.len(), 1);
    // The error disappears after the config is fixed, and after it is deleted.
    client.write(&config, "");
    assert_eq!(rules(&mut client, &path), all);
    assert!(client.last(&config).diagnostics.is_empty());
    client.close(&config);
    assert_eq!(client.diagnostics(&config).len(), 1);
    fs::remove_file(&config).unwrap();
    client.report_changed_files(&[(&config, 3)]);
    assert!(client.diagnostics(&config).is_empty());
}

#[test]
fn unsaved_custom_rules_apply() {
    let project = Project::sample();
    project.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let rule = "id = \"labeled\"\ntitle = \"App is not labeled\"\nseverity = \"low\"\nurl = \"https://example.org/\"\nhelp = \"Label it.\"\n\n[[check]]\nmetadata = \"ConnectedApp\"\nrequire = { field = \"label\", is = \"Portal\", absent = \"violates\" }\nmessage = \"`{component}` has no good label\"\n";
    project.write("lint-rules/labeled.toml", rule);
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let file = project.path("lint-rules/labeled.toml");
    client.open(&path);
    assert!(
        rules(&mut client, &path).contains(&"labeled".to_owned()),
        "{:?}",
        client.published
    );
    client.open_as(&file, &rule.replace("\"Portal\"", "\"Mobile Portal\""));
    assert!(!rules(&mut client, &path).contains(&"labeled".to_owned()));
    let invalid = rule
        .replace("\"label\"", "\"labell\"")
        .replace("severity", "severty");
    client.write(&file, &invalid);
    let errors = client.diagnostics(&file);
    assert_eq!(errors.len(), 2, "{errors:#?}");
    let at = |index: usize, end: &str| offset(&invalid, &errors[index]["range"][end], false);
    assert_eq!(&invalid[at(0, "start")..at(0, "end")], "severty");
    assert_eq!(&invalid[at(1, "start")..at(1, "end")], "labell");
}

/// Only fields that rules use are kept from a long file. If a rule changes, the file is read again.
#[test]
fn changed_rule_can_use_other_fields_of_a_long_file() {
    let project = Project::sample();
    let folder = "force-app/main/default/profiles";
    let tabs: String = (0..400)
        .map(|it| format!("<tabVisibilities><tab>T{it}</tab><visibility>Hidden</visibility></tabVisibilities>\n"))
        .collect();
    assert!(tabs.len() > 16 * 1024);
    project.write(
        &format!("{folder}/Sales.profile-meta.xml"),
        &format!("<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n<custom>true</custom>\n<description>Sells</description>\n{tabs}</Profile>\n"),
    );
    project.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let rule = "id = \"described\"\ntitle = \"A profile is described\"\nseverity = \"low\"\nurl = \"https://example.org/\"\nhelp = \"Do not.\"\n\n[[check]]\nmetadata = \"ConnectedApp\"\nrequire = { not = { project = { metadata = \"Profile\", field = \"fullName\", exists = true } } }\nmessage = \"A profile says too much\"\n";
    project.write("lint-rules/described.toml", rule);
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let found = |client: &mut Client| rules(client, &path).contains(&"described".to_owned());
    assert!(!found(&mut client));
    let file = project.path("lint-rules/described.toml");
    client.open_as(&file, &rule.replace("fullName", "description"));
    assert!(found(&mut client));
}

#[test]
fn errors_are_published_in_their_files() {
    let project = Project::sample();
    project.write("b.json", "{ \"version\": 1, \"findings\": [ }");
    project.write(
        "forcelint.toml",
        "baseline = \"b.json\"\n\n[[exception]]\nrule = \"pkce-required\"\npath = \"x\"\nreason = \"y\"\nexpires = 2020-01-01\n",
    );
    project.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [ { \"path\": \"/x\" } ] }",
    );
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
    let published = |name: &str| messages(&client.last(&project.path(name)).diagnostics);
    assert!(
        published("b.json").contains("invalid baseline"),
        "{}",
        published("b.json")
    );
    assert!(
        published("forcelint.toml").contains("expired"),
        "{}",
        published("forcelint.toml")
    );
    assert!(published("sfdx-project.json").contains("is an absolute path"));
    let range = &client.last(&project.path("forcelint.toml")).diagnostics[0]["range"];
    assert_eq!(range["start"]["line"], 2);
    // Another program fixes the files.
    project.write("b.json", "{ \"version\": 1, \"findings\": [] }");
    project.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [ { \"path\": \"force-app\" } ] }",
    );
    let [baseline, settings] = ["b.json", "sfdx-project.json"].map(|it| project.path(it));
    client.report_changed_files(&[(&baseline, 2), (&settings, 2)]);
    assert!(client.diagnostics(&baseline).is_empty());
    assert!(client.last(&settings).diagnostics.is_empty());
}

#[test]
fn editor_settings_apply() {
    let project = Project::sample();
    project.write("other.toml", "[rules]\npkce-required = \"off\"\n");
    let path = project.app("Mobile_Portal");
    let mut client = Client::with(
        &project.root,
        capabilities(),
        json!({ "minSeverity": "critical" }),
    );
    client.open(&path);
    let critical = rules(&mut client, &path);
    let published = client.last(&path).diagnostics;
    assert!(
        !critical.is_empty()
            && published
                .iter()
                .all(|it| it["data"]["severity"] == "critical")
    );
    let change = |client: &mut Client, settings: Value| {
        client.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": settings }),
        );
    };
    change(
        &mut client,
        json!({ "forcelint": { "minSeverity": "info" } }),
    );
    let all = rules(&mut client, &path);
    assert!(all.len() > critical.len());
    change(
        &mut client,
        json!({ "forcelint": { "configPath": "other.toml" } }),
    );
    assert!(!rules(&mut client, &path).contains(&"pkce-required".to_owned()));
    change(
        &mut client,
        json!({ "forcelint": { "minSeverity": "worst" } }),
    );
    client.sync();
    let is_shown = |it: &Value| {
        it["method"] == "window/showMessage"
            && it["params"]["message"].as_str().unwrap().contains("worst")
    };
    assert!(client.other_messages.iter().any(is_shown));
    // A client that supports `workspace/configuration` is asked for its settings.
    let mut client_capabilities = capabilities();
    client_capabilities["workspace"]["configuration"] = json!(true);
    let mut client = Client::with(&project.root, client_capabilities, json!({}));
    client.open(&path);
    client.wait_for("the question", |client| {
        client
            .other_messages
            .iter()
            .any(|it| it["method"] == "workspace/configuration")
    });
    let request = client
        .other_messages
        .iter()
        .find(|it| it["method"] == "workspace/configuration");
    let id = request.unwrap()["id"].clone();
    client.send(&json!({ "jsonrpc": "2.0", "id": id, "result": [{ "minSeverity": "critical" }] }));
    assert_eq!(rules(&mut client, &path), critical);
}

#[test]
fn comments_without_effect_and_unchecked_components_are_reported() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let comment = "<!-- forcelint-ignore pkce-requird: x -->\n    <label>";
    client.open_as(&path, &text.replace("<label>", comment));
    let published = client.diagnostics(&path);
    let note = published
        .iter()
        .find(|it| messages(&[(*it).clone()]).contains("did you mean"));
    assert_eq!(note.unwrap()["range"]["start"]["line"], 4, "{published:#?}");
    let app = project.path("force-app/main/default/externalClientApps/Event_Check_In.eca-meta.xml");
    client.open(&app);
    let published = client.diagnostics(&app);
    assert!(
        messages(&published).contains("was not checked"),
        "{published:#?}"
    );
    // A finding has a link, and its evidence has locations.
    let published = client.last(&path).diagnostics;
    let pkce = published
        .iter()
        .find(|it| it["code"] == "pkce-required")
        .unwrap();
    assert!(
        pkce["codeDescription"]["href"]
            .as_str()
            .unwrap()
            .starts_with("https://")
    );
    let related = pkce["relatedInformation"].as_array().unwrap();
    assert!(related.iter().all(|it| it["location"]["uri"] == uri(&path)));
    assert!(related.len() >= 3, "{related:#?}");
}
