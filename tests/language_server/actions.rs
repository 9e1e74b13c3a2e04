//! Code actions: fixes and exceptions.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, FORCELINT, Project, capabilities, edited, position, with_utf8};

/// The text after `forcelint check --fix` or `--fix=all`.
fn fixed(project: &Project, path: &std::path::Path, text: &str, level: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new(FORCELINT)
        .current_dir(&project.root)
        .args(["check", level, "--stdin-filename"])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn of_kind<'a>(actions: &'a [Value], kind: &str) -> Vec<&'a Value> {
    actions
        .iter()
        .filter(|action| action["kind"] == kind)
        .collect()
}

fn fixes(actions: &[Value]) -> Vec<&Value> {
    let others = ["Add an exception to ", "Suppress ", "Open the page about "];
    let mut quick_fixes = of_kind(actions, "quickfix");
    quick_fixes.retain(|action| {
        let title = action["title"].as_str().unwrap();
        !others.iter().any(|start| title.starts_with(start))
    });
    quick_fixes
}

/// The action with this title.
fn titled(actions: &[Value], title: &str) -> Value {
    let action = actions.iter().find(|it| it["title"] == title);
    let titles = || actions.iter().map(|it| it["title"].to_string());
    let missing = || panic!("{title} is not in {:?}", titles().collect::<Vec<_>>());
    action.cloned().unwrap_or_else(missing)
}

const SAFE: &str = "source.fixAll.forcelint";
const ALL: &str = "source.forcelint.fixEverything";

#[test]
fn fix_all_actions_have_the_same_result_as_check() {
    let project = Project::sample();
    for is_utf8 in [false, true] {
        let client_capabilities = if is_utf8 {
            with_utf8(capabilities())
        } else {
            capabilities()
        };
        let mut client = Client::with(&project.root, client_capabilities, json!({}));
        let mut changed = [false; 2];
        // Fixes that depend on one another: the field is renamed, and then set.
        let misspelled = project
            .app("Legacy_ERP")
            .with_file_name("Misspelled.connectedApp-meta.xml");
        let text = "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n<label>a</label>\n\
            <oauthConfig>\n<IsPkceRequired>FALSE</IsPkceRequired>\n</oauthConfig>\n</ConnectedApp>\n";
        fs::write(misspelled, text).unwrap();
        for name in [
            "Misspelled",
            "Mobile_Portal",
            "Legacy_ERP",
            "CI_Pipeline_JWT",
            "Partner_Middleware",
        ] {
            let path = project.app(name);
            // Characters of different lengths before the fix, and CRLF line ends.
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("<label>", "<label>ü😀").replace('\n', "\r\n");
            client.open_as(&path, &text);
            let actions = client.actions(&path, 0..99, Value::Null);
            for (at, (kind, level)) in [(SAFE, "--fix"), (ALL, "--fix=all")].iter().enumerate() {
                let expected = fixed(&project, &path, &text, level);
                match of_kind(&actions, kind).as_slice() {
                    [] if *kind == SAFE => assert_eq!(expected, text, "{name} {kind}"),
                    [] => assert_eq!(expected, fixed(&project, &path, &text, "--fix"), "{name}"),
                    [action] => {
                        assert_eq!(edited(&text, &action["edit"], is_utf8), expected, "{name}");
                        changed[at] |= expected != text;
                    }
                    several => panic!("{several:?}"),
                }
            }
        }
        assert_eq!(changed, [true; 2]);
    }
}

#[test]
fn quick_fix_resolves_its_finding_and_mentions_the_rollout() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    client.open(&path);
    let actions = client.actions(&path, 0..99, Value::Null);
    let quick_fixes = fixes(&actions);
    assert!(quick_fixes.len() >= 3, "{quick_fixes:#?}");
    for action in &quick_fixes {
        let title = action["title"].as_str().unwrap();
        // Editors may apply preferred fixes without asking, so fixes that need a rollout are not
        // preferred.
        assert_eq!(
            action["isPreferred"],
            !title.ends_with(" (rollout first)"),
            "{title}"
        );
        let document = &action["edit"]["documentChanges"][0]["textDocument"];
        assert_eq!(document["version"], 1);
        let rule = &action["diagnostics"][0]["code"];
        let fingerprint = &action["diagnostics"][0]["data"]["fingerprint"];
        client.write(&path, &edited(&text, &action["edit"], false));
        let remaining = client.diagnostics(&path);
        let is_fixed_finding =
            |it: &Value| it["code"] == *rule && it["data"]["fingerprint"] == *fingerprint;
        assert!(!remaining.iter().any(is_fixed_finding), "{title}");
        client.write(&path, &text);
    }
    // Safe fixes come first.
    let preferred = quick_fixes.iter().map(|it| it["isPreferred"] == true);
    assert!(preferred.is_sorted_by(|one, other| one >= other));
    // The document has changed, so the edits have its new version.
    let actions = client.actions(&path, 0..99, json!(["quickfix"]));
    let version = &actions[0]["edit"]["documentChanges"][0]["textDocument"]["version"];
    assert!(version.as_i64().unwrap() > 1);
}

#[test]
fn fix_on_save_applies_only_safe_fixes() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    // Only one correction is possible, so the fix is safe.
    let text = text.replace("<privateApp>true", "<privateApp>TRUE");
    client.open_as(&path, &text);
    for (only, expected) in [
        (json!(["source.fixAll"]), vec![SAFE]),
        (json!([SAFE]), vec![SAFE]),
        (json!(["source"]), vec![SAFE, ALL]),
        (json!(["source.fixAll.other"]), vec![]),
        (json!(["refactor"]), vec![]),
        (json!([]), vec![]),
    ] {
        let actions = client.actions(&path, 0..99, only.clone());
        let kinds: Vec<&str> = actions
            .iter()
            .map(|it| it["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, expected, "{only}");
    }
    let mut after = |kind: &str| {
        let actions = client.actions(&path, 0..99, json!([kind]));
        edited(&text, &actions[0]["edit"], false)
    };
    assert_eq!(after(SAFE), fixed(&project, &path, &text, "--fix"));
    assert_ne!(after(SAFE), after(ALL));
}

#[test]
fn suppressed_findings_have_no_fix() {
    let project = Project::sample();
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    let check = |client: &mut Client, means: &str| {
        assert!(!client.diagnostics(&path).iter().any(is_pkce), "{means}");
        for action in client.actions(&path, 0..99, Value::Null) {
            let edit = &action["edit"];
            let is_for_document =
                edit["documentChanges"][0]["textDocument"]["uri"] == crate::client::uri(&path);
            if is_for_document {
                let after = edited(&text, edit, false);
                assert!(
                    after.contains("<isPkceRequired>false<"),
                    "{means}: {action:#}"
                );
            }
        }
    };
    // A baseline.
    let status = Command::new(FORCELINT)
        .current_dir(&project.root)
        .args(["baseline", "--output", "b.json"])
        .output()
        .unwrap();
    assert!(status.status.success());
    project.write("forcelint.toml", "baseline = \"b.json\"\n");
    let mut client = Client::start(&project.root);
    client.open(&path);
    check(&mut client, "baseline");
    // An exception.
    project.write(
        "forcelint.toml",
        "[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:Mobile_Portal\"\nreason = \"x\"\n",
    );
    client.report_changed_files(&[(&project.path("forcelint.toml"), 2)]);
    check(&mut client, "exception");
    // A rule that is off.
    project.write("forcelint.toml", "[rules]\npkce-required = \"off\"\n");
    client.report_changed_files(&[(&project.path("forcelint.toml"), 2)]);
    check(&mut client, "off");
    fs::remove_file(project.path("forcelint.toml")).unwrap();
    client.report_changed_files(&[(&project.path("forcelint.toml"), 3)]);
    assert!(client.diagnostics(&path).iter().any(is_pkce));
}

#[test]
fn exception_applies_after_it_has_a_reason() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let config = project.path("forcelint.toml");
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    client.open(&path);
    let add = |client: &mut Client| {
        let actions = client.actions(&path, 0..99, json!(["quickfix"]));
        titled(&actions, "Add an exception to pkce-required")
    };
    let action = add(&mut client);
    assert_eq!(action["isPreferred"], false);
    let changes = action["edit"]["documentChanges"].as_array().unwrap();
    assert_eq!(changes[0]["kind"], "create");
    assert_eq!(changes[0]["uri"], crate::client::uri(&config));
    let text = edited("", &action["edit"], false);
    client.open_as(&config, &text);
    // An empty reason is an error, so the exception does not apply yet.
    let errors = client.diagnostics(&config);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(
        errors[0]["message"]
            .as_str()
            .unwrap()
            .contains("needs a reason")
    );
    let at = &action["command"]["arguments"][1]["start"];
    assert_eq!(errors[0]["range"]["start"]["line"], at["line"]);
    assert!(client.diagnostics(&path).iter().any(is_pkce));
    let reason = text.replace("reason = \"\"", "reason = \"moves in March\"");
    client.write(&config, &reason);
    assert!(client.diagnostics(&config).is_empty());
    assert!(!client.last(&path).diagnostics.iter().any(is_pkce));
    // The next exception goes to the end of the open document, with its version.
    client.write(&config, "min-severity = \"info\"");
    let action = add(&mut client);
    let change = &action["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 3);
    let text = edited("min-severity = \"info\"", &action["edit"], false);
    assert!(
        text.starts_with("min-severity = \"info\"\n\n[[exception]]\nrule = "),
        "{text}"
    );
    // The command makes the editor show the empty reason.
    let command =
        json!({ "command": "forcelint.show", "arguments": action["command"]["arguments"] });
    let response = client.request("workspace/executeCommand", command);
    assert_eq!(response["result"], Value::Null);
    let request = client
        .other_messages
        .iter()
        .find(|it| it["method"] == "window/showDocument");
    assert_eq!(
        request.unwrap()["params"]["uri"],
        crate::client::uri(&config)
    );
}

#[test]
fn comment_applies_after_it_has_a_reason() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let original = fs::read_to_string(&path).unwrap();
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    client.open(&path);
    let one_line = original.replace(['\n', '\r'], "");
    for text in [original.clone(), original.replace('\n', "\r\n"), one_line] {
        client.write(&path, &text);
        let actions = client.actions(&path, 0..99, json!(["quickfix"]));
        let action = titled(&actions, "Suppress pkce-required with a comment");
        assert_eq!(action["isPreferred"], false);
        let with_comment = edited(&text, &action["edit"], false);
        let comment = "<!-- forcelint-ignore pkce-required: REASON -->";
        let kept = with_comment.lines().filter(|line| line.trim() != comment);
        let kept: Vec<&str> = kept.collect();
        assert_eq!(
            kept.concat().replace(comment, ""),
            text.replace(['\n', '\r'], "")
        );
        assert_eq!(with_comment.contains("\r\n"), text.contains("\r\n"));
        // The editor selects the placeholder.
        let selection = &action["command"]["arguments"][1];
        let start = position(&with_comment, with_comment.find("REASON").unwrap(), false);
        assert_eq!(selection["start"], start);
        let end = position(&with_comment, with_comment.find(" -->").unwrap(), false);
        assert_eq!(selection["end"], end);
        // A placeholder is not a reason.
        for placeholder in ["REASON", "reason", ""] {
            client.write(&path, &with_comment.replace("REASON", placeholder));
            let diagnostics = client.diagnostics(&path);
            assert!(diagnostics.iter().any(is_pkce), "{placeholder}");
            let notes = diagnostics.iter().map(|it| it["message"].to_string());
            let mut notes = notes.filter(|it| it.contains("has no effect: it has no reason"));
            assert!(notes.next().is_some(), "{diagnostics:#?}");
        }
        client.write(&path, &with_comment.replace("REASON", "moves in March"));
        let diagnostics = client.diagnostics(&path);
        assert!(!diagnostics.iter().any(is_pkce), "{diagnostics:#?}");
    }
}

#[test]
fn page_of_a_rule_is_opened_by_the_client() {
    let project = Project::sample();
    project.write("forcelint.toml", "rule-paths = [\"own\"]\n");
    let rule = |id: &str, url: &str| {
        format!(
            "id = \"{id}\"\ntitle = \"a\"\nseverity = \"high\"\nurl = \"{url}\"\nhelp = \"a\"\n[[check]]\n\
             metadata = \"ConnectedApp\"\nrequire = {{ field = \"label\", is = \"a\" }}\nmessage = \"a\"\n"
        )
    };
    project.write(
        "own/a.toml",
        &rule("with-page", "https://wiki.acme.example/a"),
    );
    project.write(
        "own/b.toml",
        &rule("with-command", "command:workbench.action.quit"),
    );
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let diagnostics = client.diagnostics(&path);
    let href = |code: &str| {
        let diagnostic = diagnostics.iter().find(|it| it["code"] == code).unwrap();
        diagnostic["codeDescription"]["href"].clone()
    };
    let page = "https://github.com/forcelint/forcelint/blob/main/docs/rules/pkce-required.md";
    assert_eq!(href("pkce-required"), page);
    assert_eq!(href("with-page"), "https://wiki.acme.example/a");
    // An address in a rule of a repository starts nothing in the editor.
    assert_eq!(href("with-command"), Value::Null);

    let actions = client.actions(&path, 0..99, json!(["quickfix"]));
    let has_command = |it: &Value| it["title"].to_string().contains("page about with-command");
    assert!(!actions.iter().any(has_command));
    let action = titled(&actions, "Open the page about pkce-required");
    let response = client.request("workspace/executeCommand", action["command"].clone());
    assert_eq!(response["result"], Value::Null, "{response}");
    let mut shown = client.other_messages.iter();
    let shown = shown.find(|it| it["method"] == "window/showDocument");
    let shown = &shown.unwrap()["params"];
    assert_eq!(*shown, json!({ "uri": page, "external": true }));
    let uri = crate::client::uri(&path);
    for arguments in [
        json!([uri, "with-command"]),
        json!([uri]),
        json!(["x:", "hsts"]),
    ] {
        let command = json!({ "command": "forcelint.openRulePage", "arguments": arguments });
        let response = client.request("workspace/executeCommand", command);
        assert!(response["error"].is_object(), "{response}");
    }
    // A client that cannot open pages is not offered any.
    let mut without = capabilities();
    without["window"] = json!({});
    let mut client = Client::with(&project.root, without, json!({}));
    client.open(&path);
    let actions = client.actions(&path, 0..99, json!(["quickfix"]));
    assert!(
        !actions
            .iter()
            .any(|it| it["title"].to_string().contains("Open the page"))
    );
}

#[test]
fn clients_with_few_capabilities_are_supported() {
    let project = Project::sample();
    let mut client_capabilities = capabilities();
    client_capabilities["workspace"]["workspaceEdit"] = json!({});
    let mut client = Client::with(&project.root, client_capabilities, json!({}));
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let actions = client.actions(&path, 0..99, json!(["quickfix"]));
    assert!(!actions.is_empty());
    for action in actions.iter().filter(|it| it.get("edit").is_some()) {
        assert!(
            action["edit"]["changes"][crate::client::uri(&path)].is_array(),
            "{action}"
        );
    }
    // A client that only supports commands gets no code actions.
    let mut client = Client::with(&project.root, json!({}), json!({}));
    client.open(&path);
    assert!(client.actions(&path, 0..99, Value::Null).is_empty());
    let published = client.diagnostics(&path);
    assert!(
        published
            .iter()
            .all(|it| it.get("relatedInformation").is_none())
    );
    assert!(
        published
            .iter()
            .all(|it| it.get("codeDescription").is_none())
    );
}
