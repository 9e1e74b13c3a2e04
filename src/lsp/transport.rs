//! Reading and writing messages.
//!
//! `lsp-server` stops at the first message with invalid content, and it allocates as many bytes as a
//! header claims. Here such a message is reported and the next one is read, and memory grows with the
//! bytes that arrive.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::Message;
use serde::Serialize;

/// The longest accepted message, in bytes. A text of the largest size that is checked is not longer,
/// even with every character escaped.
const MAX_MESSAGE_BYTES: usize = 512 * 1024 * 1024;

/// The longest accepted header line, in bytes.
const MAX_HEADER_BYTES: u64 = 4096;

/// A received message.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// The content is not a message; with the reason.
    Invalid(String),
}

/// Reads the next message; `None` at the end of the stream.
///
/// # Errors
/// The stream cannot be read, or its headers are invalid.
pub(super) fn read(stream: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = read_headers(stream)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    // It grows with the bytes that arrive.
    stream.take(length as u64).read_to_end(&mut content)?;
    if content.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(match serde_json::from_slice(&content) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Invalid(error.to_string()),
    }))
}

/// Reads the headers and returns the length of the content after them, in bytes.
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
            return Err(wrong("a header line is too long or has no end"));
        };
        let header = header.trim_ascii();
        if header.is_empty() {
            break;
        }
        let header = std::str::from_utf8(header).map_err(|_| wrong("a header is not UTF-8"))?;
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| wrong("a header has no colon"))?;
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            let value = value.trim().parse().ok();
            let value = value.filter(|&value| value <= MAX_MESSAGE_BYTES);
            length = Some(value.ok_or_else(|| wrong("invalid Content-Length"))?);
        }
    }
    length
        .map(Some)
        .ok_or_else(|| wrong("missing Content-Length"))
}

/// Writes a message.
///
/// # Errors
/// The stream cannot be written to.
pub(super) fn write(stream: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(stream)
}

/// Writes the response to invalid content, which has no id.
///
/// # Errors
/// The stream cannot be written to.
pub(super) fn write_parse_error(stream: &mut impl Write, reason: &str) -> io::Result<()> {
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
                Ok(Some(Incoming::Invalid(_))) => seen.push("invalid".to_owned()),
                Err(error) => return (seen, Some(error.kind())),
            }
        }
    }

    #[test]
    fn invalid_content_does_not_end_the_stream() {
        let good = "Content-Length: 14\r\n\r\n{\"method\":\"a\"}";
        let odd = "content-length:3\nX: y\n\n{\"}";
        let (seen, error) = all(format!("{good}{odd}{good}").as_bytes());
        assert_eq!(
            (seen, error),
            (["a", "invalid", "a"].map(str::to_owned).to_vec(), None)
        );
    }

    #[test]
    fn invalid_headers_end_the_stream() {
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
