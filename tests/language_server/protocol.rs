//! The protocol: start and end of a session, invalid messages, and canceled requests.

use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, uri, with_utf8};

fn code(response: &Value) -> i64 {
    response["error"]["code"].as_i64().unwrap_or_default()
}

#[test]
fn session_starts_and_ends_as_specified() {
    let project = Project::sample();
    let mut client = Client::uninitialized();
    let too_early = client.request("textDocument/hover", json!({}));
    assert_eq!(code(&too_early), -32002);
    let parameters = json!({ "rootUri": uri(&project.root), "capabilities": {} });
    let initialized = client.request("initialize", parameters.clone());
    let capabilities = &initialized["result"]["capabilities"];
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(initialized["result"]["serverInfo"]["name"], "forcelint");
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
fn exit_without_shutdown_has_status_1() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait().code(), Some(1));
    assert_eq!(Client::start(&project.root).disconnect().code(), Some(1));
    assert_eq!(Client::uninitialized().disconnect().code(), Some(1));
    // During a message, and while the server is busy.
    let mut client = Client::start(&project.root);
    for _ in 0..50 {
        client.send_request(
            "workspace/executeCommand",
            json!({ "command": "forcelint.checkWorkspace" }),
        );
    }
    client.send_bytes(b"Content-Length: 100\r\n\r\n{\"jsonrpc\"");
    assert_eq!(client.disconnect().code(), Some(1));
    assert!(Client::start(&project.root).shut_down().success());
}

#[test]
fn invalid_messages_do_not_end_the_session() {
    let project = Project::sample();
    let mut client = Client::start(&project.root);
    let path = project.app("Mobile_Portal");
    client.open(&path);
    for invalid in [
        "{",
        "[]",
        "{\"jsonrpc\":\"2.0\"}",
        "\"x\"",
        "{\"method\":1}",
        "\u{1b}[2J",
    ] {
        let message = format!("Content-Length: {}\r\n\r\n{invalid}", invalid.len());
        client.send_bytes(message.as_bytes());
        client.wait_for("the answer", |client| {
            client
                .other_messages
                .iter()
                .any(|it| it["error"]["code"] == -32700)
        });
        client.other_messages.clear();
    }
    client.send_bytes(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    // Notifications with invalid parameters.
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
    // A document that is not open, and positions outside the text.
    let not_open = project.path("nowhere.connectedApp-meta.xml");
    let change = json!({
        "textDocument": { "uri": uri(&not_open), "version": 2 },
        "contentChanges": [{ "text": "x" }],
    });
    client.notify("textDocument/didChange", change);
    let outside = json!({ "line": 4_000_000, "character": 4_000_000 });
    let change =
        json!({ "range": { "start": outside, "end": { "line": 0, "character": 9 } }, "text": "" });
    client.change(&path, json!([change]));
    let published = client.diagnostics(&path);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0]["code"], "malformed-metadata");
    assert_eq!(client.last(&path).version, Some(2));
    assert!(client.shut_down().success());
}

#[test]
fn invalid_headers_end_the_session() {
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
fn canceled_requests_get_an_error() {
    let project = Project::sample();
    // Enough files to keep the server busy for a while.
    let text = fs::read_to_string(project.app("Mobile_Portal")).unwrap();
    for number in 0..400 {
        project.write(
            &format!("force-app/a/App{number}.connectedApp-meta.xml"),
            &text,
        );
    }
    let mut client = Client::start(&project.root);
    let check = json!({ "command": "forcelint.checkWorkspace" });
    let first = client.send_request("workspace/executeCommand", check.clone());
    let second = client.send_request("workspace/executeCommand", check.clone());
    client.notify("$/cancelRequest", json!({ "id": second }));
    client.notify("$/cancelRequest", json!({ "id": "no such" }));
    assert_eq!(code(&client.response(second)), -32800);
    client.notify("$/cancelRequest", json!({ "id": first }));
    assert_eq!(code(&client.response(first)), -32800);
    // Other requests are handled during and after that.
    let path = project.app("Legacy_ERP");
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
    let id = client.send_request("workspace/executeCommand", check);
    let response = client.response(id);
    assert!(
        response["result"]["files"].as_u64().unwrap() > 400,
        "{response}"
    );
    // The request already has a response.
    client.notify("$/cancelRequest", json!({ "id": id }));
    client.sync();
    assert!(client.shut_down().success());
}

#[test]
fn session_works_with_any_number_of_folders() {
    let project = Project::sample();
    let other = Project::sample();
    let path = project.app("Mobile_Portal");
    let other_path = other.app("Mobile_Portal");
    let folder = |path: &std::path::Path| json!({ "uri": uri(path), "name": "x" });
    for parameters in [
        json!({ "capabilities": {} }),
        json!({ "capabilities": {}, "workspaceFolders": null, "rootUri": null, "rootPath": null }),
        json!({ "capabilities": {}, "workspaceFolders": [] }),
        json!({ "capabilities": {}, "rootUri": "nonsense" }),
        json!({ "capabilities": {}, "rootPath": project.root.to_str().unwrap() }),
        json!({ "capabilities": {}, "workspaceFolders": [folder(&project.root), folder(&other.root)] }),
    ] {
        let mut client = Client::uninitialized();
        client.request("initialize", parameters);
        client.notify("initialized", json!({}));
        client.open(&path);
        client.open(&other_path);
        let published = client.diagnostics(&path);
        assert!(!published.is_empty());
        assert_eq!(client.last(&other_path).diagnostics.len(), published.len());
        assert!(client.shut_down().success());
    }
    // Invalid parameters are an error, and the client can try again.
    let mut client = Client::uninitialized();
    let invalid = json!({ "capabilities": 7, "workspaceFolders": "x" });
    assert_eq!(code(&client.request("initialize", invalid)), -32602);
    client.request("initialize", json!({ "capabilities": {} }));
    client.open(&path);
    assert!(!client.diagnostics(&path).is_empty());
}

#[test]
fn documents_that_are_not_files_are_ignored() {
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
    // Escaped differently than by forcelint. The server keeps the client's spelling.
    let path = project.app("Mobile_Portal");
    let other_spelling = uri(&path).replace("%C3%BC", "ü");
    let document =
        json!({ "uri": other_spelling, "languageId": "xml", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.sync();
    assert!(!client.published[&other_spelling].diagnostics.is_empty());
    assert!(
        client
            .published
            .iter()
            .all(|(uri, published)| *uri == other_spelling || published.diagnostics.is_empty())
    );
}

#[test]
fn positions_use_the_negotiated_encoding() {
    let project = Project::sample();
    let path = project.app("Mobile_Portal");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("<isPkceRequired>", "<!-- ü😀 --><isPkceRequired>");
    for (client_capabilities, expected) in [
        (capabilities(), 8 + 12),
        (with_utf8(capabilities()), 8 + 15),
    ] {
        let mut client = Client::with(&project.root, client_capabilities, json!({}));
        client.open_as(&path, &text);
        let published = client.diagnostics(&path);
        let pkce = published
            .iter()
            .find(|it| it["code"] == "pkce-required")
            .unwrap();
        assert_eq!(pkce["range"]["start"]["character"], expected);
    }
}
