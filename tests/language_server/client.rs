//! A test client that talks to the server over stdio, and a project for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use forcelint::lsp::serve;
use forcelint::project::canonical;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const FORCELINT: &str = env!("CARGO_BIN_EXE_forcelint");

/// The folder with most of the metadata in the sample project.
pub const APPS: &str = "force-app/main/default/connectedApps";

/// Longer than any response takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A copy of the sample project in a temporary folder.
pub struct Project {
    _folder: TempDir,
    pub root: PathBuf,
}

impl Project {
    pub fn sample() -> Self {
        let project = Self::empty();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sample");
        copy(&sample, &project.root);
        project
    }

    pub fn empty() -> Self {
        let folder = TempDir::with_prefix("forcelint ü ").unwrap();
        let root = canonical(folder.path()).unwrap();
        Self {
            _folder: folder,
            root,
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn app(&self, name: &str) -> PathBuf {
        self.path(&format!("{APPS}/{name}.connectedApp-meta.xml"))
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The JSON report of `forcelint check` in the project.
    pub fn check(&self, arguments: &[&str]) -> Value {
        let output = Command::new(FORCELINT)
            .current_dir(&self.root)
            .args(["check", "--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Capabilities of most editors.
pub fn capabilities() -> Value {
    json!({
        "workspace": {
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
        },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
            "hover": { "contentFormat": ["markdown"] },
            "completion": { "completionItem": { "snippetSupport": true } },
        },
        "window": { "showDocument": { "support": true } },
    })
}

/// The same, with positions in bytes.
pub fn with_utf8(mut capabilities: Value) -> Value {
    capabilities["general"]["positionEncodings"] = json!(["utf-16", "utf-8"]);
    capabilities
}

/// The last published diagnostics of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Published {
    pub version: Option<i64>,
    pub diagnostics: Vec<Value>,
}

/// Where the server runs.
enum Server {
    Process(Child),
    /// In this process, with a clock that the test controls.
    Thread,
}

pub struct Client {
    server: Server,
    input: Option<Box<dyn Write>>,
    messages: Receiver<Value>,
    /// By URI.
    pub published: BTreeMap<String, Published>,
    /// All published diagnostics of each file, in order.
    pub history: BTreeMap<String, Vec<Published>>,
    /// All other messages from the server.
    pub other_messages: Vec<Value>,
    versions: BTreeMap<PathBuf, i64>,
    requests: i64,
}

impl Client {
    /// Starts a server without the `initialize` request.
    pub fn uninitialized() -> Self {
        let mut child = Command::new(FORCELINT)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let input = child.stdin.take().unwrap();
        Self::connect(Server::Process(child), input, output)
    }

    /// A server in this process with another clock, for a folder.
    pub fn with_clock(root: &Path, now: impl Fn() -> Timestamp + Send + 'static) -> Self {
        let (input, to_server) = io::pipe().unwrap();
        let (from_server, output) = io::pipe().unwrap();
        thread::spawn(move || serve(input, output, now));
        let mut client = Self::connect(Server::Thread, to_server, from_server);
        client.initialize(root, capabilities(), json!({}));
        client
    }

    fn connect(
        server: Server,
        input: impl Write + 'static,
        output: impl Read + Send + 'static,
    ) -> Self {
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: Some(Box::new(input)),
            server,
            messages,
            published: BTreeMap::new(),
            history: BTreeMap::new(),
            other_messages: Vec::new(),
            versions: BTreeMap::new(),
            requests: 0,
        }
    }

    /// A server for a folder.
    pub fn start(root: &Path) -> Self {
        Self::with(root, capabilities(), json!({}))
    }

    pub fn with(root: &Path, capabilities: Value, options: Value) -> Self {
        let mut client = Self::uninitialized();
        client.initialize(root, capabilities, options);
        client
    }

    fn initialize(&mut self, root: &Path, capabilities: Value, options: Value) {
        self.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": null,
                "workspaceFolders": [{ "uri": uri(root), "name": "project" }],
                "capabilities": capabilities,
                "initializationOptions": options,
            }),
        );
        self.notify("initialized", json!({}));
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.send_bytes(framed.as_bytes());
    }

    pub fn notify(&mut self, method: &str, parameters: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// Sends a request and waits for its response.
    pub fn request(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send_request(method, parameters);
        self.response(id)
    }

    pub fn send_request(&mut self, method: &str, parameters: Value) -> i64 {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        id
    }

    /// The response to a request.
    pub fn response(&mut self, id: i64) -> Value {
        loop {
            let message = self.next().expect("an answer");
            let is_answer = message["id"] == id && message.get("method").is_none();
            if is_answer {
                return message;
            }
            self.record(message);
        }
    }

    /// The next message. None after the server has closed its output.
    pub fn next(&mut self) -> Option<Value> {
        match self.messages.recv_timeout(TIMEOUT) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                panic!("no message; before: {:#?}", self.other_messages)
            }
        }
    }

    fn record(&mut self, message: Value) {
        if message["method"] != "textDocument/publishDiagnostics" {
            self.other_messages.push(message);
            return;
        }
        let parameters = &message["params"];
        let published = Published {
            version: parameters["version"].as_i64(),
            diagnostics: parameters["diagnostics"].as_array().unwrap().clone(),
        };
        let uri = parameters["uri"].as_str().unwrap();
        let history = self.history.entry(uri.to_owned()).or_default();
        history.push(published.clone());
        self.published.insert(uri.to_owned(), published);
    }

    /// Waits until the server has handled all messages.
    pub fn sync(&mut self) {
        let nowhere = json!({
            "textDocument": { "uri": "untitled:nothing" },
            "position": { "line": 0, "character": 0 },
        });
        self.request("textDocument/hover", nowhere);
    }

    /// Records messages until the condition is true.
    pub fn wait_for(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            let message = self
                .next()
                .unwrap_or_else(|| panic!("no message for: {what}"));
            self.record(message);
        }
    }

    pub fn open(&mut self, path: &Path) {
        let text = fs::read_to_string(path).unwrap();
        self.open_as(path, &text);
    }

    pub fn open_as(&mut self, path: &Path, text: &str) {
        self.versions.insert(path.to_owned(), 1);
        let document = json!({ "uri": uri(path), "languageId": "xml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the text of a document.
    pub fn write(&mut self, path: &Path, text: &str) {
        self.change(path, json!([{ "text": text }]));
    }

    pub fn change(&mut self, path: &Path, changes: Value) {
        let version = self.versions.get_mut(path).unwrap();
        *version += 1;
        let document = json!({ "uri": uri(path), "version": *version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    pub fn close(&mut self, path: &Path) {
        let document = json!({ "uri": uri(path) });
        self.notify("textDocument/didClose", json!({ "textDocument": document }));
    }

    /// Reports changed files: 1 is created, 2 changed, 3 deleted.
    pub fn report_changed_files(&mut self, paths: &[(&Path, u8)]) {
        let changes: Vec<Value> = paths
            .iter()
            .map(|(path, kind)| json!({ "uri": uri(path), "type": kind }))
            .collect();
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": changes }),
        );
    }

    /// The diagnostics of a file after the server has handled all messages.
    pub fn diagnostics(&mut self, path: &Path) -> Vec<Value> {
        self.sync();
        self.last(path).diagnostics
    }

    /// The last published diagnostics of a file.
    pub fn last(&self, path: &Path) -> Published {
        self.published.get(&uri(path)).cloned().unwrap_or_default()
    }

    /// The code actions for lines of a document, counted from 0.
    pub fn actions(&mut self, path: &Path, lines: std::ops::Range<u32>, only: Value) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if !only.is_null() {
            context["only"] = only;
        }
        let response = self.request(
            "textDocument/codeAction",
            json!({
                "textDocument": { "uri": uri(path) },
                "range": {
                    "start": { "line": lines.start, "character": 0 },
                    "end": { "line": lines.end, "character": 0 },
                },
                "context": context,
            }),
        );
        response["result"].as_array().cloned().unwrap_or_default()
    }

    /// Sends a request about a position in a document.
    pub fn at(&mut self, method: &str, path: &Path, line: u32, character: u32) -> Value {
        let response = self.request(
            method,
            json!({
                "textDocument": { "uri": uri(path) },
                "position": { "line": line, "character": character },
            }),
        );
        response["result"].clone()
    }

    fn exit_status(&mut self) -> ExitStatus {
        match &mut self.server {
            Server::Process(child) => child.wait().unwrap(),
            Server::Thread => panic!("a server in this process has no exit status"),
        }
    }

    /// Closes the connection and returns the exit status.
    pub fn disconnect(mut self) -> ExitStatus {
        self.input = None;
        self.exit_status()
    }

    /// Ends the session as the protocol requires and returns the exit status.
    pub fn shut_down(mut self) -> ExitStatus {
        let response = self.request("shutdown", Value::Null);
        assert_eq!(response["result"], Value::Null);
        assert!(response.get("error").is_none(), "{response}");
        self.notify("exit", Value::Null);
        self.exit_status()
    }

    pub fn wait(mut self) -> ExitStatus {
        self.exit_status()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Server::Process(child) = &mut self.server {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut header = String::new();
        if output.read_line(&mut header).ok()? == 0 {
            return None;
        }
        match header.trim().split_once(": ") {
            Some((_, value)) => length = value.parse().ok()?,
            None => break,
        }
    }
    let mut content = vec![0; length];
    output.read_exact(&mut content).ok()?;
    serde_json::from_slice(&content).ok()
}

/// The URI of a file, escaped like the server does it.
pub fn uri(path: &Path) -> String {
    let mut path = path.to_str().unwrap().to_owned();
    if cfg!(windows) {
        path = format!("/{}", path.replace('\\', "/"));
    }
    let mut uri = "file://".to_owned();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The byte offset of a position, computed without code of forcelint.
pub fn offset(text: &str, position: &Value, is_utf8: bool) -> usize {
    let (line, character) = (position["line"].as_u64(), position["character"].as_u64());
    let (mut line, mut character) = (line.unwrap(), character.unwrap());
    let mut at = 0;
    let bytes = text.as_bytes();
    while line > 0 {
        at += match &bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        if matches!(bytes[at - 1], b'\n' | b'\r') {
            line -= 1;
        }
    }
    for next in text[at..].chars() {
        if character == 0 {
            break;
        }
        character -= match is_utf8 {
            true => next.len_utf8() as u64,
            false => next.len_utf16() as u64,
        };
        at += next.len_utf8();
    }
    assert_eq!(character, 0, "{position} is in no line of the text");
    at
}

/// The position of a byte offset, computed without code of forcelint.
pub fn position(text: &str, offset: usize, is_utf8: bool) -> Value {
    let before = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
    let line = before.matches('\n').count();
    let inside = before.rsplit('\n').next().unwrap();
    let character = match is_utf8 {
        true => inside.len(),
        false => inside.encode_utf16().count(),
    };
    json!({ "line": line, "character": character })
}

/// The text after the edits of the last document in a workspace edit.
pub fn edited(text: &str, edit: &Value, is_utf8: bool) -> String {
    let change = edit["documentChanges"].as_array().unwrap().last().unwrap();
    let mut edits: Vec<(usize, usize, &str)> = change["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let at = |end: &str| offset(text, &edit["range"][end], is_utf8);
            (at("start"), at("end"), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort();
    let mut result = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        result.replace_range(start..end, new);
    }
    result
}
