//! A session of the language server: it ends for any input, has no internal errors, and sends only
//! valid messages.
//!
//! Each line of the input is the content of a message, in a session whose workspace does not exist
//! on disk. An input that begins with a header is the whole stream.

use std::io::{BufReader, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use forcelint::lsp::serve;

const START: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}}},"workspaceFolders":[{"uri":"file:///no-such-workspace-of-forcelint","name":"w"}]}}
{"jsonrpc":"2.0","method":"initialized","params":{}}"#;

/// Runs a session.
pub fn check(input: &[u8]) {
    // These messages would check files on this disk.
    let contains = |word: &[u8]| input.windows(word.len()).any(|it| it == word);
    if contains(b"checkWorkspace") || contains(b"wholeProject") {
        return;
    }
    let is_stream = input.starts_with(b"Content-Length");
    let stream = if is_stream {
        input.to_vec()
    } else {
        with_headers(input)
    };
    let output = Output::default();
    serve(Cursor::new(stream), output.clone(), Default::default);
    let output = output.0.lock().unwrap_or_else(PoisonError::into_inner);
    let has_response = messages(&output);
    assert!(
        is_stream || has_response,
        "the first request has no response"
    );
}

fn with_headers(input: &[u8]) -> Vec<u8> {
    let lines = START.as_bytes().split(|&byte| byte == b'\n');
    let mut stream = Vec::new();
    for line in lines.chain(input.split(|&byte| byte == b'\n')) {
        stream.extend(format!("Content-Length: {}\r\n\r\n", line.len()).bytes());
        stream.extend(line);
    }
    stream
}

/// Parses all messages like a client. Returns whether the first request has a response.
fn messages(output: &[u8]) -> bool {
    let mut has_response = false;
    let mut rest = BufReader::new(output);
    let mut text = String::new();
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if rest.read(&mut byte).expect("bytes can be read") == 0 {
                assert!(head.is_empty(), "a header without an end");
                return has_response;
            }
            head.extend(byte);
        }
        let head = String::from_utf8(head).expect("a header is text");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        let length: u64 = length.and_then(|it| it.parse().ok()).expect("a length");
        text.clear();
        (&mut rest)
            .take(length)
            .read_to_string(&mut text)
            .expect("a message is text");
        let message: serde_json::Value = serde_json::from_str(&text).expect("a message is JSON");
        assert_eq!(message["jsonrpc"], "2.0");
        has_response |= message["id"] == 0 && message["result"].is_object();
        assert!(!text.contains("Internal error in forcelint"), "{text}");
    }
}

/// The output of the server.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
