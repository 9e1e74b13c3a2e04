//! Reads blobs through a `git cat-file --batch` process, verbatim: without filters and without
//! conversion of line ends.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::command::Git;
use crate::xml::MAX_FILE_BYTES;

/// The running process.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Child,
    requests: ChildStdin,
    responses: BufReader<ChildStdout>,
}

impl Objects {
    pub(super) fn start(git: &Git) -> io::Result<Self> {
        let mut command = git.command(["cat-file", "--batch"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(responses)) => Ok(Self {
                child,
                requests,
                responses: BufReader::new(responses),
            }),
            // Both were requested above.
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The bytes of a blob. If it is too large for a metadata file, this returns one byte more than
    /// allowed, so that it is recognized. The inner error is git's answer that it does not have the blob.
    ///
    /// # Errors
    /// If there is no complete answer. The rest of it may still be unread, so the process cannot be used again.
    pub(super) fn text(&mut self, id: &str) -> io::Result<io::Result<Vec<u8>>> {
        self.requests.write_all(format!("{id}\n").as_bytes())?;
        self.requests.flush()?;
        let mut header = String::new();
        self.responses.read_line(&mut header)?;
        let mut words = header.split_whitespace().skip(1);
        let size: u64 = match (words.next(), words.next().map(str::parse)) {
            (Some("blob"), Some(Ok(size))) => size,
            (Some("missing"), _) => {
                let reason = "git does not have its content; in a partial clone, fetch it first";
                return Ok(Err(io::Error::other(reason)));
            }
            _ => return Err(io::Error::other("git does not have its content")),
        };
        let mut text = Vec::new();
        let kept = size.min(MAX_FILE_BYTES as u64 + 1);
        let responses = self.responses.by_ref();
        responses.take(kept).read_to_end(&mut text)?;
        if text.len() as u64 != kept {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // The rest of the blob, and the line end after it.
        let rest = size - kept + 1;
        let read = io::copy(&mut responses.take(rest), &mut io::sink())?;
        if read == rest {
            Ok(Ok(text))
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // The process may be blocked on a response that is not read. It writes nothing to disk.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
