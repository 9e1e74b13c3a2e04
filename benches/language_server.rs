//! `cargo bench --bench language_server`: the time from a keystroke to its diagnostics.
//!
//! The real binary (or the program in the environment variable `FORCELINT`), a client over stdio. Each row opens files,
//! types a character and takes it back again, and waits each time until the diagnostics of that very version have come.
//! Prints the median, the 95th percentile and the longest of all, in milliseconds, beside what is allowed: 10 for a small
//! file, 100 for one of 1 MB.
//!
//! The rows about the start measure the time from `initialize`, sent to a server that has just been started, to the
//! first diagnostics of the file that the editor opens: 50 are allowed.

use std::fmt::{Display, Write as _};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};

/// Keys in each row.
const KEYS: usize = 201;

/// Servers in each row about the start.
const STARTS: usize = 21;

const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    fs::write(
        root.join("sfdx-project.json"),
        "{\"packageDirectories\":[{\"path\":\"force-app\"}],\"sourceApiVersion\":\"66.0\"}",
    )
    .expect("a project");
    println!(
        "{:44} {:>8} {:>8} {:>8} {:>8}",
        "a key until its diagnostics", "median", "95 %", "longest", "allowed"
    );
    let small = write(root, "connectedApps/App.connectedApp-meta.xml", &app("App"));
    row("a connected app", root, &small, &[], 10);
    let apps: Vec<PathBuf> = (0..50)
        .map(|at| format!("connectedApps/App{at}.connectedApp-meta.xml"))
        .map(|name| write(root, &name, &app(&name)))
        .collect();
    let org = write(root, "settings/OauthOidc.settings-meta.xml", &settings());
    row(
        "org settings, 50 open apps that ask",
        root,
        &org,
        &apps,
        100,
    );
    for at in 0..20_000 {
        let name = format!("many{}/App{at}.connectedApp-meta.xml", at % 100);
        write(root, &name, &app(&name));
    }
    row("a connected app among 20,000", root, &small, &[], 10);
    row("org settings among 20,000", root, &org, &apps[..1], 10);
    start_row("start: a connected app among 20,000", root, &small, 1, "50");
    // A finding that does not depend on the apps.
    let finding = "    <blockOAuthUnPwFlow>false</blockOAuthUnPwFlow>\n</OauthOidcSettings>";
    let text = settings().replace("</OauthOidcSettings>", finding);
    fs::write(&org, text).expect("a file");
    start_row("start: org settings among 20,000", root, &org, 1, "50");
    start_row("the same, all diagnostics", root, &org, 2, "");
    let name = "permissionsets/Large.permissionset-meta.xml";
    let large = write(root, name, &permission_set(false));
    row("a permission set of 1 MB", root, &large, &[], 100);
    let large = write(root, name, &permission_set(true));
    row("the same with 1,000 findings", root, &large, &[], 100);
}

fn write(root: &Path, name: &str, text: &str) -> PathBuf {
    let path = root.join("force-app/main/default").join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    path
}

fn app(label: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ConnectedApp {NAMESPACE}>\n    \
         <contactEmail>a@b.example</contactEmail>\n    <label>{label}</label>\n    <oauthConfig>\n        \
         <callbackUrl>https://a.example/</callbackUrl>\n        \
         <isConsumerSecretOptional>true</isConsumerSecretOptional>\n        \
         <scopes>Api</scopes>\n    </oauthConfig>\n</ConnectedApp>\n"
    )
}

fn settings() -> String {
    format!(
        "<OauthOidcSettings {NAMESPACE}>\n    <isPkceRequired>true</isPkceRequired>\n</OauthOidcSettings>\n"
    )
}

/// About 1 MB; with some values that cannot be, if it is to have findings.
fn permission_set(with_findings: bool) -> String {
    let mut text = format!("<?xml version=\"1.0\"?>\n<PermissionSet {NAMESPACE}>\n");
    for at in 0..6_600 {
        let is_wrong = with_findings && at < 1_000;
        let readable = if is_wrong { "maybe" } else { "true" };
        let _ = write!(
            text,
            "    <fieldPermissions>\n        <editable>false</editable>\n        \
             <field>Account.Field_{at}__c</field>\n        <readable>{readable}</readable>\n    \
             </fieldPermissions>\n"
        );
    }
    text.push_str("    <label>Large</label>\n</PermissionSet>\n");
    text
}

fn row(what: &str, root: &Path, typed: &Path, open: &[PathBuf], allowed: u32) {
    let mut editor = Editor::start(root);
    for path in open {
        editor.open(path);
    }
    let text = editor.open(typed);
    let count = editor.wait(typed, 1);
    let line = text.lines().count() / 2;
    let mut times: Vec<Duration> = Vec::new();
    for key in 0..KEYS {
        let (end, new) = if key % 2 == 0 { (0, " ") } else { (1, "") };
        let change = json!([{
            "range": {
                "start": { "line": line, "character": 0 },
                "end": { "line": line, "character": end },
            },
            "text": new,
        }]);
        let started = Instant::now();
        editor.change(typed, key as i64 + 2, &change);
        editor.wait(typed, key as i64 + 2);
        times.push(started.elapsed());
    }
    print_row(&format!("{what} ({count} drawn)"), times, allowed);
}

/// The server publishes what needs no other files first, so the second diagnostics of the file are complete.
fn start_row(what: &str, root: &Path, opened: &Path, publications: usize, allowed: &str) {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let mut editor = Editor::start(root);
        editor.open(opened);
        for _ in 0..publications {
            editor.wait(opened, 1);
        }
        times.push(started.elapsed());
    }
    print_row(what, times, allowed);
}

fn print_row(what: &str, mut times: Vec<Duration>, allowed: impl Display) {
    times.sort();
    let milliseconds = |at: usize| times[at].as_secs_f64() * 1000.0;
    println!(
        "{what:44} {:8.2} {:8.2} {:8.2} {allowed:>8}",
        milliseconds(times.len() / 2),
        milliseconds(times.len() * 95 / 100),
        milliseconds(times.len() - 1),
    );
}

struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Editor {
    fn start(root: &Path) -> Self {
        let program = env::var_os("FORCELINT");
        let mut child = Command::new(program.unwrap_or(env!("CARGO_BIN_EXE_forcelint").into()))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take().expect("its stdin");
        let output = BufReader::new(child.stdout.take().expect("its stdout"));
        let mut editor = Self {
            child,
            input,
            output,
        };
        let can = json!({
            "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
        });
        let hello = json!({ "capabilities": can, "rootUri": uri(root) });
        editor.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }));
        editor.notify("initialized", &json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it listens");
        self.input.flush().expect("it listens");
    }

    fn notify(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    fn open(&mut self, path: &Path) -> String {
        let text = fs::read_to_string(path).expect("the file");
        let document = json!({ "uri": uri(path), "languageId": "xml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        text
    }

    fn change(&mut self, path: &Path, version: i64, changes: &Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let change = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", &change);
    }

    /// Waits for the diagnostics of a version. Returns how many there are.
    fn wait(&mut self, path: &Path, version: i64) -> usize {
        let uri = uri(path);
        loop {
            let message = self.next();
            let parameters = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && parameters["uri"] == uri
                && parameters["version"] == version
            {
                return parameters["diagnostics"].as_array().map_or(0, Vec::len);
            }
        }
    }

    fn next(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.output.read_line(&mut header).expect("it answers");
            match header.trim().split_once(": ") {
                Some((_, value)) => length = value.parse().expect("a length"),
                None => break,
            }
        }
        let mut content = vec![0; length];
        self.output.read_exact(&mut content).expect("a message");
        serde_json::from_slice(&content).expect("JSON")
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
