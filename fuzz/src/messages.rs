//! A session of the language server: whatever comes, it ends, makes no mistake of its own, and what it
//! says are messages.
//!
//! Each line of the input is the content of a message, in a session whose workspace is on no disk; an
//! input that begins with a header is the stream itself.

use std::io::{BufReader, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use forcelint::lsp::serve;

const BEGINNING: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}}},"workspaceFolders":[{"uri":"file:///no-such-workspace-of-forcelint","name":"w"}]}}
{"jsonrpc":"2.0","method":"initialized","params":{}}"#;

/// Holds a conversation.
pub fn check(input: &[u8]) {
    // It would judge what lies on this disk.
    let judges_files = |word: &[u8]| input.windows(word.len()).any(|it| it == word);
    if judges_files(b"checkWorkspace") || judges_files(b"wholeProject") {
        return;
    }
    let is_stream = input.starts_with(b"Content-Length");
    let stream = if is_stream {
        input.to_vec()
    } else {
        framed(input)
    };
    let said = Said::default();
    serve(Cursor::new(stream), said.clone(), Default::default);
    let said = said.0.lock().unwrap_or_else(PoisonError::into_inner);
    let answered = messages(&said);
    assert!(is_stream || answered, "the beginning has no answer");
}

fn framed(input: &[u8]) -> Vec<u8> {
    let lines = BEGINNING.as_bytes().split(|&byte| byte == b'\n');
    let mut stream = Vec::new();
    for line in lines.chain(input.split(|&byte| byte == b'\n')) {
        stream.extend(format!("Content-Length: {}\r\n\r\n", line.len()).bytes());
        stream.extend(line);
    }
    stream
}

/// Reads all of it, as a client does; whether there is an answer to the beginning.
fn messages(said: &[u8]) -> bool {
    let mut answered = false;
    let mut rest = BufReader::new(said);
    let mut text = String::new();
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if rest.read(&mut byte).expect("bytes can be read") == 0 {
                assert!(head.is_empty(), "a header without an end");
                return answered;
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
        answered |= message["id"] == 0 && message["result"].is_object();
        assert!(!text.contains("forcelint made a mistake"), "{text}");
    }
}

/// What the server said.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
