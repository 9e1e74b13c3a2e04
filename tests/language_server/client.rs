//! A client that does what it is told, over stdio, and a project for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use forcelint::lsp::serve;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The program under test.
pub const FORCELINT: &str = env!("CARGO_BIN_EXE_forcelint");

/// Where most metadata of the sample project lies.
pub const APPS: &str = "force-app/main/default/connectedApps";

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A copy of the sample project.
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
        let root = folder.path().canonicalize().unwrap();
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

    /// What `forcelint check --format json` says, started in the project.
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

/// What most editors can do.
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

/// The same, counting characters as bytes.
pub fn in_utf8(mut capabilities: Value) -> Value {
    capabilities["general"]["positionEncodings"] = json!(["utf-16", "utf-8"]);
    capabilities
}

/// The diagnostics of a file, as they came last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    pub version: Option<i64>,
    pub diagnostics: Vec<Value>,
}

/// Where the server runs.
enum Server {
    Process(Child),
    /// In this process, with a clock of the test's.
    Thread,
}

pub struct Client {
    server: Server,
    input: Option<Box<dyn Write>>,
    messages: Receiver<Value>,
    /// By path, spelt as in the URI.
    pub drawn: BTreeMap<String, Drawn>,
    /// Everything else that came.
    pub others: Vec<Value>,
    versions: BTreeMap<PathBuf, i64>,
    requests: i64,
}

impl Client {
    /// Starts a server that nobody has introduced themselves to.
    pub fn raw() -> Self {
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

    /// A server in a folder, in this process, with another clock.
    pub fn with_clock(root: &Path, now: impl Fn() -> Timestamp + Send + 'static) -> Self {
        let (input, to_server) = io::pipe().unwrap();
        let (from_server, output) = io::pipe().unwrap();
        thread::spawn(move || serve(input, output, now));
        let mut client = Self::connect(Server::Thread, to_server, from_server);
        client.introduce(root, capabilities(), json!({}));
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
            drawn: BTreeMap::new(),
            others: Vec::new(),
            versions: BTreeMap::new(),
            requests: 0,
        }
    }

    /// A server in a folder.
    pub fn start(root: &Path) -> Self {
        Self::with(root, capabilities(), json!({}))
    }

    pub fn with(root: &Path, capabilities: Value, options: Value) -> Self {
        let mut client = Self::raw();
        client.introduce(root, capabilities, options);
        client
    }

    fn introduce(&mut self, root: &Path, capabilities: Value, options: Value) {
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

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.ask(method, parameters);
        self.answer(id)
    }

    pub fn ask(&mut self, method: &str, parameters: Value) -> i64 {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        id
    }

    /// The whole answer to a request.
    pub fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.next().expect("an answer");
            let is_answer = message["id"] == id && message.get("method").is_none();
            if is_answer {
                return message;
            }
            self.take(message);
        }
    }

    /// The next message; none once the server has closed its end.
    pub fn next(&mut self) -> Option<Value> {
        match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came; before: {:#?}", self.others),
        }
    }

    fn take(&mut self, message: Value) {
        if message["method"] != "textDocument/publishDiagnostics" {
            self.others.push(message);
            return;
        }
        let parameters = &message["params"];
        let drawn = Drawn {
            version: parameters["version"].as_i64(),
            diagnostics: parameters["diagnostics"].as_array().unwrap().clone(),
        };
        let uri = parameters["uri"].as_str().unwrap();
        self.drawn.insert(uri.to_owned(), drawn);
    }

    /// Waits until everything that was sent has had its effect.
    pub fn settle(&mut self) {
        let nowhere = json!({
            "textDocument": { "uri": "untitled:nothing" },
            "position": { "line": 0, "character": 0 },
        });
        self.request("textDocument/hover", nowhere);
    }

    /// Takes what comes until something is so.
    pub fn wait_for(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            let message = self.next().unwrap_or_else(|| panic!("{what} never came"));
            self.take(message);
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

    /// Gives a document another text.
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

    /// Tells that files changed on disk: 1 came, 2 changed, 3 went.
    pub fn watched(&mut self, paths: &[(&Path, u8)]) {
        let changes: Vec<Value> = paths
            .iter()
            .map(|(path, kind)| json!({ "uri": uri(path), "type": kind }))
            .collect();
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": changes }),
        );
    }

    /// What is drawn in a file once all has had its effect.
    pub fn diagnostics(&mut self, path: &Path) -> Vec<Value> {
        self.settle();
        self.last(path).diagnostics
    }

    /// What was drawn last.
    pub fn last(&self, path: &Path) -> Drawn {
        self.drawn.get(&uri(path)).cloned().unwrap_or_default()
    }

    /// The code actions in the lines of a document, from 0.
    pub fn actions(&mut self, path: &Path, lines: std::ops::Range<u32>, only: Value) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if !only.is_null() {
            context["only"] = only;
        }
        let answer = self.request(
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
        answer["result"].as_array().cloned().unwrap_or_default()
    }

    /// Asks about a place of a document.
    pub fn at(&mut self, method: &str, path: &Path, line: u32, character: u32) -> Value {
        let answer = self.request(
            method,
            json!({
                "textDocument": { "uri": uri(path) },
                "position": { "line": line, "character": character },
            }),
        );
        answer["result"].clone()
    }

    fn exit_status(&mut self) -> ExitStatus {
        match &mut self.server {
            Server::Process(child) => child.wait().unwrap(),
            Server::Thread => panic!("a server in this process has no exit status"),
        }
    }

    /// Goes away without a word, and tells how the server took it.
    pub fn vanish(mut self) -> ExitStatus {
        self.input = None;
        self.exit_status()
    }

    /// Says goodbye.
    pub fn leave(mut self) -> ExitStatus {
        let answer = self.request("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        assert!(answer.get("error").is_none(), "{answer}");
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

/// The URI of a file, escaped as the server does it.
pub fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_str().unwrap().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The byte offset of a place, counted with no help of the server's.
pub fn offset(text: &str, place: &Value, in_bytes: bool) -> usize {
    let (line, character) = (place["line"].as_u64(), place["character"].as_u64());
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
        character -= match in_bytes {
            true => next.len_utf8() as u64,
            false => next.len_utf16() as u64,
        };
        at += next.len_utf8();
    }
    assert_eq!(character, 0, "{place} is in no line of the text");
    at
}

/// The place of a byte offset, counted with no help of the server's.
pub fn place(text: &str, offset: usize, in_bytes: bool) -> Value {
    let before = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
    let line = before.matches('\n').count();
    let inside = before.rsplit('\n').next().unwrap();
    let character = match in_bytes {
        true => inside.len(),
        false => inside.encode_utf16().count(),
    };
    json!({ "line": line, "character": character })
}

/// The text after the edits of one document of a workspace edit.
pub fn edited(text: &str, edit: &Value, in_bytes: bool) -> String {
    let change = edit["documentChanges"].as_array().unwrap().last().unwrap();
    let mut edits: Vec<(usize, usize, &str)> = change["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let at = |end: &str| offset(text, &edit["range"][end], in_bytes);
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
