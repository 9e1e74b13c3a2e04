//! A progress bar on stderr for runs that take longer than a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(100);

/// Shows the number of files seen until it is dropped.
pub(crate) struct Progress {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows `files_seen`, if `visible`.
    pub(crate) fn start(visible: bool, files_seen: Arc<AtomicU64>) -> Self {
        if !visible {
            return Self {
                done: None,
                thread: None,
            };
        }
        let (done, is_done) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let style = ProgressStyle::with_template("{spinner} {pos} files seen")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner().with_style(style);
            while is_done.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(files_seen.load(Ordering::Relaxed));
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Self {
            done: Some(done),
            thread: Some(thread),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Dropping the sender wakes the thread.
        self.done.take();
        if let Some(thread) = self.thread.take() {
            // The panic hook has already printed a panic there.
            let _ = thread.join();
        }
    }
}
