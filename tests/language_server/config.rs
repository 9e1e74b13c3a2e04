//! What a team has decided counts in the editor as on the command line, and mistakes in it are
//! shown where they are made.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, offset, uri};

fn rules(client: &mut Client, path: &Path) -> Vec<String> {
    let drawn = client.diagnostics(path).into_iter();
    let counted = drawn.filter(|it| !it["data"].is_null());
    let mut rules: Vec<String> = counted
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules
}

fn messages(drawn: &[Value]) -> String {
    let messages = drawn.iter().map(|it| it["message"].as_str().unwrap());
    messages.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_unsaved_config_holds_and_a_broken_one_hides_no_more_than_before() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let config = project.path("forcelint.toml");
    client.open(&path);
    let all = rules(&mut client, &path);
    assert!(all.contains(&"pkce-required".to_owned()));
    // Nothing has been saved yet.
    client.open_as(&config, "[rules]\npkce-required = \"off\"\n");
    let without = rules(&mut client, &path);
    assert!(without.len() < all.len() && !without.contains(&"pkce-required".to_owned()));
    assert!(client.last(&config).diagnostics.is_empty());
    // A mistake: the last one that could be used holds, and it is said.
    let broken = "\u{FEFF}# ü😀\r\n[rules]\r\npkce-required = \"of\"\r\n";
    client.write(&config, broken);
    assert_eq!(rules(&mut client, &path), without);
    let mistakes = client.last(&config).diagnostics;
    assert_eq!(mistakes.len(), 1);
    assert!(
        messages(&mistakes).contains("unknown value `of`"),
        "{mistakes:?}"
    );
    assert!(
        messages(&mistakes).contains("did you mean `off`?"),
        "{mistakes:?}"
    );
    let at = |end: &str| offset(broken, &mistakes[0]["range"][end], false);
    assert_eq!(&broken[at("start")..at("end")], "\"of\"");
    let said = client
        .others
        .iter()
        .filter(|it| it["method"] == "window/showMessage")
        .count();
    assert_eq!(said, 1);
    // A client that starts now knows no former one: everything counts.
    project.write("forcelint.toml", broken);
    let mut late = Client::start(&project.root);
    late.open(&path);
    assert_eq!(rules(&mut late, &path), all);
    assert_eq!(late.last(&config).diagnostics.len(), 1);
    // Mended, and gone.
    client.write(&config, "");
    assert_eq!(rules(&mut client, &path), all);
    assert!(client.last(&config).diagnostics.is_empty());
    client.close(&config);
    assert_eq!(client.diagnostics(&config).len(), 1);
    fs::remove_file(&config).unwrap();
    client.watched(&[(&config, 3)]);
    assert!(client.diagnostics(&config).is_empty());
}

#[test]
fn own_rules_follow_what_is_typed_into_them() {
    let project = Project::sample();
    project.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    let rule = "id = \"labelled\"\ntitle = \"App is not labelled\"\nseverity = \"low\"\nurl = \"https://example.org/\"\nhelp = \"Label it.\"\n\n[[check]]\nmetadata = \"ConnectedApp\"\nrequire = { field = \"label\", is = \"Portal\", absent = \"violates\" }\nmessage = \"`{component}` has no good label\"\n";
    project.write("lint-rules/labelled.toml", rule);
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let file = project.path("lint-rules/labelled.toml");
    client.open(&path);
    assert!(
        rules(&mut client, &path).contains(&"labelled".to_owned()),
        "{:?}",
        client.drawn
    );
    client.open_as(&file, &rule.replace("\"Portal\"", "\"Mobile Portal\""));
    assert!(!rules(&mut client, &path).contains(&"labelled".to_owned()));
    let wrong = rule
        .replace("\"label\"", "\"labell\"")
        .replace("severity", "severty");
    client.write(&file, &wrong);
    let mistakes = client.diagnostics(&file);
    assert_eq!(mistakes.len(), 2, "{mistakes:#?}");
    let at = |which: usize, end: &str| offset(&wrong, &mistakes[which]["range"][end], false);
    assert_eq!(&wrong[at(0, "start")..at(0, "end")], "severty");
    assert_eq!(&wrong[at(1, "start")..at(1, "end")], "labell");
}

/// Of a long file only what the rules ask about is known: rules that ask more look at it anew.
#[test]
fn a_rule_that_asks_something_else_of_a_long_file_gets_an_answer() {
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
fn whatever_is_wrong_around_is_shown_in_its_file() {
    let project = Project::sample();
    project.write("b.json", "{ \"version\": 1, \"findings\": [ }");
    project.write(
        "forcelint.toml",
        "baseline = \"b.json\"\n\n[[exception]]\nrule = \"pkce-required\"\npath = \"x\"\nreason = \"y\"\nexpires = 2020-01-01\n",
    );
    project.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [ { \"path\": \"../x\" } ] }",
    );
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
    let drawn = |name: &str| messages(&client.last(&project.path(name)).diagnostics);
    assert!(
        drawn("b.json").contains("invalid baseline"),
        "{}",
        drawn("b.json")
    );
    assert!(
        drawn("forcelint.toml").contains("expired"),
        "{}",
        drawn("forcelint.toml")
    );
    assert!(drawn("sfdx-project.json").contains("is outside the project"));
    let range = &client.last(&project.path("forcelint.toml")).diagnostics[0]["range"];
    assert_eq!(range["start"]["line"], 2);
    // Mended by another program.
    project.write("b.json", "{ \"version\": 1, \"findings\": [] }");
    project.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [ { \"path\": \"force-app\" } ] }",
    );
    let [baseline, settings] = ["b.json", "sfdx-project.json"].map(|it| project.path(it));
    client.watched(&[(&baseline, 2), (&settings, 2)]);
    assert!(client.diagnostics(&baseline).is_empty());
    assert!(client.last(&settings).diagnostics.is_empty());
}

#[test]
fn settings_of_the_editor_count() {
    let project = Project::sample();
    project.write("other.toml", "[rules]\npkce-required = \"off\"\n");
    let path = project.app("Mobile_Portal");
    let mut client = Client::with(
        &project.root,
        capabilities(),
        json!({ "minSeverity": "critical" }),
    );
    client.open(&path);
    let severe = rules(&mut client, &path);
    let drawn = client.last(&path).diagnostics;
    assert!(!severe.is_empty() && drawn.iter().all(|it| it["data"]["severity"] == "critical"));
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
    assert!(all.len() > severe.len());
    change(
        &mut client,
        json!({ "forcelint": { "configPath": "other.toml" } }),
    );
    assert!(!rules(&mut client, &path).contains(&"pkce-required".to_owned()));
    change(
        &mut client,
        json!({ "forcelint": { "minSeverity": "worst" } }),
    );
    client.settle();
    let said = |it: &Value| {
        it["method"] == "window/showMessage"
            && it["params"]["message"].as_str().unwrap().contains("worst")
    };
    assert!(client.others.iter().any(said));
    // A client that wants to be asked is asked.
    let mut can = capabilities();
    can["workspace"]["configuration"] = json!(true);
    let mut client = Client::with(&project.root, can, json!({}));
    client.open(&path);
    client.wait_for("the question", |client| {
        client
            .others
            .iter()
            .any(|it| it["method"] == "workspace/configuration")
    });
    let question = client
        .others
        .iter()
        .find(|it| it["method"] == "workspace/configuration");
    let id = question.unwrap()["id"].clone();
    client.send(&json!({ "jsonrpc": "2.0", "id": id, "result": [{ "minSeverity": "critical" }] }));
    assert_eq!(rules(&mut client, &path), severe);
}

#[test]
fn comments_that_cover_nothing_and_what_is_not_checked_are_told() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let comment = "<!-- forcelint-ignore pkce-requird: x -->\n    <label>";
    client.open_as(&path, &text.replace("<label>", comment));
    let drawn = client.diagnostics(&path);
    let note = drawn
        .iter()
        .find(|it| messages(&[(*it).clone()]).contains("did you mean"));
    assert_eq!(note.unwrap()["range"]["start"]["line"], 4, "{drawn:#?}");
    let app = project.path("force-app/main/default/externalClientApps/Event_Check_In.eca-meta.xml");
    client.open(&app);
    let drawn = client.diagnostics(&app);
    assert!(messages(&drawn).contains("was not checked"), "{drawn:#?}");
    // The finding has a link, and the evidence its place.
    let drawn = client.last(&path).diagnostics;
    let pkce = drawn
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
