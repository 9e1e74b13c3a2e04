//! Hover and completion.

use std::fs;

use serde_json::Value;

use crate::client::{Client, Project, position};

/// The hover at a text in a document.
fn hover(client: &mut Client, path: &std::path::Path, text: &str, mark: &str) -> String {
    let at = position(text, text.find(mark).unwrap() + 1, false);
    let number = |key: &str| at[key].as_u64().unwrap() as u32;
    let response = client.at(
        "textDocument/hover",
        path,
        number("line"),
        number("character"),
    );
    response["contents"]["value"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// The completion items at the `|` in a text: labels and inserted texts.
fn completions(client: &mut Client, path: &std::path::Path, marked: &str) -> Vec<(String, String)> {
    let at = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    client.write(path, &text);
    let at = position(&text, at, false);
    let number = |key: &str| at[key].as_u64().unwrap() as u32;
    let response = client.at(
        "textDocument/completion",
        path,
        number("line"),
        number("character"),
    );
    let items = response["items"].as_array().unwrap().iter();
    let mut items: Vec<&Value> = items.collect();
    items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items
        .into_iter()
        .map(|item| (text(&item["label"]), text(&item["textEdit"]["newText"])))
        .collect()
}

fn labels(completions: &[(String, String)]) -> Vec<&str> {
    completions
        .iter()
        .map(|(label, _)| label.as_str())
        .collect()
}

#[test]
fn hover_explains_fields_and_findings() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    client.open(&path);
    let flag = hover(&mut client, &path, &text, "isPkceRequired");
    insta::assert_snapshot!(flag);
    let evidence = hover(&mut client, &path, &text, "isConsumerSecretOptional");
    assert!(
        evidence.contains("evidence for [`pkce-required`]"),
        "{evidence}"
    );
    let scopes = hover(&mut client, &path, &text, "scopes");
    assert!(
        scopes.contains("`RefreshToken`") && scopes.contains("can repeat"),
        "{scopes}"
    );
    // The end tag and the value have the same hover.
    assert!(hover(&mut client, &path, &text, "/scopes>").contains("in `ConnectedAppOauthConfig`"));
    assert!(hover(&mut client, &path, &text, "RefreshToken<").contains("**`scopes`**"));
    assert_eq!(hover(&mut client, &path, &text, "\n    <oauthPolicy>"), "");
}

#[test]
fn secrets_are_masked() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    client.open(&path);
    for mark in ["<consumerKey", "3MVG9", "<consumerSecret", "EXAMPLE0NOT0A0"] {
        hover(&mut client, &path, &text, mark);
    }
    client.actions(&path, 0..99, Value::Null);
    // Truncated within the secret, without a tag nearby.
    client.write(&path, &text[..text.find("</consumerSecret>").unwrap()]);
    client.sync();
    let messages = format!("{:?}{:?}", client.published, client.other_messages);
    assert!(
        !messages.contains("EXAMPLE0NOT0A0REAL0SECRET"),
        "{messages}"
    );
    assert!(!messages.contains("3MVG9.EXAMPLE"), "{messages}");
}

#[test]
fn fields_and_values_are_completed_from_the_schema() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let head = "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n";
    let at = |client: &mut Client, rest: &str| completions(client, &path, &format!("{head}{rest}"));
    let fields = at(
        &mut client,
        "<oauthConfig>\n<isPkceRequired>true</isPkceRequired>\n<|\n</oauthConfig></ConnectedApp>",
    );
    let names = labels(&fields);
    assert!(
        names.starts_with(&["assetTokenConfig", "callbackUrl", "certificate"]),
        "{names:?}"
    );
    // `isPkceRequired` exists already. `scopes` can repeat.
    assert!(
        !names.contains(&"isPkceRequired") && names.contains(&"scopes"),
        "{names:?}"
    );
    let flag = fields
        .iter()
        .find(|(name, _)| name == "isAdminApproved")
        .unwrap();
    assert_eq!(
        flag.1,
        "<isAdminApproved>${1|true,false|}</isAdminApproved>"
    );
    // In a complete tag, only the name is replaced.
    let renamed = at(&mut client, "<oauthConfig><isPk|>true</isPk></oauthConfig>");
    let flag = renamed
        .iter()
        .find(|(name, _)| name == "isPkceRequired")
        .unwrap();
    assert_eq!(flag.1, "isPkceRequired");
    let values = at(
        &mut client,
        "<oauthConfig><scopes>Re|</scopes></oauthConfig>",
    );
    assert!(labels(&values).contains(&"RefreshToken"));
    assert_eq!(
        labels(&at(&mut client, "<oauthConfig><isPkceRequired>|")),
        ["true", "false"]
    );
    let between = at(&mut client, "<label>x</label>\n|\n</ConnectedApp>");
    assert!(labels(&between).contains(&"oauthConfig") && !labels(&between).contains(&"label"));
    assert_eq!(
        labels(&at(&mut client, "<oauthConfig></|")),
        ["oauthConfig"]
    );
    assert!(at(&mut client, "<!-- <| -->").is_empty());
    assert!(at(&mut client, "<label>a|</label>").is_empty());
    assert!(at(&mut client, "<nothing><| ").is_empty());
}

#[test]
fn config_is_completed_from_its_schema() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let config = project.path("forcelint.toml");
    client.open(&project.app("Mobile_Portal"));
    client.open_as(&config, "");
    let mut at = |text: &str| completions(&mut client, &config, text);
    let keys = at("|");
    for key in ["select", "min-severity", "fail-on", "rule-paths", "exclude"] {
        assert!(labels(&keys).contains(&key), "{keys:?}");
    }
    let levels = at("min-severity = |");
    assert!(
        levels.contains(&("high".to_owned(), "\"high\"".to_owned())),
        "{levels:?}"
    );
    assert!(at("min-severity = \"|\"").contains(&("high".to_owned(), "high".to_owned())));
    let never = at("fail-on = \"|");
    assert!(labels(&never).contains(&"never"), "{never:?}");
    let selected = at("select = [\"oauth\", \"pk|\"]");
    assert!(labels(&selected).contains(&"pkce-required") && labels(&selected).contains(&"oauth"));
    assert!(labels(&at("[rules]\n|")).contains(&"pkce-required"));
    assert!(labels(&at("[rules]\npkce-required = \"|\"")).contains(&"off"));
    let tables = at("[[|]]");
    assert!(labels(&tables).contains(&"exception") && labels(&tables).contains(&"rules"));
    let keys = at("[[exception]]\n|");
    assert!(labels(&keys).contains(&"reason") && labels(&keys).contains(&"expires"));
    let rules = at("[[exception]]\nrule = '|'");
    assert!(labels(&rules).contains(&"pkce-required") && !labels(&rules).contains(&"oauth"));
    let components = at("[[exception]]\ncomponent = \"|\"");
    assert_eq!(labels(&components), ["ConnectedApp:Mobile_Portal"]);
}

#[test]
fn rule_file_is_completed_from_its_schema() {
    let project = Project::sample();
    project.write("forcelint.toml", "rule-paths = [\"lint-rules\"]\n");
    project.write("lint-rules/own.toml", "id = \"own\"\n");
    let mut client = Client::start(&project.root);
    let rule = project.path("lint-rules/own.toml");
    client.open(&rule);
    let mut at = |text: &str| completions(&mut client, &rule, text);
    assert!(labels(&at("|")).contains(&"severity"));
    assert!(labels(&at("severity = \"|\"")).contains(&"critical"));
    assert!(labels(&at("[[check]]\nmetadata = \"|\"")).contains(&"ConnectedApp"));
    let operators = at("[[check]]\nrequire = { field = \"a\", |");
    assert!(labels(&operators).contains(&"matches"), "{operators:?}");
    let fields = at("[[check]]\nmetadata = \"ConnectedApp\"\nrequire = { field = \"|\" }");
    assert!(
        labels(&fields).contains(&"oauthConfig/isPkceRequired"),
        "{fields:?}"
    );
    // Each path of a join completes the fields of its side.
    let own = "[[check]]\nmetadata = \"ConnectedApp\"\n";
    let join = "require = { not = { related = { metadata = \"Profile\", ";
    for (key, own_side) in [
        ("from = \"|\" } } }", true),
        ("from = { field = \"|\" } } } }", true),
        ("to = \"|\" } } }", false),
        ("each = \"|\" } } }", false),
        ("field = \"|\" } } }", false),
        ("all = [{ field = \"|\" }] } } }", false),
    ] {
        let fields = at(&format!("{own}{join}{key}"));
        let fields = labels(&fields);
        assert_eq!(fields.contains(&"flowAccesses"), !own_side, "{key}");
        assert_eq!(
            fields.contains(&"oauthConfig/callbackUrl"),
            own_side,
            "{key}"
        );
    }
    let keys = at("[[check]]\nrequire = { none = { |");
    assert!(labels(&keys).contains(&"from"), "{keys:?}");
    let keys = at("[[check]]\nrequire = { none = { to = { |");
    assert!(labels(&keys).contains(&"capture"), "{keys:?}");
    let other = project.path("other.toml");
    client.open_as(&other, "");
    assert!(completions(&mut client, &other, "|").is_empty());
}
