//! Messages as bytes.
//!
//! In: a stream of bytes. Out: messages, one by one, or what is wrong with one; and back. A message
//! whose content means nothing is told and passed over, since the next one can still be found. The
//! framing is read here and not by `lsp-server`, which gives up at the first such message and takes
//! any length at its word.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::Message;
use serde::Serialize;

/// The longest message that is taken, in bytes: a text of the largest size that is judged, with
/// every character escaped, is not longer.
const MAX_MESSAGE_BYTES: usize = 512 * 1024 * 1024;

/// The longest line of a header, in bytes.
const MAX_HEADER_BYTES: u64 = 4096;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// Something of the length of a message that is none, and why.
    Garbled(String),
}

/// Reads the next message. Nothing comes at the end of the stream.
///
/// # Errors
/// When the stream cannot be read, or what comes cannot be told apart into messages.
pub(super) fn read(stream: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = read_headers(stream)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    // Grows with what really comes.
    stream.take(length as u64).read_to_end(&mut content)?;
    if content.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(match serde_json::from_slice(&content) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Garbled(error.to_string()),
    }))
}

/// The length of the content behind the headers.
fn read_headers(stream: &mut impl BufRead) -> io::Result<Option<usize>> {
    let wrong = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = stream
            .by_ref()
            .take(MAX_HEADER_BYTES)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        let Some(header) = line.strip_suffix(b"\n") else {
            return Err(wrong("a header without an end"));
        };
        let header = header.trim_ascii();
        if header.is_empty() {
            break;
        }
        let header = std::str::from_utf8(header).map_err(|_| wrong("a header that is no text"))?;
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| wrong("a header without a colon"))?;
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            let value = value.trim().parse().ok();
            let value = value.filter(|&value| value <= MAX_MESSAGE_BYTES);
            length = Some(value.ok_or_else(|| wrong("a Content-Length that cannot be"))?);
        }
    }
    length
        .map(Some)
        .ok_or_else(|| wrong("a message without Content-Length"))
}

/// Writes a message.
///
/// # Errors
/// When the stream does not take it.
pub(super) fn write(stream: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(stream)
}

/// Writes the answer to something that is no message, for which there is no id.
///
/// # Errors
/// When the stream does not take it.
pub(super) fn write_garbled(stream: &mut impl Write, reason: &str) -> io::Result<()> {
    #[derive(Serialize)]
    struct Answer<'a> {
        jsonrpc: &'a str,
        id: Option<i32>,
        error: lsp_server::ResponseError,
    }
    let answer = serde_json::to_string(&Answer {
        jsonrpc: "2.0",
        id: None,
        error: lsp_server::ResponseError {
            code: lsp_server::ErrorCode::ParseError as i32,
            message: reason.to_owned(),
            data: None,
        },
    })?;
    write!(stream, "Content-Length: {}\r\n\r\n{answer}", answer.len())?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> (Vec<String>, Option<io::ErrorKind>) {
        let mut seen = Vec::new();
        loop {
            match read(&mut bytes) {
                Ok(None) => return (seen, None),
                Ok(Some(Incoming::Message(Message::Notification(it)))) => seen.push(it.method),
                Ok(Some(Incoming::Message(_))) => seen.push("other".to_owned()),
                Ok(Some(Incoming::Garbled(_))) => seen.push("garbled".to_owned()),
                Err(error) => return (seen, Some(error.kind())),
            }
        }
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        let good = "Content-Length: 14\r\n\r\n{\"method\":\"a\"}";
        let odd = "content-length:3\nX: y\n\n{\"}";
        let (seen, error) = all(format!("{good}{odd}{good}").as_bytes());
        assert_eq!(
            (seen, error),
            (["a", "garbled", "a"].map(str::to_owned).to_vec(), None)
        );
    }

    #[test]
    fn what_cannot_be_told_apart_ends_it() {
        for bytes in [
            "hello\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            "Content-Length: 99999999999999\r\n\r\n",
            "X: y\r\n\r\n",
            "Content-Length: 3",
        ] {
            assert_eq!(all(bytes.as_bytes()).1, Some(io::ErrorKind::InvalidData));
        }
        let cut = all(b"Content-Length: 30\r\n\r\n{}");
        assert_eq!(cut.1, Some(io::ErrorKind::UnexpectedEof));
        let long = "X".repeat(10_000);
        assert_eq!(all(long.as_bytes()).1, Some(io::ErrorKind::InvalidData));
    }
}
