//! Code actions: fixes, and exceptions.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, FORCELINT, Project, capabilities, edited, in_utf8};

/// The text as `forcelint check --fix` makes it.
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
    let quick = of_kind(actions, "quickfix").into_iter();
    quick
        .filter(|action| {
            !action["title"]
                .as_str()
                .unwrap()
                .starts_with("Add an exception")
        })
        .collect()
}

const SAFE: &str = "source.fixAll.forcelint";
const EVERYTHING: &str = "source.forcelint.fixEverything";

#[test]
fn fixing_a_file_does_what_the_command_line_does() {
    let project = Project::sample();
    for in_bytes in [false, true] {
        let can = if in_bytes {
            in_utf8(capabilities())
        } else {
            capabilities()
        };
        let mut client = Client::with(&project.root, can, json!({}));
        let mut fixed_some = [false; 2];
        for name in [
            "Mobile_Portal",
            "Legacy_ERP",
            "CI_Pipeline_JWT",
            "Partner_Middleware",
        ] {
            let path = project.app(name);
            // Characters of every length before what is mended, and line ends of Windows.
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("<label>", "<label>ü😀").replace('\n', "\r\n");
            client.open_as(&path, &text);
            let actions = client.actions(&path, 0..99, Value::Null);
            for (at, (kind, level)) in [(SAFE, "--fix"), (EVERYTHING, "--fix=all")]
                .iter()
                .enumerate()
            {
                let expected = fixed(&project, &path, &text, level);
                match of_kind(&actions, kind).as_slice() {
                    [] if *kind == SAFE => assert_eq!(expected, text, "{name} {kind}"),
                    [] => assert_eq!(expected, fixed(&project, &path, &text, "--fix"), "{name}"),
                    [action] => {
                        assert_eq!(edited(&text, &action["edit"], in_bytes), expected, "{name}");
                        fixed_some[at] |= expected != text;
                    }
                    several => panic!("{several:?}"),
                }
            }
        }
        assert_eq!(fixed_some, [true; 2]);
    }
}

#[test]
fn a_quick_fix_fixes_its_finding_and_names_the_rollout_it_needs() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    client.open(&path);
    let actions = client.actions(&path, 0..99, Value::Null);
    let quick = fixes(&actions);
    assert!(quick.len() >= 3, "{quick:#?}");
    for action in &quick {
        let title = action["title"].as_str().unwrap();
        // An editor never applies a fix that needs a rollout on its own.
        assert_eq!(
            action["isPreferred"],
            !title.contains("(first: "),
            "{title}"
        );
        let document = &action["edit"]["documentChanges"][0]["textDocument"];
        assert_eq!(document["version"], 1);
        let rule = &action["diagnostics"][0]["code"];
        let fingerprint = &action["diagnostics"][0]["data"]["fingerprint"];
        client.write(&path, &edited(&text, &action["edit"], false));
        let left = client.diagnostics(&path);
        let is_it = |it: &Value| it["code"] == *rule && it["data"]["fingerprint"] == *fingerprint;
        assert!(!left.iter().any(is_it), "{title}");
        client.write(&path, &text);
    }
    // The first that is offered is a safe one, if there is any.
    let preferred = quick.iter().map(|it| it["isPreferred"] == true);
    assert!(preferred.is_sorted_by(|one, other| one >= other));
    // The document has changed since.
    let again = client.actions(&path, 0..99, json!(["quickfix"]));
    let version = &again[0]["edit"]["documentChanges"][0]["textDocument"]["version"];
    assert!(version.as_i64().unwrap() > 1);
}

#[test]
fn saving_never_applies_what_needs_a_roll_out() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    // Only one thing can have been meant, so mending it is safe.
    let text = text.replace("<privateApp>true", "<privateApp>TRUE");
    client.open_as(&path, &text);
    for (only, expected) in [
        (json!(["source.fixAll"]), vec![SAFE]),
        (json!([SAFE]), vec![SAFE]),
        (json!(["source"]), vec![SAFE, EVERYTHING]),
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
    assert_ne!(after(SAFE), after(EVERYTHING));
}

#[test]
fn what_does_not_count_is_not_mended() {
    let project = Project::sample();
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    let check = |client: &mut Client, what: &str| {
        assert!(!client.diagnostics(&path).iter().any(is_pkce), "{what}");
        for action in client.actions(&path, 0..99, Value::Null) {
            let edit = &action["edit"];
            let is_here =
                edit["documentChanges"][0]["textDocument"]["uri"] == crate::client::uri(&path);
            if is_here {
                let after = edited(&text, edit, false);
                assert!(
                    after.contains("<isPkceRequired>false<"),
                    "{what}: {action:#}"
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
    client.watched(&[(&project.path("forcelint.toml"), 2)]);
    check(&mut client, "exception");
    // The rule is off.
    project.write("forcelint.toml", "[rules]\npkce-required = \"off\"\n");
    client.watched(&[(&project.path("forcelint.toml"), 2)]);
    check(&mut client, "off");
    fs::remove_file(project.path("forcelint.toml")).unwrap();
    client.watched(&[(&project.path("forcelint.toml"), 3)]);
    assert!(client.diagnostics(&path).iter().any(is_pkce));
}

#[test]
fn an_exception_holds_once_it_has_a_reason() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    let config = project.path("forcelint.toml");
    let is_pkce = |it: &Value| it["code"] == "pkce-required";
    client.open(&path);
    let add = |client: &mut Client| {
        let actions = client.actions(&path, 0..99, json!(["quickfix"]));
        let wanted = "Add an exception for ConnectedApp:Mobile_Portal from pkce-required";
        let starts = |it: &&Value| it["title"].as_str().unwrap().starts_with(wanted);
        actions.iter().find(starts).cloned().expect("an exception")
    };
    let action = add(&mut client);
    assert_eq!(action["isPreferred"], false);
    let changes = action["edit"]["documentChanges"].as_array().unwrap();
    assert_eq!(changes[0]["kind"], "create");
    assert_eq!(changes[0]["uri"], crate::client::uri(&config));
    let text = edited("", &action["edit"], false);
    client.open_as(&config, &text);
    // An empty reason is refused, and hides nothing meanwhile.
    let mistakes = client.diagnostics(&config);
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert!(
        mistakes[0]["message"]
            .as_str()
            .unwrap()
            .contains("needs a reason")
    );
    let at = &action["command"]["arguments"][1]["start"];
    assert_eq!(mistakes[0]["range"]["start"]["line"], at["line"]);
    assert!(client.diagnostics(&path).iter().any(is_pkce));
    let reason = text.replace("reason = \"\"", "reason = \"moves in March\"");
    client.write(&config, &reason);
    assert!(client.diagnostics(&config).is_empty());
    assert!(!client.last(&path).diagnostics.iter().any(is_pkce));
    // The next one goes behind what is there, in the version that is open.
    client.write(&config, "min-severity = \"info\"");
    let action = add(&mut client);
    let change = &action["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 3);
    let text = edited("min-severity = \"info\"", &action["edit"], false);
    assert!(
        text.starts_with("min-severity = \"info\"\n\n[[exception]]\nrule = "),
        "{text}"
    );
    // The editor shows where the reason is missing.
    let command =
        json!({ "command": "forcelint.show", "arguments": action["command"]["arguments"] });
    let answer = client.request("workspace/executeCommand", command);
    assert_eq!(answer["result"], Value::Null);
    let shown = client
        .others
        .iter()
        .find(|it| it["method"] == "window/showDocument");
    assert_eq!(shown.unwrap()["params"]["uri"], crate::client::uri(&config));
}

#[test]
fn older_clients_get_what_they_understand() {
    let project = Project::sample();
    let mut can = capabilities();
    can["workspace"]["workspaceEdit"] = json!({});
    let mut client = Client::with(&project.root, can, json!({}));
    let path = project.app("Mobile_Portal");
    client.open(&path);
    let actions = client.actions(&path, 0..99, json!(["quickfix"]));
    assert!(!actions.is_empty());
    for action in &actions {
        assert!(
            action["edit"]["changes"][crate::client::uri(&path)].is_array(),
            "{action}"
        );
    }
    // One that knows commands alone has no use for any of them.
    let mut client = Client::with(&project.root, json!({}), json!({}));
    client.open(&path);
    assert!(client.actions(&path, 0..99, Value::Null).is_empty());
    let drawn = client.diagnostics(&path);
    assert!(
        drawn
            .iter()
            .all(|it| it.get("relatedInformation").is_none())
    );
    assert!(drawn.iter().all(|it| it.get("codeDescription").is_none()));
}
