//! Files that are not open, and what other programs do to files.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, uri};

/// Rules by file, of what is drawn.
fn drawn(client: &Client) -> BTreeMap<String, Vec<String>> {
    let all = client.drawn.iter().map(|(uri, drawn)| {
        let counted = drawn.diagnostics.iter().filter(|it| !it["data"].is_null());
        let mut rules: Vec<String> = counted
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

/// The same by the command line.
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
    let answer = client.request("workspace/executeCommand", command);
    client.settle();
    answer["result"].clone()
}

#[test]
fn the_whole_project_is_judged_on_request_and_kept_true() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    client.settle();
    assert!(client.drawn.is_empty());
    let told = check(&mut client);
    let all = found(&project);
    assert_eq!(drawn(&client), all);
    let count: usize = all.values().map(Vec::len).sum();
    assert_eq!(told["findings"], count);
    // Another program mends a file, takes one away, and brings one.
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    project.write(
        "force-app/main/default/connectedApps/New.connectedApp-meta.xml",
        &text,
    );
    fs::write(&path, text.replace("acmeportal://", "https://")).unwrap();
    let gone = project.app("Legacy_ERP");
    fs::remove_file(&gone).unwrap();
    let new = project.app("New");
    client.watched(&[(&path, 2), (&gone, 3), (&new, 1)]);
    let now = found(&project);
    assert_ne!(now, all);
    client.wait_for("the new state", |client| drawn(client) == now);
    // An open document knows itself; closing it gives the file back.
    client.open_as(&path, "<");
    client.settle();
    assert_eq!(client.last(&path).diagnostics.len(), 1);
    client.close(&path);
    client.wait_for("the file", |client| drawn(client) == now);
}

#[test]
fn the_setting_asks_for_the_whole_project_as_well() {
    let project = Project::sample();
    let options = json!({ "wholeProject": true });
    let mut client = Client::with(&project.root, capabilities(), options);
    let all = found(&project);
    client.wait_for("everything", |client| drawn(client) == all);
    let settings = json!({ "settings": { "forcelint": { "wholeProject": false } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.wait_for("nothing", |client| drawn(client).is_empty());
}

#[test]
fn projects_below_the_folder_are_found() {
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
    let all = drawn(&client);
    let pkce = |folder: &str| {
        let folder = uri(&workspace.path(folder));
        let of_folder = all.iter().filter(|(uri, _)| uri.starts_with(&folder));
        of_folder
            .flat_map(|(_, rules)| rules)
            .filter(|rule| rule.starts_with("pkce-required"))
            .count()
    };
    assert_eq!(pkce("one"), 0);
    assert!(pkce("deep/two") > 3);
}

#[test]
fn conditions_about_other_files_stay_true_while_these_are_typed() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let app = project.app("Mobile_Portal");
    let org = project.path("force-app/main/default/settings/OauthOidc.settings-meta.xml");
    let severity = |client: &mut Client| {
        let drawn = client.diagnostics(&app);
        let pkce = drawn
            .iter()
            .find(|it| it["code"] == "pkce-required")
            .unwrap();
        let related = pkce["relatedInformation"].as_array().unwrap();
        let elsewhere = related
            .iter()
            .filter(|it| it["location"]["uri"] == uri(&org))
            .count();
        (
            pkce["data"]["severity"].as_str().unwrap().to_owned(),
            elsewhere,
        )
    };
    let settings = |flag: &str| {
        format!(
            "<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <isPkceRequired>{flag}</isPkceRequired>\n</OauthOidcSettings>\n"
        )
    };
    client.open(&app);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    // It is on no disk yet.
    client.open_as(&org, &settings("true"));
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    client.write(&org, &settings("false"));
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    client.write(&org, &settings("true"));
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    client.close(&org);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    // Another program writes it, changes it and takes it away.
    project.write(
        "force-app/main/default/settings/OauthOidc.settings-meta.xml",
        &settings("true"),
    );
    client.watched(&[(&org, 1)]);
    assert_eq!(severity(&mut client), ("high".to_owned(), 1));
    fs::write(&org, settings("false")).unwrap();
    client.watched(&[(&org, 2)]);
    assert_eq!(severity(&mut client), ("critical".to_owned(), 0));
    fs::write(&org, settings("true")).unwrap();
    client.watched(&[(&org, 2)]);
    assert_eq!(severity(&mut client).0, "high");
    // The folder with all that is in it, as some clients tell it.
    let folder = org.parent().unwrap().to_owned();
    fs::remove_dir_all(&folder).unwrap();
    client.watched(&[(&folder, 3)]);
    assert_eq!(severity(&mut client).0, "critical");
}

#[test]
fn ignore_files_hold_for_what_is_open() {
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
        client.watched(&[(&file, 2)]);
        assert!(!client.diagnostics(&path).iter().any(is_pkce), "{name}");
        match before {
            Some(before) => fs::write(&file, before).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        client.watched(&[(&file, 2)]);
        assert!(client.diagnostics(&path).iter().any(is_pkce), "{name}");
    }
}

#[test]
fn a_client_that_cannot_watch_is_kept_true_by_what_it_saves() {
    let project = Project::sample();
    let mut can = capabilities();
    can["workspace"]["didChangeWatchedFiles"] = json!({});
    let mut client = Client::with(&project.root, can, json!({}));
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    assert!(client.diagnostics(&path).iter().any(is_pkce));
    assert!(
        !client
            .others
            .iter()
            .any(|it| it["method"] == "client/registerCapability")
    );
    project.write("forcelint.toml", "[rules]\npkce-required = \"off\"\n");
    let saved = json!({ "textDocument": { "uri": uri(&path) } });
    client.notify("textDocument/didSave", saved);
    assert!(!client.diagnostics(&path).iter().any(is_pkce));
    // One that can is asked to.
    let mut client = Client::start(&project.root);
    client.settle();
    let asked = client
        .others
        .iter()
        .find(|it| it["method"] == "client/registerCapability");
    assert!(asked.unwrap().to_string().contains("forcelint-baseline"));
}
