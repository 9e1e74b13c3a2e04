//! Files that are not open, and changes by other programs.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, Project, Published, capabilities, uri};

/// The rules and fingerprints of the published findings by URI.
fn published(client: &Client) -> BTreeMap<String, Vec<String>> {
    let all = client.published.iter().map(|(uri, published)| {
        let findings = published
            .diagnostics
            .iter()
            .filter(|it| !it["data"].is_null());
        let mut rules: Vec<String> = findings
            .map(|it| {
                format!(
                    "{} {}",
                    it["code"].as_str().unwrap(),
                    it["data"]["fingerprint"]
                )
            })
            .collect();
        rules.sort();
        (uri.clone(), rules)
    });
    all.filter(|(_, rules)| !rules.is_empty()).collect()
}

/// The same from the command line.
fn found(project: &Project) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in project.check(&[])["findings"].as_array().unwrap() {
        let path = project.path(finding["path"].as_str().unwrap());
        let rules = found.entry(uri(&path)).or_default();
        rules.push(format!(
            "{} {}",
            finding["rule"].as_str().unwrap(),
            finding["fingerprint"]
        ));
        rules.sort();
    }
    found
}

fn check(client: &mut Client) -> Value {
    let command = json!({ "command": "forcelint.checkWorkspace" });
    let response = client.request("workspace/executeCommand", command);
    client.sync();
    response["result"].clone()
}

#[test]
fn project_check_publishes_findings_and_updates_them() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    client.sync();
    assert!(client.published.is_empty());
    let result = check(&mut client);
    let all = found(&project);
    assert_eq!(published(&client), all);
    let count: usize = all.values().map(Vec::len).sum();
    assert_eq!(result["findings"], count);
    // Another program fixes a file, deletes one and creates one.
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    project.write(
        "force-app/main/default/connectedApps/New.connectedApp-meta.xml",
        &text,
    );
    fs::write(&path, text.replace("acmeportal://", "https://")).unwrap();
    let deleted = project.app("Legacy_ERP");
    fs::remove_file(&deleted).unwrap();
    let created = project.app("New");
    client.report_changed_files(&[(&path, 2), (&deleted, 3), (&created, 1)]);
    let updated = found(&project);
    assert_ne!(updated, all);
    client.wait_for("the new state", |client| published(client) == updated);
    // The open text takes precedence until the document is closed.
    client.open_as(&path, "<");
    client.sync();
    assert_eq!(client.last(&path).diagnostics.len(), 1);
    client.close(&path);
    client.wait_for("the file", |client| published(client) == updated);
}

#[test]
fn whole_project_setting_starts_the_check() {
    let project = Project::sample();
    let options = json!({ "wholeProject": true });
    let mut client = Client::with(&project.root, capabilities(), options);
    let all = found(&project);
    client.wait_for("everything", |client| published(client) == all);
    let settings = json!({ "settings": { "forcelint": { "wholeProject": false } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.wait_for("nothing", |client| published(client).is_empty());
}

#[test]
fn projects_in_subfolders_are_found() {
    let workspace = Project::empty();
    for name in ["one", "deep/two"] {
        let sample = Project::sample();
        let to = workspace.path(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(&sample.root, &to).unwrap();
        fs::create_dir_all(&sample.root).unwrap();
    }
    workspace.write("one/forcelint.toml", "[rules]\npkce-required = \"off\"\n");
    let mut client = Client::start(&workspace.root);
    check(&mut client);
    let all = published(&client);
    let pkce = |folder: &str| {
        let folder = uri(&workspace.path(folder));
        let in_folder = all.iter().filter(|(uri, _)| uri.starts_with(&folder));
        in_folder
            .flat_map(|(_, rules)| rules)
            .filter(|rule| rule.starts_with("pkce-required"))
            .count()
    };
    assert_eq!(pkce("one"), 0);
    assert!(pkce("deep/two") > 3);
}

#[test]
fn findings_follow_edits_of_related_files() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let app = project.app("Mobile_Portal");
    let settings_path = project.path("force-app/main/default/settings/OauthOidc.settings-meta.xml");
    let severity = |client: &mut Client| {
        let published = client.diagnostics(&app);
        let pkce = published
            .iter()
            .find(|it| it["code"] == "pkce-required")
            .unwrap();
        let related = pkce["relatedInformation"].as_array().unwrap();
        let in_settings = related
            .iter()
            .filter(|it| it["location"]["uri"] == uri(&settings_path))
            .count();
        (
            pkce["data"]["severity"].as_str().unwrap().to_owned(),
            in_settings,
        )
    };
    let settings = |flag: &str| {
        format!(
            "<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <isPkceRequired>{flag}</isPkceRequired>\n</OauthOidcSettings>\n"
        )
    };
    client.open(&app);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    // The settings exist only in the editor.
    client.open_as(&settings_path, &settings("true"));
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    client.write(&settings_path, &settings("false"));
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    client.write(&settings_path, &settings("true"));
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    client.close(&settings_path);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    // Another program creates, changes and deletes the file.
    project.write(
        "force-app/main/default/settings/OauthOidc.settings-meta.xml",
        &settings("true"),
    );
    client.report_changed_files(&[(&settings_path, 1)]);
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    fs::write(&settings_path, settings("false")).unwrap();
    client.report_changed_files(&[(&settings_path, 2)]);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    fs::write(&settings_path, settings("true")).unwrap();
    client.report_changed_files(&[(&settings_path, 2)]);
    assert_eq!(severity(&mut client).0, "high");
    // Some clients report only the deleted folder.
    let folder = settings_path.parent().unwrap().to_owned();
    fs::remove_dir_all(&folder).unwrap();
    client.report_changed_files(&[(&folder, 3)]);
    assert_eq!(severity(&mut client).0, "critical");
}

/// A check that needs other files can have so many findings that those of another check of its rule are only counted.
#[test]
fn a_rule_with_a_check_of_other_files_reports_nothing_before_they_are_read() {
    let project = Project::empty();
    project.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    let config = "select = [\"own\", \"other\"]\nrule-paths = [\"own.toml\", \"other.toml\"]\n";
    project.write("forcelint.toml", config);
    let rule = |id: &str, checks: &str| {
        let text =
            format!("id = \"{id}\"\ntitle = \"T\"\nseverity = \"low\"\nhelp = \"H\"\n{checks}");
        project.write(&format!("{id}.toml"), &text);
    };
    rule(
        "own",
        r#"
[[check]]
metadata = "Profile"
each = "objectPermissions"
when = { project = { metadata = "RemoteSiteSetting", field = "isActive", is = true } }
require = { field = "allowRead", is = false }
message = "Wrong object"

[[check]]
metadata = "Profile"
require = { field = "description", is = "Right" }
message = "Wrong description"
"#,
    );
    rule(
        "other",
        r#"
[[check]]
metadata = "Profile"
require = { field = "userLicense", is = "Salesforce" }
message = "Wrong license"
"#,
    );
    project.write(
        "force-app/A.remoteSite-meta.xml",
        "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\"><isActive>true</isActive></RemoteSiteSetting>",
    );
    let object = "<objectPermissions><allowRead>true</allowRead></objectPermissions>\n";
    let text = format!(
        "<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{}<description>A</description>\n</Profile>\n",
        object.repeat(1000)
    );
    let path = project.path("force-app/A.profile-meta.xml");
    project.write("force-app/A.profile-meta.xml", &text);
    let mut client = Client::start(&project.root);
    client.open_as(&path, &text);
    client.wait_for("diagnostics", |it| it.history.contains_key(&uri(&path)));
    client.sync();
    let count = |published: &Published, rule: &str| {
        let all = published.diagnostics.iter();
        all.filter(|it| it["code"] == rule).count()
    };
    let history = &client.history[&uri(&path)];
    let counts: Vec<(usize, usize)> = history
        .iter()
        .map(|it| (count(it, "own"), count(it, "other")))
        .collect();
    assert_eq!(counts, [(0, 1), (1000, 1)]);
    let last = history[1].diagnostics.iter();
    let message = |it: &Value| it["message"].as_str().unwrap().to_owned();
    let descriptions = last.filter(|it| message(it).contains("Wrong description"));
    assert_eq!(descriptions.count(), 0);
}

#[test]
fn ignore_files_apply_to_open_documents() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Partner_Middleware");
    client.open(&path);
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    assert!(client.diagnostics(&path).iter().any(is_pkce));
    for (name, text) in [
        (".forceignore", "**/Partner_Middleware*\n"),
        ("forcelint.toml", "exclude = [\"Partner_Middleware*\"]\n"),
    ] {
        let file = project.path(name);
        let before = fs::read(&file).ok();
        project.write(name, text);
        client.report_changed_files(&[(&file, 2)]);
        assert!(!client.diagnostics(&path).iter().any(is_pkce), "{name}");
        match before {
            Some(before) => fs::write(&file, before).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        client.report_changed_files(&[(&file, 2)]);
        assert!(client.diagnostics(&path).iter().any(is_pkce), "{name}");
    }
}

#[test]
fn saving_updates_clients_that_cannot_watch_files() {
    let project = Project::sample();
    let mut client_capabilities = capabilities();
    client_capabilities["workspace"]["didChangeWatchedFiles"] = json!({});
    let mut client = Client::with(&project.root, client_capabilities, json!({}));
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    assert!(client.diagnostics(&path).iter().any(is_pkce));
    assert!(
        !client
            .other_messages
            .iter()
            .any(|it| it["method"] == "client/registerCapability")
    );
    project.write("forcelint.toml", "[rules]\npkce-required = \"off\"\n");
    let saved = json!({ "textDocument": { "uri": uri(&path) } });
    client.notify("textDocument/didSave", saved);
    assert!(!client.diagnostics(&path).iter().any(is_pkce));
    // A client that can watch files is asked to do it.
    let mut client = Client::start(&project.root);
    client.sync();
    let request = client
        .other_messages
        .iter()
        .find(|it| it["method"] == "client/registerCapability");
    assert!(request.unwrap().to_string().contains("forcelint-baseline"));
}
