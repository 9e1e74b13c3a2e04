//! Texts out of git's object store.
//!
//! In: object ids. Out: bytes, through one `git cat-file --batch` that runs as long as it is asked.
//! No filter and no conversion of line ends is applied: it is what a commit holds.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::command::Git;
use crate::xml::MAX_FILE_BYTES;

/// The running process.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// Starts it.
    pub(super) fn start(git: &Git) -> io::Result<Self> {
        let mut command = git.command(["cat-file", "--batch"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => Ok(Self {
                child,
                questions,
                answers: BufReader::new(answers),
            }),
            // Both were asked for.
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The bytes of a blob; of one that is too large to be judged only so many that this can be
    /// told.
    pub(super) fn text(&mut self, id: &str) -> io::Result<Vec<u8>> {
        self.questions.write_all(format!("{id}\n").as_bytes())?;
        self.questions.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let mut words = header.split_whitespace().skip(1);
        let size: u64 = match (words.next(), words.next().map(str::parse)) {
            (Some("blob"), Some(Ok(size))) => size,
            (Some("missing"), _) => {
                let reason = "git has no text of it here; a partial clone has to fetch it first";
                return Err(io::Error::other(reason));
            }
            _ => return Err(io::Error::other("git holds no text of it")),
        };
        let mut text = Vec::new();
        let kept = size.min(MAX_FILE_BYTES as u64 + 1);
        let answers = self.answers.by_ref();
        answers.take(kept).read_to_end(&mut text)?;
        if text.len() as u64 != kept {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // What is left of it, and the line end behind it.
        let rest = size - kept + 1;
        let read = io::copy(&mut answers.take(rest), &mut io::sink())?;
        if read == rest {
            Ok(text)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads, and may wait for somebody to take an answer.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
