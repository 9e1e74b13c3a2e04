//! The conversation itself: its beginning and end, what means nothing, and what is not wanted any
//! more.

use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, in_utf8, uri};

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

#[test]
fn it_begins_and_ends_as_the_protocol_has_it() {
    let project = Project::sample();
    let mut client = Client::raw();
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(code(&early), -32002);
    let parameters = json!({ "rootUri": uri(&project.root), "capabilities": {} });
    let hello = client.request("initialize", parameters.clone());
    let capabilities = &hello["result"]["capabilities"];
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(hello["result"]["serverInfo"]["name"], "forcelint");
    assert_eq!(code(&client.request("initialize", parameters)), -32600);
    assert_eq!(
        code(&client.request("textDocument/rename", json!({}))),
        -32601
    );
    assert_eq!(
        code(&client.request("textDocument/hover", json!({ "x": 1 }))),
        -32602
    );
    assert_eq!(code(&client.request("$/whatever", json!({}))), -32601);
    assert_eq!(
        client.request("shutdown", Value::Null)["result"],
        Value::Null
    );
    assert_eq!(
        code(&client.request("textDocument/hover", json!({}))),
        -32600
    );
    client.notify("exit", Value::Null);
    assert_eq!(client.wait().code(), Some(0));
}

#[test]
fn an_end_without_goodbye_is_told() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait().code(), Some(1));
    assert_eq!(Client::start(&project.root).vanish().code(), Some(1));
    assert_eq!(Client::raw().vanish().code(), Some(1));
    // In the middle of a message, and of work.
    let mut client = Client::start(&project.root);
    for _ in 0..50 {
        client.ask(
            "workspace/executeCommand",
            json!({ "command": "forcelint.checkWorkspace" }),
        );
    }
    client.send_bytes(b"Content-Length: 100\r\n\r\n{\"jsonrpc\"");
    assert_eq!(client.vanish().code(), Some(1));
    assert!(Client::start(&project.root).leave().success());
}

#[test]
fn what_means_nothing_is_answered_and_passed_over() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    for garbled in [
        "{",
        "[]",
        "{\"jsonrpc\":\"2.0\"}",
        "\"x\"",
        "{\"method\":1}",
        "\u{1b}[2J",
    ] {
        let framed = format!("Content-Length: {}\r\n\r\n{garbled}", garbled.len());
        client.send_bytes(framed.as_bytes());
        client.wait_for("the answer", |client| {
            client.others.iter().any(|it| it["error"]["code"] == -32700)
        });
        client.others.clear();
    }
    client.send_bytes(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    // Notifications with parameters that cannot be.
    for method in ["didOpen", "didChange", "didClose", "didSave"] {
        client.notify(
            &format!("textDocument/{method}"),
            json!({ "textDocument": 7 }),
        );
    }
    client.notify("workspace/didChangeWatchedFiles", json!([]));
    client.notify("$/setTrace", json!({ "value": "off" }));
    client.notify("nothing/like/it", json!(1));
    client.send(&json!({ "jsonrpc": "2.0", "id": "unasked", "result": 1 }));
    // A document that is not open, and places that are not there.
    let nowhere = project.path("nowhere.connectedApp-meta.xml");
    let change = json!({
        "textDocument": { "uri": uri(&nowhere), "version": 2 },
        "contentChanges": [{ "text": "x" }],
    });
    client.notify("textDocument/didChange", change);
    let far = json!({ "line": 4_000_000, "character": 4_000_000 });
    let back =
        json!({ "range": { "start": far, "end": { "line": 0, "character": 9 } }, "text": "" });
    client.change(&path, json!([back]));
    let drawn = client.diagnostics(&path);
    assert_eq!(drawn.len(), 1);
    assert_eq!(drawn[0]["code"], "malformed-metadata");
    assert_eq!(client.last(&path).version, Some(2));
    assert!(client.leave().success());
}

#[test]
fn what_cannot_be_told_apart_ends_the_session() {
    for bytes in [
        "hello\r\n\r\n",
        "Content-Length: 99999999999\r\n\r\n",
        "Content-Length: x\r\n\r\n",
    ] {
        let project = Project::empty();
        let mut client = Client::start(&project.root);
        client.send_bytes(bytes.as_bytes());
        while client.next().is_some() {}
        assert_eq!(client.wait().code(), Some(1), "{bytes}");
    }
}

#[test]
fn what_is_cancelled_is_answered_as_that() {
    let project = Project::sample();
    // Enough to be busy for a while.
    let text = fs::read_to_string(project.app("Mobile_Portal")).unwrap();
    for number in 0..400 {
        project.write(
            &format!("force-app/a/App{number}.connectedApp-meta.xml"),
            &text,
        );
    }
    let mut client = Client::start(&project.root);
    let check = json!({ "command": "forcelint.checkWorkspace" });
    let first = client.ask("workspace/executeCommand", check.clone());
    let second = client.ask("workspace/executeCommand", check.clone());
    client.notify("$/cancelRequest", json!({ "id": second }));
    client.notify("$/cancelRequest", json!({ "id": "no such" }));
    assert_eq!(code(&client.answer(second)), -32800);
    client.notify("$/cancelRequest", json!({ "id": first }));
    assert_eq!(code(&client.answer(first)), -32800);
    // Meanwhile and afterwards everything else is answered.
    let path = project.app("Legacy_ERP");
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
    let id = client.ask("workspace/executeCommand", check);
    let answer = client.answer(id);
    assert!(
        answer["result"]["files"].as_u64().unwrap() > 400,
        "{answer}"
    );
    // Too late: it has been answered.
    client.notify("$/cancelRequest", json!({ "id": id }));
    client.settle();
    assert!(client.leave().success());
}

#[test]
fn any_folders_and_none_will_do() {
    let project = Project::sample();
    let other = Project::sample();
    let path = project.app("Mobile_Portal");
    let there = other.app("Mobile_Portal");
    let folder = |path: &std::path::Path| json!({ "uri": uri(path), "name": "x" });
    for parameters in [
        json!({ "capabilities": {} }),
        json!({ "capabilities": {}, "workspaceFolders": null, "rootUri": null, "rootPath": null }),
        json!({ "capabilities": {}, "workspaceFolders": [] }),
        json!({ "capabilities": {}, "rootUri": "nonsense" }),
        json!({ "capabilities": {}, "rootPath": project.root.to_str().unwrap() }),
        json!({ "capabilities": {}, "workspaceFolders": [folder(&project.root), folder(&other.root)] }),
    ] {
        let mut client = Client::raw();
        client.request("initialize", parameters);
        client.notify("initialized", json!({}));
        client.open(&path);
        client.open(&there);
        let drawn = client.diagnostics(&path);
        assert!(!drawn.is_empty());
        assert_eq!(client.last(&there).diagnostics.len(), drawn.len());
        assert!(client.leave().success());
    }
    // Invalid parameters are an error, and the client can try again.
    let mut client = Client::raw();
    let invalid = json!({ "capabilities": 7, "workspaceFolders": "x" });
    assert_eq!(code(&client.request("initialize", invalid)), -32602);
    client.request("initialize", json!({ "capabilities": {} }));
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
}

#[test]
fn documents_that_are_no_files_are_left_alone() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let text = fs::read_to_string(project.app("Mobile_Portal")).unwrap();
    for uri in [
        "untitled:Untitled-1",
        "git:/a/App.connectedApp-meta.xml?%7B%7D",
        "vscode-notebook-cell:/x.connectedApp-meta.xml",
        "file:///%FF.connectedApp-meta.xml",
        "",
    ] {
        let document = json!({ "uri": uri, "languageId": "xml", "version": 1, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let change = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": "<" }] });
        client.notify("textDocument/didChange", change);
        let document = json!({ "uri": uri });
        client.notify("textDocument/didClose", json!({ "textDocument": document }));
    }
    // Escaped in another way than we do it, and answered in the client's own words.
    let path = project.app("Mobile_Portal");
    let odd = format!("file://{}", path.to_str().unwrap().replace(' ', "%20"));
    let document = json!({ "uri": odd, "languageId": "xml", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.settle();
    assert!(!client.drawn[&odd].diagnostics.is_empty());
    assert!(
        client
            .drawn
            .iter()
            .all(|(uri, drawn)| *uri == odd || drawn.diagnostics.is_empty())
    );
}

#[test]
fn places_are_counted_as_was_agreed() {
    let project = Project::sample();
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("<isPkceRequired>", "<!-- ü😀 --><isPkceRequired>");
    for (can, expected) in [(capabilities(), 8 + 12), (in_utf8(capabilities()), 8 + 15)] {
        let mut client = Client::with(&project.root, can, json!({}));
        client.open_as(&path, &text);
        let drawn = client.diagnostics(&path);
        let pkce = drawn
            .iter()
            .find(|it| it["code"] == "pkce-required")
            .unwrap();
        assert_eq!(pkce["range"]["start"]["character"], expected);
    }
}
